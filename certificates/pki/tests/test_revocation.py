"""The four states, on lists that openssl's own authority makes."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509

from certificates.pki import (
    IssuerLists,
    RevocationStatus,
    Verdict,
    load_revocation_list,
    revocation_of,
    write_private_key,
)
from certificates.tests.builders import NOON, Issued, make_authority, make_client
from certificates.tests.lists import DAY, make_list, naming

ROOT = make_authority()
ISSUING = make_authority("Practice Issuing CA", issuer=ROOT)
CLIENT = make_client(issuer=ISSUING)
CONFIGURATION = """\
[ca]
default_ca = practice
[practice]
database = {folder}/index.txt
crlnumber = {folder}/number
default_md = sha256
crl_extensions = extensions
[extensions]
authorityKeyIdentifier = keyid:always
"""


@dataclass(frozen=True)
class Authority:
    """An authority that openssl keeps: revoke a certificate, and issue the list."""

    folder: Path
    issued: Issued

    def openssl(self, *arguments: object) -> None:
        command = ["openssl", "ca", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.pem"]
        subprocess.run(
            [*command, *map(str, arguments)], check=True, capture_output=True, cwd=self.folder
        )

    def revoke(self, certificate: x509.Certificate, *reason: str) -> None:
        path = self.folder / "revoked.pem"
        path.write_bytes(Issued(self.issued.key, certificate).pem)
        self.openssl("-revoke", path, *reason)

    def list(
        self, *, at: datetime = NOON, until: datetime = NOON + 7 * DAY
    ) -> list[x509.CertificateRevocationList]:
        path = self.folder / "list.pem"
        self.openssl(
            "-gencrl", "-crl_lastupdate", _time(at), "-crl_nextupdate", _time(until), "-out", path
        )
        return [load_revocation_list(path.read_bytes())]


def _time(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "ca.cnf").write_text(CONFIGURATION.format(folder=tmp_path))
    (tmp_path / "index.txt").touch()
    (tmp_path / "number").write_text("01\n")
    (tmp_path / "ca.key").write_bytes(write_private_key(ISSUING.key))
    (tmp_path / "ca.pem").write_bytes(ISSUING.pem)
    return Authority(tmp_path, ISSUING)


def verdict(
    lists: list[x509.CertificateRevocationList],
    certificate: x509.Certificate = CLIENT.certificate,
    *,
    at: datetime = NOON,
) -> Verdict:
    return revocation_of(certificate, issuer=ISSUING.certificate, lists=lists, at=at)


def test_a_certificate_that_a_fresh_list_does_not_name_is_good(authority: Authority) -> None:
    assert verdict(authority.list()) == Verdict(RevocationStatus.GOOD)


def test_a_certificate_that_a_fresh_list_names_is_revoked_on_its_date(
    authority: Authority,
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)  # noqa: TID251  # openssl takes the real one
    authority.revoke(CLIENT.certificate)

    found = verdict(authority.list())

    assert found.status is RevocationStatus.REVOKED
    assert found.revoked_at is not None
    assert found.revoked_at > before


def test_a_certificate_on_hold_is_revoked(authority: Authority) -> None:
    authority.revoke(CLIENT.certificate, "-crl_hold", "holdInstructionReject")

    assert verdict(authority.list()).status is RevocationStatus.REVOKED


def test_without_a_list_it_is_not_checked() -> None:
    assert verdict([]) == Verdict(RevocationStatus.UNCHECKED)


def test_a_list_of_another_authority_leaves_it_not_checked() -> None:
    assert verdict([make_list(ROOT, CLIENT.certificate)]).status is RevocationStatus.UNCHECKED


@pytest.mark.parametrize("is_named", [True, False])
def test_a_list_that_is_too_old_says_so_and_never_revoked(
    authority: Authority, *, is_named: bool
) -> None:
    if is_named:
        authority.revoke(CLIENT.certificate)

    found = verdict(authority.list(until=NOON + DAY), at=NOON + 2 * DAY)

    assert found == Verdict(RevocationStatus.STALE)


def test_a_certificate_that_was_removed_from_the_list_is_good() -> None:
    removed = make_list(ISSUING, CLIENT.certificate, reason=x509.ReasonFlags.remove_from_crl)

    assert verdict([removed]).status is RevocationStatus.GOOD


def test_of_two_lists_the_newest_counts() -> None:
    held = make_list(ISSUING, CLIENT.certificate, reason=x509.ReasonFlags.certificate_hold)
    lifted = make_list(ISSUING, at=NOON + DAY, number=2)

    assert verdict([lifted, held], at=NOON + DAY).status is RevocationStatus.GOOD
    assert verdict([held, lifted], at=NOON + DAY).status is RevocationStatus.GOOD


def test_an_older_list_does_not_speak_up_for_the_newest_that_is_too_old() -> None:
    """Whoever keeps the newest from coming could take a revocation back with the one before."""
    newest = make_list(ISSUING, CLIENT.certificate, lasts=DAY, number=5)
    older = make_list(ISSUING, at=NOON - DAY, lasts=30 * DAY, number=4)

    assert verdict([newest, older], at=NOON + 3 * DAY).status is RevocationStatus.STALE


def test_an_older_list_of_wider_scope_does_not_speak_up_either() -> None:
    limits = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    newest = make_list(ISSUING, CLIENT.certificate, lasts=DAY, further=[(limits, True)])
    older = make_list(ISSUING, at=NOON - DAY, lasts=30 * DAY)

    assert verdict([newest, older]).status is RevocationStatus.REVOKED
    assert verdict([newest, older], at=NOON + 3 * DAY).status is RevocationStatus.STALE


def test_the_verdict_says_of_when_its_list_is() -> None:
    assert verdict([make_list(ISSUING)]).issued_at == NOON
    assert verdict([make_list(ISSUING, CLIENT.certificate)]).issued_at == NOON
    assert verdict([]).issued_at is None


@pytest.mark.parametrize("days", [0, 30])
def test_a_revocation_is_found_however_old_its_list_is(days: int) -> None:
    at = NOON + days * DAY
    named = make_list(ISSUING, CLIENT.certificate)
    lists = IssuerLists(ISSUING.certificate, [named], at=at)

    found = lists.revocation_when_last_fresh(CLIENT.certificate)

    assert found == Verdict(RevocationStatus.REVOKED, NOON - DAY)
    other = make_client(issuer=ISSUING).certificate
    assert lists.revocation_when_last_fresh(other) is None


def test_a_revocation_that_a_newer_list_took_back_is_none() -> None:
    held = make_list(ISSUING, CLIENT.certificate, reason=x509.ReasonFlags.certificate_hold)
    removed = make_list(
        ISSUING,
        CLIENT.certificate,
        at=NOON + DAY,
        number=2,
        reason=x509.ReasonFlags.remove_from_crl,
    )

    for newer in (removed, make_list(ISSUING, at=NOON + DAY, number=2)):
        lists = IssuerLists(ISSUING.certificate, [held, newer], at=NOON + DAY)

        assert lists.revocation_when_last_fresh(CLIENT.certificate) is None


def test_a_list_that_names_a_certificate_of_another_part_does_not_revoke_it() -> None:
    limits = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    authorities_only = make_list(ISSUING, CLIENT.certificate, further=[(limits, True)])
    lists = IssuerLists(ISSUING.certificate, [authorities_only], at=NOON)

    assert lists.revocation_when_last_fresh(CLIENT.certificate) is None


def test_a_namesakes_list_hides_nothing() -> None:
    """Anybody may make an authority of that name, and a list that claims the other one's key."""
    namesake = make_authority("Practice Issuing CA", issuer=ROOT)
    newer = make_list(Issued(namesake.key, ISSUING.certificate), at=NOON + DAY, number=9)
    real = make_list(ISSUING, CLIENT.certificate)

    assert verdict([newer, real], at=NOON + DAY).status is RevocationStatus.REVOKED


