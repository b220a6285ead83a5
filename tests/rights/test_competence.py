"""Who may do what for a child: the table with its law, and what follows from it by age, death, shield and take-over."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.errors import SchoolgateError
from schoolgate.rights.competence import PUPIL, Facts, allowed, competence, read_competence

POLICY = competence()
TEXT = (files("schoolgate.rights") / "data" / "competence.toml").read_text()
STANDINGS = sorted(POLICY.standings)
FACTS = st.builds(
    Facts, st.none() | st.integers(0, 90), st.booleans(), st.booleans(), st.booleans(), st.booleans()
)  # fmt: skip


def test_each_row_names_its_law_and_ages_are_those_of_the_law() -> None:
    assert POLICY.majority == 18  # Family Law Reform Act 1969 s.1
    assert 12 <= POLICY.takes_over <= 13  # ICO: at around 12 to 13
    for row in (*POLICY.standings.values(), *POLICY.evidence.values()):
        assert any(word in row.source for word in ("Act", "ICO", "GDPR")), row.id
    assert "consent" not in POLICY.standings["carer"].may  # Children Act 1989 s.3(5) gives no parental responsibility
    assert "consent" not in POLICY.standings["deputy"].may


@pytest.mark.parametrize("standing", ["parental-responsibility", "carer", "corporate-parent"])
def test_what_an_adult_may_do_ends_by_itself_at_eighteen(standing: str) -> None:
    assert allowed(standing, Facts(age=17)) == POLICY.standings[standing].may
    assert allowed(standing, Facts(age=18)) == frozenset()
    assert allowed(standing, Facts(age=None)) == POLICY.standings[standing].may


def test_a_young_person_takes_over_from_the_age_of_the_table_and_keeps_it() -> None:
    assert allowed(PUPIL, Facts(age=POLICY.takes_over - 1)) == frozenset()
    for age in (POLICY.takes_over, 18, 75):
        assert allowed(PUPIL, Facts(age=age)) == POLICY.standings[PUPIL].may
    assert allowed(PUPIL, Facts(age=None)) == frozenset()


def test_once_taken_over_an_adult_looks_only_with_leave_and_does_nothing_more() -> None:
    assert allowed("parental-responsibility", Facts(age=15, taken_over=True)) == frozenset()
    assert allowed("parental-responsibility", Facts(age=15, taken_over=True, leave=True)) == {"see"}


@given(standing=st.sampled_from(STANDINGS), facts=FACTS)
def test_a_shield_and_a_death_close_every_page_and_nobody_may_more_than_the_row(standing: str, facts: Facts) -> None:
    may = allowed(standing, facts)
    assert may <= POLICY.standings[standing].may
    if facts.hidden or facts.died:
        assert may == frozenset()
    if may:
        assert "see" in may  # nobody acts on what they cannot see


@given(st.text(max_size=20), FACTS)
def test_a_standing_that_is_not_in_the_table_may_nothing(name: str, facts: Facts) -> None:
    assert name in POLICY.standings or allowed(name, facts) == frozenset()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("majority = 18", "majority = 12"),
        ("takes_over = 13", "takes_over = 0"),
        ('id = "pupil"', 'id = "other"'),
        ('may = ["see", "choose", "correct", "complain"]', 'may = ["see", "everything"]'),
        ('ends = "majority"', 'ends = "never"'),
        ("[[standing]]", "[[standing"),
        ("[death]", "[dead]"),
    ],
)
def test_a_policy_that_is_not_whole_is_refused(before: str, after: str) -> None:
    assert before in TEXT
    with pytest.raises(SchoolgateError, match="policy"):
        read_competence(TEXT.replace(before, after, 1))
