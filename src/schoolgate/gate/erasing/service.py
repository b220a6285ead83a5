"""Proposing that something of the custodian's own is destroyed, deciding it by a second person, and having it done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import translation

from schoolgate import dictionary, people, register, work
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config, gate_only
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.gate.claiming import find_for_paper
from schoolgate.gate.erasing.carrying import Done, certify, destroy_papers, drop_items, erase_pupil, nothing
from schoolgate.gate.erasing.holds import DestructionWaits, against
from schoolgate.gate.erasing.models import Destruction
from schoolgate.gate.erasing.names import destroy_names
from schoolgate.gate.erasing.places import unknown_places
from schoolgate.gate.erasing.states import DESTRUCTION
from schoolgate.gate.erasing.views import DestructionView
from schoolgate.gate.erasing.words import CASE_DECIDED, GROUNDS, OF_A_PUPIL, OF_ITEMS
from schoolgate.ids import Pmr
from schoolgate.machine import Move
from schoolgate.records.vault import Vault

BACKUP_DAYS = 35
"""How long a backup is kept at the most: five weeks, so that a monthly one is there when the next is taken. The
custodian's own decision (UK GDPR Article 5(1)(e)); whoever keeps backups deletes older ones."""

PUPIL, ITEM, RULE = "pupil", "item", "rule"


class UnknownDestruction(SchoolgateError):
    """There is none of this number."""


def _view(row: Destruction) -> DestructionView:
    return DestructionView(
        number=row.number,
        kind=row.kind,
        state=row.state,
        what=str(row.asked["what"]),
        ground=row.ground,
        because=row.because,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_because=row.decided_because,
        certificate=row.certificate,
        log_index=row.log_index,
        case=str(row.asked.get("case", "")),
        decided_at=row.decided_at,
        done_at=row.done_at,
    )


def destructions() -> tuple[DestructionView, ...]:
    """Every one, newest first."""
    return tuple(_view(row) for row in Destruction.objects.order_by("-pk"))


def _no(code: str, reason: str, remedy: str = "", provision: str = "") -> Refused:
    return Refused((Refusal(code, reason, remedy=remedy, provision=provision),))


def _against(ground: str, allowed: Collection[str], because: str) -> Refused | None:
    if ground not in allowed:
        return _no("no-ground", f"This is no ground for it. Known: {', '.join(allowed)}.", provision="Article 17(1)")
    if len(because.strip()) < 10:
        return _no("no-reason", "Say in a sentence why.", "Name nobody: the words stay when the record is gone.")
    return None


def _propose(
    kind: str, pupil: int | None, asked: Mapping[str, Any], ground: str, because: str, actor: str, clock: Clock
) -> DestructionView:
    with transaction.atomic():
        register.hold_log()  # two proposals at once do not get one number
        last = Destruction.objects.order_by("-pk").first()
        number = f"D-{(int(last.number[2:]) if last else 0) + 1:04}"
        row = Destruction.objects.create(
            number=number, kind=kind, state=DESTRUCTION.start, pupil=pupil, asked=dict(asked), ground=ground,
            because=because.strip(), proposed_by=actor, proposed_at=clock.now(),
        )  # fmt: skip
    return _view(row)


def _is_open(**about: Any) -> bool:
    return Destruction.objects.filter(state__in=("proposed", "agreed"), **about).exists()


def propose_erasure(
    upn: str, ground: str, because: str, *, actor: str, config: Config, clock: Clock
) -> DestructionView | Refused:
    """Propose that one pupil's record is erased, as far as the law allows (`words.ERASURE_PLAN`).

    Args:
        upn: by which the custodian names the child.
        ground: of `words.OF_A_PUPIL`.
        because: in words that name nobody.
        actor: who proposes, a person of the custodian.
        config: the installation.
        clock: the time.
    """
    refused = _against(ground, OF_A_PUPIL, because)
    if refused is not None:
        return refused
    # A look like any other, and in the child's own answer: else a proposal that is withdrawn again would be a way to
    # find out unseen whether there is such a child, and whether its family has a case.
    found = find_for_paper(upn, actor, config=config, clock=clock)
    if isinstance(found, Refusal):
        return _no(
            "pupil-unknown", "No one pupil has this UPN.", "Check it; a clerk decides where two lay claim to it."
        )
    return _propose_pupil(found, ground, because, "", actor, clock)


def propose_for_case(
    pupil: Pmr, case: str, because: str, *, actor: str, config: Config, clock: Clock
) -> DestructionView | Refused:
    """Propose the erasure that a family's case was decided to come to; once a case, whatever became of it.

    Args:
        pupil: whose record.
        case: its reference, which is forgotten with the record.
        because: in words that name nobody.
        actor: who decided the case; somebody else decides on this.
        config: the installation.
        clock: the time.
    """
    if config.gate is not None:
        raise gate_only("proposes that a record is erased")
    made = Destruction.objects.filter(asked__case=case).first()
    if made is not None:
        return _view(made)
    return _propose_pupil(pupil, CASE_DECIDED, because, case, actor, clock)


