"""``schoolgate request``, the applicant's part after the first hand-in: a new version, and taking it back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from schoolgate import requests
from schoolgate.cli.agreeing import Actor, taken
from schoolgate.cli.console import console
from schoolgate.clock import SystemClock
from schoolgate.errors import SchoolgateError
from schoolgate.requests import drafting

Application = Annotated[str, typer.Argument(help="The application, e.g. APP-2026-0001.")]
Form = Annotated[Path, typer.Argument(help="The application form (TOML). See: schoolgate request example.")]


def read_form(file: Path) -> str:
    """The text of a form.

    Raises:
        SchoolgateError: it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SchoolgateError(
            "The application form cannot be read as a UTF-8 text file.", hint="Check its path.", code="form-file"
        ) from None


def resubmit(
    application: Application,
    file: Form,
    actor: Actor,
    organisation: Annotated[str | None, typer.Option(help="Takes the place of the form's organisation.")] = None,
    person: Annotated[
        list[str] | None, typer.Option(help="Takes the place of the form's people; may be repeated.")
    ] = None,
) -> None:
    """Hand in a new version of an application that was returned. Both versions are kept."""
    people = tuple(person) if person else None
    spec = requests.read_application(read_form(file), organisation=organisation, people=people)
    made = taken(requests.resubmit_application(application, spec, actor, SystemClock()))
    console.print(f"The new version of {made.id} is in, and in the register.")


def withdraw(application: Application, actor: Actor, reason: Annotated[str, typer.Option(help="Why; public.")]) -> None:
    """Take an application back before it is decided. That it was made stays public."""
    gone = taken(drafting.withdraw(application, reason, actor, SystemClock()))
    console.print(f"{gone.id} is taken back.")


def measure(file: Form) -> None:
    """How far a form reaches and how hard its summary is to read, before it is handed in."""
    spec = requests.read_application(read_form(file))
    found = drafting.advice(spec)
    far, read = found.reach, found.readability
    console.print(
        f"Most identifying: level {far.identifiability} of 5 ({', '.join(far.identifying) or 'the request'})."
    )
    console.print(f"Most sensitive: {far.sensitivity} ({', '.join(far.sensitive) or 'nothing'}).")
    if read.tells:
        console.print(f"The summary can be read at the age of {read.age} (grade {read.grade}).")
    else:
        console.print("The summary is too short to measure, or it is not in English.")
    for sentence in read.longest:
        console.print("  • long: " + escape(sentence))
    for one in found.lawful:
        console.print("  • no panel can approve it: " + escape(f"{one.reason} {one.remedy}".strip()))
    answered = {one.question for one in spec.answers if one.text}
    for question in drafting.questions(spec):
        mark = "answered" if question.id in answered else "open"
        console.print(f"  {question.id} ({mark}): " + escape(question.words))


COMMANDS = (resubmit, withdraw, measure)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in COMMANDS:
        app.command()(command)
