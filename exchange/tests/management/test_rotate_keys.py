"""Rotate the keys of real rows: key pairs and proxy passwords."""

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from uuid import UUID

import pytest
from pytest_django import Settings

from certificates.models import ClientIdentity, KeyPair
from exchange.models import Account
from exchange.services.accounts import set_proxy
from exchange.tests.builders import make_account
from exchange.tests.management.commands import run_command
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.sealing.columns import SealedColumn, sealed_columns
from magda_portal.sealing.fields import seal_into, unseal_from
from magda_portal.sealing.ring import Ring, SealingError, key_id_of, ring
from magda_portal.sealing.rotation import rotate
from magda_portal.tests.world import World


def entry(key_id: str) -> str:
    return f"{key_id}:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


OLD, NEW = entry("old"), entry("new")
KEYS = 3


def make_key_pair(identity: ClientIdentity, number: int) -> KeyPair:
    row = KeyPair(identity=identity, algorithm="RSA 3072", spki_fingerprint=f"{number:064x}")
    seal_into(row, "sealed_private_key", f"key {number}".encode())
    row.save()
    return row


@pytest.fixture
def account(world: World, settings: Settings) -> Account:
    """Give an account whose proxy password and keys are sealed with the old key."""
    settings.SEALING_KEYS = OLD
    account = make_account(world.organisation)
    set_proxy(account, url="http://user:geheim@proxy.example", actor=Actor("a test"))
    for number in range(KEYS):
        make_key_pair(account.identity, number)
    settings.SEALING_KEYS = f"{NEW}\n{OLD}"
    return account


def key_pairs() -> list[KeyPair]:
    return list(KeyPair.objects.order_by("spki_fingerprint"))


def alter(row: KeyPair, change: Callable[[bytes], bytes]) -> None:
    KeyPair.objects.filter(pk=row.pk).update(
        sealed_private_key=change(bytes(row.sealed_private_key))
    )


def place_of(row: KeyPair) -> str:
    return f"certificates_keypair:{row.pk}:sealed_private_key"


def test_every_sealed_column_is_known() -> None:
    assert [str(column) for column in sealed_columns()] == [
        "certificates_keypair.sealed_private_key",
        "exchange_account.sealed_proxy_password",
    ]


def test_afterwards_everything_opens_with_the_new_key_alone(
    account: Account, settings: Settings
) -> None:
    outcome = run_command("rotate_keys")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows == [
        ["re-wrapped", "4"],
        ["new", "4", "first"],
        ["old", "0", "may be removed"],
    ]
    settings.SEALING_KEYS = NEW
    account.refresh_from_db()
    assert unseal_from(account, "sealed_proxy_password") == b"geheim"
    opened = [unseal_from(row, "sealed_private_key") for row in key_pairs()]
    assert opened == [b"key 0", b"key 1", b"key 2"]


def test_it_is_an_event_with_counts_and_without_keys(account: Account) -> None:
    run_command("rotate_keys")

    event = AuditEvent.objects.get(action=Action.SEALING_ROTATED)
    assert event.details == {"rewrapped": 4, "values_by_key": {"new": 4}, "faults": 0}
    assert event.actor_name.startswith("command line")


def test_a_second_rotation_changes_no_row(account: Account) -> None:
    run_command("rotate_keys")
    before = [bytes(row.sealed_private_key) for row in key_pairs()]

    outcome = run_command("rotate_keys")

    assert (outcome.code, outcome.rows[0]) == (0, ["re-wrapped", "0"])
    assert [bytes(row.sealed_private_key) for row in key_pairs()] == before


def test_a_check_counts_and_changes_nothing(account: Account) -> None:
    before = [bytes(row.sealed_private_key) for row in key_pairs()]

    outcome = run_command("rotate_keys", "--check")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows == [["new", "0", "first"], ["old", "4", "needed"]]
    assert [bytes(row.sealed_private_key) for row in key_pairs()] == before
    assert not AuditEvent.objects.filter(action=Action.SEALING_ROTATED).exists()


def test_a_destroyed_key_has_nothing_to_rotate(account: Account) -> None:
    alter(key_pairs()[0], lambda _blob: b"")

    outcome = run_command("rotate_keys")

    assert (outcome.code, outcome.rows[1]) == (0, ["new", "3", "first"])


def flip_last(blob: bytes) -> bytes:
    return blob[:-1] + bytes([blob[-1] ^ 1])


