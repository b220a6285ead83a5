"""Oversight where the gate is a process of its own: the site's role reads what the pages show, the gate's acts."""

from __future__ import annotations

import json
import re

from tests.serve.pages import send, signed_in
from tests.serve.place import GATE, Place
from tests.serve.test_site import Browser, site

__all__ = ["site"]

ACCOUNTS = """
import json, django
django.setup()
from schoolgate import people
custodian = next(one for one in people.persons() if one.role == "custodian")
found = {}
for role, home in (("overseer", people.add_organisation("Regulator (synthetic)", "regulator").id),
                   ("custodian", custodian.organisation_id)):
    person, email = people.add_person(home, role), f"{role}@example.net"
    people.hold_person(person.id, people.create_account(email, "correct horse battery", role=role).id)
    found[role] = email
print(json.dumps(found))
"""


def test_an_overseer_s_pages_and_acts_work_on_the_site_s_own_rights(site: str, place: Place) -> None:
    made = place.run(GATE, "-c", ACCOUNTS)
    assert made.returncode == 0, made.stderr
    emails = json.loads(made.stdout)
    watching = signed_in(site, emails["overseer"])
    agreement = place.facts["agreement"]
    for path in (
        "/oversight/", "/oversight/requests/", f"/oversight/requests/{agreement}/", "/oversight/meetings/",
        "/oversight/figures/", "/oversight/machinery/", "/oversight/entries/agreement.signed/", "/figures/",
        "/statements/", "/findings/", "/processing/", "/processing/?as=json",
    ):  # fmt: skip
        assert watching.get(path), path
    assert "nothing was used that is not declared" in watching.get("/processing/")
    size = re.findall(r'name="size" value="(\d+)"', watching.get("/oversight/"))[0]
    assert "Noted." in send(watching, "/oversight/", "/oversight/seen/", size=size)
    said = send(watching, "/oversight/ask/", question="Why was it signed?", about=agreement, due="")
    number = re.findall(r"Your question (Q-\d{4}-\d{4}) is in the register", said)[0]
    office = signed_in(site, emails["custodian"])
    said = send(office, f"/custodian/questions/{number}/", answer="Because the panel said so.", kind="answered")
    assert "Your answer is in the register." in said
    assert "Because the panel said so." in Browser(site).get("/questions/")
    record = place.schoolgate(GATE, "oversight", "record-of-processing", "--format", "json")
    assert record.returncode == 0, record.stderr
    assert json.loads(record.stdout)["activities"][0]["id"] == "census collection"
