"""Papers and acts on behalf where the gate is a process of its own: the site asks, and cannot write them itself."""

from __future__ import annotations

from typing import Any

from tests.serve.place import GATE, SITE, Place
from tests.world import CHILDREN

FORGE = "import django; django.setup(); from schoolgate.rights.models import {0}; {0}.objects.create{1}"


def test_two_people_let_somebody_in_on_paper_and_the_site_alone_cannot(place: Place) -> None:
    office = "from schoolgate import people; o = people.find_organisation('Custodian (synthetic)').id; print(people.add_person(o, 'custodian').id, [p.id for p in people.persons(o) if p.role == 'custodian'][0])"
    second, first = place.run(GATE, "-c", f"import django; django.setup(); {office}").stdout.split()

    def staff(name: str, person: str, /, **given: Any) -> Any:
        return place.ask(SITE, [{"ask": "staff", "act": name, "person": person, "given": given}])[0]

    claim = staff("paper-open", first, upn=CHILDREN[5].upn, standing="carer", evidence={"passport": ""})
    decided = {"claim": claim["id"], "agree": True, "way": "held", "reason": ""}
    assert staff("paper-decide", first, **decided)["reasons"][0]["code"] == "same-person"
    link = staff("paper-decide", second, **decided)["link_id"]
    assert link > 0
    serving = staff("behalf-begin", first, link=link, channel="letter", how="signature-and-reference")
    (child,) = staff("behalf-show", first, serving=serving)["children"]
    assert (child["link"], child["choices"]["no"]) == (link, [])
    act = {"serving": serving, "link": link, "act": "link-end", "given": {}, "reason": "Asked by letter."}
    letter = staff("on-behalf", first, **act)
    assert staff("on-behalf", first, **act)["reasons"][0]["code"] == "serving-over"
    assert staff("behalf-posted", first, letter=letter)["reasons"][0]["code"] == "same-person"
    assert staff("behalf-posted", second, letter=letter) is True
    for model, what in (
        ("PaperClaim", "(public_id=1, pupil=1, opened_at='2026-01-01T00:00Z')"),
        ("OnBehalf", "(link_id=1, at='2026-01-01T00:00Z')"),
    ):
        told = place.run(SITE, "-c", FORGE.format(model, what))
        assert told.returncode != 0
        assert "ermission denied" in told.stderr or "may not" in told.stderr or "gate" in told.stderr
