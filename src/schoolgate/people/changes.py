"""Changes of an organisation: each a fact of its own with a date, a reason and who; nothing is edited silently.

A new name, owner, business or country may be another organisation under the old one's rights. So every change says
whether the agreements must be opened again, and the public is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from schoolgate import register
from schoolgate.clock import Clock, day_of
from schoolgate.errors import SchoolgateError
from schoolgate.people.directory import (
    check_alike,
    check_number,
    clean,
    name_taken,
    note,
    organisation_row,
    parts_of,
    view_of,
)
from schoolgate.people.entering import TEXT_LENGTH, label, moment, reason_of
from schoolgate.people.kinds import FACTS, REOPENS
from schoolgate.people.models import Organisation, OrganisationEntry
from schoolgate.people.shapes import keep, names_of
from schoolgate.people.staff import close
from schoolgate.people.views import Changed, OneBody, OrganisationChange, OrganisationFact, OrganisationView


def _locked(organisation_id: str) -> Organisation:
    """The row, locked; one that stands alone and is not the built-in one."""
    row = Organisation.objects.select_for_update().get(pk=organisation_row(organisation_id).pk)
    if row.kind == "family":
        raise SchoolgateError("This is no organisation: it stands for each child's own family.", code="built-in")
    if row.merged_into_id is not None:
        raise SchoolgateError(
            "This organisation became part of another.",
            hint=f"Change O-{row.merged_into_id:04d} instead.",
            code="organisation-merged",
        )
    return row


def _value(row: Organisation, fact: str) -> str:
    return "; ".join(row.funders) if fact == "funders" else str(getattr(row, fact))


def change_organisation(
    organisation_id: str,
    *,
    changes: Mapping[str, str],
    reason: str,
    actor: str,
    clock: Clock,
    alike_is_another: bool = False,
) -> OrganisationChange:
    """Record what changed, and tell the public what it is told. What is the same already is left out.

    Safe inside the caller's transaction: `requests.organisation_changed` opens the agreements again in the same one.

    Args:
        organisation_id: which.
        changes: one of `FACTS` -> its new value.
        reason: why, public.
        actor: person id of who records it; empty at the command line.
        clock: the time.
        alike_is_another: whether somebody looked at the names that look like a new name.

    Raises:
        UnknownOrganisation: no organisation has this id.
        SchoolgateError: an unknown fact or value, nothing that changes, no reason, a name or number that is taken,
            a name that looks like another's, or an organisation that became part of another.
    """
    why = reason_of(reason)
    if set(changes) - set(FACTS):
        raise SchoolgateError("This is not kept of an organisation.", hint=f"Kept: {', '.join(FACTS)}.", code="fact")
    values = {fact: clean(fact, value) for fact, value in changes.items()}
    try:
        with transaction.atomic():
            row = _locked(organisation_id)
            what = tuple(
                Changed(fact, _value(row, fact), value) for fact, value in values.items() if value != _value(row, fact)
            )
            if not what:
                raise SchoolgateError("Nothing of this is new.", code="unchanged")
            facts = {one.fact for one in what}
            if "kind" in facts and values["kind"] == "family":
                raise SchoolgateError("No organisation becomes a child's own family.", code="built-in")
            if "name" in facts and not alike_is_another:
                check_alike(values["name"], but=organisation_id)
            if "register" in facts or "number" in facts:
                check_number(values.get("register", row.register), values.get("number", row.number), row.pk)
            before = _apply(row, what)
            index = None
            if facts & REOPENS:
                index = _tell(row, what, before, why, clock)
            note(row, [(one.fact, one.before, one.after) for one in what], why, actor, clock, index)
    except IntegrityError:
        raise name_taken() from None
    return OrganisationChange(view_of(row), what, bool(facts & REOPENS), index)


def _apply(row: Organisation, what: tuple[Changed, ...]) -> str:
    """Write the new values; gives the name until now."""
    before = row.name
    for one in what:
        if one.fact == "funders":
            row.funders = parts_of(one.after)
        else:
            setattr(row, one.fact, one.after)
    if row.name != before:
        # A name that it had before and takes again is no former name any more.
        row.former_names = [name for name in row.former_names if name not in (before, row.name)] + [before]
    if {"name", "register", "number", "owner"} & {one.fact for one in what}:
        row.verified_on, row.verified_how = None, ""  # made sure of was the other one
    row.save()
    if row.name != before:
        keep(row)
    return before


def _tell(row: Organisation, what: tuple[Changed, ...], before: str, reason: str, clock: Clock) -> int:
    """The register's entry: which facts, both names; what stands in it is about an organisation, never a person."""
    payload = {
        "organisation": row.name,
        "former_name": before if before != row.name else None,
        "changed": [FACTS[one.fact] for one in what],
        "before": [one.before or "not stated" for one in what],
        "after": [one.after or "not stated" for one in what],
        "reason": reason,
    }
    return register.append_event("organisation.changed", row.public_id, payload, clock.now())


