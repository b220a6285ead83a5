"""Lodging and withdrawing objections; placing and lifting restrictions; whom a read leaves out."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from schoolgate import dictionary, register
from schoolgate.clock import Clock
from schoolgate.consent.leftout import counting_purposes
from schoolgate.consent.models import Objection as ObjectionRow
from schoolgate.consent.models import Restriction as RestrictionRow
from schoolgate.consent.views import RESTRICTION_REASONS, Objection, Restriction
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr


class UnknownPurpose(SchoolgateError):
    """The published taxonomy has no such purpose."""


def known_purpose(purpose_id: str) -> dictionary.Purpose:
    """The purpose of this id.

    Raises:
        UnknownPurpose: not in the taxonomy.
    """
    for purpose in dictionary.purposes():
        if purpose.id == purpose_id:
            return purpose
    raise UnknownPurpose(
        "The published list of purposes has no such purpose.",
        hint="See the list of purposes on the dictionary page.",
        code="purpose-unknown",
    )


def _view(row: ObjectionRow, purposes: dict[str, dictionary.Purpose]) -> Objection:
    """The objection as today's taxonomy sees it: the page and the gate must never disagree."""
    purpose = purposes.get(row.purpose_id)
    overridden = purpose is not None and purpose.statutory_override
    return Objection(
        purpose_id=row.purpose_id,
        lodged_at=row.lodged_at,
        overridden=overridden,
        provision=purpose.provision if purpose is not None and overridden else "",
    )


def _taxonomy() -> dict[str, dictionary.Purpose]:
    return {purpose.id: purpose for purpose in dictionary.purposes()}


def _tell_objections(purpose_id: str, clock: Clock) -> None:
    """Tell the register how many objections to a purpose are in force, rounded.

    Nothing in the event is about the child whose family acted: rounding hides whether the number went up or
    down, so that who watches the log while a family uses the site learns no choice from the moment alone.
    """
    register.hold_log()  # of two families at once the second's total counts both
    count = ObjectionRow.objects.filter(purpose_id=purpose_id, withdrawn_at=None).count()
    payload = {"purpose": purpose_id, "objecting": register.round_count(count)}
    register.append_event("objection.totals", "objections", payload, clock.now())


def _tell_restrictions(clock: Clock) -> None:
    """The same for restrictions; without their reasons, which are rarer and would tell more."""
    register.hold_log()
    payload = {"restricted": register.round_count(len(restricted_pupils()))}
    register.append_event("restriction.totals", "restrictions", payload, clock.now())


def lodge_objection(pupil: Pmr, purpose_id: str, *, actor: str, clock: Clock) -> Objection:
    """Record a "no" to one purpose; it counts from the next read on. Lodging it twice changes nothing.

    Args:
        pupil: the child.
        purpose_id: purpose of the published taxonomy.
        actor: who objects, as an account reference without a name.
        clock: the time.

    Returns:
        The objection in force; `overridden` with its provision when a law lets the use go on.

    Raises:
        UnknownPurpose: not in the taxonomy.
    """
    purpose = known_purpose(purpose_id)
    in_force = ObjectionRow.objects.filter(pupil=pupil, purpose_id=purpose_id, withdrawn_at=None)
    try:
        with transaction.atomic():
            row = in_force.first()
            if row is None:
                row = ObjectionRow.objects.create(
                    pupil=pupil,
                    purpose_id=purpose_id,
                    lodged_at=clock.now(),
                    lodged_by=actor,
                    provision_told=purpose.provision if purpose.statutory_override else "",
                )
                _tell_objections(purpose_id, clock)
    except IntegrityError:
        row = in_force.get()  # the other parent, or a second click, was first
    return _view(row, _taxonomy())


def withdraw_objection(pupil: Pmr, purpose_id: str, *, actor: str, clock: Clock) -> bool:
    """Take a "no" back; it counts from the next read on.

    Returns:
        Whether there was one in force.

    Raises:
        UnknownPurpose: not in the taxonomy.
    """
    known_purpose(purpose_id)
    with transaction.atomic():
        changed = ObjectionRow.objects.filter(pupil=pupil, purpose_id=purpose_id, withdrawn_at=None).update(
            withdrawn_at=clock.now(), withdrawn_by=actor
        )
        if changed:
            _tell_objections(purpose_id, clock)
    return bool(changed)


def objections_of(pupil: Pmr) -> tuple[Objection, ...]:
    """The objections in force for one child, in the taxonomy's order of ids."""
    purposes = _taxonomy()
    rows = ObjectionRow.objects.filter(pupil=pupil, withdrawn_at=None).order_by("purpose_id")
    return tuple(_view(row, purposes) for row in rows)


def objecting_pupils(purpose_ids: Iterable[str]) -> list[int]:
    """The pupils that a read under any of these purposes must leave out because of an objection, ascending."""
    rows = ObjectionRow.objects.filter(purpose_id__in=counting_purposes(purpose_ids), withdrawn_at=None)
    return list(rows.order_by("pupil").values_list("pupil", flat=True).distinct())


def _reason(reason: str) -> str:
    if reason not in RESTRICTION_REASONS:
        raise SchoolgateError(
            "This is not a reason to restrict a record.",
            hint="Known: " + ", ".join(RESTRICTION_REASONS) + ".",
            code="restriction-reason",
        )
    return reason


def restrict(pupil: Pmr, *, reason: str, actor: str, clock: Clock) -> Restriction:
    """Stop every use of one child's record but storing it; placing it twice changes nothing.

    Raises:
        SchoolgateError: a reason that is not in `RESTRICTION_REASONS`.
    """
    in_force = RestrictionRow.objects.filter(pupil=pupil, reason=_reason(reason), lifted_at=None)
    try:
        with transaction.atomic():
            row = in_force.first()
            if row is None:
                row = RestrictionRow.objects.create(pupil=pupil, reason=reason, placed_at=clock.now(), placed_by=actor)
                _tell_restrictions(clock)
    except IntegrityError:
        row = in_force.get()
    return Restriction(row.reason, row.placed_at)


def lift_restriction(pupil: Pmr, *, reason: str, actor: str, clock: Clock) -> bool:
    """Lift a restriction. The family must have been told before (UK GDPR Article 18(3)).

    Returns:
        Whether there was one in force.
    """
    with transaction.atomic():
        rows = RestrictionRow.objects.filter(pupil=pupil, reason=_reason(reason), lifted_at=None)
        changed = rows.update(lifted_at=clock.now(), lifted_by=actor)
        if changed:
            _tell_restrictions(clock)
    return bool(changed)


def restrictions_of(pupil: Pmr) -> tuple[Restriction, ...]:
    """The restrictions in force for one child, oldest first."""
    rows = RestrictionRow.objects.filter(pupil=pupil, lifted_at=None).order_by("placed_at", "pk")
    return tuple(Restriction(row.reason, row.placed_at) for row in rows)


def restricted_pupils() -> list[int]:
    """The pupils that every read must leave out, ascending."""
    rows = RestrictionRow.objects.filter(lifted_at=None).order_by("pupil")
    return list(rows.values_list("pupil", flat=True).distinct())
