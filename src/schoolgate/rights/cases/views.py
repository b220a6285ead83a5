"""What the cases give out. Each holds words of a family, so that none shows itself in a repr."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list.

    Attributes:
        reference: e.g. ``RC-7K3M-Q9PT``.
        item: dictionary item id when it is about one; empty otherwise.
        due_what: what is due next (`rules.NextDue.what`).
        last_day: by the end of which; None while the clock stands still or nothing is due.
        waits_for: ``family``, ``custodian``, ``source``, ``overseer``, ``regulator`` (or a court) or
            ``nobody``.
    """

    reference: str
    kind: str
    state: str
    item: str = field(repr=False)
    received_on: date = field(repr=False)
    due_what: str
    last_day: date | None
    is_late: bool
    is_late_soon: bool
    waits_for: str


@dataclass(frozen=True, slots=True)
class Said:
    """What was written in a step.

    Attributes:
        text: why, or what was said.
        should_be: what the family says the item should be.
        stands: what the family sees there now.
        outcome: of a decision.
        value: what an item was set to.
        provision: the rule or law that a decision rests on.
        agrees: of a source: ``yes``, ``no``; empty when it was silent or nobody asked.
        source: who the source is, in words.
        letter: the decision letter as its canonical text.
    """

    text: str = field(default="", repr=False)
    should_be: str = field(default="", repr=False)
    stands: str = field(default="", repr=False)
    outcome: str = ""
    value: str = field(default="", repr=False)
    provision: str = field(default="", repr=False)
    agrees: str = ""
    source: str = field(default="", repr=False)
    letter: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OnPaper:
    """How the letter on paper about a step stands.

    Attributes:
        state: ``waits``, ``posted``, or ``seen`` (the family read it on its page).
        on: the day of that; None while it waits.
        by: number of the person who posted it; empty in what a family is shown.
    """

    state: str
    on: date | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class LetterToPost:
    """A letter about a case that waits to be posted.

    Attributes:
        number: of the step.
        event: of the step.
        link: the number by which the person is known here.
        by_law: by the end of which the law wants it out; None where it says "without undue delay".
        law: the provision of that day.
        due: last day of posting it: that day, or the custodian's own where it is earlier.
    """

    reference: str
    number: int
    event: str
    link: int
    written_on: date
    by_law: date | None
    law: str
    due: date
    is_late: bool
    is_late_soon: bool


@dataclass(frozen=True, slots=True)
class PostFigures:
    """How letters about cases stand that leave on paper: numbers only.

    Attributes:
        late_soon: have to leave by the next working day.
        posted: left in the days that are counted.
        posted_late: of these, after their last day.
    """

    waiting: int
    late: int
    late_soon: int
    posted: int
    posted_late: int


@dataclass(frozen=True, slots=True)
class StepView:
    """One step that was taken.

    Attributes:
        who: ``family``, ``custodian``, ``overseer`` or ``clock``; never a name.
        actor: the person's number for staff (``P-0003``); empty for a family and in what a family is shown.
        paper: the letter on paper about it; None where there is none.
    """

    number: int
    event: str
    target: str
    who: str
    at: datetime
    said: Said = field(repr=False)
    actor: str = ""
    paper: OnPaper | None = None


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A file, without its content."""

    number: int
    name: str = field(repr=False)
    kind: str
    size: int
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with everything that was said in it.

    Attributes:
        line: the case in a list.
        right: the provision of the right.
        row: token of the row, when it is about one.
        wrong_since: since when the family says it is wrong.
        outcomes: what may be decided.
        disputed: whether the item is kept out of every query because of this case.
        lifts_after: the day after which a disputed item may be used again; None while that is not known.
        others: how many other open cases are about the same item of the same child.
        may: events that whoever looks may ask for now.
        extended: whether the time was extended.
        source_may_see: whether the family lets the school that sent the fact see the files.
        source_urn: for staff: the school that sent the fact, where a look has shown it; None to a family.
        on_paper: for staff: whether the family is told on paper, by letters that somebody has to post.
    """

    line: CaseLine
    right: str
    row: str = field(repr=False)
    wrong_since: date | None = field(repr=False)
    outcomes: tuple[str, ...]
    disputed: bool
    lifts_after: date | None
    others: int
    may: tuple[str, ...]
    extended: bool
    outcome: str
    steps: tuple[StepView, ...] = field(repr=False)
    evidence: tuple[EvidenceView, ...] = field(repr=False)
    source_may_see: bool = False
    source_urn: int | None = field(default=None, repr=False)
    on_paper: bool = False


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A case that waits for the school that sent the fact, in that school's list.

    Attributes:
        item: dictionary item id.
        asked_on: the day the school was asked.
        last_day: by the end of which it is to answer.
    """

    reference: str
    item: str
    asked_on: date
    last_day: date
    is_late: bool
    is_late_soon: bool


@dataclass(frozen=True, slots=True)
class SourceView:
    """What the school that sent a fact is shown of a case about it: the question, and nothing of the family.

    Attributes:
        stands: what the family sees there.
        should_be: what the family says it should be.
        text: how the family knows.
        asked: what the custodian asks.
        files: the family's files, where it lets the school see them.
    """

    line: SourceLine
    wrong_since: date | None = field(repr=False)
    stands: str = field(repr=False)
    should_be: str = field(repr=False)
    text: str = field(repr=False)
    asked: str = field(repr=False)
    files: tuple[EvidenceView, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FileOut:
    """A file to be saved.

    Attributes:
        content: base64.
    """

    name: str = field(repr=False)
    kind: str
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LookedRow:
    """What stands in one row.

    Attributes:
        token: what names the row in a correction; after any change of it it fits no more.
        when: the census, such as ``AUT 2026``; empty for the identity.
        urn: of the school that sent it; 0 for the identity.
    """

    token: str = field(repr=False)
    when: str = field(repr=False)
    urn: int = field(repr=False)
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the custodian sees of a child to look into a case: who it is for the source, and the one item.

    Attributes:
        who: name of an identity item -> its value: what a school needs to find its own pupil.
        log_index: the entry of the log in which this look is recorded.
    """

    who: tuple[tuple[str, str], ...] = field(repr=False)
    rows: tuple[LookedRow, ...] = field(repr=False)
    log_index: int = 0


@dataclass(frozen=True, slots=True)
class KindFigures:
    """How the cases of one kind stand: numbers only.

    Attributes:
        outside: of the open ones, those before the regulator or a court.
        lapsed: closed undecided, because the family did not say what was asked of it.
        oldest: days since the oldest open one was received; 0 without any.
        median: days that half of the decided ones took at most; 0 without any.
    """

    kind: str
    open: int
    late: int
    late_soon: int
    waiting_for_family: int
    outside: int
    decided: int
    decided_late: int
    refused: int
    appealed: int
    lapsed: int
    oldest: int
    median: int
