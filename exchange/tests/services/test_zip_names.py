import pytest

from exchange.services.zipping.names import MOST_BYTES, NameRegister, safe_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("antwoord.xml", "antwoord.xml"),
        ("één antwoord.xml", "één antwoord.xml"),
        ("../../etc/passwd", "__x2f.._x2fetc_x2fpasswd"),
        ("..\\..\\boot.ini", "__x5c.._x5cboot.ini"),
        ("<script>alert(1)</script>.xml", "_script_alert(1)__x2fscript_.xml"),
        ("a\u202efdp.exe", "a_u202efdp.exe"),
        ("a\r\nb.xml", "a_x0d_x0ab.xml"),
        ("a:b*c?d|e.xml", "a_b_c_d_e.xml"),
        ("CON.xml", "_CON.xml"),
        ("lpt1", "_lpt1"),
        ("console.xml", "console.xml"),
        (".profile", "_profile"),
        ("-rf.xml", "_rf.xml"),
        ("punt. . ", "punt"),
        ("", "_"),
        ("..", "_"),
        ("e\u0301.xml", "é.xml"),
    ],
)
def test_a_name_is_safe_on_every_system(name: str, expected: str) -> None:
    assert safe_name(name) == expected


@pytest.mark.parametrize("letter", ["n", "é", "😀", "\u202e"])
def test_a_long_name_keeps_its_beginning_and_its_extension(letter: str) -> None:
    name = safe_name("begin" + letter * 200 + ".xml")

    assert len(name.encode()) <= MOST_BYTES
    assert name.startswith("begin")
    assert name.endswith("~.xml")


def test_equal_names_are_told_apart_by_a_number() -> None:
    names = NameRegister()

    given = [names.take(name) for name in ("a.xml", "a.xml", "A.XML", "a (2).xml", "a.xml")]

    assert given[:2] == ["a.xml", "a (2).xml"]
    assert len({name.casefold() for name in given}) == 5


def test_a_name_may_stand_in_two_folders() -> None:
    names = NameRegister()

    assert [names.take("a.xml", folder=folder) for folder in ("x", "y", "x")] == [
        "x/a.xml",
        "y/a.xml",
        "x/a (2).xml",
    ]
