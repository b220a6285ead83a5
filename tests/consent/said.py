"""What families said, as plain sets that know nothing of the gate's ways, and who is then in each scan of a question."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

PLAA = "census_pupil.plaa"
CENSUS = frozenset(range(6))
ABSENT = frozenset(range(1, 6))
EVERY_CENSUS_SCAN = {"census_pupil.pupil", "census_pupil.year"}  # the agreements' years are looked at in every row
EVERY_ABSENCE_SCAN = {"census_absence.pupil", "census_absence.year"}


@dataclass(frozen=True)
class Question:
    """A query, and by hand the scans it makes: the pupils in the table, and the items that are read."""

    sql: str
    scans: tuple[tuple[frozenset[int], frozenset[str]], ...]
    rows_are_pupils: bool = False


def census(*items: str) -> tuple[frozenset[int], frozenset[str]]:
    return CENSUS, frozenset({f"census_pupil.{one}" for one in items} | EVERY_CENSUS_SCAN)


def absence(*items: str) -> tuple[frozenset[int], frozenset[str]]:
    return ABSENT, frozenset({f"census_absence.{one}" for one in items} | EVERY_ABSENCE_SCAN)


QUESTIONS = [
    Question("SELECT pupil, sex FROM census_pupil", (census("sex"),), rows_are_pupils=True),
    Question("SELECT pupil FROM census_pupil", (census(),), rows_are_pupils=True),
    Question("SELECT count(*) AS n FROM census_pupil WHERE ethnicity IS NOT NULL", (census("ethnicity"),)),
    Question("SELECT pupil FROM census_pupil ORDER BY age", (census("age"),), rows_are_pupils=True),
    Question("SELECT sessions FROM census_absence", (absence("sessions"),), rows_are_pupils=True),
    Question(
        "SELECT p.sex, count(*) AS n FROM census_pupil p JOIN census_absence a ON a.pupil = p.pupil GROUP BY p.sex",
        (census("sex"), absence()),
    ),
    Question(
        "SELECT count(DISTINCT p.pupil) AS n FROM census_pupil p LEFT JOIN census_pupil q"
        " ON q.pupil = p.pupil AND q.ethnicity <> 'NOBT'",
        (census(), census("ethnicity")),
    ),
    Question("SELECT pupil, plaa FROM census_pupil", (census("plaa"),), rows_are_pupils=True),
    Question(
        "SELECT count(*) AS n FROM census_pupil p LEFT JOIN census_pupil q ON q.pupil = p.pupil AND q.plaa IS NULL",
        (census(), census("plaa")),
    ),
]


@dataclass(frozen=True)
class Party:
    """An agreement, as the model knows it."""

    agreement: str
    person: str
    organisation: str
    kind: str
    purpose: str
    deceased: bool


BY_LAW = {"school-funding"}
PARTIES = [
    ("One University (synthetic)", "university", "education-research", False),
    ("Another University (synthetic)", "university", "official-statistics", True),
    ("Tuition Company (synthetic)", "company", "education-research", False),
    ("Department (synthetic)", "government-department", "school-funding", False),
]


@dataclass
class Model:
    """Everything families said, as sets."""

    no: set[tuple[int, str, str, str]] = field(default_factory=set)  # each with who said it
    stopped: dict[tuple[int, str, str], date | None] = field(default_factory=dict)
    disputed: set[tuple[int, str, str]] = field(default_factory=set)
    yes: dict[tuple[int, str, str], date] = field(default_factory=dict)
    shielded: set[int] = field(default_factory=set)
    dead: set[int] = field(default_factory=set)
    first: dict[tuple[str, int], tuple[int, datetime]] = field(default_factory=dict)  # who of staff spoke first, when

    def is_second(self, what: str, pupil: int, by: int, now: datetime) -> bool:
        """Whether another one of the staff said the same within a month; if not, this one is the first."""
        who, when = self.first.get((what, pupil), (by, now))
        if who != by and now < when + timedelta(days=30):
            del self.first[what, pupil]
            return True
        if (what, pupil) not in self.first or now >= when + timedelta(days=30):
            self.first[what, pupil] = by, now
        return False

    def refuses(self, pupil: int, to: Party) -> bool:
        if to.purpose in BY_LAW:
            return False
        heard = {("purpose", to.purpose), ("kind", to.kind), ("recipient", to.organisation), ("all", "")}
        return any(who == pupil and (of, target) in heard for who, of, target, _by in self.no)

    def is_in(self, pupil: int, items: frozenset[str], to: Party, today: date) -> bool:
        if pupil in self.shielded or any(pupil == who for who, _, _ in self.stopped) or self.refuses(pupil, to):
            return False
        if pupil in self.dead and not to.deceased:
            return False
        if any(pupil == who and item in items for who, item, _ in self.disputed):
            return False
        if PLAA in items and to.purpose not in BY_LAW:
            last = self.yes.get((pupil, to.purpose, to.organisation))
            return last is not None and today <= last
        return True

    def members(self, question: Question, to: Party, today: date) -> list[set[int]]:
        return [{p for p in those if self.is_in(p, items, to, today)} for those, items in question.scans]
