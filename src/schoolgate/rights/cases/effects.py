"""What a case does to the record: an item is disputed, used again, corrected or annotated; a record is erased.

One place for all of it, so that who reads a case's code sees what it can change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction

from schoolgate import consent, gate, work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.ids import Pmr
from schoolgate.rights.cases.kept import about, locked, note
from schoolgate.rights.cases.models import Case, CaseLetter
from schoolgate.rights.cases.states import DECIDED
from schoolgate.rights.cases.views import Said

PROPOSED = "propose_erasure"
"""The step that says that a decision to erase was proposed for carrying out."""


def dispute(pupil: int, item: str, *, case: str, actor: str, clock: Clock) -> bool:
    """Keep an item of a child out of every query from the next one on (UK GDPR Article 18(1)(a))."""
    return consent.dispute_item(Pmr(pupil), item, case=case, actor=actor, clock=clock)


def settle(pupil: int, item: str, *, case: str, actor: str, clock: Clock) -> bool:
    """Let an item be used again, as far as this case goes."""
    return consent.settle_item(Pmr(pupil), item, case=case, actor=actor, clock=clock)


def correct(
    pupil: int,
    item: str,
    row: str,
    new: str,
    *,
    wrong_since: date | None,
    case: str,
    actor: str,
    config: Config,
    clock: Clock,
    beside: Callable[[], None],
) -> Refusal | None:
    """Put an item right; why it could not be, otherwise. `beside` writes the decision, in the same transaction.

    One that was made for this case already is not made twice: its review comes to the same, say.
    """
    for one in gate.corrections_of(Pmr(pupil), config=config, every=True):
        if (one.case, one.item, one.kind, one.new) == (case, item, "corrected", new):
            with transaction.atomic():
                beside()
            return None
    made = gate.correct_item(
        Pmr(pupil), item, row, new,
        wrong_since=wrong_since, case=case, actor=actor, config=config, clock=clock, beside=beside,
    )  # fmt: skip
    return made if isinstance(made, Refusal) else None


def annotate(
    pupil: int,
    item: str,
    row: str,
    text: str,
    *,
    case: str,
    actor: str,
    config: Config,
    clock: Clock,
    beside: Callable[[], None],
) -> Refusal | None:
    """Put a note beside an item without changing it; why it could not be, otherwise. `beside` as in `correct`."""
    made = gate.annotate_item(
        Pmr(pupil), item, row, text, case=case, actor=actor, config=config, clock=clock, beside=beside
    )
    return made if isinstance(made, Refusal) else None


def join(pupil: int, other: int, *, case: str, actor: str, clock: Clock) -> None:
    """Let what protects a child under either of two references protect it under both."""
    consent.join_references(Pmr(pupil), Pmr(other), case=case, actor=actor, clock=clock)


def part(case: str, *, actor: str, clock: Clock) -> None:
    """Take back what a case joined."""
    consent.part_references(case, actor=actor, clock=clock)


def restrict(pupil: int, reason: str, *, actor: str, clock: Clock) -> None:
    """Keep a child out of every query (UK GDPR Article 18(1)); `reason` of `consent.RESTRICTION_REASONS`."""
    consent.restrict(Pmr(pupil), reason=reason, actor=actor, clock=clock)


def uphold(pupil: int, purposes: tuple[str, ...], *, account_id: int, case: str, clock: Clock) -> None:
    """Leave a child out of these uses from the next query on, although a law overrides objections to them; what this
    case upheld before and does no more goes on again.
    """
    consent.uphold_objection(Pmr(pupil), purposes, actor=f"account:{account_id}", case=case, clock=clock)


def to_erase() -> list[str]:
    """Cases decided to end in an erasure that nobody has proposed yet. One whose letter on paper still waits is none of
    them: the letter would go with the case, and its family never hear of it.
    """
    decided = Case.objects.filter(kind="erasure", outcome="erased", state__in=DECIDED)
    waits = CaseLetter.objects.filter(left_on=None).values("step__case")
    left = decided.exclude(steps__event=PROPOSED).exclude(pk__in=waits, told_on=None)
    return list(left.order_by("pk").values_list("reference", flat=True))


def erase(reference: str, *, config: Config, clock: Clock) -> Refused | None:
    """Propose the erasure that a case was decided to come to; why it has to wait, otherwise.

    The decision is one person's, and erasing cannot be undone: it is a proposal of whoever decided, and a second person
    agrees to it before anything goes. The case shows that it was proposed, until it is erased with the record.
    """
    with transaction.atomic():
        row = locked(reference)
        if row.outcome != "erased" or row.state not in DECIDED:
            return None  # its family asked for more since it was looked up
        actor = row.reviewed_by or row.decided_by
        made = gate.propose_for_case(
            about(row), reference, "A case of the family was decided so.", actor=actor, config=config, clock=clock
        )
        if isinstance(made, Refused):
            return made
        said = Said(text=f"Proposed as {made.number}. A second person decides before anything is erased.")
        note(row, PROPOSED, row.state, "custodian", actor, said, config, clock)
    return None


@work.job
def open_erasures(*, config: Config, clock: Clock) -> None:
    """Propose what decided cases come to. What has to wait, for another case say, is taken up again."""
    for reference in to_erase():
        erase(reference, config=config, clock=clock)


def _any_to_erase(config: Config) -> bool:
    """A worker of another user than the gate's may not do it: the gate's own does."""
    return config.gate is None and bool(to_erase())


work.every(timedelta(hours=1), open_erasures, _any_to_erase)
