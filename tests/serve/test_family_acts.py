"""Acts of families: in the gate's own process and over its socket they do the same, and the link is looked at anew."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.rights.cases.papers import photo
from tests.serve.place import DESK, GATE, SITE, STRANGER, WORKER, Place
from tests.serve.test_releases_served import custodian
from tests.world import CHILDREN

Act = Callable[..., Any]


@pytest.fixture(params=["embedded", "served"])
def uid(request: pytest.FixtureRequest) -> int:
    """Whose process asks: the gate's own, or the site's, which may only ask over the socket."""
    return GATE if request.param == "embedded" else SITE


@pytest.fixture(scope="module")
def parents(place: Place) -> dict[str, dict[str, int]]:
    """Two families with a child each."""
    asked = [{"ask": "linked", "number": n, "email": f"{name}@example.org"} for n, name in ((3, "one"), (4, "other"))]
    one, other = place.ask(GATE, asked)
    return {"one": one, "other": other}


@pytest.fixture
def act(uid: int, place: Place, parents: dict[str, dict[str, int]]) -> Act:
    def done(act: str, /, who: str = "one", **given: Any) -> Any:
        return place.ask(uid, [{"ask": "family", "act": act, **parents[who], "given": given}])[0]

    return done


def counted(place: Place) -> int:
    """How many children a researcher's next question finds."""
    query = {"agreement": place.facts["agreement"], "person": place.facts["person"]}
    sql = "SELECT count(*) AS n FROM census_pupil"
    (handed,) = place.ask(DESK, [{"ask": "read", **query, "sql": sql, "file": "n.csv"}])
    return int(base64.b64decode(handed["files"]["n.csv"]).decode().split()[1])


SCOPES = [("purpose", "education-research"), ("kind", "university"), ("recipient", "O-0001"), ("all", "")]


@pytest.mark.parametrize(("of", "target"), SCOPES)
def test_a_no_of_every_scope_is_heard_by_the_very_next_read_and_taken_back_as_easily(
    of: str, target: str, act: Act, place: Place
) -> None:
    before = counted(place)
    said = act("object", of=of, target=target)
    assert (said["scope"]["of"], said["scope"]["target"], said["overridden"]) == (of, target, False)
    (shown,) = act("choices-show")["no"]
    assert (shown["of"], shown["target"], shown["by"], shown["since"]) == (of, target, "you", said["lodged_at"])
    assert counted(place) == before - 1
    assert act("object-no-more", of=of, target=target) is True
    assert act("object-no-more", of=of, target=target) is False
    assert counted(place) == before


def test_a_record_is_stopped_and_used_again(act: Act, place: Place) -> None:
    before = counted(place)
    assert act("stop", reason="accuracy-contested")["reason"] == "accuracy-contested"
    assert counted(place) == before - 1
    (stopped,) = act("choices-show")["stopped"]
    assert (stopped["by"], stopped["can_end"]) == ("you", True)
    assert act("stop-no-more", reason="accuracy-contested") is True
    assert counted(place) == before


def test_what_does_not_fit_is_refused_alike_and_nothing_is_changed(act: Act, place: Place) -> None:
    before = counted(place)
    day = (date.today() + timedelta(days=10)).isoformat()  # the gate's own clock is the machine's
    wrong = {
        "purpose-unknown": act("object", of="purpose", target="no-such-purpose"),
        "kind-unknown": act("object", of="kind", target="family"),
        "scope-unknown": act("object", of="weather", target=""),
        "restriction-reason": act("stop", reason="because"),
        "act-unknown": act("no-such-act"),
        "act-arguments": act("object", of="all"),
    }
    assert {code: answer["code"] for code, answer in wrong.items()} == {code: code for code in wrong}
    refused = act("yes", agreement=place.facts["agreement"], item="census_pupil.plaa", last_day=day)
    assert refused[""] == "Refused"
    assert refused["reasons"][0]["code"] == "yes-not-asked"
    assert counted(place) == before


def test_another_familys_link_opens_nothing_and_looks_like_none(
    uid: int, place: Place, parents: dict[str, dict[str, int]]
) -> None:
    one, other = parents["one"], parents["other"]
    before = counted(place)
    given = {"of": "all", "target": ""}
    pairs = [
        (one["account"], other["link"]),
        (other["account"], one["link"]),
        (one["account"], one["link"] + 1),
        (one["account"], 0),
        (999_999, one["link"]),
    ]
    answers = place.ask(
        uid, [{"ask": "family", "act": "object", "account": a, "link": n, "given": given} for a, n in pairs]
    )
    assert {(answer["code"], answer["what"]) for answer in answers} == {
        ("link-unknown", "This account has no such child.")
    }
    assert counted(place) == before


def test_only_the_site_asks_for_acts_of_families(place: Place, parents: dict[str, dict[str, int]]) -> None:
    ask = {"ask": "family", "act": "choices-show", **parents["one"], "given": {}}
    for uid in (DESK, WORKER, STRANGER):
        (answer,) = place.ask(uid, [ask])
        assert answer["code"] in ("not-your-operation", "stranger"), (uid, answer)
    # It reaches choices over the socket alone (test_walls: its role of the database sees no table of them, either).
    told = place.run(
        SITE, "-c", "import django; django.setup(); from schoolgate import consent; consent.objections_of(3)"
    )
    assert told.returncode != 0
    assert "runs as the gate's user only" in told.stderr


