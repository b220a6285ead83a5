"""The custodian's and the panel's pages: the whole road by hand, who sees what, and what is typed stays text."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from schoolgate import people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.requests.bench import Bench, all_vote, before, enter_bench
from tests.requests.cast import Cast, enter_cast, signed, submitted
from tests.web.staff import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(home: Config, clock: FixedClock, settings: Any) -> None:
    settings.CONFIG = home
    settings.CLOCK = clock


@pytest.fixture
def cast(db: None) -> Cast:
    return enter_cast()


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


def as_person(person: str) -> Client:
    client = Client()
    sign_in_as(client, person)
    return client


def sent(client: Client, address: str, **given: Any) -> str:
    """Send a form that is taken; gives the page one comes out at."""
    answer = client.post(address, given, follow=True)
    assert answer.redirect_chain, answer.content.decode()
    return answer.content.decode()


def test_the_whole_road_by_hand(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    made = submitted(cast, clock).id
    office = as_person(cast.custodian)
    assert made in office.get("/custodian/").content.decode()
    page = f"/custodian/application/{made}/"
    shown = office.get(page).content.decode()
    for words in ("Absence and free school meals", "Nobody has checked it yet", "At least 3 votes", "standard"):
        assert words in shown
    assert "It is complete" in sent(office, f"{page}check/")
    sent(office, f"{page}allocate/", members=list(bench.three), chair=bench.three[0])
    (case,) = requests.cases_of(made, people.person(cast.custodian))
    about = f"/custodian/case/{case.id}/"
    for member in bench.three:
        voter = as_person(member)
        assert made in voter.get("/custodian/").content.decode()
        assert voter.get(page).status_code == 200
        given = {"choice": "approve", "reasons": "It helps.\n\nIt is little.", "conditions": "row-budget: 50\nBe kind."}
        assert "Change your vote" in sent(voter, f"{about}vote/", **given, **{"item-0": "refuse"})
    sent(office, "/custodian/meetings/call/", day="2026-09-01", cases=[case.id])
    (meeting,) = requests.meetings(people.person(cast.custodian))
    place = f"/custodian/meetings/{meeting.id}/"
    sent(office, f"{place}open/", present=list(bench.three))
    assert "The decision is in the register" in sent(office, f"{about}conclude/")
    decided = register.events("application.decided")[0].body
    assert decided["reasons"] == ["It helps.", "It is little."]
    assert decided["items"] == [f"{case.items[0]}: not given"]
    assert len(decided["conditions"]) == 3
    assert "Minutes of the data-sharing panel" in sent(office, f"{place}close/")
    sent(office, f"{place}correct/", note="At ten.")
    public = Client()
    assert public.get(f"/register/minutes/{meeting.id}/").status_code == 404
    for member in bench.three[:2]:
        voter = as_person(member)
        text_hash = requests.meeting(meeting.id, people.person(member)).text_hash
        assert text_hash in voter.get(f"{place}approve/").content.decode()
        sent(voter, f"{place}approve/", shown_hash=text_hash)
    shown = public.get(f"/register/minutes/{meeting.id}/").content.decode()
    assert "Note of 1 September 2026: At ten." in shown
    assert not any(member in shown for member in bench.three)


def test_what_is_refused_is_said_on_the_form_and_nothing_is_changed(
    cast: Cast, bench: Bench, clock: FixedClock
) -> None:
    made = submitted(cast, clock).id
    office = as_person(cast.custodian)
    answer = office.post(f"/custodian/application/{made}/allocate/", {"members": [bench.lay[0]], "chair": ""})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "There is a problem" in shown
    assert "Choose who leads" in shown
    given = {"members": [bench.independent[0], bench.lay[0]], "chair": bench.independent[0]}
    shown = office.post(f"/custodian/application/{made}/allocate/", given).content.decode()
    assert "Nobody decides alone" in shown
    assert "Nobody has checked whether it is complete" in shown
    assert requests.application(made).state == "submitted"


def test_who_has_a_conflict_is_not_offered_and_cannot_be_smuggled_in(
    cast: Cast, bench: Bench, clock: FixedClock
) -> None:
    made = submitted(cast, clock).id
    requests.insist(requests.check_completeness(made, (), cast.custodian, clock))
    office = as_person(cast.custodian)
    shown = office.get(f"/custodian/application/{made}/allocate/").content.decode()
    assert cast.insider not in shown
    given = {"members": [*bench.three, cast.insider], "chair": bench.three[0]}
    answer = office.post(f"/custodian/application/{made}/allocate/", given)
    assert "Tick members of this list" in answer.content.decode()
    assert requests.application(made).state == "submitted"


def test_a_member_sees_what_they_were_named_for_and_before_the_last_vote_only_their_own(
    cast: Cast, bench: Bench, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock)
    requests.insist(requests.vote(case, "refuse", ["A secret reason."], (), (), bench.three[0], clock))
    second, stranger = as_person(bench.three[1]), as_person(bench.lay[1])
    for client in (second, as_person(cast.custodian)):
        shown = client.get(f"/custodian/case/{case}/").content.decode()
        assert "A secret reason." not in shown
        assert "each member’s own" in shown
    for path in (f"/custodian/case/{case}/", f"/custodian/case/{case}/vote/", f"/custodian/application/{made}/"):
        assert stranger.get(path).status_code == 404
    assert case not in stranger.get("/custodian/").content.decode()
    all_vote(case, bench.three[1:], "refuse", clock)
    assert "A secret reason." in second.get(f"/custodian/case/{case}/").content.decode()


@pytest.mark.parametrize("who", ["researcher", "seller"])
def test_an_applicant_sees_neither_cases_nor_votes(who: str, cast: Cast, bench: Bench, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    client = as_person(getattr(cast, who))
    for path in ("/custodian/", f"/custodian/application/{made}/", f"/custodian/case/{case}/"):
        assert client.get(path).status_code == 403
    assert Client().get("/custodian/").status_code == 302
    posted = client.post(f"/custodian/case/{case}/vote/", {"choice": "approve", "reasons": "Yes."})
    assert posted.status_code == 403
    assert all(not one.voted for one in requests.case(case, people.person(cast.custodian)).members)


def test_a_member_declares_a_conflict_and_is_out(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    _, case = before(bench, cast, clock, bench.everybody)
    member = as_person(bench.official)
    assert "You take no part" in sent(member, f"/custodian/case/{case}/conflict/", kind="money")
    assert member.get(f"/custodian/case/{case}/").status_code == 404
    office = as_person(cast.custodian)
    assert "out: a conflict" in office.get(f"/custodian/case/{case}/").content.decode()
    # The other members see that there was one, not which.
    assert "gains or loses money" not in as_person(bench.lay[0]).get(f"/custodian/case/{case}/").content.decode()


def test_members_are_changed_and_a_proposal_gets_its_own(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    _, case = before(bench, cast, clock)
    office = as_person(cast.custodian)
    shown = sent(office, f"/custodian/case/{case}/members/", added=[bench.lay[1]], removed=[bench.lay[0]], chair="")
    assert bench.lay[1] in shown
    agreement = signed(cast, clock).id
    researcher = as_person(cast.researcher)
    given = {"kind": "amend", "items": "census_pupil.age", "added": "", "valid_until": "", "reasons": "More."}
    answer = researcher.post(f"/proposals/{agreement}/", given)
    assert answer.status_code == 302
    proposal = requests.cases_of(agreement, people.person(cast.custodian))[-1]
    assert proposal.state == "proposed"
    page = f"/custodian/case/{proposal.id}/members/"
    sent(office, page, members=list(bench.three), chair=bench.three[0])
    assert requests.case(proposal.id, people.person(bench.lay[0])).state == "deciding"
    rival = as_person(cast.seller)
    assert rival.get(f"/proposals/{agreement}/").status_code == 404
    assert rival.post(f"/proposals/{agreement}/", given).status_code == 404
    assert researcher.get("/proposals/A-2026-9999/").status_code == 404


def test_an_applicant_appeals_and_a_rival_cannot(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "refuse", clock)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    assert as_person(cast.seller).post(f"/appeals/{made}/", {"reasons": "Rival."}).status_code == 404
    assert as_person(cast.researcher).post(f"/appeals/{made}/", {"reasons": "Read it."}).status_code == 302
    assert requests.application(made).state == "appealed"
    assert "Name other members" in as_person(cast.custodian).get(f"/custodian/application/{made}/").content.decode()


def test_what_cannot_wait_is_put_before_two(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    made = submitted(cast, clock).id
    office = as_person(cast.custodian)
    members = [bench.independent[0], bench.official]
    sent(office, f"/custodian/application/{made}/hurry/", members=members, why="A child is missing.")
    (case,) = requests.cases_of(made, people.person(cast.custodian))
    assert case.kind == "emergency"
    assert "A child is missing." in office.get(f"/custodian/case/{case.id}/").content.decode()


def test_html_and_formulas_come_out_as_text(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    evil = "=1+1<script>alert(1)</script>{{ 7|add:7 }}"
    made, case = before(bench, cast, clock, title=evil)
    for member in bench.three:
        requests.insist(requests.vote(case, "refuse", [evil], (), (), member, clock))
    office = as_person(cast.custodian)
    sent(office, f"/custodian/application/{made}/comment/", section="purpose", text=evil)
    for path in (f"/custodian/case/{case}/", f"/custodian/application/{made}/", "/custodian/"):
        shown = office.get(path).content.decode()
        assert "<script" not in shown
        assert "&lt;script&gt;" in shown
        assert "{{ 7|add:7 }}" in shown


def test_a_file_and_a_new_version_are_shown_to_who_decides_and_to_nobody_else(
    cast: Cast, bench: Bench, clock: FixedClock
) -> None:
    made = submitted(cast, clock).id
    requests.insist(requests.return_application(made, ["Add the approval."], cast.custodian, clock))
    content = b"The committee approved it.\n"
    drafting, sha256 = requests.drafting, hashlib.sha256(content).hexdigest()
    piece = base64.b64encode(content).decode()
    requests.insist(drafting.attach_piece(made, 0, piece, cast.researcher, clock))
    requests.insist(drafting.attach(made, "approval.txt", sha256, cast.researcher, clock))
    researcher = people.person(cast.researcher)
    section, spec = drafting.section_of("title"), drafting.find(made, researcher).spec
    given = {field.name: getattr(spec, field.name) for field in section.fields} | {"title": "Another title"}
    requests.insist(drafting.save_section(made, section.id, 0, given, cast.researcher, clock))
    revision = drafting.find(made, researcher).revision
    requests.insist(drafting.resubmit_draft(made, revision, cast.researcher, clock))
    requests.insist(requests.check_completeness(made, (), cast.custodian, clock))
    requests.insist(requests.allocate(made, bench.three, bench.three[0], cast.custodian, clock))
    page = f"/custodian/application/{made}/"
    shown = as_person(bench.three[0]).get(page).content.decode()
    assert "What changed in version 2" in shown
    assert "<ins>Another title</ins>" in shown
    assert f"{page}file/{sha256}/" in shown
    for person in (bench.three[0], cast.custodian):
        answer = as_person(person).get(f"{page}file/{sha256}/")
        assert answer.content == content
        assert answer.headers["Content-Disposition"] == 'attachment; filename="approval.txt"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert as_person(bench.three[0]).get(f"{page}file/{'0' * 64}/").status_code == 404
    assert as_person(bench.lay[1]).get(f"{page}file/{sha256}/").status_code == 404
    assert as_person(cast.seller).get(f"{page}file/{sha256}/").status_code == 403


def test_the_days_in_each_state_are_shown(cast: Cast, bench: Bench, clock: FixedClock, settings: Any) -> None:
    made = submitted(cast, clock).id
    later = FixedClock(clock.now() + timedelta(days=4))
    requests.insist(requests.check_completeness(made, (), cast.custodian, later))
    requests.insist(requests.allocate(made, bench.three, bench.three[0], cast.custodian, later))
    settings.CLOCK = FixedClock(clock.now() + timedelta(days=5))
    shown = as_person(cast.custodian).get(f"/custodian/application/{made}/").content.decode()
    assert "4 days in the state “submitted”" in shown
    assert "1 day in the state “in review”" in shown


def test_what_was_withdrawn_is_no_longer_among_what_is_to_be_decided(
    cast: Cast, bench: Bench, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock)
    requests.insist(requests.drafting.withdraw(made, "No money.", cast.researcher, clock))
    member = as_person(bench.three[0])
    assert "There is nothing." in member.get("/custodian/").content.decode()
    shown = member.get(f"/custodian/case/{case}/").content.decode()
    assert "stopped" in shown
    assert f"/custodian/case/{case}/vote/" not in shown


def test_a_form_that_is_only_asked_for_changes_nothing(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    office, member = as_person(cast.custodian), as_person(bench.three[0])
    entries = register.log_size()
    for client, path in (
        (office, f"/custodian/application/{made}/check/"),
        (office, f"/custodian/application/{made}/return/"),
        (office, f"/custodian/application/{made}/allocate/"),
        (office, f"/custodian/application/{made}/comment/"),
        (office, f"/custodian/application/{made}/hurry/"),
        (office, f"/custodian/case/{case}/members/"),
        (office, f"/custodian/case/{case}/conclude/"),
        (office, "/custodian/meetings/call/"),
        (member, f"/custodian/case/{case}/vote/"),
        (member, f"/custodian/case/{case}/conflict/"),
        (as_person(cast.researcher), f"/appeals/{made}/"),
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "There is a problem" not in answer.content.decode()
        assert "<label" in answer.content.decode() or "conclude" in path
    assert register.log_size() == entries
