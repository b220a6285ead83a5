"""What ties a person to an organisation: who is one human being, and what somebody declared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from django.db import transaction
from django.db.models import Q

from schoolgate.clock import Clock, day_of
from schoolgate.errors import SchoolgateError
from schoolgate.people.alike import skeleton
from schoolgate.people.directory import organisation_row
from schoolgate.people.entering import label, moment, number
from schoolgate.people.models import Interest, Organisation, Person
from schoolgate.people.shapes import names_of
from schoolgate.people.staff import person_row
from schoolgate.people.views import InterestView

_LENGTH = 300


def same_human(person_a: str, person_b: str) -> bool:
    """Whether two persons are one human being, as far as their account tells.

    Raises:
        UnknownPerson: no person has one of these ids.
    """
    a, b = person_row(person_a), person_row(person_b)
    return a.pk == b.pk or (a.account_id is not None and a.account_id == b.account_id)


def declare_interest(
    person_id: str, organisation_id: str, what: str, *, actor: str = "", clock: Clock | None = None
) -> InterestView:
    """Declare what ties a person to another organisation; from now on it counts wherever conflicts are asked for.

    Raises:
        UnknownPerson, UnknownOrganisation: no such person or organisation.
        SchoolgateError: their own organisation, or no words.
    """
    text = label(what, "interest", _LENGTH)
    person, organisation = person_row(person_id), organisation_row(organisation_id)
    if person.organisation_id == organisation.pk:
        raise SchoolgateError(
            "This is the person's own organisation.",
            hint="That counts without being declared.",
            code="own-organisation",
        )
    row = Interest.objects.create(
        person=person, organisation=organisation, what=text, declared_at=moment(clock), declared_by=actor
    )
    return _view(row)


def end_interest(interest_id: str, *, actor: str = "", clock: Clock | None = None) -> InterestView:
    """An interest that is no more: it stays on record and counts no longer.

    Raises:
        SchoolgateError: there is no such interest, or it ended already.
    """
    with transaction.atomic():
        row = Interest.objects.select_for_update().filter(pk=number(interest_id, "I") or 0).first()
        if row is None or row.ended_at is not None:
            raise SchoolgateError("There is no such interest that still stands.", code="interest-unknown")
        row.ended_at, row.ended_by = moment(clock), actor
        row.save(update_fields=["ended_at", "ended_by"])
    return _view(row)


def interests(person_id: str) -> tuple[InterestView, ...]:
    """What a person declared, ended ones among them, in order of entry.

    Raises:
        UnknownPerson: no person has this id.
    """
    rows = Interest.objects.select_related("person", "organisation").filter(person=person_row(person_id))
    return tuple(_view(row) for row in rows.order_by("pk"))


def _view(row: Interest) -> InterestView:
    return InterestView(
        id=row.public_id,
        person_id=row.person.public_id,
        organisation_id=row.organisation.public_id,
        what=row.what,
        declared_on=day_of(row.declared_at),
        ended_on=day_of(row.ended_at) if row.ended_at else None,
    )


def conflicts(person_id: str, organisation_id: str) -> tuple[str, ...]:
    """Why a person should not decide about an organisation, in words that follow "P-0001 …"; empty when nothing ties.

    Counted as the organisation is what became part of it, and what it became part of; counted as the person is
    every other person of the same account, also where they left.

    Raises:
        UnknownPerson, UnknownOrganisation: no such person or organisation.
    """
    person, asked = person_row(person_id), organisation_row(organisation_id)
    them = _one_house(asked)
    same = [person]
    if person.account_id is not None:
        others = Person.objects.select_related("organisation").filter(account_id=person.account_id)
        same += others.exclude(pk=person.pk).order_by("pk")
    found = [*_belongs(person, same, them), *_declared(same, them)]
    if not any(one.organisation_id in them for one in same):
        found += _owned_or_paid(same, them.values())
    return tuple(dict.fromkeys(found))


def _one_house(asked: Organisation) -> dict[int, Organisation]:
    """An organisation with all that merged with it, near and far, by row."""
    found = {asked.pk: asked}
    edge: list[Organisation] = [asked]
    while edge:
        ids = [one.pk for one in edge]
        up = [one.merged_into_id for one in edge if one.merged_into_id]
        edge = [o for o in Organisation.objects.filter(Q(pk__in=up) | Q(merged_into__in=ids)) if o.pk not in found]
        found |= {one.pk: one for one in edge}
    return found


def _belongs(person: Person, same: Iterable[Person], them: Collection[int]) -> Iterator[str]:
    for one in same:
        if one.organisation_id not in them:
            continue
        if one.pk == person.pk:
            yield f"belongs to {one.organisation.name}"
        elif one.left_on is not None:
            yield f"is the same human being as {one.public_id}, who was of {one.organisation.name} until {one.left_on}"
        else:
            yield f"is the same human being as {one.public_id} of {one.organisation.name}"


def _declared(same: Iterable[Person], them: Collection[int]) -> Iterator[str]:
    rows = Interest.objects.select_related("organisation").filter(
        person__in=[one.pk for one in same], organisation__in=list(them), ended_at=None
    )
    for row in rows.order_by("pk"):
        yield f"declared an interest in {row.organisation.name}: {row.what}"


def _owned_or_paid(same: Iterable[Person], them: Collection[Organisation]) -> Iterator[str]:
    """Ownership and money, by the names that were entered. The custodian pays for half of research: it is no tie."""
    owners = {skeleton(one.owner) for one in them if one.owner}
    payers = {skeleton(name) for one in them for name in one.funders}
    names = {skeleton(name) for one in them for name in names_of(one)}
    for one in same:
        home = one.organisation
        own = {skeleton(name) for name in names_of(home)}
        if own & owners:
            yield f"belongs to {home.name}, which owns it"
        if own & payers and home.kind != "custodian":
            yield f"belongs to {home.name}, which pays for it"
        if home.owner and skeleton(home.owner) in names:
            yield f"belongs to {home.name}, which it owns"
        if {skeleton(name) for name in home.funders} & names:
            yield f"belongs to {home.name}, which it pays for"
