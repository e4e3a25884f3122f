"""What an administrator's accounts depend on, by the days that are left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse

from certificates.queries.expiring.anchors import anchors_for
from certificates.queries.validity import Validity, validity_between
from exchange.queries.accounts import AccountSummary
from magda_portal.people.models import Organisation

MOST: Final = 10
"""How many are shown; the page about what expires has them all."""


@dataclass(frozen=True, slots=True)
class End:
    """A certificate in use, or a trust anchor, and the page about it."""

    name: str
    environment: str
    is_anchor: bool
    not_after: datetime
    validity: Validity
    link: str

    @property
    def is_near(self) -> bool:
        """Say whether somebody has to do something about it."""
        return self.validity.tone in ("attention", "bad")


def ends_of(
    organisations: QuerySet[Organisation], summaries: Iterable[AccountSummary], *, now: datetime
) -> list[End]:
    """Return the certificates of ``summaries`` and the anchors that hold for ``organisations``.

    What ends first stands first. One query: the certificates came with their accounts.
    """
    own = list(summaries)
    environments = {summary.account.environment for summary in own}
    anchors = [
        End(
            name=anchor.subject,
            environment=anchor.environment,
            is_anchor=True,
            not_after=anchor.not_after,
            validity=validity_between(anchor.not_before, anchor.not_after, now),
            link=reverse("trust_anchors"),
        )
        for anchor in anchors_for(organisations)
        if anchor.environment in environments
    ]
    certificates = [end for summary in own if (end := _certificate(summary))]
    return sorted([*certificates, *anchors], key=_urgency)


def _certificate(summary: AccountSummary) -> End | None:
    identity = summary.account.identity
    if identity.current is None:
        return None
    return End(
        name=identity.common_name,
        environment=identity.environment,
        is_anchor=False,
        not_after=identity.current.not_after,
        validity=summary.validity,
        link=reverse("identity_show", args=[identity.pk]),
    )


def _urgency(end: End) -> tuple[bool, datetime, str]:
    """Order by the end; what is revoked has come to its end already."""
    return (end.validity.tone != "bad", end.not_after, end.name)
