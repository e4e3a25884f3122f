from exchange.forms.accounts import AccountForm
from exchange.forms.addresses import AddressForm
from exchange.forms.decisions import CacheResendForm, ResendForm, SettleForm
from exchange.forms.review import ReviewForm
from exchange.forms.send import SendForm
from exchange.forms.services import SchemaForm, ServiceForm
from exchange.forms.subscriptions import SubscriptionForm
from exchange.forms.transfer_filter import InboxFilter, TransferFilter

__all__ = [
    "AccountForm",
    "AddressForm",
    "CacheResendForm",
    "InboxFilter",
    "ResendForm",
    "ReviewForm",
    "SchemaForm",
    "SendForm",
    "ServiceForm",
    "SettleForm",
    "SubscriptionForm",
    "TransferFilter",
]
