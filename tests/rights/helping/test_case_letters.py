"""A letter about a case reaches somebody without a computer: it waits, is posted by a named person, and is counted."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schoolgate import consent, desk, gate, people, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.desk.standing import standing
from schoolgate.errors import Refused, insist
from schoolgate.gate.erasing.places import delete_rows
from schoolgate.ids import Pmr
from schoolgate.people.models import Account
from schoolgate.post.models import Letter
from schoolgate.rights import cases
from schoolgate.rights.cases import effects, rules
from schoolgate.rights.cases.kept import facts_of
from schoolgate.rights.cases.letters import NEWS, news_letter
from schoolgate.rights.cases.models import Case, CaseLetter
from schoolgate.rights.helping.models import PaperLetter
from schoolgate.rights.models import ChildLink
from tests.rights.helping.test_on_behalf import WRONG, Office, code
from tests.rights.test_standing import UPN, Home, home_of
from tests.web.reading_age import grade
from tests.world import CHILDREN, URN

__all__ = ["home_of"]

pytestmark = pytest.mark.django_db

REASONS = {"text": "We looked at it.", "provision": "UK GDPR Article 5(1)(d)", "value": "", "row": ""}


class Room(Office):
    """The same office, where cases of the person are dealt with."""

    def opens(self, act: str = "case-open", **given: Any) -> str:
        """The person's case, opened by staff; its reference."""
        self.begins()
        insist(self.acts(act=act, given=given or {"kind": "complaint", "text": "Nobody told us."}))
        return Case.objects.latest("pk").reference

    def on(self, day: str) -> None:
        """The next days; 9 o'clock."""
        self.home.clock = FixedClock(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC))
        self.later(hours=9)

    def step(self, case: str, event: str, text: str = "Because.", who: int = 0) -> Any:
        return self.home.at_desk("recourse-step", who, reference=case, event=event, text=text)

    def decides(self, case: str, outcome: str, event: str = "decide", who: int = 0) -> Any:
        given = {"reference": case, "event": event, "outcome": outcome, **REASONS}
        return self.home.at_desk("recourse-decide", who, **given)

    def waiting(self) -> tuple[cases.LetterToPost, ...]:
        return insist(self.home.at_desk("recourse-letters"))

    def posts(self, line: cases.LetterToPost, on: str, who: int = 1) -> Any:
        given = {"reference": line.reference, "number": line.number, "posted_on": date.fromisoformat(on)}
        return self.home.at_desk("recourse-posted", who, **given)

    def prints(self, line: cases.LetterToPost, who: int = 1) -> Any:
        return self.home.at_desk("recourse-print", who, reference=line.reference, number=line.number)

    def shown(self, case: str) -> cases.CaseView:
        return insist(self.home.at_desk("recourse-show", reference=case))

    def own(self, case: str) -> cases.CaseView:
        """The case as the person would see it, were they to sign in; nothing is noted by it."""
        link = rights.child(self.account, self.link)
        return cases.show_own(link, case, config=self.home.config, clock=self.home.clock)

    @property
    def figures(self) -> cases.PostFigures:
        return standing(self.home.clock).case_letters


@pytest.fixture
def room(home_of: Home) -> Room:
    return Room(home_of)  # it is 1 September 2026, a Tuesday


