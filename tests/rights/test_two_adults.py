"""Whose "no" ends by whom, through the desk: two adults, the young person, and a decision of the custodian's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schoolgate import consent, desk, gate, people, rights
from schoolgate.clock import FixedClock
from schoolgate.dictionary import Dictionary
from schoolgate.errors import Refused, insist
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
