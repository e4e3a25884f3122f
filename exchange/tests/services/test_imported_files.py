"""Certificates in every kind of file, made by openssl, imported, and shown to a server."""

import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone

from certificates.models import Environment
from certificates.pki import KeyKind, SubjectName
from certificates.queries import trust_pem
from certificates.services.exports import FileForm, export_pkcs12
from certificates.services.imports import import_upload
from certificates.services.requests import request_with_new_key, take_request
from certificates.services.trust import add_trust_anchors
from exchange.models import Account
from exchange.queries import recipes
from exchange.services.accounts import change_account, open_account
from exchange.services.connections import connect
from exchange.services.renewal import test_login as log_in
from exchange.tests.servers.proftpd import ProFTPD
from exchange.tests.wiring import ACTOR
from sandbox.authority import ISSUING_FILE, ISSUING_KEY_FILE, Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

pytestmark = pytest.mark.django_db
SECRET = "een wachtwoord"


@dataclass(frozen=True)
class Files:
    """What openssl made: a certificate file, and its key file where there is one."""

    certificate: bytes
    key: bytes | None = None
    passphrase: str = ""


class Workshop:
    """A folder with an issued certificate and its key, in which openssl converts them."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        issued = authority.issue_client(DEMO_ACCOUNT)
        self.folder = folder
        self.write("cert.pem", issued.certificate_pem)
        self.write("key.pem", issued.private_key_pem)
        self.write("chain.pem", issued.chain_pem + authority.root_pem)
        self.write("all.pem", issued.chain_pem + issued.certificate_pem)

    def write(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def openssl(self, arguments: str) -> bytes:
        """Run openssl and return what it writes to its standard output."""
        command = ["openssl", *shlex.split(arguments)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, timeout=30, check=True)
        return done.stdout

    @property
    def key(self) -> bytes:
        return (self.folder / "key.pem").read_bytes()

    def certificate(self, arguments: str) -> Files:
        return Files(self.openssl(arguments), self.key)

    def encrypted_key(self, arguments: str) -> Files:
        key = self.openssl(f"{arguments} -passout 'pass:{SECRET}'")
        return Files((self.folder / "cert.pem").read_bytes(), key, SECRET)

    def pkcs12(self, options: str) -> Files:
        basis = "pkcs12 -export -in cert.pem -inkey key.pem -certfile chain.pem"
        return Files(self.openssl(f"{basis} -passout 'pass:{SECRET}' {options}"), None, SECRET)

    def with_comments(self) -> Files:
        """A chain file with comments, in the wrong order, and with the key in the middle."""
        texts = [self.openssl(f"x509 -text -in {name}") for name in ("chain.pem", "cert.pem")]
        return Files(b"subject=/CN=x\n" + texts[0] + b"# ours\n" + self.key + texts[1])


KINDS: dict[str, Callable[[Workshop], Files]] = {
    "PEM": lambda shop: shop.certificate("x509 -in cert.pem"),
    "DER": lambda shop: shop.certificate("x509 -in cert.pem -outform der"),
    "PKCS#7 PEM": lambda shop: shop.certificate("crl2pkcs7 -nocrl -certfile all.pem"),
    "PKCS#7 DER": lambda shop: shop.certificate("crl2pkcs7 -nocrl -certfile all.pem -outform der"),
    "with comments": lambda shop: shop.with_comments(),
    "key in SEC 1": lambda shop: shop.encrypted_key("ec -in key.pem -aes256"),
    "key in PKCS#8": lambda shop: shop.encrypted_key("pkcs8 -topk8 -in key.pem -v2 aes-256-cbc"),
    "key in PKCS#8 DER": lambda shop: shop.encrypted_key("pkcs8 -topk8 -in key.pem -outform der"),
    "PKCS#12 AES": lambda shop: shop.pkcs12(""),
    "PKCS#12 RC2-40": lambda shop: shop.pkcs12("-legacy"),
    "PKCS#12 RC2-128": lambda shop: shop.pkcs12(
        "-legacy -keypbe PBE-SHA1-RC2-128 -certpbe PBE-SHA1-RC2-128"
    ),
    "PKCS#12 RC4": lambda shop: shop.pkcs12(
        "-legacy -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-128"
    ),
    "PKCS#12 3DES": lambda shop: shop.pkcs12("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES"),
}


def bare_account(port: int, authority: Authority) -> Account:
    """Open an account that trusts the server and has no certificate."""
    account, _ = open_account(
        DEMO_ACCOUNT, organisation="Gemeente", environment=Environment.SANDBOX, actor=ACTOR
    )
    change_account(account, changes={"port": port}, actor=ACTOR)
    add_trust_anchors(
        authority.root_pem,
        environment=Environment.SANDBOX,
        organisation=account.organisation,
        actor=ACTOR,
    )
    return account


def import_files(account: Account, files: Files) -> None:
    import_upload(
        account.identity,
        files.certificate,
        key=files.key,
        passphrase=files.passphrase,
        actor=ACTOR,
        at=timezone.now(),
    )


@pytest.fixture
def shop(tmp_path: Path, authority: Authority) -> Workshop:
    return Workshop(tmp_path, authority)


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_in_any_kind_of_file_logs_in(
    shop: Workshop, magda: PracticeMAGDA, authority: Authority, kind: str
) -> None:
    account = bare_account(magda.port, authority)

    import_files(account, KINDS[kind](shop))

    with connect(account, now=timezone.now()).client as client:
        assert client.probe().connection.tls_version


@pytest.fixture
def proftpd(tmp_path: Path, authority: Authority) -> Iterator[ProFTPD]:
    with ProFTPD(tmp_path / "proftpd", authority, accounts=[DEMO_ACCOUNT]) as running:
        yield running


@pytest.mark.proftpd
@pytest.mark.parametrize("kind", ["PKCS#12 RC2-40", "with comments"])
def test_it_logs_in_at_a_server_that_nobody_here_wrote(
    shop: Workshop, proftpd: ProFTPD, authority: Authority, kind: str
) -> None:
    account = bare_account(proftpd.port, authority)

    import_files(account, KINDS[kind](shop))

    with connect(account, now=timezone.now()).client as client:
        assert client.probe().connection.tls_version


@pytest.mark.parametrize("form", list(FileForm))
def test_a_request_of_ours_becomes_a_certificate_that_logs_in(
    tmp_path: Path, magda: PracticeMAGDA, authority: Authority, form: FileForm
) -> None:
    """As at VO-DCB: the request leaves, the certificate comes back, the key never moves."""
    account = bare_account(magda.port, authority)
    made = request_with_new_key(
        account.identity, KeyKind.EC_P384, subject=SubjectName("x", country="BE"), actor=ACTOR
    )
    authority.save(tmp_path)
    (tmp_path / "request").write_bytes(take_request(made, form, actor=ACTOR))
    (tmp_path / "usage").write_text("extendedKeyUsage=clientAuth\n")
    command = f"openssl x509 -req -inform {form} -in request -days 30 -extfile usage"
    issuer = f"-CA {ISSUING_FILE} -CAkey {ISSUING_KEY_FILE} -CAcreateserial -out certificate.pem"
    subprocess.run(
        shlex.split(f"{command} {issuer}"), cwd=tmp_path, check=True, capture_output=True
    )
    issued = (tmp_path / "certificate.pem").read_bytes() + (tmp_path / ISSUING_FILE).read_bytes()

    import_files(account, Files(issued))

    certificate = account.identity.current
    assert certificate is not None
    assert log_in(account, certificate, actor=ACTOR, now=timezone.now()).works


def test_what_we_export_carries_a_file_with_curl(
    shop: Workshop, magda: PracticeMAGDA, authority: Authority, tmp_path: Path
) -> None:
    account = bare_account(magda.port, authority)
    import_files(account, KINDS["PKCS#12 RC2-40"](shop))
    certificate = account.identity.current
    assert certificate is not None
    passphrase = "k7mp-2xqr-9vbn-4wty-h3sd-zf8c"
    shop.write(recipes.PKCS12, export_pkcs12(certificate, passphrase=passphrase, actor=ACTOR))
    shop.write(recipes.TRUST, trust_pem(account.identity))
    config = recipes.curl_file(account).replace(recipes.PASSPHRASE, passphrase)
    upload = config.replace("list-only\n", "").replace("from_vip/", "to_vip/a.tmp")
    shop.write("magda.curl", f'{upload}upload-file = "cert.pem"\n'.encode())

    command = ["curl", "--silent", "--show-error", "--max-time", "20", "--config", "magda.curl"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
    arrived = magda.home(DEMO_ACCOUNT) / "to_vip" / "a.tmp"
    assert arrived.read_bytes() == (tmp_path / "cert.pem").read_bytes()
