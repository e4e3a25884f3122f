"""Trust the certificates of a file: read them, show them, and only then believe them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from certificates.advice import advice_on
from certificates.advice.consequences import consequence
from certificates.errors import CertificateError
from certificates.forms import TrustForm
from certificates.forms.trust import ConfirmedTrustForm
from certificates.models import TrustAnchor
from certificates.pki import (
    CertificateInfo,
    PKIError,
    describe,
    is_servers_own,
    write_certificates,
)
from certificates.services.trust import add_trust_anchors, read_trust_anchors
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, role_required
from magda_portal.people.models import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate that somebody is about to trust."""

    info: CertificateInfo
    is_authority: bool
    consequence: "StrPromise"
    is_trusted: bool
    """It is a trust anchor of the organisation already."""

    @property
    def kind(self) -> str:
        return _("authority") if self.is_authority else _("server certificate")


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def trust_anchor_add(request: PersonRequest) -> HttpResponse:
    """Take a file (POST), show what is in it, and trust that once it is confirmed."""
    if ConfirmedTrustForm.is_in(request.POST):
        return _confirmed(request)
    form = TrustForm(request.POST or None, request.FILES or None, person=request.user)
    if not form.is_valid():
        return _page(request, form)
    try:
        certificates = read_trust_anchors(form.contents())
    except (PKIError, CertificateError) as error:
        form.advise(error)
        return _page(request, form)
    candidates = _candidates(form, certificates)
    if all(candidate.is_trusted for candidate in candidates):
        messages.info(request, _said(new=0, known=len(candidates)))
        return redirect("trust_anchors")
    context = {
        "candidates": candidates,
        "environment": form.cleaned_data["environment"],
        "form": form,
        "file": write_certificates(certificates).decode("ascii"),
    }
    return render(request, "certificates/trust_anchor_confirm.html", context)


def _confirmed(request: PersonRequest) -> HttpResponse:
    """Trust what was shown, or say why it can't be: all of it is judged again."""
    form = ConfirmedTrustForm(request.POST, person=request.user)
    if form.is_valid():
        known = _trusted(form)
        try:
            anchors = add_trust_anchors(
                form.contents(),
                environment=form.cleaned_data["environment"],
                organisation=form.cleaned_data["organisation"],
                actor=Actor.person(request.user),
            )
        except (PKIError, CertificateError) as error:
            messages.error(request, str(advice_on(error)))
            return redirect("trust_anchor_add")
        again = sum(anchor.fingerprint in known for anchor in anchors)
        messages.success(request, _said(new=len(anchors) - again, known=again))
        return redirect("trust_anchors")
    return _page(request, TrustForm(request.POST, person=request.user))


def _page(request: PersonRequest, form: TrustForm) -> HttpResponse:
    return render(request, "certificates/trust_anchor_add.html", {"form": form})


def _candidates(form: TrustForm, certificates: list[x509.Certificate]) -> list[Candidate]:
    trusted, now = _trusted(form), timezone.now()
    candidates = []
    for certificate in certificates:
        info, is_authority = describe(certificate), not is_servers_own(certificate)
        meaning = consequence(is_authority=is_authority, not_after=info.not_after, now=now)
        candidates.append(Candidate(info, is_authority, meaning, info.fingerprint in trusted))
    return candidates


def _trusted(form: TrustForm) -> set[str]:
    """Return the fingerprints of what the organisation that was chosen trusts there itself."""
    anchors = TrustAnchor.objects.filter(
        organisation=form.cleaned_data["organisation"],
        environment=form.cleaned_data["environment"],
    )
    return set(anchors.values_list("fingerprint", flat=True))


def _said(*, new: int, known: int) -> str:
    """Say how many certificates are trusted now, and how many were before."""
    words = []
    if new:
        words.append(
            ngettext(
                "%(count)d certificate is trusted.", "%(count)d certificates are trusted.", new
            )
            % {"count": new}
        )
    if known:
        words.append(
            ngettext(
                "%(count)d certificate was trusted already.",
                "%(count)d certificates were trusted already.",
                known,
            )
            % {"count": known}
        )
    return " ".join(words)