def test_a_decision_waits_to_be_posted_and_who_posted_it_on_which_day_is_kept_and_shown(room: Room) -> None:
    case = room.opens(kind="erasure", text="It was never to be kept.")
    room.on("2026-09-08")
    assert insist(room.decides(case, "refused")) == "decided"
    (line,) = room.waiting()
    assert (line.reference, line.event, line.link, str(line.written_on)) == (case, "decide", room.link, "2026-09-08")
    # By law within the month from 1 September (Article 12(3)); without undue delay, as the custodian counts it.
    assert (str(line.by_law), str(line.due)) == ("2026-10-01", "2026-09-10")
    assert line.law.startswith("UK GDPR Articles 12(3) and 12A(1)")
    assert room.figures == cases.PostFigures(waiting=1, late=0, late_soon=0, posted=0, posted_late=0)

    reads = len([one for one in room.shown(case).steps if one.event == cases.READ])
    pdf = insist(room.prints(line))
    assert base64.b64decode(pdf.content).startswith(b"%PDF-")
    assert (pdf.kind, pdf.name) == ("application/pdf", f"{case}-{line.number}.pdf")
    looks = [one for one in room.shown(case).steps if one.event == cases.READ]
    assert (len(looks), looks[-1].actor) == (reads + 1, room.home.staff[1])

    for day, why in (("2026-09-09", "day-to-come"), ("2026-09-07", "day-too-early")):
        no = room.posts(line, day)
        assert (code(no), no.reasons[0].where) == (why, "posted_on")
    assert CaseLetter.objects.get().left_on is None
    room.on("2026-09-09")
    assert room.posts(line, "2026-09-08") is True
    row = CaseLetter.objects.get()
    assert (row.how, row.noted_by, row.noted_at) == ("posted", room.home.staff[1], room.home.clock.now())
    assert room.waiting() == ()
    assert {code(room.posts(line, "2026-09-08")), code(room.prints(line))} == {"letter-unknown"}
    posted = next(one.paper for one in room.shown(case).steps if one.number == line.number)
    assert posted == cases.OnPaper("posted", date(2026, 9, 8), room.home.staff[1])
    # The family reads the day, and not who: staff are "one of us" to it, as everywhere.
    theirs = next(one.paper for one in room.own(case).steps if one.number == line.number)
    assert theirs == cases.OnPaper("posted", date(2026, 9, 8))
    assert room.figures == cases.PostFigures(waiting=0, late=0, late_soon=0, posted=1, posted_late=0)
    # Whoever the case is brought before reads the day, too.
    packed = base64.b64decode(insist(room.home.at_desk("recourse-bundle", reference=case)).content)
    with zipfile.ZipFile(io.BytesIO(packed)) as whole:
        steps = json.loads(whole.read("case.json"))["steps"]
    assert [one["on_paper"] for one in steps if "on_paper" in one] == [{"state": "posted", "on": "2026-09-08"}]


def test_a_letter_that_is_no_letter_is_answered_as_one_that_left(room: Room) -> None:
    case = room.opens()
    room.decides(case, "upheld")
    (line,) = room.waiting()
    for reference, number in (("RC-2222-2222", line.number), (case, 1), (case, 99)):
        given = {"reference": reference, "number": number}
        assert code(room.home.at_desk("recourse-print", **given)) == "letter-unknown"
        assert code(room.home.at_desk("recourse-posted", posted_on=date(2026, 9, 1), **given)) == "letter-unknown"
    regulator = people.add_organisation("Regulator (synthetic)", "regulator").id
    room.home.staff.append(people.add_person(regulator, "overseer").id)
    for act, more in (("recourse-letters", {}), ("recourse-print", {"reference": case, "number": line.number})):
        assert code(room.home.at_desk(act, 2, **more)) == "not-your-decision"


def test_whoever_has_to_be_told_within_the_month_has_the_laws_day_and_what_is_late_is_counted(room: Room) -> None:
    case = room.opens(kind="erasure", text="It was never to be kept.")
    room.on("2026-09-30")
    assert insist(room.step(case, "extend", "There is much to read.")) == "received"
    (line,) = room.waiting()
    # Told within the first month (Article 12A(3)): the custodian's own two days would be a day too late.
    assert (line.event, str(line.by_law), line.due) == ("extend", "2026-10-01", line.by_law)
    assert line.law.startswith("UK GDPR Article 12A(3)")
    assert "We must answer you by 1 December 2026." in CaseText(room, line).text
    assert (line.is_late, line.is_late_soon, standing(room.home.clock).late_soon) == (False, True, 1)
    room.on("2026-10-02")
    acted = 1  # the letter about the act on behalf is late as well
    assert (room.figures.late, standing(room.home.clock).late, standing(room.home.clock).late_soon) == (1, 1 + acted, 0)
    assert room.posts(line, "2026-10-02") is True
    assert (room.figures.late, room.figures.posted, room.figures.posted_late) == (0, 1, 1)
    # What was decided after its last day is late from the first moment on.
    room.on("2026-12-02")
    room.decides(case, "refused")
    assert room.waiting()[0].is_late
    room.on("2027-03-01")
    assert room.figures.posted_late == 0  # a quarter of a year is counted


def test_a_complaint_is_acknowledged_by_the_thirtieth_day_and_a_second_look_is_a_letter_too(room: Room) -> None:
    case = room.opens()
    room.on("2026-09-29")
    room.step(case, "acknowledge", "")
    room.step(case, "tell_progress", "We read what was sent to whom.")
    room.decides(case, "not-upheld")
    room.begins()
    insist(room.acts(act="case-say", given={"reference": case, "event": "appeal", "text": "You did not."}))
    room.decides(case, "not-upheld", "review", 1)
    found = [(one.event, str(one.by_law), str(one.due)) for one in room.waiting()]
    assert found == [
        ("acknowledge", "2026-09-30", "2026-09-30"),  # DPA 2018 s.164A(3): the day of receipt is the first
        ("tell_progress", "None", "2026-10-01"),
        ("decide", "2026-10-01", "2026-10-01"),
        ("review", "None", "2026-10-01"),
    ]


