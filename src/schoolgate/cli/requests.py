"""``schoolgate request``: from application to certified destruction, each step in public."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from schoolgate import register, requests
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

app = typer.Typer(
    help="Requests for data: apply → decide → sign → end → destroyed. The public log tells each step.",
    no_args_is_help=True,
)

T = TypeVar("T")
Actor = Annotated[str, typer.Option("--as", help="Your person id, e.g. P-0001.")]


def _taken(outcome: T | requests.Refused) -> T:
    """The outcome, published; or every reason on the screen, and exit 1."""
    if isinstance(outcome, requests.Refused):
        errors.print("[bold red]Not done.[/] Nothing was changed.")
        for reason in outcome.reasons:
            where = f"{reason.where}: " if reason.where else ""
            errors.print("  • " + escape(f"{where}{reason.reason} {reason.remedy}".strip()))
        raise typer.Exit(1)
    register.publish(SystemClock(), Config.from_environment())
    return outcome


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
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SchoolgateError(
            "The application form cannot be read as a UTF-8 text file.",
            hint="Check its path.",
            code="form-file",
        ) from None
    spec = requests.read_application(text, organisation=organisation, people=tuple(person) if person else None)
    made = _taken(requests.submit_application(spec, actor, SystemClock()))
    console.print(f"Application {made.id} is in, and in the register. Next: schoolgate request decide {made.id}")


@app.command()
def decide(
    application: Annotated[str, typer.Argument(help="The application, e.g. APP-2026-0001.")],
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="The panel's answer.")],
    reason: Annotated[list[str], typer.Option(help="Why; public; may be repeated.")],
    panel: Annotated[list[str], typer.Option(help="A panel member who decides; at least two, so repeat it.")],
    condition: Annotated[
        list[str] | None,
        typer.Option(
            help="A condition, may be repeated: “kind”, “kind: detail” or a sentence. Kinds: "
            + ", ".join(requests.CONDITION_KINDS)
            + "."
        ),
    ] = None,
) -> None:
    """Record the panel's decision. Nobody decides alone, nor on their own organisation."""
    decided = _taken(requests.decide(application, approve, reason, condition or [], panel, SystemClock()))
    console.print(f"Application {decided.id} is {decided.state}.")
    for one in decided.conditions:
        console.print("  • " + escape(one.plain))


@app.command()
def sign(application: Annotated[str, typer.Argument(help="An approved application.")], actor: Actor) -> None:
    """Sign the agreement, for the custodian. From then on the gate lets its people read."""
    signed = _taken(requests.sign(application, actor, SystemClock()))
    console.print(
        f"Agreement {signed.id} is in force until {signed.valid_until:%-d %B %Y}."
        f' Next: schoolgate read --agreement {signed.id} "SELECT …"'
    )


@app.command()
def end(
    agreement: Annotated[str, typer.Argument(help="An agreement in force, e.g. A-2026-0001.")],
    reason: Annotated[str, typer.Option(help="Why; public.")],
    actor: Actor,
) -> None:
    """End an agreement at once."""
    ended = _taken(requests.end(agreement, reason, actor, SystemClock()))
    console.print(f"Agreement {ended.id} has ended. Next: schoolgate request destroyed {ended.id}")


@app.command()
def destroyed(
    agreement: Annotated[str, typer.Argument(help="An agreement that has ended.")],
    method: Annotated[str, typer.Option(help="How the data was destroyed; public.")],
    witness: Annotated[str, typer.Option(help="Person id of a witness of the custodian.")],
    actor: Actor,
) -> None:
    """Certify that what was handed over is destroyed."""
    gone = _taken(requests.certify_destruction(agreement, method, actor, witness, SystemClock()))
    console.print(f"The destruction of the data of agreement {gone.id} is certified.")


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
        "from, until": f"{spec.valid_from} to {spec.valid_until}",
        "where": f"{spec.processed_at}, {spec.country}",
        "reasons": " ".join(found.reasons),
        "conditions": " ".join(condition.plain for condition in found.conditions),
    }
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
