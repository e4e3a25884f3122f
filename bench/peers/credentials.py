"""What a peer needs to log in: files, as scripts use them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sandbox.authority import Issued


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account's name, the server's address, and where certificate, key and anchor stand."""

    name: str
    host: str
    port: int
    certificate: Path
    key: Path
    trust: Path

    @classmethod
    def write(
        cls, folder: Path, issued: Issued, *, trust: bytes, name: str, address: tuple[str, int]
    ) -> Self:
        paths = [folder / name for name in ("client.crt", "client.key", "trust.crt")]
        contents = (issued.certificate_pem + issued.chain_pem, issued.private_key_pem, trust)
        for path, content in zip(paths, contents, strict=True):
            path.touch(mode=0o600)
            path.write_bytes(content)
        return cls(name, *address, *paths)
