"""Organisations: entered, found, and made sure of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction

from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.people import shapes
from schoolgate.people.alike import scripts
from schoolgate.people.entering import NAME_LENGTH, TEXT_LENGTH, label, moment, number, one_of
from schoolgate.people.kinds import COMMERCIAL, ORGANISATION_KINDS, REGISTER_NUMBERS, REGISTERS
from schoolgate.people.models import Organisation, OrganisationEntry
from schoolgate.people.views import OrganisationView


class UnknownOrganisation(SchoolgateError):
    """No organisation has this id or name."""


def view_of(row: Organisation) -> OrganisationView:
    """A row as the room gives it out."""
    return OrganisationView(
        id=row.public_id,
        name=row.name,
        kind=row.kind,
        country=row.country,
        owner=row.owner,
        funders=tuple(row.funders),
        commercial=row.commercial,
        business=row.business,
        register=row.register,
        number=row.number,
        verified_on=row.verified_on,
        verified_how=row.verified_how,
        former_names=tuple(row.former_names),
        merged_into=f"O-{row.merged_into_id:04d}" if row.merged_into_id else "",
    )


def organisation_row(organisation_id: str) -> Organisation:
    """The row of a public id.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    pk = number(organisation_id, "O")
    row = Organisation.objects.filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise UnknownOrganisation(
            "There is no such organisation.", hint="See `people list`.", code="organisation-unknown"
        )
    return row


def clean(fact: str, value: str) -> str:
    """One of `FACTS` as it is stored; `funders` are separated by semicolons.

    Raises:
        SchoolgateError: a word that is not on its list, or a text that could not be shown as it is.
    """
    if fact == "kind":
        one_of(value, ORGANISATION_KINDS, "kind of organisation")
        return value
    if fact == "commercial":
        one_of(value, COMMERCIAL, "commercial interest")
        return value
    if fact == "register":
        one_of(value, REGISTERS, "register")
        return value
    if fact in ("name", "country"):
        return label(value, fact)
    if fact == "funders":
        parts = [label(part, "name of who pays", empty=True) for part in value.split(";")]
        return "; ".join(dict.fromkeys(part for part in parts if part))
    lengths = {"owner": NAME_LENGTH, "number": 40}
    return label(value, fact, lengths.get(fact, TEXT_LENGTH), empty=True)


def check_number(register: str, value: str, but: int = 0) -> None:
    """Insist that a number in a register has the register's shape and is nobody else's.

    Raises:
        SchoolgateError: it has not, or it is.
    """
    if not value:
        return
    if not register:
        raise SchoolgateError("A number needs the register that it stands in.", code="register")
    shape = REGISTER_NUMBERS.get(register)
    if shape and not re.fullmatch(shape, value):
        raise SchoolgateError(f"This is not a number of {REGISTERS[register]}.", code="register-number")
    taken = Organisation.objects.filter(register=register, number=value).exclude(pk=but).first()
    if taken is not None:
        raise SchoolgateError(
            f"This number of {REGISTERS[register]} is that of {taken.public_id}, {taken.name}.",
            hint="One organisation is entered once: change its name instead.",
            code="organisation-exists",
        )


def look_alikes(name: str, but: str = "") -> tuple[OrganisationView, ...]:
    """Organisations whose name, now or formerly, a hurried reader takes for this one.

    Args:
        name: as it is about to be entered.
        but: id of an organisation that does not count, because it is the one that changes.
    """
    return tuple(view_of(row) for row in shapes.alike_to(name) if row.public_id != but)


def check_alike(name: str, but: str = "") -> None:
    """Say that a name looks like another's, before it is entered.

    Raises:
        SchoolgateError: it does, or it mixes alphabets within a word.
    """
    alike = look_alikes(name, but)
    if alike:
        others = " and ".join(f"{one.id}, {one.name}" for one in alike)
        raise SchoolgateError(
            f"This name looks like that of {others}.",
            hint="If it is another organisation all the same, say so; if it is the same one, change its name.",
            code="organisation-alike",
        )
    mixed = scripts(name)
    if mixed:
        raise SchoolgateError(
            f"A word of this name mixes letters of {' and '.join(one.capitalize() for one in mixed)}.",
            hint="Type it anew from the register that the organisation stands in; if it is right, say so.",
            code="organisation-alike",
        )


