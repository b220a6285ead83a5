"""The public pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

import schoolgate.web
from schoolgate.web.public.register import PAGE, _tile_path
from tests.web import rooms

pytestmark = pytest.mark.django_db

PAGES = (
    "/",
    "/register/",
    "/register/?show=releases",
    "/register/0/",
    "/register/3/",
    "/check/",
    f"/register/agreement/{rooms.AGREEMENT}/",
    "/dictionary/",
    "/dictionary/?q=language",
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
        page = site.get("/register/", {} if before is None else {"before": before})
        seen += [entry.index for entry in page.context["entries"]]
        before = page.context["older"]
        if before is None:
            break
    assert seen == list(range(log.log_size()))[::-1]


@pytest.mark.parametrize(
    "address",
    [
        "/register/999/",
        "/register/999/proof",
        "/register/-1/",
        "/register/?show=nothing",
        "/register/?before=x",
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


def test_an_item_page_says_why_how_private_and_who_received_it(site: Client) -> None:
    text = site.get(f"/dictionary/{rooms.LANGUAGE}/").content.decode()
    for words in (
        "To fund English teaching.",
        "the law protects it specially",
        "REFU",
        "Polish",
        "A university",
    ):
        assert words in text


def test_a_failure_shows_a_plain_page_without_details(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> int:
        raise RuntimeError("SELECT secret FROM vault")

    monkeypatch.setattr("schoolgate.register.log_size", fails)
    site.raise_request_exception = False
    page = site.get("/")
    assert page.status_code == 500
    assert "something went wrong" in page.content.decode()
    assert "secret" not in page.content.decode()


def test_the_health_check_says_ok_and_nothing_else(site: Client) -> None:
    assert site.get("/healthz").content == b"ok\n"


@pytest.mark.parametrize(
    ("number", "path"), [(0, "000"), (7, "007"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")]
)
def test_a_tile_is_named_as_tlog_tiles_names_it(number: int, path: str) -> None:
    assert _tile_path(number) == path


def test_the_shipped_templates_and_styles_name_no_other_site() -> None:
    place = Path(schoolgate.web.__file__).parent
    for file in [*place.glob("**/*.html"), *place.glob("static/**/*.css")]:
        text = file.read_text(encoding="utf-8")
        assert "http://" not in text, file.name
        assert "https://" not in text, file.name
        assert "<script" not in text, file.name
