"""The check digits of Belgian numbers: of persons (INSZ) and of enterprises (KBO).

Both end in two digits that follow from those before them, modulo 97. A wrong one is a slip of the
pen or of a program; a right one does not tell that the number exists.
"""

from typing import Final

_MODULUS: Final = 97
_INSZ_LENGTH: Final = 11
_KBO_LENGTH: Final = 10
_BORN_SINCE_2000: Final = 2_000_000_000
"""For people born since 2000 a 2 stands before the nine digits, in the sum alone."""


def is_valid_insz(text: str) -> bool:
    """Tell whether this is a national number or a BIS number: 11 digits, the last two right.

    A BIS number has 20 or 40 added to its month; its check digits are reckoned alike. Only digits
    count: MAGDA takes no dots or dashes.
    """
    if not _is_number(text, _INSZ_LENGTH):
        return False
    number, check = int(text[:-2]), int(text[-2:])
    return check in (_check(number), _check(_BORN_SINCE_2000 + number))


def is_valid_kbo(text: str) -> bool:
    """Tell whether this is the number of an enterprise or of an establishment of one.

    Ten digits, the last two right; the number of an enterprise begins with 0 or 1, and that of an
    establishment with 2 to 8.
    """
    if not _is_number(text, _KBO_LENGTH) or text[0] == "9":
        return False
    return int(text[-2:]) == _check(int(text[:-2]))


def _check(number: int) -> int:
    return _MODULUS - number % _MODULUS


def _is_number(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()