def add_organisation(
    name: str,
    kind: str,
    country: str = "United Kingdom",
    *,
    details: Mapping[str, str] | None = None,
    alike_is_another: bool = False,
    actor: str = "",
    clock: Clock | None = None,
) -> OrganisationView:
    """Enter an organisation.

    Args:
        name: its legal name.
        kind: one of `ORGANISATION_KINDS`.
        country: where it is established.
        details: the rest of `FACTS`, as far as it is known.
        alike_is_another: whether somebody looked at the names that look alike and says that it is another one.
        actor: person id of who enters it.
        clock: the time.

    Raises:
        SchoolgateError: an unknown kind, an empty or strange name, a name or number that is taken, or a name that
            looks like another's.
    """
    given = {"name": name, "kind": kind, "country": country, **(details or {})}
    values = {fact: clean(fact, value) for fact, value in given.items()}
    try:
        with transaction.atomic():
            if Organisation.objects.filter(name=values["name"]).exists():
                raise IntegrityError
            if not alike_is_another:
                check_alike(values["name"])
            check_number(values.get("register", ""), values.get("number", ""))
            row = Organisation(**{key: value for key, value in values.items() if key != "funders"})
            row.funders = parts_of(values.get("funders", ""))
            row.save()
            shapes.keep(row)
            note(row, [(fact, "", value) for fact, value in values.items() if value], "entered", actor, clock)
    except IntegrityError:
        raise name_taken() from None
    return view_of(row)


def name_taken() -> SchoolgateError:
    """A name that another organisation has."""
    return SchoolgateError(
        "An organisation of this name is entered already.", hint="Use its id.", code="organisation-exists"
    )


def parts_of(funders: str) -> list[str]:
    """Who pays, one by one."""
    return [part.strip() for part in funders.split(";") if part.strip()]


def note(
    row: Organisation,
    facts: list[tuple[str, str, str]],
    reason: str,
    actor: str,
    clock: Clock | None,
    log_index: int | None = None,
) -> None:
    """Add lines to an organisation's history: (fact, before, after) each; inside the caller's transaction."""
    last = OrganisationEntry.objects.filter(organisation=row).order_by("-change").first()
    at = moment(clock)
    OrganisationEntry.objects.bulk_create(
        OrganisationEntry(
            organisation=row,
            change=(last.change if last else 0) + 1,
            fact=fact,
            before=before,
            after=after,
            reason=reason,
            actor=actor,
            at=at,
            log_index=log_index,
        )
        for fact, before, after in facts
    )


def organisation(organisation_id: str) -> OrganisationView:
    """One organisation.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    return view_of(organisation_row(organisation_id))


def find_organisation(text: str) -> OrganisationView:
    """One organisation by its id or its exact name.

    Raises:
        UnknownOrganisation: none fits.
    """
    row = Organisation.objects.filter(name=unicodedata.normalize("NFC", text).strip()).first()
    return view_of(row) if row is not None else organisation(text)


def organisations_called(name: str) -> tuple[OrganisationView, ...]:
    """Organisations whose exact name this is, or was; of two that had it one after the other, both."""
    exact = unicodedata.normalize("NFC", name).strip()
    rows = list(Organisation.objects.filter(name=exact))
    # Few ever changed their name, and a text inside a list is searched for differently by each database.
    rows += [row for row in Organisation.objects.exclude(former_names=[]).order_by("pk") if exact in row.former_names]
    return tuple(view_of(row) for row in rows)


def organisations() -> tuple[OrganisationView, ...]:
    """Every organisation, in order of entry."""
    return tuple(view_of(row) for row in Organisation.objects.order_by("pk"))


def is_verified(organisation_id: str, today: date, days: int = 365) -> bool:
    """Whether the custodian made sure of an organisation within the last `days`.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    on = organisation_row(organisation_id).verified_on
    return on is not None and 0 <= (today - on).days <= days
