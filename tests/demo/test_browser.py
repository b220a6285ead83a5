"""A family, a journalist and a researcher in front of the real site over the real rooms; nothing stands in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from schoolgate import collect
from tests.chromium import PATIENCE_MS
from tests.demo.conftest import DemoWorld

pytestmark = pytest.mark.browser

ASKED = "SELECT pupil, ncyearactual, sex FROM census_pupil WHERE year = 2026 AND term = 'SPR'"
PURPOSE = "Education research"


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """A fresh browser at the demo's site."""
    context = browser.new_context(base_url=served, accept_downloads=True, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def own_pupil(world: DemoWorld) -> tuple[str, str]:
    """(URN, UPN) of a pupil of year 2, as a school's office reads them in its own return."""
    for paper in sorted((world.home / "demo" / "returns-mended").glob("*SPR_2026*.xml")):
        with paper.open("rb") as stream:
            header, rows = collect.read_return(stream)
            for row in rows:
                if row.on_roll and row.fields.get("ncyearactual") == "2" and row.fields.get("enrolstatus") == "C":
                    return header.urn, row.fields["upn"]
    raise AssertionError("the demo's schools have no pupil in year 2")


def _sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/family/sign-in/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("password", exact=False).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your children")


def _create_account(page: Page, email: str) -> None:
    """Make an account and sign in with it, as a parent would."""
    page.goto("/family/create-account/")
    for button in ("Create account", "Sign in"):
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("password", exact=False).fill("a synthetic pass phrase")
        page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your children")


def _card(page: Page, name: str) -> str:
    """The text of one agreement's line on the family's page."""
    return page.locator("article.sg-card", has_text=name).inner_text()


def test_the_parent_of_the_demo_sees_the_use_the_law_the_dates_and_the_place(page: Page, world: DemoWorld) -> None:
    _sign_in(page, "parent@example.org", world.password)
    page.get_by_role("link", name="Child 1").click()
    card = _card(page, "University of Example (synthetic)")
    for words in ("Article 6(1)(e)", "safe setting", "United Kingdom", "Since", "until", PURPOSE, "2 times"):
        assert words in card, words
    page.get_by_role("link", name="See and change your choices").click()
    objection = page.locator("#no-purpose-education-research")
    expect(objection).to_contain_text("you said no")
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="Your child’s page").click()
    page.get_by_role("button", name="Show the record").click()
    expect(page.get_by_role("heading", name="Pupils in the School Census")).to_be_visible()
    expect(page.get_by_text("synth", exact=False).first).to_be_visible()
    record = page.locator("main").inner_text()
    for words in ("Spring 2026, ", "Day the pupil joined", "The only record for this census", "Is something wrong?"):
        assert words in record, words
    # Words stand where words exist: no date of the machine, no school by its number, no column's name.
    assert re.findall(r"\d{4}-\d\d-\d\d|\bURN\b|School number|census_|\bNone\b|\b(?:True|False)\b", record) == []


