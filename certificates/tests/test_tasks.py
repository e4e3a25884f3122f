from datetime import timedelta

import pytest

from certificates.models import ClientIdentity, KeyPair
from certificates.services.key_pairs import keep_key_pair, set_destruction
from certificates.services.relay import plan_switch
from certificates.tasks import renew_certificates
from certificates.tests.builders import make_key
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_what_is_due_is_put_in_use_and_destroyed() -> None:
    identity = make_identity()
    give_certificate(identity)
    following = give_certificate(identity)
    an_hour_ago = NOW - timedelta(hours=1)
    plan_switch(identity, NOW, actor=ACTOR, now=an_hour_ago)
    old_key = keep_key_pair(identity, make_key(), actor=ACTOR)
    set_destruction(old_key, NOW, actor=ACTOR, now=an_hour_ago)

    renew_certificates()

    assert ClientIdentity.objects.get().current == following
    assert KeyPair.objects.get(pk=old_key.pk).destroyed_at == NOW


def test_what_is_not_due_is_left_alone() -> None:
    identity = make_identity()
    current = give_certificate(identity)
    give_certificate(identity)

    renew_certificates()

    assert ClientIdentity.objects.get().current == current
    assert not KeyPair.objects.exclude(destroyed_at=None).exists()
