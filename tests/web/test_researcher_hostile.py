"""What a browser could send to the researcher's pages: other people's drafts, fields that are not there, markup, files that run."""

from __future__ import annotations

import csv
import html
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.people import person
from schoolgate.requests import drafting
from tests.requests.attachments import GOOD, pdf
from tests.requests.cast import Cast
from tests.requests.drafts import begun, filled_in, handed_in, save
from tests.web.researching import author, cast, desk_ready, other, text_of, without_token
from tests.web.staff import sign_in_as

__all__ = ["author", "cast", "desk_ready"]

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = (
    "<script>alert('x')</script>",
    '=HYPERLINK("https://example.org","click")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    '"><img src=x onerror=alert(1)>',
    "{{ config }} {% load x %}",
)


@pytest.mark.parametrize("name", ["state", "organisation", "gateway", "spec", "authors"])
def test_a_field_that_the_page_does_not_have_is_named_and_nothing_is_saved(
    name: str, author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    sent = {"conflicts": "none", name: "O-0002", "revision": "0"}
    page = author.post(reverse("research-section", args=[draft.id, "conflicts"]), sent)
    assert page.status_code == 400
    assert f"This page has no field called “{name}”. Nothing was saved." in page.content.decode()
    assert drafting.find(draft.id, person(cast.researcher)).revision == 0


@pytest.mark.parametrize("revision", ["-1", "x", "99999999999", "１", ""])
def test_a_strange_revision_saves_nothing_over_somebody_else(
    revision: str, author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    requests.insist(save(draft, "conflicts", cast.researcher, clock, conflicts="none"))
    where = reverse("research-section", args=[draft.id, "conflicts"])
    page = author.post(where, {"conflicts": "Other", "revision": revision})
    assert "Somebody else saved this page" in page.content.decode()
    assert drafting.find(draft.id, person(cast.researcher)).spec.conflicts == "none"


def addresses(draft: drafting.DraftView, sha256: str = "0" * 64) -> list[tuple[str, str]]:
    """Every address of a draft, with the method it answers to."""
    pages = [
        ("get", reverse("research-draft", args=[draft.id])),
        ("get", reverse("research-section", args=[draft.id, "benefit"])),
        ("post", reverse("research-section", args=[draft.id, "benefit"])),
        ("get", reverse("research-check", args=[draft.id])),
        ("get", reverse("research-files", args=[draft.id])),
        ("post", reverse("research-files", args=[draft.id])),
        ("post", reverse("research-detach", args=[draft.id, sha256])),
        ("get", reverse("research-discard", args=[draft.id])),
        ("post", reverse("research-discard", args=[draft.id])),
        ("post", reverse("research-submit", args=[draft.id])),
        ("post", reverse("research-author", args=[draft.id])),
        ("post", reverse("research-comment", args=[draft.id, "benefit"])),
        ("post", reverse("research-resolve", args=[draft.id, "benefit", 1])),
        ("get", reverse("research-file", args=[draft.id, sha256])),
    ]
    if draft.application_id:
        pages += [
            ("get", reverse("research-application", args=[draft.application_id])),
            ("get", reverse("research-items-table", args=[draft.application_id])),
            ("get", reverse("research-difference", args=[draft.application_id, 1, 1])),
            ("post", reverse("research-withdraw", args=[draft.application_id])),
        ]
    return pages


@pytest.mark.parametrize("is_in", [False, True])
def test_a_rival_finds_no_page_of_a_draft_nor_of_an_application(is_in: bool, cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock).id if is_in else begun(cast, clock).id
    draft = drafting.find(made, person(cast.researcher))
    rival = other(cast.seller)
    unknown = rival.get(reverse("research-draft", args=["D-2026-9999"]))
    assert unknown.status_code == 404
    for method, address in addresses(draft):
        page = getattr(rival, method)(address)
        assert page.status_code == 404, address
        assert without_token(page) == without_token(unknown), address
    assert draft.id not in rival.get(reverse("research")).content.decode()


def test_nobody_signed_in_is_asked_to_sign_in_and_other_roles_are_told_no(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    nobody, custodian = Client(), other(cast.custodian)
    for method, address in [*addresses(draft), ("get", reverse("research")), ("post", reverse("research-start"))]:
        assert getattr(nobody, method)(address).headers["Location"].startswith("/sign-in/?next="), address
        assert getattr(custodian, method)(address).status_code in (403, 404), address


def test_every_change_needs_its_token_and_no_get_changes_anything(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    strict = Client(enforce_csrf_checks=True)
    sign_in_as(strict, cast.researcher)
    for method, address in addresses(draft):
        if method == "post":
            assert strict.post(address).status_code == 403, address
    for name in ("research-submit", "research-author"):
        assert strict.get(reverse(name, args=[draft.id])).status_code == 405


def test_another_persons_id_in_a_form_is_refused(author: Client, cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock)
    page = author.post(reverse("research-author", args=[draft.id]), {"person": cast.seller})
    assert page.status_code == 409
    assert "This is not a researcher of your organisation." in page.content.decode()
    where = reverse("research-section", args=[draft.id, "people"])
    author.post(where, {"people": [cast.researcher, cast.seller, cast.panel[0]], "revision": "1"})
    checked = author.get(reverse("research-check", args=[draft.id])).content.decode()
    assert "This person belongs to another organisation." in checked
    assert "Only a researcher can be named" in checked


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_and_formulas_come_out_as_the_text_they_are(
    text: str, author: Client, cast: Cast, clock: FixedClock
) -> None:
    said = f"{text} and so on"
    reason = (
        requests.ItemReason("census_pupil.sex", said, said),
        requests.ItemReason("census_pupil.fsmeligible", said, said),
    )
    every = dict.fromkeys(("title", "purpose_plain", "public_benefit", "harm", "harm_prevention", "gateway", "processed_at", "retention_why", "destruction", "publication_plan", "ethics_body", "ethics_reference", "dpia_summary", "dpia_reference", "conflicts", "commercial_detail"), text)  # fmt: skip
    made = handed_in(
        cast, clock, **every, funders=(text,), item_reasons=reason,
        processors=(requests.Processor(text, text, text, text),), linkage=(requests.Linkage(text, text, text),),
        transfer_safeguard=text,
        answers=tuple(requests.Answer(one, text) for one in ("find-again", "sensitive", "linkage-more", "processors-why", "abroad-why")),
    )  # fmt: skip
    requests.insist(drafting.comment(made.id, "law", text, True, cast.researcher, clock))
    draft = drafting.find(made.id, person(cast.researcher))
    pages = [reverse("research-section", args=[draft.id, one.id]) for one in drafting.SECTIONS]
    pages += [
        reverse("research"),
        reverse("research-draft", args=[draft.id]),
        reverse("research-check", args=[draft.id]),
        reverse("research-application", args=[made.id]),
    ]
    for address in pages:
        body = author.get(address).content.decode()
        assert "<script>alert" not in body, address
        assert "<img src=x" not in body, address
    shown = author.get(pages[-1]).content.decode()
    assert html.escape(text) in shown
    table = author.get(reverse("research-items-table", args=[made.id]))
    assert table.headers["Content-Disposition"].startswith("attachment")
    cells = [cell for row in csv.reader(io.StringIO(table.content.decode())) for cell in row]
    assert any(text in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_a_file_is_attached_downloaded_and_taken_away(author: Client, cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    where = reverse("research-files", args=[draft.id])
    page = author.post(where, {"file": SimpleUploadedFile("../dpia.pdf", GOOD["plan.pdf"])}, follow=True)
    assert "“dpia.pdf” is attached." in page.content.decode()
    (held,) = drafting.find(draft.id, person(cast.researcher)).attachments
    got = author.get(reverse("research-file", args=[draft.id, held.sha256]))
    assert got.content == GOOD["plan.pdf"]
    assert got.headers["Content-Disposition"] == 'attachment; filename="dpia.pdf"'
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["Cache-Control"] == "no-store"
    assert other(cast.seller).get(reverse("research-file", args=[draft.id, held.sha256])).status_code == 404
    author.post(reverse("research-detach", args=[draft.id, held.sha256]))
    assert drafting.find(draft.id, person(cast.researcher)).attachments == ()
    assert author.get(reverse("research-file", args=[draft.id, held.sha256])).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", pdf(b"<</S /JavaScript>>"), "This PDF holds a script."),
        ("a.png", GOOD["plan.pdf"], "It is called .png, but what is in it is of the kind .pdf."),
        ("a.html", b"<p>x</p>", "Files of this kind are not taken."),
        ("a.txt", b"", "The file is empty."),
        ("a.txt", b"x" * (5 * 1024 * 1024 + 1), "A file has at most 5 MB."),
    ],
)
def test_a_file_that_runs_or_lies_is_refused_in_plain_words(
    name: str, content: bytes, said: str, author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    page = author.post(reverse("research-files", args=[draft.id]), {"file": SimpleUploadedFile(name, content)})
    assert said in text_of(page)
    assert drafting.find(draft.id, person(cast.researcher)).attachments == ()


def test_no_file_is_said_too(author: Client, cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    assert "Choose a file first." in author.post(reverse("research-files", args=[draft.id])).content.decode()


def test_a_page_with_too_much_text_is_said_and_a_comment_without_end_is_refused(
    author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = filled_in(cast, clock)
    where = reverse("research-section", args=[draft.id, "reasons"])
    much = {f"item_reasons:{item}:{key}": "ü" * 60_000 for item in draft.spec.items for key in ("why", "why_not_less")}
    page = author.post(where, {**much, "revision": "1"})
    assert "This page holds too much text." in page.content.decode()
    told = author.post(reverse("research-comment", args=[draft.id, "benefit"]), {"text": "x" * 400_000})
    assert "more than 2,000 characters" in told.content.decode()
    assert drafting.find(draft.id, person(cast.researcher)).revision == draft.revision


def test_more_than_the_site_takes_is_not_read_whoever_sends_it(author: Client, cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    where = reverse("research-files", args=[draft.id])
    for client in (author, Client()):
        page = client.post(where, {"file": SimpleUploadedFile("a.txt", b"x" * (11 << 20))})
        assert page.status_code == 413
        assert "A file can have 5 MB at most." in page.content.decode()
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    a_little = author.post(where, {"file": SimpleUploadedFile("a.txt", b"x" * (6 << 20))})
    assert "A file has at most 5 MB." in a_little.content.decode()