def destruction_of_case(case: str) -> DestructionView | None:
    """What was proposed because of a case; None when nothing was."""
    row = Destruction.objects.filter(asked__case=case).first()
    return None if row is None else _view(row)


def _propose_pupil(
    pupil: Pmr, ground: str, because: str, case: str, actor: str, clock: Clock
) -> DestructionView | Refused:
    if unknown := unknown_places():
        raise SchoolgateError(
            f"It is not known what becomes of {', '.join(unknown)} when a pupil is erased.",
            hint="Nothing is erased until it is: gate/erasing/places.py.",
            code="erase-unknown-place",
        )
    if _is_open(pupil=int(pupil)):
        return _no("already-proposed", "This is proposed already.", "Decide on that one.")
    if (standing := against(pupil)) is not None:
        return Refused((standing,))
    about = {"what": "the record of one pupil", **({"case": case} if case else {})}
    return _propose(PUPIL, int(pupil), about, ground, because, actor, clock)


def propose_items(
    items: Collection[str], years: Collection[int], ground: str, because: str, *, actor: str, clock: Clock
) -> DestructionView | Refused:
    """Propose that items are destroyed nation-wide.

    Args:
        items: ids of the dictionary: the lake's, or ``return.<column>`` of what only returns hold.
        years: of the censuses; empty: all.
        ground: of `words.OF_ITEMS`.
        because: in words.
        actor: who proposes.
        clock: the time.
    """
    refused = _against(ground, OF_ITEMS, because)
    if refused is not None:
        return refused
    columns, asked = dictionary.lake_columns(), dictionary.pupil_columns()
    unknown = sorted(
        item
        for item in items
        if not (item in columns and columns[item].kind == "item")
        and not (item.startswith("return.") and item.removeprefix("return.") in asked)
    )
    if unknown or not items:
        return _no("not-an-item", f"Not an item that can be destroyed: {', '.join(unknown) or 'none was named'}.")
    still = sorted(one for one in items if ground == "no-longer-asked" and _is_asked(one))
    if still:
        return _no(
            "still-asked",
            f"The latest census still asks for {', '.join(still)}.",
            "What is collected no longer can be destroyed; another ground may fit.",
            "Education Act 1996 section 537A",
        )
    listed = sorted(set(items))
    what = f"the items {', '.join(listed)}" + (f" of {', '.join(map(str, sorted(set(years))))}" if years else "")
    about = {"what": what, "items": listed, "years": sorted(set(years))}
    return _propose(ITEM, None, about, ground, because, actor, clock)


def _is_asked(item: str) -> bool:
    """Whether the latest censuses ask for it."""
    own = item.startswith("return.")
    column = item.removeprefix("return.") if own else dictionary.lake_columns()[item].census_column
    latest = dictionary.asked_by_shapes(("upn",))[-1].year
    return any(point.year >= latest for point in dictionary.asked_by_shapes((column,)))


def propose_rule(
    rule: str, place: str, items: Collection[str], year: int, what: str, because: str, *, actor: str, clock: Clock
) -> DestructionView | Refused:
    """Propose that what a retention rule says is past its last day is destroyed.

    Args:
        rule: its id.
        place: "facts", "paper", or "identity": the names of the pupils whose last census was that year's.
        items: of the lake, when they are facts.
        year: of the censuses.
        what: in words.
        because: the rule's reason.
        actor: who proposes.
        clock: the time.
    """
    if place not in ("facts", "paper", "identity"):
        return _no("place-unknown", "No rule speaks of such a place.")
    if _is_open(asked__rule=rule, asked__year=year):
        return _no("already-proposed", "This is proposed already.", "Decide on that one.")
    about = {"what": what, "rule": rule, "year": year, "place": place, "items": sorted(items), "years": [year]}
    return _propose(RULE, None, about, "past-its-day", because, actor, clock)


def _row(number: str) -> Destruction:
    row = Destruction.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise UnknownDestruction("There is no destruction of this number.", code="destruction-unknown")
    return row


def decide_destruction(
    number: str, agree: bool, because: str, *, actor: str, clock: Clock
) -> DestructionView | Refused:
    """Agree to a destruction or refuse it, as a second person; agreed, it is carried out.

    Raises:
        UnknownDestruction: there is none.
    """
    with transaction.atomic():
        row = _row(number)
        if people.same_human(row.proposed_by, actor):
            return _no(
                "own-proposal",
                "You proposed this yourself.",
                "A second person of the custodian decides.",
                "two people decide on what cannot be undone",
            )
        move = DESTRUCTION.move(row.state, "agree" if agree else "refuse", people.person(actor).role)
        if not isinstance(move, Move):
            return Refused((move,))
        if agree and row.pupil is not None and (standing := against(Pmr(row.pupil))) is not None:
            return Refused((standing,))
        row.state, row.decided_by, row.decided_because = move.target, actor, because.strip()
        row.decided_at = clock.now()
        if not agree:
            row.pupil = None  # what came to nothing points at nobody
        row.save()
        if agree:
            work.later(carry_out, number=number)
    return _view(row)


