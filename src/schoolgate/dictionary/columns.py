"""What the columns of a data tables workbook are called, and what their cells say.

The ministry's workbook (October 2018) writes the same columns under many titles, in many orders and in any case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from schoolgate.dictionary.items import Code

_COLUMNS: dict[str, tuple[str, ...]] = {
    "alias": ("npdalias", "sldalias", "alias", "itemalias", "dataitemalias"),
    "name": ("fieldreference", "npdfieldreference", "fieldname", "field", "dataitem", "itemname"),
    "former": ("oldalias", "formername", "formernames", "oldaliasformername", "previousname", "oldname"),
    "years": ("yearspopulated", "yearpopulated", "years", "academicyears", "yearsavailable"),
    "description": ("description", "itemdescription", "dataitemdescription"),
    "values": ("values", "value", "allowedvalues", "codeset", "codes"),
    "terms": ("collectionterm", "collectionterms", "term", "terms"),
    "tier": ("tierofvariable", "oldtierofvariable", "oldtier", "tier"),
    "identifiability": ("identifiability", "identificationrisk", "identifiabilityrisk", "identifiabilitylevel"),
    "sensitivity": ("sensitivity", "sensitivitylevel"),
    "table": ("table", "tablename"),
    "source": ("source",),
    "given": ("given", "defaultorbyrequest", "defaultbyrequest", "byrequestordefault", "availability"),
}
_TITLES = {title: name for name, titles in _COLUMNS.items() for title in titles}
_EXPECTED = {
    "years": "years populated",
    "description": "description",
    "identifiability": "identifiability",
    "sensitivity": "sensitivity",
}
_NOTHING = frozenset({"n/a", "na", "-", "–", "none", "not applicable"})

_TERMS = {"AUT": "aut", "SPR": "spr", "SUM": "sum"}
_TERM_WORDS = frozenset({"term", "terms", "and", "or", "only", "census", "school", "the"})
_TIER_WORDS = frozenset({"tier", "tiers", "old", "npd", "and", "or"})
_START, _END = r"(?:19|20)\d\d", r"(?:/\d\d(?:\d\d)?)"
_YEAR_WORDS = re.compile(
    rf"\b{_START}{_END}?(?!\d)|[-–—,;&]"
    r"|\b(?:only|onwards|to date|present|to|and|from|since|until|academic|years?|autumn|spring|summer|terms?)\b"
)
"""Everything a cell of years may hold beside what is not understood."""

Header = Mapping[str, Sequence[int]]
Cells = Sequence[str]


def _title(text: str) -> str | None:
    """The column a title stands for; what is in brackets or after a dash explains and is not part of it."""
    whole = re.sub(r"[^a-z]", "", text.lower())
    if whole.startswith(("sldalias", "npdalias")):
        return "alias"
    short = re.sub(r"[^a-z]", "", re.split(r"[(\[]|\s[-–]\s", text.lower())[0])
    return _TITLES.get(whole) or _TITLES.get(short)


def read_header(row: Cells) -> dict[str, list[int]] | None:
    """Column -> positions, when a row is a header; None when it is not.

    A header names items and says something about them; or it has three known titles, so that a table whose
    column of aliases is missing is found, and its rows reported, rather than passed over.
    """
    found: dict[str, list[int]] = {}
    for at, text in enumerate(row):
        name = _title(text) if text and len(text) < 120 else None
        if name is not None:
            found.setdefault(name, []).append(at)
    is_named = bool({"alias", "name"} & set(found))
    return found if (len(found) >= 2 and is_named) or len(found) >= 3 else None


def missing(header: Header) -> list[str]:
    """Columns of the layout that a header lacks, in words."""
    lacks = [words for column, words in _EXPECTED.items() if column not in header]
    return lacks if {"alias", "name"} & set(header) else ["alias and field reference", *lacks]


def stated(text: str) -> str:
    """The text, or nothing when it says that there is nothing ("N/A")."""
    return "" if text.lower() in _NOTHING else text


def read_section(row: Cells) -> str | None:
    """Which section a row is the heading of: "by request" or "default"; None when it is no such heading."""
    filled = [text for text in row if text]
    if len(filled) != 1:
        return None
    words = re.sub(r"[^a-z ]", "", filled[0].lower().replace("-", " ")).strip()
    if re.match(r"(items? )?(given |available )?by request\b", words):
        return "by request"
    if re.match(r"(items? )?(given )?(by )?default\b", words):
        return "default"
    return None


def read_given(text: str) -> str | None:
    """The same, from a cell of a column."""
    words = text.lower()
    if "request" in words:
        return "by request"
    return "default" if "default" in words else None


def read_years(text: str) -> tuple[str, int | None, int | None, str]:
    """First and last academic year of "2007/08 -", "2005/06", "2005/06 - 2008/09, 2010/11 -", "2010 only".

    A spreadsheet program takes "2005/06" for June 2005; such a cell is read back as the year it was.

    Returns:
        The years as written, the year each began in (the last None when it goes on), and what is wrong, if anything.
    """
    wrong = ""
    day = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    if day:
        year, month = int(day.group(1)), int(day.group(2))
        text = f"{year}/{month:02d}" if month == (year + 1) % 100 else str(year)
        wrong = f"years populated is a date; read as {text}"
    starts = [int(year) for year in re.findall(r"\b((?:19|20)\d\d)(?:/\d\d(?:\d\d)?)?", text)]
    if not starts:
        return text, None, None, "years populated cannot be read; the item is kept without them" if text else wrong
    if _run_backwards(text):
        return text, None, None, "years populated run backwards; the item is kept without a first and last year"
    rest = " ".join(_YEAR_WORDS.sub(" ", text.lower()).split())
    if rest:
        wrong = wrong or f"years populated hold “{rest[:20]}”, which is not understood; the years are read without it"
    is_open = text.rstrip().endswith(("-", "–", "—")) or bool(re.search(r"\b(onwards|to date|present)\b", text.lower()))
    return text, min(starts), None if is_open else max(starts), wrong


def _run_backwards(text: str) -> bool:
    """Whether a span ends before it begins, or an academic year does ("2010/09")."""
    for year, slash in re.findall(r"\b((?:19|20)\d\d)/(\d{4}|\d\d)\b", text):
        ends = int(slash) if len(slash) == 4 else int(year[:2] + slash)
        if ends < int(year) and int(slash[-2:]) != (int(year) + 1) % 100:
            return True
    spans = re.findall(rf"\b({_START}){_END}?\s*(?:[-–—]|\bto\b|\buntil\b)\s*({_START})", text.lower())
    return any(int(first) > int(last) for first, last in spans)


def read_codes(text: str) -> tuple[tuple[Code, ...], str]:
    """A code set from lines of "code = label" or "code - label"; else the text as written."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    pairs = [re.match(r"^'?([^=\s][^=]{0,30}?)'?\s*=\s*(.+)$", line) for line in lines]
    if not all(pairs) and len(lines) > 1:
        pairs = [re.match(r"^([A-Z0-9]{1,6})\s+[-–]\s+(\D.*)$", line) for line in lines]
    if lines and all(pairs):
        return tuple(Code(pair.group(1).strip(), pair.group(2).strip()) for pair in pairs if pair), ""
    return (), text


