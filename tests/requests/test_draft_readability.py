"""How hard a text is to read: the formula on published values, and the counting behind it on words of a dictionary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.requests.drafting.readability import GOOD_EXAMPLE, GOOD_GRADE, grade, measure, sentences, syllables

# As published in the encyclopaedia's article on the Flesch-Kincaid tests: the sentence about the platypus has 13 words
# and 24 syllables and the grade 11.3; "Green Eggs and Ham" has 5.7 words a sentence, 1.02 syllables a word and -1.3.
PLATYPUS = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."

# Syllables as the CMU Pronouncing Dictionary has them.
SPOKEN = [
    "the",
    "1",
    "cat",
    "1",
    "platypus",
    "3",
    "seemingly",
    "3",
    "hybrid",
    "2",
    "mammal",
    "2",
    "creature",
    "2",
    "school",
    "1",
    "schools",
    "1",
    "children",
    "2",
    "pupil",
    "2",
    "absence",
    "2",
    "research",
    "2",
    "education",
    "4",
    "information",
    "4",
    "table",
    "2",
    "little",
    "2",
    "people",
    "2",
    "used",
    "1",
    "wanted",
    "2",
    "needed",
    "2",
    "missed",
    "1",
    "places",
    "2",
    "classes",
    "2",
    "changes",
    "2",
    "names",
    "1",
    "makes",
    "1",
    "science",
    "2",
    "society",
    "4",
    "idea",
    "3",
    "area",
    "3",
    "being",
    "2",
    "diary",
    "3",
    "video",
    "3",
    "radio",
    "3",
    "quiet",
    "2",
    "poem",
    "2",
    "create",
    "2",
    "created",
    "3",
    "museum",
    "3",
    "university",
    "5",
    "eligible",
    "4",
    "special",
    "2",
    "social",
    "2",
    "official",
    "3",
    "ethnicity",
    "4",
    "language",
    "2",
    "safely",
    "2",
    "careful",
    "2",
    "statement",
    "2",
    "movement",
    "2",
    "agreement",
    "3",
    "employee",
    "3",
    "identifiable",
    "6",
    "sensitive",
    "3",
    "minority",
    "4",
    "attainment",
    "3",
    "period",
    "3",
    "serious",
    "3",
    "various",
    "3",
    "previous",
    "3",
    "million",
    "2",
    "opinion",
    "3",
    "question",
    "2",
    "nation",
    "2",
    "situation",
    "4",
    "evaluate",
    "4",
    "usual",
    "3",
    "individual",
    "5",
    "january",
    "4",
    "their",
    "1",
    "every",
    "2",
    "family",
    "3",
    "different",
    "3",
    "because",
    "2",
    "client",
    "2",
    "criteria",
    "4",
    "reality",
    "4",
    "react",
    "2",
    "autism",
    "3",
    "criticism",
    "4",
    "whole",
    "1",
    "those",
    "1",
    "once",
    "1",
    "some",
    "1",
    "one",
    "1",
    "lives",
    "1",
    "believe",
    "2",
    "achievement",
    "3",
    "improvement",
    "3",
    "secondary",
    "4",
    "teacher",
    "2",
    "years",
    "1",
    "knowledge",
    "2",
    "free",
    "1",
    "meals",
    "1",
    "apply",
    "2",
    "applied",
    "2",
    "studying",
    "3",
    "trying",
    "2",
    "buying",
    "2",
    "hour",
    "1",
    "require",
    "2",
    "required",
    "2",
    "government",
    "3",
    "business",
    "2",
    "parent",
    "2",
    "dual",
    "2",
    "fuel",
    "2",
    "continuous",
    "4",
    "ambiguous",
    "4",
    "equal",
    "2",
    "equality",
    "4",
    "quality",
    "3",
    "anxious",
    "2",
    "conscious",
    "2",
    "initial",
    "3",
    "partial",
    "2",
    "essential",
    "3",
    "material",
    "4",
    "trial",
    "2",
    "denial",
    "3",
    "financial",
    "3",
    "appreciate",
    "4",
    "associate",
    "4",
    "variable",
    "4",
    "premium",
    "3",
]


def test_the_formula_gives_the_published_values() -> None:
    assert round(grade(13, 1, 24), 1) == 11.3
    assert round(grade(1000, 1, 1000), 1) == 386.2  # 0.39 * 1000 + 11.8 - 15.59
    assert round(0.39 * 5.7 + 11.8 * 1.02 - 15.59, 1) == round(grade(570, 100, 581), 1) == -1.3


def test_a_published_sentence_is_counted_as_published() -> None:
    assert sum(syllables(word) for word in PLATYPUS.rstrip(".").split()) == 24
    found = measure(PLATYPUS)
    assert (found.words, found.sentences, found.grade, found.age) == (13, 1, 11.3, 16)


@pytest.mark.parametrize(("word", "spoken"), list(zip(SPOKEN[::2], map(int, SPOKEN[1::2]), strict=True)))
def test_syllables_are_counted_as_they_are_spoken(word: str, spoken: int) -> None:
    assert syllables(word) == spoken


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("Each 3.5 hours, e.g. on Mondays, Mr. Example calls. Then he goes.", 2),
        ("A line of its own\nAnother one\n\n", 2),
        ("He said: “It is so.” Then he left.", 2),
        ("", 0),
        ("… !!!", 0),
    ],
)
def test_sentences_are_told_apart(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_the_example_we_show_is_good_and_officialese_is_not() -> None:
    assert measure(GOOD_EXAMPLE).is_good
    assert measure(GOOD_EXAMPLE).tells
    hard = measure(
        "The aforementioned organisation endeavours to operationalise longitudinal administrative information assets"
        " in furtherance of the identification, quantification and characterisation of heterogeneous attainment"
        " trajectories across socioeconomically differentiated subpopulations and geographies."
    )
    assert hard.grade > GOOD_GRADE + 10
    assert not hard.is_good
    assert len(hard.longest) == 1
    assert "operationalise" in hard.hard_words


def test_the_longest_sentences_are_shown_longest_first() -> None:
    parts = [" ".join(["word"] * n) + "." for n in (26, 40, 30, 28, 5)]
    found = measure(" ".join(part.capitalize() for part in parts))
    assert [len(part.split()) for part in found.longest] == [40, 30, 28]


@given(text=st.text(max_size=300))
def test_any_text_can_be_measured(text: str) -> None:
    found = measure(text)
    assert found.words >= 0
    assert (found.sentences > 0) == (found.words > 0)


@given(
    words=st.lists(st.sampled_from(["cat", "school", "children", "information"]), min_size=1, max_size=30),
    more=st.integers(1, 20),
)
def test_a_sentence_that_grows_gets_no_easier(words: list[str], more: int) -> None:
    short, long = " ".join(words) + ".", " ".join(words * (more + 1)) + "."
    assert measure(long).grade >= measure(short).grade


def test_a_text_of_another_alphabet_is_not_measured_by_the_few_words_that_are_english() -> None:
    easy = "We want to help each child who is at school. "
    assert measure(easy).tells
    assert measure("Le café à Zürich est près de chez nous, naïve fête. ").tells
    assert not measure(easy + "Мы соединяем данные о детях с другими данными. " * 3).tells
    assert not measure("我们想知道谁没有上学。" * 10).tells
