"""The filter above the trail."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent, actors_that_read
from magda_portal.web.filters import ORDERS, FilterForm, day_input

_CONDITIONS: Final = {
    "action": "action",
    "about": "subject_text__icontains",
    "organisation": "organisation_id",
    "subject_type": "subject_type",
    "subject_id": "subject_id",
}


class EventFilter(FilterForm):
    """By who, what, about what, organisation and period.

    ``organisations`` are pairs of the key and the name of those that the person may look into.
    """

    action = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("all")), *Action.choices]
    )
    who = forms.CharField(label=_("Who contains"), required=False)
    about = forms.CharField(label=_("About contains"), required=False)
    first_day = forms.DateField(label=_("From"), required=False, widget=day_input())
    last_day = forms.DateField(label=_("Up to and including"), required=False, widget=day_input())
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=ORDERS)
    # For links from the thing itself: its kind, as events name it, and its key.
    subject_type = forms.CharField(required=False, widget=forms.HiddenInput)
    subject_id = forms.CharField(required=False, widget=forms.HiddenInput)

    FIRST = ("action", "who", "about", "first_day", "last_day")
    PASSES_NOTHING_OVER = frozenset({"organisation"})

    def __init__(self, *args: Any, organisations: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *organisations]
        if len(organisations) < 2:
            del self.fields["organisation"]

    def among(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return those of ``events`` that are sought; the period is left to the pages."""
        wanted = {
            _CONDITIONS[name]: value for name, value in self.chosen.items() if name in _CONDITIONS
        }
        who = self.chosen.get("who")
        return events.filter(actors_that_read(str(who)) if who else Q(), **wanted)

    @property
    def organisation_id(self) -> str:
        """The key of the organisation that is asked for, or empty text."""
        return str(self.chosen.get("organisation", ""))

    @property
    def leads_straight(self) -> bool:
        """Whether an index leads to the few that are sought."""
        return "subject_type" in self.chosen and "subject_id" in self.chosen
