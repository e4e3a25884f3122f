from django.template import Context, Template

DIGITS = "0123456789abcdef" * 4


def shown(digits: str) -> str:
    page = Template("{% load fingerprints %}{% fingerprint_in_groups digits %}")
    return page.render(Context({"digits": digits}))


def test_a_fingerprint_stands_in_four_lines_of_four_groups() -> None:
    page = shown(DIGITS)

    assert page.count("<li>") == 4
    line = "<code>0123</code> <code>4567</code> <code>89AB</code> <code>CDEF</code>"
    assert page.count(line) == 4


def test_the_same_can_be_copied_as_tools_print_it() -> None:
    pairs = ":".join(["01", "23", "45", "67", "89", "AB", "CD", "EF"] * 4)

    assert f'<code class="fingerprint">{pairs}</code>' in shown(DIGITS)


def test_each_digit_is_shown_also_when_it_is_of_another_length() -> None:
    page = shown("abcdef")

    assert "<code>ABCD</code> <code>EF</code>" in page
