"""Every error has two sentences of its own."""

import re
from pathlib import Path

import pytest

from exchange import advice, errors, filenames, ftps, messages
from exchange.advice import ADVICE, UNKNOWN, advice_for

CODE = re.compile(
    r'"((?:account|address|cache|check|collection|delivery|name|payload|review|service|storage|subscription|transfer|upload)\.[a-z_]+)"'
)


def codes_in_the_services() -> set[str]:
    """Read the codes out of the sources: the services name them where they raise them."""
    folder = Path(errors.__file__).parent
    sources = [
        *folder.glob("services/**/*.py"),
        *folder.glob("views/*.py"),
        *folder.glob("forms/*.py"),
    ]
    return {code for path in sources for code in CODE.findall(path.read_text(encoding="utf-8"))}


ALL_CODES = (
    ftps.ERROR_CODES
    | filenames.ERROR_CODES
    | messages.ERROR_CODES
    | messages.PATTERN_ERROR_CODES
    | messages.SCHEMA_ERROR_CODES
    | {f"check.schema_{kind}" for kind in messages.ViolationKind}
    | codes_in_the_services()
)


@pytest.mark.parametrize("code", sorted(ALL_CODES))
def test_a_known_code_has_its_own_advice(code: str) -> None:
    assert advice_for(code) is not UNKNOWN


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_both_sentences_are_sentences(code: str) -> None:
    told = advice_for(code)

    for sentence in (str(told.what), str(told.next)):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


def test_an_unknown_code_has_a_general_advice() -> None:
    assert advice_for("no.such_code") is advice.UNKNOWN


def test_the_sources_are_read() -> None:
    assert {"name.held", "upload.empty", "address.limit"} <= codes_in_the_services()
