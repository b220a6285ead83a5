"""A recipient fetches a notice and answers for it on a page, as a file and by a program; nobody else finds it."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.corrections import scene as scenes
from tests.corrections.scene import made
from tests.web.reading_age import grade
from tests.web.staff import sign_in_as, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: FixedClock, settings: Any) -> scenes.Scene:
    found = scenes.begin(home, clock)
    found.read()
    made(found.correct(0, "census_pupil.ethnicity", "WIRI"))
    made(found.correct(4, "census_pupil.ethnicity", ""))
    found.later(1)
    found.tend()
    settings.CONFIG, settings.CLOCK = home, found.clock
    cache.clear()
    return found


def text(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


def hardness(page: str) -> float:
    """The grade of a page's own sentences."""
    found = re.findall(r'<p class="govuk-body">(.*?)</p>', page.split("<h1", 1)[1], re.DOTALL)
    return grade("\n".join(re.sub(r"<[^>]+>", " ", one) for one in found if "." in one))


def test_a_notice_is_fetched_kept_as_a_file_and_answered_for(world: scenes.Scene, client: Client) -> None:
    sign_in_as(client, world.world.person)
    (notice,) = world.notices()
    listed = client.get("/corrections/")
    assert notice.id in text(listed)
    assert listed.headers["Cache-Control"] == "no-store"
    page = client.get(f"/corrections/{notice.id}/")
    shown = text(page)
    assert all(part in shown for part in ("WBRI", "WIRI", "APKN", "AUT 2026"))
    assert not any(one in shown for one in ("Canary", "Forename"))
    assert hardness(shown) <= 8
    assert hardness(text(listed)) <= 8
    kept = client.get(f"/corrections/{notice.id}/lines.csv")
    assert kept.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(text(kept))))
    assert {(row["old"], row["new"]) for row in rows} == {("WBRI", "WIRI"), ("APKN", "")}
    by_program = json.loads(text(client.get(f"/api/v1/corrections/{notice.id}/")))
    assert {line["pupil"] for line in by_program["lines"]} == {row["pupil"] for row in rows}
    assert json.loads(text(client.get(f"/api/v1/corrections/{notice.id}/?after=1")))["lines"] == by_program["lines"][1:]
    # Nothing chosen, and no reason given: said at the field, and nothing is kept.
    for sent, said in (({"did": ""}, "Choose what you did"), ({"did": "cannot"}, "Say why it cannot be put right")):
        wrong = text(client.post(f"/corrections/{notice.id}/", sent))
        assert said in wrong
        assert "govuk-error-summary" in wrong
    refused = client.post(f"/api/v1/corrections/{notice.id}/", {"did": "nonsense"})
    assert refused.status_code == 422
    assert json.loads(text(refused))["reasons"][0]["code"] == "did-unknown"
    assert world.notices()[0].state == "fetched"
    done = client.post(f"/corrections/{notice.id}/", {"did": "corrected", "said": "<b>In every file.</b>"}, follow=True)
    assert "Your answer is kept" in text(done)
    assert "&lt;b&gt;In every file.&lt;/b&gt;" in text(done)
    assert json.loads(text(client.get("/api/v1/corrections/")))["notices"][0]["did"] == "corrected"


def test_whoever_watches_sees_how_it_stands_and_no_line_and_a_stranger_finds_nothing(
    world: scenes.Scene, client: Client
) -> None:
    (notice,) = world.notices()
    addresses = [
        f"/corrections/{notice.id}/",
        f"/corrections/{notice.id}/lines.csv",
        f"/api/v1/corrections/{notice.id}/",
    ]
    signed_in(client, "researcher")
    assert notice.id not in text(client.get("/corrections/"))
    assert [client.get(one).status_code for one in addresses] == [404, 404, 404]
    assert client.post(addresses[0], {"did": "corrected"}).status_code == 404
    assert client.post(addresses[2], {"did": "corrected"}).status_code == 404
    sign_in_as(client, world.official())
    watched = text(client.get("/corrections/?percent=10"))
    assert notice.id in watched
    assert "33" in watched, "a third of the pupils of that result had a value put right"
    assert hardness(watched) <= 8
    assert [client.get(one).status_code for one in addresses] == [403, 403, 403]
    client.logout()
    assert [client.get(one).status_code for one in addresses] == [302, 302, 302]
    checked = Client(enforce_csrf_checks=True)
    sign_in_as(checked, world.world.person)
    assert [checked.post(one, {"did": "destroyed"}).status_code for one in (addresses[0], addresses[2])] == [403, 403]
    assert world.notices()[0].state == "sent"
    (state, *_) = gate.correction_states(world.world.pmrs[0], config=world.config, clock=world.clock)
    assert state.did == ""
