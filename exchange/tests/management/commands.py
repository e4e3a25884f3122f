"""Run a command as ``manage.py`` does, in this process."""

from dataclasses import dataclass
from io import StringIO

from django.core.management import load_command_class
from django.core.management.base import CommandError, OutputWrapper


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        """The lines of the output, in columns."""
        return [line.split("\t") for line in self.out.splitlines()]


def run_command(name: str, *arguments: object) -> Outcome:
    """Parse the arguments and run the command; usage errors end with 2 as on the command line."""
    out, err = StringIO(), StringIO()
    command = load_command_class("exchange", name)
    command._called_from_command_line = True  # type: ignore[attr-defined]  # no stub has it
    command.stdout, command.stderr = OutputWrapper(out), OutputWrapper(err)
    code = 0
    try:
        parser = command.create_parser("manage.py", name)
        options = vars(parser.parse_args([str(argument) for argument in arguments]))
        command.execute(**{**options, "skip_checks": True})
    except CommandError as exc:
        err.write(str(exc))
        code = exc.returncode
    except SystemExit as exc:
        code = int(exc.code or 0)
    return Outcome(code, out.getvalue(), err.getvalue())
