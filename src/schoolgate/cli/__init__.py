"""The command line: ``schoolgate``. Operators, schools and researchers speak to the rooms through it.

A failure is one sentence and what to do next, never a traceback: a traceback can hold a child's data.
"""

from __future__ import annotations

import os
import sys
import warnings

from rich.markup import escape

from schoolgate.errors import SchoolgateError


def ready() -> None:
    """Django's apps loaded and the database at this release's shape."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.settings")  # noqa: TID251  Django's own switch
    django.setup()
    from schoolgate.cli.shape import bring_up_to_date

    bring_up_to_date()


def _with_everything() -> None:
    """Any command."""
    from django.db.utils import OperationalError

    try:
        ready()
        from schoolgate.cli.app import app

        app()
    except OperationalError:
        # The driver's words can repeat the address with its password.
        raise SchoolgateError(
            "The database cannot be reached or is not one of this release.",
            hint="Check SCHOOLGATE_DATABASE and that its server runs; for the embedded one, check SCHOOLGATE_HOME.",
        ) from None


def _alone(arguments: list[str]) -> bool:
    """Commands that need no installation: those outsiders run on machines of their own, and the one that makes it."""
    if arguments[:1] == ["witness"]:
        from schoolgate.cli.witness import app

        app(args=arguments[1:], prog_name="schoolgate witness")
        return True
    if arguments[:1] == ["restore"]:  # there is no installation yet
        from schoolgate.cli.backup import restore_app

        restore_app(args=arguments[1:], prog_name="schoolgate restore")
        return True
    if arguments[:1] == ["oversight"] and any(word.split("=")[0] == "--log" for word in arguments[1:]):
        from schoolgate.cli.oversight import app

        app(args=arguments[1:], prog_name="schoolgate oversight")
        return True
    if arguments[:2] == ["log", "watch"]:
        from schoolgate.cli.log import app

        app(args=arguments[1:], prog_name="schoolgate log")
        return True
    return False


def main() -> None:
    """Run a command; exit 0 when it did what was asked, 1 when not, 2 when it was asked wrongly."""
    # The embedded engine warns about its own internals; a person at a terminal can do nothing with that.
    warnings.filterwarnings("ignore", category=UserWarning)
    from schoolgate.cli.console import errors

    try:
        if not _alone(sys.argv[1:]):
            _with_everything()
    except SchoolgateError as problem:
        errors.print(f"[bold red]Not done:[/] {escape(problem.what)}")
        if problem.hint:
            errors.print(escape(problem.hint))
        sys.exit(1)
    except KeyboardInterrupt:
        errors.print("Stopped.")
        sys.exit(130)
    except Exception as problem:  # noqa: BLE001 - the last line of defence: no traceback, no values
        place = problem.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_globals.get('__name__', '?')} line {place.tb_lineno}" if place else "?"
        errors.print(f"[bold red]A fault in schoolgate:[/] {type(problem).__name__} in {where}.")
        errors.print("Nothing was handed over. Report this line; it holds no personal data.")
        sys.exit(70)
