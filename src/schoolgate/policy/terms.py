"""What a decision is made from and what it says: frozen values, no state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from schoolgate.errors import Refusal


@dataclass(frozen=True, slots=True)
class CohortTerm:
    """The pupils an agreement covers: those whose census_pupil `column` is one of `values`."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """The terms of one agreement that bear on a read.

    Attributes:
        id: agreement number.
        state: state of the agreement; only ``active`` allows a read.
        purpose: purpose id of the published taxonomy.
        lawful_basis: as stated in the agreement.
        items: approved item ids (``table.column``).
        years: inclusive (first, last) calendar years of census points.
        terms: term codes (AUT, SPR, SUM); empty means all.
        cohort: conditions that every pupil must meet.
        valid_from: first day of use.
        valid_until: last day of use.
        people: ids of the persons named.
    """

    id: str
    state: str
    purpose: str
    lawful_basis: str
    items: frozenset[str]
    years: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]
    cohort: tuple[CohortTerm, ...]
    valid_from: date
    valid_until: date
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonTerms:
    """The person who asks.

    Attributes:
        id: person id.
        accredited_until: last day of accreditation; None when never accredited.
    """

    id: str
    accredited_until: date | None


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """One read of one table that a query makes: its items, those used only in a predicate included.

    Attributes:
        table: lake table.
        items: item ids read.
        where: item id -> place in the asker's query, e.g. ``line 1, column 8``.
    """

    table: str
    items: frozenset[str]
    where: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemRuling:
    """Which rule allowed or refused one item."""

    item: str
    allowed: bool
    rule: str


@dataclass(frozen=True, slots=True)
class RowRule:
    """The rows every scan is confined to, whatever the query says.

    Attributes:
        years: inclusive ranges of census years.
        terms: allowed terms; empty means all.
        cohort: conditions on the pupil's census record in the same year and term.
    """

    years: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]
    cohort: tuple[CohortTerm, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer: every reason at once, and, when there is none, the rows allowed."""

    refusals: tuple[Refusal, ...]
    rulings: tuple[ItemRuling, ...]
    rows: RowRule

    @property
    def allowed(self) -> bool:
        """Whether the read may go ahead."""
        return not self.refusals
