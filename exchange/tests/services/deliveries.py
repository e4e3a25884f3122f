"""Submit deliveries, and put them where a lost worker left them."""

import io
from typing import Any

from django.db.models import Q
from django.utils import timezone

from exchange.models import Account, TemporaryFile, Transfer
from exchange.models.transfer import State, Step
from exchange.services.submission import Draft, Submitter, submit
from magda_portal.audit.services import Actor
from sandbox.server import PracticeMAGDA

EVERYTHING = Q(state__in=[State.QUEUED, State.WAITING])


def submitted(account: Account, name: str = "request.xml", content: bytes = b"<a/>") -> Transfer:
    draft = Draft(account, name, Submitter(Actor(name="An")))
    return submit(draft, content=io.BytesIO(content))


def commands(magda: PracticeMAGDA) -> list[str]:
    """Return each command once it is answered for good; STOR has a reply before that too."""
    return [f"{line.command} {line.argument}" for line in magda.log if line.code >= 200]


def temporary_path(transfer: Transfer, token: int = 1) -> str:
    return f"to_vip/{transfer.final_name}.{transfer.pk}-{token}.tmp"


def left_behind(transfer: Transfer, step: Step, **columns: Any) -> str:
    """Put the row where the first attempt left it, whose worker was lost; return its path."""
    path = temporary_path(transfer)
    TemporaryFile.objects.create(transfer=transfer, path=path)
    asked_at = timezone.now() if step is Step.RENAME_ASKED else None
    Transfer.objects.filter(pk=transfer.pk).update(
        **{
            "state": State.WAITING,
            "step": step,
            "token": 1,
            "rename_asked_at": asked_at,
            "temporary_path": path,
            **columns,
        }
    )
    return path
