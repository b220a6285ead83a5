"""What the register can say: a closed list of shapes, canonical bytes, no exact count, no identity."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.ids import upn_check_letter
from schoolgate.register import (
    EVENT_TYPES,
    EventRefused,
    canonical,
    describe,
    event_body,
    result_hash,
    round_count,
    title,
)
from tests.register.tool import verifier

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
COUNTS = (
    "pupils", "rows", "members_count", "objecting", "restricted", "people_asked", "people_found", "misses", "delayed",
    "delays_set", "cases_open", "cases_late", "cases_decided", "cases_refused", "cases_appealed", "corrections",
)  # fmt: skip


def payload(type_: str, **changes: Any) -> dict[str, Any]:
    """The smallest payload of a type."""
    keys = [key for key in EVENT_TYPES[type_].keys if not key.endswith("?")]
    return {**{key: None if key in (*COUNTS, "bitmap_hash") else "x" for key in keys}, **changes}


# RFC 8785 section 3.2.2 (a whole object) and section 3.2.3 (the order of keys).
def test_the_standards_own_example_is_written_byte_for_byte() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\x0f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert (
        canonical(value)
        == (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        ).encode()
    )


def test_keys_are_ordered_as_in_the_standards_example() -> None:
    value = {
        "€": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\U0001f600": "Emoji: Grinning Face", "\x80": "Control", "ö": "Latin Small Letter O With Diaeresis",
    }  # fmt: skip
    assert list(json.loads(canonical(value)).values()) == [
        "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
        "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
    ]  # fmt: skip
    assert verifier.canonical(value).encode() == canonical(value)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
plain = st.one_of(
    st.none(), st.booleans(), st.integers(1 - 2**53, 2**53 - 1), texts, st.lists(texts, max_size=3),
    st.lists(st.integers(-9, 9), max_size=3),
)  # fmt: skip


@given(st.dictionaries(texts, plain, max_size=6))
def test_the_single_file_verifier_writes_the_same_bytes(value: dict[str, Any]) -> None:
    assert verifier.canonical(value).encode() == canonical(value)
    assert json.loads(canonical(value)) == value


@pytest.mark.parametrize("type_", sorted(EVENT_TYPES))
def test_an_event_has_exactly_the_keys_of_its_type(type_: str) -> None:
    body = event_body(type_, "S-1", payload(type_), AT)
    assert list(body)[:4] == ["v", "type", "at", "subject"]
    assert body["at"] == "2026-09-01T09:00:00Z"
    assert describe(body)
    assert title(type_) != type_
    for key in payload(type_):
        with pytest.raises(EventRefused, match=key):
            event_body(type_, "S-1", {k: v for k, v in payload(type_).items() if k != key}, AT)
    for key in ("upn", "name", "dob", "pupil", "v", "type", "at", "subject"):
        with pytest.raises(EventRefused, match=key):
            event_body(type_, "S-1", payload(type_, **{key: "x"}), AT)


@given(st.integers(0, 9_000_000))
def test_a_count_is_rounded_to_five_and_a_small_one_not_told(count: int) -> None:
    told = round_count(count)
    if count < 10:
        assert told == "fewer than 10"
    else:
        shown = int(told.replace(",", ""))
        assert shown % 5 == 0
        assert abs(shown - count) <= 2
    assert event_body("restriction.totals", "S", {"restricted": told}, AT)["restricted"] == told


@pytest.mark.parametrize(
    "exact", [0, 3, 10, 1200, "3", "12", "7", "0", "5", "1,203", "1,2", "010", "ten", "10 ", "-10", True, ["10"]]
)
@pytest.mark.parametrize("key", COUNTS)
def test_a_count_that_is_not_rounded_cannot_be_written(key: str, exact: Any) -> None:
    (type_, *_) = [name for name, shape in EVENT_TYPES.items() if key in shape.keys]
    with pytest.raises(EventRefused, match=f"{key} is an exact count"):
        event_body(type_, "S-1", payload(type_, **{key: exact}), AT)


def test_a_pupils_number_cannot_be_written_wherever_it_stands() -> None:
    number = upn_check_letter("207000016049") + "207000016049"
    temporary = upn_check_letter("20110001804V") + "20110001804V"
    for value in (number, f"About {number}.", f"({temporary})", [f"Yes, {number}", "x"]):
        with pytest.raises(EventRefused, match="pupil's number"):
            event_body("application.decided", "APP-1", payload("application.decided", reasons=value), AT)
    with pytest.raises(EventRefused, match="pupil's number"):
        event_body("application.decided", number, payload("application.decided"), AT)
    # Fingerprints and ids are not mistaken for one.
    for value in ("a" * 64, "P207000016049ABCDEF", "R-0123456789abcdef", "A-2026-0001", "2026-09-01"):
        event_body("application.decided", "APP-1", payload("application.decided", reasons=[value]), AT)


def test_a_hash_of_the_pupils_cannot_be_written() -> None:
    with pytest.raises(EventRefused, match="bitmap_hash stays empty"):
        event_body("release.settled", "R-1", payload("release.settled", bitmap_hash="00" * 32), AT)


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, {"a": 1}, [["a"]], [{"a": 1}], b"x", object()])
def test_a_value_that_canonical_json_would_not_carry_exactly_is_refused(value: Any) -> None:
    with pytest.raises(EventRefused, match="not a plain value"):
        event_body("notice.published", "N", {"title": value}, AT)


def test_a_results_fingerprint_in_an_event_cannot_be_found_by_trying_without_the_receipts_nonce() -> None:
    receipt = {"result_sha256": "00" * 32, "rows": 3, "event": {}, "proof": "x"}
    assert result_hash(b"n" * 16, receipt) != result_hash(b"m" * 16, receipt)
    assert result_hash(b"n" * 16, receipt) != result_hash(b"n" * 16, {**receipt, "rows": 4})
    assert result_hash(b"n" * 16, receipt) != result_hash(b"n" * 16, {**receipt, "files": {"a.csv": "11" * 32}})
    assert verifier.bound({**receipt, "query_nonce": (b"n" * 16).hex()}) == result_hash(b"n" * 16, receipt)
