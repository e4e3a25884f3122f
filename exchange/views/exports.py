"""The history as a file for spreadsheets."""

from collections.abc import Sequence

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.filenames import escaped
from exchange.models import Transfer
from exchange.queries import stage_code_of
from exchange.views.history import sought
from magda_portal.people.access import PersonRequest
from magda_portal.people.services.exports import note_export
from magda_portal.web.pagination import all_rows, order_of
from magda_portal.web.spreadsheets import csv_response, instant


@require_GET
def transfers_csv(request: PersonRequest) -> StreamingHttpResponse:
    """Hand out what the history's filter finds, all of it, while it is read."""
    chosen, source = sought(request)
    organisations = {str(account.organisation.pk) for account in chosen.accounts}
    note_export(
        request.user,
        what="transfers",
        organisations=sorted(organisations),
        filters=chosen.form.chosen,
    )
    rows = all_rows(source, order=order_of(request.GET))
    day = timezone.localdate().isoformat()
    return csv_response(f"magda-transfers-{day}", _header(), (_line(row) for row in rows))


def _header() -> Sequence[str]:
    return [
        _("Number"),
        _("Name"),
        _("Direction"),
        _("State"),
        _("Error"),
        _("Organisation"),
        _("Account"),
        _("Environment"),
        _("Service"),
        _("Reference (Referte)"),
        _("Size in bytes"),
        _("SHA-256"),
        _("Begun"),
        _("Finished"),
        _("Picked up by MAGDA"),
        _("Answers number"),
        _("Sends number again"),
        _("Person"),
    ]


def _line(row: Transfer) -> Sequence[object]:
    return [
        row.pk,
        escaped(row.final_name),
        row.get_direction_display(),
        stage_code_of(row).label,
        row.error_code,
        row.account.organisation.name,
        row.account.name,
        row.account.environment,
        row.service,
        row.referte,
        row.size,
        row.sha256,
        instant(row.created_at),
        instant(row.finished_at),
        instant(row.picked_up_at),
        row.answers_to_id,
        row.resends_id,
        row.person,
    ]
