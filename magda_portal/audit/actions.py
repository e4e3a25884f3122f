"""The names of what can happen: ``subject.act`` in the past tense."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """Every action an audit event may carry; the label is what people read."""

    PERSON_LOGGED_IN = "person.logged_in", _("logged in")
    PERSON_LOGGED_OUT = "person.logged_out", _("logged out")
    PERSON_LOGIN_FAILED = "person.login_failed", _("failed to log in")
    PERSON_LOCKED_OUT = "person.locked_out", _("locked out after failed logins")
    PERSON_REFUSED = "person.refused", _("refused a page")
    PERSON_ADDED = "person.added", _("person added")
    ORGANISATION_ADDED = "organisation.added", _("organisation added")
    MEMBERSHIP_GRANTED = "membership.granted", _("role granted")
    MEMBERSHIP_WITHDRAWN = "membership.withdrawn", _("role withdrawn")

    IDENTITY_ADDED = "identity.added", _("client identity added")
    CERTIFICATE_IMPORTED = "certificate.imported", _("certificate imported")
    CERTIFICATE_ACTIVATED = "certificate.activated", _("certificate activated")
    CERTIFICATE_EXPIRY_NOTIFIED = "certificate.expiry_notified", _("expiry warning sent")
    TRUST_ANCHOR_ADDED = "trust_anchor.added", _("trust anchor added")
    TRUST_ANCHOR_REMOVED = "trust_anchor.removed", _("trust anchor removed")

    ACCOUNT_OPENED = "account.opened", _("account opened")
    ACCOUNT_CHANGED = "account.changed", _("account changed")
    ACCOUNT_SUSPENDED = "account.suspended", _("account suspended")
    ACCOUNT_RESUMED = "account.resumed", _("account resumed")
    ACCOUNT_PAUSED = "account.paused", _("account paused after an error")
    ACCOUNT_REACHED = "account.reached", _("account reached again")
    ACCOUNT_FOLDER_FAILED = "account.folder_failed", _("folder could not be read or tidied")
    ACCOUNT_FOLDER_RECOVERED = "account.folder_recovered", _("folder works again")
    ACCOUNT_TESTED = "account.tested", _("login tested")
    ADDRESS_REQUESTED = "address.requested", _("address requested")
    ADDRESS_ACTIVATED = "address.activated", _("address active")
    ADDRESS_WITHDRAWN = "address.withdrawn", _("address withdrawn")
    SUBSCRIPTION_ADDED = "subscription.added", _("subscription added")
    SUBSCRIPTION_REMOVED = "subscription.removed", _("subscription removed")
    COLLECTION_ASKED = "collection.asked", _("collection asked for")

    TRANSFER_SUBMITTED = "transfer.submitted", _("request submitted")
    TRANSFER_SENDING = "transfer.sending", _("sending")
    TRANSFER_DELIVERED = "transfer.delivered", _("delivered")
    TRANSFER_POSTPONED = "transfer.postponed", _("will be tried again")
    TRANSFER_FAILED = "transfer.failed", _("failed")
    TRANSFER_CANCELLED = "transfer.cancelled", _("cancelled")
    TRANSFER_RETRIED = "transfer.retried", _("tried again by hand")
    TRANSFER_UNCERTAIN = "transfer.uncertain", _("outcome uncertain")
    TRANSFER_SETTLED = "transfer.settled", _("outcome decided by a person")
    TRANSFER_FREED = "transfer.freed", _("freed after its worker went away")
    TRANSFER_PICKED_UP = "transfer.picked_up", _("picked up by MAGDA")
    TRANSFER_ANSWERED = "transfer.answered", _("answered")
    TRANSFER_COLLECTED = "transfer.collected", _("collected")
    TRANSFER_RELEASED = "transfer.released", _("cleared from MAGDA's folder")
    TRANSFER_CLEARED = "transfer.cleared", _("deleted from MAGDA's cache folder")
    TRANSFER_OPENED = "transfer.opened", _("opened")
    REMOTE_FILE_VANISHED = "remote_file.vanished", _("taken by other hands or removed by MAGDA")
    REMOTE_FILE_REAPPEARED = "remote_file.reappeared", _("listed again after it was gone")
    PAYLOAD_MISSING = "payload.missing", _("content missing in the store; fetched again")
    PAYLOAD_ERASED = "payload.erased", _("content erased after its retention")
