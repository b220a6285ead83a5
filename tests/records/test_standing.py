"""What stands is laid over a term's rows as often as it is loaded: the rule by itself, on rows of any kind."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schoolgate.records.standing import LAID, PUT, Standing, lay

SEXES = st.sampled_from(["F", "M", "X", None])


def row(pupil: int, paper: int, sex: str | None, need: str) -> dict[str, Any]:
    return {
        "pupil": pupil, "year": 2026, "term": "AUT", "urn": 100008, "sex": sex, "senprovision": need, "return_id": "r",
        "return_row": paper,
    }  # fmt: skip


rows = st.lists(st.builds(row, st.integers(0, 3), st.integers(0, 4), SEXES, st.sampled_from("NEK")), max_size=8)
changes = st.lists(
    st.builds(
        lambda key, pupil, paper, old, new, need: Standing(
            key, PUT, pupil, {"sex": new}, {"urn": 100008, "sex": old, "senprovision": need}, ("r", paper)
        ),
        st.integers(1, 99), st.integers(0, 3), st.integers(0, 4), SEXES, st.sampled_from(["F", "M"]),
        st.sampled_from("NEK"),
    ),
    max_size=3,
)  # fmt: skip


@given(rows, changes, st.sampled_from(["census_pupil", "census_sen_need"]))
def test_no_row_is_lost_and_only_the_corrected_item_of_a_row_that_said_the_old_value_changes(
    before: list[dict[str, Any]], standing: list[Standing], table: str
) -> None:
    laid, outcomes = lay(standing, table, [dict(one) for one in before])
    assert len(laid) == len(before)
    assert [one.key for one in outcomes] == [one.key for one in standing]
    changed = [(old, new) for old, new in zip(before, laid, strict=True) if old != new]
    assert len(changed) <= sum(one.came_of_it == LAID for one in outcomes)
    for old, new in changed:
        assert {name for name in old if old[name] != new[name]} == {"sex"}
        assert any((change.was or {})["sex"] == old["sex"] for change in standing)
        assert any(change.values["sex"] == new["sex"] for change in standing)


@given(rows, changes)
def test_what_is_laid_again_over_what_it_made_changes_no_more_than_its_own_chain(
    before: list[dict[str, Any]], standing: list[Standing]
) -> None:
    """One correction is laid once: over its own result it finds that nothing is left to do."""
    (one,) = standing[:1] or [Standing(1, PUT, 0, {"sex": "M"}, {"urn": 100008, "sex": "F", "senprovision": "N"}, None)]
    alone = [entry for entry in before if (entry["return_id"], entry["return_row"]) == one.paper][:1]
    first, _ = lay([one], "census_pupil", [dict(entry) for entry in alone])
    second, outcomes = lay([one], "census_pupil", [dict(entry) for entry in first])
    assert second == first
    assert len(outcomes) == 1
