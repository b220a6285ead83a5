"""``schoolgate corrections``: notices for those who were given wrong values, and what schools put right themselves."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from schoolgate import desk, gate
from schoolgate.cells import harmless
from schoolgate.cli.console import console
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import insist

app = typer.Typer(help="Values that were put right: who is told, and what they did.", no_args_is_help=True)

Person = Annotated[str, typer.Option("--person", help="Who you are, e.g. P-0001.")]
Notice = Annotated[str, typer.Argument(help="The notice, e.g. N-0123456789abcdef.")]
_COLUMNS = ("pupil", "item", "year", "term", "old", "new", "kind")


def _do(act: str, person: str, **given: Any) -> Any:
    """Do an act of the desk; every reason at once when it is refused."""
    return insist(desk.do(act, person, config=Config.from_environment(), clock=SystemClock(), **given))


def _line(one: gate.NoticeView) -> str:
    late = ", LATE" if one.late else ""
    return f"{one.id}  {one.agreement_id}  {one.organisation}  {one.state}, answer by {one.due:%-d %B %Y}{late}"


@app.command("list")
def list_notices(person: Person) -> None:
    """List the correction notices you may see."""
    for one in _do("corrections-list", person):
        console.print(_line(one), markup=False)


@app.command("show")
def show(
    notice: Notice,
    person: Person,
    out: Annotated[Path | None, typer.Option("--out", help="Write every line here, as CSV.")] = None,
) -> None:
    """Fetch a notice: its lines under your own references, and counts for results without any."""
    page = _do("corrections-show", person, notice=notice, after=0)
    console.print(_line(page.notice), markup=False)
    for count in page.counts:
        console.print(f"{count.item}  {count.term} {count.year or ''}  {count.corrections}  {count.kind}", markup=False)
    if out is None:
        for line in page.lines:
            console.print("  ".join(str(getattr(line, name)) for name in _COLUMNS), markup=False)
        return
    with out.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(_COLUMNS)
        while True:
            table.writerows([harmless(getattr(line, name)) for name in _COLUMNS] for line in page.lines)
            if page.after is None:
                break
            page = _do("corrections-show", person, notice=notice, after=page.after)


@app.command("answer")
def answer(
    notice: Notice,
    person: Person,
    did: Annotated[str, typer.Option("--did", help=f"One of {', '.join(gate.DID)}.")],
    said: Annotated[str, typer.Option("--said", help="For the families; needed where it cannot be put right.")] = "",
) -> None:
    """Say what you did about a notice."""
    console.print(_line(_do("corrections-answer", person, notice=notice, did=did, said=said)), markup=False)


@app.command("affected")
def affected(
    person: Person,
    percent: Annotated[int, typer.Option("--percent", help="From so many pupils in a hundred on.")] = 5,
) -> None:
    """List results that rest on values put right since. What was published from them is not known here."""
    for one in _do("corrections-affected", person, threshold=percent):
        console.print(
            f"{one.percent:3}%  {one.release_id}  {one.left_as}  {one.agreement_id}  {one.organisation}", markup=False
        )


@app.command("school")
def school(
    urn: Annotated[int, typer.Argument(help="The school's number.")],
    person: Person,
    out: Annotated[Path, typer.Option("--out", help="Folder for the two files.")],
) -> None:
    """Write what one school is to put right in its own system: a Common Transfer File, and a table of the rest."""
    made = _do("corrections-school", person, urn=urn)
    out.mkdir(parents=True, exist_ok=True)
    if made.ctf:
        (out / made.ctf_name).write_text(made.ctf, encoding="utf-8")
    (out / f"put-right-{urn}.csv").write_text(made.table, encoding="utf-8", newline="")
    console.print(f"{made.pupils} pupils", markup=False)


@app.command("tend")
def tend() -> None:
    """Let corrections travel, remind and count now, as the worker does by itself."""
    console.print(str(gate.tend_corrections(config=Config.from_environment(), clock=SystemClock())), markup=False)
