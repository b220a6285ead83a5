"""From 2015: lists of people went to the pupil database each month for immigration enforcement, begun in secret.

About a quarter of those sent were found; the numbers were refused under freedom of information. Here such a request
has a public application, no power carries its purpose, and a list sent under another agreement for that reason stops
that agreement. Where look-ups are allowed each has its reason and provision, the misses are destroyed at once, the
counts are public at once, the family sees it the same day, and a delay has an end and is counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schoolgate import gate, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from tests.gate.lookups import LAW, LookupScene, stranger, wanted
from tests.history import scene as history
from tests.world import CHILDREN, build

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_cannot_begin_in_secret_and_no_power_carries_it(home: Config, clock: FixedClock, settings: Any) -> None:
    world = build(home, clock)
    asked = history.apply(
        world, clock, "Interior Ministry (synthetic)", "government-department", purpose="immigration-enforcement",
        kind_of_request="matching", purpose_plain="We look for people who may not stay in the country.",
        gateway="Education Act 1996 s.537A",
    )  # fmt: skip
    register.publish(clock, home)
    client = history.public(clock, home, settings)
    assert "Interior Ministry (synthetic)" in history.page(client, "/register/")
    assert "gateway-missing" in history.refused(history.decide(asked.id, True, clock))
    requests.insist(history.decide(asked.id, False, clock))
    assert history.told("application.decided")[-1]["outcome"] == "refused"
    assert history.figures("2026-Q3")["refusals", "kind of request: matching"] == "1"


def test_a_list_for_that_reason_under_another_agreement_stops_it_and_tells_nothing(
    home: Config, clock: FixedClock
) -> None:
    scene = LookupScene.of("matching", home, clock)  # declared: to keep a child safe, to find a child not in school
    answer = scene.match(wanted(1, reason="immigration"), wanted(2, reason="immigration"))
    assert history.refused(answer) == {"reason-not-declared"}
    assert [scene.lines(child) for child in (1, 2)] == [[], []]
    (stopped,) = scene.told("use.stopped")
    assert stopped["reasons"] == ["reason-not-declared"]
    assert scene.told("lookup.made") == []
    assert history.refused(scene.match(wanted(1))) == {"use-stopped"}  # until somebody has asked and decided
    assert history.figures("2026-Q3")["stopped", "use out of pattern, stopped by the gate"] == "1"


def test_counts_are_public_at_once_misses_are_destroyed_and_the_family_sees_it_the_same_day(
    home: Config, clock: FixedClock, settings: Any
) -> None:
    scene = LookupScene.of("matching", home, clock)
    answer = insist(
        scene.match(
            wanted(1), stranger("a"), stranger("b", forename="Unheardsynth"), stranger("c", surname="Unseensynth")
        )
    )
    assert [row.found for row in answer.rows] == [True, False, False, False]  # a quarter, as it was
    (made,) = scene.told("lookup.made")
    assert made["provision"] == LAW
    assert made["people_asked"] == "fewer than 10"
    assert scene.told("lookup.misses_destroyed")[0]["misses"] == "fewer than 10"
    assert history.anywhere_below(home.home, b"Unheardsynth") == []
    lines = scene.lines(1)
    assert [line.exposure.state for line in lines] == ["settled"]
    assert "Nobodysynth" not in str(lines)
    client = history.public(clock, home, settings)
    said = history.page(client, "/figures/")
    assert "to keep a child safe" in said
    found = history.figures("2026-Q3")
    assert found["look-ups", "look-ups"] == "1"
    assert found["look-ups", "certificates that misses were destroyed"] == "1"
    history.whole(home)


def test_a_delay_for_one_family_has_an_end_and_is_counted(home: Config, clock: FixedClock, settings: Any) -> None:
    scene = LookupScene.of("matching", home, clock)
    insist(scene.match(wanted(1)))
    settings.CLOCK = scene.clock
    given: dict[str, Any] = {
        "upn": CHILDREN[1].upn, "agreement_id": scene.world.agreement, "provision": "Data Protection Act 2018 sch. 2",
        "reason": "The police say that the family would move the child.", "person_id": scene.custodian,
    }  # fmt: skip
    today = scene.clock.now().date()
    for until in (today + timedelta(days=91), today + timedelta(days=36_500)):
        assert history.refused(gate.set_delay(**given, until=until, config=home, clock=scene.clock))
    insist(gate.set_delay(**given, until=today + timedelta(days=20), config=home, clock=scene.clock))
    assert scene.lines(1) == []
    assert history.told("delay.totals")[-1]["delayed"] == "fewer than 10"
    assert (
        history.figures("2026-Q3")["look-ups", "families who are told later, by law, as counted last"]
        == "fewer than 10"
    )
    scene.later(days=21)
    settings.CLOCK = scene.clock
    assert len(scene.lines(1)) == 1
