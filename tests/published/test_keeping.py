"""The published register is the log and nothing but the log: taken in once, in order, and made again the same."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schoolgate import published
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.published import jobs, keeping
from schoolgate.published.models import Case
from schoolgate.register.models import LogEntry, LogHead
from tests.published import logs
from tests.requests.at_once import at_once

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that is made from the log."""
    found = {}
    for table in keeping.TABLES:
        names = [field.name for field in table._meta.concrete_fields]
        rows = [tuple(json.dumps(value, sort_keys=True) if isinstance(value, dict) else bytes(value)
                      if isinstance(value, memoryview) else value for value in row)
                for row in table.objects.values_list(*names)]  # fmt: skip
        found[table.__name__] = sorted(rows, key=repr)
    return found


def test_it_says_how_far_it_is_behind_and_catches_up(home: Config, clock: FixedClock) -> None:
    logs.a_whole_life()
    size = LogHead.objects.get().size
    assert published.standing() == keeping.Standing(0, size)
    assert published.standing().behind == size
    assert jobs._behind(home)
    jobs.refresh.call(config=home, clock=clock)
    assert published.standing().behind == 0
    assert not jobs._behind(home)


@pytest.mark.parametrize("step", [1, 2, 7])
def test_taken_in_bit_by_bit_or_made_again_the_tables_are_the_same(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.a_whole_life()
    for number in range(2, 6):
        logs.decided(logs.asked(number, logs.COMPANY, kind="company"), "refused")
    logs.write("organisation.changed", "O-2", organisation="Example Scores plc (synthetic)", former_name=logs.COMPANY,
               changed=["name"], before=[logs.COMPANY], after=["Example Scores plc (synthetic)"], reason="Sold.")  # fmt: skip
    logs.decided(logs.asked(9, "Example Scores plc (synthetic)"), "refused")
    logs.looks_of_families("2026-09-02T09:00:00Z", "2026-09-03T09:00:00Z")
    logs.merged("Example Scores plc (synthetic)", logs.UNIVERSITY)
    logs.write(
        "minutes.published", "M-1", day="2026-09-08", text_hash="ab", requests=["APP-2026-0002", "APP-2026-0009"]
    )
    while published.refresh(step).behind:
        pass
    bit_by_bit = everything()
    published.refresh()
    assert everything() == bit_by_bit
    published.rebuild()
    assert everything() == bit_by_bit
    monkeypatch.setattr(keeping, "PORTION", 3)
    published.rebuild()
    assert everything() == bit_by_bit
    assert all(bit_by_bit[name] for name in ("Case", "CaseItem", "CaseYear", "Word", "Release", "Entry", "Tally"))


def test_tables_that_an_earlier_release_made_are_made_again_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.a_whole_life()
    monkeypatch.setattr(keeping, "MADE", 101)
    published.refresh()
    Case.objects.update(plain="as it was made once")
    monkeypatch.setattr(keeping, "MADE", 102)
    assert published.standing().behind > 0
    published.refresh(3)
    assert published.standing().behind == 0
    made = everything()
    published.rebuild()
    assert everything() == made
    assert not Case.objects.filter(plain="as it was made once").exists()


def test_a_log_that_became_shorter_is_another_log() -> None:
    logs.a_whole_life()
    published.refresh()
    LogEntry.objects.filter(index__gte=3).delete()
    LogHead.objects.update(size=3)
    published.refresh()
    shorter = everything()
    assert published.standing() == keeping.Standing(3, 3)
    published.rebuild()
    assert everything() == shorter
    assert len(shorter["Entry"]) == 3


@pytest.mark.django_db(transaction=True)
def test_several_at_once_take_in_each_entry_once() -> None:
    logs.a_whole_life()
    at_once(*[published.refresh] * 4)
    many = everything()
    published.rebuild()
    assert everything() == many


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.text(max_size=12).filter(lambda text: "\x00" not in text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
KINDS = (
    "application.received", "application.decided", "agreement.signed", "agreement.amended", "release.begun",
    "release.settled", "query.refused", "organisation.changed", "organisation.merged", "share.imported", "destruction.overdue", "minutes.published", "x.y",
)  # fmt: skip
KEYS = (
    "organisation", "kind", "purpose", "items", "agreement", "application", "release", "reasons", "outcome",
    "valid_until", "former_name", "into", "changed", "after", "data_sets", "pupils", "at", "requests",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@example([("application.received", "S1", {"organisation": False})] * 2)  # a name that is no text, and is false besides
@example([("agreement.signed", "S1", {"agreement": True}), ("application.received", "S1", {"agreement": True})])
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(("S1", "S2", "A-SAR", "")),
                          st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)), max_size=8))  # fmt: skip
def test_whatever_stands_in_an_entry_it_is_taken_in_and_made_again_the_same(
    written: list[tuple[str, str, dict[str, Any]]],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_logentry")
        cursor.execute("DELETE FROM register_loghead")
    for kind, subject, payload in written:
        logs.write(kind, subject, **{"at": "2026-09-01T09:00:00Z", **payload})
    published.rebuild()
    whole = everything()
    assert len(whole["Entry"]) == len(written)
    keeping._clear(keeping._held())
    while published.refresh(random.Random(1).randint(1, 3)).behind:
        pass
    assert everything() == whole
