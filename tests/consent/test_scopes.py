"""A "no" to more than one use, and an item that is in dispute: what is recorded, what counts, what the public learns."""

from __future__ import annotations

import pytest

from schoolgate import consent, dictionary, people, register
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr

pytestmark = pytest.mark.django_db

RESEARCH, FUNDING = "education-research", "school-funding"
PUPIL = Pmr(7_654_321)
KIND = consent.Scope("kind", "company")


def organisation(name: str = "Tuition (synthetic)", kind: str = "company") -> str:
    return people.add_organisation(name, kind).id


def use(organisation_id: str, purpose: str = RESEARCH) -> consent.Use:
    """As the gate asks it."""
    body = people.one_body(organisation_id)
    return consent.Use((purpose,), body.kinds, body.ids)


def told() -> list[dict[str, object]]:
    names = ("by_kind", "by_recipient", "to_all")
    return [{n: e.body[n] for n in names} for e in register.events(type="objection.wider_totals", limit=1000)]


def test_a_no_to_a_kind_of_organisation_is_heard_by_that_kind_alone(clock: FixedClock) -> None:
    company, university = organisation(), organisation("University (synthetic)", "university")
    made = consent.lodge_objection(PUPIL, KIND, actor="account:1", clock=clock)
    assert (made.scope, made.purpose_id, made.overridden) == (KIND, "", False)
    assert consent.objecting_pupils(use(company)) == [PUPIL]
    assert consent.objecting_pupils(use(university)) == []
    assert consent.withdraw_objection(PUPIL, KIND, actor="account:1", clock=clock)
    assert consent.objecting_pupils(use(company)) == []


def test_a_no_to_one_organisation_is_heard_by_it_alone_whatever_the_purpose(clock: FixedClock) -> None:
    one, other = organisation(), organisation("Another (synthetic)")
    consent.lodge_objection(PUPIL, consent.Scope("recipient", one), actor="account:1", clock=clock)
    for purpose in (RESEARCH, "school-improvement"):
        assert consent.objecting_pupils(use(one, purpose)) == [PUPIL]
        assert consent.objecting_pupils(use(other, purpose)) == []


def test_a_no_to_all_is_heard_by_everybody_but_where_a_law_lets_the_use_go_on(clock: FixedClock) -> None:
    company = organisation()
    for to in (consent.ALL, KIND, consent.Scope("recipient", company)):
        consent.lodge_objection(PUPIL, to, actor="account:1", clock=clock)
        for purpose in dictionary.purposes():
            left_out = [] if purpose.statutory_override else [PUPIL]
            assert consent.objecting_pupils(use(company, purpose.id)) == left_out, (to, purpose.id)
        consent.withdraw_objection(PUPIL, to, actor="account:1", clock=clock)
    assert consent.objections_of(PUPIL) == ()


def test_one_no_does_not_take_another_back(clock: FixedClock) -> None:
    company = organisation()
    everything = [consent.Scope("purpose", RESEARCH), KIND, consent.Scope("recipient", company), consent.ALL]
    for to in everything:
        consent.lodge_objection(PUPIL, to, actor="account:1", clock=clock)
    assert {one.scope for one in consent.objections_of(PUPIL)} == set(everything)
    for to in everything:
        assert consent.objecting_pupils(use(company)) == [PUPIL]
        assert consent.withdraw_objection(PUPIL, to, actor="account:1", clock=clock)
        assert not consent.withdraw_objection(PUPIL, to, actor="account:1", clock=clock)
    assert consent.objecting_pupils(use(company)) == []


def test_an_organisation_that_became_part_of_another_takes_the_no_with_it(clock: FixedClock) -> None:
    """A training provider once renamed itself, kept its access and sold it: a no follows whoever took over."""
    small, part, whole = (organisation(f"{name} (synthetic)") for name in ("Small", "Part", "Whole"))
    university = organisation("University (synthetic)", "university")
    consent.lodge_objection(Pmr(1), consent.Scope("recipient", small), actor="account:1", clock=clock)
    consent.lodge_objection(Pmr(2), consent.Scope("recipient", whole), actor="account:1", clock=clock)
    consent.lodge_objection(Pmr(3), KIND, actor="account:1", clock=clock)
    assert consent.objecting_pupils(use(university)) == []
    for one, into in ((small, part), (part, whole), (university, whole)):
        people.merge_organisations(one, into, reason="Bought.", actor="", clock=clock)
    for one in (small, part, whole, university):
        assert consent.objecting_pupils(use(one)) == [1, 2, 3]
    assert people.one_body(university).kinds == ("university", "company")
    assert people.one_body(whole).kinds == ("company",)


