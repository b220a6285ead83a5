"""The published register at 20,000 agreements and 200,000 log entries: made from the log, searched, shown as pages.

On SQLite, and on a PostgreSQL of its own (`tools/with_postgresql.py`). Every figure is of many different questions:
words of one case, common words, filters alone and together, a random page of the result.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CASES = 20_000
ENTRIES = 200_000
ORGANISATIONS = 2_000
RUNS = 100
PAGE_RUNS = 40
_BATCH = 5_000

KINDS = (("university", 55), ("research-institute", 10), ("government-department", 8), ("local-authority", 10),
         ("charity", 7), ("company", 9), ("police", 1))  # fmt: skip
_SYLLABLES = ("ab", "cor", "den", "el", "fi", "gar", "hol", "im", "jo", "kel", "lum", "mor", "nes", "or", "pel", "qui",
              "ros", "sta", "tor", "ul", "ven", "wes", "yar", "zen")  # fmt: skip


def _vocabulary(chance: random.Random, size: int) -> list[str]:
    """Made-up words; the first are the common ones."""
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4)))] = None
    return list(words)


def _text(chance: random.Random, words: list[str], count: int) -> str:
    """Words as texts have them: a few of them very often (Zipf)."""
    return " ".join(words[min(int(chance.paretovariate(0.7)), len(words)) - 1] for _ in range(count))


def bodies() -> Iterator[dict[str, Any]]:
    """A synthetic log, in order: requests, decisions, signatures, reads, ends."""
    from schoolgate import dictionary

    chance = random.Random(6)
    words = _vocabulary(chance, 4_000)
    items = [column.item_id for table in dictionary.lake_tables() for column in table.columns]
    purposes = [one.id for one in dictionary.purposes()]
    organisations = [
        (f"{_text(chance, words, 3).title()} {number} (synthetic)", chance.choices(*zip(*KINDS, strict=True))[0])
        for number in range(ORGANISATIONS)
    ]
    written = 0

    def entry(type_: str, subject: str, /, **payload: Any) -> dict[str, Any]:
        nonlocal written
        month = written * 180 // ENTRIES  # fifteen years
        written += 1
        at = f"{2011 + month // 12}-{month % 12 + 1:02d}-15T09:00:00Z"
        return {"v": 1, "type": type_, "at": at, "subject": subject, **payload}

    live: list[tuple[str, dict[str, Any]]] = []
    for number in range(CASES):
        name, kind = organisations[min(int(chance.paretovariate(0.6)), ORGANISATIONS) - 1]
        said = {
            "organisation": name, "purpose": chance.choice(purposes), "purpose_plain": _text(chance, words, 30),
            "items": sorted(chance.sample(items, chance.randint(3, 12))),
        }  # fmt: skip
        application, agreement = f"APP-{number:06d}", f"A-{number:06d}"
        yield entry("application.received", application, kind=kind, years=["2020-2024"], **said)
        approved = chance.random() < 0.85
        yield entry("application.decided", application, outcome="approved" if approved else "refused",
                    reasons=[_text(chance, words, 15)], conditions=[])  # fmt: skip
        if approved:
            terms = {"lawful_basis": "UK GDPR Article 6(1)(e)", "gateway": "Education Act 1996 s.537A(5)"}
            dates = {"valid_from": "2020-01-01", "valid_until": "2030-12-31"}
            yield entry("agreement.signed", agreement, application=application, **terms, **dates, **said)
            live.append((agreement, said))
        due = ENTRIES * (number + 1) // CASES
        while live and written + 3 <= due:
            read, asked = chance.choice(live[-3_000:])
            release = f"R-{written:016x}"
            yield entry("release.begun", release, agreement=read, organisation=asked["organisation"],
                        purpose=asked["purpose"], items=asked["items"][:4], pupils=None, query=None)  # fmt: skip
            yield entry("release.delivered", release, rows="1,000")
            yield entry("release.settled", read, release=release, pupils="12,345", members_count="12,345")
        if number % 4 == 3 and len(live) > 100:
            ended, _terms = live.pop(chance.randrange(len(live) - 50))
            yield entry("agreement.ended", ended, reason=_text(chance, words, 8))


def fill() -> int:
    """Write the log into the register's table; how many entries."""
    from django.db import transaction

    from schoolgate import register
    from schoolgate.register.models import LogEntry, LogHead

    rows: list[LogEntry] = []
    count = 0
    with transaction.atomic():
        for body in bodies():
            rows.append(
                LogEntry(index=count, type=body["type"], subject=body["subject"], body=register.canonical(body))
            )
            count += 1
            if len(rows) == _BATCH:
                LogEntry.objects.bulk_create(rows, batch_size=1_000)
                rows.clear()
        LogEntry.objects.bulk_create(rows, batch_size=1_000)
        LogHead.objects.update_or_create(name="log", defaults={"size": count})
    return count


