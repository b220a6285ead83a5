"""The overseer's face and what anybody may count: real rooms, no JavaScript, nothing changed but by an act."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import oversight, register, requests
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.oversight import since
from schoolgate.web.oversight import computed, face, lists, processed, public
from tests.oversight import told
from tests.requests import road
from tests.requests.cast import Cast, approved, enter_cast, signed, submitted
from tests.web.reading_age import grade
from tests.web.staff import sign_in_as, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

NOW = told.at("2026-10-03")
PUBLIC = ("/figures/", "/statements/", "/questions/", "/findings/", "/processing/")
OWN = ("/oversight/", "/oversight/requests/", "/oversight/meetings/", "/oversight/figures/", "/oversight/machinery/",
       "/oversight/ask/", "/oversight/entries/release.begun/")  # fmt: skip


@pytest.fixture
def site(home: Config, settings: Any, client: Client) -> Client:
    settings.CONFIG = replace(home)
    settings.CLOCK = NOW
    cache.clear()
    return client


@pytest.fixture
def life(site: Client, home: Config) -> Client:
    told.a_life()
    register.publish(NOW, home)
    return site


def page(site: Client, address: str, code: int = 200) -> str:
    answer = site.get(address)
    assert answer.status_code == code, (address, answer.status_code)
    return " ".join(answer.content.decode().split())


def test_anybody_reads_figures_with_definitions_and_the_command_that_counts_them(life: Client, home: Config) -> None:
    said = page(life, "/figures/?quarter=2026-Q3")
    assert "11 days" in said
    assert "Nearest rank".lower() in said.lower()
    assert "schoolgate oversight metrics --from 2026-07-01 --until 2026-09-30" in said
    rows = list(csv.DictReader(io.StringIO(life.get("/figures/?quarter=2026-Q3&as=csv").content.decode())))
    assert {"metric": "time-to-decide", "of": "median", "value": "11 days", "alarm": "no"} in rows
    assert json.loads(life.get("/figures/?quarter=2026-Q3&as=json").content)
    page(life, "/figures/?quarter=2020-Q1", 404)  # the log has no entries so old: nobody makes us count for nothing
    page(life, "/figures/?quarter=%3Cb%3E", 404)
    page(life, "/figures/?quarter=2026-Q3&as=exe", 404)


def test_a_statement_s_page_has_its_very_bytes_and_its_entry(life: Client, home: Config) -> None:
    assert "There is no statement yet" in page(life, "/statements/")
    made = insist(oversight.publish_statement("2026-Q3", home, NOW))
    register.publish(NOW, home)
    assert "/statements/2026-Q3/" in page(life, "/statements/")
    said = page(life, "/statements/2026-Q3/")
    assert f"/register/{made.log_index}/" in said
    assert register.event(made.log_index).body["text_hash"] in said
    assert life.get("/statements/2026-Q3/?as=text").content.decode() == made.text
    page(life, "/statements/2026-Q2/", 404)
    assert "time-to-decide" in page(life, f"/register/{made.log_index}/")


def test_an_overseer_sees_what_changed_once_and_then_only_what_is_new(life: Client, home: Config) -> None:
    signed_in(life, "overseer")
    said = page(life, "/oversight/")
    assert "You have not looked before" in said
    assert "Applications and decisions (8)" in said
    assert "older reads that are not sealed: 2" in said
    size = register.log_size()
    answer = life.post("/oversight/seen/", {"size": str(size)}, follow=True)
    assert "Noted." in answer.content.decode()
    assert "Applications and decisions" not in page(life, "/oversight/")
    told.tell("2026-10-03", "agreement.suspended", "A-3", reason="<script>alert(1)</script>")
    said = page(life, "/oversight/")
    assert "Look here first (1)" in said
    assert "<script>" not in said
    for wrong in ("", "-1", "1e9", "9" * 20):
        assert life.post("/oversight/seen/", {"size": wrong}).status_code == 404
    assert "Noted." not in life.post("/oversight/seen/", {"size": "1"}, follow=True).content.decode()
    assert f"when the log had {size} entries" in page(life, "/oversight/")
    assert life.get("/oversight/seen/").status_code == 405


def test_whoever_was_away_for_long_goes_on_in_portions_or_begins_now(
    life: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(since, "AT_ONCE", 5)
    signed_in(life, "overseer")
    size = register.log_size()
    said = page(life, "/oversight/")
    assert "Shown are entries up to 5;" in said
    assert f"Begin at entry {size}, without the ones before" in said
    life.post("/oversight/seen/", {"size": "5"})
    assert "Shown are entries up to 10;" in page(life, "/oversight/")
    life.post("/oversight/seen/", {"size": str(size)})
    assert "Shown are entries" not in page(life, "/oversight/")


@pytest.mark.parametrize("role", ["", "researcher", "panel", "custodian"])
def test_nobody_else_sees_the_overseer_s_pages(site: Client, role: str) -> None:
    if role:
        signed_in(site, role)
    for address in (*OWN, "/oversight/requests/APP-2026-0001/"):
        assert site.get(address).status_code == (403 if role else 302), address
    for address in ("/oversight/seen/", "/oversight/ask/"):
        assert site.post(address, {"size": "0", "question": "?"}).status_code == (403 if role else 302)


def test_an_overseer_reads_every_request_from_submission_on_with_who_decided_and_why(
    site: Client, home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast: Cast = enter_cast()
    refused = submitted(cast, NOW, title="=cmd()<b>")
    agreed = approved(cast, NOW)
    register.publish(NOW, home)
    signed_in(site, "overseer")
    said = page(site, "/oversight/requests/")
    assert refused.id in said
    assert "&lt;b&gt;" in said
    rows = list(csv.DictReader(io.StringIO(site.get("/oversight/requests/?as=csv").content.decode())))
    assert [row["title"][0] for row in rows if row["id"] == refused.id] == ["'"]
    assert {row["state"] for row in rows} == {refused.state, "approved"}
    assert agreed.id not in page(site, f"/oversight/requests/?state={refused.state}")
    said = page(site, f"/oversight/requests/{agreed.id}/")
    assert "Clear public benefit." in said
    assert cast.panel[0] in said
    assert f"/research/application/{agreed.id}/" in said
    page(site, "/oversight/requests/?state=nowhere", 404)
    page(site, "/oversight/requests/?before=x", 404)
    monkeypatch.setattr(face, "PAGE", 1)
    first = page(site, "/oversight/requests/")
    assert (refused.id in first, agreed.id in first) == (False, True)
    (older,) = re.findall(r'href="(\?state=&amp;before=\d+)"', first)
    assert refused.id in page(site, f"/oversight/requests/{older.replace('&amp;', '&')}")
    page(site, "/oversight/requests/APP-1999-0001/", 404)


def sent(site: Client, address: str) -> str:
    answer: Any = site.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def test_a_file_of_entries_and_a_count_of_reads_leave_nothing_out_however_many_there_are(
    site: Client, home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast: Cast = enter_cast()
    agreement = signed(cast, NOW).id
    for number in range(5):
        told.read("2026-10-03", f"R-old-{number}", agreement)
    for number in range(12):
        told.read("2026-10-03", f"R-other-{number}", "A-9")
    monkeypatch.setattr(lists, "_PORTION", 4)
    monkeypatch.setattr(face, "PAGE", 1)  # ten of the newest reads of all agreements, none of them this one's
    register.publish(NOW, home)
    signed_in(site, "overseer")
    assert len(json.loads(sent(site, "/oversight/entries/release.begun/?as=json"))) == 17
    rows = list(csv.DictReader(io.StringIO(sent(site, "/oversight/entries/release.begun/?as=csv"))))
    assert [row["subject"] for row in rows[-2:]] == ["R-old-1", "R-old-0"]
    assert len({row["index"] for row in rows}) == 17
    said = page(site, f"/oversight/requests/{requests.get(agreement).application_id}/")
    assert "Read 5 times" in said
    assert "The newest 1 are listed here." in said


def test_a_statement_that_is_missing_and_an_approval_that_could_not_wait_stand_first(
    life: Client, home: Config
) -> None:
    signed_in(life, "overseer")
    said = page(life, "/oversight/")
    assert "The quarter 2026-Q2 is over, and its statement is not there." in said
    assert "2026-Q3 is over" in said
    for name in ("2026-Q2", "2026-Q3"):
        insist(oversight.publish_statement(name, home, NOW))
    assert "its statement is not there" not in page(life, "/oversight/")
    told.decided("2026-10-03", "APP-3", "approved", emergency="A child is missing.", review_due="2026-10-17")
    told.tell("2026-10-03", "extract.unsigned", "A-3", agreement="A-3", release="R-2")
    assert "Look here first (2)" in page(life, "/oversight/")


def test_an_overseer_reads_each_item_s_vote_who_sat_where_and_what_the_page_does_not_show(site: Client) -> None:
    cast: Cast = enter_cast()
    made = submitted(cast, NOW)
    three = road.bench(cast.panel)
    insist(requests.check_completeness(made.id, (), cast.custodian, NOW))
    case = insist(requests.allocate(made.id, three, road.leader(three), cast.custodian, NOW))
    item = made.spec.items[0]
    signed_in(site, "overseer")
    said = page(site, f"/oversight/requests/{made.id}/")
    assert "The votes are not shown until all members have voted." in said
    assert "Not shown: what authors say among themselves" in said
    assert "The check-list found nothing missing." in said
    refuses = (requests.ItemVote(item, "refuse"),)
    for member in three:
        insist(requests.vote(case, "approve", ("Clear benefit.",), refuses, ("small-numbers: 20",), member, NOW))
    said = page(site, f"/oversight/requests/{made.id}/")
    assert f"<code>{item}</code>: refuse" in said
    assert "Condition: small-numbers: 20" in said
    assert f"{three[0]}, " in said
    assert "What the votes come to" in said


def test_of_many_who_ask_at_once_one_counts(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def slow(*given: object) -> str:
        made.append(1)
        time.sleep(0.2)
        return "a record"

    monkeypatch.setattr(oversight, "check_processing", slow)
    monkeypatch.setattr(oversight, "from_database", lambda: ())
    with ThreadPoolExecutor(8) as many:
        assert set(many.map(lambda _: str(computed.checked()), range(8))) == {"a record"}
    assert len(made) == 1


def test_every_kind_of_entry_is_listed_and_exported(life: Client) -> None:
    signed_in(life, "overseer")
    said = page(life, "/oversight/entries/query.refused/")
    assert "It asked for an item that was not agreed." in said
    rows = json.loads(sent(life, "/oversight/entries/release.begun/?as=json"))
    assert [row["subject"] for row in rows] == ["R-3", "R-2", "R-1"]
    assert sent(life, "/oversight/entries/release.begun/?as=csv").startswith("index,at,subject,agreement")
    assert json.loads(sent(life, "/oversight/entries/key.changed/?as=json")) == []
    page(life, "/oversight/entries/release.begun/?as=exe", 404)
    page(life, "/oversight/entries/no.such/", 404)
    page(life, "/oversight/entries/query.refused/?before=x", 404)
    said = page(life, "/oversight/figures/?from=2026-07-01&until=2026-09-30")
    assert "11 days" in said
    assert "the earlier one first" in page(life, "/oversight/figures/?from=2026-09-30&until=2026-07-01")
    said = page(life, "/oversight/machinery/")
    assert "No witness watches this log" in said
    assert "it works, and no witness watches it" in said
    assert "govuk-tag--green" not in said


def test_a_question_goes_out_in_public_and_the_custodian_answers_it(life: Client) -> None:
    overseer = signed_in(life, "overseer")
    wrong = life.post("/oversight/ask/", {"question": "", "due": "soon"}).content.decode()
    assert "Write your question" in wrong
    assert "Enter a day" in wrong
    late = life.post("/oversight/ask/", {"question": "Why?", "due": "2027-10-03"}).content.decode()
    assert "5 to 90 days" in late
    answer = life.post("/oversight/ask/", {"question": "Why <A-3>?", "about": "A-3"}, follow=True)
    assert "Q-2026-0001 is in the register" in answer.content.decode()
    life.logout()
    said = page(life, "/questions/")
    assert "Why &lt;A-3&gt;?" in said
    assert "waits for an answer" in said
    assert overseer.id not in said
    custodian = signed_in(life, "custodian")
    assert "Answer Q-2026-0001" in page(life, "/custodian/questions/")
    where = "/custodian/questions/Q-2026-0001/"
    assert "Write your answer" in life.post(where, {"answer": "", "kind": "answered"}).content.decode()
    life.post(where, {"answer": "A court forbids it.", "kind": "not answered"})
    life.logout()
    said = page(life, "/questions/")
    assert "A court forbids it." in said
    assert "not answered" in said
    assert custodian.id not in said
    sign_in_as(life, custodian.id)
    assert "has been answered" in life.post(where, {"answer": "x", "kind": "answered"}).content.decode()
    page(life, "/custodian/questions/Q-2026-0009/", 404)


def test_a_finding_its_actions_and_what_is_late_are_public(life: Client, settings: Any) -> None:
    custodian = signed_in(life, "custodian")
    given = {"source": "Audit of 2020, no. 12", "finding": "No record.", "urgency": "urgent"}
    assert "Choose one" in life.post("/custodian/findings/", {**given, "urgency": "now"}).content.decode()
    life.post("/custodian/findings/", given)
    where = "/custodian/findings/F-2026-0001/"
    assert (
        "in the past"
        in life.post(where, {"action": "Make it.", "owner": "operator", "due": "2026-01-01"}).content.decode()
    )
    life.post(where, {"action": "Make it.", "owner": "operator", "due": "2026-11-01"})
    life.post(where, {"action": "Check it.", "owner": "panel", "due": "2026-11-02"})
    life.post("/custodian/actions/AC-2026-0001/", {"done": "See /processing/."})
    settings.CLOCK = told.at("2026-12-01")
    life.logout()
    said = page(life, "/findings/")
    assert "1 action is late." in said
    assert "See /processing/." in said
    assert custodian.id not in said
    rows = list(csv.DictReader(io.StringIO(life.get("/findings/?as=csv").content.decode())))
    assert [(row["number"], row["done_on"]) for row in rows] == [("AC-2026-0001", "2026-10-03"), ("AC-2026-0002", "")]
    assert json.loads(life.get("/findings/?as=json").content)[0]["actions"][0]["owner"] == "operator"
    assert life.get("/questions/?as=csv").content == b"number\r\n"
    sign_in_as(life, custodian.id)
    page(life, "/custodian/findings/F-2026-0009/", 404)
    page(life, "/custodian/actions/AC-2026-0009/", 404)


def test_an_overseer_enters_a_finding_itself_and_plans_nothing(life: Client) -> None:
    signed_in(life, "overseer")
    assert "Enter a finding" in page(life, "/oversight/")
    given = {"source": "Audit of 2026, no. 1", "finding": "Nobody looks at <b>logs</b>.", "urgency": "high"}
    said = life.post("/custodian/findings/", given, follow=True).content.decode()
    assert "for everybody to read" in said
    assert "Nobody looks at &lt;b&gt;logs&lt;/b&gt;." in said
    assert life.post("/custodian/findings/F-2026-0001/", {"action": "x"}).status_code == 403
    life.logout()
    assert "Nobody has said yet what will be done." in page(life, "/findings/")


def test_a_record_of_many_agreements_comes_in_pages_and_whole_as_a_file(
    site: Client, home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast: Cast = enter_cast()
    numbers = [signed(cast, NOW).id for _ in range(3)]
    register.publish(NOW, home)
    monkeypatch.setattr(public, "PAGE", 2)
    monkeypatch.setattr(processed, "_PORTION", 2)
    first = page(site, "/processing/")
    assert [number in first for number in numbers] == [False, True, True]
    assert "accounts and signing in" in first
    (older,) = re.findall(r'href="(\?before=\d+)"', first)
    second = page(site, f"/processing/{older}")
    assert [number in second for number in numbers] == [True, False, False]
    assert "accounts and signing in" not in second
    assert "?before=" not in second
    whole = json.loads(sent(site, "/processing/?as=json"))
    assert {*numbers, "census collection", "families"} <= {one["id"] for one in whole["activities"]}
    assert whole["controller"]["officer"]
    rows = list(csv.DictReader(io.StringIO(sent(site, "/processing/?as=csv"))))
    assert [row["id"] for row in rows if row["id"] in numbers] == numbers[::-1]


def test_the_public_pages_are_easy_to_read_and_need_nobody_signed_in(life: Client, home: Config) -> None:
    for address in PUBLIC:
        answer = life.get(address)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    plain = (
        "Every three months the figures are worked out from the public log and signed into it. Nobody can change them"
        " afterwards. Each finding, what is done about it, who answers for it, and the last day. A day cannot be moved."
    )
    assert grade(plain) < 7
    assert "nothing was used that is not declared" in page(life, "/processing/")
    assert json.loads(sent(life, "/processing/?as=json"))["activities"][0]["id"] == "census collection"
    assert sent(life, "/processing/?as=csv").startswith("id,state,controllers")
    page(life, "/processing/?as=exe", 404)
    page(life, "/processing/?before=x", 404)
