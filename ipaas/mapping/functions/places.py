"""Countries by ISO 3166-1, and the words that posts abbreviate."""

from __future__ import annotations

from typing import Final

_ISO_3166: Final = """
AD AND Andorra; AE ARE United Arab Emirates; AF AFG Afghanistan; AG ATG Antigua and Barbuda;
AI AIA Anguilla; AL ALB Albania; AM ARM Armenia; AO AGO Angola; AQ ATA Antarctica;
AR ARG Argentina; AS ASM American Samoa; AT AUT Austria; AU AUS Australia; AW ABW Aruba;
AX ALA Åland Islands; AZ AZE Azerbaijan; BA BIH Bosnia and Herzegovina; BB BRB Barbados;
BD BGD Bangladesh; BE BEL Belgium; BF BFA Burkina Faso; BG BGR Bulgaria; BH BHR Bahrain;
BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthélemy; BM BMU Bermuda; BN BRN Brunei;
BO BOL Bolivia; BQ BES Bonaire, Sint Eustatius and Saba; BR BRA Brazil; BS BHS Bahamas;
BT BTN Bhutan; BV BVT Bouvet Island; BW BWA Botswana; BY BLR Belarus; BZ BLZ Belize;
CA CAN Canada; CC CCK Cocos (Keeling) Islands; CD COD Congo (Kinshasa);
CF CAF Central African Republic; CG COG Congo (Brazzaville); CH CHE Switzerland;
CI CIV Côte d'Ivoire; CK COK Cook Islands; CL CHL Chile; CM CMR Cameroon; CN CHN China;
CO COL Colombia; CR CRI Costa Rica; CU CUB Cuba; CV CPV Cabo Verde; CW CUW Curaçao;
CX CXR Christmas Island; CY CYP Cyprus; CZ CZE Czech Republic; DE DEU Germany; DJ DJI Djibouti;
DK DNK Denmark; DM DMA Dominica; DO DOM Dominican Republic; DZ DZA Algeria; EC ECU Ecuador;
EE EST Estonia; EG EGY Egypt; EH ESH Western Sahara; ER ERI Eritrea; ES ESP Spain;
ET ETH Ethiopia; FI FIN Finland; FJ FJI Fiji; FK FLK Falkland Islands; FM FSM Micronesia;
FO FRO Faroe Islands; FR FRA France; GA GAB Gabon; GB GBR United Kingdom; GD GRD Grenada;
GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey; GH GHA Ghana; GI GIB Gibraltar;
GL GRL Greenland; GM GMB Gambia; GN GIN Guinea; GP GLP Guadeloupe; GQ GNQ Equatorial Guinea;
GR GRC Greece; GS SGS South Georgia and the South Sandwich Islands; GT GTM Guatemala;
GU GUM Guam; GW GNB Guinea-Bissau; GY GUY Guyana; HK HKG Hong Kong;
HM HMD Heard Island and McDonald Islands; HN HND Honduras; HR HRV Croatia; HT HTI Haiti;
HU HUN Hungary; ID IDN Indonesia; IE IRL Ireland; IL ISR Israel; IM IMN Isle of Man;
IN IND India; IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran; IS ISL Iceland;
IT ITA Italy; JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan; KE KEN Kenya;
KG KGZ Kyrgyzstan; KH KHM Cambodia; KI KIR Kiribati; KM COM Comoros;
KN KNA Saint Kitts and Nevis; KP PRK North Korea; KR KOR South Korea; KW KWT Kuwait;
KY CYM Cayman Islands; KZ KAZ Kazakhstan; LA LAO Laos; LB LBN Lebanon; LC LCA Saint Lucia;
LI LIE Liechtenstein; LK LKA Sri Lanka; LR LBR Liberia; LS LSO Lesotho; LT LTU Lithuania;
LU LUX Luxembourg; LV LVA Latvia; LY LBY Libya; MA MAR Morocco; MC MCO Monaco; MD MDA Moldova;
ME MNE Montenegro; MF MAF Saint Martin; MG MDG Madagascar; MH MHL Marshall Islands;
MK MKD North Macedonia; ML MLI Mali; MM MMR Myanmar; MN MNG Mongolia; MO MAC Macao;
MP MNP Northern Mariana Islands; MQ MTQ Martinique; MR MRT Mauritania; MS MSR Montserrat;
MT MLT Malta; MU MUS Mauritius; MV MDV Maldives; MW MWI Malawi; MX MEX Mexico; MY MYS Malaysia;
MZ MOZ Mozambique; NA NAM Namibia; NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island;
NG NGA Nigeria; NI NIC Nicaragua; NL NLD Netherlands; NO NOR Norway; NP NPL Nepal;
NR NRU Nauru; NU NIU Niue; NZ NZL New Zealand; OM OMN Oman; PA PAN Panama; PE PER Peru;
PF PYF French Polynesia; PG PNG Papua New Guinea; PH PHL Philippines; PK PAK Pakistan;
PL POL Poland; PM SPM Saint Pierre and Miquelon; PN PCN Pitcairn; PR PRI Puerto Rico;
PS PSE Palestine; PT PRT Portugal; PW PLW Palau; PY PRY Paraguay; QA QAT Qatar; RE REU Réunion;
RO ROU Romania; RS SRB Serbia; RU RUS Russia; RW RWA Rwanda; SA SAU Saudi Arabia;
SB SLB Solomon Islands; SC SYC Seychelles; SD SDN Sudan; SE SWE Sweden; SG SGP Singapore;
SH SHN Saint Helena; SI SVN Slovenia; SJ SJM Svalbard and Jan Mayen; SK SVK Slovakia;
SL SLE Sierra Leone; SM SMR San Marino; SN SEN Senegal; SO SOM Somalia; SR SUR Suriname;
SS SSD South Sudan; ST STP Sao Tome and Principe; SV SLV El Salvador; SX SXM Sint Maarten;
SY SYR Syria; SZ SWZ Eswatini; TC TCA Turks and Caicos Islands; TD TCD Chad;
TF ATF French Southern Territories; TG TGO Togo; TH THA Thailand; TJ TJK Tajikistan;
TK TKL Tokelau; TL TLS Timor-Leste; TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga;
TR TUR Turkey; TT TTO Trinidad and Tobago; TV TUV Tuvalu; TW TWN Taiwan; TZ TZA Tanzania;
UA UKR Ukraine; UG UGA Uganda; UM UMI United States Minor Outlying Islands;
US USA United States; UY URY Uruguay; UZ UZB Uzbekistan; VA VAT Vatican City;
VC VCT Saint Vincent and the Grenadines; VE VEN Venezuela; VG VGB British Virgin Islands;
VI VIR US Virgin Islands; VN VNM Vietnam; VU VUT Vanuatu; WF WLF Wallis and Futuna;
WS WSM Samoa; YE YEM Yemen; YT MYT Mayotte; ZA ZAF South Africa; ZM ZMB Zambia;
ZW ZWE Zimbabwe
"""

