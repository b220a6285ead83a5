"""Whether how long an answer takes tells a shielded child's closed page from a page that never was.

Two kinds of asking, each of them many times, in an order that is drawn: by the account that had the link before the
shield, and by the same account for a link that never was; and a code that was given out before the shield, and one that
never was. Compared as dudect does (Reparaz, Balasch, Verbauwhede, "dude, is my code constant time?", DATE 2017):
Welch's t of the two, after the slowest twentieth is left out; beyond 4.5 they differ. That both take the same
statements is a test of the suite (`tests/threats/test_estranged_adult.py`); this is what is left of it on a clock.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ASKINGS = int(os.environ.get("SCHOOLGATE_BENCH_ASKINGS", "600"))
"""Of each kind."""

DIFFER = 4.5
NEVER = 4_611_686_018_427_387_903
CODE_LETTERS = 16


def welch(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    """Welch's t."""
    spread = one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)
    return float((one.mean() - other.mean()) / np.sqrt(spread))


def compared(what: str, ways: tuple[Callable[[], object], Callable[[], object]]) -> dict[str, Any]:
    """Two ways of asking, drawn in turn; the first fifty warm up."""
    times: tuple[list[float], list[float]] = ([], [])
    order = np.random.default_rng(7).permutation(np.repeat([0, 1], ASKINGS))
    for number, way in enumerate(order):
        begun = time.perf_counter()
        ways[way]()
        if number >= 50:
            times[way].append((time.perf_counter() - begun) * 1000)
    kept = [np.sort(found)[: len(found) * 19 // 20] for found in map(np.array, times)]
    t = welch(kept[0], kept[1])
    return {
        "what": what,
        "closed p50_ms": float(np.median(kept[0])),
        "never was p50_ms": float(np.median(kept[1])),
        "t": t,
        "told apart": "yes" if abs(t) > DIFFER else "no",
    }


def measure() -> list[dict[str, Any]]:
    """In the home at hand."""
    from django.conf import settings
    from django.test import Client
    from tests.world import CHILDREN, URN, load_children

    from schoolgate import gate, people, requests, rights
    from schoolgate.clock import FixedClock
    from schoolgate.people.models import Account

    logging.disable(logging.WARNING)  # each page is one that is not there
    clock, config = FixedClock(datetime(2026, 9, 1, 9, tzinfo=UTC)), settings.CONFIG
    settings.CLOCK = clock
    load_children(config, clock)
    requests.ensure_built_in(clock)
    office = people.add_organisation("Ministry (synthetic)", "custodian").id
    official = people.add_person(office, "custodian").id
    upn, loose = CHILDREN[1].upn, rights.ClaimRules(tries_of_account=10**9, tries_in_all=10**9)

    def code(pupil: str) -> str:
        made = rights.issue_code(URN, pupil, school_actor=f"school:{URN}", clock=clock, config=config)
        if not isinstance(made, rights.IssuedCode):
            raise SystemExit("No code was given out.")
        return made.text

    # A first link of all, to another child: what is not there is asked of it.
    first = people.create_account("first@example.org", "correct horse battery").id
    rights.redeem_code(first, code(CHILDREN[2].upn), clock, config=config)
    own = people.create_account("parent@example.org", "correct horse battery").id
    link = rights.redeem_code(own, code(upn), clock, config=config)
    if not isinstance(link, rights.ChildLink):
        raise SystemExit("The code did not fit.")
    unused = code(upn)
    gate.set_shield(upn, True, actor=official, config=config, clock=clock)
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(Account.objects.get(pk=own))
    other = people.create_account("other@example.org", "correct horse battery").id

    def page(number: int) -> Callable[[], object]:
        return lambda: client.get(f"/family/child/{number}/")

    def tried(text: str) -> Callable[[], object]:
        return lambda: rights.redeem_code(other, text, clock, config=config, rules=loose)

    return [
        compared("a child’s page", (page(link.id), page(NEVER))),
        compared("a code", (tried(unused), tried("A" * CODE_LETTERS))),
    ]


def run() -> list[dict[str, Any]]:
    """In a process and a home of its own."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "answer.json"
        code = (
            "import json,sys,django;django.setup();from django.core.management import call_command;"
            "call_command('migrate',verbosity=0);"
            "from bench import shield as part;json.dump(part.measure(),open(sys.argv[1],'w'))"
        )
        environment = {
            **{key: value for key, value in os.environ.items() if key != "SCHOOLGATE_DATABASE"},
            "SCHOOLGATE_HOME": str(Path(place) / "home"),
            "DJANGO_SETTINGS_MODULE": "schoolgate.settings",
        }
        subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(out)], env=environment, check=True)
        found: list[dict[str, Any]] = json.loads(out.read_text())
    return found
