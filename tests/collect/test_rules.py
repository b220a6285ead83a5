"""The rule pack as a table: every rule is broken by its case and kept by the one beside it, in every census."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import schoolgate.collect
from schoolgate.collect.pack import ALL_RULES, rules
from schoolgate.collect.rulebook import (
    ALL_TERMS,
    EVERYONE,
    OFF_ROLL,
    ON_ROLL,
    Rule,
    census_day,
    easter_monday,
    pack_for,
    term_start,
)
from schoolgate.dictionary import NoShape, census_shape
from schoolgate.ids import Term
from tests.collect.golden import GOLDEN
from tests.collect.scene import Scene, fsm, sessions

PHASES = ("NS", "PS", "MP", "MS", "SS", "SP", "AT", "PR")


def known(year: int, term: Term) -> bool:
    try:
        census_shape(year, term)
    except NoShape:
        return False
    return True


POINTS = [(year, term) for year in range(2015, 2027) for term in ALL_TERMS if known(year, term)]
SOURCES = (Path(schoolgate.collect.__file__).parent / "data" / "rules-sources.md").read_text()


def scenes() -> list[Scene]:
    return [Scene(year, term) for year, term in POINTS]


def test_the_packs_reach_from_autumn_2015_to_autumn_2026() -> None:
    assert len(POINTS) == 34
    assert (2015, Term.AUTUMN) in POINTS
    assert (2026, Term.AUTUMN) in POINTS


@pytest.mark.parametrize("scene", scenes(), ids=repr)
def test_every_rule_of_every_pack_is_broken_by_its_case_and_kept_by_the_one_that_just_does_not(scene: Scene) -> None:
    wrong = []
    for rule in rules(scene.year, scene.term).rules:
        breaking, keeping = GOLDEN[rule.number]
        if rule.number not in scene.numbers(breaking(scene)):
            wrong.append(f"{rule.number} is not broken by its case")
        if rule.number in scene.numbers(keeping(scene)):
            wrong.append(f"{rule.number} is broken by what keeps it")
    assert wrong == []


def test_every_golden_case_belongs_to_a_rule_and_every_rule_has_one() -> None:
    assert set(GOLDEN) == {rule.number for rule in ALL_RULES}


@pytest.mark.parametrize("scene", scenes(), ids=repr)
def test_a_perfectly_good_return_gives_no_finding_however_small(scene: Scene) -> None:
    leaver = scene.pupil(on=False)
    assert scene.numbers(scene.sent(*scene.some_with_meals(), gone=[leaver], meals=6)) == set()
    placed = scene.arranged() if scene.asks_arranged() else ""
    assert scene.numbers(scene.sent(scene.pupil(parts=placed))) == set()


@pytest.mark.parametrize("phase", ["NS", "SS", "SP", "PR"])
def test_good_returns_of_other_phases_give_no_finding_either(phase: str) -> None:
    scene = Scene(2026, Term.SPRING)
    age = {"NS": 3, "SS": 14, "SP": 10, "PR": 13}[phase]
    pupil = scene.pupil(age, parts=scene.placed() if phase == "PR" else "")
    assert scene.numbers(scene.sent(pupil, phase=phase)) == set()


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.number)
def test_terms_and_years_are_honoured(rule: Rule) -> None:
    there = {(year, term) for year, term in POINTS if rule in rules(year, term).rules}
    assert there, "a rule that no census has is no rule"
    assert {term for _, term in there} <= set(rule.terms)
    assert min(year for year, _ in there) >= rule.first_year
    assert rule.last_year is None or max(year for year, _ in there) <= rule.last_year
    for year, term in POINTS:
        if term in rule.terms and rule.column is None and rule.first_year <= year <= (rule.last_year or 9999):
            assert (year, term) in there


@pytest.mark.parametrize("rule", [rule for rule in ALL_RULES if rule.phases], ids=lambda rule: rule.number)
def test_phases_are_honoured(rule: Rule) -> None:
    scene = next(Scene(year, term) for year, term in reversed(POINTS) if rule in rules(year, term).rules)
    sent = GOLDEN[rule.number][0](scene)
    for phase in PHASES:
        moved = re.sub(rb"<Phase>..</Phase>", f"<Phase>{phase}</Phase>".encode(), sent)
        if phase not in rule.phases:
            assert rule.number not in scene.numbers(moved), phase
        elif rule.number != "1601":  # its ages are the phase's own
            assert rule.number in scene.numbers(moved), phase


@pytest.mark.parametrize("rule", [r for r in ALL_RULES if r.breaks and r.who != EVERYONE], ids=lambda rule: rule.number)
def test_whom_a_rule_is_about_is_honoured(rule: Rule) -> None:
    scene = next(Scene(year, term) for year, term in reversed(POINTS) if rule in rules(year, term).rules)
    sent = GOLDEN[rule.number][0](scene)
    if rule.who == ON_ROLL:
        swapped = sent.replace(b"PupilOnRoll", b"PupilNoLongerOnRoll").replace(
            b"PupilsOnRoll>", b"PupilsNoLongerOnRoll>"
        )
    else:
        swapped = sent.replace(b"PupilNoLongerOnRoll", b"PupilOnRoll").replace(
            b"PupilsNoLongerOnRoll>", b"PupilsOnRoll>"
        )
    assert rule.who in (ON_ROLL, OFF_ROLL)
    assert rule.number not in scene.numbers(swapped)


def test_at_least_sixty_rules_carry_the_ministrys_number_and_name_where_it_was_found() -> None:
    official = [rule for rule in ALL_RULES if rule.official]
    assert len(official) >= 60
    for rule in official:
        assert rule.number.isdigit()
        assert f"| {rule.source} |" in SOURCES, rule.source


def test_a_house_rule_cannot_be_mistaken_for_the_ministrys() -> None:
    for rule in ALL_RULES:
        assert rule.official != rule.number.startswith("SG-")


def test_numbers_are_unique_and_every_rule_says_what_to_do_in_plain_words() -> None:
    assert len({rule.number for rule in ALL_RULES}) == len(ALL_RULES)
    for rule in ALL_RULES:
        assert (rule.breaks is None) != (rule.whole is None)
        assert rule.kind in ("error", "query")
        assert rule.title.startswith("Please check: ") == (rule.kind == "query")
        assert rule.title.endswith(".")
        assert rule.remedy.endswith(".")
        assert set(rule.phases) <= set(PHASES)


def test_a_pack_is_ordered_official_numbers_first() -> None:
    numbers = [rule.number for rule in rules(2026, Term.SPRING).rules]
    official = [int(number) for number in numbers if number.isdigit()]
    assert numbers[: len(official)] == [str(number) for number in sorted(official)]


def test_a_rule_with_a_last_year_leaves_the_pack_after_it() -> None:
    ended = Rule("9998", "error", "upn", "T.", "R.", lambda pupil, census: True, source="x", last_year=2020)
    assert pack_for([ended], census_shape(2020, Term.SPRING)).rules == (ended,)
    assert pack_for([ended], census_shape(2021, Term.SPRING)).rules == ()


# Code sets follow the census ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "term", "code", "accepted"),
    [
        (2022, Term.SPRING, "H", True),
        (2022, Term.SPRING, "C1", False),
        (2025, Term.SPRING, "C1", True),
        (2025, Term.SPRING, "Y3", True),
        (2018, Term.SPRING, "/", False),
        (2022, Term.SPRING, "/", True),
    ],
)
def test_attendance_codes_are_those_of_the_census(year: int, term: Term, code: str, accepted: bool) -> None:
    scene = Scene(year, term)
    found = scene.numbers(scene.sent(scene.pupil(attendance=sessions(100, (code, 1)))))
    assert ("SG-32" not in found) == accepted


@pytest.mark.parametrize(
    ("year", "code", "accepted"), [(2019, "FIXD", True), (2019, "SUSP", False), (2021, "FIXD", False)]
)
def test_a_suspension_has_the_name_of_its_years(year: int, code: str, accepted: bool) -> None:
    scene = Scene(year, Term.SPRING)
    found = scene.numbers(scene.sent(scene.pupil(parts=scene.away(Category=code))))
    assert ("SG-36" not in found) == accepted


def test_an_item_that_is_not_collected_yet_is_not_looked_at() -> None:
    before, after = Scene(2022, Term.SPRING), Scene(2023, Term.SPRING)
    assert "SG-22" not in before.numbers(before.sent(before.pupil(YoungCarer="Y")))
    assert "SG-22" in after.numbers(after.sent(after.pupil(YoungCarer="Y")))


@pytest.mark.parametrize(("year", "accepted"), [(2024, False), (2025, True)])
def test_new_ethnicities_are_accepted_from_their_year(year: int, accepted: bool) -> None:
    scene = Scene(year, Term.SPRING)
    later = Scene(2025, Term.SPRING).census.codes("pupilonroll", "ethnicity")
    new = min(later - Scene(2024, Term.SPRING).census.codes("pupilonroll", "ethnicity"))
    assert ("SG-19" not in scene.numbers(scene.sent(scene.pupil(Ethnicity=new)))) == accepted


# Days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "term", "day"),
    [
        (2024, Term.AUTUMN, "2024-10-03"), (2026, Term.SPRING, "2026-01-15"), (2025, Term.SPRING, "2025-01-16"),
        (2024, Term.SUMMER, "2024-05-16"), (2025, Term.SUMMER, "2025-05-15"), (2021, Term.SUMMER, "2021-05-20"),
        (2019, Term.SUMMER, "2019-05-16"), (2020, Term.AUTUMN, "2020-10-01"),
    ],
)  # fmt: skip
def test_census_day_is_the_published_one(year: int, term: Term, day: str) -> None:
    assert census_day(year, term) == date.fromisoformat(day)


@pytest.mark.parametrize("day", ["2017-04-17", "2018-04-02", "2019-04-22", "2021-04-05", "2022-04-18", "2025-04-21"])
def test_the_summer_term_starts_on_the_published_day(day: str) -> None:
    published = date.fromisoformat(day)
    assert term_start(published.year, Term.SUMMER) == easter_monday(published.year) == published


@pytest.mark.parametrize(
    ("year", "term", "first", "last"),
    [
        (2020, Term.SPRING, "2019-04-22", "2019-12-31"),
        (2024, Term.SUMMER, "2023-08-01", "2024-03-31"),
        (2021, Term.SUMMER, "2020-08-01", "2021-04-04"),
        (2019, Term.SPRING, "2018-04-02", "2018-08-31"),
        (2018, Term.SPRING, "2017-04-17", "2017-08-31"),
    ],
)
def test_exclusions_are_those_of_the_published_period(year: int, term: Term, first: str, last: str) -> None:
    assert Scene(year, term).census.exclusions == (date.fromisoformat(first), date.fromisoformat(last))


# Findings -----------------------------------------------------------------------------------------------------


def test_both_rows_that_share_a_number_are_named() -> None:
    scene = Scene(2026, Term.SPRING)
    shared = "P207000016049"
    checked = scene.found(scene.sent(scene.pupil(UPN=shared), scene.pupil(), scene.pupil(UPN=shared)))
    assert [(f.rule, f.row) for f in checked.findings if f.rule == "1520"] == [("1520", 1), ("1520", 3)]


def test_digits_of_other_scripts_are_not_digits() -> None:
    scene = Scene(2026, Term.SPRING)
    found = scene.numbers(scene.sent(scene.pupil(UPN="P20700001604٣"), meals="٣"))
    assert {"1550", "1310"} <= found


@pytest.mark.parametrize("text", ["20160304", "2016-W10-5", "2016-3-4", "4 March 2016"])
def test_only_year_month_day_is_a_date(text: str) -> None:
    scene = Scene(2026, Term.SPRING)
    assert "SG-5" in scene.numbers(scene.sent(scene.pupil(DOB=text)))


@pytest.mark.parametrize(
    "without",
    [rb"<PupilOnRoll>.*</PupilOnRoll>", rb"<PupilsOnRoll>.*</PupilsOnRoll>", rb"<Pupils>.*</Pupils>"],
)
def test_a_return_without_a_pupil_on_roll_is_an_error_however_they_are_left_out(without: bytes) -> None:
    scene = Scene(2026, Term.SPRING)
    sent = re.sub(without, b"", scene.sent(scene.pupil()))
    assert "SG-45" in scene.numbers(sent)
    assert scene.found(sent).state == "rejected"


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        (rb"<Phase>PS</Phase>", b""),
        (rb"<Phase>PS</Phase>", b"<Phase>ps</Phase>"),
        (rb"<School>.*</School>", b""),
    ],
)
def test_without_a_phase_a_return_is_an_error_and_not_asked_twice(part: bytes, instead: bytes) -> None:
    scene = Scene(2026, Term.SPRING)
    found = scene.numbers(re.sub(part, instead, scene.sent(scene.pupil())))
    assert "SG-46" in found
    assert "SG-47" not in found


def test_many_free_meals_are_usual_in_special_schools_and_alternative_provision() -> None:
    scene = Scene(2016, Term.SPRING)
    meals = f"<FSMperiods>{fsm('2015-09-01')}</FSMperiods>"
    pupils = [scene.pupil(parts=meals) for _ in range(20)]
    assert {phase for phase in PHASES if "1750" in scene.numbers(scene.sent(*pupils, phase=phase))} == {
        "NS", "PS", "MP", "MS", "SS", "AT",
    }  # fmt: skip


def test_suspensions_and_attendance_are_compared_only_since_they_are_of_the_same_terms() -> None:
    compared = {year for year, term in POINTS if any(rule.number == "2485" for rule in rules(year, term).rules)}
    assert compared == set(range(2020, 2027))


def test_a_meal_period_that_ends_before_it_starts_is_in_no_period() -> None:
    scene = Scene(2026, Term.SPRING)
    period = f"<FSMperiods>{fsm('2025-12-02', '2025-12-01')}</FSMperiods>"
    assert "1763" in scene.numbers(scene.sent(scene.pupil(parts=period)))
