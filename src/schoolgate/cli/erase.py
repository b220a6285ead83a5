"""``schoolgate erase``: what the custodian destroys of its own store, proposed by one person and decided by another."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from schoolgate import desk, gate
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.ids import Urn

app = typer.Typer(
    help="For the custodian: erase a pupil's record as far as the law allows, destroy an item that is asked for no"
    " longer, or what is past its last day. Two people decide; what is done is certified in the public log.",
    no_args_is_help=True,
)

Actor = Annotated[str, typer.Option("--as", help="Your person id, of the custodian.")]
Because = Annotated[str, typer.Option(help="Why, in words that name nobody.")]
Ground = Annotated[str, typer.Option(help=f"The ground: {', '.join(gate.GROUNDS)}.")]


def _do(name: str, actor: str, **given: Any) -> Any:
    outcome = desk.do(name, actor, config=Config.from_environment(), clock=SystemClock(), **given)
    if isinstance(outcome, Refused):
        for one in outcome.reasons:
            errors.print(f"[bold red]Not done:[/] {one.reason} {one.remedy}")
        raise typer.Exit(1)
    return outcome


@app.command()
def plan() -> None:
    """What is erased of a child, what is kept, and by which provision."""
    table = Table("what", "what becomes of it", "provision")
    for line in gate.ERASURE_PLAN:
        table.add_row(str(line.what), str(line.becomes), line.provision)
    console.print(table)


@app.command()
def pupil(
    actor: Actor,
    ground: Ground,
    because: Because,
    upn: Annotated[str, typer.Option("--upn", prompt="The pupil's UPN", help="Leave it out to be asked.")],
) -> None:
    """Propose that a pupil's record is erased."""
    made = _do("destroy-pupil", actor, upn=upn, ground=ground, because=because)
    console.print(f"{made.number}: proposed. A second person decides: `schoolgate erase agree {made.number}`.")


@app.command()
def items(
    actor: Actor,
    ground: Ground,
    because: Because,
    item: Annotated[list[str], typer.Option(help="An item, e.g. return.nationality; several times for several.")],
    year: Annotated[list[int] | None, typer.Option(help="Of these censuses; left out: of all.")] = None,
) -> None:
    """Propose that items are destroyed nation-wide."""
    made = _do("destroy-items", actor, items=tuple(item), years=tuple(year or ()), ground=ground, because=because)
    console.print(f"{made.number}: proposed. A second person decides: `schoolgate erase agree {made.number}`.")


@app.command()
def rule(
    actor: Actor,
    rule: Annotated[str, typer.Argument(help="The retention rule, as docs/oversight.md names it.")],
    year: Annotated[int, typer.Argument(help="The year of the censuses.")],
) -> None:
    """Propose that what is past its last day is destroyed."""
    made = _do("destroy-by-rule", actor, rule=rule, year=year)
    console.print(f"{made.number}: proposed. A second person decides: `schoolgate erase agree {made.number}`.")


@app.command()
def agree(actor: Actor, number: str, because: Because = "") -> None:
    """Agree to a destruction that somebody else proposed; it is then carried out."""
    _do("destroy-decide", actor, number=number, agree=True, because=because)
    console.print(f"{number}: agreed. A worker carries it out, or `schoolgate erase carry-out {number}`.")


@app.command()
def refuse(actor: Actor, number: str, because: Because) -> None:
    """Refuse a destruction that somebody else proposed."""
    _do("destroy-decide", actor, number=number, agree=False, because=because)
    console.print(f"{number}: refused. Nothing was destroyed.")


@app.command()
def withdraw(actor: Actor, number: str) -> None:
    """Take a proposal back."""
    _do("destroy-withdraw", actor, number=number)
    console.print(f"{number}: withdrawn. Nothing was destroyed.")


@app.command("list")
def list_(actor: Actor) -> None:
    """What is to be destroyed, and what was."""
    table = Table("number", "what", "state", "ground", "log entry")
    for one in _do("destructions", actor):
        table.add_row(one.number, one.what, one.state, one.ground, "" if one.log_index is None else str(one.log_index))
    console.print(table)


@app.command("carry-out")
def carry_out(number: str) -> None:
    """Carry out what two people agreed to, here and now; what was cut short is taken up again."""
    made = gate.carry_destruction(number, config=Config.from_environment(), clock=SystemClock())
    console.print(f"{made.number}: done. Entry {made.log_index} of the log is its certificate.")


@app.command()
def again() -> None:
    """After a restored backup: do anew the erasures that its database is older than."""
    count = gate.erase_again(config=Config.from_environment(), clock=SystemClock())
    console.print(f"Pupils erased anew: {count}.")


@app.command()
def declined(
    urn: Annotated[int, typer.Argument(help="The school's URN.")],
    out: Annotated[typer.FileBinaryWrite, typer.Option(help="Where the table is written (CSV).")],
) -> None:
    """For a school: what to send of its own pupils whose families declined an item. Each look is in the log."""
    config, clock = Config.from_environment(), SystemClock()
    found = gate.declined_for_school(Urn(urn), f"school:{urn}", config=config, clock=clock)
    if isinstance(found, Refusal):
        errors.print(f"[bold red]Not done:[/] {found.reason} {found.remedy}")
        raise typer.Exit(1)
    out.write(gate.declined_table(found))
    console.print(f"Lines written: {len(found)}.")