def test_nothing_is_used_again_and_no_time_runs_before_the_letter_left(room: Room) -> None:
    """UK GDPR Article 18(3): informed before the restriction is lifted."""
    case = room.opens("case-challenge", **WRONG)
    room.step(case, "ask_source")
    answer = {"reference": case, "source": "The school (synthetic)", "agrees": False, "text": "It is right."}
    insist(room.home.at_desk("recourse-source", 1, **answer))
    room.decides(case, "refused")
    (line,) = room.waiting()  # what the source was asked and said is told with the decision
    assert "From 16 September 2026 on it can be used again." in CaseText(room, line).text
    for day in ("2026-09-20", "2027-02-01"):
        room.on(day)
        cases.mind_days(room.home.config, room.home.clock)
        row = Case.objects.get()
        assert (row.disputed, row.state, rules.may_lift(facts_of(row), date(2027, 2, 1))) == (True, "decided", False)
    assert room.shown(case).lifts_after is None
    room.posts(line, "2027-02-01")
    assert room.shown(case).lifts_after == date(2027, 2, 15)
    for day, disputed in (("2027-02-15", True), ("2027-02-16", False)):
        room.on(day)
        cases.mind_days(room.home.config, room.home.clock)
        assert Case.objects.get().disputed is disputed
    room.on("2027-05-03")  # ninety days after it left
    cases.mind_days(room.home.config, room.home.clock)
    assert Case.objects.get().state == "closed"


def test_a_first_letter_that_leaves_after_a_second_decision_does_not_count_as_that_one(room: Room) -> None:
    case = room.opens("case-challenge", **WRONG)
    room.step(case, "ask_source")
    answer = {"reference": case, "source": "The school (synthetic)", "agrees": False, "text": "It is right."}
    insist(room.home.at_desk("recourse-source", 1, **answer))
    third = people.add_person(people.person(room.home.staff[0]).organisation_id, "custodian").id
    room.home.staff.append(third)
    room.decides(case, "refused")
    room.begins()
    insist(room.acts(act="case-say", given={"reference": case, "event": "appeal", "text": "It was never so."}))
    insist(room.decides(case, "refused", "review", 2))
    first, second = room.waiting()
    room.posts(first, "2026-09-01")
    assert Case.objects.get().told_on is None
    room.on("2026-09-03")
    room.posts(second, "2026-09-03")
    assert Case.objects.get().told_on == date(2026, 9, 3)


def test_an_account_without_an_address_that_reads_its_case_was_told_there(room: Room) -> None:
    link = room.home.link(0)
    Account.objects.filter(pk=link.account_id).update(email="0123456789abcdef@no-sign-in.invalid")

    def family(act: str, **given: Any) -> Any:
        return desk.for_family(
            act, link.account_id, link.id, config=room.home.config, clock=room.home.clock, **given
        )  # fmt: skip

    case = insist(family("case-open", kind="complaint", text="Nobody told us."))
    other = insist(family("case-open", kind="complaint", text="Nor of this."))
    room.decides(case, "upheld")
    room.decides(other, "upheld")
    assert not Letter.objects.exists()  # nothing goes to an inbox that is none
    assert [one.reference for one in room.waiting()] == [case, other]
    assert Case.objects.get(reference=case).told_on is None
    # Nor is it told by asking for the case through another child of its own.
    sibling = ChildLink.objects.create(
        public_id=4711, account_id=link.account_id, pupil=room.home.pupil + 1, since=room.home.clock.now()
    )
    assert cases.note_seen(replace(link, id=sibling.public_id), case, clock=room.home.clock) == 0
    room.on("2026-09-02")
    seen = next(one.paper for one in family("case-show", reference=case).steps if one.event == "decide")
    assert seen == cases.OnPaper("seen", date(2026, 9, 2))
    assert Case.objects.get(reference=case).told_on == date(2026, 9, 2)
    assert [one.reference for one in room.waiting()] == [other]
    assert (room.figures.waiting, room.figures.posted) == (1, 0)


