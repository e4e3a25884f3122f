"""What a person reads when something went wrong: what happened, and what to do next."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class Advice:
    """Two sentences for somebody who knows no protocol; translated when they are shown."""

    what: "StrPromise"
    next: "StrPromise"

    def __str__(self) -> str:
        return f"{self.what} {self.next}"
