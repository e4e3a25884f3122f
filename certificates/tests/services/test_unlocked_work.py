"""What takes long is done before the database is locked: SQLite has one writer at a time."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from django.db import connection

from certificates.models import ClientIdentity
from certificates.pki import KeyKind, SubjectName, make_passphrase
from certificates.services.exports import export_pkcs12
from certificates.services.key_pairs import make_key_pair
from certificates.services.requests import request_with_new_key
from certificates.services.self_signed import make_self_signed
from certificates.tests.builders import COMMON_NAME
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity

pytestmark = pytest.mark.django_db
SUBJECT = SubjectName(COMMON_NAME)


def make_key(identity: ClientIdentity) -> None:
    make_key_pair(identity, KeyKind.EC_P256, actor=ACTOR)


def make_request(identity: ClientIdentity) -> None:
    request_with_new_key(identity, KeyKind.EC_P256, subject=SUBJECT, actor=ACTOR)


def make_certificate(identity: ClientIdentity) -> None:
    make_self_signed(identity, KeyKind.EC_P256, subject=SUBJECT, days=9, actor=ACTOR, now=NOW)


def export(identity: ClientIdentity) -> None:
    assert identity.current is not None
    export_pkcs12(identity.current, passphrase=make_passphrase(), actor=ACTOR)


@contextmanager
def transactions_around(function: str) -> Iterator[list[int]]:
    """List how many transactions are open, within each other, at every call of the function."""
    depths: list[int] = []

    def watch(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name == function:
            depths.append(len(connection.savepoint_ids))

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield depths
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize(
    ("function", "work"),
    [
        ("generate_key", make_key),
        ("generate_key", make_request),
        ("generate_key", make_certificate),
        ("dump_pkcs12", export),
    ],
)
def test_it_is_done_outside_every_transaction(
    function: str, work: Callable[[ClientIdentity], None]
) -> None:
    identity = make_identity()
    give_certificate(identity)
    open_before = len(connection.savepoint_ids)

    with transactions_around(function) as depths:
        work(identity)

    assert depths == [open_before]
