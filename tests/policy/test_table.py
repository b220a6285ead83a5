"""The decision table walked: every combination of what a rule looks at has exactly one case; nothing is unreachable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from schoolgate.errors import Refusal
from schoolgate.policy import (
    HANDED_OVER,
    IN_THE_SETTING,
    Addition,
    AgreementTerms,
    Holding,
    Notice,
    PersonTerms,
    QueryShape,
    Used,
    as_markdown,
)
from schoolgate.policy.asking import ITEM
from schoolgate.policy.decide import RULES
from schoolgate.policy.facts import Facts, ItemFacts
from schoolgate.policy.table import ALLOWED, GAP, NOT_APPLICABLE, REFUSED, Case, Rule, apply, fitting
from schoolgate.requests import LIFECYCLE
from tests.policy.test_decide import AGREEMENT, PERSON, TODAY

DAY = timedelta(days=1)
AROUND = [TODAY - DAY, TODAY, TODAY + DAY]
"""The day before, the day, the day after: every comparison of dates turns within these."""

PUBLISHED = [None, TODAY - 32 * DAY, TODAY - 31 * DAY, TODAY, TODAY + DAY]
NOTICES = [Notice(days, day) for days, day in product([0, 31], PUBLISHED)]
ADDED = [
    Addition(frozenset({"census_pupil.age"}), ("P-0009",), notice, signed)
    for notice, signed in product(NOTICES, [True, False])
]
ADDITIONS = [(), *((one,) for one in ADDED), *product(ADDED[::5], ADDED[::7])]
CLASH = ("census_pupil.sex", "census_pupil.urn")
NOT_AGGREGATE = (Refusal("not-aggregate", "Why."),)

AGREEMENTS: dict[str, Sequence[Any]] = {
    "state": ["active", "something new", "", *(state for state in LIFECYCLE.states if state != "active")],
    "built_in": [False, True],
    "valid_from": AROUND,
    "valid_until": AROUND,
    "review_due": [None, *AROUND],
    "people": [("P-0001",), ("P-0002",), ()],
    "additions": ADDITIONS,
    "purpose": [
        "education-research", "official-statistics", "school-funding", "safeguarding", "school-improvement",
        "subject-access", "own-pupils", "immigration-enforcement", "crime-investigation", "commercial-product",
        "world-domination", "",
    ],
    "lawful_basis": [
        "", "public task", *(f"UK GDPR Article 6(1)({letter})" for letter in "abcdef"), "Article 6 (1) (ea)",
        "Article 6(1)(e) or 6(1)(f)",
    ],
    "gateway": ["", "None stated", "Education Act 1996 s.537A(5)", "education act 1996, S. 537a", "Article 15"],
    "country": ["United Kingdom", "united kingdom ", "Scotland", "Ireland", "Japan", "South Korea", "Atlantis", ""],
    "processors_in": [(), ("United Kingdom",), ("Scotland", "Ireland"), ("Japan", "South Korea"), ("Atlantis",), ("",)],
    "transfer_safeguard": ["", "The UK's transfer agreement of 2022"],
    "only_in": [(), ("United Kingdom",), ("Ireland", "Japan"), ("nowhere",)],
    "notice": NOTICES,
    "minimum_cell": [0, 10],
    "row_budget": [None, 0, 1, 10],
    "query_budget": [None, 0, 1, 10],
    "not_together": [(), (CLASH,), (CLASH, ("census_pupil.age", "census_pupil.sex")), (("census_pupil.sex",),)],
    "pseudonyms": [True, False],
    "setting_only": [True, False],
}  # fmt: skip
"""What each term of an agreement can be, the boundaries included."""

PERSONS = [
    PersonTerms(person, until, country, known)
    for person, until, country, known in product(
        ["P-0001", "P-0009"], [None, *AROUND], ["United Kingdom", "Ireland", "Atlantis"], [True, False]
    )
]
ITEMS = [frozenset[str](), frozenset({"census_pupil.sex"}), frozenset(CLASH), frozenset({*CLASH, "census_pupil.age"})]
SHAPES = [
    QueryShape(given, why, output)
    for given, why, output in product([True, False], [(), NOT_AGGREGATE], [HANDED_OVER, IN_THE_SETTING, "elsewhere"])
]
USED = [Used(queries, rows) for queries, rows in product([0, 1, 9, 10, 11], [0, 1, 9, 10, 11])]

HOLDINGS = [
    Holding(days, stopped)
    for days, stopped in product([(), *product(AROUND), *product(AROUND, AROUND)], [None, *AROUND])
]
HOLDINGS += [Holding(answer_by=days) for days in (*product(AROUND), *product(AROUND, AROUND))]

LOOKS_AT: dict[str, tuple[list[str], bool, bool, bool, bool, bool]] = {
    # rule: (terms of the agreement, person, items, shape, used, what came of earlier use)
    "applied-for": (["built_in"], False, False, False, False, False),
    "in-force": (["state"], False, False, False, False, False),
    "begun": (["valid_from"], False, False, False, False, False),
    "not-over": (["valid_until"], False, False, False, False, False),
    "emergency-review": (["review_due"], False, False, False, False, False),
    "known": ([], True, False, False, False, False),
    "named": (["people", "additions"], True, False, False, False, False),
    "accredited": ([], True, False, False, False, False),
    "signed-for": ([], False, False, False, False, True),
    "not-stopped": ([], False, False, False, False, True),
    "corrections-answered": ([], False, False, False, False, True),
    "purpose": (["purpose"], False, False, False, False, False),
    "lawful-basis": (["purpose", "lawful_basis"], False, False, False, False, False),
    "power-to-share": (["purpose", "gateway"], False, False, False, False, False),
    "country": (["country", "processors_in", "transfer_safeguard"], False, False, False, False, False),
    "only-in": (["country", "processors_in", "only_in"], False, False, False, False, False),
    "reader-in-place": (["country"], True, False, False, False, False),
    "notice": (["notice"], False, False, False, False, False),
    "query-budget": (["query_budget"], False, False, False, True, False),
    "row-budget": (["row_budget"], False, False, False, True, False),
    "setting-only": (["setting_only"], False, False, True, False, False),
    "pseudonym": (["pseudonyms"], False, False, True, False, False),
    "aggregate-only": (["minimum_cell"], False, False, True, False, False),
    "not-together": (["not_together"], False, True, False, False, False),
}
"""What each rule looks at; that it looks at nothing else is shown below."""


def combinations(rule: str) -> Iterator[Facts]:
    """Every combination of what a rule looks at."""
    terms, person, items, shape, used, held = LOOKS_AT[rule]
    for values in product(*(AGREEMENTS[term] for term in terms)):
        agreement = replace(AGREEMENT, **dict(zip(terms, values, strict=True)))
        for one, of, how, spent, holding in product(
            PERSONS if person else [PERSON],
            ITEMS if items else [frozenset[str]()],
            SHAPES if shape else [QueryShape()],
            USED if used else [Used()],
            HOLDINGS if held else [Holding()],
        ):
            yield Facts(agreement, one, TODAY, of, how, spent, holding)


def item_combinations() -> Iterator[ItemFacts]:
    """Every combination of what the rule on items looks at."""
    for kind, needs, approved, additions in product(
        ["item", "frame", "pupil", "provenance", None, "a new kind"],
        [True, False],
        [frozenset[str](), frozenset({"census_pupil.age"})],
        ADDITIONS,
    ):
        agreement: AgreementTerms = replace(AGREEMENT, items=approved, additions=additions)
        yield ItemFacts("census_pupil.age", kind, needs, agreement, TODAY)


def test_every_rule_is_walked() -> None:
    assert list(LOOKS_AT) == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_combination_has_exactly_one_case_and_every_case_a_combination(rule: Rule[Facts]) -> None:
    reached = set()
    for facts in combinations(rule.id):
        found = fitting(rule, facts)
        assert len(found) == 1, (facts, [case.name for case in found])
        reached.add(found[0].name)
        ruling, refusals = apply(rule, facts)
        assert (ruling.verdict == REFUSED) == bool(refusals)
        assert ruling.says
        assert ruling.provision
        assert all(refusal.code != GAP and refusal.reason for refusal in refusals)
    assert reached == {case.name for case in rule.cases}


def test_every_combination_about_an_item_has_exactly_one_case_and_every_case_a_combination() -> None:
    found = [fitting(ITEM, facts) for facts in item_combinations()]
    assert {len(cases) for cases in found} == {1}
    assert {cases[0].name for cases in found} == {case.name for case in ITEM.cases}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_looks_at_nothing_but_what_the_walk_varies(rule: Rule[Facts]) -> None:
    """Changing any other fact changes nothing, so that the walk is the whole of it."""
    terms, person, items, shape, used, held = LOOKS_AT[rule.id]
    for facts in list(combinations(rule.id))[::7]:
        before = fitting(rule, facts)
        for term in set(AGREEMENTS) - set(terms):
            for value in AGREEMENTS[term]:
                assert fitting(rule, replace(facts, agreement=replace(facts.agreement, **{term: value}))) == before
        others: list[tuple[bool, str, Sequence[Any]]] = [
            (person, "person", PERSONS), (items, "items", ITEMS), (shape, "shape", SHAPES), (used, "used", USED),
            (held, "holding", HOLDINGS),
        ]  # fmt: skip
        for looked, field, values in others:
            for value in [] if looked else values:
                assert fitting(rule, replace(facts, **{field: value})) == before


def test_no_code_is_said_by_two_rules_and_only_refusals_have_one() -> None:
    said: dict[str, str] = {}
    for rule in RULES:
        for case in rule.cases:
            assert bool(case.code) == (case.verdict == REFUSED)
            assert case.verdict in (ALLOWED, REFUSED, NOT_APPLICABLE)
            assert said.setdefault(case.code, rule.id) == rule.id or not case.code
            assert bool(case.remedy) == bool(case.code)
    assert {case.code for case in ITEM.cases} == {
        "",
        "item-not-approved",
        "item-awaits-notice",
        "item-awaits-signature",
    }


def test_a_table_with_a_gap_or_an_overlap_refuses() -> None:
    fits: Case[int] = Case("positive", lambda n: n > 0, ALLOWED, lambda n: "fine")
    rule: Rule[int] = Rule("r", "A rule", lambda n: "a law", (fits, replace(fits, name="large", when=lambda n: n > 9)))
    assert [apply(rule, n)[0].verdict for n in (-1, 1, 10)] == [REFUSED, ALLOWED, REFUSED]
    assert [refusal.code for refusal in apply(rule, -1)[1]] == [GAP]


def test_every_state_that_allows_no_reading_says_so_in_words() -> None:
    """A state without words of its own would be shown as its name."""
    (rule,) = [rule for rule in RULES if rule.id == "in-force"]
    for state in LIFECYCLE.states:
        facts = Facts(replace(AGREEMENT, state=state), PERSON, TODAY, frozenset(), QueryShape(), Used(), Holding())
        says = apply(rule, facts)[0].says
        assert says.endswith(".")
        assert says != f"The agreement is {state}."


@pytest.mark.parametrize(
    ("countries", "terms", "refused"),
    [
        (("Ireland",), {}, set()),
        (("Ireland", "Atlantis"), {}, {"country-unprotected"}),
        (("Japan",), {}, {"country-unprotected"}),
        (("Japan", "Atlantis"), {"transfer_safeguard": "The UK's transfer agreement of 2022"}, set()),
        (("Ireland",), {"only_in": ("United Kingdom",)}, {"country-not-allowed"}),
        (("Ireland",), {"only_in": ("United Kingdom", "Ireland")}, set()),
    ],
)
def test_a_processor_abroad_is_as_far_away_as_the_organisation_itself_would_be(
    countries: tuple[str, ...], terms: dict[str, Any], refused: set[str]
) -> None:
    agreement = replace(AGREEMENT, processors_in=countries, **terms)
    facts = Facts(agreement, PERSON, TODAY, frozenset(), QueryShape(), Used(), Holding())
    found = [apply(rule, facts)[1] for rule in RULES if rule.id in ("country", "only-in")]
    assert {refusal.code for refusals in found for refusal in refusals} == refused


def test_the_page_is_drawn_from_the_table() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    drawn = page.split("<!-- drawn: policy -->\n")[1].split("<!-- end: policy -->")[0]
    assert drawn == as_markdown()


def test_a_boundary_is_a_day_not_an_hour() -> None:
    """A notice of 31 days published on 1 August: 2 August to 1 September are the days, 2 September is free."""
    published = date(2026, 8, 1)
    verdicts = {}
    for today in (date(2026, 8, 1), date(2026, 9, 1), date(2026, 9, 2)):
        facts = Facts(
            replace(AGREEMENT, notice=Notice(31, published)),
            PERSON,
            today,
            frozenset(),
            QueryShape(),
            Used(),
            Holding(),
        )
        (rule,) = [rule for rule in RULES if rule.id == "notice"]
        verdicts[today] = apply(rule, facts)[0].verdict
    assert list(verdicts.values()) == [REFUSED, REFUSED, ALLOWED]