def withdraw_destruction(number: str, *, actor: str, clock: Clock) -> DestructionView | Refused:
    """Take a proposal back before it is decided."""
    with transaction.atomic():
        row = _row(number)
        move = DESTRUCTION.move(row.state, "withdraw", people.person(actor).role)
        if not isinstance(move, Move):
            return Refused((move,))
        row.state, row.pupil = move.target, None
        row.save(update_fields=["state", "pupil"])
    return _view(row)


@work.job
def carry_out(number: str, *, config: Config, clock: Clock) -> None:
    """Destroy what two people agreed to destroy. What has to wait is taken up again by `tend`."""
    with suppress(DestructionWaits):
        carry_destruction(number, config=config, clock=clock)


def carry_destruction(number: str, *, config: Config, clock: Clock, after: Any = nothing) -> DestructionView:
    """Carry out what was agreed, or what was left of it; done already, it stays done.

    Args:
        number: the destruction.
        config: the installation.
        clock: the time.
        after: called after each step.

    Raises:
        UnknownDestruction: there is none.
        DestructionWaits: something stands against it, which the family said since it was agreed.
        SchoolgateError: it was not agreed, or has to wait.
    """
    row = Destruction.objects.filter(number=number).first()
    if row is None:
        raise UnknownDestruction("There is no destruction of this number.", code="destruction-unknown")
    if row.state == "done":
        return _view(row)
    move = DESTRUCTION.move(row.state, "carry_out", "gate")
    if not isinstance(move, Move):
        raise SchoolgateError(move.reason, code="destruction-not-agreed")
    done = _carry(row, config, clock, after)
    with transaction.atomic(), translation.override("en"):
        row = _row(number)
        if row.state != move.target:
            words, provision = GROUNDS[row.ground]
            until = custodians_day(clock) + timedelta(days=BACKUP_DAYS)
            because = str(words) if row.kind == PUPIL else f"{words} {row.because}"
            row.log_index = certify(row, done, str(row.asked["what"]), provision, because, until, clock)
            row.state, row.pupil, row.done_at = move.target, None, clock.now()
            row.asked = {key: value for key, value in row.asked.items() if key != "case"}
            row.save()
    register.publish(clock, config)
    return _view(row)


def _carry(row: Destruction, config: Config, clock: Clock, after: Any) -> Done:
    if row.kind == PUPIL:
        if row.pupil is None:
            raise SchoolgateError("It is not known whose record this is.", code="destruction-nobody")
        if (standing := against(Pmr(row.pupil))) is not None:
            raise DestructionWaits(standing.reason, hint="It is taken up again by itself.", code=standing.code)
        return erase_pupil(Pmr(row.pupil), config=config, clock=clock, after=after)
    items, years = [str(one) for one in row.asked["items"]], [int(one) for one in row.asked["years"]]
    if row.asked.get("place") == "identity":
        return destroy_names(years[0], config=config, clock=clock, after=after)
    if row.asked.get("place") == "paper":
        return destroy_papers(years, config=config)
    columns = {item.removeprefix("return.") for item in items if item.startswith("return.")}
    columns |= {dictionary.lake_columns()[item].census_column for item in items if not item.startswith("return.")}
    columns.discard("")  # the lake worked it out itself
    return drop_items(
        [item for item in items if not item.startswith("return.")],
        years,
        columns if row.kind == ITEM else (),
        tell=row.kind == ITEM,
        config=config,
        clock=clock,
        after=after,
    )


def erase_again(*, config: Config, clock: Clock) -> int:
    """Do anew what a database older than some erasures has undone: restored from a backup; how many pupils."""
    back = Vault(config).brought_back()
    for pupil in back:
        erase_pupil(pupil, config=config, clock=clock)
    return len(back)


def _any_agreed(config: Config) -> bool:
    return Destruction.objects.filter(state="agreed").exists() or bool(Vault(config).brought_back())


@work.job
def tend(*, config: Config, clock: Clock) -> None:
    """Take up destructions that were cut short, and undo what an old backup brought back."""
    erase_again(config=config, clock=clock)
    for number in list(Destruction.objects.filter(state="agreed").values_list("number", flat=True)):
        with suppress(DestructionWaits):  # the next does not wait for it
            carry_destruction(number, config=config, clock=clock)


work.every(timedelta(hours=1), tend, _any_agreed)
