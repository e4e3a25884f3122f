"""The addresses of transfers and accounts."""

from django.urls import path

from exchange.views import (
    accounts,
    addresses,
    download,
    inbox,
    overview,
    recipes,
    renewal,
    resending,
    send,
    servers,
    subscriptions,
)
from exchange.views import transfers as transfer

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("send/", send.send, name="send"),
    path("transfers/", transfer.transfers, name="transfers"),
    path("transfers/<int:pk>/", transfer.transfer_show, name="transfer_show"),
    path("transfers/<int:pk>/cancel/", transfer.transfer_cancel, name="transfer_cancel"),
    path("transfers/<int:pk>/retry/", transfer.transfer_retry, name="transfer_retry"),
    path("transfers/<int:pk>/settle/", transfer.transfer_settle, name="transfer_settle"),
    path(
        "transfers/<int:pk>/send-again/",
        resending.transfer_send_again,
        name="transfer_send_again",
    ),
    path("transfers/<int:pk>/content/", download.payload_download, name="payload_download"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<uuid:pk>/", accounts.account_show, name="account_show"),
    path("accounts/<uuid:pk>/edit/", accounts.account_edit, name="account_edit"),
    path("accounts/<uuid:pk>/renewal/", renewal.account_renewal, name="account_renewal"),
    path(
        "accounts/<uuid:pk>/renewal/<slug:place>/test/",
        renewal.account_test_login,
        name="account_test_login",
    ),
    path("accounts/<uuid:pk>/recipes/", recipes.account_recipes, name="account_recipes"),
    path(
        "accounts/<uuid:pk>/recipes/trust/", recipes.account_trust_file, name="account_trust_file"
    ),
    path("accounts/<uuid:pk>/collect/", accounts.account_collect, name="account_collect"),
    path("accounts/<uuid:pk>/cache/", resending.account_cache, name="account_cache"),
    path(
        "accounts/<uuid:pk>/cache/send-again/",
        resending.cache_send_again,
        name="cache_send_again",
    ),
    path("accounts/<uuid:pk>/suspend/", accounts.account_suspend, name="account_suspend"),
    path("accounts/<uuid:pk>/resume/", accounts.account_resume, name="account_resume"),
    path("servers/<int:server_id>/look/", servers.server_look, name="server_look"),
    path("accounts/<uuid:pk>/addresses/", addresses.account_addresses, name="account_addresses"),
    path(
        "accounts/<uuid:pk>/addresses/<int:address>/activate/",
        addresses.address_activate,
        name="address_activate",
    ),
    path(
        "accounts/<uuid:pk>/addresses/<int:address>/withdraw/",
        addresses.address_withdraw,
        name="address_withdraw",
    ),
    path(
        "accounts/<uuid:pk>/subscriptions/",
        subscriptions.account_subscriptions,
        name="account_subscriptions",
    ),
    path(
        "accounts/<uuid:pk>/subscriptions/<int:subscription>/remove/",
        subscriptions.subscription_remove,
        name="subscription_remove",
    ),
]
