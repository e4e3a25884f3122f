import io
import zipfile
from pathlib import Path

import pytest

from exchange.messages import SchemaError, compile_schema, find_entry, take_schema_files, validate
from exchange.messages.tests.builders import SHARED_SAMPLES, shared
from exchange.messages.tests.schemas import COMMON, ENTRY, FILES, question, request_file

SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{}</xs:schema>'


def xsd(inside: str = "") -> bytes:
    return SCHEMA.format(inside).encode()


def refusal(files: dict[str, bytes], entry: str = "a.xsd") -> tuple[str, str]:
    with pytest.raises(SchemaError) as caught:
        compile_schema(files, entry)
    return caught.value.code, caught.value.subject


def test_a_schema_is_compiled_from_the_files_that_it_needs() -> None:
    schema = compile_schema({**FILES, "other.xsd": xsd()}, ENTRY)

    assert schema.paths == {ENTRY, COMMON}
    assert schema.names == {"GeefX", "Vraag", "INSZ", "Taal"}


def test_files_without_their_folders_are_found_by_name() -> None:
    flat = {Path(path).name: content for path, content in FILES.items()}

    assert compile_schema(flat, "GeefX.xsd").paths == {"GeefX.xsd", "Generiek.xsd"}


def test_files_that_refer_to_each_other_in_a_circle_compile() -> None:
    files = {
        "a.xsd": xsd('<xs:include schemaLocation="b.xsd"/><xs:element name="r" type="t"/>'),
        "b.xsd": xsd(
            '<xs:include schemaLocation="a.xsd"/><xs:simpleType name="t"><xs:restriction'
            ' base="xs:int"/></xs:simpleType>'
        ),
    }

    assert compile_schema(files, "a.xsd").names == {"r"}


@pytest.mark.parametrize(
    "reference",
    [
        "b.xsd",
        "../../../../etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1:9/b.xsd",
        "magda-schema:/b.xsd",
        "",
    ],
)
@pytest.mark.parametrize("word", ["include", "import", "redefine"])
def test_a_file_that_was_not_given_is_not_looked_for_elsewhere(word: str, reference: str) -> None:
    files = {"a.xsd": xsd(f'<xs:{word} schemaLocation="{reference}"/>')}

    assert refusal(files) == ("schema.missing_file", reference)


def test_a_file_of_this_machine_never_becomes_part_of_a_schema(tmp_path: Path) -> None:
    """A message can name a schema too; that hint is not followed either."""
    hint = tmp_path / "hint.xsd"
    hint.write_bytes(xsd('<xs:element name="secret" type="xs:string"/>'))
    schema = compile_schema({"a.xsd": xsd('<xs:element name="r"/>')}, "a.xsd")
    message = (
        '<secret xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:noNamespaceSchemaLocation="{hint.as_uri()}"/>'
    )

    assert validate(io.BytesIO(message.encode()), schema).violations


def test_a_reference_that_fits_several_files_is_refused() -> None:
    files = {
        "a.xsd": xsd('<xs:include schemaLocation="../q/b.xsd"/>'),
        "x/b.xsd": xsd(),
        "y/b.xsd": xsd(),
    }

    assert refusal(files) == ("schema.ambiguous_file", "../q/b.xsd")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "schema.not_well_formed"),
        (b"<a", "schema.not_well_formed"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x"><a/>', "schema.not_well_formed"),
        (b"<a/>", "schema.not_a_schema"),
    ],
)
def test_a_file_that_is_no_schema_is_named(content: bytes, code: str) -> None:
    assert refusal({"a.xsd": content}) == (code, "a.xsd")


def test_a_schema_that_makes_no_sense_is_refused_with_its_place() -> None:
    files = {"a.xsd": xsd('\n<xs:element name="r" type="nowhere"/>')}

    assert refusal(files) == ("schema.invalid", "a.xsd, 2")


def test_the_entry_declares_an_element_with_the_name_of_the_service() -> None:
    assert find_entry(FILES, "X.GeefX") == find_entry(FILES, "geefx") == ENTRY


def test_the_entry_for_files_goes_before_that_for_web_services() -> None:
    files = {**FILES, "GeefXDienst/WebService/GeefX.xsd": FILES[ENTRY]}

    assert find_entry(files, "GeefX") == ENTRY


def test_the_entry_of_another_name_is_the_file_that_no_other_refers_to() -> None:
    assert find_entry(FILES, "Something") == ENTRY


def test_an_entry_that_is_not_clear_is_asked_for() -> None:
    with pytest.raises(SchemaError) as caught:
        find_entry({"a.xsd": xsd(), "b.xsd": xsd()}, "GeefX")

    assert (caught.value.code, caught.value.subject) == ("schema.entry_unclear", "a.xsd, b.xsd")


def test_a_fitting_request_fits() -> None:
    assert not validate(
        io.BytesIO(request_file(question())), compile_schema(FILES, ENTRY)
    ).violations


@pytest.mark.skipif(not shared("xsd/**/*.xsd"), reason="MAGDA's public samples are not here")
def test_magdas_own_schema_compiles_out_of_an_archive() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for path in shared("xsd/**/*.xsd"):
            target.write(path, f"package/{path.relative_to(SHARED_SAMPLES)}")
    files = take_schema_files([("schemas.zip", packed)])

    schema = compile_schema(files, find_entry(files, "Persoon.GeefPersoon"))

    assert schema.entry.endswith("WebService/GeefPersoon.xsd")
    assert "INSZ" in schema.names
