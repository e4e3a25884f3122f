"""Note who took a part of the history out of the portal."""

from collections.abc import Iterable

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, event, record_all
from magda_portal.people.models import Person


def note_export(
    person: Person, *, what: str, organisations: Iterable[str], filters: Iterable[str]
) -> None:
    """Record an export for each organisation (its key; empty: of all of them).

    ``what`` names the list, ``filters`` what it was chosen by. Only the names of the filters are
    kept: somebody may have searched for a national number.
    """
    record_all(
        [
            event(
                Action.HISTORY_EXPORTED,
                actor=Actor.person(person),
                organisation_id=organisation,
                details={"list": what, "filters": sorted(filters)},
            )
            for organisation in organisations
        ]
    )
