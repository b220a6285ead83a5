"""What a family sees and does: who has the data, the proof of it, and saying no."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from schoolgate import consent, dictionary, register, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate.releases.models import ExtractOrder
from tests.requests import road
from tests.requests.cast import Cast, enter_cast, signed
from tests.rights.house import CHILD, SIBLING, SIBLING_UPN, House

RESEARCH = "education-research"
SEX, MEALS = "census_pupil.sex", "census_pupil.fsmeligible"


@pytest.fixture
def cast(db: None) -> Cast:
    return enter_cast()


def every_use(house: House, link: rights.ChildLink) -> list[Callable[[], object]]:
    """Every function of the room that takes a link."""
    return [
        lambda: rights.lines_for(link, config=house.config),
        lambda: rights.who_has(link, config=house.config),
        lambda: rights.objections(link),
        lambda: rights.object_to(link, RESEARCH, clock=house.clock),
        lambda: rights.withdraw(link, RESEARCH, clock=house.clock),
        lambda: rights.my_record(link, clock=house.clock, config=house.config, gate=house.gate),
        lambda: rights.proof_file(link, "R-0000000000000001", config=house.config, gate=house.gate),
        lambda: rights.end_link(link, clock=house.clock),
        lambda: rights.child(link.account_id, link.id),
    ]


def test_a_line_says_who_what_why_on_what_basis_since_when_until_when_and_where(
    house: House, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock, "small-numbers: 10")
    first = house.release(agreement, [1, 2, int(CHILD)], (SEX,))
    house.clock = FixedClock(clock.now() + timedelta(days=30))
    second = house.release(agreement, [int(CHILD)], (MEALS, SEX))
    house.release(agreement, [1, 2, int(SIBLING)], (SEX,))
    (line,) = rights.lines_for(house.link(), config=house.config)
    assert line.organisation == "University of Example (synthetic)"
    assert line.purpose_plain == agreement.purpose_plain
    assert line.purpose == next(p.name for p in dictionary.purposes() if p.id == RESEARCH)
    assert line.why
    assert line.lawful_basis == "UK GDPR Article 6(1)(e)"
    assert line.gateway == "Education Act 1996 s.537A(5)"
    assert line.items == (MEALS, SEX)
    assert [item.id for item in line.items_in_words] == [MEALS, SEX]
    assert all(item.name and item.description for item in line.items_in_words)
    assert (line.first_at, line.last_at) == (clock.now(), clock.now() + timedelta(days=30))
    assert line.until == agreement.valid_until
    assert (line.processed_at, line.country) == ("Safe setting", "United Kingdom")
    assert line.conditions == ("Numbers of pupils below 10 may not be published.",)
    assert line.standing == "in force"
    assert [release.release_id for release in line.releases] == [second, first]
    assert all(release.can_prove and release.state == "settled" for release in line.releases)


def test_a_release_that_is_being_worked_out_is_shown_and_cannot_be_proved_yet(
    house: House, cast: Cast, clock: FixedClock
) -> None:
    release_id = house.release(signed(cast, clock), [1, 2], (SEX,), settled=False)
    link = house.link()
    ((release,),) = [line.releases for line in rights.lines_for(link, config=house.config)]
    assert (release.state, release.can_prove) == ("being worked out", False)
    with pytest.raises(rights.UnknownLine):
        rights.proof_file(link, release_id, config=house.config, gate=house.gate)
    house.settle(release_id)
    assert rights.lines_for(link, config=house.config) == ()


def test_each_agreement_has_its_line_the_latest_first(house: House, cast: Cast, clock: FixedClock) -> None:
    one, two = signed(cast, clock), signed(cast, clock, title="Another")
    house.release(one, [int(CHILD)], (SEX,))
    house.release(two, [int(CHILD)], (MEALS,))
    house.release(one, [int(CHILD)], (SEX,))
    link = house.link()
    assert [line.agreement_id for line in rights.lines_for(link, config=house.config)] == [one.id, two.id]
    by_release = rights.who_has(link, config=house.config)
    assert [(line.agreement_id, line.items) for line in by_release] == [
        (one.id, (SEX,)),
        (two.id, (MEALS,)),
        (one.id, (SEX,)),
    ]
    assert len({line.release_id for line in by_release}) == 3


def test_the_line_says_when_the_agreement_ended_and_the_data_was_destroyed(
    house: House, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock)
    house.release(agreement, [int(CHILD)], (SEX,))
    link = house.link()
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    assert "not yet certified" in rights.lines_for(link, config=house.config)[0].standing
    requests.insist(road.destroyed(agreement.id, "Erased.", cast.researcher, cast.witness, clock))
    assert "is certified destroyed" in rights.lines_for(link, config=house.config)[0].standing


def test_a_child_of_whom_nothing_was_given_has_no_lines(house: House) -> None:
    assert rights.lines_for(house.link(), config=house.config) == ()
    assert rights.who_has(house.link(), config=house.config) == ()


def test_a_proof_file_proves_that_the_child_is_in_the_release_that_the_log_tells(
    house: House, cast: Cast, clock: FixedClock
) -> None:
    release_id = house.release(signed(cast, clock), [3, 5, int(CHILD), 9], (SEX,))
    proof = rights.proof_file(house.link(), release_id, config=house.config, gate=house.gate)
    assert set(proof) == {"schoolgate", "release", "settled", "key", "child_ref", "salt"} | {
        f"member_{part}" for part in ("index", "count", "path")
    }
    assert proof["schoolgate"] == "family-proof/1"
    assert proof["key"] == register.verifier_key(house.config)
    assert proof["settled"]["event"]["release"] == proof["release"]["event"]["subject"] == release_id
    register.verify_member(
        bytes.fromhex(proof["salt"]),
        bytes.fromhex(proof["child_ref"]),
        proof["member_index"],
        proof["member_count"],
        [bytes.fromhex(part) for part in proof["member_path"]],
        bytes.fromhex(proof["settled"]["event"]["members_root"]),
    )
    for part in ("release", "settled"):
        assert dict(register.event(proof[part]["index"]).body) == proof[part]["event"]
        assert proof[part]["proof"] == register.receipt_proof(proof[part]["index"], house.config)
    json.dumps(proof)


def test_the_proof_of_a_release_without_the_child_is_refused_like_one_that_does_not_exist(
    house: House, cast: Cast, clock: FixedClock
) -> None:
    others = house.release(signed(cast, clock), [int(SIBLING)], (SEX,))
    link = house.link()
    said = []
    for release_id in (others, "R-ffffffffffffffff", "", "../../key"):
        with pytest.raises(rights.UnknownLine) as refused:
            rights.proof_file(link, release_id, config=house.config, gate=house.gate)
        said.append(str(refused.value))
    assert len(set(said)) == 1


def test_the_record_is_read_through_the_gate_as_this_accounts_look(house: House) -> None:
    link = house.link()
    record = rights.my_record(link, clock=house.clock, config=house.config, gate=house.gate)
    assert record.tables["census_pupil"]
    assert house.gate.asked == [("subject access", int(CHILD), f"account:{house.parent}")]


def test_saying_no_to_one_use_leaves_the_child_out_of_the_next_read_and_is_taken_back_as_easily(
    house: House,
) -> None:
    link = house.link()
    said = rights.object_to(link, RESEARCH, clock=house.clock)
    assert rights.objections(link) == (said,)
    assert consent.objecting_pupils(consent.Use((RESEARCH,))) == [CHILD]
    assert consent.objecting_pupils(consent.Use(("commercial-product",))) == []
    assert rights.withdraw(link, RESEARCH, clock=house.clock)
    assert rights.objections(link) == ()
    assert consent.objecting_pupils(consent.Use((RESEARCH,))) == []


def test_one_parents_no_is_seen_by_the_other_who_cannot_take_it_back(house: House) -> None:
    """Both act for the same child; the page of each shows what stands."""
    mine, theirs = house.link(house.parent), house.link(house.stranger)
    rights.object_to(mine, RESEARCH, clock=house.clock)
    assert [objection.purpose_id for objection in rights.objections(theirs)] == [RESEARCH]
    refused = rights.withdraw(theirs, RESEARCH, clock=house.clock)
    assert isinstance(refused, Refusal)
    assert refused.code == "no-of-another"
    assert consent.objecting_pupils(consent.Use((RESEARCH,))) == [CHILD]
    assert rights.withdraw(mine, RESEARCH, clock=house.clock) is True


def test_a_no_that_a_law_overrides_is_recorded_and_names_the_law(house: House) -> None:
    purpose = next(p for p in dictionary.purposes() if p.statutory_override)
    said = rights.object_to(house.link(), purpose.id, clock=house.clock)
    assert (said.overridden, said.provision) == (True, purpose.provision)
    assert consent.objecting_pupils(consent.Use((purpose.id,))) == []


def test_a_link_of_another_account_opens_nothing(house: House) -> None:
    """Somebody who knows another family's link number, with their own account or with the family's."""
    mine = house.link()
    forged = rights.ChildLink(id=mine.id, account_id=house.stranger, since=mine.since)
    for use in every_use(house, forged):
        with pytest.raises(rights.UnknownLink):
            use()
    assert house.gate.asked == []
    assert consent.objections_of(CHILD) == ()
    assert rights.children(house.parent) == (mine,)


@pytest.mark.parametrize("number", [0, 1, -1, 2**62, 2**63 - 1])
def test_a_number_that_is_no_link_opens_nothing(number: int, house: House) -> None:
    forged = rights.ChildLink(id=number, account_id=house.parent, since=house.clock.now())
    for use in every_use(house, forged):
        with pytest.raises(rights.UnknownLink):
            use()


def test_a_link_that_the_account_gave_up_opens_nothing_and_the_answer_is_the_same(house: House) -> None:
    link = house.link()
    rights.end_link(link, clock=house.clock)
    said = set()
    for use in every_use(house, link):
        with pytest.raises(rights.UnknownLink) as refused:
            use()
        said.add(str(refused.value))
    with pytest.raises(rights.UnknownLink) as never:
        rights.child(house.parent, 12345)
    assert said == {str(never.value)}


def test_link_numbers_are_random_and_say_nothing_of_order(house: House) -> None:
    one, two = house.link(), house.link(upn=SIBLING_UPN)
    assert min(one.id, two.id) > 2**32
    assert abs(one.id - two.id) > 1_000_000
    assert max(one.id, two.id) < 2**63


def test_nothing_given_out_or_raised_holds_the_childs_reference(house: House, cast: Cast, clock: FixedClock) -> None:
    release_id = house.release(signed(cast, clock), [int(CHILD)], (SEX,))
    link = house.link()
    shown = [
        link,
        rights.lines_for(link, config=house.config),
        rights.who_has(link, config=house.config),
        rights.object_to(link, RESEARCH, clock=clock),
        rights.objections(link),
        rights.my_record(link, clock=clock, config=house.config, gate=house.gate),
        rights.proof_file(link, release_id, config=house.config, gate=house.gate),
    ]
    assert str(int(CHILD)) not in repr(shown)
    assert "Synthetic'" not in repr(shown[5])
    rights.end_link(link, clock=clock)
    with pytest.raises(SchoolgateError) as refused:
        rights.lines_for(link)
    assert str(int(CHILD)) not in str(refused.value)


def test_a_line_tells_a_file_that_left_and_a_question_by_name_from_an_answer(
    house: House, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock)
    asked = house.release(agreement, [int(CHILD)], (SEX,))
    left = house.release(agreement, [int(CHILD)], (SEX,))
    named = house.release(agreement, [int(CHILD)], (SEX, "identity.surname", "identity.dob"))
    broken = house.release(agreement, [int(CHILD)], (SEX,))
    for number, release in enumerate((left, broken), start=1):
        ExtractOrder.objects.create(
            order_id=f"X-{number}", agreement_id=agreement.id, organisation_id="O-0001", person_id="P-0001",
            sql="SELECT pupil", form=".csv", state="ready", ordered_at=clock.now(), release_id=release,
        )  # fmt: skip
    ready = {"agreement": agreement.id, "release": left, "file_sha256": "0" * 64, "until": "2026-10-01"}
    with transaction.atomic():
        register.append_event("extract.ready", "X-1", ready, clock.now())  # of the other nothing was sealed
    (line,) = rights.lines_for(house.link(), config=house.config)
    assert {one.release_id: one.way for one in line.releases} == {
        asked: "", left: "extract", broken: "", named: "look-up",
    }  # fmt: skip
    assert [one.releases[0].way for one in rights.who_has(house.link(), config=house.config)] == [
        "", "look-up", "extract", "",
    ]  # fmt: skip
