"""How the fingerprint of a certificate is shown to somebody who compares it with another one."""

from dataclasses import dataclass

from django import template

from magda_portal.web.templatetags.portal import fingerprint

register = template.Library()

GROUP_LENGTH = 4
GROUPS_PER_LINE = 4


@dataclass(frozen=True, slots=True)
class ShownFingerprint:
    """A fingerprint as lines of four groups of four digits, and in one piece."""

    lines: list[list[str]]
    # In pairs with colons, as openssl and certutil print it.
    in_one_piece: str


@register.inclusion_tag("certificates/_fingerprint.html")
def fingerprint_in_groups(hexadecimal: str) -> dict[str, ShownFingerprint]:
    """Show a fingerprint so that two people can compare it by telephone, and so that it is copied.

    Four digits are what somebody holds in mind while looking from one paper to another.
    """
    digits = hexadecimal.upper()
    groups = [digits[start : start + GROUP_LENGTH] for start in range(0, len(digits), GROUP_LENGTH)]
    lines = [
        groups[start : start + GROUPS_PER_LINE] for start in range(0, len(groups), GROUPS_PER_LINE)
    ]
    return {"shown": ShownFingerprint(lines, fingerprint(hexadecimal))}
