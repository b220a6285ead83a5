"""What a copy leaves out: rules with a provision each, told unless telling would itself do the harm."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.errors import SchoolgateError
from schoolgate.rights.packs.withheld import (
    Decision,
    Facts,
    identity_without,
    is_withheld,
    read_rules,
    rules,
    told,
    without,
)

TODAY = date(2026, 9, 1)
NOBODY = Facts(TODAY)


def test_every_rule_names_its_provision_and_tells_unless_the_telling_harms() -> None:
    found = {rule.id: rule for rule in rules()}
    assert "Schedule 2 paragraph 16" in found["other-people"].provision
    assert "Schedule 3 paragraph 19" in found["serious-harm"].provision
    assert "Schedule 3 paragraph 21" in found["child-abuse"].provision
    assert "Schedule 2 paragraph 25" in found["exam-marks"].provision
    assert not found["child-abuse"].tell
    for rule in rules():
        assert rule.tell == bool(rule.words)


def test_the_home_address_stays_out_and_the_family_is_told_where_to_see_it() -> None:
    identity = {"surname": "Synthetic", "postcode": "ZZ9 9ZZ", "address": "1 Synthetic Street"}
    assert identity_without(identity, NOBODY) == {"surname": "Synthetic"}
    (said,) = [one for one in told(NOBODY, ()) if one.rule == "home-address"]
    assert said.provision
    assert "school" in said.instead


def test_a_fact_held_back_for_serious_harm_is_out_and_said_to_be_missing_without_naming_it() -> None:
    facts = Facts(TODAY, decided=(Decision("serious-harm", "census_exclusion.reason"),))
    row = {"year": 2026, "term": "AUT", "urn": 1, "category": "SUSP", "reason": "PP"}
    rows, sources = without({"census_exclusion": (row,)}, {"census_exclusion": ({"return_id": "r"},)}, facts)
    assert rows == {"census_exclusion": ({"year": 2026, "term": "AUT", "urn": 1, "category": "SUSP"},)}
    assert sources == {"census_exclusion": ({"return_id": "r"},)}
    said = told(facts, ["census_exclusion.reason"])
    assert "serious-harm" in {one.rule for one in said}
    assert all("exclusion" not in one.words.lower() for one in said)


def test_child_abuse_data_is_out_and_its_absence_says_nothing() -> None:
    facts = Facts(TODAY, decided=(Decision("child-abuse", "census_pupil.plaa"),))
    held = ["census_pupil.plaa", "census_pupil.sex"]
    rows, _ = without({"census_pupil": ({"year": 2026, "term": "AUT", "plaa": "A", "sex": "F"},)}, {}, facts)
    assert rows == {"census_pupil": ({"year": 2026, "term": "AUT", "sex": "F"},)}
    assert told(facts, held) == told(NOBODY, ["census_pupil.sex"])


def test_a_row_of_which_nothing_is_left_is_not_left_as_an_empty_row() -> None:
    facts = Facts(
        TODAY, decided=tuple(Decision("child-abuse", f"census_sen_need.{one}") for one in ("sentype", "sentyperank"))
    )
    row = {"year": 2026, "term": "AUT", "urn": 1, "sentype": "SEMH", "sentyperank": 1}
    assert without({"census_sen_need": (row,)}, {}, facts)[0] == {"census_sen_need": ()}


def test_exam_marks_wait_until_the_results_are_public() -> None:
    before = Facts(TODAY, announced={"exam_marks.gcse": date(2026, 9, 2)})
    after = Facts(date(2026, 9, 2), announced={"exam_marks.gcse": date(2026, 9, 2)})
    assert is_withheld("exam_marks.gcse_maths", before)
    assert not is_withheld("exam_marks.gcse_maths", after)
    assert is_withheld("exam_marks.alevel_art", after)
    assert "exam-marks" in {one.rule for one in told(before, ["exam_marks.gcse_maths"])}
    assert is_withheld("exam_script.answer", after)


def test_a_shielded_childs_family_is_told_that_places_are_missing_and_no_other_family_is() -> None:
    assert "places" in {one.rule for one in told(Facts(TODAY, shielded=True), ())}
    assert "places" not in {one.rule for one in told(NOBODY, ())}


@given(
    st.lists(st.dictionaries(st.sampled_from(["sex", "plaa", "language"]), st.integers(0, 3), min_size=1), max_size=5),
    st.lists(st.tuples(st.sampled_from(["serious-harm", "child-abuse"]), st.sampled_from(["sex", "plaa"])), max_size=3),
)
def test_whatever_is_decided_no_withheld_value_is_left_and_nothing_else_is_lost(
    rows: list[dict[str, Any]], decided: list[tuple[str, str]]
) -> None:
    facts = Facts(TODAY, decided=tuple(Decision(rule, f"census_pupil.{item}") for rule, item in decided))
    out = {item for _, item in decided}
    numbered = tuple({"return_row": number} for number in range(len(rows)))
    kept, sources = without({"census_pupil": tuple(rows)}, {"census_pupil": numbered}, facts)
    expected = [
        (number, {name: value for name, value in row.items() if name not in out})
        for number, row in enumerate(rows)
        if not out & set(row) or set(row) - out
    ]
    assert [row for _, row in expected] == list(kept["census_pupil"])
    assert [number for number, _ in expected] == [one["return_row"] for one in sources["census_pupil"]]


@pytest.mark.parametrize(
    "change",
    [
        {"provision": " "},
        {"when": "sometimes"},
        {"words": ""},
        {"tell": False},
    ],
)
def test_a_rule_without_law_or_words_is_refused(change: dict[str, Any]) -> None:
    row = {
        "id": "x",
        "when": "always",
        "items": ["a.b"],
        "words": "A fact.",
        "tell": True,
        "instead": "",
        "provision": "A law",
    }
    lines = [
        f"{key} = {str(value).lower() if isinstance(value, bool) else value!r}" for key, value in (row | change).items()
    ]
    with pytest.raises(SchoolgateError, match="x"):
        read_rules("[[rule]]\n" + "\n".join(lines).replace("'", '"'))
