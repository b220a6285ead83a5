"""The log's commands as a person gives them."""

from __future__ import annotations

from typer.testing import CliRunner

from schoolgate.cli.log import app
from schoolgate.errors import SchoolgateError


def run(*arguments: str) -> str:
    answer = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    if isinstance(answer.exception, SchoolgateError):
        raise answer.exception
    assert answer.exit_code == 0, answer.output
    return " ".join(answer.output.split())
