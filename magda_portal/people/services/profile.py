"""What people change about themselves."""

from django.db import transaction

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Language, Person


@transaction.atomic
def change_profile(person: Person, *, name: str, language: Language) -> bool:
    """Change how ``person`` is called and which language they read; return whether it changed.

    The language is that of their mails; the page that calls this sets that of the pages, too.
    """
    before = {"name": person.name, "language": person.language}
    after = {"name": name.strip(), "language": language.value}
    if after == before:
        return False
    person.name, person.language = after["name"], after["language"]
    person.save(update_fields=["name", "language"])
    record(
        Action.PERSON_CHANGED,
        actor=Actor.person(person),
        subject=Subject.row(person, person.email),
        details={"before": before, "after": after},
    )
    return True
