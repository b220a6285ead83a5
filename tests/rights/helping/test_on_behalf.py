"""Who has no computer is served by staff: identified first, for their own child alone, and told on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from schoolgate import consent, dictionary, people, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.errors import Refused, SchoolgateError, insist
from schoolgate.ids import Pmr
from schoolgate.rights import cases
from schoolgate.rights.cases.handling import FAMILY_STEPS
from schoolgate.rights.cases.models import Case
from schoolgate.rights.helping import read_helping, the_policy, words
from schoolgate.rights.helping.models import PaperLetter, Serving
from schoolgate.rights.models import ChildLink, OnBehalf
from tests.rights.test_standing import Home, home_of
from tests.world import CHILDREN

__all__ = ["home_of"]

pytestmark = pytest.mark.django_db

OBJECT = {"act": "object", "given": {"of": "purpose", "target": "education-research"}, "reason": "Asked by telephone."}


WRONG = {
    "item": "census_pupil.ethnicity", "row": "", "stands": "", "should_be": "Something else",
    "wrong_since": "2026-01-09", "text": "It was never so.",
}  # fmt: skip


class Office:
    """Two people of the custodian, and somebody who has no computer."""

    def __init__(self, home: Home) -> None:
        self.home, self.link = home, home.confirmed(way="held").link_id
        self.account = ChildLink.objects.get(public_id=self.link).account_id
        self.serving = 0

    def begins(self, who: int = 0, **changed: Any) -> int:
        given = {"link": self.link, "channel": "telephone", "how": "reference-and-answers", **changed}
        self.serving = insist(self.home.at_desk("behalf-begin", who, **given))
        return self.serving

    def acts(self, who: int = 0, /, **changed: Any) -> Any:
        return self.home.at_desk("on-behalf", who, **{"serving": self.serving, "link": self.link, **OBJECT, **changed})

    def later(self, **by: int) -> None:
        self.home.clock = FixedClock(self.home.clock.now() + timedelta(**by))

    @property
    def looks(self) -> list[str]:
        (line,) = rights.lines_for(rights.child(self.account, self.link))
        return [one.looked for one in line.releases]


@pytest.fixture
def office(home_of: Home) -> Office:
    return Office(home_of)


def code(outcome: Any) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.reasons[0].code


def test_an_act_its_note_and_its_letter_are_one_and_the_look_is_in_the_childs_own_list(office: Office) -> None:
    before = len(office.looks)
    office.begins()
    assert office.looks[:1] == ["custodian"]
    assert len(office.looks) == before + 1
    letter = insist(office.acts())
    own = rights.child(office.account, office.link)
    (no,) = consent.objections_of(Pmr(ChildLink.objects.get(public_id=office.link).pupil))
    assert no.lodged_by == f"account:{office.account}"
    (said,) = rights.choices_of(own, clock=office.home.clock).no
    assert said.by == "staff"
    (done,) = rights.helped_for(own)
    assert (done.person, done.act, done.reason, done.own) == (
        office.home.staff[0], "object", "Asked by telephone.", True,
    )  # fmt: skip
    (row,) = Serving.objects.all()
    assert (row.person, row.channel, row.how) == (office.home.staff[0], "telephone", "reference-and-answers")
    text = "\n".join(one.text for one in requests.read(insist(office.home.at_desk("behalf-letter", letter=letter))))
    assert "you say no to this use: " in text
    assert "You asked us by telephone. We knew that it was you because the number" in text
    assert "Asked by telephone." in text
    assert "If you did not ask for this" in text
    # Another adult of the child reads that staff acted, and not why.
    (theirs,) = rights.helped_for(office.home.link(0))
    assert (theirs.act, theirs.reason, theirs.own) == ("object", "", False)
    for secret in (CHILDREN[1].forename, CHILDREN[1].surname, CHILDREN[1].upn, office.home.staff[0]):
        assert secret not in text


def test_what_is_refused_is_noted_nowhere_but_the_look_with_which_it_began(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.begins()
    looked = len(office.looks)
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"reason": " "}, "reason-missing"),
        ({"act": "no-such-act"}, "act-unknown"),
        ({"act": "copy-piece", "given": {"pack": "x", "form": "pdf", "at": 0}}, "act-unknown"),
        ({"act": "case-show", "given": {"reference": "x"}}, "act-unknown"),
        ({"link": 4711}, "link-unknown"),
        ({"serving": 4711}, "serving-over"),
        ({"given": {"of": "purpose", "target": "no-such-use"}}, "purpose-unknown"),
        ({"given": {"of": "purpose"}}, "act-arguments"),
        ({"act": "object-no-more"}, "nothing-there"),
        ({"act": "decline", "given": {"item": "census_pupil.sex"}}, "not-declinable"),
    ]
    for wrong, why in wrongs:
        assert code(office.acts(**wrong)) == why, wrong

    def cannot(**given: Any) -> None:
        raise SchoolgateError("The letter cannot be written.", code="letter")

    with monkeypatch.context() as broken:
        broken.setattr(PaperLetter.objects, "create", cannot)
        assert code(office.acts()) == "letter"
    for channel, how in [("telephone", "photo-document"), ("counter", "a-feeling"), ("pigeon", "photo-document")]:
        no = office.home.at_desk("behalf-begin", link=office.link, channel=channel, how=how)
        assert code(no) == "how-unknown"
    assert Serving.objects.count() == 1
    assert not OnBehalf.objects.exists()
    assert not PaperLetter.objects.exists()
    assert consent.objections_of(Pmr(ChildLink.objects.get(public_id=office.link).pupil)) == ()
    assert len(office.looks) == looked


def test_staff_act_for_no_child_but_one_of_the_person_they_identified(office: Office) -> None:
    mine = office.home.link(0)  # somebody who signs in
    for number in (mine.id, 4711):
        no = office.home.at_desk("behalf-begin", link=number, channel="counter", how="photo-document")
        assert code(no) == "link-unknown"
    other = Office(office.home)  # a second person without a computer
    other.begins()
    office.begins()
    assert code(office.acts(link=other.link)) == "link-unknown"
    assert code(office.acts(link=mine.id)) == "link-unknown"
    assert code(office.acts(serving=other.serving)) == "link-unknown"
    # A colleague's conversation is as one that never was, and one that is over is no longer one.
    assert code(office.acts(1)) == code(office.acts(1, serving=4711)) == "serving-over"
    office.later(minutes=the_policy().lasts.seconds // 60)
    assert code(office.acts()) == "serving-over"
    assert code(office.home.at_desk("behalf-show", serving=office.serving)) == "serving-over"


def test_every_act_that_staff_may_do_is_done_and_taken_back_as_easily(office: Office) -> None:
    office.begins()
    item = next(one.item for one in dictionary.declinable_items() if one.is_asked)
    every: list[tuple[str, dict[str, Any]]] = [
        ("object", {"of": "all", "target": ""}),
        ("object-no-more", {"of": "all", "target": ""}),
        ("stop", {"reason": "legal-claim"}),
        ("stop-no-more", {"reason": "legal-claim"}),
        ("decline", {"item": item}),
        ("decline-no-more", {"item": item}),
        ("copy-ask", {}),
        ("case-open", {"kind": "complaint", "text": "Nobody told us."}),
        ("case-challenge", WRONG),
        ("case-say", {"event": "withdraw", "text": "It was settled."}),
        ("link-end", {}),
    ]
    for act, given in every:
        if act == "case-say":
            (child,) = insist(office.home.at_desk("behalf-show", serving=office.serving)).children
            given["reference"] = next(one.reference for one in child.cases if one.kind == "complaint")
        letter = insist(office.acts(act=act, given=given))
        assert len(insist(office.home.at_desk("behalf-letter", letter=letter))) > 500, act
    assert {row.act for row in OnBehalf.objects.all()} == rights.helping.ACTS
    # Of whom nothing opens any more nobody is served.
    assert code(office.acts()) == "serving-over"
    no = office.home.at_desk("behalf-begin", link=office.link, channel="counter", how="photo-document")
    assert code(no) == "link-unknown"
    assert "Nobody told us." not in repr([row.about for row in PaperLetter.objects.all()])


def test_the_letter_says_which_step_of_a_case_was_taken(office: Office) -> None:
    """One step, one sentence: who had a case taken back does not read that something was added to it."""
    assert set(words.STEPS) == set(FAMILY_STEPS)
    office.begins()
    said = {}
    for step in FAMILY_STEPS:
        insist(office.acts(act="case-open", given={"kind": "erasure", "text": "We ask for it."}))
        row = Case.objects.latest("pk")
        row.state = next(move.source for move in cases.LIFE.moves if move.event == step and "family" in move.who)
        row.save(update_fields=["state"])
        given = {"reference": row.reference, "event": step, "text": "They say so."}
        text = insist(office.home.at_desk("behalf-letter", letter=insist(office.acts(act="case-say", given=given))))
        said[step] = words.STEPS[step]() % {"what": row.reference}
        assert said[step] in text
        assert row.reference in said[step]
        assert "They say so." not in text
        Case.objects.filter(pk=row.pk).update(closed_on=office.home.clock.now().date())
    assert len({one.partition("RC-")[0] for one in said.values()}) > 1
    assert "back" in said["withdraw"]
    # A letter that was written before its step was kept says nothing that may be wrong.
    assert "what you asked us to do" in words.acted(
        1, {"act": "case-say", "reference": "RC-1"}, "", "", "", date.max, ""
    )


def test_somebody_other_than_who_acted_posts_the_letter(office: Office) -> None:
    office.begins()
    letter = insist(office.acts())
    (line,) = insist(office.home.at_desk("behalf-letters"))
    assert (line.id, line.link, line.act, line.is_late) == (letter, office.link, "object", False)
    assert code(office.home.at_desk("behalf-posted", letter=letter)) == "same-person"
    account = people.create_account("staff@example.org", "correct horse battery", role="custodian").id
    third = people.add_person(people.person(office.home.staff[0]).organisation_id, "custodian").id
    for person in (office.home.staff[0], third):
        people.hold_person(person, account)
    office.home.staff.append(third)  # the same human being under another number
    assert code(office.home.at_desk("behalf-posted", 2, letter=letter)) == "same-person"
    office.later(days=10)
    assert rights.helping.letter_figures(office.home.clock).late == 1
    assert insist(office.home.at_desk("behalf-posted", 1, letter=letter))
    assert insist(office.home.at_desk("behalf-letters")) == ()
    assert code(office.home.at_desk("behalf-posted", 1, letter=letter)) == "letter-unknown"


def barred(office: Office) -> None:
    row = ChildLink.objects.filter(public_id=office.link)
    assert rights.claims.bar(row, "school:1", office.home.clock.now()) == 1


def ended_by_the_school(office: Office) -> None:
    row = ChildLink.objects.filter(public_id=office.link)
    row.update(ended_at=office.home.clock.now(), ended_by="school:1")


def hidden(office: Office) -> None:
    consent.shield(Pmr(office.home.pupil), actor="P-1", clock=office.home.clock)


@pytest.mark.parametrize("closes", [barred, ended_by_the_school, hidden])
def test_a_letter_that_waits_goes_to_nobody_whose_page_was_closed(
    office: Office, closes: Callable[[Office], None]
) -> None:
    office.begins()
    letter = insist(office.acts())
    closes(office)
    assert insist(office.home.at_desk("behalf-letters", 1)) == ()
    assert code(office.home.at_desk("behalf-letter", 1, letter=letter)) == "letter-unknown"
    assert code(office.home.at_desk("behalf-posted", 1, letter=letter)) == "letter-unknown"
    office.later(days=10)
    assert rights.helping.letter_figures(office.home.clock).late == 0
    assert PaperLetter.objects.get().posted_at is None


def test_who_gave_the_child_up_hears_that_staff_did_it_and_what_was_done_before(office: Office) -> None:
    office.begins()
    letters = {insist(office.acts()), insist(office.acts(act="link-end", given={}))}
    assert {one.id for one in insist(office.home.at_desk("behalf-letters", 1))} == letters
    for letter in letters:
        assert insist(office.home.at_desk("behalf-posted", 1, letter=letter))


def test_a_copy_is_printed_for_the_post_and_that_it_was_printed_is_seen(office: Office) -> None:
    office.begins()
    letter = insist(office.acts(act="copy-ask", given={}))
    assert code(office.home.at_desk("behalf-copy", 1, letter=letter, at=0)) == "copy-unknown"
    assert code(office.home.at_desk("behalf-posted", 1, letter=letter)) == "copy-waits"
    own = rights.child(office.account, office.link)
    pack = rights.packs.own_pack(own)
    assert pack is not None
    rights.packs.make_pack(pack.id, config=office.home.config, clock=office.home.clock)
    assert insist(office.home.at_desk("behalf-copy", 1, letter=letter, at=0)).startswith("JVBERi")  # %PDF-
    printed = rights.helped_for(own)[-1]
    assert (printed.act, printed.person) == ("copy-piece", office.home.staff[1])
    assert insist(office.home.at_desk("behalf-posted", 1, letter=letter))
    assert code(office.home.at_desk("behalf-copy", 1, letter=letter, at=0)) == "copy-unknown"


@pytest.mark.parametrize(
    "text",
    ["", "[conversation]\nminutes = 60", "channel = []"],
)
def test_a_policy_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(SchoolgateError) as refused:
        read_helping(text)
    assert refused.value.code == "helping"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minutes = 60", "minutes = 0"),
        ('how = ["photo-document", "paper-and-reference"]', "how = []"),
        ('how = ["reference-and-answers"]', 'how = ["a-feeling"]'),
        ('source = "UK GDPR Article 32(1): security appropriate to the risk"', 'source = ""'),
    ],
)
def test_a_policy_that_is_not_whole_is_refused(old: str, new: str) -> None:
    text = Path(rights.helping.__file__).with_name("data").joinpath("helping.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(SchoolgateError) as refused:
        read_helping(text.replace(old, new))
    assert "not whole" in refused.value.what
