"""``schoolgate extract``, ``lookup``, ``stop`` and ``delay``: what leaves, who is looked up, and what holds it back."""

from __future__ import annotations

import base64
import csv
import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from schoolgate import desk, gate
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError, insist

extracts = typer.Typer(help="Extracts: ask for one, decide on it, fetch it, sign for it.", no_args_is_help=True)
lookups = typer.Typer(help="Look people up: a list, or a claim that is answered yes or no.", no_args_is_help=True)
stops = typer.Typer(help="Use that was stopped because it was not what was applied for.", no_args_is_help=True)
delays = typer.Typer(help="Telling one family later, by law, until a day.", no_args_is_help=True)

Person = Annotated[str, typer.Option("--person", help="Who you are, e.g. P-0001.")]
Agreement = Annotated[str, typer.Argument(help="The agreement, e.g. A-2026-0001.")]
Order = Annotated[str, typer.Argument(help="The extract, e.g. X-0123456789abcdef.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence or two; public.")]


def _do(act: str, person: str, **given: Any) -> Any:
    """Do an act of the desk; every reason at once when it is refused."""
    return insist(desk.do(act, person, config=Config.from_environment(), clock=SystemClock(), **given))


def _line(one: gate.ExtractView) -> str:
    until = f", to fetch until {one.until:%-d %B %Y}" if one.until and one.state == "ready" else ""
    late = ", NOT SIGNED FOR" if one.overdue else ""
    return f"{one.id}  {one.agreement_id}  {one.organisation}  {one.state}{until}{late}"


@extracts.command("order")
def order(
    agreement: Agreement,
    sql: Annotated[str, typer.Argument(help="The query; it must give pupil, the pseudonym.")],
    person: Person,
    reason: Annotated[str, typer.Option("--reason", help="Why the safe setting will not do; public.")],
    key: Annotated[str, typer.Option("--key", help="Your public key of age, age1…; keep the secret one to yourself.")],
    form: Annotated[str, typer.Option("--form", help=".csv or .parquet")] = ".csv",
) -> None:
    """Ask for single records to leave the safe setting. Somebody of the custodian decides."""
    made = _do("extract-order", person, agreement=agreement, sql=sql, reason=reason, recipient_key=key, form=form)
    console.print(_line(made), markup=False)


@extracts.command("list")
def list_extracts(person: Person) -> None:
    """List the extracts you may see."""
    for one in _do("extract-list", person):
        console.print(_line(one), markup=False)


@extracts.command("show")
def show(order: Order, person: Person) -> None:
    """Show an extract's order."""
    one = _do("extract-show", person, order=order)
    console.print(_line(one), markup=False)
    for label, text in (
        ("Query", one.sql), ("Why", one.reason), ("Decided by", one.decided_by), ("Because", one.decided_because),
        ("Sealed file, SHA-256", one.file_sha256), ("Not made because", " ".join(one.failed_because)),
        ("Reported", one.said),
    ):  # fmt: skip
        if text:
            console.print(f"{label}: {text}", markup=False)
    console.print(f"Fetched {one.downloads} of {one.downloads_most} times.")


@extracts.command("approve")
def approve(order: Order, person: Person, reason: Reason) -> None:
    """Let an extract leave. It is read at once, sealed to its recipient's key, and can be fetched for some days."""
    console.print(_line(_do("extract-decide", person, order=order, approve=True, reason=reason)), markup=False)


@extracts.command("decline")
def decline(order: Order, person: Person, reason: Reason) -> None:
    """Do not let an extract leave."""
    console.print(_line(_do("extract-decide", person, order=order, approve=False, reason=reason)), markup=False)


