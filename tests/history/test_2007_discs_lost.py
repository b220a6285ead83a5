"""2007: two discs with 25 million people's child-benefit data were lost in the post, and missed for three weeks.

Here nothing leaves by default. An exceptional extract is let go by a named person of another organisation, sealed to
the recipient's key, for some days; whoever finds it on the way has nothing; whoever does not sign for it reads no more.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pyrage
import pytest

from schoolgate import gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from tests.gate.extracts import Scene
from tests.history import scene as history

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(home: Config, clock: FixedClock) -> Scene:
    return Scene.build(home, clock)


def test_a_junior_official_alone_sends_nothing(scene: Scene) -> None:
    """The discs were burnt and posted by one person. Here who orders does not decide, and nothing is made before."""
    order = insist(scene.order())
    assert history.refused(scene.approve(order.id, person=scene.world.person))
    assert history.told("release.begun") == []
    assert not (scene.config.home / "extracts").exists() or not list((scene.config.home / "extracts").iterdir())


def test_whoever_finds_the_file_has_nothing(scene: Scene) -> None:
    order = scene.ready()
    found_in_the_post = scene.fetch(order)
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(found_in_the_post, [pyrage.x25519.Identity.generate()])
    opened = bytes(pyrage.decrypt(found_in_the_post, [scene.key]))
    assert b"WBRI" in opened
    assert b"WBRI" not in found_in_the_post
    (entry,) = history.told("extract.ready")
    assert entry["file_sha256"] == hashlib.sha256(found_in_the_post).hexdigest()


def test_what_is_not_signed_for_is_missed_in_days_in_public_and_stops_every_further_read(
    scene: Scene, settings: Any
) -> None:
    order = scene.ready()
    scene.fetch(order)
    assert isinstance(scene.read(), gate.Handover)
    scene.later(days=11)  # in 2007: three weeks until somebody asked
    scene.tend()
    assert [one["agreement"] for one in history.told("extract.unsigned")] == [scene.world.agreement]
    assert history.refused(scene.read())
    client = history.public(scene.clock, scene.config, settings)
    assert "fetched and not signed for" in history.page(client, "/figures/")
    assert history.figures("2026-Q3")["extracts", "fetched and not signed for"] == "1"


def test_a_file_that_nobody_fetched_is_gone(scene: Scene) -> None:
    order = scene.ready()
    scene.later(days=15)
    scene.tend()
    assert history.refused(scene.open(order))
    assert list((scene.config.home / "extracts").iterdir()) == []
    assert [one["agreement"] for one in history.told("extract.expired")] == [scene.world.agreement]
    history.whole(scene.config)


def test_the_families_see_that_it_left_the_same_day(scene: Scene) -> None:
    order = scene.ready()
    gate.settle_pending(scene.config, scene.clock)
    release = history.told("extract.ready")[-1]["release"]
    for child in scene.world.pmrs:
        assert release in {line.exposure.release_id for line in history.family(child, scene.config)}
    assert insist(scene.open(order)).token
