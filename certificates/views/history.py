"""What happened to an identity, with the certificate or key that each event is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certificates.models import Certificate
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent

# The details in which events name certificates, by fingerprint, in the order of reading.
_NAMING = ("fingerprint", "before", "after")
_SETTING_A_MOMENT = {Action.SWITCH_PLANNED, Action.KEY_PAIR_DESTRUCTION_SET}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An event; of two certificates, the second took the place of the first."""

    event: AuditEvent
    certificates: list[Certificate]
    key: str
    moment: datetime | None
    """The day or time that was set."""


def history_rows(
    events: Iterable[AuditEvent], certificates: Iterable[Certificate]
) -> list[HistoryRow]:
    """Return a line for each event; ``certificates`` are those that it may be about."""
    by_fingerprint = {certificate.fingerprint: certificate for certificate in certificates}
    return [_row(event, by_fingerprint) for event in events]


def _row(event: AuditEvent, known: Mapping[str, Certificate]) -> HistoryRow:
    details: Mapping[str, Any] = event.details
    named = [details.get(name) for name in _NAMING]
    return HistoryRow(
        event=event,
        certificates=[known[name] for name in named if isinstance(name, str) and name in known],
        key=str(details.get("key") or ""),
        moment=_moment(event.action, details.get("after")),
    )


def _moment(action: str, text: object) -> datetime | None:
    return (
        datetime.fromisoformat(text)
        if action in _SETTING_A_MOMENT and isinstance(text, str)
        else None
    )
