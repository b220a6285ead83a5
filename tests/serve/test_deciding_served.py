"""Deciding on the site's pages where the gate is a process of its own: the site reads, the gate's process acts."""

from __future__ import annotations

import json
import re

from tests.serve.pages import send, signed_in
from tests.serve.place import GATE, Place
from tests.serve.test_site import site

__all__ = ["site"]

ACCOUNTS = """
import json, django
django.setup()
from schoolgate import people
found = {}
for one in people.persons():
    if one.role not in ("custodian", "panel"):
        continue
    email = f"{one.id.lower()}@example.org"
    if one.account_id is None:
        people.hold_person(one.id, people.create_account(email, "correct horse battery", role=one.role).id)
    found.setdefault(one.seat or one.role, []).append([one.id, email])
print(json.dumps(found))
"""

ENTRY = """
import django
django.setup()
from schoolgate import register
print(register.events("proposal.refused")[0].index)
"""


def test_a_change_is_proposed_allocated_voted_and_refused_over_the_pages(site: str, place: Place) -> None:
    made = place.run(GATE, "-c", ACCOUNTS)
    assert made.returncode == 0, made.stderr
    persons = json.loads(made.stdout)
    agreement = place.facts["agreement"]
    office = signed_in(site, persons["custodian"][0][1])
    asked = {"kind": "amend", "items": "census_pupil.phase", "added": "", "valid_until": "", "reasons": "More."}
    home = send(office, f"/proposals/{agreement}/", **asked)
    case = re.findall(r"/custodian/case/(C-\d+)/", home)[0]
    members = [persons["independent"][0], persons["independent"][1], *persons["lay"][:1], *persons["official"][:2]]
    page = f"/custodian/case/{case}/"
    named = send(office, f"{page}members/", members=[one for one, _ in members], chair=members[0][0])
    assert "has not voted" in named
    for _person, email in members:
        voter = signed_in(site, email)
        assert "Your vote is kept" in send(voter, f"{page}vote/", choice="refuse", reasons="It is not needed.")
    assert "The decision is in the register" in send(office, f"{page}conclude/")
    shown = office.get(page)
    assert "decided: refused" in shown
    entry = place.schoolgate(GATE, "request", "case", case, "--as", persons["custodian"][0][0])
    assert "refuse: 2 official, 2 independent, 1 lay" in " ".join(entry.stdout.split()), entry.stderr
    told = place.run(GATE, "-c", ENTRY)
    assert told.returncode == 0, told.stderr
    assert "It is not needed." in office.get(f"/register/{int(told.stdout)}/")
