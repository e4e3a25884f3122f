from exchange.forms.accounts import AccountForm
from exchange.forms.addresses import AddressForm
from exchange.forms.decisions import CacheResendForm, ResendForm, SettleForm
from exchange.forms.send import SendForm
from exchange.forms.subscriptions import SubscriptionForm
from exchange.forms.transfer_filter import TransferFilter

__all__ = [
    "AccountForm",
    "AddressForm",
    "CacheResendForm",
    "ResendForm",
    "SendForm",
    "SettleForm",
    "SubscriptionForm",
    "TransferFilter",
]
