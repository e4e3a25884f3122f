"""Filters above lists: they stand in the address, to keep, to share, and to link to."""

from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from magda_portal.web.pagination import Order, Period

ORDERS = [(Order.NEWEST.value, _("newest first")), (Order.OLDEST.value, _("oldest first"))]


class FilterForm(forms.Form):
    """A filter with a period (``first_day``, ``last_day``) and an order (``order``).

    What makes no sense is passed over, and said at its field. ``FIRST`` are the fields that are
    always in sight; the others are folded away until one is used. ``PASSES_NOTHING_OVER`` are
    those with which a list still shows everything between two moments, of some lanes.
    """

    FIRST: ClassVar[tuple[str, ...]] = ()
    PASSES_NOTHING_OVER: ClassVar[frozenset[str]] = frozenset()

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """Return what is asked and makes sense, by field."""
        self.is_valid()
        # A form that nobody sent has nothing cleaned.
        cleaned = getattr(self, "cleaned_data", {})
        return {name: value for name, value in cleaned.items() if value}

    @property
    def period(self) -> Period:
        """The days that are asked for, in local time; both count."""
        return Period(
            _local(self.chosen.get("first_day"), time.min),
            _local(self.chosen.get("last_day"), time.max),
        )

    @property
    def is_narrow(self) -> bool:
        """Whether rows between two moments are passed over."""
        passes = self.PASSES_NOTHING_OVER | {"first_day", "last_day", "order"}
        return not set(self.chosen) <= passes

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.FIRST]

    @property
    def is_unfolded(self) -> bool:
        """Whether one of the fields that are folded away is used, or is wrong."""
        used = {*self.chosen, *self.errors}
        return any(field.name in used for field in self.more_fields)


def day_input() -> forms.DateInput:
    # The browser's own date field wants this one form, whatever the language.
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _local(day: date | None, at: time) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, at)) if day else None
