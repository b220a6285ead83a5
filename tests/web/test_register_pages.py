"""The register by request, agreement, organisation and item: what its pages say, on a log with whole lives in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import people, published, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.web.public import kinds
from tests.published import logs
from tests.web import rooms

pytestmark = pytest.mark.django_db

UNIVERSITY = "university-of-example-synthetic"


@pytest.fixture
def pages(home: Config, clock: FixedClock, settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser in front of a site whose log has a whole life and a refusal in it."""
    monkeypatch.setattr("schoolgate.dictionary.open_dictionary", lambda directory: rooms.Items(id=logs.SEX))
    settings.CONFIG, settings.CLOCK = home, clock
    home.dictionary.mkdir()
    cache.clear()
    logs.a_whole_life()
    refused = logs.asked(2, logs.COMPANY, kind="company", purpose_plain="To sell scores.", items=[logs.ETHNICITY])
    logs.decided(refused, "refused", reasons=["No benefit to pupils."])
    logs.write(
        "share.imported", "H-0001", organisation=logs.UNIVERSITY, title="An old share", purpose_plain="Long ago.",
        data_sets=["KS2"], identifiability="2", safe_setting="No", gateway="s.537A", valid_from="2014-09-01",
        stated_status="Closed", source_sha256="cd" * 32, source_row=7,
    )  # fmt: skip
    return client


def text_of(pages: Client, address: str) -> str:
    """A page's text, with its spaces made single."""
    page = pages.get(address)
    assert page.status_code == 200, address
    return " ".join(page.content.decode().split())


