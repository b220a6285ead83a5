"""Drafts: who may see and write them, saving at the same time, comments, handing in, again and back."""

from __future__ import annotations

from typing import Any

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.people import person
from schoolgate.requests import drafting
from schoolgate.requests.drafting.models import Content, Draft, DraftVersion
from schoolgate.requests.models import Request
from schoolgate.requests.panel.models import Case, CaseMember
from tests.requests.cast import Cast, a_spec, codes, told
from tests.requests.drafts import begun, filled_in, handed_in, save
from tests.requests.test_draft_files import put


def returned(made: requests.Application, cast: Cast, clock: FixedClock) -> None:
    requests.insist(requests.return_application(made.id, ["Say who pays."], cast.custodian, clock))


def named(made: requests.Application, member: str, clock: FixedClock, out: str = "") -> None:
    row = Request.objects.get(application_id=made.id)
    case = Case.objects.create(
        request=row, kind="application", state="deciding", risk="low", opened_by="P-0001", opened_at=clock.now()
    )
    CaseMember.objects.create(case=case, person=member, seat="lay", human=member, named_at=clock.now(), out=out)


def test_a_draft_is_filled_in_page_by_page_checked_whole_and_handed_in(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock)
    assert (draft.id, draft.state, draft.may_write) == ("D-2026-0001", "drafted", True)
    assert drafting.check_whole(draft.spec, person(cast.researcher), clock) == ()
    made = requests.insist(drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock))
    assert (made.id, made.state) == ("APP-2026-0001", "submitted")
    (received,) = told(made.id)
    assert received["request_kind"] == "research"
    assert received["commercial_interest"] == "none"
    assert received["funders"] == ["none"]
    assert received["public_benefit"] == "Schools learn where help is missing."
    assert (received["identifiability"], received["sensitivity"]) == (4, "C")
    assert cast.researcher not in str(received)
    view = drafting.find(made.id, person(cast.researcher))
    assert [version.number for version in view.versions] == [1]
    # Only what was needed goes on: answers to questions that do not arise stay out.
    assert {one.question for one in made.spec.answers} == {one.id for one in drafting.questions(made.spec)}


def test_an_empty_draft_says_everything_that_is_missing_each_with_its_page(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    outcome = drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock)
    found = codes(outcome)
    missing = {where for code, where in found if code == "field-missing"}
    assert {"title", "people", "public_benefit", "dpia_date", "conflicts", "retention_until"} <= missing
    assert {drafting.section_of(where).id for _, where in found} >= {"organisation", "purpose", "law", "items", "time"}
    assert not Request.objects.exists()