def test_who_is_reached_by_mail_has_no_letter_on_paper(room: Room) -> None:
    link = room.home.link(0)
    given = {"kind": "complaint", "text": "Nobody told us."}
    case = insist(
        desk.for_family("case-open", link.account_id, link.id, config=room.home.config, clock=room.home.clock, **given)
    )
    room.step(case, "acknowledge", "")
    room.decides(case, "upheld")
    assert (room.waiting(), CaseLetter.objects.count(), Letter.objects.count()) == ((), 0, 2)
    view = room.shown(case)
    assert (view.on_paper, {one.paper for one in view.steps}) == (False, {None})
    assert [bool(one.said.letter) for one in view.steps if one.event in ("acknowledge", "decide")] == [False, True]


def test_of_a_shielded_child_nobody_is_written_to_but_who_was_confirmed_since(room: Room) -> None:
    case = room.opens()
    room.decides(case, "upheld")
    (line,) = room.waiting()
    assert gate.set_shield(UPN, True, actor=room.home.staff[0], config=room.home.config, clock=room.home.clock)
    assert room.waiting() == ()
    assert {code(room.prints(line)), code(room.posts(line, "2026-09-01"))} == {"letter-unknown"}
    assert room.figures.waiting == 0
    assert cases.mind_days(room.home.config, room.home.clock) == 1  # nor does the case wait for it meanwhile
    assert Case.objects.get().told_on == date(2026, 9, 1)
    room.later(hours=1)
    # Confirmed again on paper, the same person is served, and so written to; by no place.
    ChildLink.objects.filter(public_id=room.link).update(confirmed_at=room.home.clock.now())
    (again,) = room.waiting()
    assert (again.reference, again.link) == (case, room.link)
    told = CaseText(room, again).text + repr(again)
    for secret in (CHILDREN[1].forename, CHILDREN[1].surname, UPN, UPN[1:4], str(URN)):
        assert not re.search(rf"\b{re.escape(secret)}\b", told)


def test_whose_page_opens_no_more_is_written_to_no_more_and_holds_nothing_up(room: Room) -> None:
    case = room.opens("case-challenge", **WRONG)
    room.step(case, "ask_source")
    answer = {"reference": case, "source": "The school (synthetic)", "agrees": False, "text": "It is right."}
    insist(room.home.at_desk("recourse-source", 1, **answer))
    room.decides(case, "refused")
    insist(room.acts(act="link-end", given={}))
    assert room.waiting() == ()
    cases.mind_days(room.home.config, room.home.clock)
    assert (CaseLetter.objects.get().left_on, Case.objects.get().told_on) == (None, date(2026, 9, 1))
    room.on("2026-09-16")
    cases.mind_days(room.home.config, room.home.clock)
    assert not Case.objects.get().disputed


def test_an_erasure_is_not_proposed_before_the_letter_about_it_left_and_takes_the_rest_along(room: Room) -> None:
    case = room.opens(kind="erasure", text="It was never to be kept.")
    room.decides(case, "erased")
    (line,) = room.waiting()
    assert effects.to_erase() == []
    room.posts(line, "2026-09-01")
    assert effects.to_erase() == [case]
    pupil = Pmr(ChildLink.objects.get(public_id=room.link).pupil)
    assert consent.objections_of(pupil) == ()
    assert delete_rows(pupil) > 0
    assert not CaseLetter.objects.exists()
    assert not Case.objects.exists()
    assert not PaperLetter.objects.exists()


class CaseText:
    """What a letter says, from what is kept."""

    def __init__(self, room: Room, line: cases.LetterToPost) -> None:
        view = cases.show_staff(
            line.reference, "custodian", room.home.staff[0], config=room.home.config, clock=room.home.clock
        )
        (kept,) = [one.said.letter for one in view.steps if one.number == line.number]
        self.text = "\n".join(one.text for one in requests.read(kept))


def test_the_letters_are_in_words_that_a_worried_parent_reads(room: Room) -> None:
    case = room.opens()
    row = Case.objects.get(reference=case)
    for event in NEWS:
        said = cases.Said(text="We read what you wrote.", outcome="upheld")
        text = news_letter(row, event, said, date(2026, 10, 1), room.home.clock)
        assert grade(text) < 9, event
        assert case in text
        assert ("Answer us by telephone" in text) is (event in ("ask_identity", "ask_clarification", "keep_child"))


def test_a_step_that_is_refused_leaves_no_letter(room: Room) -> None:
    case = room.opens()
    for outcome in (room.decides(case, "corrected"), room.step(case, "extend"), room.step(case, "tell_progress", " ")):
        assert isinstance(outcome, Refused)
    assert not CaseLetter.objects.exists()
    assert rules.letter_due(date(2026, 9, 4), None) == date(2026, 9, 4) + timedelta(days=4)  # over a weekend
