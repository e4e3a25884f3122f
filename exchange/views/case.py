"""A request and its answers on one page, whichever of them was asked for."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.advice import advice_for
from exchange.forms import SettleForm
from exchange.models import Transfer
from exchange.models.transfer import Direction, State
from exchange.queries import evidence_on, transfers_visible_to
from exchange.queries.case import Case, case_of, erasure_day
from exchange.queries.contents import COUNTED_AT_ONCE, Contents, contents_of
from exchange.queries.reader import reader_of
from exchange.services import decisions
from exchange.services.resending import why_not_sent_again
from magda_portal.people.access import PersonRequest
from magda_portal.web.advice import Advice
from magda_portal.web.live import live, show_live

MOST_COUNTED = 3
"""Answers of a case that are counted for one page; others tell their numbers on their own."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file of a case as its page shows it."""

    transfer: Transfer
    is_opened: bool
    has_content: bool
    contents: Contents | None
    erased_from: date | None

    @property
    def errors(self) -> int:
        """The errors that MAGDA reports in it: as counted here, or when it was collected."""
        summary = self.contents.summary if self.contents else None
        return max(summary.errors if summary else 0, self.transfer.errors_reported or 0)


@require_GET
@live
def transfer_show(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the case; ``?count=whole`` counts all of the file instead of its beginning."""
    opened = get_object_or_404(_rows(request), pk=pk)
    reader = reader_of(request.user, organisation_id=opened.account.organisation.pk)
    case = case_of(opened, now=timezone.now(), reader=reader)
    files = _files(case, at_most=_how_much(request))
    return show_live(
        request,
        "exchange/transfer_show.html",
        "exchange/_case_part.html",
        {
            "case": case,
            "transfer": opened,
            "stage": case.stage,
            "environment": opened.account.environment,
            "files": files,
            "errors": sum(file.errors for file in files),
            "is_clerk": reader.opens_files,
            "sees_events": reader.finds_faults,
            **_about_delivery(case.main, is_clerk=reader.opens_files),
        },
        rests=case.rests,
    )


def _rows(request: PersonRequest) -> QuerySet[Transfer]:
    """Return what the person sees; the case reads the answers itself."""
    rows = transfers_visible_to(request.user).prefetch_related(None)
    return rows.select_related("answers_to__payload", "answers_to__person")


def _how_much(request: PersonRequest) -> int | None:
    return None if request.GET.get("count") == "whole" else COUNTED_AT_ONCE


def _files(case: Case, *, at_most: int | None) -> list[CaseFile]:
    """Tell of the answers first: they are what people come for."""
    counted = {transfer.pk for transfer in (*case.collected[:MOST_COUNTED], case.main, case.opened)}
    in_order = [*case.collected, *([case.request] if case.request else [])]
    return [
        CaseFile(
            transfer=transfer,
            is_opened=transfer == case.opened,
            has_content=_has_content(transfer),
            contents=_contents(transfer, case, at_most) if transfer.pk in counted else None,
            erased_from=erasure_day(transfer),
        )
        for transfer in in_order
    ]


def _contents(transfer: Transfer, case: Case, at_most: int | None) -> Contents | None:
    """Count; the whole of a file only where its own page asks for that."""
    return contents_of(transfer, at_most=at_most if transfer == case.opened else COUNTED_AT_ONCE)


def _about_delivery(transfer: Transfer, *, is_clerk: bool) -> dict[str, object]:
    """Return what can be done about the case's request, and why something can't."""
    is_uncertain = transfer.state == State.UNCERTAIN
    keeps_from_cancelling = decisions.why_not_cancelled(transfer)
    return {
        "can_cancel": is_clerk and not keeps_from_cancelling,
        "no_cancel": _why_there_is_no_button(transfer, keeps_from_cancelling),
        "can_retry": is_clerk and _can_retry(transfer),
        "may_be_second": decisions.may_have_arrived(transfer),
        "can_send_again": is_clerk and not why_not_sent_again(transfer),
        "sent_again": _sent_again(transfer) if transfer.state == State.DONE else [],
        "evidence": evidence_on(transfer) if is_uncertain else None,
        "can_settle": is_clerk and is_uncertain,
        "settle_form": SettleForm(),
        "has_receipt": transfer.direction == Direction.DELIVERY and transfer.state == State.DONE,
    }


def _has_content(transfer: Transfer) -> bool:
    return transfer.payload is not None and transfer.payload.erased_at is None


def _why_there_is_no_button(transfer: Transfer, code: str) -> Advice | None:
    """Return why a delivery that isn't settled can't be cancelled."""
    is_settled = transfer.state in Transfer.SETTLED
    return advice_for(code) if code and not is_settled else None


def _can_retry(transfer: Transfer) -> bool:
    if transfer.direction != Direction.DELIVERY:
        return False
    has_failed = transfer.state == State.FAILED and (
        _has_content(transfer) or transfer.payload is None
    )
    return has_failed or transfer.state == State.WAITING


def _sent_again(transfer: Transfer) -> QuerySet[Transfer]:
    newer = transfer.resent_by.select_related("account__identity").order_by("id")
    return newer.prefetch_related("answers")
