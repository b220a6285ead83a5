"""Who has no computer speaks for themselves: staff are offered what this person may say and take back, not another's."""

from __future__ import annotations

import pytest

from schoolgate import dictionary, rights
from schoolgate.errors import Refused, insist
from schoolgate.web.custodian.onbehalf_forms import DEEDS, may
from tests.rights.helping.test_on_behalf import Office, office
from tests.rights.test_standing import home_of

__all__ = ["home_of", "office"]

pytestmark = pytest.mark.django_db

ITEM = dictionary.declinable_items()[0].item
NO = {"of": "purpose", "target": "education-research"}


def served(office: Office) -> rights.helping.ServedChild:
    (child,) = insist(office.home.at_desk("behalf-show", serving=office.serving)).children
    return child


def offered(office: Office, deed: str, name: str) -> set[str]:
    return {key for key, _words in DEEDS[deed].fields(served(office))[name].choices if key}


def test_what_another_adult_said_can_be_said_too_and_not_taken_back(office: Office) -> None:
    other = office.home.link(0)
    rights.decline_item(other, ITEM, config=office.home.config, clock=office.home.clock)
    rights.object_to(other, NO["target"], clock=office.home.clock)
    office.begins()
    assert {"no-more", "decline-no-more"}.isdisjoint(what for what, _title in may(served(office)))
    assert ITEM in offered(office, "decline", "item")
    assert "purpose:education-research" in offered(office, "no", "to")
    for act, given in (("decline", {"item": ITEM}), ("object", NO)):
        insist(office.acts(act=act, given=given))
    assert ITEM not in offered(office, "decline", "item")
    assert "purpose:education-research" not in offered(office, "no", "to")
    assert offered(office, "decline-no-more", "item") == {ITEM}
    assert offered(office, "no-more", "to") == {"purpose:education-research"}
    for act, given in (("decline-no-more", {"item": ITEM}), ("object-no-more", NO)):
        insist(office.acts(act=act, given=given))
        assert isinstance(office.acts(act=act, given=given), Refused)  # what is left is the other adult's
