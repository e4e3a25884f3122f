"""Fetch an object of the page's address as the person may see it, or answer 404 or 403."""

import uuid

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from exchange.models import Account, Transfer
from exchange.queries import accounts_managed_by, accounts_visible_to, transfers_visible_to
from exchange.queries.readiness import with_newest_anchor
from magda_portal.people.access import PersonRequest, roles_in
from magda_portal.people.models import Role


def seen_transfer(request: PersonRequest, pk: int) -> Transfer:
    return get_object_or_404(transfers_visible_to(request.user), pk=pk)


def own_transfer(request: PersonRequest, pk: int) -> Transfer:
    """Return a transfer that a clerk of its organisation may act upon.

    Raises Http404 to people who don't see it, PermissionDenied to those who only see it.
    """
    transfer = seen_transfer(request, pk)
    if not is_clerk_of(request, transfer.account):
        raise PermissionDenied
    return transfer


def seen_account(request: PersonRequest, pk: uuid.UUID) -> Account:
    return get_object_or_404(with_newest_anchor(accounts_visible_to(request.user)), pk=pk)


def seen_account_alone(request: PersonRequest, pk: uuid.UUID) -> Account:
    """Return an account that the person sees, without its addresses: a query less."""
    return get_object_or_404(accounts_visible_to(request.user).prefetch_related(None), pk=pk)


def managed_account(request: PersonRequest, pk: uuid.UUID) -> Account:
    """Return an account that an administrator of its organisation may change.

    Raises Http404 to people who don't see it, PermissionDenied to those who only see it.
    """
    account = seen_account(request, pk)
    if not accounts_managed_by(request.user).filter(pk=account.pk).exists():
        raise PermissionDenied
    return account


def is_clerk_of(request: PersonRequest, account: Account) -> bool:
    return Role.CLERK in roles_in(request.user, organisation_id=account.organisation.pk)


def is_administrator_of(request: PersonRequest, account: Account) -> bool:
    return Role.ADMINISTRATOR in roles_in(request.user, organisation_id=account.organisation.pk)
