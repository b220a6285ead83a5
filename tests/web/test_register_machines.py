"""The register for programs: the API is what its description says, CSV and feeds keep their standards, letters leave."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import post, published
from schoolgate.web.public import asked, description, downloads
from tests.published import logs
from tests.web import rooms
from tests.web.test_register_pages import pages

__all__ = ["pages"]

pytestmark = pytest.mark.django_db

API = "/api/v1/register"
CALLS = {
    "/cases": ("", "?words=school&size=1", "?status=overdue", "?imported=yes", "?item=census_pupil.sex&sort=releases"),
    "/cases/{name}": ("A-2026-0001", "APP-2026-0002", "H-0001"),
    "/cases/{name}/releases": ("A-2026-0001", "A-2026-0001", "APP-2026-0002"),
    "/organisations": ("", "?words=example"),
    "/organisations/{slug}": ("university-of-example-synthetic",),
    "/items/{item_id}/recipients": (logs.SEX, logs.ETHNICITY),
    "/entries": ("", "?before=4", "?types=release.begun,query.refused"),
    "/numbers": ("",),
}


def whole(answer: Any) -> str:
    """All of an answer that is sent while it is read."""
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def misfits(value: Any, shape: Any, document: Any, where: str = "$") -> Iterator[str]:
    """Where a value does not fit a JSON Schema: the words of it that the description uses."""
    if "$ref" in shape:
        yield from misfits(value, document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]], document, where)
        return
    names = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}
    kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    if type(value) not in [names[kind] for kind in kinds]:
        yield f"{where} is a {type(value).__name__}"
        return
    if "enum" in shape and value not in shape["enum"]:
        yield f"{where} is {value!r}"
    if "minimum" in shape and isinstance(value, int) and value < shape["minimum"]:
        yield f"{where} is too small"
    if shape.get("format") == "uri" and not re.fullmatch(r"https?://\S+", value):
        yield f"{where} is no address"
    if isinstance(value, list):
        for at, part in enumerate(value):
            yield from misfits(part, shape["items"], document, f"{where}[{at}]")
    if isinstance(value, dict):
        own = shape.get("properties", {})
        yield from (f"{where}.{name} is missing" for name in shape.get("required", ()) if name not in value)
        for name, part in value.items():
            other = shape.get("additionalProperties", {})
            if name not in own and other is False:
                yield f"{where}.{name} is not described"
            elif name in own or other:
                yield from misfits(part, own.get(name) or other, document, f"{where}.{name}")


def test_every_answer_of_the_api_is_what_its_description_says(pages: Client) -> None:
    document = pages.get(f"{API}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == set(CALLS) == set(description.PATHS)
    for path, calls in CALLS.items():
        shape = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for call in calls:
            address = re.sub(r"{\w+}", call, path) if "{" in path else path + call
            answer = pages.get(API + address)
            assert answer.status_code == 200, address
            assert list(misfits(answer.json(), shape, document)) == [], address


def test_the_check_itself_sees_what_does_not_fit(pages: Client) -> None:
    document = pages.get(f"{API}/openapi.json").json()
    answer = pages.get(f"{API}/cases/A-2026-0001").json()
    answer["case"] |= {"status": "happy", "releases": -1, "more": 1}
    answer["items"][0].pop("times")
    answer["page"] = 3
    assert sorted(misfits(answer, {"$ref": "#/components/schemas/WholeCase"}, document)) == [
        "$.case.more is not described", "$.case.releases is too small", "$.case.status is 'happy'",
        "$.items[0].times is missing", "$.page is a int",
    ]  # fmt: skip


def test_every_reference_and_parameter_of_the_description_leads_somewhere(pages: Client) -> None:
    document = pages.get(f"{API}/openapi.json").json()
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert named <= set(document["components"]["schemas"])
    for path, one in document["paths"].items():
        in_path = {part["name"] for part in one["get"]["parameters"] if part["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/cases?page=x", 400), ("/cases?size=101", 400), ("/cases?size=0", 400), ("/cases?status=happy", 400),
        ("/entries?before=x", 400), ("/cases?organization=x", 400), ("/entries?case=NO-1", 404),
        ("/cases/NO-1/releases", 404), ("/cases/A-2026-0001/releases?before=x", 400), ("/organisations?page=0", 400), ("/cases/NO-1", 404), ("/organisations/nobody", 404), ("/items/no.such/recipients", 404),
    ],
)  # fmt: skip
def test_an_error_is_a_problem_document(pages: Client, address: str, status: int) -> None:
    answer = pages.get(API + address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_api_can_be_walked_by_its_links_from_the_first_page_to_the_last(pages: Client) -> None:
    for number in range(3, 20):
        logs.asked(number)
    seen: list[str] = []
    address: str | None = f"{API}/cases?size=5"
    while address:
        answer = pages.get(address.removeprefix(post.site_address())).json()
        seen += [case["id"] for case in answer["cases"]]
        address = answer["next"]
    assert len(seen) == len(set(seen)) == answer["total"] == 19


def walked(pages: Client, address: str | None, key: str, following: str = "next") -> list[Any]:
    """Everything an answer's links lead to."""
    seen: list[Any] = []
    while address:
        answer = pages.get(address.removeprefix(post.site_address())).json()
        seen += answer[key]
        address = answer[following]
    return seen


