"""The filter above the list of transfers."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models import Account, Transfer
from exchange.models.transfer import Direction
from exchange.queries import StageCode, accounts_visible_to, in_stage, senders_visible_to
from magda_portal.people.models import Person


def _accounts(request: HttpRequest | None) -> QuerySet[Account]:
    return _visible(request, accounts_visible_to, Account.objects.none())


def _senders(request: HttpRequest | None) -> QuerySet[Person]:
    return _visible(request, senders_visible_to, Person.objects.none())


def _visible(
    request: HttpRequest | None, read: Callable[[Person], QuerySet[Any]], none: QuerySet[Any]
) -> QuerySet[Any]:
    if request is None or not isinstance(request.user, Person):
        return none
    return read(request.user)


def _date_input() -> forms.DateInput:
    # The browser's own date field wants this one form, whatever the language.
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class TransferFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter is untyped
    """By account, direction, state in the clerk's words, name, person and period of submission."""

    account = django_filters.ModelChoiceFilter(label=_("Account"), queryset=_accounts)
    direction = django_filters.ChoiceFilter(label=_("Direction"), choices=Direction.choices)
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=StageCode.choices, method="filter_state"
    )
    name = django_filters.CharFilter(
        label=_("Name contains"), field_name="final_name", lookup_expr="icontains"
    )
    person = django_filters.ModelChoiceFilter(label=_("Sent by"), queryset=_senders)
    first_day = django_filters.DateFilter(
        label=_("From"), method="filter_first_day", widget=_date_input()
    )
    last_day = django_filters.DateFilter(
        label=_("Up to and including"), method="filter_last_day", widget=_date_input()
    )

    class Meta:
        model = Transfer
        fields: tuple[str, ...] = ()

    def filter_state(self, rows: QuerySet[Transfer], _name: str, value: str) -> QuerySet[Transfer]:
        return in_stage(rows, StageCode(value))

    def filter_first_day(
        self, rows: QuerySet[Transfer], _name: str, value: date
    ) -> QuerySet[Transfer]:
        return rows.filter(created_at__gte=_local(value, time.min))

    def filter_last_day(
        self, rows: QuerySet[Transfer], _name: str, value: date
    ) -> QuerySet[Transfer]:
        return rows.filter(created_at__lte=_local(value, time.max))


def _local(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