@pytest.mark.parametrize(
    "to",
    [
        consent.Scope("purpose", "world-domination"),
        consent.Scope("kind", "warlord"),
        consent.Scope("kind", "family"),
        consent.Scope("recipient", "O-9999"),
        consent.Scope("recipient", "nonsense"),
        consent.Scope("all", "anything"),
        consent.Scope("weather", "rain"),
    ],
)
def test_what_there_is_not_cannot_be_said_no_to_and_nothing_is_recorded(to: consent.Scope, clock: FixedClock) -> None:
    for act in (consent.lodge_objection, consent.withdraw_objection):
        with pytest.raises(SchoolgateError):
            act(PUPIL, to, actor="account:1", clock=clock)
    assert consent.objections_of(PUPIL) == ()
    assert told() == []


def test_a_familys_own_looks_cannot_be_said_no_to(clock: FixedClock) -> None:
    built_in = people.add_organisation("Families (synthetic)", "family").id
    with pytest.raises(SchoolgateError):
        consent.lodge_objection(PUPIL, consent.Scope("recipient", built_in), actor="account:1", clock=clock)


def test_the_public_learns_three_rounded_totals_and_neither_whom_nor_which(clock: FixedClock) -> None:
    company = organisation()
    scopes = [KIND, consent.Scope("recipient", company), consent.ALL]
    for to in scopes:
        consent.lodge_objection(PUPIL, to, actor="account:4711", clock=clock)
        consent.withdraw_objection(PUPIL, to, actor="account:4711", clock=clock)
    nothing = {"by_kind": "fewer than 10", "by_recipient": "fewer than 10", "to_all": "fewer than 10"}
    assert told() == [nothing] * 6
    said = str([dict(event.body) for event in register.events(type="objection.wider_totals", limit=10)])
    for word in (company, "Tuition", "company", str(PUPIL), "4711"):
        assert word not in said


def test_a_child_counts_once_however_many_organisations_its_family_named(clock: FixedClock) -> None:
    for number in range(12):
        to = consent.Scope("recipient", organisation(f"Number {number} (synthetic)"))
        consent.lodge_objection(PUPIL, to, actor="account:1", clock=clock)
    assert told()[0]["by_recipient"] == "fewer than 10"


ITEM = "census_pupil.ethnicity"


def test_an_item_is_in_dispute_until_every_case_about_it_is_settled(clock: FixedClock) -> None:
    say = {"actor": "account:1", "clock": clock}
    before = consent.revision()
    assert consent.dispute_item(PUPIL, ITEM, case="C-1", **say)
    assert not consent.dispute_item(PUPIL, ITEM, case="C-1", **say)
    assert consent.dispute_item(PUPIL, ITEM, case="C-2", **say)
    assert set(consent.disputing_pupils([ITEM])[ITEM]) == {PUPIL}
    (shown,) = consent.disputes_of(PUPIL)
    assert (shown.item, shown.case, shown.since, shown.opened_by) == (ITEM, "C-1", clock.now(), "account:1")
    assert consent.settle_item(PUPIL, ITEM, case="C-1", **say)
    assert not consent.settle_item(PUPIL, ITEM, case="C-1", **say)
    assert set(consent.disputing_pupils([ITEM])[ITEM]) == {PUPIL}
    assert consent.settle_item(PUPIL, ITEM, case="C-2", **say)
    assert consent.disputing_pupils([ITEM]) == {}
    assert consent.dispute_item(PUPIL, ITEM, case="C-1", **say)
    assert consent.revision() > before  # a read that is running sees that something changed


def test_a_dispute_has_no_event(clock: FixedClock) -> None:
    before = register.log_size()
    consent.dispute_item(PUPIL, ITEM, case="C-1", actor="account:1", clock=clock)
    consent.settle_item(PUPIL, ITEM, case="C-1", actor="account:1", clock=clock)
    assert register.log_size() == before


@pytest.mark.parametrize("item", ["census_pupil.nothing", "ethnicity", "", "identity.shoe_size"])
def test_only_an_item_of_the_record_can_be_disputed(item: str, clock: FixedClock) -> None:
    with pytest.raises(SchoolgateError) as refused:
        consent.dispute_item(PUPIL, item, case="C-1", actor="account:1", clock=clock)
    assert refused.value.code == "item-unknown"
    assert consent.disputes_of(PUPIL) == ()
