"""What the gate gives out about corrections: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Wrong:
    """One value that is to be put right.

    Attributes:
        item: ``table.column``, or ``identity.name``.
        row: the row's token, as the family's record gives it (`SubjectRecord.tokens`).
        new: the value as it should be, as text; "" when there should be none.
        wrong_since: the first day on which it was wrong; None: since it was first recorded.
        case: reference of the case; nothing of a child.
        evidence_sha256: of what the decision rests on, hexadecimal; "" when there is none.
    """

    pupil: int = field(repr=False)
    item: str
    row: str = field(repr=False)
    new: str = field(repr=False)
    wrong_since: date | None
    case: str
    evidence_sha256: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A correction, or a note beside a value, for the child's own family and those who decide its case.

    Attributes:
        kind: ``corrected``, ``annotated``, or ``declined``: the family took the item back, and its code stands there.
        old: the value before, as text; "" when there was none.
        new: the value since; the same as `old` beside a note.
        note: the family's own words beside the value.
        still: what the last load of the term made of it: ``laid`` (the school still says the old value),
            ``fulfilled``, ``overtaken``, ``missing``; "" for what is not in the lake.
        travelled_on: the day it was worked out who had to be told; None: not yet.
    """

    id: str
    kind: str
    item: str
    year: int | None
    term: str
    old: str = field(repr=False)
    new: str = field(repr=False)
    note: str = field(repr=False)
    wrong_since: date | None
    case: str
    decided_at: datetime
    still: str
    travelled_on: date | None


@dataclass(frozen=True, slots=True)
class RecipientState:
    """How far one recipient has come with one correction, for the child's own family.

    Attributes:
        by_reference: whether it was told under the child's reference with it; else it was told a count alone.
        state: of the notice: ``sent``, ``fetched``, ``acknowledged``, ``not needed`` (certified as destroyed).
        did: what it says it did (`DID`); "" while it says nothing.
        late_since: the first day on which the answer was late; None when it is not.
        kind: of the correction: ``corrected`` or ``declined``.
    """

    correction: str
    agreement_id: str
    organisation: str
    by_reference: bool
    state: str
    told_on: date
    fetched_on: date | None
    acknowledged_on: date | None
    did: str
    said: str = field(repr=False)
    due: date = field(kw_only=True)
    late_since: date | None = field(kw_only=True)
    kind: str = field(default="corrected", kw_only=True)


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as its recipient, the custodian and the overseer see it: nothing of any pupil.

    Attributes:
        lines: how many corrections it tells under a pseudonym.
        counted: how many it tells as a count, rounded.
        late: whether the last day to acknowledge is past.
        kind: ``corrections``, or ``erased``: what it tells was erased and is to be deleted.
    """

    id: str
    agreement_id: str
    organisation: str
    state: str
    sent_on: date
    due: date
    refuse_after: date
    lines: int
    counted: str
    fetched_on: date | None
    acknowledged_on: date | None
    did: str
    said: str
    late: bool
    kind: str = "corrections"


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One correction, or one item erased, as a recipient is told it.

    Attributes:
        pupil: the pseudonym under the recipient's agreement; "" where an item is erased of every pupil.
        old: the value that was wrong; "" of what a family took back or what was erased, which is not kept.
        kind: ``corrected``; ``declined``: the family took it back, it is no longer to be used; ``erased``.
    """

    pupil: str = field(repr=False)
    item: str
    year: int | None
    term: str
    old: str = field(repr=False)
    new: str = field(repr=False)
    kind: str = "corrected"


@dataclass(frozen=True, slots=True)
class NoticeCount:
    """How many corrections of one item and census concern results without references; rounded."""

    item: str
    year: int | None
    term: str
    corrections: str
    kind: str = "corrected"


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A part of a notice.

    Attributes:
        after: what is asked for the next part with; None when this is the last.
    """

    notice: NoticeView
    lines: tuple[NoticeLine, ...] = field(repr=False)
    counts: tuple[NoticeCount, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class AffectedOutput:
    """A release that rests on values that were put right since.

    Attributes:
        percent: corrected pupils among those in it, rounded down to a whole number.
        left_as: ``extract`` when a file left the setting, else ``result``.
    """

    release_id: str
    agreement_id: str
    organisation: str
    begun_on: date
    percent: int
    left_as: str


@dataclass(frozen=True, slots=True)
class SentBySchool:
    """What one school sent of one item of one child, for the school itself.

    Attributes:
        who: name of an identity item -> its value: what the school needs to find its own pupil.
        values: (census in words, value); the census is empty for an identity.
    """

    who: tuple[tuple[str, str], ...] = field(repr=False)
    values: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SchoolFiles:
    """What a school puts right in its own system.

    Attributes:
        ctf_name: the file name by the CTF rules.
        ctf: the Common Transfer File (partial); "" when no item of it is carried there.
        table: a CSV of what to change, item by item.
        pupils: how many pupils.
    """

    ctf_name: str
    ctf: str = field(repr=False)
    table: str = field(repr=False)
    pupils: int
