"""Values cross the socket as their types name them and come back equal; nothing else is ever built."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.errors import Refusal
from schoolgate.gate.serve.frames import Malformed
from schoolgate.gate.serve.values import from_json, to_json
from schoolgate.ids import Pmr


@dataclass(frozen=True)
class Sample:
    """One of everything."""

    text: str
    number: int
    share: float
    yes: bool
    nothing: int | None
    day: date
    moment: datetime
    names: tuple[str, ...]
    pair: tuple[int, str]
    codes: frozenset[str]
    by_name: Mapping[str, tuple[int, ...]]
    reasons: tuple[Refusal, ...]
    pupil: Pmr


SAMPLES = st.builds(
    Sample,
    text=st.text(), number=st.integers(), share=st.floats(allow_nan=False, allow_infinity=False), yes=st.booleans(),
    nothing=st.none() | st.integers(), day=st.dates(), moment=st.datetimes(timezones=st.just(UTC)),
    names=st.lists(st.text()).map(tuple), pair=st.tuples(st.integers(), st.text()), codes=st.frozensets(st.text()),
    by_name=st.dictionaries(st.text(), st.lists(st.integers()).map(tuple)),
    reasons=st.lists(st.builds(Refusal, code=st.text(), reason=st.text())).map(tuple), pupil=st.integers().map(Pmr),
)  # fmt: skip


@given(SAMPLES)
def test_a_value_comes_back_equal(sample: Sample) -> None:
    assert from_json(Sample, json.loads(json.dumps(to_json(sample)))) == sample


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JUNK)
def test_anything_else_is_refused_and_never_raises_otherwise(junk: Any) -> None:
    with pytest.raises(Malformed):
        from_json(Sample, junk)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, True), (bool, 1), (str, 1), (int, 1.0), (date, "tomorrow"), (tuple[int, ...], "12"), (Refusal, {}),
        (tuple[int, str], [1]), (Refusal, {"code": "a", "reason": "b", "more": 1}), (int | None, "x"), (object, {}),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_type_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(Malformed):
        from_json(kind, value)


def test_a_value_of_no_known_kind_does_not_leave() -> None:
    with pytest.raises(Malformed):
        to_json({"key": object()})