ADDRESSES = (
    "/register/search/",
    "/register/search/?words=school&status=ended&year=2026&sort=oldest",
    "/register/search/?imported=yes",
    "/register/agreement/A-2026-0001/",
    "/register/request/APP-2026-0002/",
    "/register/request/H-0001/",
    f"/register/organisation/{UNIVERSITY}/",
    f"/register/item/{logs.SEX}/",
    "/register/pictures/",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_has_one_heading_no_script_no_cookie_and_is_not_sent_twice(pages: Client, address: str) -> None:
    page = pages.get(address)
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<h1") == 1
    assert "<script" not in text
    assert " style=" not in text
    assert page.cookies == {}
    assert pages.get(address, headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert pages.post(address).status_code == 405


def test_an_agreements_page_tells_decision_items_releases_destruction_and_each_proof(pages: Client) -> None:
    text = text_of(pages, "/register/agreement/A-2026-0001/")
    for part in (
        "It serves pupils.", "First language", "data not destroyed in time", "It had to be destroyed by 1 February 2027",
        "ab" * 32, "1,200", "failed, counted as a read", "No result and no publication is in the register yet.",
    ):  # fmt: skip
        assert part in text, part
    assert text.count('href="/register/7/proof"') == 1
    indexes = [int(one) for one in re.findall(r'href="/register/(\d+)/proof"', text)]
    assert indexes == list(range(min(indexes), max(indexes) + 1))
    assert "Something nobody knows" in text  # an entry of a kind that this release does not know
    assert "/register/request/APP-2026-0001/" not in text
    moved = pages.get("/register/request/APP-2026-0001/")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/register/agreement/A-2026-0001/")


def test_a_refused_request_is_in_the_register_with_its_reasons(pages: Client) -> None:
    text = text_of(pages, "/register/request/APP-2026-0002/")
    assert "No benefit to pupils." in text
    assert ">refused</strong>" in text
    assert "Each time data was handed over" not in text


def test_an_imported_share_is_marked_everywhere_and_counted_nowhere(pages: Client) -> None:
    text = text_of(pages, "/register/request/H-0001/")
    assert "The register did not see this data leave" in text
    assert "row 7 of the file" in text
    assert "from an old list, not seen here" in text
    assert "Times data was handed over" not in text
    searched = pages.get("/register/search/")
    assert [one.case.name for one in searched.context["cases"]] == ["APP-2026-0002", "A-2026-0001"]
    assert "1 share from old lists fits too" in text_of(pages, "/register/search/")
    assert "Shares from old lists are not in these pictures" in text_of(pages, "/register/pictures/")


def test_an_organisations_page_has_all_it_asked_for_what_is_overdue_and_its_names(pages: Client) -> None:
    logs.write("organisation.changed", "O-1", organisation="Example Campus (synthetic)", former_name=logs.UNIVERSITY,
               changed=["name"], before=[logs.UNIVERSITY], after=["Example Campus (synthetic)"], reason="New name.")  # fmt: skip
    text = text_of(pages, f"/register/organisation/{UNIVERSITY}/")
    assert '<h1 class="govuk-heading-xl">Example Campus (synthetic)</h1>' in text
    assert "It was called:" in text
    assert logs.UNIVERSITY in text
    assert "Not destroyed in time" in text
    assert "From lists before this register" in text
    assert "How the organisation changed" in text
    assert logs.COMPANY not in text


def test_an_items_page_says_who_was_given_it_and_who_asked_in_vain(pages: Client) -> None:
    text = text_of(pages, f"/register/item/{logs.ETHNICITY}/")
    given, rest = text.split("Who may use it and has not yet")
    assert logs.UNIVERSITY in given
    assert logs.COMPANY in rest.split("Who asked for it and was not given it")[1]


def test_a_searchs_address_keeps_what_was_asked_and_leads_on(pages: Client) -> None:
    for number in range(3, 33):
        logs.asked(number, purpose_plain="One more study of attendance.")
    page = pages.get("/register/search/?words=attendance&kind=university")
    assert page.context["found"].total == 30
    assert page.context["next"] == "?words=attendance&kind=university&page=2"
    second = pages.get("/register/search/" + page.context["next"])
    assert len(second.context["cases"]) == 5
    assert second.context["previous"] == "?words=attendance&kind=university"
    assert 'value="attendance"' in page.content.decode()
    assert [text for text, _address in page.context["narrowed_by"]] == ["“attendance”", "Universities"]
    assert dict(page.context["narrowed_by"])["Universities"] == "?words=attendance"
    assert pages.get("/register/search/?page=2").status_code == 200
    assert "30 requests and agreements" in page.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/register/search/?page=0", "/register/search/?page=99", "/register/search/?page=x", "/register/search/?year=1",
        "/register/search/?status=happy", "/register/search/?sort=up", "/register/search/?words=" + "x" * 300,
        "/register/request/NO-1/", "/register/organisation/nobody/", "/register/item/no.such/",
        "/register/agreement/APP-2026-0099/", "/register/pictures/none.svg",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_404(pages: Client, address: str) -> None:
    assert pages.get(address).status_code == 404


def test_a_site_beside_a_gate_of_its_own_only_reads_and_says_how_far_it_is_behind(
    pages: Client, settings: Any, home: Config
) -> None:
    published.refresh()
    logs.asked(3)
    settings.CONFIG = Config(home.home, home.database, gate=Path("/nowhere/gate.sock"))
    assert "1 new log entry is not on this page yet" in text_of(pages, "/register/search/")
    assert published.standing().behind == 1
    settings.CONFIG = home
    assert "not on this page yet" not in text_of(pages, "/register/search/")
    assert published.standing().behind == 0


def test_hostile_text_stays_text_on_every_page(pages: Client) -> None:
    name = f"{rooms.HOSTILE} Ltd"
    logs.decided(logs.asked(5, name, purpose_plain=rooms.HOSTILE, title=rooms.HOSTILE), reasons=[rooms.HOSTILE])
    agreement = logs.signed(5, "APP-2026-0005", name, gateway=rooms.HOSTILE, conditions=[rooms.HOSTILE])
    logs.read(agreement, "R-9", items=[rooms.HOSTILE])
    published.refresh()
    (slug,) = [slug for slug, known in published.organisations() if known == name]
    for address in (
        "/register/search/?words=script", f"/register/agreement/{agreement}/", f"/register/organisation/{slug}/",
        "/register/", f"/register/item/{rooms.HOSTILE}/", f"/register/follow/?organisation={slug}",
    ):  # fmt: skip
        text = pages.get(address).content.decode()
        assert "<script>alert" not in text, address
        assert "<img src=x" not in text, address


def test_pictures_are_images_with_a_title_and_the_same_numbers_as_their_table(pages: Client) -> None:
    page = pages.get("/register/pictures/")
    for one in page.context["pictures"]:
        drawn = pages.get(f"/register/pictures/{one['name']}.svg")
        svg = drawn.content.decode()
        assert drawn.headers["Content-Type"].startswith("image/svg+xml")
        assert f'<title id="t">{one["title"]}</title>' in svg
        for label, number in one["numbers"]:
            assert f"{label}: {number:,}" in svg.split("<desc")[1].split("</desc>")[0].replace("&amp;", "&")
            assert f">{label}</th>" in page.content.decode()
        assert "style" not in svg
        assert "<script" not in svg
    numbers = {one["name"]: dict(one["numbers"]) for one in page.context["pictures"]}
    assert numbers["releases"] == {"2026-10": 2, "2026-11": 1}
    assert numbers["recipients"] == {"Universities": 3}
    assert numbers["agreements"] == {"Universities": 1}
    assert sum(numbers["sensitivity"].values()) == 4


def test_pictures_go_on_to_this_month_and_what_is_not_drawn_stands_in_the_table_and_the_api(
    pages: Client, settings: Any
) -> None:
    settings.CLOCK = FixedClock(datetime(2030, 3, 5, tzinfo=UTC))
    page = pages.get("/register/pictures/")
    (months,) = (one for one in page.context["pictures"] if one["name"] == "releases")
    numbers = dict(months["numbers"])
    assert (numbers["2026-10"], numbers["2030-03"], len(numbers)) == (2, 0, 3 * 12 + 6)
    assert sum(numbers.values()) == page.context["pictures"][1]["numbers"][0][1] == 3
    drawn = pages.get("/register/pictures/releases.svg").content.decode()
    assert "month by month: the last 36 months</title>" in drawn
    assert "2027-03: 0" not in drawn
    assert "2027-04: 0; " in drawn
    text = page.content.decode()
    assert "The picture shows the last three years, the table all." in text
    assert "2026-10: 2" not in text.split('alt="')[1].split('"')[0]
    told = pages.get("/api/v1/register/numbers").json()["pictures"]["releases"]
    assert {"label": "2026-10", "number": 2} in told


def _families_and_a_reader(pages: Client) -> None:
    logs.looks_of_families("2026-09-02T09:00:00Z", "2026-09-03T09:00:00Z")
    logs.read("A-2026-0001", "R-8", items=[logs.SEX, *logs.COMES_WITH], at="2026-12-01T09:00:00Z")


def test_what_comes_with_each_record_is_told_apart_once_and_never_as_not_agreed(pages: Client) -> None:
    _families_and_a_reader(pages)
    page = pages.get("/register/agreement/A-2026-0001/")
    text = " ".join(page.content.decode().split())
    assert {one.id for one in page.context["items"]} == {logs.ETHNICITY, logs.SEX}
    assert [one.id.partition(".")[2] for one in page.context["always"]] == ["pupil", "year"]
    table, rest = text.split("Comes with each record</h3>")
    assert "The reference is made up" in rest
    assert not [item for item in logs.COMES_WITH if item in table]
    assert '<td class="govuk-table__cell">no</td>' not in text
    assert "so nobody asks for it" in text_of(pages, f"/register/item/{logs.COMES_WITH[0]}/")
    assert "so nobody asks for it" not in text_of(pages, f"/register/item/{logs.SEX}/")
    newest = pages.get("/register/").context["rows"][0]
    assert newest.items == (logs.SEX,)  # the entry's own page has all of them
    assert all(item in text_of(pages, f"/register/{newest.entry.index}/") for item in logs.COMES_WITH)


def test_an_item_that_nobody_has_decided_on_is_not_told_as_refused(pages: Client) -> None:
    logs.asked(7)
    assert ">not decided<" in text_of(pages, "/register/request/APP-2026-0007/")
    assert ">not decided<" not in text_of(pages, "/register/request/APP-2026-0002/")
    assert ">no<" in text_of(pages, "/register/request/APP-2026-0002/")


def test_families_own_looks_are_told_as_theirs_and_apart_from_everybody_outside(pages: Client) -> None:
    _families_and_a_reader(pages)
    words = "Families and schools looking at their own child"
    text = text_of(pages, "/register/agreement/A-SAR/")
    assert words in text
    assert "Nobody outside is given anything by it" in text
    assert "Not stated" not in text
    assert "No last day: the law sets none." in text
    assert "2099" not in text.split("What happened, in order")[0].split("Fingerprint")[0]
    found = pages.get("/register/search/?kind=family")
    assert [one.case.name for one in found.context["cases"]] == ["A-SAR"]
    assert f'<option value="family" selected>{words}</option>' in found.content.decode()
    page = pages.get("/register/pictures/")
    pictures = {one["name"]: dict(one["numbers"]) for one in page.context["pictures"]}
    assert pictures["own"] == {"2026-09": 2}
    assert pictures["recipients"] == {"Universities": 4}
    assert pictures["agreements"] == {"Universities": 1}
    assert sum(pictures["releases"].values()) == 4
    assert sum(pictures["sensitivity"].values()) == 5  # without the reference and the year
    assert "Not stated" not in page.content.decode()
    item = text_of(pages, f"/register/item/{logs.SEX}/")
    assert "shown 2 times to families and schools looking at their own child" in item
    assert logs.FAMILIES not in item
    for address in ("/", "/register/"):
        start = text_of(pages, address)
        assert "times families and schools looked at their own child</dt><dd>2</dd>" in start
        assert "times data was handed over</dt><dd>4</dd>" in start


def test_an_organisation_that_became_part_of_another_and_that_other_lead_to_each_other(pages: Client) -> None:
    index = logs.merged(logs.COMPANY, logs.UNIVERSITY)
    old, new = "/register/organisation/example-home-scores-ltd-synthetic/", f"/register/organisation/{UNIVERSITY}/"
    became = text_of(pages, old).split("It became part of")[1].split("</p>")[0]
    assert f'href="{new}"' in became
    assert f'href="/register/{index}/"' in became
    took = text_of(pages, new)
    assert f'href="{old}"' in took.split("These became part of it")[1].split("</p>")[0]
    assert "APP-2026-0002" in took
    assert "They joined." in text_of(pages, f"/register/{index}/")
    assert f"{logs.COMPANY} became part of {logs.UNIVERSITY}." in took
    for address in (old, new):
        assert "An organisation became part of another" in text_of(pages, address)
    found = pages.get(f"/register/search/?organisation={UNIVERSITY}")
    assert "APP-2026-0002" in [one.case.name for one in found.context["cases"]]


def test_an_organisations_page_tells_only_its_own_changes(pages: Client) -> None:
    press = f"{logs.UNIVERSITY} Press"
    logs.write("organisation.changed", "O-9", organisation=press, changed=["kind"], before=["charity"],
               after=["company"], reason="Sold.")  # fmt: skip
    assert "How the organisation changed" not in text_of(pages, f"/register/organisation/{UNIVERSITY}/")


@pytest.mark.parametrize("kind", list(requests.drafting.kinds()))
def test_the_kind_of_a_request_is_told_in_the_words_its_sender_chose_from(pages: Client, kind: str) -> None:
    name = requests.drafting.kinds()[kind].name
    application = logs.asked(8, request_kind=kind, kind="police")
    page = text_of(pages, f"/register/request/{application}/")
    assert f'What kind of request</dt><dd class="govuk-summary-list__value">{name}</dd>' in page
    published.refresh()
    entry = pages.get(f"/register/{published.entries(limit=1)[0]}/")
    facts = {one.key: (one.label, one.text) for one in entry.context["entry"].facts}
    assert facts["request_kind"] == ("What kind of request", name)
    assert facts["kind"] == ("What kind of organisation", "Police forces")


def test_the_kind_of_a_look_up_is_no_kind_of_organisation(pages: Client) -> None:
    index = logs.write("lookup.made", "L-9", agreement="A-2026-0001", kind="matching")
    facts = {one.key: (one.label, one.text) for one in pages.get(f"/register/{index}/").context["entry"].facts}
    assert facts["kind"] == ("What kind of use", "Matching a list of people")


def test_every_kind_of_recipient_has_words() -> None:
    assert set(people.ORGANISATION_KINDS) == set(kinds.KINDS) - {""}


def test_since_when_stands_in_the_search_on_the_agreement_and_on_the_items_page(pages: Client) -> None:
    assert "data read 3 times, first on 1 October 2026" in text_of(pages, "/register/search/")
    assert "3<br>first on 1 October 2026, last on 1 October 2026" in text_of(pages, "/register/agreement/A-2026-0001/")
    given = text_of(pages, f"/register/item/{logs.ETHNICITY}/").split("Who may use it")[0]
    assert ">1 November 2026</a>" in given
    assert "Universities" in given


def test_looks_at_ones_own_child_have_a_list_of_their_own_and_do_not_bury_what_went_outside(pages: Client) -> None:
    _families_and_a_reader(pages)
    page = pages.get("/register/")
    own = {row.entry.index for row in pages.get("/register/?show=own").context["rows"]}
    assert len(own) == 2
    assert not own & {row.entry.index for row in page.context["rows"]}
    assert "A-SAR" in [row.entry.agreement for row in page.context["rows"]]  # that there is such a right is told
    releases = pages.get("/register/?show=releases").context["rows"]
    tabs = {name: count for name, _label, _address, count in page.context["tabs"]}
    assert len(releases) == tabs["releases"] == page.context["numbers"]["handed_over"] == 4
    assert not own & {row.entry.index for row in releases}
    assert own < {row.entry.index for row in pages.get("/register/?show=everything").context["rows"]}
    text = text_of(pages, "/register/?show=own")
    assert "A family or school looked at its own child’s record" in text
    assert "Looks at one’s own child (2)" in text
    assert not own & {row.entry.index for row in pages.get("/").context["rows"]}


def test_the_page_of_what_the_law_makes_speaks_of_showing_and_not_of_destroying(pages: Client) -> None:
    _families_and_a_reader(pages)
    text = text_of(pages, "/register/agreement/A-SAR/")
    assert "Each time a child’s record was shown" in text
    assert "Destroying the data" not in text
    assert "Times data was handed over" not in text


def test_a_look_up_is_not_told_with_every_item_of_its_agreement(pages: Client) -> None:
    rows = {row.entry.type: row for row in pages.get("/register/").context["rows"]}
    assert rows["lookup.made"].items == ()
    assert rows["agreement.signed"].items == (logs.SEX, logs.ETHNICITY)
