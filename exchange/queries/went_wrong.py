"""What went wrong with a transfer, and what to do about it in the state that it is in."""

from django.utils.translation import gettext_lazy as _

from exchange.models import Transfer
from exchange.models.transfer import State
from exchange.queries.reader import ANYBODY, Reader
from magda_portal.web.advice import Advice

# Of these the last error is history: it stands with the attempts.
_OVER = (State.DONE, State.CANCELLED)


def what_went_wrong(transfer: Transfer, reader: Reader = ANYBODY) -> Advice | None:
    """Return the advice about the last error; None when there was none, or it matters no more."""
    if not transfer.error_code or transfer.state in _OVER:
        return None
    told = reader.advice(transfer.error_code)
    if transfer.state == State.UNCERTAIN:
        # The portal has stopped trying and looking, whatever the code promises elsewhere.
        return Advice(told.what, _("Ask MAGDA, then decide below."))
    return told
