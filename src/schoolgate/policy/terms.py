"""What a decision is made from and what it says: frozen values, no state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from schoolgate.errors import Refusal

HANDED_OVER, IN_THE_SETTING = "handed over", "in the setting"
"""Where a result goes: to the person who asked, or no further than the safe setting."""


@dataclass(frozen=True, slots=True)
class CohortTerm:
    """The pupils an agreement covers: those whose census_pupil `column` is one of `values`."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreaTerm:
    """The schools an agreement covers: those of these authorities, and these by themselves; both empty means all."""

    authorities: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.authorities or self.schools)


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice to families that must come before the first use.

    Attributes:
        days: days between notice and use; 0 when none is needed.
        published: the day it was published; None when it was not.
    """

    days: int = 0
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """Items and people that an amendment added; they wait for both signatures and for a notice of their own."""

    items: frozenset[str]
    people: tuple[str, ...]
    notice: Notice
    signed: bool = True


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """The terms of one agreement that bear on a read.

    Attributes:
        id: agreement number.
        state: state of the agreement; only ``active`` allows a read.
        purpose: purpose id of the published taxonomy.
        lawful_basis: as stated in the agreement.
        gateway: the power to share, as stated in the agreement.
        items: approved item ids (``table.column``).
        years: inclusive (first, last) calendar years of census points.
        terms: term codes (AUT, SPR, SUM); empty means all.
        cohort: conditions that every pupil must meet.
        area: the schools covered.
        valid_from: first day of use.
        valid_until: last day of use.
        people: ids of the persons named.
        additions: what amendments added.
        built_in: whether a law, not an application, is its ground; then nobody queries under it.
        country: where the data is processed.
        processors_in: the countries of those who process it for the organisation.
        transfer_safeguard: what protects it abroad (UK GDPR Article 46); empty when nothing was stated.
        only_in: the countries the panel allows; empty means it set no limit of its own.
        notice: the notice that must come before the first use.
        deceased: whether it covers pupils who have died.
        minimum_cell: fewest pupils behind each row of a result; 0 when single records may be given.
        row_budget, query_budget: most rows and reads in all; None without limit.
        not_together: sets of items that one query may not read all of.
        pseudonyms: whether the pupil reference may be given out.
        setting_only: whether a result must stay in the safe setting.
        review_due: of an emergency approval, the last day of use unless the panel has looked at it again; None when
            nothing is due.
    """

    id: str
    state: str
    purpose: str
    lawful_basis: str
    gateway: str
    items: frozenset[str]
    years: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]
    cohort: tuple[CohortTerm, ...]
    valid_from: date
    valid_until: date
    people: tuple[str, ...]
    area: AreaTerm = AreaTerm()
    additions: tuple[Addition, ...] = ()
    built_in: bool = False
    country: str = "United Kingdom"
    processors_in: tuple[str, ...] = ()
    transfer_safeguard: str = ""
    only_in: tuple[str, ...] = ()
    notice: Notice = Notice()
    deceased: bool = False
    minimum_cell: int = 0
    row_budget: int | None = None
    query_budget: int | None = None
    not_together: tuple[tuple[str, ...], ...] = ()
    pseudonyms: bool = True
    setting_only: bool = False
    review_due: date | None = None

    @property
    def places(self) -> tuple[str, ...]:
        """Every country the data is processed in: a transfer to a processor is one like any other."""
        return (self.country, *self.processors_in)


@dataclass(frozen=True, slots=True)
class PersonTerms:
    """The person who asks.

    Attributes:
        id: person id.
        accredited_until: last day of accreditation; None when never accredited.
        country: where the person's organisation is established.
        known: whether the custodian entered such a person.
    """

    id: str
    accredited_until: date | None
    country: str = "United Kingdom"
    known: bool = True


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
class QueryShape:
    """What policy needs to know of a query beside its scans.

    Attributes:
        gives_reference: whether the pupil reference is among its outputs.
        not_aggregate: why its rows are not numbers about many pupils; empty when they are. Only looked at under an
            agreement with a minimum cell.
        output: where the result goes.
    """

    gives_reference: bool = False
    not_aggregate: tuple[Refusal, ...] = ()
    output: str = HANDED_OVER


@dataclass(frozen=True, slots=True)
class Used:
    """What was read under the agreement so far, reads that ran and failed included."""

    queries: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Holding:
    """What came of earlier use under the agreement.

    Attributes:
        sign_by: of each extract that was fetched and not signed for, the last day to do so.
        stopped_on: the day use was stopped; None when no stop stands.
        answer_by: of each correction notice that was not answered for, the last day before reads are refused.
    """

    sign_by: tuple[date, ...] = ()
    stopped_on: date | None = None
    answer_by: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemRuling:
    """Which rule allowed or refused one item."""

    item: str
    allowed: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule of the table said.

    Attributes:
        rule: its id.
        title: in plain words.
        verdict: ``allowed``, ``refused`` or ``not applicable``.
        says: why.
        provision: what it rests on.
    """

    rule: str
    title: str
    verdict: str
    says: str
    provision: str


@dataclass(frozen=True, slots=True)
class RowRule:
    """The rows every scan is confined to, whatever the query says.

    Attributes:
        years: inclusive ranges of census years.
        terms: allowed terms; empty means all.
        cohort: conditions on the pupil's census record in the same year and term.
        area: the schools covered.
        consent: items that a scan may read only of pupils whose family said yes to it; a scan that reads none of
            them is not confined.
    """

    years: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]
    cohort: tuple[CohortTerm, ...]
    area: AreaTerm = AreaTerm()
    consent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer: every reason at once, and, when there is none, the rows allowed.

    Attributes:
        refusals: every reason against the read.
        rulings: for each item, which rule allowed or refused it.
        rows: the rows each scan is confined to.
        table: what each rule of the table said, in the order in which they are explained.
        row_rules: in words, which rows every scan takes and whom it leaves out; never how many those are.
        minimum_cell: fewest pupils behind each row; 0 for none.
        rows_left: rows that may still be given; None without limit.
    """

    refusals: tuple[Refusal, ...]
    rulings: tuple[ItemRuling, ...]
    rows: RowRule
    table: tuple[Ruling, ...] = ()
    row_rules: tuple[str, ...] = ()
    minimum_cell: int = 0
    rows_left: int | None = None

    @property
    def allowed(self) -> bool:
        """Whether the read may go ahead."""
        return not self.refusals
