"""The names of the countries of :mod:`certificates.pki.countries`, as people read them.

Names of places, and no texts of the portal: a table of its own keeps them out of its catalogue.
"""

from typing import Final

from django.utils.translation import get_language

_NAMES: Final = """
AC Ascension Island|Ascension
AD Andorra
AE United Arab Emirates|Verenigde Arabische Emiraten
AF Afghanistan
AG Antigua and Barbuda|Antigua en Barbuda
AI Anguilla
AL Albania|Albanië
AM Armenia|Armenië
AO Angola
AQ Antarctica
AR Argentina|Argentinië
AS American Samoa|Amerikaans-Samoa
AT Austria|Oostenrijk
AU Australia|Australië
AW Aruba
AX Åland Islands|Åland
AZ Azerbaijan|Azerbeidzjan
BA Bosnia and Herzegovina|Bosnië en Herzegovina
BB Barbados
BD Bangladesh
BE Belgium|België
BF Burkina Faso
BG Bulgaria|Bulgarije
BH Bahrain|Bahrein
BI Burundi
BJ Benin
BL Saint Barthélemy|Saint-Barthélemy
BM Bermuda
BN Brunei
BO Bolivia
BQ Caribbean Netherlands|Caribisch Nederland
BR Brazil|Brazilië
BS Bahamas|Bahama's
BT Bhutan
BV Bouvet Island|Bouveteiland
BW Botswana
BY Belarus
BZ Belize
CA Canada
CC Cocos (Keeling) Islands|Cocoseilanden
CD Congo - Kinshasa|Congo-Kinshasa
CF Central African Republic|Centraal-Afrikaanse Republiek
CG Congo - Brazzaville|Congo-Brazzaville
CH Switzerland|Zwitserland
CI Côte d'Ivoire|Ivoorkust
CK Cook Islands|Cookeilanden
CL Chile|Chili
CM Cameroon|Kameroen
CN China
CO Colombia
CP Clipperton Island|Clipperton
CQ Sark
CR Costa Rica
CU Cuba
CV Cape Verde|Kaapverdië
CW Curaçao
CX Christmas Island|Christmaseiland
CY Cyprus
CZ Czechia|Tsjechië
DE Germany|Duitsland
DG Diego Garcia
DJ Djibouti
DK Denmark|Denemarken
DM Dominica
DO Dominican Republic|Dominicaanse Republiek
DZ Algeria|Algerije
EA Ceuta and Melilla|Ceuta en Melilla
EC Ecuador
EE Estonia|Estland
EG Egypt|Egypte
EH Western Sahara|Westelijke Sahara
ER Eritrea
ES Spain|Spanje
ET Ethiopia|Ethiopië
EU European Union|Europese Unie
EZ Eurozone
FI Finland
FJ Fiji
FK Falkland Islands (Islas Malvinas)|Falklandeilanden (Islas Malvinas)
FM Micronesia
FO Faroe Islands|Faeröer
FR France|Frankrijk
FX France (metropolitan)|Frankrijk (Europees deel)
GA Gabon
GB United Kingdom|Verenigd Koninkrijk
GD Grenada
GE Georgia|Georgië
GF French Guiana|Frans-Guyana
GG Guernsey
GH Ghana
GI Gibraltar
GL Greenland|Groenland
GM Gambia
GN Guinea|Guinee
GP Guadeloupe
GQ Equatorial Guinea|Equatoriaal-Guinea
GR Greece|Griekenland
GS South Georgia and South Sandwich Islands|Zuid-Georgia en Zuidelijke Sandwicheilanden
GT Guatemala
GU Guam
GW Guinea-Bissau|Guinee-Bissau
GY Guyana
HK Hong Kong|Hongkong
HM Heard and McDonald Islands|Heard en McDonaldeilanden
HN Honduras
HR Croatia|Kroatië
HT Haiti|Haïti
HU Hungary|Hongarije
IC Canary Islands|Canarische Eilanden
ID Indonesia|Indonesië
IE Ireland|Ierland
IL Israel|Israël
IM Isle of Man
IN India
IO British Indian Ocean Territory|Brits Indische Oceaanterritorium
IQ Iraq|Irak
IR Iran
IS Iceland|IJsland
IT Italy|Italië
JE Jersey
JM Jamaica
JO Jordan|Jordanië
JP Japan
KE Kenya|Kenia
KG Kyrgyzstan|Kirgizië
KH Cambodia|Cambodja
KI Kiribati
KM Comoros|Comoren
KN Saint Kitts and Nevis|Saint Kitts en Nevis
KP North Korea|Noord-Korea
KR South Korea|Zuid-Korea
KW Kuwait|Koeweit
KY Cayman Islands|Kaaimaneilanden
KZ Kazakhstan|Kazachstan
LA Laos
LB Lebanon|Libanon
LC Saint Lucia
LI Liechtenstein
LK Sri Lanka
LR Liberia
LS Lesotho
LT Lithuania|Litouwen
LU Luxembourg|Luxemburg
LV Latvia|Letland
LY Libya|Libië
MA Morocco|Marokko
MC Monaco
MD Moldova|Moldavië
ME Montenegro
MF Saint Martin|Saint-Martin
MG Madagascar|Madagaskar
MH Marshall Islands|Marshalleilanden
MK North Macedonia|Noord-Macedonië
ML Mali
MM Myanmar (Burma)|Myanmar (Birma)
MN Mongolia|Mongolië
MO Macao|Macau
MP Northern Mariana Islands|Noordelijke Marianen
MQ Martinique
MR Mauritania|Mauritanië
MS Montserrat
MT Malta
MU Mauritius
MV Maldives|Maldiven
MW Malawi
MX Mexico
MY Malaysia|Maleisië
MZ Mozambique
NA Namibia|Namibië
NC New Caledonia|Nieuw-Caledonië
NE Niger
NF Norfolk Island|Norfolk
NG Nigeria
NI Nicaragua
NL Netherlands|Nederland
NO Norway|Noorwegen
NP Nepal
NR Nauru
NU Niue
NZ New Zealand|Nieuw-Zeeland
OM Oman
PA Panama
PE Peru
PF French Polynesia|Frans-Polynesië
PG Papua New Guinea|Papoea-Nieuw-Guinea
PH Philippines|Filipijnen
PK Pakistan
PL Poland|Polen
PM Saint Pierre and Miquelon|Saint-Pierre en Miquelon
PN Pitcairn Islands|Pitcairneilanden
PR Puerto Rico
PS Palestine|Palestina
PT Portugal
PW Palau
PY Paraguay
QA Qatar
RE Réunion
RO Romania|Roemenië
RS Serbia|Servië
RU Russia|Rusland
RW Rwanda
SA Saudi Arabia|Saoedi-Arabië
SB Solomon Islands|Salomonseilanden
SC Seychelles|Seychellen
SD Sudan|Soedan
SE Sweden|Zweden
SG Singapore
SH Saint Helena|Sint-Helena
SI Slovenia|Slovenië
SJ Svalbard and Jan Mayen|Spitsbergen en Jan Mayen
SK Slovakia|Slowakije
SL Sierra Leone
SM San Marino
SN Senegal
SO Somalia|Somalië
SR Suriname
SS South Sudan|Zuid-Soedan
ST São Tomé and Príncipe|Sao Tomé en Principe
SU Soviet Union (former)|Sovjet-Unie (voormalige)
SV El Salvador
SX Sint Maarten|Sint-Maarten
SY Syria|Syrië
SZ Eswatini
TA Tristan da Cunha
TC Turks and Caicos Islands|Turks- en Caicoseilanden
TD Chad|Tsjaad
TF French Southern Territories|Franse Gebieden in de zuidelijke Indische Oceaan
TG Togo
TH Thailand
TJ Tajikistan|Tadzjikistan
TK Tokelau
TL Timor-Leste|Oost-Timor
TM Turkmenistan
TN Tunisia|Tunesië
TO Tonga
TR Türkiye|Turkije
TT Trinidad and Tobago|Trinidad en Tobago
TV Tuvalu
TW Taiwan
TZ Tanzania
UA Ukraine|Oekraïne
UG Uganda|Oeganda
UK United Kingdom, as UK|Verenigd Koninkrijk, als UK
UM U.S. Outlying Islands|Kleine afgelegen eilanden van de Verenigde Staten
UN United Nations|Verenigde Naties
US United States|Verenigde Staten
UY Uruguay
UZ Uzbekistan|Oezbekistan
VA Vatican City|Vaticaanstad
VC Saint Vincent and Grenadines|Saint Vincent en de Grenadines
VE Venezuela
VG British Virgin Islands|Britse Maagdeneilanden
VI U.S. Virgin Islands|Amerikaanse Maagdeneilanden
VN Vietnam
VU Vanuatu
WF Wallis and Futuna|Wallis en Futuna
WS Samoa
YE Yemen|Jemen
YT Mayotte
ZA South Africa|Zuid-Afrika
ZM Zambia
ZW Zimbabwe
"""
"""A line for each code: the English name, and the Dutch one when it is another."""

_BY_CODE: Final = {line[:2]: line[3:].partition("|") for line in _NAMES.split("\n") if line}


def country_name(code: str) -> str:
    """Return the name in the language of the moment, or the code itself when it has none."""
    english, _bar, dutch = _BY_CODE.get(code, (code, "", ""))
    is_dutch = (get_language() or "").startswith("nl")
    return dutch if is_dutch and dutch else english
