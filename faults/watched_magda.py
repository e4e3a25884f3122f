"""A misbehaving practice MAGDA that a witness watches."""

import math
import os
from pathlib import Path

from exchange.tests.servers.faults import Moment, Watch
from exchange.tests.servers.faulty_magda import FaultyMAGDA
from faults.witness import Witness
from sandbox.accounts import Homes
from sandbox.authority import Authority
from sandbox.processor import Processor
from sandbox.settings import SandboxSettings

# Nothing is picked up or answered but by `process_now()`.
UNHURRIED = SandboxSettings(
    accounts=(), pick_up_after=math.inf, answer_after=math.inf, with_publications=False
)


class WatchedMAGDA(FaultyMAGDA):
    """A :class:`FaultyMAGDA` with a witness, to which accounts can be added while it runs."""

    def __init__(
        self, root: Path, authority: Authority, settings: SandboxSettings = UNHURRIED
    ) -> None:
        self.authority = authority
        self.witness = Witness()
        self._root = root
        super().__init__(root, authority, settings)
        self.behave()

    def add_account(self, name: str) -> None:
        """Make a home for an account of that name and let it in."""
        self._know((*self._homes.accounts, name))

    def remove_account(self, name: str) -> None:
        """Let an account in no more; looking after many homes would slow the server down."""
        self._know(tuple(account for account in self._homes.accounts if account != name))

    def behave(self) -> None:
        """Forget everything that was to go wrong; the witness keeps watching."""
        self.faults.clear()
        self.data_faults.clear()
        self.midways.clear()
        self.watches[:] = [Watch("", arrived=self._tell_before, obeyed=self._tell_after)]
        self.plan.forgets_after = math.inf

    def _know(self, accounts: tuple[str, ...]) -> None:
        homes = Homes(self._root, accounts=accounts, public_folder=self.settings.public_folder)
        homes.create()
        # A processor knows the accounts of its beginning; nothing waits in the one before.
        self._processor = Processor(homes, self.settings, clock=self._clock)
        self._homes.accounts = accounts

    def _tell_before(self, moment: Moment) -> None:
        if moment.path is None or not moment.account:
            return
        home, path = self._inside(moment.account, moment.path)
        match moment.verb:
            case "STOR" | "APPE":
                self.witness.before_storing(moment.account, path)
            case "DELE":
                self.witness.before_deleting(moment.account, home, path)
            case "RNTO" if moment.source is not None:
                _, source = self._inside(moment.account, moment.source)
                self.witness.before_moving(moment.account, home, source, path)

    def _tell_after(self, moment: Moment) -> None:
        if moment.verb == "RNTO" and moment.reply == 250 and moment.path is not None:
            home, path = self._inside(moment.account, moment.path)
            self.witness.after_moving(moment.account, home, path)

    def _inside(self, account: str, path: Path) -> tuple[Path, str]:
        """Return the account's home, and the path relative to it."""
        home = self.home(account).resolve()
        return home, os.path.relpath(path.resolve(), home)
