"""The acts of applying, as a face asks for them; each argument and answer crosses the gate's socket."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from schoolgate import desk, gate, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate.serve.values import to_json
from schoolgate.people import person
from schoolgate.requests import drafting
from tests.requests.cast import Cast, a_spec, codes, enter_cast
from tests.requests.drafts import values_of

pytestmark = pytest.mark.django_db(transaction=True)

APPLYING = (
    "draft-start", "draft-save-section", "draft-comment", "draft-resolve", "draft-attach-piece", "draft-attach",
    "draft-detach", "draft-discard", "draft-add-author", "draft-submit", "application-resubmit", "application-withdraw",
)  # fmt: skip


class Desk:
    """Asks for acts as a person, each argument and answer through JSON and back, as over the socket."""

    def __init__(self, config: Config, clock: FixedClock) -> None:
        self.config, self.clock = config, clock

    def __call__(self, name: str, who: str, /, **given: Any) -> Any:
        outcome = desk.do_given(name, who, to_json(given), self.config, self.clock)
        kind: Any = requests.Refused if isinstance(outcome, requests.Refused) else desk.acts()[name].gives
        return gate.from_json(kind, to_json(outcome))


@pytest.fixture
def ask(home: Config, clock: FixedClock) -> Desk:
    return Desk(home, clock)


@pytest.fixture
def cast() -> Cast:
    return enter_cast()


def test_the_whole_way_from_an_empty_draft_to_a_withdrawn_application(cast: Cast, ask: Desk, clock: FixedClock) -> None:
    draft = ask("draft-start", cast.researcher)
    assert ask("draft-add-author", cast.researcher, reference=draft, person_id=cast.colleague) == draft
    spec = a_spec(cast)
    for section in drafting.SECTIONS:
        saved = ask(
            "draft-save-section", cast.colleague,
            reference=draft, section_id=section.id, revision=0, given=values_of(spec, section),
        )  # fmt: skip
        assert saved == drafting.Saved(draft, section.id, 1)
    clash = ask(
        "draft-save-section", cast.researcher, reference=draft, section_id="conflicts", revision=0,
        given={"conflicts": "One of us sits on a board."},
    )  # fmt: skip
    assert [one.field for one in clash.clash] == ["conflicts"]
    content = b"Notes on ethics\n"
    piece = base64.b64encode(content).decode()
    assert ask("draft-attach-piece", cast.researcher, reference=draft, number=0, data=piece) == 1
    sha256 = hashlib.sha256(content).hexdigest()
    held = ask("draft-attach", cast.researcher, reference=draft, name="ethics.txt", sha256=sha256)
    assert (held.name, held.size) == ("ethics.txt", len(content))
    number = ask(
        "draft-comment", cast.colleague, reference=draft, section_id="ethics", text="Is it signed?", shared=False
    )
    assert ask("draft-resolve", cast.researcher, reference=draft, comment_id=number) == number
    assert ask("draft-detach", cast.researcher, reference=draft, sha256=sha256) == sha256
    revision = drafting.find(draft, person(cast.researcher)).revision
    made = ask("draft-submit", cast.researcher, reference=draft, revision=revision)
    assert made == "APP-2026-0001"
    requests.insist(requests.return_application(made, ["Say more."], cast.custodian, clock))
    revision = drafting.find(draft, person(cast.researcher)).revision
    assert ask("application-resubmit", cast.researcher, application_id=made, revision=revision) == made
    assert ask("application-withdraw", cast.researcher, application_id=made, reason="Over.") == made
    assert requests.application(made).state == "withdrawn"


@pytest.mark.parametrize("act", APPLYING)
def test_who_does_not_apply_may_not_do_it_and_a_rival_finds_nothing(act: str, cast: Cast, ask: Desk) -> None:
    draft = ask("draft-start", cast.researcher)
    samples = {"revision": 0, "number": 0, "comment_id": 1, "shared": False, "given": {}}
    given = {
        key: samples.get(key, draft if key in ("reference", "application_id") else "x")
        for key in desk.acts()[act].takes
    }
    for who in (cast.custodian, cast.panel[0]):
        if person(who).role not in desk.acts()[act].who:
            assert codes(ask(act, who, **given)) == {("not-your-decision", "")}
        else:
            with pytest.raises(drafting.UnknownDraft):
                ask(act, who, **given)
    if act != "draft-start":
        with pytest.raises(drafting.UnknownDraft):
            ask(act, cast.seller, **given)


def test_a_largest_page_fits_into_a_request_to_the_gate() -> None:
    import json

    from schoolgate.gate.serve.frames import LONGEST_REQUEST

    piece = base64.b64encode(b"x" * drafting.PIECE).decode()
    assert len(json.dumps({"reference": "D-2026-0001", "number": 39, "data": piece})) < LONGEST_REQUEST - 4_096
