"""Drafts whose authors are gone: a colleague takes over, and after a merger the people of the successor do."""

from __future__ import annotations

from datetime import date

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.people import person
from schoolgate.requests import drafting
from tests.requests.cast import Cast, codes, submitted, told
from tests.requests.drafts import begun, filled_in, handed_in, save


def merge(cast: Cast, clock: FixedClock) -> str:
    """The university becomes part of a third one; gives the id of an accredited researcher there."""
    other = people.add_organisation("Greater University (synthetic)", "university").id
    requests.insist(requests.organisation_merged(cast.university.id, other, "Joined.", cast.custodian, clock))
    return people.add_person(other, "researcher", accredited_until=date(2029, 12, 31)).id


def test_a_draft_of_an_organisation_that_merged_follows_and_can_be_handed_in(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock)
    heir = merge(cast, clock)
    assert [one.id for one in drafting.own(person(heir))] == [draft.id]
    seen = drafting.find(draft.id, person(heir))
    assert (seen.organisation_name, seen.may_write, seen.may_take_over) == (
        "Greater University (synthetic)",
        False,
        True,
    )
    taken = requests.insist(drafting.add_author(draft.id, heir, heir, clock))
    assert (taken.may_write, taken.may_take_over) == (True, False)
    # Those it named left with the merger: whoever goes on is named anew.
    left = codes(drafting.submit_draft(draft.id, taken.revision, heir, clock))
    assert {code for code, _ in left} == {"person-elsewhere"}
    saved = save(draft, "people", heir, clock, revision=1, people=[heir])
    assert isinstance(saved, drafting.Saved)
    now = drafting.find(draft.id, person(heir))
    made = requests.insist(drafting.submit_draft(draft.id, now.revision, heir, clock))
    assert told(made.id)[0]["organisation"] == "Greater University (synthetic)"
    assert made.organisation_id == person(heir).organisation_id


def test_what_was_sent_back_is_answered_by_the_successor_in_its_own_name(cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    requests.insist(requests.return_application(made.id, ["Who are you now?"], cast.custodian, clock))
    heir = merge(cast, clock)
    requests.insist(drafting.add_author(made.id, heir, heir, clock))
    draft = drafting.find(made.id, person(heir))
    save(draft, "people", heir, clock, revision=1, people=[heir])
    draft = drafting.find(made.id, person(heir))
    requests.insist(drafting.resubmit_draft(made.id, draft.revision, heir, clock))
    entry = told(made.id)[-1]
    now = people.organisation(person(heir).organisation_id)
    assert (entry["organisation"], entry["kind"]) == (now.name, now.kind)
    assert now.name == "Greater University (synthetic)"
    assert entry["changed"] == ["Your organisation", "Who would use the data?"]
    assert requests.application(made.id).organisation_id == person(heir).organisation_id


def test_nobody_else_reaches_a_draft_through_a_merger(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    rival = begun(cast, clock, cast.seller)
    heir = merge(cast, clock)
    for who, what in ((cast.seller, draft), (cast.researcher, draft), (heir, rival)):
        with pytest.raises(drafting.UnknownDraft):
            drafting.find(what.id, person(who))
        with pytest.raises(drafting.UnknownDraft):
            drafting.add_author(what.id, who, who, clock)
    assert drafting.own(person(cast.seller))[0].id == rival.id


def test_a_merger_of_a_merger_is_followed_to_its_end(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    first = person(merge(cast, clock)).organisation_id
    requests.insist(requests.organisation_merged(first, cast.company.id, "Bought.", cast.custodian, clock))
    assert people.successor(cast.university.id).id == cast.company.id
    assert people.stands_for(cast.company.id) == (cast.company.id, first, cast.university.id)
    assert drafting.find(draft.id, person(cast.seller)).may_take_over


def test_a_colleague_takes_over_when_every_author_left_and_not_before(cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    assert codes(drafting.add_author(made.id, cast.colleague, cast.colleague, clock)) >= {("not-an-author", "actor")}
    people.close_person(cast.researcher, reason="Left.")
    assert drafting.find(made.id, person(cast.colleague)).may_take_over
    # Also while it is before the custodian: somebody has to be able to take it back.
    requests.insist(drafting.add_author(made.id, cast.colleague, cast.colleague, clock))
    done = requests.insist(drafting.withdraw(made.id, "Nobody of us does it any more.", cast.colleague, clock))
    assert done.state == "withdrawn"


def test_what_nobody_is_an_author_of_any_more_waits_for_everybody(cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    requests.insist(requests.return_application(made.id, ["Say more."], cast.custodian, clock))
    colleague = person(cast.colleague)
    assert [one.waits_for_me for one in drafting.own(colleague)] == [""]
    people.close_person(cast.researcher, reason="Left.")
    assert [one.waits_for_me for one in drafting.own(colleague)] == ["answer"]
    heir = person(merge(cast, clock))
    assert [one.waits_for_me for one in drafting.own(heir)] == ["answer"]
    requests.insist(drafting.add_author(made.id, heir.id, heir.id, clock))
    other = people.add_person(heir.organisation_id, "researcher").id
    assert [one.waits_for_me for one in drafting.own(person(other))] == [""]


def test_who_left_is_no_author(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    people.close_person(cast.colleague, reason="Left.")
    assert codes(drafting.add_author(draft.id, cast.colleague, cast.researcher, clock)) == {
        ("person-elsewhere", "person")
    }


def test_an_organisation_with_a_new_name_can_answer_what_was_sent_back(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock, organisation=cast.university.name)
    requests.insist(requests.return_application(made.id, ["Say more."], cast.custodian, clock))
    requests.insist(
        requests.organisation_changed(
            cast.university.id, {"name": "Example University (synthetic)"}, "Act of 2026.", cast.custodian, clock
        )
    )
    draft = drafting.find(made.id, person(cast.researcher))
    assert drafting.check_whole(draft.spec, person(cast.researcher), clock) == ()
    again = requests.insist(drafting.resubmit_draft(made.id, draft.revision, cast.researcher, clock))
    assert again.state == "submitted"