def test_from_the_schools_code_to_an_objection_that_the_next_query_honours(
    page: Page, world: DemoWorld, own_pupil: tuple[str, str], tmp_path: Path
) -> None:
    urn, upn = own_pupil
    issued = world.run("family", "issue-code", "--urn", urn, "--upn", upn)
    assert issued.returncode == 0, issued.stderr
    _create_account(page, "second@example.org")
    page.get_by_role("link", name="Enter a code").click()
    page.get_by_label("The code from your school").fill("0000-0000-0000-0000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    page.get_by_label("The code from your school").fill(issued.stdout.strip())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your child’s page")
    address = page.url

    # A researcher reads; the family's page names the release, and its proof holds for a stranger.
    first = world.run("read", "--agreement", world.agreement, ASKED, "--out", str(tmp_path / "first.csv"))
    assert first.returncode == 0, first.stderr
    page.reload()
    links = page.locator("article", has_text="University of Example").get_by_role("link", name="download the proof")
    before = links.count()
    assert before >= 2
    with page.expect_download() as fetched:
        links.first.click()
    proof = tmp_path / "proof.json"
    fetched.value.save_as(proof)
    verifier = tmp_path / "verify_receipt.py"
    with page.expect_download() as fetched:
        page.get_by_text("How to check a proof yourself").click()
        page.get_by_role("link", name="Download verify_receipt.py").click()
    fetched.value.save_as(verifier)
    command = [sys.executable, "-I", str(verifier), str(proof)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    (release,) = set(re.findall(r"R-[0-9a-f]{16}", first.stdout))
    assert json.loads(proof.read_text())["release"]["event"]["subject"] == release

    page.get_by_role("link", name="See and change your choices").click()
    page.get_by_role("link", name=f"Say no to this – {PURPOSE}").click()
    page.get_by_role("button", name="Yes, I say no to this use").click()
    expect(page.locator("#no-purpose-education-research")).to_contain_text("by you")
    second = world.run("read", "--agreement", world.agreement, ASKED, "--out", str(tmp_path / "second.csv"))
    assert second.returncode == 0, second.stderr
    page.goto(address)
    assert links.count() == before
    gone = set((tmp_path / "first.csv").read_text().split()) - set((tmp_path / "second.csv").read_text().split())
    assert len(gone) == 1

    # Taking it back is as easy, and counts from the next query, too.
    page.get_by_role("link", name="See and change your choices").click()
    page.get_by_role("link", name=f"Take my “no” back – {PURPOSE}").click()
    page.get_by_role("button").filter(has_text="back").click()
    expect(page.locator("#no-purpose-education-research")).to_be_hidden()
    third = world.run("read", "--agreement", world.agreement, ASKED)
    assert third.returncode == 0, third.stderr
    page.goto(address)
    assert links.count() == before + 1


def test_a_code_that_was_used_is_told_nothing_but_that_it_does_not_fit(
    page: Page, world: DemoWorld, own_pupil: tuple[str, str]
) -> None:
    urn, upn = own_pupil
    code = world.run("family", "issue-code", "--urn", urn, "--upn", upn).stdout.strip()
    said = []
    for number, email in enumerate(("third@example.org", "fourth@example.org")):
        page.context.clear_cookies()
        _create_account(page, email)
        page.goto("/family/code/")
        for typed in [code] if number == 0 else [code, "0000-0000-0000-0000"]:
            page.get_by_label("The code from your school").fill(typed)
            page.get_by_role("button", name="Continue").click()
            if not number:
                expect(page.get_by_role("heading", level=1)).to_have_text("Your child’s page")
            else:
                said.append(page.get_by_role("alert").inner_text())
    assert len(said) == 2
    assert said[0] == said[1]


def test_anybody_finds_the_decision_the_releases_and_the_refusal_and_checks_the_log(
    page: Page, world: DemoWorld, served: str
) -> None:
    page.goto("/register/")
    text = page.locator("main").inner_text()
    assert "University of Example (synthetic)" in text
    page.goto(f"/register/agreement/{world.agreement}/")
    text = page.locator("main").inner_text()
    assert "Article 6(1)(e)" in text
    assert "The panel said yes" in text
    assert "A question was refused" in text
    with urllib.request.urlopen(f"{served}/log/checkpoint", timeout=10) as answer:
        assert b"schoolgate.example/log" in answer.read()
    verified = world.run("log", "verify", f"{served}/log")
    assert (verified.returncode, "The log is whole" in verified.stdout) == (0, True), verified.stderr


def test_one_childs_page_is_nobody_elses(page: Page, world: DemoWorld) -> None:
    _sign_in(page, "parent@example.org", world.password)
    page.get_by_role("link", name="Child 1").click()
    address = page.url
    page.context.clear_cookies()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    _create_account(page, "stranger@example.org")
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404


def test_the_school_closes_the_page_and_a_window_that_is_open_shows_nothing_any_more(
    page: Page, world: DemoWorld, own_pupil: tuple[str, str]
) -> None:
    urn, upn = own_pupil
    code = world.run("family", "issue-code", "--urn", urn, "--upn", upn).stdout.strip()
    _create_account(page, "fifth@example.org")
    page.goto("/family/code/")
    page.get_by_label("The code from your school").fill(code)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your child’s page")
    address, secret = page.url, page.locator("main")
    assert code not in address
    page.get_by_role("button", name="Show the record").click()
    expect(page.get_by_text("Date of birth")).to_be_visible()
    assert world.run("family", "close", "--urn", urn, "--upn", upn).returncode == 0
    for again in (page.go_back, page.reload):
        again()
        expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    answer = page.goto(address)
    assert (answer.status if answer else None) == 404
    assert "looked up whether" not in secret.inner_text()
    page.goto("/family/")
    expect(page.get_by_text("You have not added a child yet.")).to_be_visible()
    stored = subprocess.run(["grep", "-rlaF", code, str(world.home)], capture_output=True, text=True, check=False)
    assert stored.stdout == ""
