"""What somebody hears of a transfer who does not see that its badge changed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange import filenames
from exchange.models import Transfer
from exchange.queries.stages import StageCode, stage_code_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_SENTENCES: Final[Mapping[StageCode, "StrPromise"]] = {
    StageCode.QUEUED: gettext_lazy("%(name)s is queued."),
    StageCode.SENDING: gettext_lazy("%(name)s is being sent."),
    StageCode.WAITING: gettext_lazy("%(name)s waits for another try."),
    StageCode.LOOKING: gettext_lazy("The portal finds out whether %(name)s arrived."),
    StageCode.DELIVERED: gettext_lazy("%(name)s was delivered."),
    StageCode.PICKED_UP: gettext_lazy("%(name)s was picked up by MAGDA."),
    StageCode.ANSWERED: gettext_lazy("%(name)s was answered."),
    StageCode.COLLECTED: gettext_lazy("%(name)s was collected from MAGDA."),
    StageCode.UNCERTAIN: gettext_lazy("It is uncertain whether %(name)s arrived."),
    StageCode.FAILED: gettext_lazy("%(name)s failed."),
    StageCode.CANCELLED: gettext_lazy("%(name)s was cancelled."),
}


def told(transfer: Transfer) -> str:
    """Return one sentence that says where ``transfer`` is; reads its ``answers``."""
    sentence = _SENTENCES[stage_code_of(transfer)]
    return sentence % {"name": filenames.shown(transfer.final_name)}


def told_gone(transfer: Transfer) -> str:
    """Return one sentence for a transfer that is no longer among those on their way."""
    name = filenames.shown(transfer.final_name)
    return _("%(name)s is no longer on its way.") % {"name": name}
