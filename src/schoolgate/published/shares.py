"""Historic shares from the ministry's published list: each row an entry "imported, not witnessed".

The list is a spreadsheet (CSV or XLSX) with one row a share. Columns are found by their headings. A cell is text and
stays text: a formula is refused by its row, markup is shown as it stands. Who hands in the same list again adds
nothing: a share is known by what its row says.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from schoolgate import dictionary, people, register
from schoolgate.cells import begins_a_formula
from schoolgate.clock import Clock
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.published.keeping import refresh
from schoolgate.published.models import Case
from schoolgate.published.words import folded

LARGEST = 20 * 2**20
MOST_ROWS = 20_000
LONGEST_CELL = 3_000

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "organisation": ("organisation", "organisation name", "data recipient", "recipient", "requester"),
    "title": ("title", "project title", "project", "name of project"),
    "purpose_plain": ("purpose", "purpose summary", "summary", "summary of purpose", "description"),
    "data_sets": ("data sets", "datasets", "data set", "dataset", "data shared"),
    "identifiability": ("level of identifiability", "identifiability", "identification risk"),
    "safe_setting": ("in the safe setting?", "safe setting", "in the safe setting", "secure setting", "ons srs"),
    "gateway": ("legal gateway", "gateway", "legal basis", "legal power"),
    "valid_from": ("start", "start date", "from", "licence start", "licence start date"),
    "valid_until": ("end", "end date", "until", "licence end", "licence end date"),
    "stated_status": ("status", "licence status"),
}
"""What an entry says -> headings under which lists have it, in small letters."""

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""For trying whether the register would take a row."""

