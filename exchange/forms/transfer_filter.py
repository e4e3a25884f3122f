"""The filters above the history and the inbox."""

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import Environment
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction
from exchange.queries import StageCode, in_stage, left_lying
from exchange.queries.stages import AWAITING, LEFT_LYING, awaiting_answer
from magda_portal.web.filters import ORDERS, FilterForm, day_input

Choices = list[tuple[str, str]]
NEW, READ = "new", "read"
ANSWERS, OTHERS = "answer", "other"
_STATES = [
    *StageCode.choices,
    # As long as PICKED_UP_WITHIN.
    (LEFT_LYING, _("not picked up after 30 minutes")),
    (AWAITING, _("waiting for MAGDA's answer")),
]
# What is in these stages is little, and an index by state leads to it.
_RARE = {LEFT_LYING, *StageCode} - {
    StageCode.DELIVERED,
    StageCode.PICKED_UP,
    StageCode.ANSWERED,
    StageCode.COLLECTED,
}
_ABOUT_ACCOUNTS = frozenset({"account", "environment", "organisation"})


class TransferFilterForm(FilterForm):
    FIRST = ("name", "state", "account", "first_day", "last_day")
    PASSES_NOTHING_OVER = _ABOUT_ACCOUNTS


class InboxFilterForm(FilterForm):
    FIRST = ("name", "read", "account", "first_day", "last_day")
    PASSES_NOTHING_OVER = _ABOUT_ACCOUNTS


class _Filter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter is untyped
    """What both have: name, account, environment, organisation, reference, service, period.

    ``accounts`` are those that the person sees.
    """

    form: FilterForm

    name = django_filters.CharFilter(
        label=_("Name contains"), field_name="final_name", lookup_expr="icontains"
    )
    account = django_filters.ChoiceFilter(
        label=_("Account"), field_name="account_id", empty_label=_("all")
    )
    first_day = django_filters.DateFilter(
        label=_("From"), method="leave_to_pages", widget=day_input()
    )
    last_day = django_filters.DateFilter(
        label=_("Up to and including"), method="leave_to_pages", widget=day_input()
    )
    referte = django_filters.CharFilter(label=_("Reference (Referte), in full"))
    service = django_filters.CharFilter(label=_("Service contains"), lookup_expr="icontains")
    environment = django_filters.ChoiceFilter(
        label=_("Environment"),
        field_name="account__identity__environment",
        choices=Environment.choices,
        empty_label=_("all"),
    )
    organisation = django_filters.ChoiceFilter(
        label=_("Organisation"),
        field_name="account__identity__organisation_id",
        empty_label=_("all"),
    )
    order = django_filters.ChoiceFilter(
        label=_("Order"), choices=ORDERS, method="leave_to_pages", empty_label=None
    )

    def __init__(self, *args: Any, accounts: Sequence[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._accounts = accounts
        organisations = {str(row.organisation.pk): row.organisation.name for row in accounts}
        self.has_organisations = len(organisations) > 1
        self.filters["account"].extra["choices"] = _labelled(accounts, self.has_organisations)
        self.filters["organisation"].extra["choices"] = sorted(
            organisations.items(), key=lambda item: item[1]
        )
        if not self.has_organisations:
            del self.filters["organisation"]

    def leave_to_pages(
        self, rows: QuerySet[Transfer], _name: str, _value: object
    ) -> QuerySet[Transfer]:
        """Leave days and order to the pages, which begin there."""
        return rows

    @property
    def names_accounts(self) -> bool:
        """Whether what is sought is of some of the accounts only."""
        return bool(_ABOUT_ACCOUNTS & set(self.form.chosen))

    @property
    def accounts(self) -> list[Account]:
        """The accounts whose files can be among what is sought."""
        wanted: dict[str, Callable[[Account], str]] = {
            "account": lambda row: str(row.pk),
            "environment": lambda row: row.environment,
            "organisation": lambda row: str(row.organisation.pk),
        }
        asked = {name: of for name, of in wanted.items() if name in self.form.chosen}
        return [
            row
            for row in self._accounts
            if all(of(row) == self.form.chosen[name] for name, of in asked.items())
        ]

    @property
    def leads_straight(self) -> bool:
        """Whether an index leads to the few that are sought."""
        return "referte" in self.form.chosen


class TransferFilter(_Filter):
    """The history: also by direction, state in the clerk's words, person and error."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=_STATES, method="filter_state", empty_label=_("all")
    )
    direction = django_filters.ChoiceFilter(
        label=_("Direction"), choices=Direction.choices, empty_label=_("all")
    )
    person = django_filters.CharFilter(label=_("Sender contains"), method="filter_person")
    # For links from pages that name an error; the page says it in words.
    error = django_filters.CharFilter(field_name="error_code", widget=forms.HiddenInput)

    class Meta:
        model = Transfer
        fields: tuple[str, ...] = ()
        form = TransferFilterForm

    @property
    def leads_straight(self) -> bool:
        return super().leads_straight or self.form.chosen.get("state") in _RARE

    def filter_state(self, rows: QuerySet[Transfer], _name: str, value: str) -> QuerySet[Transfer]:
        if value == LEFT_LYING:
            return left_lying(rows, now=timezone.now())
        if value == AWAITING:
            return awaiting_answer(rows, now=timezone.now())
        return in_stage(rows, StageCode(value))

    def filter_person(self, rows: QuerySet[Transfer], _name: str, value: str) -> QuerySet[Transfer]:
        """Return what was sent by people of such a name or address."""
        return rows.filter(Q(person__name__icontains=value) | Q(person__email__icontains=value))


class InboxFilter(_Filter):
    """The inbox: also by whether it was read, and by whether it answers a request."""

    read = django_filters.ChoiceFilter(
        label=_("New or read"),
        choices=[(NEW, _("new")), (READ, _("read"))],
        method="filter_read",
        empty_label=_("both"),
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"),
        choices=[(ANSWERS, _("answers")), (OTHERS, _("publications and other files"))],
        method="filter_kind",
        empty_label=_("all"),
    )

    class Meta:
        model = Transfer
        fields: tuple[str, ...] = ()
        form = InboxFilterForm

    def filter_read(self, rows: QuerySet[Transfer], _name: str, value: str) -> QuerySet[Transfer]:
        if value == NEW:
            return rows.filter(payload__first_opened_at=None, payload__erased_at=None)
        return rows.filter(payload__first_opened_at__isnull=False)

    def filter_kind(self, rows: QuerySet[Transfer], _name: str, value: str) -> QuerySet[Transfer]:
        return rows.filter(answers_to__isnull=value == OTHERS)


def _labelled(accounts: Sequence[Account], with_organisation: bool) -> Choices:
    """Return the accounts as choices; their environment tells two of one name apart."""
    return [
        (
            str(row.pk),
            f"{row.name} · {row.environment} · {row.organisation}"
            if with_organisation
            else f"{row.name} · {row.environment}",
        )
        for row in accounts
    ]
