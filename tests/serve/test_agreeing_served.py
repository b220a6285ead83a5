"""Signing, stopping, ending and destroying on the site's pages where the gate is a process of its own."""

from __future__ import annotations

import json
import re

from tests.serve.pages import send, signed_in
from tests.serve.place import GATE, Place
from tests.serve.test_site import Browser, site

__all__ = ["site"]

SCENE = """
import json
from dataclasses import replace
from datetime import date, timedelta
import django
django.setup()
from schoolgate import people, requests
from schoolgate.clock import SystemClock
from tests.requests import road
from tests.requests.filled import filled

clock = SystemClock()
today, last = clock.now().date(), date(2099, 1, 1)
home = people.add_organisation("College of Example (synthetic)", "university")
office = people.add_organisation("Office of Example (synthetic)", "custodian")
who = {
    "researcher": people.add_person(home.id, "researcher", accredited_until=last),
    "custodian": people.add_person(office.id, "custodian"),
    "witness": people.add_person(office.id, "custodian"),
}
for name, one in who.items():
    account = people.create_account(f"{name}@agreeing.example.org", "correct horse battery", role=one.role)
    people.hold_person(one.id, account.id)
spec = replace(
    requests.read_application(requests.example("education-research")), organisation=home.id,
    people=(who["researcher"].id,), cohort=(), valid_from=today, valid_until=today + timedelta(days=300),
)
made = requests.insist(requests.submit_application(filled(spec), who["researcher"].id, clock))
requests.insist(road.decide(made.id, True, ["It serves pupils."], [], (), clock))
road.made_sure(made.id, clock)
print(json.dumps({"application": made.id, "witness": who["witness"].id, "today": today.isoformat()}))
"""

TOLD = """
import json, sys, django
django.setup()
from schoolgate import register
found = [one.body["type"] for one in register.events(subject=sys.argv[1], limit=50)]
print(json.dumps(found[::-1]))
"""


def sign(browser: Browser, application: str, shown: str = "") -> str:
    """Sign the text on the page, or over another hash."""
    address = f"/agreements/{application}/sign/"
    (held,) = re.findall(r'name="shown" value="([0-9a-f]{64})"', browser.get(address))
    return send(browser, address, shown=shown or held, is_read="on")


def test_both_sides_sign_and_it_is_stopped_ended_and_destroyed_over_the_pages(site: str, place: Place) -> None:
    made = place.run(GATE, "-c", SCENE)
    assert made.returncode == 0, made.stderr
    scene = json.loads(made.stdout)
    application = scene["application"]
    researcher, office, witness = (
        signed_in(site, f"{name}@agreeing.example.org") for name in ("researcher", "custodian", "witness")
    )
    assert "was altered on the way" in sign(researcher, application, "0" * 64)
    assert "You have signed." in sign(researcher, application)
    signed = sign(office, application)
    assert "You have signed." in signed
    agreement = re.findall(r"A-\d{4}-\d{4}", signed)[0]
    page = f"/agreements/{agreement}/"
    assert "The use is stopped" in send(office, f"{page}stop/", reason="Somebody asked why.")
    assert "not possible while it is suspended" in send(office, f"{page}stop/", reason="Again.")
    assert "The agreement has ended" in send(researcher, f"{page}end/", reason="We do not go on.")
    gone = {"method": "overwritten", "words": "Every disk.", "destroyed_on": scene["today"]}
    assert "another person, of the custodian" in send(researcher, f"{page}destroyed/", witness="P-0001", **gone)
    stated = send(researcher, f"{page}destroyed/", witness=scene["witness"], **gone)
    assert "has not yet said whether they saw it" in stated
    assert "What you said is in the register." in send(witness, f"{page}witness/", saw="yes", reason="")
    told = place.run(GATE, "-c", TOLD, agreement)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == [
        "agreement.signed", "agreement.suspended", "agreement.ended", "destruction.stated", "destruction.certified",
    ]  # fmt: skip
