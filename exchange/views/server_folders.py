"""What stands in the folders of an account at MAGDA, at this moment."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.errors import ExchangeError
from exchange.ftps import FTPSError
from exchange.models import Account
from exchange.queries.folder_contents import FolderContents, describe_folders
from exchange.queries.reader import Reader, reader_of
from exchange.services.server_folders import look_into_folders
from exchange.views.objects import is_administrator_of, is_clerk_of, seen_account_alone
from magda_portal.people.access import PersonRequest
from magda_portal.web.advice import Advice


@require_GET
def account_folders(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """Look at the server while the person waits: some seconds at most."""
    account = seen_account_alone(request, pk)
    reader = reader_of(request.user, organisation_id=account.organisation.pk)
    contents, trouble = _look(account, reader)
    is_clerk, manages = is_clerk_of(request, account), is_administrator_of(request, account)
    context = {
        "account": account,
        "environment": account.environment,
        "contents": contents,
        "trouble": trouble,
        "looked_at": timezone.now(),
        "is_clerk": is_clerk,
        "can_manage": manages,
        "can_collect": is_clerk or manages,
    }
    return render(request, "exchange/account_folders.html", context)


def _look(account: Account, reader: Reader) -> tuple[list[FolderContents], Advice | None]:
    try:
        listings = look_into_folders(account)
    except (ExchangeError, FTPSError) as exc:
        return [], reader.advice(exc.code)
    return describe_folders(account, listings, now=timezone.now()), None
