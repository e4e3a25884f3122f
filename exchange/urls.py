"""The addresses of transfers and accounts."""

from django.urls import path

from exchange.views import (
    accounts,
    address_letter,
    addresses,
    case,
    download,
    exports,
    history,
    inbox,
    inbox_zip,
    network,
    overview,
    preview,
    receipt,
    recipes,
    renewal,
    resending,
    review,
    send,
    server_folders,
    servers,
    services,
    subscriptions,
)
from exchange.views import transfers as transfer

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("send/", send.send, name="send"),
    path("send/<uuid:parcel>/", review.send_review, name="send_review"),
    path("transfers/", history.transfers, name="transfers"),
    path("transfers/export.csv", exports.transfers_csv, name="transfers_csv"),
    path("transfers/<int:pk>/", case.transfer_show, name="transfer_show"),
    path("transfers/<int:pk>/preview/", preview.payload_preview, name="payload_preview"),
    path("transfers/<int:pk>/receipt/", receipt.receipt_show, name="receipt_show"),
    path("transfers/<int:pk>/receipt.json", receipt.receipt_json, name="receipt_json"),
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
    path("inbox/zip/", inbox_zip.inbox_zip, name="inbox_zip"),
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
    path("accounts/<uuid:pk>/server/", server_folders.account_folders, name="account_folders"),
    path("accounts/<uuid:pk>/network/", network.account_network, name="account_network"),
    path("accounts/<uuid:pk>/suspend/", accounts.account_suspend, name="account_suspend"),
    path("accounts/<uuid:pk>/resume/", accounts.account_resume, name="account_resume"),
    path("servers/<int:server_id>/look/", servers.server_look, name="server_look"),
    path("accounts/<uuid:pk>/addresses/", addresses.account_addresses, name="account_addresses"),
    path(
        "accounts/<uuid:pk>/addresses/letter.txt",
        address_letter.address_letter,
        name="address_letter",
    ),
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
    path("accounts/<uuid:pk>/services/", services.account_services, name="account_services"),
    path("accounts/<uuid:pk>/services/add/", services.service_add, name="service_add"),
    path(
        "accounts/<uuid:pk>/services/<int:service>/", services.service_edit, name="service_edit"
    ),
    path(
        "accounts/<uuid:pk>/services/<int:service>/remove/",
        services.service_remove,
        name="service_remove",
    ),
    path(
        "accounts/<uuid:pk>/services/<int:service>/schema/",
        services.service_schema,
        name="service_schema",
    ),
    path(
        "accounts/<uuid:pk>/services/<int:service>/schema/remove/",
        services.schema_remove,
        name="schema_remove",
    ),
]
