"""The texts: made from the picture alone, in layers, for each audience, readable, ready for another language."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
import rfc8785
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate import dictionary, notices
from schoolgate.errors import SchoolgateError
from schoolgate.notices.audiences import concerns
from schoolgate.notices.picture import from_dict, to_bytes
from tests.notices.pictures import FUNDING, HELP, NATION, RESEARCH, SITE, STATISTICS, TODAY, picture, use

AUDIENCES = [
    *notices.standard(),
    notices.audience(urn=100008),
    *(notices.audience(urn=100008, ages=ages) for ages in ("5-7", "8-11")),
    notices.audience(urn=100051, ages="16-18"),
]

CHANGING = picture(
    *NATION.uses,
    use(agreement="A-2026-0007", who="Later University (synthetic)", first_use="2026-12-24"),
    replace(HELP, agreement="A-2026-0008", who="Waiting Trust (synthetic)", first_use="waits"),
    replace(FUNDING, agreement="A-2026-0009", who="Stopped Office (synthetic)", standing="paused"),
    replace(STATISTICS, agreement="A-2026-0010", who="Late Office (synthetic)", standing="held"),
)
"""Two uses that have not begun, one that is stopped, one that is over with a copy that may still be there."""


def made(pictured: notices.Picture, whom: notices.Audience) -> notices.Text:
    return notices.compose(pictured, whom, site=SITE)


@pytest.mark.parametrize("whom", AUDIENCES, ids=lambda whom: whom.key)
@pytest.mark.parametrize("pictured", [NATION, picture(), CHANGING], ids=["used", "unused", "changing"])
def test_each_audience_can_read_its_first_layer(pictured: notices.Picture, whom: notices.Audience) -> None:
    text = made(pictured, whom)
    assert notices.grade(text) <= notices.LIMITS[whom.ages]
    assert [layer.id for layer in text.layers] == ["short", "more", "all"]
    assert all(section.heading for layer in text.layers for section in layer.sections)


def test_the_younger_the_reader_the_easier_and_shorter_the_text() -> None:
    texts = [made(NATION, notices.audience(ages=ages)) for ages in ("5-7", "8-11", "12-15")]
    grades = [notices.grade(text) for text in texts]
    assert grades == sorted(grades)
    assert [len(text.short) for text in texts] == sorted(len(text.short) for text in texts)
    longest = max(len(line.split()) for line in texts[0].short.splitlines() if "://" not in line)
    assert longest <= 12  # a child of six hears it in one breath


def test_the_young_are_spoken_to_and_the_old_enough_are_told_they_may_act_alone() -> None:
    for ages in ("12-15", "16-18"):
        short = made(NATION, notices.audience(ages=ages)).short
        assert "without your parents" in short
        assert "your child" not in short
    assert "You and a grown-up can say no." in made(NATION, notices.audience(ages="5-7")).short


def test_same_picture_same_text_and_a_changed_one_another() -> None:
    shuffled = list(NATION.uses)
    random.Random(7).shuffle(shuffled)
    again = picture(*shuffled)
    assert notices.fingerprint(again) == notices.fingerprint(NATION)
    for whom in AUDIENCES:
        assert made(again, whom).sha256 == made(NATION, whom).sha256
    other = picture(RESEARCH, STATISTICS, FUNDING, replace(HELP, until="2031-01-31"))
    assert made(other, notices.audience()).sha256 != made(NATION, notices.audience()).sha256
    assert notices.fingerprint(other) != notices.fingerprint(NATION)


TEXTS = st.text(max_size=12)
USES = st.builds(
    use,
    agreement=st.from_regex(r"A-2026-[0-9]{4}", fullmatch=True), who=TEXTS, why=TEXTS,
    items=st.lists(st.sampled_from(["census_pupil.age", "census_pupil.sex"]), unique=True).map(lambda i: tuple(sorted(i))),
    years=st.lists(st.tuples(st.integers(2000, 2030), st.integers(2000, 2030)), max_size=2).map(tuple),
    cohort=st.lists(st.tuples(st.sampled_from(["age", "ncyearactual"]), st.tuples(TEXTS)), max_size=2).map(tuple),
    first_use=st.sampled_from(["", "waits", "2026-12-24"]), standing=st.sampled_from(["live", "paused", "held"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(USES, max_size=4))
def test_a_kept_picture_is_the_picture_and_every_picture_has_a_text(uses: list[notices.Use]) -> None:

    pictured = picture(*uses)
    data = to_bytes(pictured)
    assert from_dict(json.loads(data)) == pictured
    assert data == rfc8785.dumps(json.loads(data))
    for whom in AUDIENCES[:6]:
        assert made(pictured, whom).whole


def test_a_picture_kept_before_processors_were_in_it_is_still_read() -> None:
    kept = json.loads(to_bytes(NATION))
    for one in kept["uses"]:
        del one["processors"]
    assert from_dict(kept) == NATION


def test_a_notice_says_who_what_why_law_how_long_rights_objection_and_complaint() -> None:
    whole = made(NATION, notices.audience()).whole
    for part in (
        "University of Example (synthetic)", "sex", "We want to find out who misses school.",
        "Education Act 1996 s.537A(5)", "UK GDPR Article 6(1)(e)", "31 August 2028", "31 January 2030", "Article 15",
        "Article 16", "Article 18", "Article 21", "s.164A", "s.165", "0303 123 1113", "United Kingdom", "Safe setting",
        "2024 to 2026", "the Department for Education is the controller",
    ):  # fmt: skip
        assert part in whole, part


def test_where_a_law_overrides_a_no_it_says_so_and_elsewhere_that_a_no_counts() -> None:
    more = made(NATION, notices.audience()).layer("more").sections
    notes = {section.heading: section.note for section in more}
    assert notes["For: Education research"] == "You can say no to this. Then your child is left out."
    assert notes["For: School funding"].startswith("A law does not let a no stop this: Education Act 1996")


def test_each_item_says_whether_a_family_may_decline() -> None:
    (section,) = [
        one
        for one in made(NATION, notices.audience()).layer("more").sections
        if one.heading == "Every fact that schools send"
    ]
    may = {point.partition(".")[0] for point in section.points if "You may decline: tell the school." in point}
    assert may == {fact.name for fact in NATION.asked if fact.may_decline}
    assert "Ethnic background" in may
    assert "Sex" not in may


def test_nationality_came_in_2016_could_be_declined_and_is_no_longer_collected() -> None:
    before, then, after = (notices.facts_on(day) for day in (date(2015, 10, 1), date(2016, 12, 1), date(2018, 9, 1)))
    assert "nationality" not in {fact.id for fact in before}
    (asked,) = [fact for fact in then if fact.id == "nationality"]
    assert (asked.first, asked.last, asked.may_decline) == ("autumn 2016", "", True)
    (dropped,) = [fact for fact in after if fact.id == "nationality"]
    assert dropped.last == "summer 2018"
    whole = made(picture(on=date(2018, 9, 1)), notices.audience()).whole
    assert "No longer collected" in whole
    assert "Nationality: asked from autumn 2016 to summer 2018." in whole
    short = made(picture(on=date(2016, 12, 1)), notices.audience()).short
    assert "You may say that you would rather not tell: ethnic background, first language, nationality," in short


@pytest.mark.parametrize("whom", [notices.audience(), *(notices.audience(ages=ages) for ages in notices.AGES)])
def test_what_has_not_begun_or_is_stopped_is_not_said_to_be_in_use(whom: notices.Audience) -> None:
    before, short = (made(one, whom).short for one in (NATION, CHANGING))
    counted = [line for line in before.splitlines() if line.startswith(("Today ", "They are: "))]
    assert counted
    for line in counted:
        assert line in short
    said = [line for line in short.splitlines() if line not in before.splitlines()]
    assert any(" more " in line for line in said), said


def test_parents_are_told_of_what_is_stopped_and_of_copies_that_may_still_be_there() -> None:
    short = made(CHANGING, notices.audience()).short
    assert "1 use is stopped for now." in short
    assert "1 use is over, but nobody has shown yet that no copy is left." in short
    only_over = made(picture(replace(STATISTICS, standing="held")), notices.audience()).short
    assert "nobody has shown yet that no copy is left" in only_over
    assert "Nobody outside holds" not in only_over


def test_parents_are_told_what_cannot_be_refused_how_long_it_is_kept_and_where_to_write() -> None:
    """The first layer alone: most parents read no other."""
    short = made(NATION, notices.audience()).short
    (funding,) = [line for line in short.splitlines() if line.startswith("* School funding.")]
    assert funding.endswith("You cannot say no to this one.")
    assert short.count("You cannot say no") == 1
    assert "The ministry keeps its own copy after your child has left school." in short
    assert "Complain to us: https://www.gov.uk/contact-dfe." in short
    whole = made(NATION, notices.audience()).whole
    assert "our data protection officer, here: https://www.gov.uk/contact-dfe" in whole


def test_who_processes_for_them_and_in_which_country_is_said() -> None:
    whole = made(picture(use(processors=(("Disk Store (synthetic)", "Norway"),))), notices.audience()).whole
    assert "In which country: Norway and United Kingdom." in whole
    assert "Who processes it for them: Disk Store (synthetic), Norway" in whole


def test_what_is_only_renamed_is_no_new_fact() -> None:
    assert [fact.id for fact in notices.facts_on(date(2022, 12, 1))].count("sex") == 1
    (sex,) = [fact for fact in notices.facts_on(TODAY) if fact.id == "sex"]
    assert (sex.first, sex.last) == ("", "")


def test_every_column_about_a_pupil_belongs_to_exactly_one_fact() -> None:
    columns = [column for fact in dictionary.asked_facts() for column in fact.columns]
    assert len(columns) == len(set(columns))
    assert set(columns) == dictionary.pupil_columns()


@pytest.mark.parametrize(
    ("cohort", "ages", "expected"),
    [
        ((("ncyearactual", ("7", "8")),), "8-11", True),  # year 7 begins at eleven
        ((("ncyearactual", ("7", "8")),), "5-7", False),
        ((("ncyearactual", ("R",)),), "5-7", True),
        ((("ncyearactual", ("12", "13")),), "12-15", False),
        ((("ncyearactual", ("12", "13")),), "16-18", True),
        ((("age", ("15",)),), "16-18", True),
        ((("age", ("14",)),), "16-18", False),
        ((("ncyearactual", ("X",)),), "5-7", True),  # what is not understood is rather said
        ((("sex", ("F",)),), "5-7", True),
        ((), "5-7", True),
    ],
)
def test_an_age_group_is_told_of_the_uses_that_can_be_about_it(
    cohort: tuple[tuple[str, tuple[str, ...]], ...], ages: str, expected: bool
) -> None:
    assert concerns(use(cohort=cohort), notices.audience(ages=ages)) is expected


def test_a_school_is_told_of_uses_of_its_authority_of_itself_and_of_all_england() -> None:
    argyle = notices.audience(urn=100008)  # in Camden, authority 202
    assert concerns(use(cohort=()), argyle)
    assert concerns(use(cohort=(), authorities=("202",)), argyle)
    assert concerns(use(cohort=(), schools=("100008",)), argyle)
    assert not concerns(use(cohort=(), authorities=("203",)), argyle)
    assert not concerns(use(cohort=(), authorities=("203",), schools=("100009",)), argyle)
    assert not concerns(use(cohort=(("phase", ("SS",)),)), argyle)
    assert not concerns(use(cohort=(("ncyearactual", ("12",)),)), argyle)


def test_a_census_is_told_of_what_it_asks_and_of_the_uses_of_it() -> None:
    spring, autumn = (made(NATION, notices.audience(term=term)) for term in ("spring", "autumn"))
    assert "Ethnic background" in spring.whole
    assert "Ethnic background." not in autumn.whole
    assert "Example Trust" in spring.whole
    assert "Example Trust" not in autumn.whole


@pytest.mark.parametrize(
    "wrong", [{"urn": "1"}, {"urn": 999999}, {"ages": "3-4"}, {"term": "winter"}, {"urn": 100008, "ages": "16-18"}]
)
def test_an_audience_that_does_not_exist_is_refused_in_plain_words(wrong: dict[str, object]) -> None:
    with pytest.raises(SchoolgateError):
        notices.audience(**wrong)  # type: ignore[arg-type]


class _Marked:
    """A language in which every string that is ready for translation is in brackets."""

    def __enter__(self) -> None:
        from django.utils.translation import trans_real

        self._translation = trans_real.translation("en-gb")
        self._gettext, self._ngettext = type(self._translation).gettext, type(self._translation).ngettext
        kind = type(self._translation)
        kind.gettext = lambda own, message: f"⟦{message}⟧"
        kind.ngettext = lambda own, one, many, n: f"⟦{one if n == 1 else many}⟧"

    def __exit__(self, *problem: object) -> None:
        kind = type(self._translation)
        kind.gettext, kind.ngettext = self._gettext, self._ngettext


@pytest.fixture
def marked() -> Iterator[None]:
    translation.activate("en-gb")
    with _Marked():
        yield
    translation.activate("en-gb")


OURS = (SITE, "University of Example (synthetic)", "Counting Office (synthetic)", "Example Trust (synthetic)")
LAWS = {law.strip() for fact in NATION.facts for law in fact.law.split(";")}


@pytest.mark.parametrize("whom", notices.standard(), ids=lambda whom: whom.key)
def test_every_sentence_is_ready_for_another_language(marked: None, whom: notices.Audience) -> None:
    text = made(NATION, whom)
    for layer in text.layers:
        for section in layer.sections:
            for line in (section.heading, *section.paragraphs, *section.points, section.note):
                given = line.startswith(OURS) or line in LAWS
                named = any(line.startswith(fact.name) for fact in NATION.facts)
                assert not line or "⟦" in line or given or named or _is_a_purpose(line), line


def _is_a_purpose(line: str) -> bool:
    return any(line.startswith(purpose.name) for purpose in dictionary.purposes())


def test_when_each_fact_was_asked_is_what_the_published_shapes_say() -> None:
    for fact in dictionary.asked_facts():
        assert fact.asked == dictionary.asked_by_shapes(fact.columns), fact.id
