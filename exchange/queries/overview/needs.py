"""What a person has to do, as a short list: a sentence with its count, and the page for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.queries.overview.egress import Listing
from exchange.queries.overview.tallies import Kind
from exchange.queries.stages import LEFT_LYING
from exchange.queries.uploads import checked_in_words
from magda_portal.people.models import Role
from magda_portal.web.liveness import Part

if TYPE_CHECKING:
    from exchange.queries.overview.facts import Facts

_SEVERITY: Final = ("bad", "attention", "neutral")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do; ``tone`` is "bad", "attention" or "neutral" and decides the order."""

    words: str
    link: str
    tone: str


def needs_of(facts: "Facts") -> list[Need]:
    """Return what the person has to do, the worst first; nothing is the usual answer."""
    found = [*_about_files(facts)]
    if Role.CLERK in facts.roles:
        found += _of_clerk(facts)
    if facts.roles:
        found += _about_accounts(facts)
    if Role.ADMINISTRATOR in facts.roles:
        found += _of_administrator(facts)
    if facts.is_helpdesk:
        found += _of_helpdesk(facts)
    if facts.machinery is not None:
        found += _about_machinery(facts)
    return sorted(found, key=lambda need: _SEVERITY.index(need.tone))


def _about_files(facts: "Facts") -> Iterator[Need]:
    waiting = f"{reverse('inbox')}#waiting"
    if facts.alarming:
        words = ngettext(
            "%(number)d file is lost in less than three days unless it is fetched. "
            "See what keeps it.",
            "%(number)d files are lost in less than three days unless they are fetched. "
            "See what keeps them.",
            facts.alarming,
        )
        yield Need(words % {"number": facts.alarming}, waiting, "bad")
    if later := facts.at_risk - facts.alarming:
        words = ngettext(
            "MAGDA removes %(number)d file within a week, and it is not fetched yet.",
            "MAGDA removes %(number)d files within a week, and they are not fetched yet.",
            later,
        )
        yield Need(words % {"number": later}, waiting, "attention")


def _of_clerk(facts: "Facts") -> Iterator[Need]:
    if number := facts.own(Kind.CHECKED):
        yield Need(checked_in_words(number), _review(facts), "attention")
    if number := facts.own(Kind.FAILED):
        words = ngettext(
            "%(number)d request failed. See why, and try it again.",
            "%(number)d requests failed. See why, and try them again.",
            number,
        )
        yield Need(words % {"number": number}, _transfers("failed"), "bad")
    if number := facts.own(Kind.UNCERTAIN):
        words = ngettext(
            "%(number)d request is uncertain. Ask MAGDA whether it arrived, and say so here.",
            "%(number)d requests are uncertain. Ask MAGDA whether they arrived, and say so here.",
            number,
        )
        yield Need(words % {"number": number}, _transfers("uncertain"), "bad")
    if number := facts.own(Kind.NOT_PICKED_UP):
        words = ngettext(
            "MAGDA left %(number)d request lying for more than half an hour. "
            "Usually the file name is wrong.",
            "MAGDA left %(number)d requests lying for more than half an hour. "
            "Usually the file names are wrong.",
            number,
        )
        yield Need(words % {"number": number}, _transfers(LEFT_LYING), "attention")
    if number := facts.own(Kind.UNOPENED):
        words = ngettext(
            "%(number)d answer or publication was not opened yet.",
            "%(number)d answers and publications were not opened yet.",
            number,
        )
        yield Need(words % {"number": number}, f"{reverse('inbox')}?read=new", "neutral")


def _about_accounts(facts: "Facts") -> Iterator[Need]:
    stopped = [summary for summary in facts.own_accounts if summary.stands_still]
    if len(stopped) == 1:
        account = stopped[0].account
        words = _("The account %(account)s (%(environment)s) can't exchange files. See why.")
        link = reverse("account_show", args=[account.pk])
        told = words % {"account": account.name, "environment": account.environment}
        yield Need(told, link, "bad")
    elif stopped:
        words = ngettext(
            "%(number)d account can't exchange files. See why.",
            "%(number)d accounts can't exchange files. See why.",
            len(stopped),
        )
        yield Need(words % {"number": len(stopped)}, reverse("accounts"), "bad")


def _of_administrator(facts: "Facts") -> Iterator[Need]:
    if number := sum(1 for end in facts.ends if end.is_near and not end.is_anchor):
        words = ngettext(
            "%(number)d certificate has ended, or ends within a month. Renew it.",
            "%(number)d certificates have ended, or end within a month. Renew them.",
            number,
        )
        yield Need(words % {"number": number}, reverse("expiry"), "attention")
    if number := sum(1 for end in facts.ends if end.is_near and end.is_anchor):
        words = ngettext(
            "%(number)d trust anchor has ended, or ends within a month. See what replaces it.",
            "%(number)d trust anchors have ended, or end within a month. See what replaces them.",
            number,
        )
        yield Need(words % {"number": number}, reverse("trust_anchors"), "attention")
    for each in facts.egress:
        if each.listing is Listing.MISSING:
            words = _(
                "The portal connects from %(address)s, which is not on the list of every account. "
                "Have MAGDA add it."
            )
            yield Need(words % {"address": each.address}, "#portal", "attention")


def _of_helpdesk(facts: "Facts") -> Iterator[Need]:
    if facts.incidents:
        number = len(facts.incidents)
        words = ngettext("%(number)d trouble is open.", "%(number)d troubles are open.", number)
        tone = "bad" if any(each.stands_still for each in facts.incidents) else "attention"
        yield Need(words % {"number": number}, "#trouble", tone)
    if facts.overdue:
        number = len(facts.overdue)
        words = ngettext(
            "%(number)d account was not reached for too long.",
            "%(number)d accounts were not reached for too long.",
            number,
        )
        yield Need(words % {"number": number}, "#unreached", "attention")


def _about_machinery(facts: "Facts") -> Iterator[Need]:
    assert facts.machinery is not None
    told = {
        Part.ROUNDS: _("The part of the portal that finds work gives no sign of life."),
        Part.TRANSFERS: _("The part of the portal that sends and fetches gives no sign of life."),
    }
    for sign in facts.machinery.silent:
        yield Need(told[sign.part], "#portal", "bad")
    if facts.machinery.storage is not None:
        yield Need(str(facts.machinery.storage.what), "#portal", "bad")


def _review(facts: "Facts") -> str:
    """Return where checked files are sent; several parcels are listed on the page for sending."""
    parcels = {tally.code for tally in facts.tallies if tally.kind is Kind.CHECKED}
    if len(parcels) == 1:
        return reverse("send_review", args=[UUID(parcels.pop())])
    return f"{reverse('send')}#waiting"


def _transfers(stage: str) -> str:
    return f"{reverse('transfers')}?state={stage}"
