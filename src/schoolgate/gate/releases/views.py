"""What releases take in and give out: frozen values that cross the gate's socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ExtractView:
    """An order for an extract, as its two sides see it.

    Attributes:
        id: ``X-`` and random digits.
        state: of `states.EXTRACT`.
        organisation: the recipient's name.
        sign_by: last day to sign for it; None until it was fetched.
        until: last day of the download; None until it is ready.
        failed_because: why the gate made none, in words.
        overdue: whether the signature is late, so that the agreement's reads are refused.
        said: what the recipient wrote when it reported instead of signing; empty but for the custodian's people.
    """

    id: str
    agreement_id: str
    organisation: str
    person_id: str
    sql: str
    reason: str
    form: str
    recipient_key: str
    state: str
    ordered_at: datetime
    decided_by: str
    decided_because: str
    release_id: str
    file_sha256: str
    size: int | None
    until: date | None
    downloads: int
    downloads_most: int
    sign_by: date | None
    failed_because: tuple[str, ...]
    overdue: bool
    said: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Opened:
    """A download that may begin.

    Attributes:
        token: shown once; kept here as a hash.
        name: of the encrypted file.
        receipt: the receipt of the read, as JSON text.
    """

    token: str = field(repr=False)
    name: str
    size: int
    file_sha256: str
    receipt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One person who is looked for, with the reason and the law for this very look-up. Never kept.

    Either `upn` with `dob`, or the whole name with `dob`, `sex` and `postcode`: a name and a birth date alone are
    many children's.

    Attributes:
        ref: the asker's own row number.
    """

    ref: str
    dob: str = field(repr=False)
    reason: str
    provision: str
    surname: str = field(repr=False, default="")
    forename: str = field(repr=False, default="")
    sex: str = field(repr=False, default="")
    postcode: str = field(repr=False, default="")
    upn: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Found:
    """What a list's row is told: whether it is a pupil the agreement reaches, and what was agreed to be told."""

    ref: str
    found: bool
    values: tuple[tuple[str, str], ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """The answer to a list.

    Attributes:
        rows: one a row of the list, in its order.
        releases: the releases it is on record as.
    """

    rows: tuple[Found, ...] = field(repr=False)
    releases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """Yes or no. "No" is also the answer about nobody, about several, and about a child who is left out."""

    yes: bool
    release_id: str


@dataclass(frozen=True, slots=True)
class LookupDeclared:
    """What was applied for: how look-ups under an agreement are meant to be.

    Attributes:
        first_hour, last_hour: of the custodian's day; look-ups are made from the first to the end of the last.
    """

    kinds: tuple[str, ...]
    reasons: tuple[str, ...]
    per_day: int
    per_month: int
    first_hour: int = 7
    last_hour: int = 19


@dataclass(frozen=True, slots=True)
class LookupWanted:
    """An agreement for look-ups of which nobody has recorded yet how they are meant to be: nothing is looked up.

    Attributes:
        kind: what was applied for, of `limits.KINDS`.
        how_often: what the applicant wrote about it.
    """

    agreement_id: str
    organisation: str
    kind: str
    how_often: str


@dataclass(frozen=True, slots=True)
class PastLookup:
    """Look-ups of one kind, reason and provision made at once: how many, never about whom."""

    at: datetime
    person_id: str
    kind: str
    reason: str
    provision: str
    asked: int
    found: int
    release_id: str


@dataclass(frozen=True, slots=True)
class LookupView:
    """What look-ups under an agreement are meant to be, and what they were.

    Attributes:
        today, month: look-ups on the custodian's day, and in the thirty days that end with it.
        list_most: people in one list.
        past: the latest, latest first.
    """

    agreement_id: str
    organisation: str
    declared: LookupDeclared
    today: int
    month: int
    list_most: int
    past: tuple[PastLookup, ...]


@dataclass(frozen=True, slots=True)
class StopView:
    """A stop, with its question."""

    id: int
    agreement_id: str
    organisation: str
    reasons: tuple[str, ...]
    stopped_at: datetime
    answer: str
    lifted_because: str
    standing: bool


@dataclass(frozen=True, slots=True)
class DelayView:
    """A delay in telling one family; it does not say which."""

    id: int
    agreement_id: str
    provision: str
    reason: str
    until: date
    set_by: str
    in_force: bool