def flip_wrapping(blob: bytes) -> bytes:
    return blob[:20] + bytes([blob[20] ^ 1]) + blob[21:]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (flip_last, "was changed or moved"),
        (flip_wrapping, "was changed or moved"),
        (lambda blob: blob[:-1], "was changed or moved"),
        (lambda blob: blob[:40], "was changed or moved"),
        (lambda blob: blob[:1], "not a sealed value"),
        (lambda _blob: b"-----BEGIN PRIVATE KEY-----", "not a sealed value"),
        (lambda blob: blob.replace(b"old", b"who"), "'who' of .* is not in the ring"),
    ],
    ids=["ciphertext", "wrapping", "one short", "cut off", "one byte", "plain text", "key id"],
)
@pytest.mark.parametrize("options", [(), ("--check",)])
def test_what_does_not_open_is_told_and_left_and_the_others_go_on(
    account: Account, change: Callable[[bytes], bytes], reason: str, options: tuple[str, ...]
) -> None:
    spoilt = key_pairs()[1]
    alter(spoilt, change)
    before = bytes(KeyPair.objects.get(pk=spoilt.pk).sealed_private_key)

    outcome = run_command("rotate_keys", *options)

    assert outcome.code == 1
    (line,) = outcome.err.splitlines()
    assert place_of(spoilt) in line
    assert re.search(reason, line)
    assert bytes(KeyPair.objects.get(pk=spoilt.pk).sealed_private_key) == before
    others = {key_id_of(row.sealed_private_key) for row in key_pairs() if row.pk != spoilt.pk}
    assert others == ({"old"} if options else {"new"})


@pytest.mark.parametrize("rotated_before", [False, True])
def test_two_values_that_changed_places_are_both_told(
    account: Account, rotated_before: bool
) -> None:
    if rotated_before:
        run_command("rotate_keys")
    one, two, _ = key_pairs()
    alter(one, lambda _blob: bytes(two.sealed_private_key))
    alter(two, lambda _blob: bytes(one.sealed_private_key))

    outcome = run_command("rotate_keys")

    assert outcome.code == 1
    told = sorted(outcome.err.splitlines())
    places = sorted([place_of(one), place_of(two)])
    assert told == [f"The sealed value of {place} was changed or moved." for place in places]
    for row in (one, two):
        row.refresh_from_db()
        with pytest.raises(SealingError, match="changed or moved"):
            unseal_from(row, "sealed_private_key")


def test_an_old_key_that_is_not_there_is_told_value_by_value(
    account: Account, settings: Settings
) -> None:
    settings.SEALING_KEYS = NEW

    outcome = run_command("rotate_keys")

    assert outcome.code == 1
    assert outcome.rows == [["re-wrapped", "0"], ["new", "0", "first"], ["old", "4", "missing"]]
    assert outcome.err.count("The sealing key 'old' of ") == 4


def test_what_a_lost_key_sealed_stays_as_it_is(account: Account, settings: Settings) -> None:
    """Should the key turn up after all, everything opens again."""
    settings.SEALING_KEYS = f"{NEW},old:lost"
    make_key_pair(account.identity, KEYS)

    outcome = run_command("rotate_keys")

    assert outcome.code == 1
    assert outcome.rows[1:] == [["new", "1", "first"], ["old", "4", "lost"]]
    settings.SEALING_KEYS = f"{NEW},{OLD}"
    assert run_command("rotate_keys").code == 0


def test_without_a_ring_it_says_what_to_do(settings: Settings) -> None:
    settings.SEALING_KEYS = ""

    outcome = run_command("rotate_keys")

    assert outcome.code == 1
    assert outcome.err.startswith("There is no sealing key: set SEALING_KEYS")


def test_a_secret_that_is_stored_meanwhile_wins_and_is_rotated_too(account: Account) -> None:
    """A process that was not restarted yet seals with the old key, between read and write."""
    row = key_pairs()[1]
    busy: list[KeyPair] = []

    def store_anew(_column: SealedColumn) -> None:
        if not busy:
            busy.append(row)
            blob = Ring.parse(OLD).seal(b"newer", place=place_of(row))
            alter(row, lambda _blob: blob)

    rotation = rotate(ring(), on_value=store_anew)

    row.refresh_from_db()
    assert unseal_from(row, "sealed_private_key") == b"newer"
    assert key_id_of(row.sealed_private_key) == "new"
    assert dict(rotation.findings.counts) == {"new": 4}
    assert rotation.is_settled


def test_a_secret_that_is_added_behind_the_place_that_was_reached_is_rotated_too(
    account: Account,
) -> None:
    first = KeyPair(id=UUID(int=0), identity=account.identity, spki_fingerprint="f" * 64)
    first.sealed_private_key = Ring.parse(OLD).seal(b"first", place=place_of(first))

    def add(_column: SealedColumn) -> None:
        if first._state.adding:
            first.save()

    rotation = rotate(ring(), on_value=add)

    assert dict(rotation.findings.counts) == {"new": 5}


def test_a_process_that_keeps_sealing_with_the_old_ring_is_found_out(account: Account) -> None:
    row = key_pairs()[1]

    def store_again(_column: SealedColumn) -> None:
        alter(row, lambda _blob: Ring.parse(OLD).seal(b"again", place=place_of(row)))

    rotation = rotate(ring(), on_value=store_again)

    assert not rotation.is_settled
    assert rotation.findings.counts["old"] == 1
    assert rotation.findings.faults == []