def test_a_fact_that_is_said_to_be_wrong_is_out_of_the_next_read_and_its_case_is_kept_where_the_gate_is(
    act: Act, place: Place, parents: dict[str, dict[str, int]]
) -> None:
    query = {"agreement": place.facts["agreement"], "person": place.facts["person"]}

    def known() -> str:
        sql = "SELECT count(ethnicity) AS n FROM census_pupil"
        (handed,) = place.ask(DESK, [{"ask": "read", **query, "sql": sql, "file": "n.csv"}])
        return base64.b64decode(handed["files"]["n.csv"]).decode().split()[1]

    before = known()
    said = {"item": "census_pupil.ethnicity", "row": "", "stands": "", "should_be": "Pakistani", "text": "We know."}
    reference = act("case-challenge", **said, wrong_since=None)
    assert int(known()) == int(before) - 1
    data = base64.b64encode(b"Our letter.").decode()
    assert act("case-file-piece", reference=reference, number=0, data=data) == 1
    digest = hashlib.sha256(b"Our letter.").hexdigest()
    assert act("case-file-add", reference=reference, name="letter.txt", sha256=digest) == 1
    shown = act("case-show", reference=reference)
    assert (shown["line"]["state"], shown["disputed"], shown["steps"][0]["said"]["text"]) == (
        "received",
        True,
        "We know.",
    )
    assert base64.b64decode(act("case-file", reference=reference, number=1)["content"]) == b"Our letter."
    # A picture is taken apart in a process of the gate's own, also where the gate is a user of its own.
    sent = photo()
    assert act("case-file-piece", reference=reference, number=0, data=base64.b64encode(sent).decode()) == 1
    assert act("case-file-add", reference=reference, name="a.jpg", sha256=hashlib.sha256(sent).hexdigest()) == 2
    assert b"Exif" not in base64.b64decode(act("case-file", reference=reference, number=2)["content"])
    assert base64.b64decode(act("case-bundle", reference=reference)["content"]).startswith(b"PK")
    # The other family is told of it what it is told of a case that is not there.
    theirs, none = act("case-show", who="other", reference=reference), act("case-show", who="other", reference="RC-X")
    assert (
        (theirs["code"], theirs["what"]) == (none["code"], none["what"]) == ("case-unknown", "There is no such case.")
    )
    assert act("case-say", reference=reference, event="withdraw", text="") == "withdrawn"
    assert known() == before
    # The site's own process has no key for the words and no right on the tables.
    held = place.run(
        SITE,
        "-c",
        "import django; django.setup(); from schoolgate.clock import SystemClock; from schoolgate.rights import cases;"
        " print(cases.queue(SystemClock()))",
    )
    assert held.returncode != 0


def test_a_school_answers_for_what_it_sent_by_the_gate_alone(place: Place, parents: dict[str, dict[str, int]]) -> None:
    """What the school sees and says is kept where the gate is; the site only asks, and a desk may not."""

    def family(act: str, **given: Any) -> Any:
        return place.ask(SITE, [{"ask": "family", "act": act, **parents["other"], "given": given}])[0]

    def staff(act: str, **given: Any) -> Any:
        return place.ask(GATE, [{"ask": "staff", "act": act, "person": custodian(place), "given": given}])[0]

    (office,) = place.ask(GATE, [{"ask": "office", "email": "office@example.org"}])

    def school(act: str, who: int = office, uid: int = SITE, **given: Any) -> Any:
        return place.ask(uid, [{"ask": "school", "act": act, "account": who, "given": given}])[0]

    said = {"item": "census_pupil.language", "row": "", "stands": "", "should_be": "Welsh", "text": "We speak it."}
    reference = family("case-challenge", **said, wrong_since=None)
    assert staff("recourse-look", reference=reference)["rows"]
    assert staff("recourse-step", reference=reference, event="ask_source", text="Is it?") == "with_source"
    assert [one["reference"] for one in school("source-list")] == [reference]
    shown = school("source-look", reference=reference)
    assert dict(map(tuple, shown["who"]))["upn"] == CHILDREN[4].upn
    assert school("source-show", reference="RC-2222-2222")["code"] == "case-unknown"
    refused = school("source-list", parents["one"]["account"])  # a family's account
    assert refused["reasons"][0]["code"] == "not-a-school"
    answered = school("source-answer", reference=reference, answer="right", value="", text="Our form says so.")
    assert answered == "answered"
    evidence = {"passport": ""}
    for upn in (CHILDREN[4].upn, "A000000000000"):
        assert school("school-paper-open", upn=upn, standing="carer", evidence=evidence)["waits"] is True
    assert school("school-put-right")["pupils"] == 0
    assert school("school-declined") == []
    for uid in (DESK, WORKER):
        assert school("source-list", uid=uid)["code"] == "not-your-operation"
    assert family("case-say", reference=reference, event="withdraw", text="") == "withdrawn"
