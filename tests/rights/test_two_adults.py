"""Whose "no" ends by whom, through the desk: two adults, the young person, and a decision of the custodian's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schoolgate import consent, desk, gate, people, rights
from schoolgate.clock import FixedClock
from schoolgate.dictionary import Dictionary
from schoolgate.errors import Refusal, Refused, insist
from schoolgate.post.models import Letter
from schoolgate.rights.packs.known import _choices
from tests.rights.test_standing import UPN, Home, home_of
from tests.world import URN

pytestmark = pytest.mark.django_db
__all__ = ["home_of"]

RESEARCH = {"of": "purpose", "target": "education-research"}
YOUNG = "2012-03-11"
"""Fourteen in the small world."""


def act(home: Home, who: int, link: rights.ChildLink, name: str, /, **given: Any) -> Any:
    return desk.for_family(name, home.accounts[who], link.id, config=home.config, clock=home.clock, **given)


def code_of(outcome: object) -> str:
    assert isinstance(outcome, Refused)
    return outcome.reasons[0].code


def test_the_young_person_ends_what_the_adults_said_and_no_adult_ends_theirs(home_of: Home) -> None:
    adult, other = home_of.link(0), home_of.link(1)
    act(home_of, 0, adult, "object", **RESEARCH)
    assert code_of(act(home_of, 1, other, "object-no-more", **RESEARCH)) == "no-of-another"
    home_of.born(YOUNG)
    own = home_of.link(2, "pupil")
    (shown,) = act(home_of, 2, own, "choices-show").no
    assert (shown.by, shown.can_end, shown.others, shown.stays) == ("another account", True, True, False)
    assert act(home_of, 2, own, "object-no-more", **RESEARCH) is True
    assert consent.objections_of(home_of.pupil) == ()
    act(home_of, 2, own, "object", **RESEARCH)
    (held,) = insist(home_of.at_desk("nos-show", upn=UPN))
    assert held.standing == "pupil"
    given = {"upn": UPN, "number": held.number, "ground": "court-order", "reason": "An order."}
    assert code_of(home_of.at_desk("no-end", **given)) == "no-of-the-child"


def test_an_adults_no_outlasts_their_access_and_ends_by_a_decision_of_two(home_of: Home) -> None:
    adult, other = home_of.link(0), home_of.link(1)
    act(home_of, 0, adult, "object", **RESEARCH)
    insist(home_of.at_desk("way-end", upn=UPN, way=f"link-{adult.id}", by_order=True))
    assert code_of(act(home_of, 1, other, "object-no-more", **RESEARCH)) == "no-of-another"
    assert consent.objecting_pupils(consent.Use(("education-research",))) == [home_of.pupil]
    (held,) = insist(home_of.at_desk("nos-show", upn=UPN))
    assert (held.of, held.target, held.standing, held.linked) == (*RESEARCH.values(), "parental-responsibility", False)
    given = {"upn": UPN, "number": held.number, "ground": "responsibility-ended", "reason": "Order of 1 September."}
    assert home_of.at_desk("no-end", **given) is False
    assert code_of(home_of.at_desk("no-end", **given)) == "same-person"
    assert not Letter.objects.exists()
    assert home_of.at_desk("no-end", 1, **given) is True
    assert consent.objections_of(home_of.pupil) == ()
    assert Letter.objects.count() == 1  # the other adult is written to, who was kept away is not
    # Looking for the child was on record each time, and is in the family's own answer.
    looks = [one.looked for line in rights.lines_for(other) for one in line.releases]
    assert looks.count("") + looks.count("custodian") >= 4


ITEM = "census_pupil.ethnicity"


def declined(home: Home, who: int, link: rights.ChildLink) -> tuple[bool, bool, bool]:
    """Of the one item that is declined: whether this account said so, others did, and it may take it back."""
    (one,) = act(home, who, link, "declined-show")
    return one.own, one.others, one.can_end


def test_what_a_young_person_declined_is_theirs_after_their_link_has_ended(home_of: Home) -> None:
    home_of.born(YOUNG)
    own = home_of.link(2, "pupil")
    act(home_of, 2, own, "decline", item=ITEM)
    act(home_of, 2, own, "link-end")
    adult = home_of.link(0)
    assert declined(home_of, 0, adult) == (False, True, False)
    assert code_of(act(home_of, 0, adult, "decline-no-more", item=ITEM)) == "declined-by-another"
    again = home_of.link(1, "pupil")  # another account of theirs
    assert declined(home_of, 1, again) == (False, True, True)
    assert act(home_of, 1, again, "decline-no-more", item=ITEM) is True


def test_what_an_adult_declined_who_is_shut_out_since_or_a_carer_now_can_be_taken_back(
    home_of: Home, settings: Any
) -> None:
    first, second = home_of.link(0), home_of.link(1)
    act(home_of, 0, first, "decline", item=ITEM)
    assert code_of(act(home_of, 1, second, "decline-no-more", item=ITEM)) == "declined-by-another"
    assert home_of.link(0, "carer").may.isdisjoint({"decline"})  # the later code says what they are now
    assert declined(home_of, 1, second) == (False, True, True)
    home_of.link(0)
    assert declined(home_of, 1, second) == (False, True, False)
    gate.set_shield(UPN, True, actor=home_of.staff[0], config=home_of.config, clock=home_of.clock)
    settings.CLOCK = home_of.clock = FixedClock(home_of.clock.now() + timedelta(hours=1))
    confirmed = rights.redeem_code(home_of.accounts[1], home_of.confirmed().code, home_of.clock, config=home_of.config)
    assert isinstance(confirmed, rights.ChildLink)
    assert act(home_of, 1, confirmed, "decline-no-more", item=ITEM) is True


def test_an_adult_does_not_become_the_young_person_by_the_young_persons_letter(home_of: Home) -> None:
    father, mother = home_of.link(0), home_of.link(1)
    home_of.born(YOUNG)
    act(home_of, 1, mother, "object", **RESEARCH)
    letter = home_of.code("pupil")

    def used(who: int, code: str) -> object:
        return rights.redeem_code(home_of.accounts[who], code, home_of.clock, config=home_of.config)

    refused = used(0, letter)
    assert isinstance(refused, Refusal)
    assert refused.code == "not-the-childs-account"
    assert [one.standing for one in rights.children(home_of.accounts[0])] == ["parental-responsibility"]
    assert code_of(act(home_of, 0, father, "object-no-more", **RESEARCH)) == "no-of-another"
    rights.end_link(father, clock=home_of.clock)  # nor after giving the child up
    assert used(0, letter) == refused
    own = used(2, letter)  # the letter is still good for an account of its own
    assert isinstance(own, rights.ChildLink)
    assert "manage" in own.may
    # Nor does the young person's account become an adult's, be it let look: what they said stays theirs.
    theirs = home_of.code()
    assert isinstance(used(2, theirs), Refusal)
    (waiting,) = (one for one in rights.others(own) if one.until is not None)
    rights.give_leave(own, waiting.id, True, clock=home_of.clock)
    assert used(2, theirs) == refused
    assert [one.standing for one in rights.children(home_of.accounts[2])] == ["pupil"]
    # A mistake is put right by two people who saw the papers.
    adult_no_more = used(1, home_of.confirmed("pupil").code)
    assert isinstance(adult_no_more, rights.ChildLink)
    assert adult_no_more.standing == "pupil"


def test_an_organisation_that_the_first_adult_named_is_not_named_to_the_second_of_a_shielded_child(
    home_of: Home, settings: Any
) -> None:
    near = people.add_organisation("Canary Village Tuition (synthetic)", "company").id
    far = people.add_organisation("University of Example (synthetic)", "university").id
    first = home_of.link(0)
    act(home_of, 0, first, "object", of="recipient", target=near)
    consent.give_consent(
        home_of.pupil, item="census_pupil.plaa", purpose_id="education-research", recipient=near,
        last_day=home_of.clock.now().date(), actor=f"account:{home_of.accounts[0]}", clock=home_of.clock,
    )  # fmt: skip
    gate.set_shield(UPN, True, actor=home_of.staff[0], config=home_of.config, clock=home_of.clock)
    settings.CLOCK = home_of.clock = FixedClock(home_of.clock.now() + timedelta(hours=1))
    second = rights.redeem_code(home_of.accounts[1], home_of.confirmed().code, home_of.clock, config=home_of.config)
    assert isinstance(second, rights.ChildLink)
    act(home_of, 1, second, "object", of="recipient", target=far)
    found = act(home_of, 1, second, "choices-show")
    assert [(one.target, one.name, one.can_end) for one in found.no] == [
        (rights.WITHHELD, "", False),
        (far, "University of Example (synthetic)", True),
    ]
    assert [(one.recipient, one.name) for one in found.yes] == [(rights.WITHHELD, "")]
    said = list(_choices(home_of.pupil, second, Dictionary("", ())))
    assert "University of Example" in str(said)
    assert "Canary" not in str(said)
    assert "Canary" in str(list(_choices(home_of.pupil, first, Dictionary("", ()))))
    # Guessing which one it is answers as for one that nobody named.
    for guess in (near, people.add_organisation("Nobody's (synthetic)", "company").id):
        assert act(home_of, 1, second, "object-no-more", of="recipient", target=guess) is False
    # A yes ends by anybody's word, without being told whom it named.
    ends = {"item": "census_pupil.plaa", "purpose": "education-research", "recipient": rights.WITHHELD}
    assert act(home_of, 1, second, "yes-no-more", **ends) is True
    assert consent.consents_of(home_of.pupil) == ()
    assert str(URN) not in repr(found)