def test_what_is_too_much_for_one_answer_is_led_to_and_not_cut(pages: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_ENTRIES", "_RELEASES", "_RECIPIENTS", "_ORGANISATIONS"):
        monkeypatch.setattr(f"schoolgate.web.public.api.{name}", 2)
    logs.asked(3, "A Third Example (synthetic)", items=[logs.ETHNICITY])
    one = pages.get(f"{API}/cases/A-2026-0001").json()
    every = walked(pages, f"{API}/cases/A-2026-0001/releases", "releases", "releases_next")
    assert [part["release"] for part in every] == ["R-3", "R-2", "R-1"]
    rest = walked(pages, one["releases_next"], "releases", "releases_next")
    assert len(one["releases"]) + len(rest) == one["case"]["releases"] == 3
    indexes = [part["index"] for part in one["entries"] + walked(pages, one["entries_next"], "entries")]
    found = published.case("A-2026-0001")
    assert tuple(indexes) == published.entries(of=found, limit=1_000)
    assert len(walked(pages, f"{API}/organisations", "organisations")) == 3
    names = {part["organisation"] for part in walked(pages, f"{API}/items/{logs.ETHNICITY}/recipients", "recipients")}
    assert names == {logs.UNIVERSITY, logs.COMPANY, "A Third Example (synthetic)"}
    kinds = walked(pages, f"{API}/entries?types=release.begun&case=A-2026-0001", "entries")
    assert [part["type"] for part in kinds] == ["release.begun"] * 3


def test_any_site_may_read_it_and_what_has_not_changed_is_not_sent_again(pages: Client) -> None:
    answer = pages.get(f"{API}/cases")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.cookies == {}
    again = pages.get(f"{API}/cases", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["Access-Control-Allow-Origin"]) == (304, b"", "*")
    logs.asked(3)
    changed = pages.get(f"{API}/cases", headers={"If-None-Match": answer.headers["ETag"]})
    assert changed.status_code == 200
    before = pages.options(f"{API}/cases")
    assert (before.status_code, before.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
    assert pages.post(f"{API}/cases").status_code == 405


@pytest.mark.parametrize(
    "address", [f"{API}/cases", "/register/search.csv", "/register/search.json", "/register/feed.atom"]
)
def test_whoever_asks_too_often_is_told_to_wait(pages: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weight = asked.DOWNLOAD if "search." in address else 1
    monkeypatch.setattr(asked, "REQUESTS", 3 * weight)
    codes = [pages.get(address).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    assert pages.get(address).headers["Retry-After"] == "600"
    assert pages.get(address, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert pages.get("/register/search/").status_code == 200  # people are not counted
    cache.clear()


def test_a_table_of_items_says_who_was_given_what_since_when(pages: Client) -> None:
    logs.looks_of_families("2026-09-02T09:00:00Z")
    answer = pages.get("/register/search.csv?each=item&sort=oldest")
    rows = list(csv.DictReader(io.StringIO(whole(answer), newline="")))
    assert 'filename="register-items.csv"' in answer.headers["Content-Disposition"]
    told = [(one["organisation"], one["kind"], one["item"], one["times"], one["first_at"][:10]) for one in rows]
    assert told[:3] == [
        (logs.UNIVERSITY, "university", logs.ETHNICITY, "1", "2026-11-01"),
        (logs.UNIVERSITY, "university", logs.SEX, "3", "2026-10-01"),
        (logs.COMPANY, "company", logs.ETHNICITY, "0", ""),
    ]
    assert {one["comes_with_each_record"] for one in rows if one["item"] in logs.COMES_WITH} == {"yes"}
    assert {one["own_child"] for one in rows if one["id"] == "A-SAR"} == {"yes"}
    narrowed = whole(pages.get("/register/search.csv?each=item&kind=company")).splitlines()
    assert len(narrowed) == 2
    assert pages.get("/register/search.csv?each=pupil").status_code == 404
    assert "each=item&amp;kind=company" in pages.get("/register/search/?kind=company").content.decode()


def test_a_table_is_csv_as_rfc_4180_has_it_and_holds_no_formula(pages: Client) -> None:
    logs.asked(3, "=cmd|' /C calc'!A0", purpose_plain='+1, "two"\r\nthree')
    answer = pages.get("/register/search.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    text = whole(answer)
    assert text.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == ["APP-2026-0003", "APP-2026-0002", "A-2026-0001"]
    assert rows[0]["organisation"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["purpose_plain"] == '\'+1, "two"\r\nthree'
    assert rows[2]["overdue"] == "yes"
    for row in rows:
        assert not [value for value in row.values() if value.startswith(("=", "+", "-", "@", "\t", "\r"))]
    narrowed = whole(pages.get("/register/search.csv?status=refused")).splitlines()
    assert len(narrowed) == 2


def test_a_value_that_is_not_there_is_an_empty_cell(pages: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(whole(pages.get("/register/search.csv?each=item")), newline="")))
    assert {one["first_entry"] for one in rows if one["times"] == "0"} == {""}


def test_a_table_of_releases_says_when_what_was_handed_over_and_adds_up(pages: Client) -> None:
    logs.looks_of_families("2026-09-02T09:00:00Z")
    answer = pages.get("/register/search.csv?each=release")
    assert 'filename="register-releases.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(whole(answer), newline="")))
    outside = [one for one in rows if one["own_child"] == "no"]
    assert [(one["id"], one["release"], one["state"], one["pupils"]) for one in outside] == [
        ("A-2026-0001", "R-1", "delivered", "1,200"), ("A-2026-0001", "R-2", "delivered", "1,200"),
        ("A-2026-0001", "R-3", "failed", "1,200"),
    ]  # fmt: skip
    assert len(outside) == pages.get(f"{API}/numbers").json()["counts"]["handed_over"]
    assert outside == rows  # nothing reached anybody by the others, and there will be many
    rows = list(csv.DictReader(io.StringIO(whole(pages.get("/register/search.csv?each=release&kind=family")))))
    assert len(rows) == pages.get(f"{API}/numbers").json()["counts"]["own_looks"]
    one = pages.get("/register/search.csv?case=A-2026-0001&each=release")
    assert len(whole(one).splitlines()) == 4


def test_a_download_holds_everything_in_small_parts_and_is_not_sent_twice(
    pages: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_PORTION", 2_000)
    monkeypatch.setattr("schoolgate.published.taking._AT_ONCE", 3)
    for number in range(3, 30):
        logs.asked(number)
    answer = pages.get("/register/search.csv?sort=first")
    parts = list(answer.streaming_content)  # type: ignore[attr-defined]  # the test client's answer
    rows = list(csv.DictReader(io.StringIO(b"".join(parts).decode(), newline="")))
    assert len(parts) > 3
    assert [row["id"] for row in rows] == ["A-2026-0001", *(f"APP-2026-{n:04d}" for n in range(2, 30))]
    document = pages.get("/register/search.json?sort=first")
    held = json.loads(whole(document))
    assert [case["id"] for case in held["cases"]] == [row["id"] for row in rows]
    assert json.loads(whole(pages.get("/register/search.json?words=nobody")))["cases"] == []
    for address, etag in (("search.csv", answer.headers["ETag"]), ("search.json", document.headers["ETag"])):
        again = {"If-None-Match": etag}
        assert pages.get(f"/register/{address}?sort=first", headers=again).status_code == 304
        assert pages.get(f"/register/{address}?sort=newest", headers=again).status_code == 200
    logs.asked(30)
    changed = pages.get("/register/search.csv?sort=first", headers={"If-None-Match": answer.headers["ETag"]})
    assert changed.status_code == 200


def test_a_search_as_json_is_the_search(pages: Client) -> None:
    answer = json.loads(whole(pages.get("/register/search.json?imported=yes")))
    assert answer["search"] == {"imported": "yes"}
    (share,) = answer["cases"]
    assert (share["witnessed"], share["releases"], share["data_sets"]) == (False, 0, ["KS2"])


ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("query", ["", "?status=refused", "?words=school&kind=university"])
def test_a_feed_is_atom_as_rfc_4287_has_it(pages: Client, query: str) -> None:
    logs.asked(3, rooms.HOSTILE + "\x01")
    answer = pages.get(f"/register/feed.atom{query}")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    # RFC 4287, 4.1.1: exactly one id, title and updated; an author; a link to itself.
    for name in ("id", "title", "updated", "author"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"{post.site_address()}/register/feed.atom{query}"
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    for entry in (feed, *entries):
        assert stamp.fullmatch(entry.findtext(f"{ATOM}updated") or "")
        assert entry.findtext(f"{ATOM}title")
    assert b"<script" not in answer.content


def test_a_feed_can_be_read_back_to_its_first_entry(pages: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "FEED_ENTRIES", 4)
    address: str | None = "/register/feed.atom?kind=university"
    seen: list[str] = []
    while address:
        feed = ElementTree.fromstring(pages.get(address).content)
        links = {link.get("rel"): str(link.get("href")) for link in feed.findall(f"{ATOM}link")}
        assert links["self"].endswith(address)
        assert links["first"].endswith("/register/feed.atom?kind=university")  # RFC 5005, section 3
        seen += [str(entry.findtext(f"{ATOM}id")) for entry in feed.findall(f"{ATOM}entry")]
        address = links["next"].removeprefix(post.site_address()) if "next" in links else None
    assert len(seen) == len(set(seen)) == len(published.entries_of(published.Query(kind="university"), limit=1_000))
    assert len(seen) > 8
    assert pages.get("/register/feed.atom?before=x").status_code == 404


def test_a_feed_of_a_search_holds_what_is_about_it_and_nothing_else(pages: Client) -> None:
    text = pages.get("/register/feed.atom?status=refused").content.decode()
    assert logs.COMPANY in text
    assert logs.UNIVERSITY not in text
