"""The moment that somebody set for a switch, to be compared with what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from certificates.models import ClientIdentity


@dataclass(frozen=True, slots=True)
class Plan:
    """Which certificate was to be put in use, and when; ``at`` is None without a plan."""

    next_id: int | None
    at: datetime | None

    @classmethod
    def of(cls, identity: ClientIdentity) -> Self:
        return cls(next_id=identity.next_id, at=identity.activate_next_at)

    def called_off_by(self, identity: ClientIdentity) -> datetime | None:
        """Return the planned moment when another certificate is the next by now; else None.

        The moment is chosen for one certificate, often together with MAGDA: it does not pass on to
        the next but one, and whoever puts that in its place has to be told.
        """
        has_another = identity.next_id not in {None, self.next_id}
        return self.at if has_another else None
