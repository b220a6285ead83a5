"""Reading one sheet: header rows found by their titles, sections, table headings, items; every row accounted for.

A sheet of the ministry's workbook has one section of items given by request and one given by default, each with
its own header row, and often several tables under headings of their own.
"""

from __future__ import annotations

from schoolgate.dictionary import columns
from schoolgate.dictionary.cells import Grid, Row
from schoolgate.dictionary.items import Item, Problem, SheetReport, Source

_LONGEST_HEADING = 60
"""A longer line is a note; the longest table heading of the ministry's workbook has 58 letters."""


class SheetReader:
    """One sheet while it is read; `items`, `problems` and `report` when it has been."""

    def __init__(self, file: str, grid: Grid) -> None:
        self._file, self._grid = file, grid
        self._header: columns.Header | None = None
        self._is_between = False
        self._title, self._section, self._group, self._group_used = "", "unstated", "", False
        self._headings = self._unread = 0
        self._seen: dict[tuple[str, str, str], int] = {}
        self.has_header = False
        self.items: list[Item] = []
        self.problems: list[Problem] = []
        self.not_kept: list[str] = []
        for row in grid.rows:
            self._take(row)

    @property
    def report(self) -> SheetReport:
        """What became of every row."""
        remark = {"chart": "a chart, without rows", "hidden": "a hidden sheet"}.get(self._grid.kind, "")
        if not remark and not self.has_header:
            remark = "no table of items" if self._grid.rows else "empty"
        return SheetReport(self._grid.name, len(self.items), self._headings, self._unread, remark=remark)

    def _complain(self, number: int, reason: str, *, is_kept: bool = True) -> None:
        self.problems.append(Problem(self._grid.name, number, reason, is_kept))

    def _drop(self, number: int, reason: str) -> None:
        self._unread += 1
        self._complain(number, reason, is_kept=False)

    def _get(self, row: Row, column: str) -> str:
        places = (self._header or {}).get(column, ())
        return next((row.cells[at] for at in places if at < len(row.cells) and row.cells[at]), "")

    def _take(self, row: Row) -> None:
        """Take one row: a header, a section, a heading, an item, or a row that cannot be read."""
        header = columns.read_header(row.cells)
        section = columns.read_section(row.cells)
        if header is not None:
            self._new_header(row, header)
        elif section is not None:
            self._section, self._is_between = section, True
            self._headings += 1
        elif self._header is None:
            self._before_header(row)
        elif self._is_heading(row):
            self._heading(row)
        else:
            self._is_between = False
            self._item(row)

    def _new_header(self, row: Row, header: columns.Header) -> None:
        self._header, self.has_header, self._is_between = header, True, False
        if self._group_used:
            self._group, self._group_used = "", False
        self._headings += 1
        known = {at for places in header.values() for at in places}
        self.not_kept += [text for at, text in enumerate(row.cells) if text and at not in known]
        lacks = columns.missing(header)
        if lacks:
            self._complain(row.number, f"the header has no column of {', '.join(lacks)}; the items below lack it")

    def _before_header(self, row: Row) -> None:
        if columns.looks_like_an_item(row.cells):
            self._drop(row.number, "no header row above it says what its columns are")
        else:
            self._heading(row)

    def _is_heading(self, row: Row) -> bool:
        """A row that names a table of several on one sheet, sometimes with its years beside; a note; a title."""
        filled = [at for at, text in enumerate(row.cells) if text]
        said = [self._get(row, column) for column in ("description", "identifiability", "sensitivity", "tier")]
        if self._is_between and not any(said):
            return True
        if row.notes or any(said[1:]):
            return False
        named = self._get(row, "alias") or self._get(row, "name")
        if "[yy]" in named or "[term]" in named:
            return False
        if len(filled) == 1:
            return not said[0] or len(filled) == len(row.cells) == 1
        return len(filled) == 2 and not said[0] and bool(self._get(row, "years"))

    def _heading(self, row: Row) -> None:
        """Remember a heading: the sheet's title, or the table that follows; notes are only counted."""
        self._headings += 1
        text = next(text for text in row.cells if text)
        is_aside = text.startswith(("(", "*")) or text.lower().startswith(("nb.", "note"))
        is_note = is_aside or len(text) > _LONGEST_HEADING
        if not self._title and not is_aside and not self.has_header and not self._is_between:
            self._title = text
        elif text == self._title:
            self._group, self._group_used = "", False
        elif not is_note and not (self._is_between and text.isupper()):
            self._group, self._group_used = text.rstrip(":"), False
        elif self._header is not None and not self._is_between:
            # The workbook introduces repeated variables with a sentence; they are a table of their own.
            self._group, self._group_used = "", False

    def _item(self, row: Row) -> None:
        own_name = [
            at for column in ("alias", "name") for at in (self._header or {}).get(column, ()) if at not in row.above
        ]
        alias, name = columns.stated(self._get(row, "alias")), columns.stated(self._get(row, "name"))
        for wrong in row.notes.values():
            self._complain(row.number, wrong)
        if not alias and not name:
            self._drop(row.number, "no alias and no field reference: the row names no item")
            return
        if not any(at < len(row.cells) and row.cells[at] for at in own_name):
            self._drop(row.number, "its name is merged with the row above: the row names no item of its own")
            return
        if "alias" in (self._header or {}) and not self._get(row, "alias"):
            self._complain(row.number, "no alias; the item is kept under its field reference")
        self._keep(row, alias, name)

    def _keep(self, row: Row, alias: str, name: str) -> None:
        codes, values = columns.read_codes(self._get(row, "values"))
        years, first, last, wrong = columns.read_years(self._get(row, "years"))
        if not years and "years" in (self._header or {}):
            wrong = "years populated is blank; the item is kept without them"
        if wrong:
            self._complain(row.number, wrong)
        former = [columns.stated(row.cells[at]) for at in (self._header or {}).get("former", ()) if at < len(row.cells)]
        terms, wrong_terms = columns.read_terms(self._get(row, "terms"))
        tier, wrong_tier = columns.read_tier(self._get(row, "tier"))
        for wrong in filter(None, (wrong_terms, wrong_tier)):
            self._complain(row.number, wrong)
        table, self._group_used = self._table(row), True
        is_bare = not any((name, years, self._get(row, "description"), self._get(row, "values")))
        if is_bare and (self._get(row, "identifiability") or self._get(row, "sensitivity")):
            self._complain(row.number, "a name and grades, nothing else; the rows below are taken as its table")
            self._group, self._group_used = alias, False
        before = self._seen.setdefault((table, alias or name, years), row.number)
        if before != row.number:
            self._complain(row.number, f"the same item stands in row {before}; both are kept")
        self.items.append(
            Item(
                id=alias or f"{self._grid.name}.{name}",
                collection=self._title or self._grid.name,
                table=table,
                name=name or alias,
                alias=alias,
                former_names=tuple(dict.fromkeys(filter(None, former))),
                years=years,
                first_year=first,
                last_year=last,
                description=self._get(row, "description"),
                codes=codes,
                values=values,
                terms=terms,
                identifiability=self._identifiability(row),
                sensitivity=self._sensitivity(row),
                old_tier=tier,
                given=columns.read_given(self._get(row, "given")) or self._section,
                source=Source(self._file, self._grid.name, row.number),
            )
        )

    def _table(self, row: Row) -> str:
        """The table's name: a column of the sheet may number the tables an item stands in ("1,2,3")."""
        table = self._get(row, "table")
        if table and not any(letter.isalpha() for letter in table):
            table = f"Table {table}" if len(table) == 1 else f"Tables {table}"
        return table or self._group or self._grid.name

    def _identifiability(self, row: Row) -> int | None:
        text = self._get(row, "identifiability").removesuffix(".0")
        if text in ("1", "2", "3", "4", "5"):
            return int(text)
        if "identifiability" in (self._header or {}):
            reason = f"is not 1 to 5 but “{text[:20]}”" if text else "is blank"
            self._complain(row.number, f"identifiability {reason}; the item is kept without it")
        return None

    def _sensitivity(self, row: Row) -> str | None:
        text = self._get(row, "sensitivity").upper()
        if text in ("A", "B", "C", "D", "E"):
            return text
        if "sensitivity" in (self._header or {}):
            reason = f"is not A to E but “{text[:20]}”" if text else "is blank"
            self._complain(row.number, f"sensitivity {reason}; the item is kept without it")
        return None
