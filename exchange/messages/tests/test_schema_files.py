import io
import tracemalloc
import zipfile
from typing import BinaryIO

import pytest

from exchange.messages import SchemaError, take_schema_files
from exchange.messages import schema_files as limits


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> BinaryIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as target:
        for path, content in files.items():
            target.writestr(path, content)
    return packed


def refusal(*uploads: tuple[str, BinaryIO]) -> str:
    with pytest.raises(SchemaError) as caught:
        take_schema_files(uploads)
    return caught.value.code


def test_files_that_were_chosen_one_by_one_are_taken_by_their_names() -> None:
    found = take_schema_files([("a.xsd", io.BytesIO(b"1")), ("B.XSD", io.BytesIO(b"2"))])

    assert found == {"a.xsd": b"1", "B.XSD": b"2"}


def test_an_archive_gives_its_schemas_with_their_folders_and_nothing_else() -> None:
    packed = archive({"x/a.xsd": b"1", "x/manual.pdf": b"2", "y\\b.xsd": b"3"})

    assert take_schema_files([("x.zip", packed)]) == {"x/a.xsd": b"1", "y/b.xsd": b"3"}


def test_an_archive_is_known_by_its_content_whatever_its_name() -> None:
    assert take_schema_files([("x.dat", archive({"a.xsd": b"1"}))]) == {"a.xsd": b"1"}


@pytest.mark.parametrize(
    "path", ["../a.xsd", "/a.xsd", "x/../../a.xsd", "x//a.xsd", "a\u202eb.xsd", "x" * 300 + ".xsd"]
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    assert refusal(("x.zip", archive({path: b"1"}))) == "schema.path"


def test_what_an_archive_unfolds_to_is_limited() -> None:
    bomb = archive({f"{number}.xsd": b"0" * limits.MAX_BYTES for number in range(3)})

    assert refusal(("x.zip", bomb)) == "schema.too_large"


def test_a_file_in_an_archive_is_never_unfolded_whole() -> None:
    """Some kilobytes that may be gigabytes."""
    bomb = archive({"a.xsd": b"0" * 16 * limits.MAX_BYTES})
    tracemalloc.start()

    code = refusal(("x.zip", bomb))

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code == "schema.too_large"
    assert most < 4 * limits.MAX_BYTES


def test_the_number_of_files_is_limited() -> None:
    many = archive({f"{number}.xsd": b"" for number in range(limits.MAX_FILES + 1)})

    assert refusal(("x.zip", many)) == "schema.too_large"


def test_the_number_of_other_files_is_limited_too() -> None:
    many = archive(dict.fromkeys(map(str, range(limits.MAX_ENTRIES + 1)), b""))

    assert refusal(("x.zip", many)) == "schema.too_large"


def test_a_single_file_is_limited() -> None:
    assert refusal(("a.xsd", io.BytesIO(b"0" * (limits.MAX_BYTES + 1)))) == "schema.too_large"


def test_an_archive_is_limited_before_it_is_opened() -> None:
    packed = archive({"a.pdf": bytes(limits.MAX_UPLOAD_BYTES)}, zipfile.ZIP_STORED)

    assert refusal(("x.zip", packed)) == "schema.too_large"


def test_an_archive_that_is_none_is_refused() -> None:
    assert refusal(("x.zip", io.BytesIO(b"no archive"))) == "schema.archive"


def test_every_cut_of_an_archive_is_refused() -> None:
    whole = archive({"x/a.xsd": b"<a/>" * 10}).getvalue()  # type: ignore[attr-defined]  # BytesIO

    for length in range(0, len(whole), 7):
        code = refusal(("x.zip", io.BytesIO(whole[:length])))
        assert code == "schema.archive"


@pytest.mark.parametrize(
    ("method", "place"),
    [(zipfile.ZIP_DEFLATED, 40), (zipfile.ZIP_BZIP2, 40), (zipfile.ZIP_LZMA, 50)],
)
def test_a_damaged_entry_is_refused(method: int, place: int) -> None:
    whole = bytearray(archive({"a.xsd": b"<a/>" * 50}, method).getvalue())  # type: ignore[attr-defined]  # BytesIO
    whole[place] ^= 0xFF

    assert refusal(("x.zip", io.BytesIO(bytes(whole)))) == "schema.archive"


def test_the_same_path_twice_is_refused() -> None:
    once, again = io.BytesIO(b"1"), io.BytesIO(b"2")

    assert refusal(("a.xsd", once), ("a.xsd", again)) == "schema.same_path"


def test_files_without_a_schema_are_refused() -> None:
    assert refusal(("manual.pdf", io.BytesIO(b"1"))) == "schema.no_files"
    assert refusal() == "schema.no_files"