def read_terms(text: str) -> tuple[tuple[str, ...], str]:
    """AUT, SPR and SUM of "Aut, Spr, Sum", and what is wrong, if anything."""
    words = re.findall(r"[^\W\d_]+", stated(text).lower())
    if words and set(words) <= {"all", "every", "each", "termly", "three", "term", "terms"}:
        return tuple(_TERMS), ""
    found = tuple(code for code, start in _TERMS.items() if any(word.startswith(start) for word in words))
    others = [w for w in words if w not in _TERM_WORDS and not w.startswith(tuple(_TERMS.values()))]
    if not others and (found or not stated(text)):
        return found, ""
    said = " ".join(others) if found else text
    return found, f"collection term “{said[:20]}” is not autumn, spring or summer; the item is kept without it"


def read_tier(text: str) -> tuple[str, str]:
    """The old tier, 1 to 4, of "4" or "Tier 4", and what is wrong, if anything."""
    words = [word.removesuffix(".0") for word in re.findall(r"[^\W_]+(?:\.\d+)?", stated(text).lower())]
    tiers = [word for word in words if word not in _TIER_WORDS]
    if tiers and set(tiers) <= set("1234"):
        return ", ".join(tiers), ""
    return "", f"old tier is not 1 to 4 but “{text[:20]}”; the item is kept without it" if stated(text) else ""


def looks_like_an_item(row: Cells) -> bool:
    """Whether a row without a header above it carries both grades, as only items do."""
    texts = {text for text in row if text}
    grades = texts & set("12345"), {text for text in texts if text.upper() in set("ABCDE")}
    return all(grades) and sum(1 for text in row if text) >= 4
