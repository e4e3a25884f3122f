"""Country codes as they may stand in the subject of a certificate request (ISO 3166-1).

``countryName`` is an alpha-2 code (RFC 5280, appendix A; X.520, 6.3.1). Besides the officially
assigned codes those that the ISO 3166 Maintenance Agency keeps exceptionally reserved are
accepted, as other MFT products do: bodies of the European Union write EU. Codes that users may
assign (XK, ZZ), former codes (AN, YU) and lower case are not.
"""

from certificates.pki.errors import ErrorCode, SubjectError

ASSIGNED_CODES: frozenset[str] = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ
    BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ
    DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET
    FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY
    HK HM HN HR HT HU
    ID IE IL IM IN IO IQ IR IS IT
    JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ
    LA LB LC LI LK LR LS LT LU LV LY
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ
    NA NC NE NF NG NI NL NO NP NR NU NZ
    OM
    PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA
    RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ
    TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
    UA UG UM US UY UZ
    VA VC VE VG VI VN VU
    WF WS
    YE YT
    ZA ZM ZW
    """.split()  # noqa: SIM905, a table by first letter is easier to check
)
"""The 249 officially assigned codes."""

EXCEPTIONALLY_RESERVED_CODES: frozenset[str] = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "FX", "IC", "SU", "TA", "UK", "UN"]
)
"""Codes that the Maintenance Agency keeps for a purpose, such as UK and EU."""

COUNTRY_CODES = ASSIGNED_CODES | EXCEPTIONALLY_RESERVED_CODES


def check_country(code: str) -> None:
    """Raise SubjectError unless this is an assigned or exceptionally reserved alpha-2 code."""
    if code not in COUNTRY_CODES:
        raise SubjectError(
            f"{code!r} is not a country code of ISO 3166-1",
            code=ErrorCode.SUBJECT_COUNTRY,
            field="country",
            found=code,
        )
