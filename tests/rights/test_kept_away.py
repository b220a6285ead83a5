"""Who was kept away stays away: no official alone opens a shielded child's pages, no link that ended escapes an order."""

from __future__ import annotations

from typing import Any

import pytest

from schoolgate import gate, rights
from schoolgate.errors import Refusal, insist
from tests.rights.test_standing import UPN, Home, home_of
from tests.world import URN

pytestmark = pytest.mark.django_db
__all__ = ["home_of"]


def test_one_official_alone_does_not_open_a_shielded_childs_pages_again(home_of: Home) -> None:
    link = home_of.link(0)
    gate.set_shield(UPN, True, actor=home_of.staff[0], config=home_of.config, clock=home_of.clock)
    for who, lifted in zip(home_of.staff, (False, True), strict=True):
        with pytest.raises(rights.UnknownLink):
            rights.child(home_of.accounts[0], link.id)
        said = gate.set_shield(UPN, False, actor=who, config=home_of.config, clock=home_of.clock)
        assert said is lifted
    assert rights.child(home_of.accounts[0], link.id) == link


def test_who_gave_the_child_up_before_a_courts_order_is_kept_away_by_it_all_the_same(home_of: Home) -> None:
    office: dict[str, Any] = {"school_actor": f"school:{URN}", "clock": home_of.clock, "config": home_of.config}

    def listed() -> list[tuple[str, bool]]:
        found = rights.ways_in(URN, UPN, **office)
        assert not isinstance(found, Refusal)
        return [(one.id, one.ended is not None) for one in found]

    first, other = home_of.link(0), home_of.link(1)
    rights.end_link(first, clock=home_of.clock)
    assert listed() == [(f"link-{other.id}", False), (f"link-{first.id}", True)]
    again = home_of.link(0)  # without an order they come back by the next letter
    order = {**office, "by_order": True}
    assert rights.end_way(URN, UPN, f"link-{first.id}", **{**order, "by_order": False}) == 0  # it had ended
    assert rights.end_way(URN, UPN, f"link-{first.id}", **order) == 1
    assert rights.children(home_of.accounts[0]) == ()  # the order is about the account, so the later link ends, too
    assert rights.end_way(URN, UPN, f"link-{again.id}", **order) == 0
    assert listed() == [(f"link-{other.id}", False)]
    assert isinstance(
        rights.redeem_code(home_of.accounts[0], home_of.code(), home_of.clock, config=home_of.config), Refusal
    )
    rights.end_link(other, clock=home_of.clock)
    assert insist(home_of.at_desk("way-end", upn=UPN, way=f"link-{other.id}", by_order=True)) == 1
    assert [one.id for one in insist(home_of.at_desk("ways-show", upn=UPN)) if one.until is None] == []
