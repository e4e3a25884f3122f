"""Read accounts and transfers, always as one person may see them."""

from exchange.queries.accounts import (
    AccountSummary,
    accounts_managed_by,
    accounts_to_send_with,
    accounts_visible_to,
    summarise_account,
)
from exchange.queries.consequences import deliveries_under_way
from exchange.queries.deadlines import WaitingFile, waiting_files
from exchange.queries.evidence import Evidence, evidence_on
from exchange.queries.first_steps import FirstStep, first_steps
from exchange.queries.history import first_openers, transfers_by_time
from exchange.queries.looking import Look, look_at
from exchange.queries.overview import Overview, overview_for
from exchange.queries.readiness import why_not_ready
from exchange.queries.renewals import Candidate, candidate_of
from exchange.queries.stages import StageCode, in_stage, left_lying, stage_code_of
from exchange.queries.timeline import TimelineEntry, timeline_of
from exchange.queries.transfers import (
    answers_and_publications,
    behind_refusal,
    files_still_at_magda,
    folders_in_trouble,
    newest_under,
    organisations_diagnosed_by,
    organisations_opened_by,
    sent_again_as,
    transfers_visible_to,
)
from exchange.queries.watched import watched_server_of
from exchange.queries.whereabouts import Stage, stage_of

__all__ = [
    "AccountSummary",
    "Candidate",
    "Evidence",
    "FirstStep",
    "Look",
    "Overview",
    "Stage",
    "StageCode",
    "TimelineEntry",
    "WaitingFile",
    "accounts_managed_by",
    "accounts_to_send_with",
    "accounts_visible_to",
    "answers_and_publications",
    "behind_refusal",
    "candidate_of",
    "deliveries_under_way",
    "evidence_on",
    "files_still_at_magda",
    "first_openers",
    "first_steps",
    "folders_in_trouble",
    "in_stage",
    "left_lying",
    "look_at",
    "newest_under",
    "organisations_diagnosed_by",
    "organisations_opened_by",
    "overview_for",
    "sent_again_as",
    "stage_code_of",
    "stage_of",
    "summarise_account",
    "timeline_of",
    "transfers_by_time",
    "transfers_visible_to",
    "waiting_files",
    "watched_server_of",
    "why_not_ready",
]
