"""``schoolgate people``: organisations, persons and accounts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from schoolgate import people
from schoolgate.cli import staffing
from schoolgate.cli.console import console

app = typer.Typer(
    help="Organisations that ask, persons who use, decide or sign, and accounts that sign in.",
    no_args_is_help=True,
)
organisation_app = typer.Typer(help="Organisations.", no_args_is_help=True)
person_app = typer.Typer(help="Persons: an id and a role, no name.", no_args_is_help=True)
account_app = typer.Typer(help="Accounts of the site.", no_args_is_help=True)
app.add_typer(organisation_app, name="organisation")
app.add_typer(person_app, name="person")
app.add_typer(account_app, name="account")
staffing.add_to(organisation_app, person_app)

_KINDS = ", ".join(people.ORGANISATION_KINDS)
_ROLES = "; ".join(f"{role}: {what}" for role, what in people.PERSON_ROLES.items())


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


@organisation_app.command("add")
def add_organisation(
    name: Annotated[str, typer.Argument(help="Its full name.")],
    kind: Annotated[str, typer.Option(help=f"One of: {_KINDS}.")],
    country: Annotated[str, typer.Option(help="Where it is established.")] = "United Kingdom",
    fact: staffing.Facts = None,
    another: staffing.Another = False,
) -> None:
    """Enter an organisation, as in: schoolgate people organisation add "Example Ltd" --kind company"""
    made = people.add_organisation(name, kind, country, details=staffing.facts(fact), alike_is_another=another)
    console.print(f"{made.id}  {escape(made.name)}, {people.ORGANISATION_KINDS[made.kind]}")


@person_app.command("add")
def add_person(
    organisation: Annotated[str, typer.Option(help="The organisation's id or exact name.")],
    role: Annotated[str, typer.Option(help=_ROLES)],
    accredited_until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of accreditation.")
    ] = None,
    seat: Annotated[str, typer.Option(help=f"Of a panel member; one of: {', '.join(people.SEATS)}.")] = "",
) -> None:
    """Enter a person of an organisation. No name is asked for: the register shows roles."""
    home = people.find_organisation(organisation)
    made = people.add_person(home.id, role, accredited_until=_day(accredited_until), seat=seat)
    console.print(f"{made.id}  {made.role} of {escape(made.organisation_name)}, {_accreditation(made)}")


@person_app.command("hold")
def hold(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    account: Annotated[str, typer.Option(help="E-mail address of the account that may act as this person.")],
) -> None:
    """Let an account sign in as a person, as in: schoolgate people person hold P-0001 --account who@example.org"""
    held = people.hold_person(person, people.find_account(account).id)
    persons = people.held_persons(held.account_id or 0)
    console.print(f"{held.id}  {held.role} of {escape(held.organisation_name)} can sign in at /sign-in/ now.")
    if len(persons) > 1:
        console.print(
            f"The account acts as {len(persons)} persons and chooses one: it is one human being to the rules."
        )


@person_app.command("accredit")
def accredit(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; left out: withdrawn at once.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; kept in the person's history.")] = "",
) -> None:
    """Renew or withdraw an accreditation. A read that runs just now is not handed over any more."""
    changed = people.set_accreditation(person, _day(until), reason=reason)
    console.print(f"{changed.id}  {_accreditation(changed)}")


@account_app.command("add")
def add_account(
    email: Annotated[str, typer.Argument(help="E-mail address.")],
    role: Annotated[str, typer.Option(help="One of: " + ", ".join(people.ACCOUNT_ROLES) + ".")] = "family",
    password: Annotated[
        str,
        typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when left out, unseen."),
    ] = "",
) -> None:
    """Make an account that can sign in to the site."""
    made = people.create_account(email, password, role=role)
    console.print(f"Account {made.id} made, for {people.ACCOUNT_ROLES[made.role]}.")


@app.command("list")
def list_all() -> None:
    """Every organisation with its persons."""
    table = Table("organisation", "name and kind", "person", "role", "accreditation", show_edge=False)
    for organisation in people.organisations():
        kind = people.ORGANISATION_KINDS[organisation.kind]
        gone = f", part of {organisation.merged_into}" if organisation.merged_into else ""
        table.add_row(organisation.id, f"{escape(organisation.name)}, {kind}{gone}", "", "", "")
        for person in people.persons(organisation.id):
            table.add_row("", "", person.id, person.role, _accreditation(person))
    console.print(table)


def _accreditation(person: people.PersonView) -> str:
    if person.left_on is not None:
        return f"left on {person.left_on:%-d %B %Y}"
    if person.accredited_until is None:
        return "not accredited"
    return f"accredited until {person.accredited_until:%-d %B %Y}"