@extracts.command("fetch")
def fetch(
    order: Order,
    person: Person,
    out: Annotated[Path, typer.Option("--out", help="Where to write the sealed file (.age).")],
    receipt: Annotated[Path | None, typer.Option(help="Write the receipt here (.json).")] = None,
) -> None:
    """Fetch the sealed file. It counts, and from the first time on you owe a signature."""
    if out.exists() or not out.absolute().parent.is_dir():
        raise SchoolgateError(
            "The file is there already, or its folder is not.", hint="Nothing was fetched.", code="out-folder"
        )
    opened = _do("extract-open", person, order=order)
    digest, at = hashlib.sha256(), 0
    try:
        with out.open("xb") as file:
            while at < opened.size:
                part = base64.b64decode(_do("extract-piece", person, order=order, token=opened.token, at=at))
                if not part:
                    break
                file.write(part)
                digest.update(part)
                at += len(part)
        if digest.hexdigest() != opened.file_sha256:
            raise SchoolgateError("The file did not arrive whole.", hint="Fetch it again.", code="file-differs")
    except (SchoolgateError, OSError):
        out.unlink(missing_ok=True)  # half a file is none, and would stand in the way of the next
        raise
    if receipt is not None:
        receipt.write_text(opened.receipt + "\n", encoding="utf-8")
    console.print(
        f"{at:,} bytes in {out}. Open it with: age --decrypt -i KEY.txt {out}"
        "\nThen sign for it: schoolgate extract sign. Every extract carries a mark by which it can be known again.",
        markup=False,
    )


@extracts.command("sign")
def sign(
    order: Order,
    person: Person,
    file: Annotated[Path, typer.Option("--file", help="The file as you decrypted it; it is not sent.")],
) -> None:
    """Sign that the extract is there, whole and opened. It is deleted here."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    console.print(_line(_do("extract-sign", person, order=order, opened_sha256=digest)), markup=False)


@extracts.command("report")
def report(
    order: Order,
    person: Person,
    kind: Annotated[str, typer.Option("--kind", help=f"One of {', '.join(gate.REPORTS)}.")],
    said: Annotated[str, typer.Option("--said", help="What happened; for the custodian alone.")] = "",
) -> None:
    """Say instead of a signature what became of an extract."""
    console.print(_line(_do("extract-report", person, order=order, kind=kind, said=said)), markup=False)


@extracts.command("tend")
def tend() -> None:
    """Delete what is past its day and note late signatures, as the gate's own user; a worker does it hourly."""
    config = Config.from_environment()
    if config.gate is not None:
        raise SchoolgateError("This is done by the gate's own user.", code="gate-only")
    console.print(f"Orders changed: {gate.tend_extracts(config=config, clock=SystemClock())}.")


@lookups.command("declare")
def declare(
    agreement: Agreement,
    person: Person,
    kind: Annotated[list[str], typer.Option("--kind", help="matching or verification")],
    reason: Annotated[list[str], typer.Option("--reason", help="A reason of the list; may be repeated.")],
    per_day: Annotated[int, typer.Option(min=1)],
    per_month: Annotated[int, typer.Option(min=1)],
    first_hour: Annotated[int, typer.Option(min=0, max=23)] = 7,
    last_hour: Annotated[int, typer.Option(min=0, max=23)] = 19,
) -> None:
    """Record, as the custodian, which look-ups were applied for and approved; later only less."""
    declared = gate.LookupDeclared(tuple(kind), tuple(reason), per_day, per_month, first_hour, last_hour)
    _do("lookup-declare", person, agreement=agreement, declared=declared)
    console.print(f"{agreement}: at most {per_day:,} look-ups a day, {per_month:,} in thirty days.")


@lookups.command("reasons")
def reasons() -> None:
    """Print the reasons a look-up may have."""
    for name, words in gate.lookup_reasons().items():
        console.print(f"{name}: {words}", markup=False)


_COLUMNS = ("ref", "upn", "surname", "forename", "dob", "sex", "postcode", "reason", "provision")


