"""Note what people want to hear of, from the trail: what happened is recorded there anyway."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from certificates.models import ClientIdentity
from certificates.services.recipients import recipients_for
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Kind, Notice, TrailMark
from magda_portal.people.services.notifications import note, watchers

READER: Final = "notifications"
KINDS: Final[Mapping[str, Kind]] = {
    Action.TRANSFER_COLLECTED: Kind.ARRIVED,
    Action.TRANSFER_FAILED: Kind.FAILED,
    Action.TRANSFER_UNCERTAIN: Kind.FAILED,
    Action.CERTIFICATE_IMPORTED: Kind.CERTIFICATE,
    Action.CERTIFICATE_ACTIVATED: Kind.CERTIFICATE,
    Action.CERTIFICATE_DISCARDED: Kind.CERTIFICATE,
    Action.CERTIFICATE_STEPPED_BACK: Kind.CERTIFICATE,
    Action.CERTIFICATE_REVOKED: Kind.CERTIFICATE,
    Action.CERTIFICATE_REINSTATED: Kind.CERTIFICATE,
    Action.CERTIFICATE_EXPIRY_NOTIFIED: Kind.CERTIFICATE,
    Action.SWITCH_PLANNED: Kind.CERTIFICATE,
    Action.SWITCH_CANCELLED: Kind.CERTIFICATE,
    Action.TRUST_ANCHOR_ADDED: Kind.CERTIFICATE,
    Action.TRUST_ANCHOR_REMOVED: Kind.CERTIFICATE,
    Action.SERVER_ALARMED: Kind.CERTIFICATE,
}
"""What of the trail makes a notification."""
# Of these a mail of its own goes to those who look after the identity.
_MAILED_ANYWAY: Final = (Action.CERTIFICATE_STEPPED_BACK, Action.CERTIFICATE_REVOKED)
# An event may be committed after one with a higher id, by as long as a transaction takes. So the
# latest minutes are read again in each round.
OVERLAP: Final = timedelta(minutes=5)
# Events in one round.
AT_MOST: Final = 5000


def note_events(*, now: datetime) -> None:
    """Note what happened since the last round, for everybody who wants to hear of it.

    Nobody is told of their own acts, nor of what the portal mails to them anyway. The very first
    round only notes how far the trail is: nobody wants mail about last year.
    """
    mark, is_new = TrailMark.objects.get_or_create(
        reader=READER, defaults={"event_id": _last_event_id()}
    )
    if is_new:
        return
    unread = AuditEvent.objects.filter(pk__gt=mark.event_id)
    events = list(
        unread.filter(action__in=KINDS).exclude(organisation_id="").order_by("pk")[:AT_MOST]
    )
    note(_notices(events, now))
    settled = unread.filter(at__lt=now - OVERLAP).order_by("-pk").values_list("pk", flat=True)
    read_to = settled.first() or 0
    if len(events) == AT_MOST:
        read_to = min(read_to, events[-1].pk)
    TrailMark.objects.filter(reader=READER, event_id__lt=read_to).update(event_id=read_to)


def _last_event_id() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _notices(events: Sequence[AuditEvent], now: datetime) -> Iterator[Notice]:
    if not events:
        return
    everybody = watchers({int(event.organisation_id) for event in events})
    for event in events:
        kind, organisation_id = KINDS[event.action], int(event.organisation_id)
        mailed = _mailed_to(event)
        for watcher in everybody:
            person = watcher.person
            if event.actor_id == str(person.pk) or person.email in mailed:
                continue
            if watcher.wants(kind, organisation_id=organisation_id):
                yield Notice(
                    person=person,
                    organisation_id=organisation_id,
                    kind=kind,
                    source=Notice.Source.EVENT,
                    source_id=event.pk,
                    noted_at=now,
                )


def _mailed_to(event: AuditEvent) -> Sequence[str]:
    """Return the addresses that a mail about this very event went, or goes, to."""
    if event.action in _MAILED_ANYWAY:
        identity = ClientIdentity.objects.filter(pk=event.subject_id).first()
        return recipients_for(identity) if identity else []
    return list(event.details.get("recipients", []))
