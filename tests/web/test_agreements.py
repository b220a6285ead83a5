"""The agreement's pages: each side reads, signs what it read, stops, ends and certifies; nobody sees a rival's."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from schoolgate import desk, people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate.serve.values import from_json, to_json
from tests.requests import road
from tests.requests.cast import Cast, approved, enter_cast, signed, submitted
from tests.web.reading_age import grade
from tests.web.staff import sign_in_as, signed_in

pytestmark = pytest.mark.django_db

EVIL = "<script>alert(1)</script> =HYPERLINK(1) & “quoted”"


@pytest.fixture
def cast(db: None) -> Cast:
    return enter_cast()


@pytest.fixture
def site(home: Config, clock: FixedClock, settings: Any, client: Client) -> Client:
    """A browser without JavaScript, in front of the site with the real rooms behind it."""
    settings.CONFIG = home
    settings.CLOCK = clock
    return client


def page(site: Client, address: str) -> str:
    answer = site.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def hidden_hash(text: str) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', text)
    assert found is not None
    return found[1]


def test_the_organisation_and_then_the_custodian_read_and_sign(cast: Cast, clock: FixedClock, site: Client) -> None:
    made = approved(cast, clock)
    address = f"/agreements/{made.id}/sign/"
    sign_in_as(site, cast.custodian)
    assert "Read and sign" not in page(site, f"/agreements/{made.id}/")
    for who, state in ((cast.researcher, "accepted"), (cast.custodian, "active")):
        sign_in_as(site, who)
        assert made.id in page(site, "/agreements/")
        assert "Read and sign" in page(site, f"/agreements/{made.id}/")
        text = page(site, address)
        assert made.spec.purpose_plain in text
        unread = site.post(address, {"shown": hidden_hash(text)})
        assert "Tick the box" in unread.content.decode()
        done = site.post(address, {"shown": hidden_hash(text), "is_read": "on"})
        assert (done.status_code, done.headers["Location"]) == (302, f"/agreements/{made.id}/")
        assert requests.application(made.id).state == state
    text = page(site, f"/agreements/{requests.application(made.id).agreement_id}/")
    assert requests.versions(made.id)[0].text_hash in text
    assert cast.researcher in text


def test_a_hash_altered_on_the_way_signs_nothing_and_the_page_shows_the_text_anew(
    cast: Cast, clock: FixedClock, site: Client
) -> None:
    made = approved(cast, clock)
    sign_in_as(site, cast.researcher)
    address = f"/agreements/{made.id}/sign/"
    answer = site.post(address, {"shown": "0" * 64, "is_read": "on"}).content.decode()
    assert "it was altered on the way" in answer
    assert hidden_hash(answer) == road.shown(made.id)
    assert not re.search(r"<input[^>]* checked", answer)
    assert requests.application(made.id).state == "approved"


def test_terms_that_changed_while_the_page_was_open_are_not_signed(cast: Cast, clock: FixedClock, site: Client) -> None:
    made = approved(cast, clock)
    sign_in_as(site, cast.researcher)
    address = f"/agreements/{made.id}/sign/"
    before = hidden_hash(page(site, address))
    people.change_organisation(
        cast.university.id, changes={"name": "Renamed (synthetic)"}, reason="New.", actor=cast.custodian, clock=clock
    )
    answer = site.post(address, {"shown": before, "is_read": "on"}).content.decode()
    assert "Renamed (synthetic)" in answer
    assert hidden_hash(answer) != before
    assert requests.application(made.id).state == "approved"


def test_a_rival_finds_no_such_agreement_and_may_do_nothing_to_it(cast: Cast, clock: FixedClock, site: Client) -> None:
    agreement = signed(cast, clock)
    sign_in_as(site, cast.seller)
    assert agreement.id not in page(site, "/agreements/")
    for end in ("", "sign/", "end/", "destroyed/", "version/1/", "compare/1/1/"):
        assert site.get(f"/agreements/{agreement.id}/{end}").status_code == 404, end
    assert site.post(f"/agreements/{agreement.id}/end/", {"reason": "Rival."}).status_code == 404
    assert requests.get(agreement.id).state == "active"


def test_an_application_that_is_not_approved_has_no_page_here(cast: Cast, clock: FixedClock, site: Client) -> None:
    made = submitted(cast, clock)
    sign_in_as(site, cast.custodian)
    assert site.get(f"/agreements/{made.id}/").status_code == 404
    assert site.get("/agreements/A-2026-9999/").status_code == 404


def test_the_panel_and_the_overseer_read_and_change_nothing(cast: Cast, clock: FixedClock, site: Client) -> None:
    agreement = signed(cast, clock)
    for role in ("panel", "overseer"):
        signed_in(site, role)
        assert agreement.id in page(site, "/agreements/")
        assert "Stop the use" not in page(site, f"/agreements/{agreement.id}/")
        for end in ("sign/", "stop/", "end/", "destroyed/"):
            assert site.post(f"/agreements/{agreement.id}/{end}", {"reason": "Why."}).status_code == 403, (role, end)
    assert requests.get(agreement.id).state == "active"


def test_who_is_not_signed_in_is_asked_to(site: Client) -> None:
    assert site.get("/agreements/").headers["Location"] == "/sign-in/?next=%2Fagreements%2F"


def test_the_use_is_stopped_with_a_reason(cast: Cast, clock: FixedClock, site: Client) -> None:
    agreement = signed(cast, clock)
    sign_in_as(site, cast.custodian)
    address = f"/agreements/{agreement.id}/stop/"
    assert "Write why" in site.post(address, {"reason": " "}).content.decode()
    assert site.post(address, {"reason": "A complaint."}).status_code == 302
    assert "stopped for now" in page(site, f"/agreements/{agreement.id}/")
    again = site.post(address, {"reason": "Again."}).content.decode()
    assert "not possible while it is suspended" in again


def test_it_is_ended_and_its_destruction_certified_and_overdue_is_seen(
    cast: Cast, clock: FixedClock, site: Client, settings: Any
) -> None:
    agreement = signed(cast, clock)
    sign_in_as(site, cast.researcher)
    assert site.post(f"/agreements/{agreement.id}/end/", {"reason": "Done."}).status_code == 302
    settings.CLOCK = FixedClock(clock.now() + timedelta(days=40))
    assert "Data that should be gone" in page(site, "/agreements/")
    assert "overdue" in page(site, f"/agreements/{agreement.id}/")
    address = f"/agreements/{agreement.id}/destroyed/"
    given = {
        "method": "overwritten", "words": EVIL, "destroyed_on": "2026-10-09", "witness": cast.witness,
    }  # fmt: skip
    for wrong, said in (
        ({"method": "burnt"}, "Choose one of the list"),
        ({"destroyed_on": "soon"}, "Enter a day"),
        ({"destroyed_on": "2030-01-01"}, "certified afterwards"),
        ({"witness": cast.researcher}, "another person, of the custodian"),
        ({"words": ""}, "Write how"),
    ):
        assert said in site.post(address, {**given, **wrong}).content.decode()
    assert site.post(address, given).status_code == 302
    assert "has not yet said whether they saw it" in page(site, f"/agreements/{agreement.id}/")
    seen = f"/agreements/{agreement.id}/witness/"
    assert site.get(seen).status_code == 403
    sign_in_as(site, cast.custodian)
    assert site.get(seen).status_code == 404, "somebody else was named"
    assert seen not in page(site, "/custodian/")
    sign_in_as(site, cast.witness)
    assert seen in page(site, "/custodian/")
    assert "Say whether you saw it destroyed" in page(site, f"/agreements/{agreement.id}/")
    assert "&lt;script&gt;" in page(site, seen)
    assert "A reason is needed" in site.post(seen, {"saw": "no", "reason": ""}).content.decode()
    assert site.post(seen, {"saw": "yes", "reason": ""}).status_code == 302
    assert "data destroyed" in page(site, f"/agreements/{agreement.id}/")
    assert "Data that should be gone" not in page(site, "/agreements/")
    assert seen not in page(site, "/custodian/")


def test_whoever_a_recipient_became_part_of_sees_its_agreement_ends_it_and_answers_for_its_data(
    cast: Cast, clock: FixedClock, site: Client
) -> None:
    agreement = signed(cast, clock)
    sign_in_as(site, cast.seller)
    address = f"/agreements/{agreement.id}/"
    assert site.get(address).status_code == 404
    requests.insist(requests.organisation_merged(cast.university.id, cast.company.id, "Bought.", cast.custodian, clock))
    assert agreement.id in page(site, "/agreements/")
    assert site.post(f"{address}end/", {"reason": "We do not go on."}).status_code == 302
    given = {"method": "overwritten", "words": "All.", "destroyed_on": "2026-09-01", "witness": cast.witness}
    assert site.post(f"{address}destroyed/", given).status_code == 302
    assert "has not yet said" in page(site, address)


def test_a_recipient_that_changed_signs_anew_what_the_panel_decided_anew(
    cast: Cast, clock: FixedClock, site: Client, home: Config
) -> None:
    agreement = signed(cast, clock)
    new = "Bought University (synthetic)"
    requests.insist(
        requests.organisation_changed(cast.university.id, {"name": new}, "It was sold.", cast.custodian, clock)
    )
    address = f"/agreements/{agreement.id}/"
    sign_in_as(site, cast.researcher)
    assert "until the panel has decided anew" in page(site, address)
    assert site.get(f"{address}sign/").status_code == 404
    road.made_sure(agreement.id, clock)
    case = requests.propose(agreement.id, "reaffirm", reasons=["Look."], actor=cast.custodian, clock=clock)
    assert road.carried(case, ["It serves pupils still."], cast.panel, clock) == "approved"
    assert "Nobody reads before both sides have signed version 2" in page(site, address)
    register.publish(clock, home)
    assert "must be decided anew" in page(site, f"/register/agreement/{agreement.id}/")
    for who in (cast.researcher, cast.custodian):
        sign_in_as(site, who)
        text = page(site, f"{address}sign/")
        assert new in text
        assert site.post(f"{address}sign/", {"shown": hidden_hash(text), "is_read": "on"}).status_code == 302
    assert requests.get(agreement.id).state == "active"
    assert "What happens next" not in page(site, address)


def test_who_proposed_a_change_sees_it_and_takes_it_back_on_the_page(
    cast: Cast, clock: FixedClock, site: Client
) -> None:
    agreement = signed(cast, clock)
    sign_in_as(site, cast.researcher)
    asked = {"kind": "extend", "valid_until": "2029-08-31", "reasons": "Late."}
    assert site.post(f"/proposals/{agreement.id}/", asked).status_code == 302
    (proposed,) = requests.proposals(agreement.id)
    address = f"/custodian/case/{proposed.case_id}/stop/"
    assert address in page(site, f"/agreements/{agreement.id}/")
    for other in (cast.colleague, cast.seller):
        sign_in_as(site, other)
        assert site.get(address).status_code == 404
        assert site.post(address).status_code == 404
    sign_in_as(site, cast.researcher)
    assert "taken back is there at once" in page(site, address)
    assert site.post(address).status_code == 302
    assert requests.proposals(agreement.id) == ()
    assert site.get(address).status_code == 404


def test_an_unknown_witness_is_said_to_be_unknown(cast: Cast, clock: FixedClock, site: Client) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    sign_in_as(site, cast.researcher)
    given = {"method": "overwritten", "words": "All.", "destroyed_on": "2026-09-01", "witness": "P-9999"}
    answer = site.post(f"/agreements/{agreement.id}/destroyed/", given)
    assert answer.status_code == 200
    assert "There is no such person." in answer.content.decode()


def test_html_and_formulas_are_shown_as_they_were_typed(cast: Cast, clock: FixedClock, site: Client) -> None:
    made = approved(cast, clock, title=EVIL, purpose_plain=EVIL)
    sign_in_as(site, cast.researcher)
    for address in ("/agreements/", f"/agreements/{made.id}/", f"/agreements/{made.id}/sign/"):
        text = page(site, address)
        assert "<script>" not in text
        assert "&lt;script&gt;" in text


def test_versions_are_shown_downloaded_and_compared(cast: Cast, clock: FixedClock, site: Client) -> None:
    agreement = signed(cast, clock)
    requests.insist(
        road.amend(agreement.id, items=["census_pupil.age"], reasons=["Needed."], panel=cast.panel, clock=clock)
    )
    sign_in_as(site, cast.researcher)
    base = f"/agreements/{agreement.id}"
    one, two = requests.versions(agreement.id)
    raw = site.get(f"{base}/version/2/?as=text")
    assert requests.text_hash(raw.content.decode("utf-8")) == two.text_hash
    assert raw.headers["Content-Disposition"].startswith("attachment")
    pdf = site.get(f"{base}/version/1/?as=pdf")
    assert pdf.content == requests.as_pdf(one)
    text = page(site, f"{base}/compare/1/2/")
    assert "<ins>" in text
    assert "census_pupil.age" in text
    assert site.get(f"{base}/version/9/").status_code == 404
    assert site.get(f"{base}/compare/1/9/").status_code == 404


def test_an_act_of_another_role_is_refused_by_the_desk_as_well(cast: Cast, clock: FixedClock, home: Config) -> None:
    agreement = signed(cast, clock)
    for act, who, given in (
        ("agreement-suspend", cast.researcher, {"agreement_id": agreement.id, "reason": "Why."}),
        ("agreement-sign", cast.researcher, {"request_id": agreement.id, "shown": ""}),
        ("agreement-accept", cast.custodian, {"request_id": agreement.id, "shown": ""}),
        ("agreement-end", cast.panel[0], {"agreement_id": agreement.id, "reason": "Why."}),
    ):
        outcome = desk.do(act, who, config=home, clock=clock, **given)
        assert isinstance(outcome, requests.Refused)
        assert outcome.reasons[0].code == "not-your-decision"


def test_what_the_acts_give_crosses_the_gates_socket_whole(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock, "small-numbers: 10")
    requests.insist(
        road.amend(agreement.id, items=["census_pupil.age"], reasons=["More."], panel=cast.panel, clock=clock)
    )
    for value in (*requests.versions(agreement.id), requests.get(agreement.id)):
        assert from_json(type(value), json.loads(json.dumps(to_json(value)))) == value


@pytest.mark.parametrize("address", ["", "{}/", "{}/sign/", "{}/version/1/"])
def test_every_page_is_plain_labelled_and_without_scripts(
    address: str, cast: Cast, clock: FixedClock, site: Client
) -> None:
    made = approved(cast, clock)
    sign_in_as(site, cast.researcher)
    answer = site.get("/agreements/" + address.format(made.id))
    text = answer.content.decode()
    assert "<script" not in text
    assert " style=" not in text
    assert answer.headers["Cache-Control"] == "no-store"
    for field in re.findall(r'<(?:input|select|textarea)[^>]*id="([^"]+)"[^>]*>', text):
        assert f'for="{field}"' in text or f'id="{field}"' in text
    assert text.count("<h1") == 1


def test_the_pages_own_words_are_easy_to_read() -> None:
    said = (
        "This is the whole text. You sign exactly what is on this page: if somebody changed it since, your signature is"
        " not taken. Until each is certified, nothing else is approved for or signed with the organisation."
    )
    assert grade(said) <= 9
