import io
import itertools
from collections.abc import Iterator
from encodings.aliases import aliases
from typing import BinaryIO, cast

import pytest

from exchange.messages import scanning
from exchange.messages.batch import check_well_formed, read_context
from exchange.messages.errors import (
    DoctypeError,
    MessageError,
    NotWellFormedError,
    TooComplexError,
    UnreadableEncodingError,
)
from exchange.messages.tests.builders import SAMPLES, Trickle, document, request

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        '<!DOCTYPE a PUBLIC "-//x//y" "a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>',
        f'<?xml version="1.0"?>\n<!-- first -->\n<!DOCTYPE GeefX>{request()}',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(DoctypeError):
        check_well_formed(document(text, encoding))
    with pytest.raises(DoctypeError):
        read_context(document(text, encoding))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "no xml",
        "a;b;c\n1;2;3\n",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a x=1/>",
        "<a>&x;</a>",
        "<p:a/>",
        "<a b='1' b='2'/>",
        "<a>\x00</a>",
        "<a/>\x00",
        "<a><![CDATA[</a>",
    ],
)
def test_what_is_not_xml_is_refused(text: str) -> None:
    with pytest.raises(NotWellFormedError):
        check_well_formed(document(text))


def test_an_error_tells_its_place() -> None:
    with pytest.raises(NotWellFormedError) as caught:
        check_well_formed(document("<a>\n  <b></c>\n</a>"))

    assert (caught.value.line, caught.value.column) == (2, 7)
    assert caught.value.reason == "mismatched tag"


def test_every_cut_of_a_message_is_refused() -> None:
    content = (SAMPLES / "request_soap.xml").read_bytes().rstrip()

    for length in range(len(content)):
        with pytest.raises(NotWellFormedError):
            check_well_formed(io.BytesIO(content[:length]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-15", "cp1252"])
def test_it_reads_the_usual_encodings(encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8", "cp1252": "windows-1252"}.get(encoding, encoding)
    text = f'<?xml version="1.0" encoding="{declared}"?>{request("één")}'

    context = read_context(document(text, encoding))

    assert context is not None
    assert context.sender_reference == "één"


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="no-such-thing"?><a/>',
        b'<?xml version="1.0" encoding="base64"?><a/>',
        b'<?xml version="1.0" encoding="shift_jis"?><a/>',
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        "<a>één</a>".encode("cp1252"),
        "<Köln/>".encode("latin-1"),
    ],
)
def test_an_encoding_that_cannot_be_read_is_told_apart(content: bytes) -> None:
    with pytest.raises(UnreadableEncodingError):
        check_well_formed(io.BytesIO(content))


def test_a_wrong_byte_far_into_the_file_is_told_apart() -> None:
    rows = itertools.chain([b"<a>"], itertools.repeat(b"<row>abc</row>\n", 50_000), [b"\xe9</a>"])

    with pytest.raises(UnreadableEncodingError):
        check_well_formed(cast("BinaryIO", Trickle(rows)))


def test_no_name_of_an_encoding_escapes_as_another_error() -> None:
    for name in sorted({*aliases, *aliases.values(), "idna", "undefined", "punycode"}):
        try:
            check_well_formed(
                io.BytesIO(b'<?xml version="1.0" encoding="%s"?><a/>' % name.encode())
            )
        except MessageError as exc:
            assert exc.code in {"xml.unreadable_encoding", "xml.not_well_formed"}  # noqa: PT017 - both outcomes are right, an escape is not.


def test_elements_may_nest_up_to_the_limit() -> None:
    check_well_formed(document("<a>" * 256 + "</a>" * 256))


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(TooComplexError, match="levels"):
        check_well_formed(document("<a>" * 1_000_000))


def test_many_attributes_are_refused() -> None:
    attributes = [f' a{n}=""' for n in range(257)]

    check_well_formed(document(f"<a{''.join(attributes[:256])}/>"))
    with pytest.raises(TooComplexError, match="attributes"):
        check_well_formed(document(f"<a{''.join(attributes)}/>"))


@pytest.mark.parametrize(
    "start", [b"<!-- ", b"<?pi ", b"<a b='", b"<a ", b"<a><b x='", b"<a/><!--"]
)
def test_an_endless_tag_or_comment_is_refused(start: bytes) -> None:
    endless = Trickle(itertools.chain([start], itertools.repeat(b"x" * 1000)))

    with pytest.raises(TooComplexError, match="tag or comment"):
        check_well_formed(cast("BinaryIO", endless))
    assert endless.taken <= scanning.MAX_TOKEN_SIZE + 2 * scanning.CHUNK_SIZE


@pytest.mark.parametrize(
    "pattern", ["<e%d/>", "<e a%d=''/>", "<e xmlns:p%d='u'/>", "<e xmlns='u%d'/>"]
)
def test_ever_new_names_are_refused(pattern: str) -> None:
    names = (pattern % number for number in itertools.count())
    endless = Trickle(itertools.chain([b"<a>"], (name.encode() for name in names)))

    with pytest.raises(TooComplexError, match="names"):
        check_well_formed(cast("BinaryIO", endless))
    assert endless.taken < 500_000


@pytest.mark.parametrize("wrapper", [(b"<a>", b"</a>"), (b"<a><![CDATA[", b"]]></a>")])
def test_long_text_has_no_limit(wrapper: tuple[bytes, bytes]) -> None:
    text = itertools.repeat(b"lorem ipsum " * 1000, 1000)

    check_well_formed(cast("BinaryIO", Trickle(itertools.chain(wrapper[:1], text, wrapper[1:]))))


def test_an_error_of_the_stream_passes_through() -> None:
    def breaking() -> Iterator[bytes]:
        yield b"<a>" + b" " * 200_000
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="the disk went away"):
        check_well_formed(cast("BinaryIO", Trickle(breaking())))
