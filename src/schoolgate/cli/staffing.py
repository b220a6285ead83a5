"""``schoolgate people``, what changes: an organisation's facts, a person who leaves, interests, and every history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from schoolgate import desk, people
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError

Actor = Annotated[str, typer.Option("--as", help="Your person id, e.g. P-0001; a person of the custodian.")]
Facts = Annotated[
    list[str] | None,
    typer.Option("--fact", help=f'What is known, as in: --fact "owner=Example plc". Of: {", ".join(people.FACTS)}.'),
]
Another = Annotated[
    bool, typer.Option("--another", help="You looked at the names that look alike: this is another organisation.")
]
Organisation = Annotated[str, typer.Argument(help="The organisation's id or exact name.")]
Person = Annotated[str, typer.Argument(help="The person's id.")]
Reason = Annotated[str, typer.Option(help="Why; of an organisation it is public.")]


def facts(given: list[str] | None) -> dict[str, str]:
    """What was typed as ``fact=value``.

    Raises:
        SchoolgateError: there is no ``=``, or no such fact.
    """
    pairs = [one.partition("=") for one in given or []]
    if any(not sign or fact.strip() not in people.FACTS for fact, sign, _ in pairs):
        raise SchoolgateError(
            "A fact is written as name=value.", hint=f"Names: {', '.join(people.FACTS)}.", code="fact"
        )
    return {fact.strip(): value.strip() for fact, _, value in pairs}


def _done(act: str, actor: str, **given: Any) -> Any:
    """What an act gives; or every reason why not on the screen, and exit 1."""
    outcome = desk.do(act, actor, config=Config.from_environment(), clock=SystemClock(), **given)
    if not isinstance(outcome, Refused):
        return outcome
    errors.print("[bold red]Not done.[/] Nothing was changed.")
    for reason in outcome.reasons:
        errors.print("  • " + escape(f"{reason.reason} {reason.remedy}".strip()))
    raise typer.Exit(1)


def _opened(outcome: Any) -> None:
    for one in outcome.changed.what:
        words = people.FACTS.get(one.fact, "part of")
        console.print(f"{words}: {escape(one.before or 'not stated')} → {escape(one.after or 'not stated')}")
    if outcome.reopened:
        console.print(f"Opened again, and no longer in use: {', '.join(outcome.reopened)}. The panel decides anew.")


def change(
    organisation: Organisation, reason: Reason, actor: Actor, fact: Facts = None, another: Another = False
) -> None:
    """Record that an organisation changed. A new name, kind, owner, country or business opens its agreements again."""
    found = people.find_organisation(organisation)
    given = {"changes": facts(fact), "reason": reason, "alike_is_another": another}
    _opened(_done("organisation-change", actor, organisation_id=found.id, **given))


def merge(
    organisation: Organisation,
    into: Annotated[str, typer.Option(help="The organisation that it became part of: id or exact name.")],
    reason: Reason,
    actor: Actor,
) -> None:
    """Record that an organisation became part of another. Its agreements are opened again."""
    first, second = people.find_organisation(organisation), people.find_organisation(into)
    _opened(_done("organisation-merge", actor, organisation_id=first.id, into=second.id, reason=reason))


def verify(
    organisation: Organisation,
    how: Annotated[str, typer.Option(help="How you made sure that it is who it says.")],
    actor: Actor,
) -> None:
    """Note that you made sure of an organisation's identity, and how."""
    found = people.find_organisation(organisation)
    sure = _done("organisation-verify", actor, organisation_id=found.id, how=how)
    console.print(f"{sure.id}  {escape(sure.name)}: made sure of on {sure.verified_on:%-d %B %Y}.")


def show(organisation: Organisation) -> None:
    """Print everything known of an organisation, and how it came to be so."""
    found = people.find_organisation(organisation)
    console.print(f"[bold]{found.id}  {escape(found.name)}[/], {people.ORGANISATION_KINDS[found.kind]}")
    sure = f"{found.verified_on:%-d %B %Y}: {found.verified_how}" if found.verified_on else "nobody did"
    console.print(f"Made sure of: {escape(sure)}")
    if found.former_names:
        console.print(f"Formerly: {escape(', '.join(found.former_names))}")
    table = Table("when", "what", "before", "after", "why", "who", show_edge=False)
    for one in people.organisation_history(found.id):
        table.add_row(
            f"{one.at:%Y-%m-%d}",
            people.FACTS.get(one.fact, one.fact),
            escape(one.before),
            escape(one.after),
            escape(one.reason),
            one.actor or "at the command line",
        )
    console.print(table)


def leave(person: Person, reason: Reason, actor: Actor) -> None:
    """Note that a person left: at once, for good. What names them keeps them on record and refuses them."""
    gone = _done("person-leave", actor, person_id=person, reason=reason)
    console.print(f"{gone.id}  left {escape(gone.organisation_name)} on {gone.left_on:%-d %B %Y}.")


def interest(
    person: Person,
    organisation: Annotated[str, typer.Option(help="The organisation they are tied to: id or exact name.")],
    what: Annotated[str, typer.Option(help="What ties them, in a few words; not public.")],
    actor: Actor,
) -> None:
    """Declare what ties a person to another organisation: they will not decide about it."""
    found = people.find_organisation(organisation)
    made = _done("interest-declare", actor, person_id=person, organisation_id=found.id, what=what)
    console.print(f"{made.id}  {made.person_id} declared an interest in {escape(found.name)}.")


def history(person: Person) -> None:
    """Print what was entered about a person: accreditation given, changed, withdrawn, and why; and interests."""
    table = Table("when", "what", "accredited until", "why", "who", show_edge=False)
    for one in people.person_history(person):
        until = f"{one.until:%-d %B %Y}" if one.until else ""
        who = one.actor or "at the command line"
        table.add_row(f"{one.at:%Y-%m-%d}", people.PERSON_FACTS[one.what], until, escape(one.reason), who)
    for tie in people.interests(person):
        ended = f", until {tie.ended_on}" if tie.ended_on else ""
        table.add_row(f"{tie.declared_on}", f"interest in {tie.organisation_id}{ended}", "", escape(tie.what), "")
    console.print(table)


def add_to(organisation_app: typer.Typer, person_app: typer.Typer) -> None:
    """Put these commands beside those that enter."""
    of_organisations: tuple[Callable[..., None], ...] = (change, merge, verify, show)
    of_persons: tuple[Callable[..., None], ...] = (leave, interest, history)
    for command in of_organisations:
        organisation_app.command()(command)
    for command in of_persons:
        person_app.command()(command)
