"""A recipient who looks for the marked record: by rarity, by values that do not go together, by order, by the receipt."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict
from io import BytesIO
from itertools import combinations, pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.gate.releases.canary import Mark
from schoolgate.gate.releases.likeness import Order, marked
from schoolgate.gate.writing import result_digest
from tests.gate.extracts import Scene

KEY = bytes(range(32))


def name(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


def panel(pupils: int = 400, years: int = 3) -> pa.Table:
    """Synthetic children over some years: a school has one authority, a year group goes up by one a year."""
    chance, rows = random.Random(7), []
    for number in range(pupils):
        school, group, sex = chance.randrange(12), chance.randrange(1, 9), chance.choice("FM")
        for year in range(years):
            rows.append(
                {
                    "pupil": name(number), "urn": 100_000 + school, "authority": 200 + school // 4,
                    "year": 2024 + year, "group": group + year, "birth": 2024 - 5 - group, "sex": sex,
                    "note": None if number % 3 else chance.choice("xyz"),
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows)


def mark(number: int) -> Mark:
    return Mark.of(f"X-{number:016x}", KEY, b"k" * 32)


def by(table: pa.Table, order: Order) -> pa.Table:
    """Sorted as the gate sorts."""
    for at, down, empty_first in reversed(order):
        rows = table.column(at).to_pylist()
        held = sorted((one for one in range(len(rows)) if rows[one] is not None), key=rows.__getitem__, reverse=down)
        empty = [one for one in range(len(rows)) if rows[one] is None]
        table = table.take(pa.array(empty + held if empty_first else held + empty, pa.int64()))
    return table


def every(table: pa.Table) -> Order:
    return [(at, False, False) for at in range(table.num_columns)]


@pytest.mark.parametrize("number", range(12))
def test_each_two_of_its_values_are_found_together_in_other_rows(number: int) -> None:
    before = panel()
    made = marked(before, [0], mark(number), every(before)).to_pylist()
    own = [row for row in made if row["pupil"] == mark(number).pseudonym]
    others = [row for row in made if row["pupil"] != mark(number).pseudonym]
    assert others == by(before, every(before)).to_pylist() or sorted(map(str, others)) == sorted(
        map(str, before.to_pylist())
    )
    assert len(own) == 3  # as many rows as a child of this extract has
    for one, two in combinations([column for column in before.column_names if column != "pupil"], 2):
        together = {(row[one], row[two]) for row in others}
        assert {(row[one], row[two]) for row in own} <= together, (one, two)
    assert len({row["sex"] for row in own}) == len({row["birth"] for row in own}) == 1
    assert [row["year"] for row in own] == [2024, 2025, 2026]


def test_it_is_no_copy_of_one_child_where_children_differ() -> None:
    before = panel()
    whole = defaultdict(list)
    for row in before.to_pylist():
        whole[row["pupil"]].append(tuple(value for column, value in row.items() if column != "pupil"))
    lives = Counter(tuple(sorted(rows, key=str)) for rows in whole.values())
    copies = 0
    for number in range(30):
        own = [
            tuple(value for column, value in row.items() if column != "pupil")
            for row in marked(before, [0], mark(number)).to_pylist()
            if row["pupil"] == mark(number).pseudonym
        ]
        copies += tuple(sorted(own, key=str)) in lives
    assert copies < 15


@pytest.mark.parametrize(
    "columns", [["pupil", "urn", "sex"], ["urn", "pupil", "note"], ["sex", "note", "pupil"], ["note", "pupil"]]
)
@pytest.mark.parametrize("down", [False, True])
def test_it_stands_where_the_order_puts_it(columns: list[str], down: bool) -> None:
    held = panel(years=1).select(columns)
    order = [(0, down, down), *every(held)]
    before = by(held, order)
    for number in range(8):
        made = marked(before, [columns.index("pupil")], mark(number), order)
        assert made.equals(by(made, order))


def test_where_two_references_are_given_both_are_its_own() -> None:
    names = [name(number) for number in range(20)]
    table = pa.table({"one": names, "two": [*names[:10], *[None] * 10], "age": list(range(20))})
    made = marked(table, [0, 1], mark(1), every(table)).to_pylist()
    (own,) = [row for row in made if row["one"] == mark(1).pseudonym]
    assert own["two"] in (own["one"], None)


def test_values_that_cannot_be_compared_are_one_childs() -> None:
    table = pa.table({"pupil": [name(at) for at in range(9)], "many": [[at] for at in range(9)]})
    own = [row for row in marked(table, [0], mark(1)).to_pylist() if row["pupil"] == mark(1).pseudonym]
    assert len(own) == 1
    assert len(own[0]["many"]) == 1


@pytest.mark.django_db(transaction=True)
def test_the_receipt_does_not_tell_which_record_it_is(home: Config, clock: FixedClock) -> None:
    """Whoever leaves out each record in turn must not come to the receipt's fingerprint."""
    scene = Scene.build(home, clock)
    order = scene.ready(form=".parquet")
    receipt = json.loads(insist(scene.open(order)).receipt)
    table = pq.read_table(BytesIO(scene.inside(order)))
    without = {
        result_digest(pa.concat_tables([table.slice(0, at), table.slice(at + 1)]).combine_chunks())
        for at in range(table.num_rows)
    }
    assert receipt["result_sha256"] not in without
    assert receipt["result_sha256"] == result_digest(table)
    assert receipt["rows"] == table.num_rows - 1
    names = table.column("pupil").to_pylist()
    assert all(one < other for one, other in pairwise(names))


@pytest.mark.django_db(transaction=True)
def test_an_extract_that_goes_by_another_column_is_in_order(home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    for number in range(3):
        order = scene.ready(
            sql="SELECT sex, pupil, ethnicity FROM census_pupil ORDER BY ethnicity DESC", form=".parquet"
        )
        table = pq.read_table(BytesIO(scene.inside(order)))
        values = table.column("ethnicity").to_pylist()
        assert values == sorted(values, reverse=True), number