COUNTRIES: Final[dict[str, tuple[str, str]]] = {
    entry.strip()[:2]: (entry.strip()[3:6], entry.strip()[7:]) for entry in _ISO_3166.split(";")
}
"""Two-letter code to three-letter code and English name."""

OTHER_NAMES: Final = {
    "USA": "US", "U.S.A.": "US", "U.S.": "US", "United States of America": "US", "America": "US",
    "UK": "GB", "U.K.": "GB", "Great Britain": "GB", "England": "GB", "Scotland": "GB",
    "Wales": "GB", "Northern Ireland": "GB", "Deutschland": "DE", "Österreich": "AT",
    "Schweiz": "CH", "Suisse": "CH", "España": "ES", "Italia": "IT", "Nederland": "NL",
    "The Netherlands": "NL", "Holland": "NL", "Belgique": "BE", "België": "BE", "Czechia": "CZ",
    "Türkiye": "TR", "Korea": "KR", "Republic of Korea": "KR", "Viet Nam": "VN",
    "Russian Federation": "RU", "Brasil": "BR", "México": "MX", "Polska": "PL", "Sverige": "SE",
    "Danmark": "DK", "Norge": "NO", "Suomi": "FI", "Ivory Coast": "CI", "UAE": "AE",
}  # fmt: skip
"""Other names of countries that people write."""

