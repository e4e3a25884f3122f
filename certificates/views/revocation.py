"""The revocation lists: where they come from, how old they are, and what they say."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from certificates.advice import advice_for
from certificates.errors import CertificateError
from certificates.forms.revocation import RevocationListForm
from certificates.models import RevocationList, RevocationSource, RevocationState
from certificates.pki import PKIError
from certificates.queries.revocation import KnownList, known_lists, revocation_counts
from certificates.services.revocation import accept_list, check_certificates
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, has_role_somewhere, role_required
from magda_portal.people.models import Role
from magda_portal.web.advice import Advice


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of the table: an address, its list, or both."""

    known: KnownList
    now: datetime

    @property
    def source(self) -> RevocationSource | None:
        return self.known.source

    @property
    def revocation_list(self) -> RevocationList | None:
        return self.known.revocation_list

    @property
    def name(self) -> str:
        return self.revocation_list.issuer if self.revocation_list else _("not known yet")

    @property
    def tone(self) -> str:
        if self.revocation_list is None:
            return "bad" if self.trouble else "waiting"
        return "bad" if self._is_stale() else "good"

    @property
    def words(self) -> str:
        if self.revocation_list is None:
            return _("no list") if self.trouble else _("not fetched yet")
        return _("too old") if self._is_stale() else _("up to date")

    @property
    def trouble(self) -> Advice | None:
        """What went wrong at the last try, and what to do."""
        if self.source is None or not self.source.error_code:
            return None
        return advice_for(self.source.error_code)

    def _is_stale(self) -> bool:
        end = self.revocation_list.next_update if self.revocation_list else None
        return end is not None and end < self.now


@dataclass(frozen=True, slots=True)
class StateRow:
    """What one of the four states means, and how many certificates are in it."""

    state: RevocationState
    count: int
    meaning: str


@require_GET
def revocation_lists(request: PersonRequest) -> HttpResponse:
    """Show the lists with age and trouble, and the four states of certificates in words."""
    now = timezone.now()
    counts = revocation_counts(request.user)
    context = {
        "rows": [ListRow(known, now) for known in known_lists(request.user)],
        "states": [StateRow(state, counts[state], _meaning(state)) for state in RevocationState],
        "may_upload": has_role_somewhere(request.user, Role.ADMINISTRATOR),
        "now": now,
    }
    return render(request, "certificates/revocation_lists.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def revocation_list_upload(request: PersonRequest) -> HttpResponse:
    """Take in a list that the portal can't fetch; its signature says whether it is right."""
    form = RevocationListForm(request.POST or None, request.FILES or None)
    if form.is_valid() and _accepted(request, form):
        return redirect("revocation_lists")
    return render(request, "certificates/revocation_list_upload.html", {"form": form})


def _accepted(request: PersonRequest, form: RevocationListForm) -> bool:
    """Keep the list and judge the certificates by it, so that the page tells what it says."""
    actor, now = Actor.person(request.user), timezone.now()
    try:
        found = accept_list(form.contents(), actor=actor, now=now)
    except (PKIError, CertificateError) as error:
        form.advise(error)
        return False
    check_certificates(now=now)
    words = _("The list of %(issuer)s is here, and the certificates have been checked by it.")
    messages.success(request, words % {"issuer": found.issuer})
    return True


def _meaning(state: RevocationState) -> str:
    match state:
        case RevocationState.GOOD:
            return _("A list that is still valid does not name the certificate.")
        case RevocationState.REVOKED:
            return _("The authority took the certificate back; the portal no longer uses it.")
        case RevocationState.STALE:
            return _(
                "The list is older than its authority allows, so it may lack the latest "
                "revocations. The certificate is used; see below why no newer list came."
            )
        case RevocationState.UNCHECKED:
            return _(
                "No list speaks of the certificate: it names no address, or its authority is "
                "not known here, or nothing was fetched yet. The certificate is used."
            )
