"""Names that a hurried reader takes for one another."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import people
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError
from schoolgate.people import alike
from schoolgate.people.alike import scripts, skeleton
from schoolgate.people.models import NameShape

NAME = "Synthetic Learning Ltd"


@pytest.mark.parametrize(
    "other",
    [
        "SYNTHETIC LEARNING LIMITED",
        "Synthetic  Learning",
        "The Synthetic-Learning Company",
        "Syntheti\u0441 Learning Ltd",  # a Cyrillic es
        "S\u0443nth\u0435ti\u0441 Learning",
        "Synthe\u03c4ic Learning",  # a Greek tau
        "Synthet1c Leaming Ltd",  # a one, and "m" for "rn"
        "S\u00fdnth\u00e9tic Learning",
        "\uff33ynthetic Learning",  # a wide S
        "Synthetlc Learning",
    ],
)
def test_another_spelling_of_what_one_sees_is_said_before_it_is_entered(other: str) -> None:
    assert skeleton(other) == skeleton(NAME)


@pytest.mark.parametrize("other", ["Synthetic Learners", "Example Learning Ltd", "Synthetic Learning North", "Ltd"])
def test_another_name_is_another_name(other: str) -> None:
    assert skeleton(other) != skeleton(NAME)


@given(name=st.text(min_size=1, max_size=60))
def test_spaces_around_a_name_change_nothing(name: str) -> None:
    assert skeleton(f" {name} ") == skeleton(name)


@given(name=st.text(st.characters(max_codepoint=126, min_codepoint=32), min_size=1, max_size=60))
def test_capitals_change_nothing(name: str) -> None:
    assert skeleton(name.upper()) == skeleton(name.lower()) == skeleton(name)


def test_a_word_of_two_alphabets_is_seen_and_a_name_of_two_words_in_two_is_not() -> None:
    assert scripts("Synth\u0435tic") == ("CYRILLIC", "LATIN")
    assert scripts("\u041c\u043e\u0441\u043a\u0432\u0430 University") == ()
    assert scripts("Caf\u00e9 & S\u00f8nner 3i") == ()


@pytest.mark.django_db
def test_the_custodian_is_told_of_a_look_alike_and_may_say_that_it_is_another() -> None:
    first = people.add_organisation(NAME, "company")
    with pytest.raises(SchoolgateError) as told:
        people.add_organisation("Synthetic Learning Limited", "company")
    assert told.value.code == "organisation-alike"
    assert first.id in told.value.what
    second = people.add_organisation("Synthetic Learning Limited", "company", alike_is_another=True)
    assert people.look_alikes("synthetic learning") == (first, second)
    assert people.look_alikes("synthetic learning", but=first.id) == (second,)


@pytest.mark.django_db
def test_a_name_that_it_had_before_is_found_and_one_taken_again_is_found_once(clock: FixedClock) -> None:
    first = people.add_organisation(NAME, "company")

    def rename(name: str) -> None:
        people.change_organisation(first.id, changes={"name": name}, reason="Why.", actor="", clock=clock)

    rename("Example Bets Ltd")
    assert [one.id for one in people.look_alikes("The Synthetic Learning Company")] == [first.id]
    assert [one.id for one in people.look_alikes("example bets")] == [first.id]
    rename(NAME)
    assert [one.id for one in people.look_alikes("example bets")] == [first.id]
    assert [one.id for one in people.look_alikes("synthetic learning")] == [first.id]


@pytest.mark.django_db
def test_entering_one_more_is_the_same_work_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    asked: list[str] = []
    letters = "ABCDEFGHKMPRTX"

    def counted(name: str) -> str:
        asked.append(name)
        return skeleton(name)

    monkeypatch.setattr(alike, "skeleton", counted)

    def work(number: int) -> tuple[int, int]:
        asked.clear()
        with CaptureQueriesContext(connection) as queries:
            people.add_organisation(f"Trust {letters[number % 14]}{letters[number // 14]}", "charity")
        return len(asked), len(queries)

    first, *_, last = [work(number) for number in range(150)]
    assert last == first
    assert first[0] <= 3
    with django_assert_max_num_queries(4):
        assert len(people.look_alikes("TRUST-AA Ltd")) == 1


@pytest.mark.django_db
def test_shapes_of_another_recipe_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = [people.add_organisation(name, "charity") for name in (NAME, "Example Trust")]
    NameShape.objects.update(recipe="", shape="")  # as the migration leaves them
    assert people.look_alikes("synthetic learning") == (entered[0],)
    assert {row.recipe for row in NameShape.objects.all()} == {alike.recipe()}
    monkeypatch.setattr(alike, "recipe", lambda: "f" * 16)
    assert people.look_alikes("EXAMPLE TRUST") == (entered[1],)
    assert NameShape.objects.count() == 2


@pytest.mark.django_db
def test_a_mixed_name_is_said_even_when_nobody_has_the_like() -> None:
    with pytest.raises(SchoolgateError, match="letters of Cyrillic and Latin"):
        people.add_organisation("Synth\u0435tic Trust", "charity")
    assert people.organisations() == ()
