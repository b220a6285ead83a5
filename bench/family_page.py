"""A family's page over a nation's ledger, and the making of a copy for a child with fourteen years of records.

The page is the real one, asked for through Django's test client: link, ledger, agreements, words, template. The copy
is made by the real worker's function: one read through the gate, JSON, tables, PDF, sealed.

Filling the ledger of a nation takes half an hour: SCHOOLGATE_BENCH_KEEP names a folder that keeps it for next time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bench import who_has

PUPILS, RELEASES = 200_000, 200
PAGES = 200
AGREEMENTS = 40
YEARS, CENSUSES = 14, 3
_SQLITE = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _agreements() -> list[str]:
    """Forty agreements of ten organisations, as the panel's road leaves them."""
    from tests.requests import road
    from tests.requests.cast import a_spec, enter_cast

    from schoolgate import requests
    from schoolgate.clock import FixedClock

    clock = FixedClock(datetime(2026, 9, 1, 9, tzinfo=UTC))
    cast = enter_cast()
    found = []
    for number in range(AGREEMENTS):
        spec = a_spec(cast, title=f"Question {number}")
        made = requests.insist(requests.submit_application(spec, cast.researcher, clock))
        requests.insist(road.decide(made.id, True, ["It serves pupils."], [], cast.panel, clock))
        found.append(requests.insist(road.sign(made.id, cast.custodian, clock)).id)
    return found


def fill(pupils: int, count: int) -> None:
    """The ledger of a nation, into the database at hand."""
    who_has.fill(pupils, count, first=1_000_000)  # entries of the log that nobody else has


def _filled(pupils: int, count: int, place: Path) -> Path:
    """A file with that ledger: filled once, in a process of its own, and then read into each database."""
    home = place / f"ledger-{pupils}-{count}"
    if not (home / "whole").exists():
        _apart(f"part.fill({pupils}, {count})", home, [])
        (home / "whole").touch()
    return home / "schoolgate.sqlite3"


def _take_over(filled: Path, agreements: list[str]) -> None:
    """The ledger of that file, its releases under these agreements."""
    from django.conf import settings
    from django.db import connections

    from schoolgate.ledger import models

    connections.settings["filled"] = {**settings.DATABASES["default"], **_SQLITE, "NAME": str(filled)}

    def numbered(row: Any) -> Any:
        row.agreement_id = agreements[int(row.agreement_id.removeprefix("A-"))]
        return row

    for model in (models.PupilSet, models.Release, models.ExposureScan, models.Segment, models.Member):
        _copied(model, numbered if model is models.Release else lambda row: row)


def _copied(model: Any, seen: Callable[[Any], Any]) -> None:
    """All rows of one table, five hundred at once."""
    rows = model.objects.using("filled").order_by("pk").iterator(chunk_size=500)
    while some := [seen(row) for row in islice(rows, 500)]:
        model.objects.bulk_create(some)