_NEEDED = ("organisation", "title", "purpose_plain", "data_sets", "gateway", "stated_status")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y")
_MONTHS = ("%Y-%m", "%B %Y", "%b %Y", "%b-%Y", "%b-%y")
_BULLET = "- "
"""How lists write the points of a summary; a table that goes out has a mark before it like before any other dash."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be imported: its number as the spreadsheet shows it, and why."""

    row: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import.

    Attributes:
        entered: ids of the shares entered, ``H-…``.
        doubles: (row, why it is one) of rows that were known already or stand twice in the list.
        bad: rows left out, with `partial`.
    """

    entered: tuple[str, ...]
    doubles: tuple[BadRow, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class _Share:
    row: int
    said: Mapping[str, str]

    @property
    def key(self) -> str:
        """Known by all that its row says, whatever its spaces and capitals."""
        plain = json.dumps({key: " ".join(folded(value).split()) for key, value in sorted(self.said.items())})
        return f"H-{hashlib.sha256(plain.encode()).hexdigest()[:16]}"


def import_shares(
    path: Path, actor: str, clock: Clock, *, partial: bool = False, tell: Callable[[int], None] = lambda row: None
) -> Imported | Refused:
    """Read a list and enter each of its shares into the register; all or nothing unless `partial`.

    Args:
        path: a CSV or XLSX file.
        actor: person id of the custodian's who answers for the list.
        clock: the time.
        partial: enter the good rows although others are bad.
        tell: called with the number of each row that was entered.

    Returns:
        What was entered; or every reason why nothing was.

    Raises:
        SchoolgateError: the file cannot be read, or is not such a list.
        people.UnknownPerson: no such actor.
    """
    person = people.person(actor)
    if person.role != "custodian":
        return Refused((Refusal("not-your-decision", "Only the custodian imports a list of shares.", where="actor"),))
    raw = _bytes(path)
    shares, bad = read_shares(raw, path)
    if bad and not partial:
        return Refused(
            tuple(Refusal("bad-row", " ".join(one.why), where=f"row {one.row}", provision="import") for one in bad)
        )
    digest = hashlib.sha256(raw).hexdigest()
    doubles: list[BadRow] = []
    entered: list[str] = []
    with transaction.atomic():
        register.hold_log()
        refresh()
        known = set(Case.objects.filter(imported=True).values_list("application", flat=True))
        first: dict[str, int] = {}
        for share in shares:
            if share.key in first:
                doubles.append(BadRow(share.row, (f"The same as row {first[share.key]}.",)))
            elif share.key in known:
                doubles.append(BadRow(share.row, ("It is in the register already.",)))
            else:
                register.append_event("share.imported", share.key, _payload(share, digest), clock.now())
                entered.append(share.key)
                tell(share.row)
            first.setdefault(share.key, share.row)
        refresh()
    return Imported(tuple(entered), tuple(doubles), bad)


def _payload(share: _Share, digest: str) -> dict[str, Any]:
    said = dict(share.said)
    sets = [part.strip() for part in re.split(r"[;\n|]|, ", said.pop("data_sets")) if part.strip()]
    dates = {key: said.pop(key) for key in ("valid_from", "valid_until")}
    return {
        **said,
        "data_sets": sets,
        **{key: value for key, value in dates.items() if value},
        "source_sha256": digest,
        "source_row": share.row,
    }


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise SchoolgateError("The list is larger than 20 MiB.", code="list-too-large")
        return path.read_bytes()
    except OSError:
        raise SchoolgateError("The list cannot be opened.", hint="Check the path.", code="list-open") from None


def read_shares(raw: bytes, path: Path) -> tuple[tuple[_Share, ...], tuple[BadRow, ...]]:
    """The shares of a list, and the rows that are none.

    Raises:
        SchoolgateError: not a CSV or XLSX file, or without the headings of such a list.
    """
    rows = iter(_xlsx(path) if raw[:4] == b"PK\x03\x04" else _csv(raw))
    places = _places(rows)
    shares: list[_Share] = []
    bad: list[BadRow] = []
    for count, (number, cells, notes) in enumerate(rows):
        if count >= MOST_ROWS:
            raise SchoolgateError(f"The list has more than {MOST_ROWS:,} rows.", code="list-too-long")
        if not any(cells):
            continue
        said = {key: cells[at].strip() if at < len(cells) else "" for key, at in places.items()}
        said = {key: said.get(key, "") for key in _COLUMNS}
        share, why = _checked(_Share(number, said), notes)
        if why:
            bad.append(BadRow(number, why))
        else:
            shares.append(share)
    return tuple(shares), tuple(bad)


def _checked(share: _Share, notes: Sequence[str]) -> tuple[_Share, tuple[str, ...]]:
    why = [f"{note[0].upper()}{note[1:]}." for note in notes]
    said = dict(share.said)
    for key in _NEEDED:
        if not said[key] and not notes:
            why.append(f"The {_heading(key)} is empty.")
    for key, value in said.items():
        if len(value) > LONGEST_CELL:
            why.append(f"The {_heading(key)} is longer than {LONGEST_CELL:,} characters.")
        if begins_a_formula(value.removeprefix(_BULLET)):
            why.append(f"The {_heading(key)} begins like a formula.")
        if "\x00" in value:
            why.append(f"The {_heading(key)} holds a character that no text has.")
    for key in ("valid_from", "valid_until"):
        found = _day(said[key])
        if found is None:
            why.append(f"The {_heading(key)} is not a date.")
        else:
            said[key] = found
    if (
        said["valid_from"]
        and said["valid_until"]
        and not why
        and said["valid_until"] < said["valid_from"][: len(said["valid_until"])]
    ):
        why.append("It ends before it starts.")
    made = replace(share, said=said)
    if not why:
        try:
            register.event_body("share.imported", made.key, _payload(made, ""), _ANY_TIME)
        except SchoolgateError as problem:
            why.append(str(problem))
    return made, tuple(why)


def _heading(key: str) -> str:
    return _COLUMNS[key][0].rstrip("?")


def _day(text: str) -> str | None:
    """A day or month as ISO has it, as exact as it was given; empty for none ("ongoing"); None when it is neither."""
    if folded(text).strip() in ("", "n/a", "ongoing", "open", "-", "tbc"):
        return ""
    plain = text[:10] if re.fullmatch(r"\d{4}-\d{2}-\d{2}[ T].*", text) else " ".join(text.split())
    for form in _DATES:
        try:
            return datetime.strptime(plain, form).date().isoformat()  # noqa: DTZ007  a day has no time zone
        except ValueError:
            continue
    for form in _MONTHS:  # no day is made up
        try:
            return f"{datetime.strptime(plain, form):%Y-%m}"  # noqa: DTZ007  nor has a month
        except ValueError:
            continue
    return None


_Row = tuple[int, Sequence[str], Sequence[str]]


def _places(rows: Iterator[_Row]) -> Mapping[str, int]:
    """Column of each thing, from the first row that has the headings; lists begin with a title or two."""
    for number, cells, _notes in rows:
        heads = [" ".join(folded(cell).split()).rstrip(":") for cell in cells]
        places = {key: at for key, names in _COLUMNS.items() for at, head in enumerate(heads) if head in names}
        if all(key in places for key in _NEEDED):
            return places
        if number > 30:
            break
    wanted = ", ".join(_heading(key) for key in _NEEDED)
    raise SchoolgateError(
        "The list has no row with the headings of such a list.",
        hint=f"It needs at least the columns: {wanted}.",
        code="list-headings",
    )


def _xlsx(path: Path) -> Iterable[_Row]:
    for grid in dictionary.read_grids(path):
        if grid.kind == "" and grid.rows:
            return [(row.number, row.cells, tuple(row.notes.values())) for row in grid.rows]
    raise SchoolgateError("The workbook has no sheet with rows.", code="list-empty")


def _csv(raw: bytes) -> Iterable[_Row]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells, ()
    except csv.Error:
        raise SchoolgateError("The list is not a CSV file.", code="list-csv") from None
