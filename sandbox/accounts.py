"""Accounts, their home folders, and what they may do in each folder.

Folders and rights are those of the table on MAGDA's page "FTPS Technical Information":
`to_vip`, `from_vip` and `cache/from_vip` are read-write, `cache/to_vip` and the public folder
are read-only.
"""

from __future__ import annotations

import os
import tempfile
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote


class Folder(StrEnum):
    """The folders of a home that bear the same name for everybody."""

    TO_VIP = "to_vip"
    FROM_VIP = "from_vip"
    CACHE = "cache"
    CACHE_TO_VIP = "cache/to_vip"
    CACHE_FROM_VIP = "cache/from_vip"


# The letters are pyftpdlib's: e enter, l list, r retrieve, a append, d delete, f rename,
# m make folder, w store, T set the time.
READ = frozenset("elr")
READ_WRITE = READ | frozenset("adfmwT")

_WRITABLE = (Folder.TO_VIP, Folder.FROM_VIP, Folder.CACHE_FROM_VIP)


class Homes:
    """The home folders below one directory of the disk.

    A home's directory is the account name in percent-encoding, because a CN holds slashes.
    """

    def __init__(self, root: Path, *, accounts: tuple[str, ...], public_folder: str) -> None:
        self.accounts = accounts
        self.public_folder = public_folder
        # On the same file system as the homes, so that a rename moves a file in at once.
        self._work = root / "work"
        self._root = root / "homes"

    def create(self) -> list[str]:
        """Make what is missing; return the accounts that had no home before."""
        self._work.mkdir(parents=True, exist_ok=True)
        new = [account for account in self.accounts if not self.home(account).exists()]
        for account in self.accounts:
            for folder in self.folders():
                (self.home(account) / folder).mkdir(parents=True, exist_ok=True)
        return new

    def folders(self) -> tuple[str, ...]:
        """Return the five folders that hold files, relative to a home."""
        return (
            Folder.TO_VIP,
            Folder.FROM_VIP,
            Folder.CACHE_TO_VIP,
            Folder.CACHE_FROM_VIP,
            self.public_folder,
        )

    def home(self, account: str) -> Path:
        """Return the home of `account` on the disk."""
        return self._root / quote(account, safe="")

    def work_folder(self, name: str) -> Path:
        """Return a folder of that name that no account can see, made when it is missing."""
        folder = self._work / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def spool(self) -> Path:
        """Return a new empty file outside all homes, to be renamed into one when it is whole."""
        descriptor, name = tempfile.mkstemp(dir=self.work_folder("spool"))
        os.close(descriptor)
        return Path(name)

    def place(self, account: str, folder: str, name: str, content: bytes) -> Path:
        """Lay a whole file into a folder of `account` at once, as MAGDA does."""
        spooled = self.spool()
        spooled.write_bytes(content)
        return spooled.replace(self.home(account) / folder / name)

    def rights(self, account: str, path: str) -> frozenset[str]:
        """Return the rights of `account` on the absolute path of something in its home."""
        inside = os.path.relpath(path, self.home(account))
        if any(inside.startswith(f"{folder}/") for folder in _WRITABLE):
            return READ_WRITE
        return READ


class Authorizer:
    """What pyftpdlib asks about accounts; a certificate has proved who it is by then."""

    def __init__(self, homes: Homes) -> None:
        self._homes = homes

    def has_user(self, username: str) -> bool:
        """Say whether MAGDA knows the account."""
        return username in self._homes.accounts

    def get_home_dir(self, username: str) -> str:
        """Return the folder that the session will see as its root."""
        return str(self._homes.home(username))

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:
        """Say whether one of pyftpdlib's permission letters holds for an absolute path."""
        return path is not None and perm in self._homes.rights(username, path)

    def get_perms(self, _username: str) -> str:
        """Return the letters for MLSD's perm fact, which pyftpdlib cannot tell per folder."""
        return "".join(sorted(READ_WRITE))

    def get_msg_login(self, _username: str) -> str:
        """Return the text behind a successful login."""
        return "Login successful."

    def get_msg_quit(self, _username: str) -> str:
        """Return the text behind QUIT."""
        return "Goodbye."

    def impersonate_user(self, _username: str, _password: str) -> None:
        """Do nothing: all homes belong to the process."""

    def terminate_impersonation(self, _username: str) -> None:
        """Do nothing: all homes belong to the process."""