def measure(filled: str, what: str) -> dict[str, Any]:
    """The pages of two hundred families, on the database at hand."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from schoolgate.clock import SystemClock
    from schoolgate.people.models import Account
    from schoolgate.rights.models import ChildLink, ClaimCode

    _take_over(Path(filled), _agreements())
    pupils = int(Path(filled).parent.name.split("-")[1])
    now = SystemClock().now()
    chance = np.random.default_rng(11)
    asked = chance.permutation(np.unique(chance.integers(0, pupils, PAGES * 2)))[:PAGES].tolist()
    account = Account.objects.create_user("parent@example.org", "correct horse battery")
    for number, pupil in enumerate(asked):
        code = ClaimCode.objects.create(
            digest=f"{number:064}", pupil=pupil, urn=100_000, issued_by="school:100000", issued_at=now, expires_at=now
        )
        ChildLink.objects.create(public_id=number + 1, account_id=account.pk, pupil=pupil, code=code, since=now)
    took, sizes = [], []
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(account)
    for number in range(PAGES):
        # One child an account: that a list of two hundred is looked through is no family's page.
        ChildLink.objects.filter(public_id__lte=PAGES).exclude(public_id=number + 1).update(account_id=0)
        ChildLink.objects.filter(public_id=number + 1).update(account_id=account.pk)
        begun = time.perf_counter()
        answer = client.get(f"/family/child/{number + 1}/")
        took.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"The page answered {answer.status_code}.")
        sizes.append(len(answer.content))
    took = took[10:]  # the first ones load templates and the dictionary
    return {
        "what": f"{what}, {AGREEMENTS} agreements, {_NAMES[connection.vendor]}",
        "p50_ms": float(np.percentile(took, 50)),
        "p95_ms": float(np.percentile(took, 95)),
        "most_ms": max(took),
        "kib": float(np.mean(sizes)) / 1024,
    }


def _apart(expression: str, home: Path, before: list[str]) -> Any:
    """What an expression of this module comes to, in a process and a home of its own."""
    home.mkdir(parents=True, exist_ok=True)
    out = home / "answer.json"
    code = (
        "import json,sys,django;django.setup();from django.core.management import call_command;"
        "call_command('migrate',verbosity=0);"
        f"from bench import family_page as part;json.dump({expression},open(sys.argv[1],'w'))"
    )
    environment = {
        **{key: value for key, value in os.environ.items() if key != "SCHOOLGATE_DATABASE"},
        "SCHOOLGATE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "schoolgate.settings",
    }  # fmt: skip
    subprocess.run([*before, sys.executable, "-W", "ignore", "-c", code, str(out)], env=environment, check=True)
    return json.loads(out.read_text())


def _pages(pupils: int, count: int) -> list[dict[str, Any]]:
    """The pages on SQLite, then on a PostgreSQL of their own."""
    what = f"page of a child, {pupils:,} pupils × {count:,} releases"
    tool = Path(__file__).resolve().parents[1] / "tools" / "with_postgresql.py"
    with tempfile.TemporaryDirectory(prefix="schoolgate-bench-pages-") as own:
        filled = _filled(pupils, count, Path(os.environ.get("SCHOOLGATE_BENCH_KEEP", own)))
        expression = f"part.measure({str(filled)!r}, {what!r})"
        return [
            _apart(expression, Path(own) / "sqlite", []),
            _apart(expression, Path(own) / "postgresql", [sys.executable, str(tool)]),
        ]


def _record(config: Any) -> int:
    """One child with three censuses in each of fourteen years, among a thousand others of the same school."""
    from tests.world import CHILDREN, URN, batch

    from schoolgate.clock import FixedClock
    from schoolgate.ids import Term
    from schoolgate.records.append import load_term
    from schoolgate.records.vault import Vault

    pupil = Vault(config).allocate(CHILDREN[:1])[0]
    clock = FixedClock(datetime(2026, 9, 1, 9, tzinfo=UTC))
    for year in range(2013, 2013 + YEARS):
        for term in (Term.SPRING, Term.SUMMER, Term.AUTUMN):
            rows = [
                {
                    "pupil": one, "year": year, "term": str(term), "la": "202", "urn": URN, "phase": "PS",
                    "onroll": True, "recordstatus": 0, "sex": "F", "ethnicity": "WBRI", "age": 5 + (year - 2013) % 12,
                    "ncyearactual": "4", "fsmeligible": False, "senprovision": "N", "sessionspossible": 120,
                    "entrydate": date(2013, 1, 1), "return_id": f"{year}-{term}", "return_row": one,
                    "recorded_at": clock.now(),
                }
                for one in range(1_000)
            ]  # fmt: skip
            absences = [
                {
                    "pupil": int(pupil), "year": year, "term": str(term), "urn": URN, "attendancereason": reason,
                    "sessions": 2, "return_id": f"{year}-{term}", "return_row": 1, "recorded_at": clock.now(),
                }
                for reason in "CEIMS"
            ]  # fmt: skip
            load_term(
                year, term, [("census_pupil", batch("census_pupil", rows)),
                             ("census_absence", batch("census_absence", absences))],
                return_ids=[f"{year}-{term}"], config=config, clock=clock,
            )  # fmt: skip
    return int(pupil)


def _copies() -> list[dict[str, Any]]:
    from django.conf import settings

    from schoolgate import requests, rights
    from schoolgate.clock import FixedClock
    from schoolgate.people.models import Account
    from schoolgate.rights.models import ChildLink, ClaimCode

    config, clock = settings.CONFIG, FixedClock(datetime(2026, 8, 31, 9, tzinfo=UTC))
    pupil = _record(config)
    requests.ensure_built_in(clock)
    now = clock.now()
    took: list[float] = []
    sizes: dict[str, int] = {}
    for number in range(3):
        account = Account.objects.create_user(f"parent{number}@example.org", "correct horse battery")
        code = ClaimCode.objects.create(
            digest=f"c{number:063}", pupil=pupil, urn=100_008, issued_by="school", issued_at=now, expires_at=now
        )
        link = ChildLink.objects.create(
            public_id=9_000 + number, account_id=account.pk, pupil=pupil, code=code, since=now
        )
        view = rights.child(account.pk, link.public_id)
        asked = rights.packs.ask_for_pack(view, clock)
        if not isinstance(asked, rights.packs.PackView):
            raise SystemExit("No copy could be asked for.")
        begun = time.perf_counter()
        rights.packs.make_pack(asked.id, config=config, clock=clock)
        took.append(time.perf_counter() - begun)
        found = rights.packs.own_pack(view)
        sizes = dict(found.sizes) if found is not None else {}
    what = f"copy for a child with {YEARS} years of records, {YEARS * CENSUSES} censuses"
    return [
        {"what": what, "first_s": took[0], "then_s": min(took[1:])},
        *({"what": f"  {form}", "kib": size / 1024} for form, size in sizes.items()),
    ]


def run() -> list[dict[str, Any]]:
    """A small nation, and the copy."""
    copies = _copies()  # first: the log's clock does not go back
    return [*_pages(PUPILS, RELEASES), *copies]


def run_nation() -> list[dict[str, Any]]:
    """Every pupil of two decades × 1,000 releases."""
    return _pages(21_000_000, 1_000)
