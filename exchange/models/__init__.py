from exchange.models.account import Account
from exchange.models.address import WhitelistedAddress
from exchange.models.payload import Payload
from exchange.models.remote_file import FolderTrouble, RemoteFile
from exchange.models.service import SchemaFile, Service
from exchange.models.slot import ConnectionSlot
from exchange.models.subscription import Subscription
from exchange.models.temporary_file import TemporaryFile
from exchange.models.transfer import Transfer, TransferAttempt
from exchange.models.upload import Upload

__all__ = [
    "Account",
    "ConnectionSlot",
    "FolderTrouble",
    "Payload",
    "RemoteFile",
    "SchemaFile",
    "Service",
    "Subscription",
    "TemporaryFile",
    "Transfer",
    "TransferAttempt",
    "Upload",
    "WhitelistedAddress",
]
