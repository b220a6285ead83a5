"""Attachments: what a file is, by its content; nothing that runs, fetches or hides is kept."""

from __future__ import annotations

import base64
import hashlib
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.people import person
from schoolgate.requests import drafting
from schoolgate.requests.drafting.filetype import LONGEST_NAME, Checked, check_file, clean_name
from schoolgate.requests.drafting.models import Content, DraftAttachment, UploadPiece
from tests.requests.attachments import BAD, GOOD, PAGE, pdf, stream
from tests.requests.cast import Cast, codes
from tests.requests.drafts import begun, filled_in


@pytest.mark.parametrize("name", GOOD)
def test_a_plain_file_is_taken(name: str) -> None:
    found = check_file(name, GOOD[name])
    assert isinstance(found, Checked), found
    assert found.name == name
    assert "/" in found.kind


@pytest.mark.parametrize(("what", "name", "content", "code"), BAD, ids=[row[0] for row in BAD])
def test_what_runs_or_is_not_what_it_says_is_refused(what: str, name: str, content: bytes, code: str) -> None:
    assert codes(check_file(name, content)) == {(code, "file")}


@pytest.mark.parametrize(
    "filling",
    [
        b"stream\n",
        b">>stream\nendstream\n",
        b"1 obj ",
        b"1 obj<<",
        b"1 obj<</A(",
        b"1 obj%",
        b"1 0 obj<</N 1/First 2>>stream\n",
        b"stream\n\x78\x01",
        b"/A",
        b"/Filter[",
    ],
)
def test_no_pdf_keeps_the_check_busy(filling: bytes) -> None:
    # 2 MB of each; the steps are bounded, so the whole takes seconds where it once took hours.
    check_file("a.pdf", b"%PDF-1.7\n" + filling * (2_000_000 // len(filling)) + b"\nstartxref\n9\n%%EOF\n")
    numbers = b"1 1 " + b"11 " * 100_000 + b"~"
    check_file("a.pdf", pdf(PAGE, stream(numbers)))


def test_an_xref_stream_beside_a_picture_is_nothing_strange() -> None:
    content = pdf(
        b"<</Type/XRef/W[1 2 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>> >>\nstream\n"
        + zlib.compress(b"abc")
        + b"\nendstream",
        b"<</Subtype/Image/Filter/DCTDecode>>\nstream\nabc\nendstream",
    )
    assert isinstance(check_file("a.pdf", content), Checked)


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Example\\plan.PDF", "plan.pdf"),
        ("a\u202efdp.exe", "a_fdp.exe"),
        ('x"; filename="y.html', "x__ filename__y.html"),
        ("  two   spaces .pdf", "two spaces.pdf"),
        ("line\nbreak.txt", "line_break.txt"),
        ("Pläne für Schulen.pdf", "Pläne für Schulen.pdf"),
        ("…", ""),
        ("noending", ""),
        ("a.b.c.pdf", "a.b.c.pdf"),
    ],
)
def test_names_are_cleaned(given_name: str, cleaned: str) -> None:
    assert clean_name(given_name) == cleaned


@given(name=st.text(max_size=300))
def test_no_name_leaves_the_folder_or_a_header(name: str) -> None:
    cleaned = clean_name(name)
    assert not set(cleaned) & set('/\\"\r\n\0;:<>')
    assert not cleaned.startswith(".")
    assert len(cleaned) <= max(LONGEST_NAME, len(cleaned.rpartition(".")[2]) + 2)


@given(content=st.binary(max_size=400), name=st.sampled_from(sorted(GOOD)))
def test_no_content_makes_the_check_fail_in_another_way(content: bytes, name: str) -> None:
    assert isinstance(check_file(name, content), Checked | requests.Refused)


@pytest.mark.parametrize("name", GOOD)
def test_a_file_with_a_byte_changed_is_taken_or_refused_and_never_breaks_the_check(name: str) -> None:
    chance = random.Random(7)
    for _ in range(200):
        broken = bytearray(GOOD[name])
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        assert isinstance(check_file(name, bytes(broken)), Checked | requests.Refused)