STREET_WORDS: Final[dict[str, dict[str, str]]] = {
    # https://pe.usps.com/text/pub28/28apc_002.htm
    "US": {
        "alley": "ALY", "annex": "ANX", "arcade": "ARC", "avenue": "AVE", "av": "AVE",
        "ave": "AVE", "bayou": "BYU", "beach": "BCH", "bend": "BND", "bluff": "BLF",
        "bottom": "BTM", "boulevard": "BLVD", "blvd": "BLVD", "branch": "BR", "bridge": "BRG",
        "brook": "BRK", "bypass": "BYP", "canyon": "CYN", "cape": "CPE", "causeway": "CSWY",
        "center": "CTR", "centre": "CTR", "circle": "CIR", "cir": "CIR", "cliff": "CLF",
        "club": "CLB", "common": "CMN", "corner": "COR", "corners": "CORS", "court": "CT",
        "ct": "CT", "cove": "CV", "creek": "CRK", "crescent": "CRES", "crossing": "XING",
        "dale": "DL", "dam": "DM", "drive": "DR", "dr": "DR", "estate": "EST", "estates": "ESTS",
        "expressway": "EXPY", "extension": "EXT", "falls": "FLS", "ferry": "FRY", "field": "FLD",
        "fields": "FLDS", "ford": "FRD", "forest": "FRST", "fork": "FRK", "fort": "FT",
        "freeway": "FWY", "garden": "GDN", "gardens": "GDNS", "gateway": "GTWY", "glen": "GLN",
        "green": "GRN", "grove": "GRV", "harbor": "HBR", "haven": "HVN", "heights": "HTS",
        "highway": "HWY", "hwy": "HWY", "hill": "HL", "hills": "HLS", "hollow": "HOLW",
        "island": "IS", "junction": "JCT", "key": "KY", "lake": "LK", "lakes": "LKS",
        "landing": "LNDG", "lane": "LN", "ln": "LN", "light": "LGT", "lodge": "LDG", "loop": "LOOP",
        "manor": "MNR", "meadow": "MDW", "meadows": "MDWS", "mill": "ML", "mills": "MLS",
        "mission": "MSN", "mount": "MT", "mountain": "MTN", "orchard": "ORCH", "park": "PARK",
        "parkway": "PKWY", "pkwy": "PKWY", "pass": "PASS", "path": "PATH", "pike": "PIKE",
        "pine": "PNE", "pines": "PNES", "place": "PL", "pl": "PL", "plain": "PLN", "plaza": "PLZ",
        "point": "PT", "port": "PRT", "prairie": "PR", "ranch": "RNCH", "rapids": "RPDS",
        "ridge": "RDG", "river": "RIV", "road": "RD", "rd": "RD", "row": "ROW", "run": "RUN",
        "shore": "SHR", "shores": "SHRS", "spring": "SPG", "springs": "SPGS", "square": "SQ",
        "sq": "SQ", "station": "STA", "stream": "STRM", "street": "ST", "st": "ST", "str": "ST",
        "summit": "SMT", "terrace": "TER", "ter": "TER", "trace": "TRCE", "track": "TRAK",
        "trail": "TRL", "tunnel": "TUNL", "turnpike": "TPKE", "union": "UN", "valley": "VLY",
        "viaduct": "VIA", "view": "VW", "village": "VLG", "vista": "VIS", "walk": "WALK",
        "way": "WAY", "well": "WL", "wells": "WLS",
    },
    "GB": {
        "street": "St", "road": "Rd", "avenue": "Ave", "lane": "Ln", "drive": "Dr", "close": "Cl",
        "court": "Ct", "crescent": "Cres", "gardens": "Gdns", "grove": "Gr", "place": "Pl",
        "square": "Sq", "terrace": "Terr", "apartment": "Apt",
    },
    "AU": {
        "street": "St", "road": "Rd", "avenue": "Ave", "lane": "Lane", "drive": "Dr",
        "court": "Ct", "crescent": "Cres", "highway": "Hwy", "parade": "Pde", "place": "Pl",
        "terrace": "Tce", "unit": "U",
    },
    "DE": {"platz": "Pl.", "allee": "Allee", "hausnummer": "Nr.", "nummer": "Nr."},
    "FR": {
        "avenue": "av.", "boulevard": "bd", "place": "pl.", "appartement": "appt",
        "bâtiment": "bât.", "impasse": "imp.", "chemin": "chem.", "faubourg": "fg",
    },
    "ES": {"calle": "C/", "avenida": "Avda.", "plaza": "Pza.", "número": "n.º", "paseo": "P.º"},
    "IT": {"viale": "V.le", "piazza": "P.za", "corso": "C.so", "largo": "L.go"},
    "NL": {"straat": "str.", "laan": "ln", "plein": "pln"},
}  # fmt: skip
"""Country to street words in small letters and what the post writes for them."""

# https://pe.usps.com/text/pub28/28apc_003.htm
UNIT_WORDS: Final = {
    "apartment": "APT", "apt": "APT", "building": "BLDG", "bldg": "BLDG", "basement": "BSMT",
    "department": "DEPT", "floor": "FL", "fl": "FL", "hangar": "HNGR", "lot": "LOT",
    "office": "OFC", "penthouse": "PH", "room": "RM", "rm": "RM", "space": "SPC", "suite": "STE",
    "ste": "STE", "trailer": "TRLR", "unit": "UNIT", "unité": "UNIT", "#": "#",
}  # fmt: skip
"""Words of flats and rooms, in small letters, and what the US post writes for them."""
