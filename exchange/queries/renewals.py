"""How far the renewal of an account's certificate has come."""

from dataclasses import dataclass
from datetime import datetime

from certificates.models import Certificate, LoginTest
from exchange.advice import advice_for
from exchange.models import Account
from exchange.queries.readiness import why_unusable
from magda_portal.web.advice import Advice


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate that an account uses or will use, and what the last login with it came to."""

    # "current" or "next".
    place: str
    certificate: Certificate
    test: LoginTest | None
    # What keeps a server from accepting it now, as far as we know.
    unusable: Advice | None

    @property
    def test_advice(self) -> Advice | None:
        """What the last login's failure means; None when it worked, or nobody tried."""
        return advice_for(self.test.error_code) if self.test and not self.test.works else None


def candidate_of(account: Account, place: str, *, now: datetime) -> Candidate | None:
    """Return the certificate in that place ("current" or "next"), None where there is none."""
    certificate = {"current": account.identity.current, "next": account.identity.next}[place]
    if certificate is None:
        return None
    code = why_unusable(certificate, now=now)
    return Candidate(
        place, certificate, certificate.login_tests.first(), advice_for(code) if code else None
    )
