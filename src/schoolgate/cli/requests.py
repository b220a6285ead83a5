"""``schoolgate request``: from application to certified destruction, each step in public."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from schoolgate import requests
from schoolgate.cli import agreeing, applying, deciding
from schoolgate.cli.agreeing import Actor, taken
from schoolgate.cli.console import console
from schoolgate.clock import SystemClock
from schoolgate.requests import drafting

app = typer.Typer(
    help="Requests for data: apply → check → allocate → vote → conclude → accept → sign → end → destroyed."
    " The public log tells each step.",
    no_args_is_help=True,
)
deciding.add_to(app)
agreeing.add_to(app)
applying.add_to(app)


@app.command()
def example(
    name: Annotated[str, typer.Argument(help="Which example; left out: their names.")] = "",
) -> None:
    """Print an example application form to start from."""
    if not name:
        console.print("\n".join(requests.examples()))
    else:
        typer.echo(requests.example(name), nl=False)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="The application form (TOML). See: schoolgate request example.")],
    actor: Actor,
    organisation: Annotated[str | None, typer.Option(help="Takes the place of the form's organisation.")] = None,
    person: Annotated[
        list[str] | None, typer.Option(help="Takes the place of the form's people; may be repeated.")
    ] = None,
) -> None:
    """Hand in an application. What is wrong with it is said all at once."""
    spec = requests.read_application(
        applying.read_form(file), organisation=organisation, people=tuple(person) if person else None
    )
    made = taken(requests.submit_application(spec, actor, SystemClock()))
    console.print(f"Application {made.id} is in, and in the register. Next: schoolgate request check {made.id}")


def _told(days: int, published: date | None) -> str:
    said = f"published on {published:%-d %B %Y}" if published is not None else "not published"
    return f"{days} days, {said}"


def _since_signing(agreement_id: str) -> dict[str, str]:
    """The notice an agreement waits for, and what was added to it."""
    if not agreement_id:
        return {}
    agreed = requests.get(agreement_id)
    added = [
        f"{', '.join((*one.items, *one.people))} (notice: {_told(one.notice_days, one.notice_published)})"
        for one in agreed.additions
    ]
    notice = _told(agreed.notice_days, agreed.notice_published) if agreed.notice_days else ""
    return {"notice to families": notice, "added": "; ".join(added)}


_ALSO = frozenset(
    {
        "kind_of_request", "commercial_interest", "commercial_detail", "funders", "public_benefit", "harm",
        "harm_prevention", "item_reasons", "linkage", "processors", "retention_until", "retention_why", "destruction",
        "publication_plan", "ethics_body", "ethics_reference", "ethics_why_none", "dpia_date", "dpia_summary",
        "conflicts", "answers",
    }
)  # fmt: skip
"""Fields of the form that are shown under the form's own words."""


@app.command()
def show(
    request: Annotated[str, typer.Argument(help="An application or agreement.")],
) -> None:
    """One request: what, who, why, where it stands, and every step."""
    found = requests.application(request)
    spec = found.spec
    facts = {
        "application": found.id,
        "agreement": found.agreement_id or "none",
        "state": found.state,
        "who": found.organisation_name,
        "people": ", ".join(spec.people),
        "purpose": spec.purpose,
        "why": spec.purpose_plain,
        "lawful basis": spec.lawful_basis,
        "special categories": spec.special_category_basis,
        "power to share": spec.gateway,
        "items": ", ".join(sorted(spec.items)),
        "years": ", ".join(f"{first} to {last}" for first, last in spec.years),
        "terms": ", ".join(spec.terms) or "all",
        "pupils": "; ".join(f"{c.column} is {' or '.join(c.values)}" for c in spec.cohort) or "all",
        "places": ", ".join([*spec.authorities, *spec.regions, *spec.schools]) or "all of England",
        "from, until": f"{spec.valid_from} to {spec.valid_until}",
        "where": f"{spec.processed_at}, {spec.country}",
        "protected abroad by": spec.transfer_safeguard,
        "who has died": "included" if spec.deceased else "",
        **{
            field.label: "; ".join(drafting.lines(name, spec))
            for name, field in drafting.FIELDS.items()
            if name in _ALSO
        },
        "reasons": " ".join(found.reasons),
        "conditions": " ".join(condition.plain for condition in found.conditions),
    }
    facts |= _since_signing(found.agreement_id)
    table = Table("", "", show_header=False, show_edge=False, box=None)
    for name, value in facts.items():
        if value:
            table.add_row(f"[bold]{name}[/]", escape(value))
    console.print(table)
    for step in requests.history(request):
        who = f"{step.role} ({', '.join(step.actors)})" if step.actors else step.role
        console.print(
            f"{step.at:%Y-%m-%d %H:%M}  {step.event.replace('_', ' ')}: {step.source} → {step.target},"
            f" by {who}, register entry {step.log_index}"
        )


@app.command("list")
def list_all() -> None:
    """Every request and where it stands."""
    table = Table("application", "agreement", "state", "who", "purpose", "until", show_edge=False)
    for found in requests.applications():
        table.add_row(
            found.id,
            found.agreement_id,
            found.state,
            escape(found.organisation_name),
            found.spec.purpose,
            str(found.spec.valid_until),
        )
    for agreement in requests.agreements():
        if agreement.built_in:
            who = escape(agreement.organisation_name)
            table.add_row("built in", agreement.id, agreement.state, who, agreement.purpose, "")
    console.print(table)


@app.command()
def lifecycle() -> None:
    """Print the state table as a Mermaid diagram."""
    typer.echo(requests.LIFECYCLE.mermaid())
