"""The command line: ``schoolgate``. Operators, schools and researchers speak to the rooms through it.

A failure is one sentence and what to do next, never a traceback: a traceback can hold a child's data.
"""

from __future__ import annotations

import os
import sys
import warnings

import django
from rich.markup import escape

from schoolgate.errors import SchoolgateError


def _ready() -> None:
    """Django's apps loaded and the database at this release's shape."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.settings")  # noqa: TID251  Django's own switch
    django.setup()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def main() -> None:
    """Run a command; exit 0 when it did what was asked, 1 when not, 2 when it was asked wrongly."""
    # The embedded engine warns about its own internals; a person at a terminal can do nothing with that.
    warnings.filterwarnings("ignore", category=UserWarning)
    from django.db.utils import OperationalError

    from schoolgate.cli.console import errors

    try:
        _ready()
        from schoolgate.cli.app import app

        app()
    except SchoolgateError as problem:
        errors.print(f"[bold red]Not done:[/] {escape(problem.what)}")
        if problem.hint:
            errors.print(escape(problem.hint))
        sys.exit(1)
    except KeyboardInterrupt:
        errors.print("Stopped.")
        sys.exit(130)
    except OperationalError:
        # The driver's words can repeat the address with its password.
        errors.print("[bold red]Not done:[/] The database cannot be reached or is not one of this release.")
        errors.print("Check SCHOOLGATE_DATABASE and that its server runs; for the embedded one, check SCHOOLGATE_HOME.")
        sys.exit(1)
    except Exception as problem:  # noqa: BLE001 - the last line of defence: no traceback, no values
        place = problem.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_globals.get('__name__', '?')} line {place.tb_lineno}" if place else "?"
        errors.print(f"[bold red]A fault in schoolgate:[/] {type(problem).__name__} in {where}.")
        errors.print("Nothing was handed over. Report this line; it holds no personal data.")
        sys.exit(70)
