"""Add and remove the publications of an account."""

from django.db import IntegrityError, transaction

from exchange.errors import AccountError
from exchange.models import Account, Subscription
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record

LONGEST_PREFIX = 150


def add_subscription(
    account: Account,
    *,
    prefix: str,
    format: str = "",  # noqa: A002 - the model's word
    expected_period: str = "",
    actor: Actor,
) -> Subscription:
    """Recognise publications whose name starts with ``prefix`` and ends in ``format``.

    Raises AccountError: ``subscription.prefix`` for an empty or impossible prefix,
    ``subscription.format``, or ``subscription.duplicate``; case doesn't make a difference.
    """
    prefix = prefix.strip()
    _check(prefix, format)
    if account.subscriptions.filter(prefix__iexact=prefix, format=format).exists():
        raise AccountError("subscription.duplicate")
    try:
        return _add(account, prefix, format, expected_period.strip(), actor)
    except IntegrityError as exc:
        raise AccountError("subscription.duplicate") from exc


@transaction.atomic
def remove_subscription(subscription: Subscription, *, actor: Actor) -> None:
    """Stop fetching a publication; what was fetched stays. A second call changes nothing."""
    removed, _ = Subscription.objects.filter(pk=subscription.pk).delete()
    if removed:
        _record(Action.SUBSCRIPTION_REMOVED, subscription, actor)


def _check(prefix: str, format_: str) -> None:
    if not prefix or len(prefix) > LONGEST_PREFIX or not prefix.isprintable() or "/" in prefix:
        raise AccountError("subscription.prefix", f"Not a prefix: {prefix!r}")
    if format_ not in Subscription.Format.values:
        raise AccountError("subscription.format", f"Not a format: {format_!r}")


@transaction.atomic
def _add(
    account: Account, prefix: str, format_: str, expected_period: str, actor: Actor
) -> Subscription:
    subscription = Subscription.objects.create(
        account=account, prefix=prefix, format=format_, expected_period=expected_period[:100]
    )
    details: Details = {"format": format_, "expected": subscription.expected_period}
    _record(Action.SUBSCRIPTION_ADDED, subscription, actor, details)
    return subscription


def _record(
    action: Action, subscription: Subscription, actor: Actor, details: Details | None = None
) -> None:
    record(
        action,
        actor=actor,
        organisation_id=subscription.account.organisation.pk,
        subject=Subject.row(subscription, f"{subscription.prefix} ({subscription.account})"),
        details=details,
    )
