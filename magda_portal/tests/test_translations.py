"""Every text is there in Dutch, what is compiled is what was written, and no text escapes."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

ROOT = Path(settings.BASE_DIR)
DUTCH = ROOT / "locale" / "nl" / "LC_MESSAGES" / "django.po"
TEMPLATES = ROOT / "templates"
SOURCES = ("magda_portal", "exchange", "certificates", "templates", "manage.py")
# Whole pages, written once in each language.
HELP = TEMPLATES / "help"
# Shown when nothing can be asked for, the reader's language included: they say all of it twice.
IN_BOTH_LANGUAGES = {
    TEMPLATES / name for name in ("500.html", "503.html", "507.html", "_plain.html")
}
TRANSLATED = [
    path
    for path in sorted(TEMPLATES.rglob("*.*"))
    if path not in IN_BOTH_LANGUAGES and not path.is_relative_to(HELP)
]

# Names and abbreviations that are the same in both languages.
NAMES = re.compile(
    r"\b(MAGDA|PRD|TNI|SHA-256|CSR|PEM|DER|PKCS|WinSCP|lftp|curl|openssl|CSV|XML|ZIP|JSON|FTPS|TLS"
    r"|CN|INSZ|KBO|TAN|VO-DCB|CONNECT|n/a|x509|MB|GB|kB|ms|nbsp|rarr|mdash|ndash|middot|times)\b"
)
READ_ALOUD = re.compile(r'\s(?:aria-label|title|placeholder|alt)="([^"]*)"')
TAG = re.compile(r"<[^<>]*>")
WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> polib.POFile:
    """All texts of the code and the templates, as gettext finds them now."""
    copy = tmp_path_factory.mktemp("texts")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    (copy / "locale").mkdir()
    command = ["-m", "django", "makemessages", "--locale", "nl", "--no-wrap", "--no-location"]
    subprocess.run([sys.executable, *command], cwd=copy, check=True, capture_output=True)
    return polib.pofile(str(copy / "locale" / "nl" / "LC_MESSAGES" / "django.po"))


def texts(catalogue: polib.POFile) -> set[tuple[str | None, str]]:
    return {(entry.msgctxt, entry.msgid) for entry in catalogue if not entry.obsolete}


def test_the_catalogue_holds_every_text_and_no_other(extracted: polib.POFile) -> None:
    """``make messages`` brings it up to date."""
    written, found = texts(polib.pofile(str(DUTCH))), texts(extracted)

    assert found - written == set()
    assert written - found == set()


def renamed(source: Path) -> Iterator[str]:
    """Yield the names, unknown to xgettext, under which a module has gettext's functions."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for name in node.names:
                if "gettext" in name.name and name.asname not in {None, "_"}:
                    yield f"{source.relative_to(ROOT)}: {name.asname}"


def test_every_text_is_marked_by_a_name_that_gettext_knows() -> None:
    modules = [path for name in SOURCES for path in sorted((ROOT / name).rglob("*.py"))]

    assert [name for path in modules for name in renamed(path)] == []


def test_every_text_has_its_dutch() -> None:
    catalogue = polib.pofile(str(DUTCH))

    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_what_is_compiled_is_what_was_written(tmp_path: Path) -> None:
    fresh = tmp_path / "django.mo"
    polib.pofile(str(DUTCH)).save_as_mofile(str(fresh))

    assert DUTCH.with_suffix(".mo").read_bytes() == fresh.read_bytes()


def test_placeholders_are_the_same_in_both_languages() -> None:
    placeholder = re.compile(r"%\(\w+\)[sd]|{\w*}")

    for entry in polib.pofile(str(DUTCH)):
        for dutch in entry.msgstr_plural.values() or [entry.msgstr]:
            known = set(placeholder.findall(entry.msgid + entry.msgid_plural))
            assert set(placeholder.findall(dutch)) <= known, entry.msgid


def literals(template: Path) -> Iterator[str]:
    """Give the words of a template that stand outside translation."""
    is_translated = False
    pieces = []
    for token in Lexer(template.read_text(encoding="utf-8")).tokenize():
        if token.token_type is TokenType.BLOCK:
            name = token.split_contents()[0]
            if name in ("blocktranslate", "comment"):
                is_translated = True
            elif name in ("endblocktranslate", "endcomment"):
                is_translated = False
        # A value inside a tag's attribute keeps its place, or the tag would fall apart.
        pieces.append(
            token.contents if token.token_type is TokenType.TEXT and not is_translated else "·"
        )
    page = re.sub(r"<code\b.*?</code>", "", "".join(pieces), flags=re.DOTALL)
    yield from READ_ALOUD.findall(page)
    yield TAG.sub(" ", page)


@pytest.mark.parametrize("template", TRANSLATED, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_word_of_a_template_stands_outside_translation(template: Path) -> None:
    left = [WORD.findall(NAMES.sub("", text)) for text in literals(template)]

    assert [words for words in left if words] == []
