"""Staff propose a destruction on a page, a second person decides, and the page shows how far it is and its certificate."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from schoolgate import gate, people, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests import world as worlds
from tests.web.reading_age import grade
from tests.web.staff import sign_in_as

pytestmark = pytest.mark.django_db(transaction=True)

HOME = "/custodian/destructions/"
PUPIL = {"upn": worlds.CHILDREN[0].upn, "ground": "unlawful", "because": "It was entered against the law."}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def hardness(page: str) -> float:
    found = re.findall(r'<p class="govuk-body[^"]*">(.*?)</p>', page.split("<h1", 1)[1], re.DOTALL)
    return grade("\n".join(re.sub(r"<[^>]+>", " ", one) for one in found if "." in one))


@pytest.fixture
def staff(home: Config, clock: FixedClock, settings: Any) -> tuple[Client, Client]:
    """Two people of the custodian, signed in; six children in the lake; returns of 2016 past their day."""
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    worlds.build(home, clock)
    with transaction.atomic():
        told = {"year": 2016, "term": "SPR", "schools": 1, "snapshot": 1}
        register.append_event("term.loaded", "2016 SPR", told, clock.now())
    ministry = people.find_organisation("Ministry (synthetic)").id
    one, two = Client(), Client()
    for client in (one, two):
        sign_in_as(client, people.add_person(ministry, "custodian").id)
    return one, two


def test_from_a_proposal_to_the_certificate(staff: tuple[Client, Client], home: Config, clock: FixedClock) -> None:
    one, two = staff
    # What is missing is said at its field, in plain words, and nothing is proposed.
    for sent, said in (
        ({}, "Enter the pupil’s number"),
        ({**PUPIL, "ground": "because"}, "Choose one of the list"),
        ({**PUPIL, "because": "No."}, "Say in a sentence why."),
        ({**PUPIL, "upn": "A000000000000"}, "No one pupil has this UPN."),
    ):
        assert said in text(one.post(f"{HOME}pupil/", sent))
    for sent, said in (
        ({}, "Name at least one item"),
        (
            {"items": "return.nosuch", "years": "soon", "ground": "unlawful", "because": "Why not."},
            "Enter years such as",
        ),
        ({"items": "return.nosuch", "ground": "unlawful", "because": "Against the law."}, "Not an item"),
    ):
        assert said in text(one.post(f"{HOME}items/", sent))
    assert gate.destructions() == ()

    form = text(one.get(f"{HOME}pupil/"))
    assert "What goes, and what stays" in form
    assert one.post(f"{HOME}pupil/", PUPIL).status_code == 302
    (made,) = gate.destructions()
    address = f"{HOME}{made.number}/"
    assert "You proposed it. A second person decides." in text(one.get(address))
    yes = {"agree": "yes", "because": "So it was."}
    assert "You proposed this yourself." in text(one.post(f"{address}decide/", yes))
    assert "waits for a second person" in text(two.get(HOME))
    assert "Choose one" in text(two.post(f"{address}decide/", {"because": "So it was."}))
    assert two.post(f"{address}decide/", yes).status_code == 302
    assert "agreed: it is being destroyed" in text(two.get(address))
    gate.carry_destruction(made.number, config=home, clock=clock)
    done = text(one.get(address))
    for part in ("Certificate", "The entry in the public log", "6 October 2026", "Agreements told to delete it"):
        assert part in done
    for page in (form, done, text(one.get(HOME))):
        assert hardness(page) <= 8
        assert PUPIL["upn"] not in page
        assert "Canary" not in page


def test_what_is_past_its_day_is_proposed_with_one_press_and_may_be_taken_back(staff: tuple[Client, Client]) -> None:
    one, two = staff
    listed = text(one.get(HOME))
    assert f"{HOME}rule/paper/2016/" in listed
    assert "31 December 2022" in listed
    assert one.get(f"{HOME}rule/paper/2017/").status_code == 404
    assert one.get(f"{HOME}D-9999/").status_code == 404
    assert one.post(f"{HOME}rule/paper/2016/").status_code == 302
    (made,) = gate.destructions()
    assert (made.kind, made.state) == ("rule", "proposed")
    assert "This is proposed already." in text(two.post(f"{HOME}rule/paper/2016/"))
    assert two.post(f"{HOME}{made.number}/withdraw/").status_code == 302
    assert "taken back: nothing was destroyed" in text(one.get(HOME))