def test_saving_keeps_what_is_half_done_and_gives_it_back(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    saved = save(draft, "purpose", cast.researcher, clock, title="Half of it", purpose_plain="Line one\r\nline two ")
    assert saved == drafting.Saved(draft.id, "purpose", 1)
    again = drafting.find(draft.id, person(cast.researcher))
    assert (again.spec.title, again.spec.purpose_plain) == ("Half of it", "Line one\nline two")
    assert again.saved["purpose"].by == cast.researcher


def test_the_law_comes_before_the_items(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    early = save(draft, "items", cast.researcher, clock, items=["census_pupil.sex"])
    assert codes(early) == {("first-things-first", "purpose")}
    requests.insist(save(draft, "purpose", cast.researcher, clock, purpose="education-research"))
    assert codes(save(draft, "items", cast.researcher, clock, items=["census_pupil.sex"])) == {
        ("first-things-first", "lawful_basis")
    }
    law = {"lawful_basis": "UK GDPR Article 6(1)(e)", "gateway": "Education Act 1996 s.537A(5)"}
    requests.insist(save(draft, "law", cast.researcher, clock, **law))
    requests.insist(save(draft, "items", cast.researcher, clock, items=["census_pupil.sex"]))


TAMPERED: list[tuple[str, str, dict[str, Any], tuple[str, str]]] = [
    ("a field of another page", "purpose", {"gateway": "all of it"}, ("form-field", "gateway")),
    ("a field that there is not", "purpose", {"state": "approved"}, ("form-field", "state")),
    ("another organisation", "purpose", {"organisation": "O-0002"}, ("form-field", "organisation")),
    ("a list where a text should be", "purpose", {"title": ["a"]}, ("form-field", "title")),
    ("a number in a list of texts", "people", {"people": [1]}, ("form-field", "people")),
    ("a date that is none", "time", {"valid_from": "2026-02-30"}, ("form-field", "valid_from")),
    ("a page that there is not", "budget", {}, ("section-unknown", "section")),
    ("text that turns the reading round", "purpose", {"title": "a \u202e b"}, ("text", "title")),
    ("a NUL", "purpose", {"title": "a \x00 b"}, ("text", "title")),
    ("a text without end", "purpose", {"purpose_plain": "x" * 2_001}, ("text", "purpose_plain")),
    (
        "an invisible mark in a row",
        "place",
        {"processors": [{"name": "Ex\u200bample"}]},
        ("text", "processors, number 1"),
    ),
    (
        "a row with a column too many",
        "place",
        {"processors": [{"name": "Example", "password": "x"}]},
        ("form-field", "processors"),
    ),
]


@pytest.mark.parametrize(("what", "section", "values", "expected"), TAMPERED, ids=[row[0] for row in TAMPERED])
def test_a_tampered_page_is_refused_with_its_field_and_nothing_is_saved(
    what: str, section: str, values: dict[str, Any], expected: tuple[str, str], cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    assert codes(save(draft, section, cast.researcher, clock, **values)) == {expected}
    assert drafting.find(draft.id, person(cast.researcher)).revision == 0


def test_the_second_of_two_who_save_is_told_what_changed_and_loses_nothing(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    requests.insist(drafting.add_author(draft.id, cast.colleague, cast.researcher, clock))
    requests.insist(save(draft, "benefit", cast.researcher, clock, harm="Mine.", public_benefit="The same."))
    second = save(draft, "benefit", cast.colleague, clock, harm="Theirs.", public_benefit="The same.")
    assert isinstance(second, drafting.Saved)
    (clash,) = second.clash
    assert (clash.field, clash.before, clash.after) == ("harm", ("Mine.",), ("Theirs.",))
    assert (second.by, second.revision) == (cast.researcher, 1)
    assert drafting.find(draft.id, person(cast.colleague)).spec.harm == "Mine."
    knowing = save(draft, "benefit", cast.colleague, clock, revision=second.revision, harm="Both.")
    assert knowing == drafting.Saved(draft.id, "benefit", 2)


def test_two_who_save_different_pages_do_not_meet(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    requests.insist(drafting.add_author(draft.id, cast.colleague, cast.researcher, clock))
    one = save(draft, "benefit", cast.researcher, clock, harm="Mine.")
    two = save(draft, "conflicts", cast.colleague, clock, conflicts="none")
    assert isinstance(one, drafting.Saved)
    assert isinstance(two, drafting.Saved)
    assert one.clash == two.clash == ()


def test_only_authors_write_and_only_colleagues_can_be_added(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    seen = drafting.find(draft.id, person(cast.colleague))
    assert not seen.may_write
    assert codes(save(draft, "benefit", cast.colleague, clock, harm="x")) == {("not-an-author", "actor")}
    assert codes(drafting.add_author(draft.id, cast.colleague, cast.colleague, clock)) == {("not-an-author", "actor")}
    for stranger in (cast.seller, cast.panel[0], cast.insider, "P-9999", "nobody"):
        assert codes(drafting.add_author(draft.id, stranger, cast.researcher, clock)) == {
            ("person-elsewhere", "person")
        }
    requests.insist(drafting.add_author(draft.id, cast.colleague, cast.researcher, clock))
    assert codes(drafting.add_author(draft.id, cast.colleague, cast.researcher, clock)) == {("person-twice", "person")}
    requests.insist(save(draft, "benefit", cast.colleague, clock, harm="x"))


@pytest.mark.parametrize("who", ["seller", "custodian", "panel", "insider"])
def test_a_draft_is_its_organisations_alone_and_looks_to_others_as_if_it_were_not(
    who: str, cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    other = {"seller": cast.seller, "custodian": cast.custodian, "panel": cast.panel[0], "insider": cast.insider}[who]
    answers = []
    for reference in (draft.id, "D-2026-9999"):
        with pytest.raises(drafting.UnknownDraft) as unknown:
            drafting.find(reference, person(other))
        answers.append(str(unknown.value))
        with pytest.raises(drafting.UnknownDraft):
            drafting.save_section(reference, "benefit", 0, {"harm": "x"}, other, clock)
        with pytest.raises(drafting.UnknownDraft):
            drafting.submit_draft(reference, 0, other, clock)
        with pytest.raises(drafting.UnknownDraft):
            drafting.comment(reference, "benefit", "Hello", True, other, clock)
        with pytest.raises(drafting.UnknownDraft):
            drafting.attach_piece(reference, 0, "", other, clock)
    assert answers[0] == answers[1]


def test_once_handed_in_the_custodian_and_named_members_see_it_and_a_rival_never(cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    overseer = people.add_person(people.add_organisation("Overseer (synthetic)", "regulator").id, "overseer").id
    named(made, cast.panel[0], clock)
    named(made, cast.insider, clock, out="conflict")
    sees = {
        who: requests.may_see(person(who), made.id)
        for who in (cast.researcher, cast.colleague, cast.custodian, overseer, *cast.panel, cast.insider, cast.seller)
    }
    assert [who for who, may in sees.items() if not may] == [cast.panel[1], cast.insider, cast.seller]
    assert not requests.may_see(person(cast.custodian), "APP-2026-9999")
    with pytest.raises(drafting.UnknownDraft):
        drafting.find(made.id, person(cast.seller))


def test_who_looks_from_outside_sees_what_was_handed_in_not_what_is_being_written(
    cast: Cast, clock: FixedClock
) -> None:
    made = handed_in(cast, clock)
    returned(made, cast, clock)
    draft = drafting.find(made.id, person(cast.researcher))
    assert draft.may_write
    requests.insist(save(draft, "benefit", cast.researcher, clock, revision=1, harm="Not for others yet."))
    assert drafting.find(made.id, person(cast.researcher)).spec.harm == "Not for others yet."
    assert drafting.find(made.id, person(cast.custodian)).spec.harm == made.spec.harm


def test_what_was_handed_in_stands_until_it_is_returned(cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    draft = drafting.find(made.id, person(cast.researcher))
    assert not draft.may_write
    assert codes(save(draft, "benefit", cast.researcher, clock, revision=1, harm="Later.")) == {
        ("not-possible-now", "")
    }
    assert ("not-possible-now", "") in codes(drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock))
    assert ("not-possible-now", "") in codes(drafting.resubmit_draft(made.id, draft.revision, cast.researcher, clock))


def test_a_returned_application_comes_back_as_a_new_version_and_the_old_one_is_kept(
    cast: Cast, clock: FixedClock
) -> None:
    made = handed_in(cast, clock)
    returned(made, cast, clock)
    draft = drafting.find(made.id, person(cast.researcher))
    requests.insist(
        save(draft, "organisation", cast.researcher, clock, revision=1, funders=["Example Trust (synthetic)"])
    )
    items = ["census_pupil.sex", "census_pupil.age"]
    requests.insist(save(draft, "items", cast.researcher, clock, revision=1, items=items))
    stale = drafting.resubmit_draft(made.id, draft.revision, cast.researcher, clock)
    assert ("saved-meanwhile", "revision") in codes(stale)
    now = drafting.find(made.id, person(cast.researcher))
    assert {where for _, where in codes(drafting.resubmit_draft(made.id, now.revision, cast.researcher, clock))} == {
        "item_reasons, census_pupil.age"
    }
    reasons = [{"item": item, "why": "Needed for this study.", "why_not_less": "It is too coarse."} for item in items]
    requests.insist(save(draft, "reasons", cast.researcher, clock, revision=1, item_reasons=reasons))
    now = drafting.find(made.id, person(cast.researcher))
    again = requests.insist(drafting.resubmit_draft(made.id, now.revision, cast.researcher, clock))
    assert (again.id, again.state) == (made.id, "submitted")
    assert requests.application(made.id).spec.items == tuple(items)
    one, two = drafting.find(made.id, person(cast.custodian)).versions
    assert one.spec == made.spec
    changes = {change.field: change for change in drafting.differences(one.spec, two.spec)}
    assert set(changes) == {"funders", "items", "item_reasons", "answers"}
    assert changes["items"].removed == ("Free school meals (census_pupil.fsmeligible)",)
    assert changes["items"].added == ("Age (census_pupil.age)",)
    _, _, event = told(made.id)
    assert (event["type"], event["version"]) == ("application.resubmitted", 2)
    assert "Who pays for it?" in event["changed"]


def test_a_draft_that_changed_after_it_was_checked_is_not_handed_in(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock)
    requests.insist(save(draft, "benefit", cast.researcher, clock, revision=1, harm="Something else."))
    outcome = drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock)
    assert codes(outcome) == {("saved-meanwhile", "revision")}


def test_an_application_is_taken_back_with_a_reason_and_stays_in_public(cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    assert ("reason-missing", "reason") in codes(drafting.withdraw(made.id, " ", cast.researcher, clock))
    assert codes(drafting.withdraw(made.id, "Theirs.", cast.colleague, clock)) == {("not-an-author", "actor")}
    with pytest.raises(drafting.UnknownDraft):
        drafting.withdraw(made.id, "A rival's.", cast.seller, clock)
    assert ("not-your-decision", "") in codes(drafting.withdraw(made.id, "Away.", cast.custodian, clock))
    gone = requests.insist(drafting.withdraw(made.id, "The study ended.", cast.researcher, clock))
    assert gone.state == "withdrawn"
    _, event = told(made.id)
    assert (event["type"], event["reason"]) == ("application.withdrawn", "The study ended.")
    assert codes(drafting.withdraw(made.id, "Again.", cast.researcher, clock)) == {("not-possible-now", "")}


def test_colleagues_talk_among_themselves_until_they_share(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    assert ("not-possible-now", "shared") in codes(
        drafting.comment(draft.id, "benefit", "For the panel", True, cast.researcher, clock)
    )
    requests.insist(drafting.comment(draft.id, "benefit", "Is this honest?", False, cast.colleague, clock))
    made = handed_in(cast, clock)
    own = requests.insist(drafting.comment(made.id, "items", "Between us.", False, cast.colleague, clock))
    shared = requests.insist(drafting.comment(made.id, "items", "We can do without sex.", True, cast.researcher, clock))
    asked = requests.insist(drafting.comment(made.id, "law", "Which paragraph?", False, cast.custodian, clock))
    assert [one.id for one in drafting.find(made.id, person(cast.custodian)).comments] == [shared, asked]
    assert [one.id for one in drafting.find(made.id, person(cast.colleague)).comments] == [own, shared, asked]
    assert codes(drafting.resolve(made.id, own, cast.custodian, clock)) == {("comment-unknown", "comment")}
    requests.insist(drafting.resolve(made.id, asked, cast.researcher, clock))
    assert codes(drafting.resolve(made.id, asked, cast.custodian, clock)) == {("not-possible-now", "comment")}
    settled = drafting.find(made.id, person(cast.custodian)).comments[-1]
    assert (settled.resolved_by, settled.text) == (cast.researcher, "Which paragraph?")


@pytest.mark.parametrize("text", ["", "  ", "x" * 2_001, "a \u202e b", "a \x00"])
def test_a_comment_is_something_that_can_be_shown(text: str, cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    assert codes(drafting.comment(draft.id, "benefit", text, False, cast.researcher, clock)) == {("text", "text")}


def test_a_list_shows_the_organisations_own_and_what_waits(cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    begun(cast, clock)
    requests.insist(drafting.comment(made.id, "law", "Which paragraph?", False, cast.custodian, clock))
    lines = {line.state: line for line in drafting.own(person(cast.researcher))}
    assert (lines["drafted"].waits_for_me, lines["submitted"].waits_for_me) == ("finish", "")
    assert lines["submitted"].open_comments == 1
    assert {line.waits_for_me for line in drafting.own(person(cast.colleague))} == {""}
    assert drafting.own(person(cast.seller)) == drafting.own(person(cast.custodian)) == ()
    returned(made, cast, clock)
    assert {line.state: line.waits_for_me for line in drafting.own(person(cast.researcher))}["returned"] == "answer"


def test_nobody_but_a_researcher_begins_a_draft(cast: Cast, clock: FixedClock) -> None:
    for who in (cast.custodian, cast.panel[0]):
        assert codes(drafting.start(who, clock)) == {("not-your-decision", "actor")}
    assert not Draft.objects.exists()


def test_an_application_from_a_file_has_a_paper_too_and_comes_back_from_a_file(cast: Cast, clock: FixedClock) -> None:
    made = requests.insist(requests.submit_application(a_spec(cast), cast.researcher, clock))
    assert drafting.find(made.id, person(cast.researcher)).versions[0].spec == made.spec
    returned(made, cast, clock)
    changed = a_spec(cast, title="A better name")
    with pytest.raises(drafting.UnknownDraft):
        requests.resubmit_application(made.id, changed, cast.seller, clock)
    again = requests.insist(requests.resubmit_application(made.id, changed, cast.researcher, clock))
    assert again.spec.title == "A better name"
    assert DraftVersion.objects.count() == 2


def test_an_application_does_not_change_its_organisation_on_the_way(cast: Cast, clock: FixedClock) -> None:
    made = requests.insist(requests.submit_application(a_spec(cast), cast.researcher, clock))
    returned(made, cast, clock)
    other = a_spec(cast, organisation=cast.company.id, people=(cast.seller,))
    assert ("not-your-organisation", "organisation") in codes(
        requests.resubmit_application(made.id, other, cast.researcher, clock)
    )


def test_an_impact_assessment_that_is_a_file_has_to_be_attached(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock, dpia_reference="dpia.pdf")
    outcome = drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock)
    assert codes(outcome) == {("file-unknown", "dpia_reference")}


def test_a_draft_is_thrown_away_with_all_that_belongs_to_it_and_what_was_handed_in_is_not(
    cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    requests.insist(drafting.comment(draft.id, "benefit", "Hm.", False, cast.researcher, clock))
    put(draft, "one.txt", b"mine alone", cast.researcher, clock)
    put(draft, "two.txt", b"also elsewhere", cast.researcher, clock)
    elsewhere = begun(cast, clock)
    put(elsewhere, "two.txt", b"also elsewhere", cast.researcher, clock)
    assert codes(drafting.discard(draft.id, cast.colleague, clock)) == {("not-an-author", "actor")}
    assert drafting.discard(draft.id, cast.researcher, clock) == draft.id
    with pytest.raises(drafting.UnknownDraft):
        drafting.find(draft.id, person(cast.researcher))
    assert [bytes(one.data) for one in Content.objects.all()] == [b"also elsewhere"]
    made = handed_in(cast, clock)
    returned(made, cast, clock)
    assert codes(drafting.discard(made.id, cast.researcher, clock)) == {("not-possible-now", "draft")}


def test_who_has_left_the_organisation_is_not_named_and_sees_nothing_any_more(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock, people=(cast.researcher, cast.colleague))
    people.close_person(cast.colleague, reason="Another post.", actor=cast.custodian, clock=clock)
    outcome = drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock)
    assert codes(outcome) == {("person-left", "people, number 2")}
    with pytest.raises(drafting.UnknownDraft):
        drafting.find(draft.id, person(cast.colleague))