@lookups.command("list")
def match(
    agreement: Agreement,
    people: Annotated[Path, typer.Argument(help=f"A CSV file with the columns {', '.join(_COLUMNS)}.")],
    person: Person,
    item: Annotated[list[str] | None, typer.Option("--item", help="What is told of whoever is found.")] = None,
) -> None:
    """Have a list looked up. Each row has a reason and a law of its own; of whoever is not found nothing stays."""
    try:
        with people.open(newline="", encoding="utf-8-sig") as file:
            held = [{name: (row.get(name) or "").strip() for name in _COLUMNS} for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise SchoolgateError("The list cannot be read.", hint="It is a CSV file in UTF-8.", code="list") from None
    answer = _do(
        "lookup-list",
        person,
        agreement=agreement,
        rows=tuple(gate.Wanted(**row) for row in held),
        items=tuple(item or ()),
    )
    for row in answer.rows:
        told = "; ".join(f"{name} {value}" for name, value in row.values)
        console.print(f"{row.ref}: {'found' if row.found else 'not found'} {told}".rstrip(), markup=False)
    console.print(f"On record as {', '.join(answer.releases)}.")


@lookups.command("verify")
def verify(
    agreement: Agreement,
    person: Person,
    dob: Annotated[str, typer.Option(help="Date of birth, 2015-01-31.")],
    reason: Annotated[str, typer.Option(help="See: schoolgate lookup reasons")],
    provision: Annotated[str, typer.Option(help="The law and its place, e.g. Children Act 1989 s.47")],
    upn: Annotated[str, typer.Option()] = "",
    surname: Annotated[str, typer.Option()] = "",
    forename: Annotated[str, typer.Option()] = "",
    sex: Annotated[str, typer.Option()] = "",
    postcode: Annotated[str, typer.Option()] = "",
    item: Annotated[str, typer.Option(help="An item of census_pupil that is claimed to have --value.")] = "",
    value: Annotated[str, typer.Option()] = "",
) -> None:
    """Answer a claim about one person with yes or no. It is a read, and in that person's own answer."""
    wanted = gate.Wanted("1", dob, reason, provision, surname, forename, sex, postcode, upn)
    answer = _do("lookup-verify", person, agreement=agreement, wanted=wanted, item=item, value=value)
    console.print(f"{'Yes' if answer.yes else 'No'}. On record as {answer.release_id}.")


@stops.command("list")
def list_stops(person: Person) -> None:
    """List the stops you may see, with their questions."""
    for one in _do("use-stops", person):
        state = "stands" if one.standing else "lifted"
        console.print(f"{one.agreement_id}  {one.organisation}  {one.stopped_at:%-d %B %Y}  {state}", markup=False)
        for words in one.reasons:
            console.print(f"  {words}", markup=False)


@stops.command("answer")
def answer(agreement: Agreement, person: Person, text: Annotated[str, typer.Option("--text")]) -> None:
    """Answer, as the recipient, why use was as it was."""
    _do("use-answer", person, agreement=agreement, answer=text)
    console.print("Answered. A person of the custodian reads it.")


@stops.command("lift")
def lift(agreement: Agreement, person: Person, reason: Reason) -> None:
    """Let use go on, as the custodian, after an answer."""
    _do("use-lift", person, agreement=agreement, reason=reason)
    console.print("Lifted.")


@delays.command("set")
def set_delay(
    upn: Annotated[str, typer.Argument(help="The child's UPN.")],
    agreement: Agreement,
    person: Person,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")],
    provision: Annotated[str, typer.Option(help="The law and its place.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; not public, that there is one is counted.")],
) -> None:
    """Delay telling one child's family of what one agreement reads, or renew another person's delay at its end."""
    last: date = until.date()
    made = _do("delay-set", person, upn=upn, agreement=agreement, until=last, provision=provision, reason=reason)
    console.print(f"Delay {made.id}: until {made.until:%-d %B %Y}. The day after, the family's page shows it.")


@delays.command("end")
def end_delay(delay: Annotated[int, typer.Argument()], person: Person) -> None:
    """End a delay before its day."""
    _do("delay-lift", person, delay=delay)
    console.print("Ended. The family's page shows it now.")


@delays.command("list")
def list_delays(person: Person) -> None:
    """List the delays, without the children."""
    for one in _do("delay-list", person):
        state = "in force" if one.in_force else "over"
        console.print(
            f"{one.id}  {one.agreement_id}  until {one.until:%-d %B %Y}  {state}  {one.provision}", markup=False
        )


def trace(file: Annotated[Path, typer.Argument(help="A leaked file: CSV, Parquet, Arrow, or any text.")]) -> None:
    """Say which extract a leaked file came from, as the gate's own user; exit 1 when no mark is in it.

    It is found while pseudonyms are there and the marked record is. It is not found when that record was left out or
    when pseudonyms were replaced: no mark is no proof that the file came from elsewhere.
    """
    found = gate.trace_extract(file, config=Config.from_environment())
    for order in found:
        console.print(escape(order))
    if not found:
        errors.print("No extract's mark is in this file.")
        raise typer.Exit(1)
