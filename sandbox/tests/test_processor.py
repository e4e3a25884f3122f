from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from sandbox.accounts import Folder, Homes
from sandbox.processor import Processor
from sandbox.server import DEMO_ACCOUNT, SandboxSettings
from sandbox.tests.samples import INVALID_INSZ, VALID_INSZ, envelope, request_xml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RECEIVER = "Repliek/Context/Bericht/Ontvanger"


class Desk:
    """One account's folders with a processor that stands still until it is told to go on."""

    def __init__(self, root: Path, settings: SandboxSettings) -> None:
        self.homes = Homes(root, accounts=(DEMO_ACCOUNT,), public_folder="public")
        self.homes.create()
        self.processor = Processor(self.homes, settings, clock=lambda: NOON)

    def lay(self, name: str, content: bytes) -> None:
        self.homes.place(DEMO_ACCOUNT, Folder.TO_VIP, name, content)

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.homes.home(DEMO_ACCOUNT) / folder).iterdir())

    def answer(self) -> ET.Element:
        (path,) = (self.homes.home(DEMO_ACCOUNT) / Folder.FROM_VIP).iterdir()
        return ET.fromstring(path.read_bytes())

    def answer_to(self, content: bytes) -> ET.Element:
        self.lay("request.xml", content)
        self.processor.process_now()
        return self.answer()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, SandboxSettings(pick_up_after=0, answer_after=0))


def _diagnoses(elements: Sequence[ET.Element]) -> list[str]:
    return [element.findtext("Uitzonderingen/Uitzondering/Diagnose", "") for element in elements]


def test_a_request_goes_to_the_cache_and_an_answer_comes(desk: Desk) -> None:
    desk.lay("request.xml", request_xml())

    desk.processor.process_now()

    assert desk.names(Folder.TO_VIP) == []
    assert desk.names(Folder.CACHE_TO_VIP) == ["request.xml"]
    assert desk.names(Folder.FROM_VIP) == ["request_antwoord_20260301120000000.xml"]


@pytest.mark.parametrize("wrap", [bytes, envelope], ids=["bare", "SOAP"])
def test_the_answer_repeats_the_references(desk: Desk, wrap: type[bytes]) -> None:
    answer = desk.answer_to(wrap(request_xml(reference="r-1", insz=[VALID_INSZ, VALID_INSZ])))

    assert answer.tag.endswith("}GeefPersoonResponse")
    assert answer.findtext(f"{RECEIVER}/Referte") == "r-1"
    assert answer.findtext(f"{RECEIVER}/Hoedanigheid") == "1300"
    assert [e.text for e in answer.findall("Repliek/Antwoorden/Antwoord/Referte")] == [
        "question-1",
        "question-2",
    ]
    assert answer.findtext("Repliek/Antwoorden/Antwoord/Inhoud/Persoon/INSZ") == VALID_INSZ


def test_a_bad_question_does_not_spoil_the_good_ones(desk: Desk) -> None:
    answer = desk.answer_to(request_xml(insz=[VALID_INSZ, INVALID_INSZ, ""]))

    assert _diagnoses(answer.findall("Repliek/Antwoorden/Antwoord")) == [
        "",
        "INSZ is not valid",
        "Inhoud is empty",
    ]


def test_a_part_of_a_file_is_answered_with_not_well_formed(desk: Desk) -> None:
    answer = desk.answer_to(request_xml(reference="r-1", insz=[VALID_INSZ] * 9)[:-40])

    (diagnosis,) = _diagnoses(answer.findall("Repliek"))
    assert diagnosis.startswith("XML not well-formed")
    assert answer.find("Repliek/Antwoorden") is None
    assert answer.findtext(f"{RECEIVER}/Referte") == "r-1"


def test_an_empty_file_is_answered_with_not_well_formed(desk: Desk) -> None:
    (diagnosis,) = _diagnoses(desk.answer_to(b"").findall("Repliek"))

    assert diagnosis.startswith("XML not well-formed")


def test_a_doctype_is_answered_with_a_refusal(desk: Desk) -> None:
    answer = desk.answer_to(b"<!DOCTYPE a>" + request_xml())

    assert _diagnoses(answer.findall("Repliek")) == ["DOCTYPE is not allowed"]


def test_what_a_request_says_cannot_break_out_of_the_answer(desk: Desk) -> None:
    answer = desk.answer_to(request_xml(reference="&lt;/Referte&gt;&amp;"))

    assert answer.findtext(f"{RECEIVER}/Referte") == "</Referte>&"


def test_an_answer_to_csv_stands_alone(desk: Desk) -> None:
    desk.lay("list.csv", b'"a";"b"\n"c";"d"\n')

    desk.processor.process_now()

    (path,) = (desk.homes.home(DEMO_ACCOUNT) / Folder.FROM_VIP).iterdir()
    assert path.name == "list_antwoord_20260301120000000.csv"
    assert path.read_text() == '"VERWERKT";"2"\n'


@pytest.mark.parametrize("name", ["request.xml.tmp", "request.txt", ".request.xml", "xml"])
def test_another_name_is_left_alone(desk: Desk, name: str) -> None:
    desk.lay(name, request_xml())

    desk.processor.process_now()

    assert desk.names(Folder.TO_VIP) == [name]
    assert desk.names(Folder.FROM_VIP) == []


def test_a_subfolder_is_left_alone_until_the_file_is_moved(desk: Desk) -> None:
    staging = desk.homes.home(DEMO_ACCOUNT) / Folder.TO_VIP / "staging.xml"
    staging.mkdir()
    (staging / "request.xml").write_bytes(request_xml())
    desk.processor.process_now()
    assert desk.names(Folder.FROM_VIP) == []

    (staging / "request.xml").rename(staging.parent / "request.xml")
    desk.processor.process_now()

    assert len(desk.names(Folder.FROM_VIP)) == 1


def test_answers_to_the_same_name_in_the_same_moment_are_both_kept(desk: Desk) -> None:
    desk.lay("request.xml", request_xml())
    desk.processor.process_now()
    desk.lay("request.xml", request_xml())
    desk.processor.process_now()

    assert desk.names(Folder.FROM_VIP) == [
        "request_antwoord_20260301120000000.xml",
        "request_antwoord_20260301120000001.xml",
    ]


def test_an_answer_to_the_longest_name_finds_a_name(desk: Desk) -> None:
    desk.lay("é" * 125 + ".xml", request_xml())

    desk.processor.process_now()

    assert len(desk.names(Folder.FROM_VIP)) == 1


def test_it_waits_before_it_picks_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path, SandboxSettings(pick_up_after=math.inf))
    desk.lay("request.xml", request_xml())

    desk.processor.process_due()

    assert desk.names(Folder.TO_VIP) == ["request.xml"]


def test_a_request_that_waits_for_its_answer_survives_a_restart(tmp_path: Path) -> None:
    settings = SandboxSettings(pick_up_after=0, answer_after=math.inf)
    before = Desk(tmp_path, settings)
    before.lay("request.xml", request_xml())
    before.processor.process_due()
    assert before.names(Folder.CACHE_TO_VIP) == ["request.xml"]
    assert before.names(Folder.FROM_VIP) == []

    after = Desk(tmp_path, replace(settings, answer_after=0))
    after.processor.process_due()

    assert len(after.names(Folder.FROM_VIP)) == 1
