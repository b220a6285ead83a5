"""The public pages."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

import schoolgate.web
from schoolgate import policy
from schoolgate.dictionary.compiled import lake_items
from schoolgate.dictionary.reasons import reasons
from schoolgate.errors import SchoolgateError
from schoolgate.web.public import words
from schoolgate.web.public.register import PAGE, _tile_path
from tests.web import rooms
from tests.web.reading_age import grade

pytestmark = pytest.mark.django_db

PAGES = (
    "/",
    "/register/",
    "/register/?show=releases",
    "/register/?show=everything",
    "/register/?purpose=school-funding&who=nobody",
    "/register/0/",
    "/register/3/",
    "/check/",
    f"/register/agreement/{rooms.AGREEMENT}/",
    "/dictionary/",
    "/dictionary/?q=language",
    "/dictionary/?q=zebra",
    "/dictionary/?in=School+Census",
    f"/dictionary/{rooms.LANGUAGE}/",
    "/family/",
    "/family/sign-in/",
    "/family/create-account/",
)


@pytest.mark.parametrize("address", PAGES)
def test_every_public_page_answers_in_words_with_a_heading_and_says_that_the_data_is_synthetic(
    site: Client, address: str
) -> None:
    page = site.get(address)
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<h1") == 1
    assert "Synthetic demonstration data" in text
    assert 'lang="en-gb"' in text


@pytest.mark.parametrize("address", PAGES)
def test_no_page_runs_a_script_or_asks_another_site_for_anything(site: Client, address: str) -> None:
    page = site.get(address)
    text = page.content.decode()
    assert "<script" not in text
    assert " style=" not in text
    assert "<style" not in text
    assert 'src="http' not in text
    assert 'rel="stylesheet" href="http' not in text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"


def test_the_numbers_on_the_home_page_are_counted_from_the_register(site: Client, log: rooms.Log) -> None:
    for number in range(6):
        log.write("query.refused", rooms.AGREEMENT, agreement=rooms.AGREEMENT, reasons=[f"r{number}"])
    assert b"<dt>questions refused</dt><dd>7</dd>" in site.get("/").content


def test_text_of_an_event_is_shown_as_text_and_never_as_markup(site: Client, log: rooms.Log) -> None:
    number = log.write(
        "release.begun",
        rooms.HOSTILE,
        agreement=rooms.HOSTILE,
        organisation=rooms.HOSTILE,
        purpose=rooms.HOSTILE,
        items=[rooms.HOSTILE],
        query=rooms.HOSTILE,
        unheard_of=rooms.HOSTILE,
        valid_from=rooms.HOSTILE,
    )
    for address in ("/", "/register/", f"/register/{number}/", f"/dictionary/{rooms.LANGUAGE}/"):
        text = site.get(address).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;" in text or "&lt;script&gt;" in site.get(f"/register/{number}/").content.decode()


def test_a_key_of_an_event_that_the_page_does_not_know_is_shown_all_the_same(site: Client, log: rooms.Log) -> None:
    number = log.write("something.new", "S-1", never_seen_before="a new fact")
    text = site.get(f"/register/{number}/").content.decode()
    assert "Never seen before" in text
    assert "a new fact" in text


def test_an_entry_page_shows_the_exact_entry_its_leaf_hash_and_its_proof(
    site: Client, log: rooms.Log, tiles: Path
) -> None:
    text = site.get("/register/3/").content.decode()
    exact = rooms.canonical(log.event(3).body)
    assert exact.decode().replace('"', "&quot;") in text
    assert rooms.leaf_hash(exact).hex() in text
    assert "tlog-proof@v1" in text
    assert "/log/checkpoint" in text
    assert "/log/tile/entries/000" in text
    proof = site.get("/register/3/proof")
    assert proof.content.startswith(b"c2sp.org/tlog-proof")
    assert "attachment" in proof.headers["Content-Disposition"]


def test_the_register_goes_back_page_by_page_until_the_first_entry(site: Client, log: rooms.Log) -> None:
    for number in range(2 * PAGE):
        log.write("notice.published", f"N-{number}")
    seen: list[int] = []
    before: int | None = None
    while True:
        page = site.get("/register/?show=everything" + (f"&before={before}" if before is not None else ""))
        seen += [row.entry.index for row in page.context["rows"]]
        older = re.search(r"before=(\d+)", page.context["older"])
        if older is None:
            break
        before = int(older.group(1))
    assert seen == list(range(log.log_size()))[::-1]


@pytest.mark.parametrize(
    "address",
    [
        "/register/999/",
        "/register/999/proof",
        "/register/-1/",
        "/register/?show=nothing",
        "/register/?before=x",
        "/register/?purpose=no-such-purpose",
        "/dictionary/?in=no+such+collection",
        "/dictionary/?page=0",
        "/dictionary/?page=x",
        "/register/?before=99999999999999999999",
        "/register/agreement/A-0/",
        "/dictionary/no.such/",
        "/nowhere/",
    ],
)
def test_what_does_not_exist_is_a_404_that_tells_nothing(site: Client, address: str) -> None:
    page = site.get(address)
    assert page.status_code == 404
    assert "Page not found" in page.content.decode()
    assert "Traceback" not in page.content.decode()
    assert address.strip("/") not in page.content.decode()


def test_each_row_of_the_register_says_who_for_what_which_items_until_when_and_how_it_stands(
    site: Client, log: rooms.Log
) -> None:
    log.written[2].body.update(valid_from="2026-09-01", valid_until="2027-08-31")
    log.write("release.settled", "R1", release="R1", pupils="120")
    log.write("release.delivered", "R1", rows="2")
    rows = {row.entry.type: row for row in site.get("/register/").context["rows"]}
    told = {kind: (row.organisation, row.purpose, row.items, row.dates, row.status) for kind, row in rows.items()}
    who, what, dates = ("A university", "Research about education"), (rooms.LANGUAGE,), ("2026-09-01", "2027-08-31")
    assert told == {
        "application.received": (*who, what, None, "approved"),
        "application.decided": (*who, what, None, "approved"),
        "agreement.signed": (*who, what, dates, "in force"),
        "release.begun": (*who, what, dates, "handed over"),
        "query.refused": (*who, (), None, "refused"),
    }
    assert rows["release.begun"].pupils == "120"
    assert rows["query.refused"].reasons == ("It asked for an item that was not agreed.",)
    text = site.get("/register/").content.decode()
    for index in range(5):
        assert f'href="/register/{index}/"' in text
    assert "May be used from 1 September 2026 to 31 August 2027" in text


def test_a_request_without_a_decision_is_waiting_and_an_agreement_past_its_last_day_says_so(
    site: Client, log: rooms.Log
) -> None:
    log.write("application.received", "APP-9", organisation="A charity", purpose="education-research", items=[])
    assert site.get("/register/").context["rows"][0].status == "waiting for a decision"
    log.write("agreement.amended", rooms.AGREEMENT, valid_until="2026-08-31")
    assert "past its last day" in site.get("/register/?show=agreements").content.decode()


def test_refusals_are_counted_the_panels_and_the_gates(site: Client, log: rooms.Log) -> None:
    log.write("application.received", "APP-2", organisation="A charity", purpose="education-research", items=[])
    log.write("application.decided", "APP-2", outcome="refused", reasons=["No"])
    text = site.get("/register/").content.decode()
    assert "<dt>requests the panel refused</dt><dd>1</dd>" in text
    assert "<dt>questions the gate refused</dt><dd>1</dd>" in text
    assert "Refused questions (1)" in text


def test_the_register_is_narrowed_by_kind_purpose_and_name(site: Client, log: rooms.Log) -> None:
    number = log.write("application.received", "APP-3", organisation="Town Hall", purpose="school-funding", items=[])

    def shown(query: str) -> list[int]:
        return [row.entry.index for row in site.get(f"/register/?{query}").context["rows"]]

    assert shown("who=town+hall") == [number]
    assert shown("purpose=school-funding") == [number]
    assert shown("show=requests") == [number, 0]
    assert shown("show=requests&who=UNIVERSITY") == [0]
    assert shown("show=refusals") == [4]
    assert shown("who=nobody") == []
    assert "Nothing in the register fits this" in site.get("/register/?who=nobody").content.decode()
    assert 'value="town hall"' in site.get("/register/?who=town+hall").content.decode()


def test_an_empty_register_says_so(site: Client, log: rooms.Log) -> None:
    log.written.clear()
    assert "There is nothing of this kind yet." in site.get("/register/").content.decode()
    assert site.get("/").status_code == 200


def test_an_entry_can_be_checked_with_the_tools_of_any_computer(site: Client, log: rooms.Log, tiles: Path) -> None:
    (tiles / "tile" / "0").mkdir()
    (tiles / "tile" / "0" / "000").write_bytes(bytes(32))
    text = site.get("/register/3/").content.decode()
    entry = site.get("/register/3/proof?as=entry")
    assert hashlib.sha256(b"\0" + entry.content).hexdigest() in text
    assert 'filename="entry-3.json"' in entry.headers["Content-Disposition"]
    for part in (
        "/log/checkpoint",
        "/log/tile/entries/000",
        "/log/tile/0/000",
        "sha256sum",
        "schoolgate log verify",
        "log+abc+key",
    ):
        assert part in text
    assert 'href="/register/2/"' in text
    assert 'href="/register/4/"' in text


@pytest.mark.parametrize("address", PAGES)
def test_a_public_page_sets_no_cookie_and_a_browser_may_keep_what_has_not_changed(site: Client, address: str) -> None:
    page = site.get(address)
    if not address.startswith("/family/"):
        assert page.cookies == {}
        assert page.headers["Referrer-Policy"] == "no-referrer"
        again = site.get(address, headers={"If-None-Match": page.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert site.put(address).status_code in {403, 405}
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_an_agreement_page_tells_its_life_in_order(site: Client) -> None:
    page = site.get(f"/register/agreement/{rooms.AGREEMENT}/")
    assert [entry.type for entry in page.context["entries"]] == [
        "application.received",
        "application.decided",
        "agreement.signed",
        "release.begun",
        "query.refused",
    ]


@pytest.mark.parametrize(("outcome", "words"), [("approved", "The panel said yes"), ("refused", "The panel said no")])
def test_a_decision_says_which_way_it_went(site: Client, log: rooms.Log, outcome: str, words: str) -> None:
    number = log.write("application.decided", "APP-2", outcome=outcome, reasons=["It asks for too much"])
    text = site.get(f"/register/{number}/").content.decode()
    assert words in text
    assert "It asks for too much" in text


def test_the_words_of_the_public_pages_can_be_read_at_eleven() -> None:
    place = Path(schoolgate.web.__file__).parent / "templates" / "schoolgate"
    texts = []
    for file in [*place.glob("public/*.html"), *place.glob("errors/*.html"), place / "base.html"]:
        text = file.read_text(encoding="utf-8")
        texts += re.findall(r'{% translate ["\'](.*?)["\'] %}', text)
        texts += [re.sub(r"{{.*?}}", "it", part) for part in re.findall(r"{% blocktranslate[^%]*%}(.*?){%", text, re.S)]
    texts = [text for text in texts if len(text.split()) >= 5]
    texts += [item.description for item in lake_items() if item.description]
    texts += [reason.why for reason in reasons()]
    assert grade("\n".join(texts)) < 6  # grade 6 is read at eleven
    assert [text for text in texts if grade(text) > 12] == []
    assert grade("The cat sat on the mat.") == pytest.approx(-1.45, abs=0.01)


def test_a_failure_shows_a_plain_page_without_details(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> int:
        raise RuntimeError("SELECT secret FROM vault")

    monkeypatch.setattr("schoolgate.register.log_size", fails)
    site.raise_request_exception = False
    page = site.get("/")
    assert page.status_code == 500
    assert "something went wrong" in page.content.decode()
    assert "secret" not in page.content.decode()


@pytest.mark.parametrize("code", ["log-witness", "log-not-written", "clock-backwards", "gate-unreachable"])
def test_what_passes_is_said_to_pass(code: str, site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> int:
        raise SchoolgateError("The witness at 10.0.0.7 did not answer.", code=code)

    monkeypatch.setattr("schoolgate.register.log_size", fails)
    page = site.get("/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "120")
    assert "try again in a few minutes" in page.content.decode()
    assert "10.0.0.7" not in page.content.decode()


def test_the_health_check_says_ok_and_nothing_else(site: Client) -> None:
    assert site.get("/healthz").content == b"ok\n"


@pytest.mark.parametrize(
    ("number", "path"), [(0, "000"), (7, "007"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")]
)
def test_a_tile_is_named_as_tlog_tiles_names_it(number: int, path: str) -> None:
    assert _tile_path(number) == path


def test_the_shipped_templates_and_styles_name_no_other_site() -> None:
    place = Path(schoolgate.web.__file__).parent
    # The one script there is, for passkeys, is a file of our own: never a line in a page.
    own = re.compile(r"<script src=\"{% static 'schoolgate/[a-z]+\.js' %}\" defer></script>")
    for file in [*place.glob("**/*.html"), *place.glob("static/**/*.css"), *place.glob("static/**/*.js")]:
        text = file.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")  # a name, not a place
        assert "http://" not in text, file.name
        assert "https://" not in text, file.name
        assert "<script" not in own.sub("", text), file.name


def test_an_agreements_page_says_which_places_what_was_added_and_from_when(
    site: Client, log: rooms.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, untold = (
        SimpleNamespace(items=(rooms.LANGUAGE,), people=("P-7",), notice_days=31, notice_published=day)
        for day in (date(2026, 9, 1), None)
    )
    log.written[2].body.update(areas=["authority 202", "region E12000002"])
    found = rooms.an_agreement(notice_days=31, additions=(told, untold))
    monkeypatch.setattr("schoolgate.requests.get", lambda agreement_id: found)
    text = " ".join(site.get(f"/register/agreement/{rooms.AGREEMENT}/").content.decode().split())
    assert "Camden, North West" in text
    assert "Not published yet. Until then nothing may be used." in text
    assert "Families were told. It may be used from 3 October 2026." in text
    assert "Families have not been told yet." in text
    assert "1 more person may ask." in text
    assert "P-7" not in text


def test_every_refusal_of_policy_is_said_in_words() -> None:
    codes = set(re.findall(r"`([a-z-]+)` \|$", policy.as_markdown(), re.MULTILINE))
    assert len(codes) > 20
    assert codes <= set(words.refusals())
