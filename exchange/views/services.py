"""The services of an account: how their files are named, and the schemas of their requests."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from exchange.errors import AccountError
from exchange.forms import SchemaForm, ServiceForm
from exchange.messages import SchemaError
from exchange.models import Account, Service
from exchange.queries.services import services_of
from exchange.services.account_services import (
    add_service,
    change_service,
    mark_of,
    remove_service,
)
from exchange.services.schemas import add_schema, remove_schema
from exchange.views.objects import is_administrator_of, managed_account, seen_account
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest

LONGEST_SAMPLE = 1000


@require_GET
def account_services(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """List the services of an account, and tell which of them a file name fits."""
    account = seen_account(request, pk)
    name = request.GET.get("name", "")[:LONGEST_SAMPLE].strip()
    rows = services_of(account, name=name)
    context = {
        "account": account,
        "environment": account.environment,
        "rows": rows,
        "tried": name,
        "fitting": [row.service.name for row in rows if row.fits],
        "can_manage": is_administrator_of(request, account),
    }
    return render(request, "exchange/services.html", context)


@require_http_methods(["GET", "POST"])
def service_add(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    account = managed_account(request, pk)
    form = ServiceForm(_posted(request))
    if form.is_valid() and not form.is_trial:
        try:
            add_service(
                account,
                name=form.cleaned_data["name"],
                pattern=form.cleaned_data["pattern"],
                actor=Actor.person(request.user),
            )
        except AccountError as exc:
            form.refuse(exc.code)
        else:
            messages.success(request, _("The service is added."))
            return redirect("account_services", pk=pk)
    return _form_page(request, account, form)


@require_http_methods(["GET", "POST"])
def service_edit(request: PersonRequest, pk: uuid.UUID, service: int) -> HttpResponse:
    account = managed_account(request, pk)
    row = _service(account, service)
    initial = {"name": row.name, "pattern": row.pattern, "seen": mark_of(row)}
    form = ServiceForm(_posted(request), initial=initial)
    present = None
    if form.is_valid() and not form.is_trial:
        try:
            change_service(
                row,
                name=form.cleaned_data["name"],
                pattern=form.cleaned_data["pattern"],
                seen=form.cleaned_data["seen"],
                actor=Actor.person(request.user),
            )
        except AccountError as exc:
            form.refuse(exc.code)
            if exc.code == "service.changed":
                present = _service(account, service)
                form.compare_with(mark_of(present))
        else:
            messages.success(request, _("The service is changed."))
            return redirect("account_services", pk=pk)
    return _form_page(request, account, form, row, present)


@require_http_methods(["GET", "POST"])
def service_remove(request: PersonRequest, pk: uuid.UUID, service: int) -> HttpResponse:
    """Ask whether a service is to go (GET), and remove it (POST)."""
    account = managed_account(request, pk)
    row = _service(account, service)
    if request.method == "POST":
        remove_service(row, actor=Actor.person(request.user))
        messages.success(request, _("The service is removed; what was sent stays."))
        return redirect("account_services", pk=pk)
    context = {"account": account, "environment": account.environment, "service": row}
    return render(request, "exchange/service_remove.html", context)


@require_http_methods(["GET", "POST"])
def service_schema(request: PersonRequest, pk: uuid.UUID, service: int) -> HttpResponse:
    """Show the schema of a service, and take another one."""
    account = managed_account(request, pk)
    row = _service(account, service)
    form = SchemaForm(_posted(request), request.FILES or None)
    if form.is_valid():
        try:
            add_schema(
                row,
                form.uploads,
                entry=form.cleaned_data["entry"],
                actor=Actor.person(request.user),
            )
        except (SchemaError, AccountError) as exc:
            form.refuse(exc)
        else:
            messages.success(
                request, _("The schema is added; requests are checked by it from now on.")
            )
            return redirect("account_services", pk=pk)
    context = {
        "account": account,
        "environment": account.environment,
        "service": row,
        "paths": list(row.schema_files.values_list("path", flat=True)),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "exchange/service_schema.html", context, status=status)


@require_http_methods(["GET", "POST"])
def schema_remove(request: PersonRequest, pk: uuid.UUID, service: int) -> HttpResponse:
    """Ask whether the schema of a service is to go (GET), and remove it (POST)."""
    account = managed_account(request, pk)
    row = _service(account, service)
    if request.method == "POST":
        remove_schema(row, actor=Actor.person(request.user))
        messages.success(request, _("The schema is removed; requests are no longer checked by it."))
        return redirect("account_services", pk=pk)
    if not row.has_schema:
        return redirect("service_schema", pk=pk, service=service)
    context = {"account": account, "environment": account.environment, "service": row}
    return render(request, "exchange/schema_remove.html", context)


def _posted(request: PersonRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _service(account: Account, pk: int) -> Service:
    rows = account.services.select_related("account__identity__organisation")
    return get_object_or_404(rows, pk=pk)


def _form_page(
    request: PersonRequest,
    account: Account,
    form: ServiceForm,
    service: Service | None = None,
    present: Service | None = None,
) -> HttpResponse:
    """Show the form; ``present`` is what somebody else made of the service meanwhile."""
    context = {
        "account": account,
        "environment": account.environment,
        "service": service,
        "present": present,
        "form": form,
        "was_tried": form.is_trial and form.is_valid(),
    }
    status = 422 if form.errors else 200
    return render(request, "exchange/service_edit.html", context, status=status)
