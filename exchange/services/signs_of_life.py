"""What the workers show of themselves once a minute: see :mod:`magda_portal.web.liveness`."""

import logging
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now

from exchange.models import ConnectionSlot
from magda_portal.web import liveness
from magda_portal.web.liveness import Part

logger = logging.getLogger(__name__)

_HELD = Q(lease_until__gte=Now())


def show_life(part: Part, *, now: datetime) -> None:
    """Note that the worker which runs this is alive; a disk that can't be written is only logged.

    Workers that are all busy with long transfers take no task for minutes, but renew the leases of
    their connections: the rounds give that as a sign in their place.
    """
    shown = {part}
    if part is Part.ROUNDS and ConnectionSlot.objects.filter(_HELD).exists():
        shown.add(Part.TRANSFERS)
    for each in shown:
        try:
            liveness.show_life(each, now=now)
        except OSError as exc:
            logger.warning("The sign of life of %s could not be written: %s", each.value, exc)
