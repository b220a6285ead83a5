"""Codes, papers and acts on behalf where the gate is a process of its own: the site asks, and cannot write them itself."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from tests.serve.place import GATE, SITE, Place
from tests.world import CHILDREN

FORGE = "import django; django.setup(); from schoolgate.rights.models import {0}; {0}.objects.create{1}"
FORGE_LETTER = (
    "import django; django.setup(); from schoolgate.rights.cases.models import CaseLetter;"
    " CaseLetter.objects.update(how='posted')"
)


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
    # A decision about a case of theirs waits to be posted; it is printed and said to be posted by the gate alone.
    asked = {"kind": "complaint", "text": "Nobody told us."}
    opened = {"serving": serving, "link": link, "act": "case-open", "given": asked, "reason": "Asked by letter."}
    assert staff("on-behalf", first, **opened) > 0
    (child,) = staff("behalf-show", first, serving=serving)["children"]
    case = child["cases"][0]["reference"]
    words = {"outcome": "upheld", "text": "You were not told.", "provision": "", "value": "", "row": ""}
    assert staff("recourse-decide", first, reference=case, event="decide", **words) == "decided"
    (waits,) = staff("recourse-letters", second)
    one = {"reference": case, "number": waits["number"]}
    assert staff("recourse-print", second, **one)["content"].startswith("JVBERi")  # %PDF-
    assert staff("recourse-posted", second, posted_on="2020-01-01", **one)["reasons"][0]["code"] == "day-too-early"
    today = date(*map(int, re.findall(r"\d+", waits["written_on"]))).isoformat()
    assert staff("recourse-posted", second, posted_on=today, **one) is True
    assert staff("recourse-letters", second) == []
    told = place.run(SITE, "-c", FORGE_LETTER)
    assert told.returncode != 0
    assert "This touches what is the gate's" in told.stderr
    act = {"serving": serving, "link": link, "act": "link-end", "given": {}, "reason": "Asked by letter."}
    letter = staff("on-behalf", first, **act)
    assert staff("on-behalf", first, **act)["reasons"][0]["code"] == "serving-over"
    assert staff("behalf-posted", first, letter=letter)["reasons"][0]["code"] == "same-person"
    assert staff("behalf-posted", second, letter=letter) is True
    for model, what in (
        ("PaperClaim", "(public_id=1, pupil=1, opened_at='2026-01-01T00:00Z')"),
        ("OnBehalf", "(link_id=1, at='2026-01-01T00:00Z')"),
        ("ChildLink", "(public_id=1, account_id=1, pupil=1, since='2026-01-01T00:00Z')"),
        ("ClaimCode", "(pupil=1, issued_at='2026-01-01T00:00Z', expires_at='2099-01-01T00:00Z')"),
        ("ClaimAttempt", "(account_id=1, at='2026-01-01T00:00Z')"),
    ):
        told = place.run(SITE, "-c", FORGE.format(model, what))
        assert told.returncode != 0
        assert "ermission denied" in told.stderr or "may not" in told.stderr or "gate" in told.stderr


def test_a_school_gives_a_code_out_and_a_family_uses_it_by_the_gate_alone(place: Place) -> None:
    make = "import django; django.setup(); from schoolgate import people; print(people.create_account('{0}', 'correct horse battery').id)"
    (office,) = place.ask(GATE, [{"ask": "office", "email": "codes@example.org"}])
    account, other = (
        int(place.run(SITE, "-c", make.format(f"{name}@example.org")).stdout) for name in ("coded", "guesser")
    )

    def school(act: str, **given: Any) -> Any:
        return place.ask(SITE, [{"ask": "school", "act": act, "account": office, "given": given}])[0]

    def family(act: str, who: int = account, link: int = 0, **given: Any) -> Any:
        return place.ask(SITE, [{"ask": "family", "act": act, "account": who, "link": link, "given": given}])[0]

    upn = CHILDREN[2].upn
    code = school("code-give", upn=upn, standing="carer")["text"]
    assert school("code-give", upn="A000000000000", standing="carer")["reasons"]
    for wrong in ("0000-0000-0000-0000", ""):
        assert family("code-redeem", other, code=wrong)["reasons"][0]["code"] == "code-does-not-fit"
    link = family("code-redeem", code=code)["id"]
    assert family("code-redeem", other, code=code)["reasons"][0]["code"] == "code-does-not-fit"
    assert family("choices-show", link=link)["no"] == []
    # Who they are is what the site's provider proved; a number that is not theirs is answered as one of nobody.
    who = {"forename": "Nobody", "surname": "Here", "born": "1980-01-01"}
    assert {family("own-record", upn=one, **who)["reasons"][0]["code"] for one in (upn, "A000000000000")} == {
        "no-one-record"
    }
    (way,) = [one["id"] for one in school("ways-list", upn=upn) if one["id"] == f"link-{link}"]
    assert school("way-close", upn=upn, way=way, by_order=True) == 1
    assert family("choices-show", link=link)["code"] == "link-unknown"
