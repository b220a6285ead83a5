"""Persons: of which organisation, in which role, accredited until when; and the history of all that."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from schoolgate.clock import Clock, day_of
from schoolgate.errors import SchoolgateError
from schoolgate.people.directory import organisation_row
from schoolgate.people.entering import label, moment, number, one_of, reason_of
from schoolgate.people.kinds import PERSON_ROLES, SEATS
from schoolgate.people.models import Person, PersonEntry
from schoolgate.people.views import PersonFact, PersonView

REASON_LENGTH = 500


class UnknownPerson(SchoolgateError):
    """No person has this id."""


def person_view(row: Person) -> PersonView:
    """A row as the room gives it out."""
    return PersonView(
        id=row.public_id,
        organisation_id=row.organisation.public_id,
        organisation_name=row.organisation.name,
        role=row.role,
        accredited_until=row.accredited_until,
        country=row.organisation.country,
        seat=row.seat,
        account_id=row.account_id,
        left_on=row.left_on,
    )


def person_row(person_id: str) -> Person:
    """The row of a public id.

    Raises:
        UnknownPerson: no person has this id.
    """
    pk = number(person_id, "P")
    row = Person.objects.select_related("organisation").filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise UnknownPerson("There is no such person.", hint="See `people list`.", code="person-unknown")
    return row


def has_left() -> SchoolgateError:
    """Somebody who left their organisation."""
    return SchoolgateError(
        "This person has left the organisation.",
        hint="Enter a new person; an old one is not opened again.",
        code="left",
    )


FREE_SEATS = frozenset({"independent", "lay"})
"""Seats that are there because who sits on them is not the custodian's: the panel's rules count them."""


def not_free() -> SchoolgateError:
    """What is said where the custodian's own would sit on such a seat."""
    return SchoolgateError(
        "An independent or lay member of the panel is nobody of the custodian.",
        hint="Whoever works for the custodian has an official's seat.",
        code="seat",
    )


def _note(row: Person, what: str, reason: str, actor: str, at: datetime) -> None:
    PersonEntry.objects.create(person=row, what=what, until=row.accredited_until, reason=reason, actor=actor, at=at)


def add_person(
    organisation_id: str,
    role: str,
    *,
    accredited_until: date | None = None,
    seat: str = "",
    reason: str = "",
    actor: str = "",
    clock: Clock | None = None,
) -> PersonView:
    """Enter a person of an organisation; a panel member has a seat, official unless it is said.

    Raises:
        SchoolgateError: unknown organisation, role or seat, a seat for somebody who is not of the panel or not
            free to have it, or an organisation that became part of another.
    """
    one_of(role, PERSON_ROLES, "role")
    given = seat or ("official" if role == "panel" else "")
    if given:
        one_of(given, SEATS, "seat")
    if given and role != "panel":
        raise SchoolgateError("Only a panel member has a seat.", code="seat")
    home = organisation_row(organisation_id)
    if given in FREE_SEATS and home.kind == "custodian":
        raise not_free()
    if home.merged_into is not None:
        raise SchoolgateError(
            "This organisation became part of another.",
            hint=f"Enter the person at {home.merged_into.public_id}.",
            code="organisation-merged",
        )
    why = label(reason, "reason", REASON_LENGTH, empty=True)
    with transaction.atomic():
        row = Person.objects.create(organisation=home, role=role, accredited_until=accredited_until, seat=given)
        at = moment(clock)
        _note(row, "entered", why, actor, at)
        if accredited_until is not None:
            _note(row, "accredited", why, actor, at)
    return person_view(row)


def person(person_id: str) -> PersonView:
    """One person.

    Raises:
        UnknownPerson: no person has this id.
    """
    return person_view(person_row(person_id))


def persons(organisation_id: str | None = None) -> tuple[PersonView, ...]:
    """Every person, those who left among them, in order of entry; of one organisation when given."""
    rows = Person.objects.select_related("organisation").order_by("pk")
    if organisation_id is not None:
        rows = rows.filter(organisation=organisation_row(organisation_id))
    return tuple(person_view(row) for row in rows)


def set_accreditation(
    person_id: str, until: date | None, *, reason: str = "", actor: str = "", clock: Clock | None = None
) -> PersonView:
    """Renew, shorten or (None) withdraw a person's accreditation; the next read asks for it anew.

    A read that runs when the accreditation is withdrawn is not handed over: the gate asks again before it does.

    Raises:
        UnknownPerson: no person has this id.
        SchoolgateError: the person left.
    """
    why = label(reason, "reason", REASON_LENGTH, empty=True)
    with transaction.atomic():
        row = Person.objects.select_for_update().get(pk=person_row(person_id).pk)
        if row.left_on is not None:
            raise has_left()
        before = row.accredited_until
        if until != before:
            row.accredited_until = until
            row.save(update_fields=["accredited_until"])
            _note(row, _change(before, until), why, actor, moment(clock))
    return person(person_id)


def _change(before: date | None, until: date | None) -> str:
    if until is None:
        return "withdrawn"
    if before is None:
        return "accredited"
    return "renewed" if until > before else "shortened"


def close_person(person_id: str, *, reason: str, actor: str = "", clock: Clock | None = None) -> PersonView:
    """A person leaves the organisation: at once, for good. What names them keeps them on record, and refuses them.

    Raises:
        UnknownPerson: no person has this id.
        SchoolgateError: the person left already, or there is no reason.
    """
    why = reason_of(reason)
    with transaction.atomic():
        row = Person.objects.select_for_update().get(pk=person_row(person_id).pk)
        if row.left_on is not None:
            raise has_left()
        close(row, why, actor, moment(clock))
    return person(person_id)


def close(row: Person, reason: str, actor: str, at: datetime) -> None:
    """Write down that a person is gone; inside the caller's transaction, the row locked."""
    row.left_on, row.accredited_until = day_of(at), None
    row.save(update_fields=["left_on", "accredited_until"])
    _note(row, "left", reason, actor, at)


def person_history(person_id: str) -> tuple[PersonFact, ...]:
    """Everything entered about a person, oldest first: accreditations given, changed and withdrawn, and why.

    Raises:
        UnknownPerson: no person has this id.
    """
    return tuple(
        PersonFact(at=one.at, what=one.what, until=one.until, reason=one.reason, actor=one.actor)
        for one in PersonEntry.objects.filter(person=person_row(person_id)).order_by("pk")
    )
