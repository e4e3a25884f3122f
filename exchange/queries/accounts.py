"""Which accounts a person sees, uses and manages."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from certificates.queries.validity import Validity, validity_of
from exchange.advice import advice_for
from exchange.models import Account, WhitelistedAddress
from exchange.models.address import ADDRESS_LIMIT
from exchange.queries.looking import Look, look_at
from exchange.queries.readiness import ABOUT_SERVER, has_outdated_trouble, why_not_ready
from magda_portal.people.access import organisations_seen_by, organisations_where
from magda_portal.people.models import Organisation, Person, Role
from magda_portal.web.advice import Advice


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account in one line: can it work, and for how long."""

    account: Account
    addresses: list[WhitelistedAddress]
    # Of its certificate in use.
    validity: Validity
    is_paused: bool
    look: Look
    # Why no connection can be opened with its certificate, whatever the server thinks; or empty.
    not_ready_code: str
    # Requests that wait until it works, where they were counted.
    waiting: int = 0

    @property
    def not_ready(self) -> Advice | None:
        return advice_for(self.not_ready_code) if self.not_ready_code else None

    @property
    def address_count(self) -> int:
        return len(self.addresses)

    @property
    def address_limit(self) -> int:
        return ADDRESS_LIMIT

    @property
    def next_collection_at(self) -> datetime | None:
        """When it is collected next: not before its pause is over; None when nobody does."""
        if self.look.idle is not None:
            return None
        at = self.account.next_collection_at
        paused_until = self.account.paused_until if self.is_paused else None
        return max(at, paused_until) if paused_until else at

    @property
    def trouble(self) -> Advice | None:
        """What the last tries met, until somebody gets through.

        None once its cause was removed, and while no try can be made at all: see ``not_ready``.
        """
        if not self.account.trouble_code or self.not_ready or has_outdated_trouble(self.account):
            return None
        return advice_for(self.account.trouble_code)

    @property
    def is_about_server(self) -> bool:
        """Say whether ``trouble`` is about what the server shows, or about trusting it."""
        return self.trouble is not None and self.account.trouble_code in ABOUT_SERVER

    @property
    def told(self) -> str:
        """What somebody hears who does not see that its badge changed."""
        if self.account.state == Account.State.SUSPENDED:
            return str(advice_for("account.suspended").what)
        if wrong := self.not_ready or self.trouble:
            return str(wrong.what)
        if self.account.last_reached_at is None:
            return _("This account has not reached its server yet.")
        return _("This account works.")

    @property
    def stands_still(self) -> bool:
        """Say whether it should work, and does not.

        One that never had a certificate is not opened yet; but files that wait for one say that it
        should have been.
        """
        if self.not_ready is None:
            return self.trouble is not None
        has_certificate = self.account.identity.current_id is not None
        keeps_files = self.waiting > 0 and self.account.state == Account.State.ACTIVE
        return has_certificate or keeps_files


def accounts_visible_to(person: Person) -> QuerySet[Account]:
    return _of(organisations_seen_by(person))


def accounts_managed_by(person: Person) -> QuerySet[Account]:
    """Return the accounts whose settings ``person`` may change."""
    return _of(organisations_where(person, Role.ADMINISTRATOR))


def accounts_to_send_with(person: Person) -> QuerySet[Account]:
    """Return the accounts through which ``person`` may send now."""
    own = _of(organisations_where(person, Role.CLERK))
    return own.filter(state=Account.State.ACTIVE)


def summarise_account(account: Account, *, now: datetime, waiting: int = 0) -> AccountSummary:
    """Return the line about ``account``, for which so many requests are ``waiting``.

    Its addresses come from a prefetch when there is one.
    """
    current, withdrawn = account.identity.current, WhitelistedAddress.State.WITHDRAWN
    return AccountSummary(
        account=account,
        addresses=[row for row in account.addresses.all() if row.state != withdrawn],
        validity=validity_of(current, now) if current else Validity("bad", _("none")),
        is_paused=account.is_paused(now) and not has_outdated_trouble(account),
        look=look_at(account, now=now),
        not_ready_code=why_not_ready(account, now=now),
        waiting=waiting,
    )


def _of(organisations: QuerySet[Organisation]) -> QuerySet[Account]:
    rows = Account.objects.filter(identity__organisation__in=organisations)
    return rows.select_related("identity__organisation", "identity__current").prefetch_related(
        "addresses"
    )