def _timed(act: Callable[[], object], runs: int) -> dict[str, float]:
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1_000)
    taken.sort()
    return {"p50 ms": taken[len(taken) // 2], "p95 ms": taken[int(len(taken) * 0.95)], "worst ms": taken[-1]}


def _questions(chance: random.Random) -> dict[str, Callable[[], Any]]:
    """Named kinds of search; each call is another one of its kind."""
    from schoolgate import dictionary
    from schoolgate.published import Query
    from schoolgate.published.models import Case

    sample = list(
        Case.objects.order_by("id").values("plain", "organisation_name", "purpose", "kind", "agreement")[::37]
    )
    slugs = list(_slugs())
    items = [column.item_id for table in dictionary.lake_tables() for column in table.columns]

    def words(count: int) -> str:
        return " ".join(chance.sample(chance.choice(sample)["plain"].split(), count))

    return {
        "everything, newest first": Query,
        "one word": lambda: Query(words=words(1)),
        "three words of one case": lambda: Query(words=words(3)),
        "the beginning of a word": lambda: Query(words=words(1)[:3]),
        "an agreement by its id": lambda: Query(words=chance.choice(sample)["agreement"]),
        "an organisation": lambda: Query(organisation=chance.choice(slugs)),
        "purpose and status": lambda: Query(purpose=chance.choice(sample)["purpose"], status="refused"),
        "kind of recipient, by name": lambda: Query(kind=chance.choice(sample)["kind"], sort="organisation"),
        "item and year": lambda: Query(item=chance.choice(items), year=chance.randint(2012, 2025)),
        "all at once": lambda: Query(words=words(1), kind="university", status="active", item=chance.choice(items),
                                     year=chance.randint(2012, 2025), sort="releases"),
    }  # fmt: skip


def _slugs() -> Iterator[str]:
    from schoolgate import published

    yield from (slug for slug, _name in published.organisations())


def _pages(chance: random.Random) -> dict[str, Callable[[], str]]:
    from schoolgate.published.models import Case, CaseItem

    agreements = list(Case.objects.exclude(agreement="").values_list("agreement", flat=True)[::41])
    busiest = list(Case.objects.order_by("-releases").values_list("agreement", flat=True)[:20])
    slugs = list(_slugs())
    items = list(CaseItem.objects.values_list("item", flat=True).distinct())
    words = list(Case.objects.values_list("plain", flat=True)[::53])
    return {
        "page: the register": lambda: "/register/",
        "page: its releases, far back": lambda: f"/register/?show=releases&before={chance.randrange(50_000, 190_000)}",
        "page: of one name": lambda: f"/register/?who={chance.choice(slugs).split('-')[0]}",
        "page: a search": lambda: f"/register/search/?words={chance.choice(chance.choice(words).split())}",
        "page: a search, far back": lambda: f"/register/search/?page={chance.randrange(100, 700)}",
        "page: an agreement": lambda: f"/register/agreement/{chance.choice(agreements)}/",
        "page: a busy agreement": lambda: f"/register/agreement/{chance.choice(busiest)}/",
        "page: an organisation": lambda: f"/register/organisation/{chance.choice(slugs)}/",
        "page: an item": lambda: f"/register/item/{chance.choice(items)}/",
        "page: pictures": lambda: "/register/pictures/",
        "feed of a search": lambda: f"/register/feed.atom?words={chance.choice(chance.choice(words).split())}",
        "API: a search": lambda: f"/api/v1/register/cases?words={chance.choice(chance.choice(words).split())}",
    }


def measure() -> list[dict[str, Any]]:
    """Every figure on this process's database."""
    from django.db import connection
    from django.test import Client

    from schoolgate import published
    from schoolgate.web.public import asked

    asked.REQUESTS = 1_000_000  # one machine asks everything here
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    size = fill()
    rows: list[dict[str, Any]] = []

    def row(what: str, **figures: Any) -> None:
        rows.append({"what": f"{name}: {what}", **figures})

    begun = time.perf_counter()
    published.rebuild()
    taken = time.perf_counter() - begun
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    row(f"made from {size:,} entries", seconds=taken, **{"entries a second": size / taken})
    row("cases and organisations", count=published.numbers()["cases"], organisations=len(list(_slugs())))
    row("taking in one new entry", **_timed(_one_more, 30))
    chance = random.Random(7)
    for what, question in _questions(chance).items():
        row(what, **_timed(lambda ask=question: published.search(ask()), RUNS))  # type: ignore[misc]
    client = Client()
    for what, address in _pages(chance).items():
        row(what, **_timed(lambda where=address: _shown(client, where()), PAGE_RUNS))  # type: ignore[misc]
    return rows


def _one_more() -> None:
    from django.db import transaction

    from schoolgate import published, register
    from schoolgate.clock import SystemClock

    with transaction.atomic():
        register.append_event("objection.totals", "P", {"purpose": "x", "objecting": "10"}, SystemClock().now())
    published.refresh()


def _shown(client: Any, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}.")


def run() -> list[dict[str, Any]]:
    """On SQLite, then on PostgreSQL where there is one."""
    rows = measure()
    tool = Path(__file__).resolve().parents[1] / "tools" / "with_postgresql.py"
    with tempfile.TemporaryDirectory(prefix="schoolgate-bench-pg-") as home:
        out = Path(home) / "figures.json"
        code = (
            "import json,sys,django;django.setup();from django.core.management import call_command;"
            "call_command('migrate',verbosity=0);"
            "from bench import register as part;json.dump(part.measure(),open(sys.argv[1],'w'))"
        )
        environment = {**os.environ, "SCHOOLGATE_HOME": str(Path(home) / "home")}
        command = [sys.executable, str(tool), sys.executable, "-W", "ignore", "-c", code, str(out)]
        subprocess.run(command, env=environment, check=True)
        rows += json.loads(out.read_text())
    return rows
