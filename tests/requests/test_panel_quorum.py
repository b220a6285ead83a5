"""The quorum rules: pure, data, and never decided by one person or without an independent member."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.errors import SchoolgateError
from schoolgate.requests.panel.quorum import (
    CHOICES,
    KINDS,
    RISKS,
    ItemVote,
    Member,
    Rule,
    Vote,
    allocation_gaps,
    outcome,
    read_rules,
    rules,
)
from schoolgate.requests.panel.triage import Facts, risk_rules, triage

SEATS = ("official", "independent", "lay")
ITEMS = ("t.fine", "t.other")


@st.composite
def benches(draw: st.DrawFn) -> tuple[Rule, list[Member], list[Vote]]:
    """Any rule, any members (some out, some the same human being), any votes."""
    rule = draw(st.sampled_from(sorted(rules().values(), key=repr)))
    if draw(st.booleans()):  # a bench that can decide, so that decisions are looked at as often as gaps are
        seats = ("independent", "lay", "independent", *draw(st.lists(st.sampled_from(SEATS), min_size=2, max_size=4)))
        members = [Member(f"P-{n:04d}", seat, f"P-{n:04d}", n == 0) for n, seat in enumerate(seats)]
        choices = ("approve", "refuse", "changes", "approve")
    else:
        size = draw(st.integers(0, 7))
        members = [
            Member(
                f"P-{n:04d}",
                draw(st.sampled_from(SEATS)),
                f"human {draw(st.integers(0, size))}" if draw(st.booleans()) else f"P-{n:04d}",
                draw(st.booleans()),
                draw(st.sampled_from(("", "", "", "conflict", "removed"))),
            )
            for n in range(size)
        ]
        choices = (*CHOICES, "")
    votes = []
    for member in members:
        choice = draw(st.sampled_from(choices))
        if not choice:
            continue
        items = ()
        if choice == "approve":
            items = tuple(
                ItemVote(item, decision, "t.coarse" if decision == "coarser" else "")
                for item in ITEMS
                if (decision := draw(st.sampled_from(("approve", "coarser", "refuse", ""))))
            )
        votes.append(Vote(member.person, choice, ("why",), items, ("no-linkage",) if choice == "approve" else ()))
    return rule, members, votes


@given(benches(), st.booleans())
def test_nothing_is_decided_by_one_human_being_or_without_an_independent_member(
    bench: tuple[Rule, list[Member], list[Vote]], opened: bool
) -> None:
    rule, members, votes = bench
    found = outcome(rule, votes, members, ITEMS, opened=opened)
    if found.result == "not-yet":
        assert found.why
        return
    there = {member.person: member for member in members if not member.out}
    cast = [vote for vote in votes if vote.person in there and vote.choice != "abstain"]
    assert len({there[vote.person].human for vote in cast}) >= 2
    assert any(there[vote.person].seat == "independent" for vote in cast)
    if found.result == "approve":
        assert any(there[v.person].seat == "independent" for v in cast if v.choice == "approve")
        assert 2 * sum(vote.choice == "approve" for vote in cast) > len(cast)
        assert any(one.decision != "refuse" for one in found.items)


@given(benches(), st.booleans(), st.sampled_from(SEATS))
def test_another_refusal_never_turns_a_refusal_into_anything_else_nor_makes_an_approval_of_one(
    bench: tuple[Rule, list[Member], list[Vote]], opened: bool, seat: str
) -> None:
    rule, members, votes = bench
    before = outcome(rule, votes, members, ITEMS, opened=opened)
    more = [*members, Member("P-9999", seat, "P-9999")]
    after = outcome(rule, [*votes, Vote("P-9999", "refuse", ("no",))], more, ITEMS, opened=opened)
    if before.result == "refuse":
        assert after.result == "refuse"
    if before.result == "changes":
        assert after.result in ("changes", "refuse")
    if before.result == "approve" and after.result == "approve":
        strict = ("approve", "coarser", "refuse")
        for old, new in zip(before.items, after.items, strict=True):
            assert strict.index(new.decision) >= strict.index(old.decision)


@given(benches(), st.booleans())
def test_a_vote_changed_from_yes_to_no_never_helps(bench: tuple[Rule, list[Member], list[Vote]], opened: bool) -> None:
    rule, members, votes = bench
    before = outcome(rule, votes, members, ITEMS, opened=opened)
    changed = [
        Vote(v.person, "refuse", v.reasons) if v.choice == "approve" and n == 0 else v for n, v in enumerate(votes)
    ]
    after = outcome(rule, changed, members, ITEMS, opened=opened)
    assert not (before.result == "refuse" and after.result != "refuse")


@given(benches(), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_votes_and_of_members_does_not_matter(
    bench: tuple[Rule, list[Member], list[Vote]], opened: bool, lots: random.Random
) -> None:
    rule, members, votes = bench
    one = outcome(rule, votes, members, ITEMS, opened=opened)
    other_votes, other_members = [*votes], [*members]
    lots.shuffle(other_votes)
    lots.shuffle(other_members)
    assert outcome(rule, other_votes, other_members, ITEMS, opened=opened) == one


@given(benches(), st.booleans())
def test_who_is_out_does_not_count(bench: tuple[Rule, list[Member], list[Vote]], opened: bool) -> None:
    rule, members, votes = bench
    gone = {member.person for member in members if member.out}
    without = outcome(
        rule,
        [vote for vote in votes if vote.person not in gone],
        [member for member in members if not member.out],
        ITEMS,
        opened=opened,
    )
    assert outcome(rule, votes, members, ITEMS, opened=opened) == without


@given(benches())
def test_members_who_could_never_decide_are_seen_before_they_vote(
    bench: tuple[Rule, list[Member], list[Vote]],
) -> None:
    rule, members, _ = bench
    there = [member for member in members if not member.out]
    if len({member.human for member in there}) < len(there):
        return  # such a bench cannot be named at all: `test_panel.py`
    everybody = [Vote(member.person, "approve", ("yes",)) for member in there]
    decided = outcome(rule, everybody, members, ITEMS).result == "approve"
    gaps = allocation_gaps(rule, members)
    if not gaps:
        assert decided
    elif decided:  # what else a gap can say: who leads, and with which seat
        assert all("leads" in gap for gap in gaps)


def bench(*seats: str) -> list[Member]:
    found = [Member(f"P-{n:04d}", seat, f"P-{n:04d}") for n, seat in enumerate(seats)]
    return [Member(m.person, m.seat, m.human, m is found[0]) for m in found]


STANDARD = rules()["application", "standard"]
THREE = bench("independent", "lay", "official")


def ballots(members: list[Member], *choices: str, **more: tuple[ItemVote, ...]) -> list[Vote]:
    return [Vote(m.person, c, ("why",), more.get(m.seat, ())) for m, c in zip(members, choices, strict=False)]


@pytest.mark.parametrize(
    ("choices", "result"),
    [
        (("approve", "approve", "approve"), "approve"),
        (("approve", "approve", "refuse"), "approve"),
        (("refuse", "approve", "approve"), "refuse"),  # no independent member is for it
        (("approve", "refuse", "refuse"), "refuse"),
        (("approve", "changes", "changes"), "changes"),
        (("changes", "changes", "refuse"), "changes"),
        (("approve", "approve", "abstain"), "not-yet"),  # two votes are not three
        (("approve", "approve"), "not-yet"),
        ((), "not-yet"),
    ],
)
def test_what_three_members_decide(choices: tuple[str, ...], result: str) -> None:
    assert outcome(STANDARD, ballots(THREE, *choices), THREE).result == result


def test_a_tie_is_a_refusal() -> None:
    four = bench("independent", "lay", "official", "independent")
    assert outcome(STANDARD, ballots(four, "approve", "approve", "refuse", "refuse"), four).result == "refuse"


def test_a_member_who_does_not_come_is_not_waited_for_once_the_meeting_is_open() -> None:
    four = bench("independent", "lay", "official", "lay")
    votes = ballots(four, "approve", "approve", "approve")
    assert outcome(STANDARD, votes, four).result == "not-yet"
    assert outcome(STANDARD, votes, four, opened=True).result == "approve"


def test_an_emergency_needs_everybody() -> None:
    rule = rules()["emergency", "standard"]
    two = bench("independent", "official")
    assert outcome(rule, ballots(two, "approve", "approve"), two).result == "approve"
    assert outcome(rule, ballots(two, "approve", "refuse"), two).result == "refuse"
    assert outcome(rule, ballots(two, "approve"), two, opened=True).result == "not-yet"


@pytest.mark.parametrize(
    ("said", "decision", "instead"),
    [
        ({}, "approve", ""),
        ({"lay": "coarser"}, "approve", ""),  # two of three are for the fine item
        ({"lay": "coarser", "official": "coarser"}, "coarser", "t.coarse"),
        ({"lay": "coarser", "official": "refuse"}, "coarser", "t.coarse"),
        ({"lay": "refuse", "official": "refuse"}, "refuse", ""),
    ],
)
def test_each_item_needs_the_majority_that_the_whole_needs(said: dict[str, str], decision: str, instead: str) -> None:
    more = {seat: (ItemVote("t.fine", one, "t.coarse" if one == "coarser" else ""),) for seat, one in said.items()}
    found = outcome(STANDARD, ballots(THREE, "approve", "approve", "approve", **more), THREE, ITEMS)
    assert found.items == (ItemVote("t.fine", decision, instead), ItemVote("t.other", "approve"))


def test_an_approval_of_no_item_is_a_refusal() -> None:
    none = (ItemVote("t.fine", "refuse"),)
    more = dict.fromkeys(SEATS, none)
    assert (
        outcome(STANDARD, ballots(THREE, "approve", "approve", "approve", **more), THREE, ["t.fine"]).result == "refuse"
    )


def test_the_counts_tell_seats_and_no_person() -> None:
    found = outcome(STANDARD, ballots(THREE, "approve", "approve", "refuse"), THREE)
    assert found.counts == ("approve: 1 independent, 1 lay", "refuse: 1 official")


SHIPPED = """
[chair]
seat = "independent"
why = "x"
[[rule]]
risk = "standard"
kinds = ["application"]
least_votes = {votes}
least_independent = {independent}
least_lay = 0
majority = [{part}, {whole}]
unanimous = false
independent_approves = {approves}
chair_votes = true
why = "x"
"""


@pytest.mark.parametrize(
    "changes",
    [
        {"votes": 1},
        {"independent": 0},
        {"approves": 0},
        {"part": 1, "whole": 3},
        {"part": 1, "whole": 1},
        {},  # leaves kinds and classes out
    ],
)
def test_a_file_that_would_let_one_person_or_a_minority_decide_is_not_read(changes: dict[str, int]) -> None:
    given = {"votes": 3, "independent": 1, "part": 1, "whole": 2, "approves": 1, **changes}
    with pytest.raises(SchoolgateError):
        read_rules(SHIPPED.format(**given))


def test_every_kind_and_class_has_its_rule_and_more_risk_never_needs_less() -> None:
    for kind in KINDS:
        ordered = [rules()[kind, risk] for risk in RISKS]
        for lower, higher in pairwise(ordered):
            assert higher.least_votes >= lower.least_votes
            assert higher.least_independent >= lower.least_independent
            assert higher.majority[0] * lower.majority[1] >= lower.majority[0] * higher.majority[1]
            assert higher.plain
            assert higher.why


@pytest.mark.parametrize("rule", risk_rules(), ids=lambda rule: f"{rule.fact}-{rule.values[0]}")
def test_each_rule_of_risk_gives_its_class_and_its_reason(rule: object) -> None:
    for value in rule.values:  # type: ignore[attr-defined]
        found = triage(Facts(**{rule.fact: value}))  # type: ignore[attr-defined, arg-type]
        assert found.risk == rule.risk  # type: ignore[attr-defined]
        assert rule.why in found.why  # type: ignore[attr-defined]


def test_an_ordinary_request_is_standard_and_of_several_rules_the_gravest_counts() -> None:
    assert triage(Facts()) == triage(Facts(), [])
    both = triage(Facts(organisation_kind="company", commercial="direct"))
    assert both.risk == "high"
    assert len(both.why) == 2


@given(st.sets(st.sampled_from(range(len(risk_rules())))), st.sampled_from(range(len(risk_rules()))))
def test_one_rule_more_never_lowers_the_class(some: set[int], more: int) -> None:
    listed = risk_rules()
    facts = Facts(kind="matching", organisation_kind="police", commercial="direct", country="covered", special="yes")
    fewer = triage(facts, [listed[n] for n in some])
    further = triage(facts, [listed[n] for n in {*some, more}])
    assert RISKS.index(further.risk) >= RISKS.index(fewer.risk)
