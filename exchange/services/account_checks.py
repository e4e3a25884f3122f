"""What the settings of an account must look like; each refusal has its own AccountError code."""

import unicodedata
from collections.abc import Iterator

from exchange.errors import AccountError
from exchange.ftps import Endpoint
from exchange.models import Account

SHORTEST_INTERVAL_SECONDS = 5
LONGEST_INTERVAL_SECONDS = 24 * 3600
LONGEST_CACHE_DAYS = 3650
# What the columns take: an account's own, and those of the ledger and of transfers.
LONGEST_FOLDER = 100
LONGEST_COLLECT_FOLDER = 200
# Control and format characters, line and paragraph separators, surrogates: none of them belongs
# in a name that goes into a command of the control connection and onto a page.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


def check_account(account: Account) -> None:
    """Raise AccountError for the first setting that can't work."""
    _check_server(account)
    _check_proxy(account)
    _check_folders(account)
    if not 1 <= account.passive_first <= account.passive_last <= 65535:
        raise AccountError("account.passive_ports")
    if not SHORTEST_INTERVAL_SECONDS <= account.collect_every <= LONGEST_INTERVAL_SECONDS:
        raise AccountError("account.collect_every")
    if (account.clear_cache_after or 0) > LONGEST_CACHE_DAYS:
        raise AccountError("account.clear_cache_after")


def check_folder(name: str, *, longest: int = LONGEST_FOLDER) -> None:
    """Raise AccountError ``account.folder_name`` unless ``name`` is a folder of the home folder.

    It has at most ``longest`` characters; subfolders are written with slashes. Nothing may climb
    out of the home folder, start at the server's root, look like an option of LIST, or end a
    command early.
    """
    is_wrong = (
        _has_unseen(name)
        or len(name) > longest
        or name != name.strip()
        or name.startswith("-")
        or any(part in {"", ".", ".."} for part in name.split("/"))
    )
    if is_wrong:
        raise AccountError("account.folder_name", f"Not a folder name: {name!r}")


def _check_server(account: Account) -> None:
    if not 1 <= account.port <= 65535:
        raise AccountError("account.port", f"Not a port: {account.port}")
    try:
        Endpoint(account.host, account.port)
    except ValueError as exc:
        raise AccountError("account.host", str(exc)) from exc


def _check_proxy(account: Account) -> None:
    if not account.proxy_host:
        return
    if _has_unseen(account.proxy_username):
        raise AccountError("account.proxy_url")
    try:
        Endpoint(account.proxy_host, account.proxy_port)
    except ValueError as exc:
        raise AccountError("account.proxy_url") from exc


def _check_folders(account: Account) -> None:
    for name in _folders(account):
        check_folder(name)
    if not account.collect_folders:
        raise AccountError("account.folder_name", "There is no folder to collect.")
    for name in account.collect_folders:
        check_folder(name, longest=LONGEST_COLLECT_FOLDER)
    if len(set(account.collect_folders)) < len(account.collect_folders):
        raise AccountError("account.folder_name", "A folder to collect is named twice.")
    _check_overlap(account)


def _check_overlap(account: Account) -> None:
    """Keep the folders apart: what is collected from one must not be what was laid into another."""
    fixed = list(_folders(account))
    if len(set(fixed)) < len(fixed):
        raise AccountError("account.folder_overlap", "Two folders have the same name.")
    not_collected = [folder for folder in fixed if folder != account.folder_from_vip]
    for name in account.collect_folders:
        if any(name == folder or name.startswith(f"{folder}/") for folder in not_collected):
            raise AccountError("account.folder_overlap", f"{name!r} is no folder to collect.")


def _folders(account: Account) -> Iterator[str]:
    yield account.folder_to_vip
    yield account.folder_from_vip
    yield account.folder_cache_to_vip
    yield account.folder_cache_from_vip
    yield account.folder_public
    if account.staging_folder:
        yield account.staging_folder


def _has_unseen(text: str) -> bool:
    return any(unicodedata.category(character) in _UNSEEN for character in text)