def merge_organisations(
    organisation_id: str, into: str, *, reason: str, actor: str, clock: Clock
) -> OrganisationChange:
    """One organisation becomes part of another: its id and history stay, nothing new can be asked under it.

    Its persons leave with it: they stay on record under it, so that old entries keep their meaning, and whoever goes
    on working is entered at the other, where the custodian looks at their accreditation anew.

    Raises:
        UnknownOrganisation: no organisation has one of these ids.
        SchoolgateError: the same organisation twice, one that became part of another already, no reason.
    """
    why = reason_of(reason)
    if organisation_id == into:
        raise SchoolgateError("An organisation does not become part of itself.", code="same-organisation")
    with transaction.atomic():
        first, second = sorted(
            (organisation_id, into)
        )  # always in one order, so that two merges cannot lock each other
        rows = {one: _locked(one) for one in (first, second)}
        row, other = rows[organisation_id], rows[into]
        row.merged_into = other
        row.save(update_fields=["merged_into"])
        payload = {"organisation": row.name, "into": other.name, "into_id": other.public_id, "reason": why}
        index = register.append_event("organisation.merged", row.public_id, payload, clock.now())
        note(row, [("merged", "", other.public_id)], why, actor, clock, index)
        note(other, [("merged", row.public_id, "")], why, actor, clock, index)
        for person in row.persons.select_for_update().filter(left_on=None).order_by("pk"):
            close(person, f"The organisation became part of {other.public_id}.", actor, clock.now())
    return OrganisationChange(view_of(row), (Changed("merged", "", other.public_id),), True, index)


def verify_organisation(organisation_id: str, how: str, *, actor: str, clock: Clock) -> OrganisationChange:
    """The custodian made sure that an organisation is who it says, and says how.

    Raises:
        UnknownOrganisation: no organisation has this id.
        SchoolgateError: no words for how, or an organisation that became part of another.
    """
    text = label(how, "way it was made sure of", TEXT_LENGTH)
    with transaction.atomic():
        row = _locked(organisation_id)
        before = row.verified_on.isoformat() if row.verified_on else ""
        row.verified_on, row.verified_how = day_of(moment(clock)), text
        row.save(update_fields=["verified_on", "verified_how"])
        after = row.verified_on.isoformat()
        note(row, [("verified", before, after)], text, actor, clock)
    return OrganisationChange(view_of(row), (Changed("verified", before, after),), False, None)


def organisation_history(organisation_id: str) -> tuple[OrganisationFact, ...]:
    """Everything entered about an organisation, oldest first.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    rows = OrganisationEntry.objects.filter(organisation=organisation_row(organisation_id)).order_by("pk")
    return tuple(
        OrganisationFact(
            at=one.at,
            change=one.change,
            fact=one.fact,
            before=one.before,
            after=one.after,
            reason=one.reason,
            actor=one.actor,
        )
        for one in rows
    )


def stands_for(organisation_id: str) -> tuple[str, ...]:
    """An organisation and all that became part of it, near and far, by id: what its people act for.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    found: dict[str, None] = {}
    edge = [organisation_row(organisation_id)]
    while edge:
        found |= dict.fromkeys(row.public_id for row in edge)
        edge = list(Organisation.objects.filter(merged_into__in=[row.pk for row in edge]).order_by("pk"))
    return tuple(found)


def successor(organisation_id: str) -> OrganisationView:
    """What an organisation is now: itself, or what it became part of, however many mergers later.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    row = organisation_row(organisation_id)
    while row.merged_into is not None:  # who became part of another never changes again, so this ends
        row = row.merged_into
    return view_of(row)


def one_body(organisation_id: str) -> OneBody:
    """An organisation, what it became part of, and all that became part of that: one body to whoever says no to one.

    Whoever objected to a part means the whole that took it over, and whoever objected to the whole means its parts.
    Of what kind it is, is asked of itself and of what it became part of, near and far.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    own = organisation_row(organisation_id)
    rows = {row.pk: row for row in Organisation.objects.exclude(merged_into=None)}  # few, and asked for once
    top, kinds = own, [own.kind]
    while top.merged_into_id is not None:
        top = rows.get(top.merged_into_id) or Organisation.objects.get(pk=top.merged_into_id)
        kinds.append(top.kind)
    found, edge = {top.pk: top.public_id}, [top.pk]
    while edge:
        edge = [row.pk for row in rows.values() if row.merged_into_id in edge]
        found |= {pk: rows[pk].public_id for pk in edge}
    return OneBody(tuple(sorted(found.values())), tuple(dict.fromkeys(kinds)))


def known_names(organisation_id: str) -> tuple[str, ...]:
    """Every name under which it stands in the register: its own, former ones, and those of what became part of it.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    found: dict[str, None] = {}
    edge = [organisation_row(organisation_id)]
    while edge:
        for row in edge:
            found |= dict.fromkeys(names_of(row))
        edge = list(Organisation.objects.filter(merged_into__in=[row.pk for row in edge]).order_by("pk"))
    return tuple(found)
