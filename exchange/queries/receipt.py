"""The receipt of a delivery: what the portal can prove of it, for a file or for a court.

FTPS has no receipt of its own. This one gathers what the server said at each attempt and what the
portal compared, and it says whether the server's word or a person's stands behind "delivered".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from exchange.models import Transfer, TransferAttempt
from exchange.models.transfer import Direction, State
from exchange.queries.timeline import events_of, standing_decision
from exchange.remote import path_in
from magda_portal.audit.models import AuditEvent

FORM: Final = "magda-portal/delivery-receipt"
VERSION: Final = 1
"""Rises when a field changes its meaning or goes away; new fields may come at any time."""

Field = str | int | None | list[str]
Document = dict[str, Field | dict[str, Field] | list[dict[str, Field]]]

_RECEIVED: Final = "< "


@dataclass(frozen=True, slots=True)
class ProvenAttempt:
    """An attempt, and every reply of the server in it, as far as the dialogue is kept."""

    attempt: TransferAttempt

    @property
    def replies(self) -> list[str]:
        lines = self.attempt.transcript.splitlines()
        return [line.removeprefix(_RECEIVED) for line in lines if line.startswith(_RECEIVED)]

    def document(self) -> dict[str, Field]:
        attempt = self.attempt
        return {
            "number": attempt.number,
            "begun_at": _utc(attempt.started_at),
            "duration_ms": attempt.duration_ms,
            "outcome": attempt.error_code or "succeeded",
            "stage": attempt.stage,
            "bytes": attempt.bytes_moved,
            "local_address": attempt.local_address,
            "server_address": attempt.server_address,
            "tls": attempt.tls_version,
            "client_certificate_sha256": attempt.certificate_fingerprint,
            "server_reply": attempt.reply,
            "server_replies": self.replies,
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery that is done, with its attempts, oldest first.

    ``decision`` is the event of the person who said that it arrived, where the server's answer
    never came; None when the server confirmed it.
    """

    transfer: Transfer
    attempts: Sequence[ProvenAttempt]
    decision: AuditEvent | None
    made_at: datetime

    @property
    def path(self) -> str:
        """Where the file was put, from the account's home folder."""
        return path_in(self.transfer.account.folder_to_vip, self.transfer.final_name)

    @property
    def decided_because(self) -> str:
        return str(self.decision.details.get("reason") or "") if self.decision else ""

    def document(self) -> Document:
        """Return the receipt as JSON; moments are UTC in ISO 8601, sizes bytes, hashes hex."""
        transfer, account = self.transfer, self.transfer.account
        return {
            "form": FORM,
            "version": VERSION,
            "made_at": _utc(self.made_at),
            "transfer": transfer.pk,
            "organisation": {
                "name": account.organisation.name,
                "code": account.organisation.code,
            },
            "account": {
                "name": account.name,
                "environment": account.environment,
                "connection_number": account.tan,
                "server": f"{account.host}:{account.port}",
            },
            "file": {
                "name": transfer.final_name,
                "path": self.path,
                "size": transfer.size,
                "sha256": transfer.sha256,
                "service": transfer.service,
                "reference": transfer.referte,
            },
            "submitted_by": str(transfer.person) if transfer.person else "",
            "submitted_at": _utc(transfer.created_at),
            "delivered_at": _utc(transfer.finished_at),
            "picked_up_at": _utc(transfer.picked_up_at),
            "confirmed_by": self._confirmation(),
            "attempts": [attempt.document() for attempt in self.attempts],
        }

    def _confirmation(self) -> dict[str, Field]:
        if self.decision is None:
            return {"by": "server"}
        return {
            "by": "person",
            "name": self.decision.actor_name,
            "at": _utc(self.decision.at),
            "reason": self.decided_because,
        }


def receipt_for(transfer: Transfer, *, now: datetime) -> Receipt | None:
    """Return the receipt; None for what is no delivery, or is not delivered."""
    if transfer.direction != Direction.DELIVERY or transfer.state != State.DONE:
        return None
    return Receipt(
        transfer=transfer,
        attempts=[ProvenAttempt(attempt) for attempt in transfer.attempts.all()],
        decision=standing_decision(events_of([transfer])),
        made_at=now,
    )


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
