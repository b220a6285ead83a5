"""Lodging and withdrawing objections (UK GDPR Article 21), and what the public is told of them.

A "no" is its speaker's own. A child is left out as long as one stands: each holder of parental responsibility may act
alone (Children Act 1989 s.2(7)), so that neither may undo what the other did, and the one that protects more counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import IntegrityError, models, transaction

from schoolgate import dictionary, register
from schoolgate.clock import Clock
from schoolgate.consent.leftout import Use, counting
from schoolgate.consent.models import Objection as ObjectionRow
from schoolgate.consent.samechild import with_others
from schoolgate.consent.scopes import Scope, checked
from schoolgate.consent.views import Objection
from schoolgate.ids import Pmr


def _taxonomy() -> dict[str, dictionary.Purpose]:
    return {purpose.id: purpose for purpose in dictionary.purposes()}


def _overriding(scope: Scope, purposes: Mapping[str, dictionary.Purpose]) -> str:
    """The law that overrides an objection to this, as today's taxonomy has it; empty when none does.

    Only a purpose is overridden as a whole. Of a no to a recipient or to everything it is some uses that a law lets
    go on, and which is seen at each of them.
    """
    purpose = purposes.get(scope.target) if scope.of == "purpose" else None
    return purpose.provision if purpose is not None and purpose.statutory_override else ""


def _view(row: ObjectionRow, purposes: Mapping[str, dictionary.Purpose]) -> Objection:
    """The objection as today's taxonomy sees it: the page and the gate must never disagree."""
    scope = Scope(row.scope, row.target)
    provision = _overriding(scope, purposes)
    if provision and _standing(pupil=row.pupil, scope="purpose", target=row.target).exclude(upheld_by="").exists():
        provision = ""
    return Objection(scope, row.lodged_at, bool(provision), provision, row.lodged_by)


def _standing(**which: object) -> models.QuerySet[ObjectionRow]:
    return ObjectionRow.objects.filter(withdrawn_at=None, **which)


_WIDER = {"kind": "by_kind", "recipient": "by_recipient", "all": "to_all"}
"""Scope that is not a purpose -> its name in the register's entry."""


def tell_totals(scope: Scope, clock: Clock) -> None:
    """Tell the register how many objections are in force, rounded.

    Nothing in the event is about the child whose family acted: rounding hides whether the number went up or
    down, so that who watches the log while a family uses the site learns no choice from the moment alone. An
    organisation and a kind of organisation are not named: a no to one recipient comes, as a rule, from a family that
    has a reason, and who has one is known to that recipient. So the three totals stand in one entry, which is the same
    whichever of them was meant.
    """
    register.hold_log()  # of two families at once the second's total counts both
    if scope.of == "purpose":
        count = _standing(scope="purpose", target=scope.target).values("pupil").distinct().count()
        told = {"purpose": scope.target, "objecting": register.round_count(count)}
        register.append_event("objection.totals", "objections", told, clock.now())
        return
    counted = (
        _standing(scope__in=_WIDER)
        .values_list("scope")
        .annotate(pupils=models.Count("pupil", distinct=True))
        .order_by()
    )
    found = dict(counted)
    totals = {name: register.round_count(found.get(of, 0)) for of, name in _WIDER.items()}
    register.append_event("objection.wider_totals", "objections", totals, clock.now())


def lodge_objection(pupil: Pmr, to: Scope | str, *, actor: str, clock: Clock) -> Objection:
    """Record a "no"; it counts from the next read on. Lodging it twice changes nothing; another's stays another's.

    Args:
        pupil: the child.
        to: what is said no to; a plain text is a purpose of the published taxonomy.
        actor: who objects, as an account reference without a name.
        clock: the time.

    Returns:
        This actor's objection in force; `overridden` with its provision when a law lets the use go on.

    Raises:
        UnknownPurpose: not in the taxonomy.
        UnknownOrganisation: nobody of this id.
        SchoolgateError: no such scope or kind of organisation.
    """
    scope, purposes = checked(to), _taxonomy()
    in_force = _standing(pupil=pupil, scope=scope.of, target=scope.target, lodged_by=actor)
    try:
        with transaction.atomic():
            row = in_force.first()
            if row is None:
                row = ObjectionRow.objects.create(
                    pupil=pupil,
                    scope=scope.of,
                    target=scope.target,
                    lodged_at=clock.now(),
                    lodged_by=actor,
                    provision_told=_overriding(scope, purposes),
                )
                tell_totals(scope, clock)
    except IntegrityError:
        row = in_force.get()  # a second click was first
    return _view(row, purposes)


def uphold_objection(pupil: Pmr, purpose_ids: Collection[str], *, actor: str, case: str, clock: Clock) -> None:
    """Let an account's "no" to some purposes count although a law overrides such objections: a case decided so.

    The grounds of a use that a law lays down are weighed for one child (UK GDPR Article 21(1)). It is the family's own
    "no", lodged now where there was none, and it takes it back as any other.

    Args:
        pupil: the child.
        purpose_ids: the purposes that this case upholds; what it upheld before and is not among them counts no more.
        actor: whose "no" it is, as an account reference.
        case: the case that decided.
        clock: the time.

    Raises:
        UnknownPurpose: not in the taxonomy.
    """
    with transaction.atomic():
        _standing(pupil=pupil, upheld_by=case).exclude(target__in=purpose_ids).update(upheld_by="")
        for purpose_id in sorted(purpose_ids):
            lodge_objection(pupil, purpose_id, actor=actor, clock=clock)
            _standing(pupil=pupil, scope="purpose", target=purpose_id, lodged_by=actor).update(upheld_by=case)


def withdraw_objection(pupil: Pmr, to: Scope | str, *, actor: str, clock: Clock, everybodys: bool = False) -> bool:
    """Take a "no" back; what nobody else said no to counts again from the next read on.

    A no to something that is no longer on a list can be taken back all the same.

    Args:
        pupil: the child.
        to: what was said no to.
        actor: who takes it back: their own.
        clock: the time.
        everybodys: all there are: the young person's, whose right it is (UK GDPR Article 21).

    Returns:
        Whether there was one of theirs in force.

    Raises:
        SchoolgateError: there was none of anybody, and there is no such thing to say no to.
    """
    scope = Scope("purpose", to) if isinstance(to, str) else to
    standing = _standing(pupil=pupil, scope=scope.of, target=scope.target)
    with transaction.atomic():
        theirs = standing if everybodys else standing.filter(lodged_by=actor)
        changed = theirs.update(withdrawn_at=clock.now(), withdrawn_by=actor)
        if changed:
            tell_totals(scope, clock)
    if not changed and not standing.exists():
        checked(scope)
    return bool(changed)


def objections_of(pupil: Pmr) -> tuple[Objection, ...]:
    """The objections in force for one child, each speaker's own, by scope and target, oldest first."""
    purposes = _taxonomy()
    return tuple(_view(row, purposes) for row in _standing(pupil=pupil).order_by("scope", "target", "pk"))


def objecting_pupils(use: Use) -> list[int]:
    """The pupils that a read for this use must leave out because of an objection, ascending, under every
    reference.
    """
    found: set[int] = set()
    for scope, targets in counting(use):
        found |= set(_standing(scope=scope, target__in=targets).values_list("pupil", flat=True))
    upheld = _standing(scope="purpose", target__in=use.purposes).exclude(upheld_by="")
    found |= set(upheld.values_list("pupil", flat=True))
    return with_others(found)