def put(draft: drafting.DraftView, name: str, content: bytes, actor: str, clock: FixedClock) -> object:
    for number in range(max(1, -(-len(content) // drafting.PIECE))):
        piece = content[number * drafting.PIECE : (number + 1) * drafting.PIECE]
        taken = drafting.attach_piece(draft.id, number, base64.b64encode(piece).decode(), actor, clock)
        assert taken == number + 1, taken
    return drafting.attach(draft.id, name, hashlib.sha256(content).hexdigest(), actor, clock)


def test_a_file_comes_in_pieces_and_is_kept_by_its_hash(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    large = b"a line of text\n" * 20_000
    made = put(draft, "../large.txt", large, cast.researcher, clock)
    assert made == drafting.Attachment("large.txt", "text/plain", hashlib.sha256(large).hexdigest(), len(large))
    assert not UploadPiece.objects.exists()
    assert isinstance(made, drafting.Attachment)
    assert drafting.attachment(draft.id, made.sha256, person(cast.colleague)) == (made, large)
    with pytest.raises(drafting.UnknownDraft):
        drafting.attachment(draft.id, made.sha256, person(cast.seller))
    with pytest.raises(drafting.UnknownDraft):
        drafting.attachment(draft.id, "0" * 64, person(cast.researcher))


def test_a_piece_that_is_missing_or_changed_is_noticed(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    piece = base64.b64encode(b"abc").decode()
    assert codes(drafting.attach_piece(draft.id, 1, piece, cast.researcher, clock)) == {("file-piece", "file")}
    assert codes(drafting.attach_piece(draft.id, 0, "not base64!", cast.researcher, clock)) == {("file-piece", "file")}
    too_long = base64.b64encode(b"x" * (drafting.PIECE + 1)).decode()
    assert codes(drafting.attach_piece(draft.id, 0, too_long, cast.researcher, clock)) == {("file-piece", "file")}
    drafting.attach_piece(draft.id, 0, piece, cast.researcher, clock)
    assert codes(drafting.attach(draft.id, "a.txt", "0" * 64, cast.researcher, clock)) == {("file-piece", "file")}
    assert codes(drafting.attach_piece(draft.id, 0, piece, cast.colleague, clock)) == {("not-an-author", "actor")}


def test_names_are_taken_once_and_all_together_have_a_limit(
    cast: Cast, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = begun(cast, clock)
    put(draft, "a.txt", b"one", cast.researcher, clock)
    assert codes(put(draft, "a.txt", b"two", cast.researcher, clock)) == {("file-name", "file")}  # type: ignore[arg-type]
    monkeypatch.setattr("schoolgate.requests.drafting.keep.MOST_BYTES_IN_ALL", 5)
    assert codes(put(draft, "b.txt", b"two", cast.researcher, clock)) == {("file-size", "file")}  # type: ignore[arg-type]


def test_one_file_is_attached_once_under_whatever_name(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    put(draft, "a.txt", b"one", cast.researcher, clock)
    refused = put(draft, "b.txt", b"one", cast.researcher, clock)
    assert codes(refused) == {("file-twice", "file")}
    assert isinstance(refused, requests.Refused)
    assert "as a.txt" in refused.reasons[0].reason


def test_what_was_handed_in_stays_and_what_was_not_is_gone_when_it_is_taken_away(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock, dpia_reference="dpia.pdf")
    kept = put(draft, "dpia.pdf", GOOD["plan.pdf"], cast.researcher, clock)
    gone = put(draft, "slip.txt", b"a slip", cast.researcher, clock)
    assert isinstance(kept, drafting.Attachment)
    assert isinstance(gone, drafting.Attachment)
    assert drafting.detach(draft.id, gone.sha256, cast.researcher, clock) == gone.sha256
    assert not Content.objects.filter(sha256=gone.sha256).exists()
    now = drafting.find(draft.id, person(cast.researcher))
    made = requests.insist(drafting.submit_draft(draft.id, now.revision, cast.researcher, clock))
    assert codes(drafting.detach(draft.id, kept.sha256, cast.researcher, clock)) == {("not-possible-now", "")}
    requests.insist(requests.return_application(made.id, ["Another one, please."], cast.custodian, clock))
    assert drafting.detach(draft.id, kept.sha256, cast.researcher, clock) == kept.sha256
    assert drafting.find(made.id, person(cast.custodian)).attachments == (kept,)
    assert drafting.attachment(made.id, kept.sha256, person(cast.custodian))[1] == GOOD["plan.pdf"]
    assert DraftAttachment.objects.get().removed_at is not None
    assert codes(drafting.detach(draft.id, kept.sha256, cast.researcher, clock)) == {("file-unknown", "file")}