def test_a_list_for_authorities_only_does_not_speak_of_a_client() -> None:
    limits = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    only_authorities = make_list(ISSUING, CLIENT.certificate, further=[(limits, True)])

    assert verdict([only_authorities]).status is RevocationStatus.UNCHECKED


def test_a_part_of_a_split_list_speaks_of_its_own_certificates_only() -> None:
    here, there = "http://crl.example/1.crl", "http://crl.example/2.crl"
    limits = x509.IssuingDistributionPoint(
        [x509.UniformResourceIdentifier(here)],
        None,
        False,
        False,
        None,
        False,
        False,
    )
    part = make_list(ISSUING, further=[(limits, True)])
    certificates = [naming(CLIENT, ISSUING, address).certificate for address in (here, there)]

    states = [verdict([part], certificate).status for certificate in certificates]

    assert states == [RevocationStatus.GOOD, RevocationStatus.UNCHECKED]


def test_a_list_dated_ahead_within_the_skew_counts_already() -> None:
    ahead = make_list(ISSUING, CLIENT.certificate, at=NOON + timedelta(minutes=4))

    assert verdict([ahead]).status is RevocationStatus.REVOKED


def test_the_time_may_be_given_in_any_zone() -> None:
    fresh_until_noon = make_list(ISSUING, at=NOON - DAY, lasts=DAY)
    zone = timezone(timedelta(hours=-11))
    just_before = (NOON - timedelta(minutes=1)).astimezone(zone)
    just_after = (NOON + timedelta(minutes=1)).astimezone(zone)

    assert verdict([fresh_until_noon], at=just_before).status is RevocationStatus.GOOD
    assert verdict([fresh_until_noon], at=just_after).status is RevocationStatus.STALE


def test_an_expired_certificate_has_its_state_all_the_same() -> None:
    expired = make_client(issuer=ISSUING, not_after=NOON - DAY).certificate

    assert verdict([make_list(ISSUING)], expired).status is RevocationStatus.GOOD
    assert verdict([make_list(ISSUING, expired)], expired).status is RevocationStatus.REVOKED


def test_a_certificate_of_somebody_else_is_not_checked() -> None:
    stranger = make_client().certificate

    assert verdict([make_list(ISSUING)], stranger).status is RevocationStatus.UNCHECKED
