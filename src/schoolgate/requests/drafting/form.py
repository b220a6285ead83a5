"""Reading an application from a TOML file. What cannot be read is noted and the rest is read all the same."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib.resources import files

from schoolgate.errors import SchoolgateError
from schoolgate.requests.drafting.values import read_values
from schoolgate.requests.terms import ApplicationSpec

MOST_BYTES = 200_000


def read_application(
    text: str, *, organisation: str | None = None, people: tuple[str, ...] | None = None
) -> ApplicationSpec:
    """Read an application form.

    Args:
        text: the TOML file's content; fields are described in the room's README.
        organisation: takes the place of the form's organisation.
        people: take the place of the form's people.

    Returns:
        What could be read; every field that could not is in `unread`, and submitting it says so.

    Raises:
        SchoolgateError: not TOML at all, or too long.
    """
    if len(text.encode()) > MOST_BYTES:
        raise SchoolgateError(f"An application form has at most {MOST_BYTES:,} bytes.", code="form-size")
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        # The parser's words name line and column and quote nothing but the expected token.
        place = str(problem).rpartition("(")[2].rstrip(")")
        raise SchoolgateError(
            f"The application form is not valid TOML ({place}).",
            hint="Start from an example: schoolgate request example.",
            code="form-toml",
        ) from None
    values, wrong = read_values(table)
    spec = replace(ApplicationSpec(**values), unread=wrong)
    if organisation is not None:
        spec = replace(spec, organisation=organisation)
    return spec if people is None else replace(spec, people=people)


def examples() -> tuple[str, ...]:
    """Names of the example forms that come with the room."""
    folder = files(__package__) / "data" / "examples"
    return tuple(sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml")))


def example(name: str) -> str:
    """An example form's text.

    Raises:
        SchoolgateError: no example has this name.
    """
    if name not in examples():
        raise SchoolgateError(
            "There is no such example.",
            hint="There are: " + ", ".join(examples()) + ".",
            code="example-unknown",
        )
    return (files(__package__) / "data" / "examples" / f"{name}.toml").read_text(encoding="utf-8")
