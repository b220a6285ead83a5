"""The register does not mislead: numbers that lead to as many, names that are asked about, nothing left out in silence."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import published
from schoolgate.register.event_types import EVENT_TYPES
from tests.published import logs
from tests.web.test_register_pages import ADDRESSES, UNIVERSITY, pages, text_of

__all__ = ["pages"]

pytestmark = pytest.mark.django_db


def test_whoever_types_a_name_of_an_organisation_or_item_is_led_to_it_or_asked_which(pages: Client) -> None:
    exact = pages.get("/register/search/?kind=university&organisation_name=" + logs.UNIVERSITY)
    assert exact.headers["Location"] == f"/register/search/?organisation={UNIVERSITY}&kind=university"
    item = pages.get("/register/search/?item_name=first+language")
    assert item.headers["Location"] == f"/register/search/?item={logs.SEX}"
    several = text_of(pages, "/register/search/?organisation_name=synthetic&kind=university")
    assert "Which one do you mean?" in several
    assert 'id="found"' not in several  # no list that looks as if it were narrowed
    nobody = text_of(pages, "/register/search/?organisation_name=<b>nobody</b>")
    assert "Nothing in the register is called so." in nobody
    assert "<b>" not in nobody


def test_what_came_of_an_agreement_is_told_however_much_was_read_since(pages: Client) -> None:
    logs.write("extract.approved", "X-1", agreement="A-2026-0001", organisation=logs.UNIVERSITY, reason="Needed.")
    logs.write("publication.noted", "A-2026-0001", agreement="A-2026-0001", title="Who misses school")
    for number in range(50):
        logs.read("A-2026-0001", f"R-B{number}", at="2027-03-01T09:00:00Z")
    text = text_of(pages, "/register/agreement/A-2026-0001/")
    assert "Somebody was let take data away" in text
    assert "No result and no publication is in the register yet." not in text
    assert "The latest 25 of 53." in text
    assert "search.csv?each=release&amp;case=A-2026-0001" in text
    page, seen = pages.get("/register/agreement/A-2026-0001/"), 0
    while True:
        seen += len(page.context["entries"])
        if page.context["older"] is None:
            break
        assert f"?before={page.context['older']}#happened" in page.content.decode()
        page = pages.get(f"/register/agreement/A-2026-0001/?before={page.context['older']}")
    assert seen == len(published.entries(of=published.case("A-2026-0001"), limit=1_000))
    assert pages.get("/register/agreement/A-2026-0001/?before=x").status_code == 404


def test_one_agreement_is_followed_and_no_other_whose_number_begins_so(pages: Client) -> None:
    text = text_of(pages, "/register/agreement/A-2026-0001/")
    assert "/register/feed.atom?case=A-2026-0001" in text
    assert "/register/follow/?case=A-2026-0001" in text


def test_a_decision_is_told_with_the_version_it_was_about_and_with_what_it_changed(pages: Client) -> None:
    name = logs.asked(5, items=[logs.SEX, logs.ETHNICITY])
    logs.write("application.resubmitted", name, organisation=logs.UNIVERSITY, purpose="education-research",
               purpose_plain="Less.", items=[logs.ETHNICITY], version=2, changed=["items"])  # fmt: skip
    logs.decided(name, items=[f"{logs.SEX}: only {logs.ETHNICITY} is given"])
    decision = pages.get("/register/?show=decisions").context["rows"][0]
    assert decision.items == (logs.ETHNICITY,)
    logs.write("application.resubmitted", name, organisation=logs.UNIVERSITY, purpose="education-research",
               purpose_plain="More.", items=[logs.SEX], version=3, changed=["items"])  # fmt: skip
    assert pages.get("/register/?show=decisions").context["rows"][0].items == (logs.ETHNICITY,)
    words = f"First language: only {logs.ETHNICITY} is given"
    assert words in text_of(pages, f"/register/{decision.entry.index}/")
    assert words in text_of(pages, f"/register/request/{name}/")
    assert f"/dictionary/{logs.SEX}:" not in text_of(pages, f"/register/{decision.entry.index}/")


def test_numbers_of_the_register_lead_to_as_many_as_they_say(pages: Client) -> None:
    logs.decided("APP-2026-0002", "refused", reasons=["Still no."])  # decided again after an appeal: one request
    page = pages.get("/register/")
    assert page.context["panel_refused"] == pages.get("/register/search/?status=refused").context["found"].total == 1
    narrowed = text_of(pages, "/register/?who=example")
    assert "Releases (" in text_of(pages, "/register/")
    assert "Releases (" not in narrowed  # a number of all beside a list of some
    logs.asked(6)
    logs.decided("APP-2026-0006", "approved", emergency="It cannot wait.")
    logs.asked(7)
    logs.decided("APP-2026-0007", "refused", emergency="It cannot wait.")
    marked = pages.get("/register/search/?status=emergency")
    assert marked.context["found"].total == 2
    assert marked.context["by_status"] == []  # a link to all refused would say another number


def test_data_destroyed_too_late_stays_told_as_late(pages: Client) -> None:
    assert "1 time data was not destroyed in time. <a" in text_of(pages, "/register/")
    logs.write("destruction.certified", "A-2026-0001", agreement="A-2026-0001", method="Wiped.", witnessed_by="IT.",
               destroyed_on="2027-05-01")  # fmt: skip
    text = text_of(pages, "/register/agreement/A-2026-0001/")
    assert "Destroyed on 1 May 2027: Wiped." in text
    assert "It had to be destroyed by 1 February 2027, and was not shown to be in time." in text
    front = text_of(pages, "/register/")
    assert "1 time data was not destroyed in time." in front
    assert "0 are overdue now" in front


def test_an_agreement_that_is_over_is_not_told_as_one_that_may_use_an_item(pages: Client) -> None:
    logs.signed(5, None)
    logs.write("agreement.ended", "A-2026-0005", reason="Over.")
    text = text_of(pages, f"/register/item/{logs.ETHNICITY}/")
    may, rest = text.split("Who might have used it and never did")
    assert "A-2026-0005" not in may
    assert "A-2026-0005" in rest
    assert "Lists from before this register name whole data sets, not items." in text


def test_shares_from_old_lists_are_never_headed_as_requests(pages: Client) -> None:
    text = text_of(pages, "/register/search/?status=imported")
    assert "1 share from old lists" in text
    assert "The register did not see this data leave." in text


def test_an_organisations_old_shares_are_all_a_link_away(pages: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.write("share.imported", "H-0002", organisation=logs.UNIVERSITY, title="Another", purpose_plain="Long ago.",
               data_sets=["KS4"], gateway="s.537A", stated_status="Closed", source_sha256="cd" * 32, source_row=8)  # fmt: skip
    monkeypatch.setattr("schoolgate.web.public.cases._OF_ORGANISATION", 1)
    assert f"?organisation={UNIVERSITY}&amp;imported=yes" in text_of(pages, f"/register/organisation/{UNIVERSITY}/")


def test_minutes_are_found_by_the_public_from_their_entry_and_from_each_case_they_tell_of(pages: Client) -> None:
    index = logs.write("minutes.published", "M-2026-0001", day="2026-09-08", text_hash="ab" * 32,
                       requests=["APP-2026-0001", "APP-2026-0002"])  # fmt: skip
    link = 'href="/register/minutes/M-2026-0001/"'
    assert link in text_of(pages, f"/register/{index}/")
    assert link in text_of(pages, "/register/agreement/A-2026-0001/")
    assert link in text_of(pages, "/register/request/APP-2026-0002/")
    assert index in [row.entry.index for row in pages.get("/register/?show=decisions").context["rows"]]
    before = published.case("APP-2026-0002")
    published.rebuild()
    assert published.case("APP-2026-0002") == before
    for type_, subject, address in (
        ("notice.published", "N-2026-0001", "/notices/versions/N-2026-0001/"), ("question.asked", "Q-1", "/questions/"),
        ("statement.published", "2026-Q3", "/statements/2026-Q3/"), ("finding.recorded", "F-1", "/findings/"),
    ):  # fmt: skip
        assert f'href="{address}">Read all of it' in text_of(pages, f"/register/{logs.write(type_, subject)}/")


def test_no_last_day_is_none_for_programs_too(pages: Client) -> None:
    logs.looks_of_families("2026-09-02T09:00:00Z")
    assert pages.get("/api/v1/register/cases/A-SAR").json()["case"]["valid_until"] == ""


@pytest.mark.parametrize("address", [*ADDRESSES[:-1], "/register/"])
def test_each_page_names_its_own_feed_for_news_readers(pages: Client, address: str) -> None:
    text = pages.get(address).content.decode()
    named = re.findall(r'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="([^"]+)">', text)
    assert len(named) == 1
    assert pages.get(named[0].replace("&amp;", "&")).status_code == 200


def test_a_decision_in_a_hurry_that_was_looked_at_again_waits_for_nothing(pages: Client) -> None:
    name = logs.asked(6)
    logs.decided(name, "approved", emergency="It cannot wait.", review_due="2026-10-01")
    agreement = logs.signed(6, name)
    waits = "The panel looks again by"
    assert waits in text_of(pages, f"/register/agreement/{agreement}/")
    logs.write("emergency.reviewed", agreement, agreement=agreement, outcome="confirmed", reasons=["It was right."],
               at="2026-09-20T09:00:00Z")  # fmt: skip
    text = text_of(pages, f"/register/agreement/{agreement}/")
    assert waits not in text
    assert "The panel looked at it again on 20 September 2026: confirmed." in text
    assert "decided in an emergency" in text


def test_a_share_that_a_later_list_tells_again_is_not_left_looking_like_two(pages: Client) -> None:
    logs.write("share.imported", "H-0002", organisation=logs.UNIVERSITY, title="An OLD share", purpose_plain="Long ago.",
               data_sets=["KS2"], gateway="s.537A", stated_status="Extended", source_sha256="ef" * 32, source_row=7)  # fmt: skip
    text = text_of(pages, "/register/request/H-0001/")
    assert "They may be the same share, told again:" in text
    assert 'href="/register/request/H-0002/">H-0002</a>: Extended' in text
    assert "told again" not in text_of(pages, "/register/request/APP-2026-0002/")


def test_what_a_family_sees_of_its_own_child_is_not_told_as_given_without_being_agreed(pages: Client) -> None:
    logs.looks_of_families()
    logs.write("release.begun", "R-OWN", agreement="A-SAR", organisation=logs.FAMILIES, purpose="subject-access",
               items=["identity.forename"], pupils=None)  # fmt: skip
    (row,) = re.findall(r"<tr>.{0,400}identity\.forename.*?</tr>", text_of(pages, "/register/agreement/A-SAR/"))
    assert ">by law</td>" in row
    assert ">no</td>" not in row
    items = pages.get("/api/v1/register/cases/A-SAR").json()["items"]
    assert [one["agreed"] for one in items if one["item"] == "identity.forename"] == [True]


def test_every_kind_of_entry_there_is_has_a_page_and_a_row_whatever_stands_in_it(pages: Client) -> None:
    for value in (7, ["a", 2]):
        for kind, shape in EVENT_TYPES.items():
            logs.write(kind, "S-1", **{key.rstrip("?"): value for key in shape.keys if key.rstrip("?") != "agreement"})
    before, seen = "", 0
    while True:
        page = pages.get(f"/register/?show=everything{before}")
        assert page.status_code == 200
        for row in page.context["rows"]:
            assert pages.get(f"/register/{row.entry.index}/").status_code == 200, row.entry.body
            seen += 1
        if not page.context["older"]:
            break
        before = f"&before={page.context['rows'][-1].entry.index}"
    assert seen == published.standing().size
    assert pages.get("/register/feed.atom").status_code == 200


def test_an_application_that_is_asked_for_as_an_agreement_leads_to_what_became_of_it(pages: Client) -> None:
    moved = pages.get("/register/agreement/APP-2026-0001/")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/register/agreement/A-2026-0001/")
    refused = pages.get("/register/agreement/APP-2026-0002/")
    assert refused.headers["Location"] == "/register/request/APP-2026-0002/"
    assert pages.get("/register/agreement/A-9/").status_code == 404


def test_every_link_of_the_registers_pages_leads_somewhere(pages: Client) -> None:
    cache.clear()
    logs.looks_of_families("2026-09-02T09:00:00Z")
    logs.merged(logs.COMPANY, logs.UNIVERSITY)
    seen: set[str] = set()
    todo = [*ADDRESSES, "/register/", "/register/?show=everything"]
    while todo:
        address = todo.pop()
        if (
            address in seen
            or "/log/" in address
            or address.startswith(("/register/search.", "/register/feed.", "/api/"))
        ):
            continue
        seen.add(address)
        answer = pages.get(address)
        assert answer.status_code in (200, 302) or "/proof" in address or "/dictionary/" in address, address
        if answer.headers["Content-Type"].startswith("text/html") and address.startswith("/register/"):
            links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"#]+)', answer.content.decode())]
            links = [address.split("?")[0] + link if link.startswith("?") else link for link in links]
            todo += [link for link in links if link.startswith(("/register/", "/dictionary/", "/check/"))]
    assert len(seen) > 60


def test_a_share_from_an_old_list_is_of_the_years_the_list_says_and_not_of_the_day_it_was_read_in(
    pages: Client,
) -> None:
    logs.write("share.imported", "H-0002", organisation=logs.UNIVERSITY, title="Another", purpose_plain="Long ago.",
               data_sets=["KS2"], gateway="s.537A", stated_status="Closed", valid_from="2014-09", valid_until="2016-08-31",
               source_sha256="ef" * 32, source_row=7)  # fmt: skip
    for year, names in ((2013, []), (2014, ["H-0002", "H-0001"]), (2015, ["H-0002"]), (2016, ["H-0002"]), (2026, [])):
        found = pages.get(f"/register/search/?imported=yes&year={year}").context["cases"]
        assert [one.case.name for one in found] == names, year
    text = text_of(pages, "/register/search/?imported=yes&year=2015")
    assert "September 2014 – 31 August 2016" in text
    assert "2026" not in text.split('class="sg-entry__side"')[1].split("</div>")[0]


def test_an_agreements_page_tells_how_many_corrections_and_erasures_it_was_sent_and_answered_for(pages: Client) -> None:
    week = {"agreement": "A-2026-0001", "organisation": logs.UNIVERSITY, "week_ended": "2027-03-07"}
    assert "None is in the register." in text_of(pages, "/register/agreement/A-2026-0001/")
    logs.write("correction.sent", "A-2026-0001", **week, corrections="15")
    logs.write("correction.unanswered", "A-2026-0001", **week, corrections="15")
    logs.write("erasure.sent", "A-2026-0001", **week, erasures="fewer than 10")
    logs.write("erasure.acknowledged", "A-2026-0001", **week, erasures="fewer than 10")
    text = text_of(pages, "/register/agreement/A-2026-0001/")
    for told in (
        "told of facts put right or taken back</a>. University of Example (synthetic), in the week to 7 March 2027: 15.",
        "has not said what it did about such facts</a>. University of Example (synthetic), in the week to 7 March 2027: 15",
        "delete what was erased</a>. University of Example (synthetic), in the week to 7 March 2027: fewer than 10.",
        "did about what was erased</a>. University of Example (synthetic), in the week to 7 March 2027: fewer than 10.",
    ):
        assert told in text
