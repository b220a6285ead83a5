"""The agreement's text: one form, the same for the same terms, another hash for any other, and what is made from it."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import requests
from schoolgate.requests.agreement.compose import Agreed, compose
from schoolgate.requests.agreement.glyphs import font
from schoolgate.requests.agreement.text import as_text, compare, line, read, text_hash
from schoolgate.requests.terms import Processor

SPEC = requests.ApplicationSpec(
    title="Absence",
    organisation="O-0001",
    people=("P-0001", "P-0002"),
    purpose="education-research",
    purpose_plain="We want to find out who misses school.",
    lawful_basis="UK GDPR Article 6(1)(e)",
    gateway="Education Act 1996 s.537A(5)",
    items=("census_pupil.sex", "census_pupil.age"),
    years=((2024, 2026),),
    cohort=(requests.CohortCondition("ncyearactual", ("7", "8")),),
    valid_from=date(2026, 9, 1),
    valid_until=date(2028, 8, 31),
    processed_at="Safe setting",
    country="United Kingdom",
    retention_until=date(2028, 12, 31),
    destruction="Overwritten.",
    processors=(Processor("Example Computing (synthetic)", "keeps the servers", "Leeds", "United Kingdom"),),
)
AGREED = Agreed(
    application_id="APP-2026-0001",
    version=1,
    organisation="University of Example (synthetic)",
    organisation_kind="a university",
    country="United Kingdom",
    spec=SPEC,
    items=frozenset(SPEC.items),
    conditions=(requests.Condition("small-numbers", "10"),),
    people_count=2,
    valid_until=date(2028, 8, 31),
)


def text_of(agreed: Agreed) -> str:
    return as_text(compose(agreed))


def a_version(text: str) -> requests.VersionView:
    signature = requests.SignatureView(
        "organisation", "P-0001", text_hash(text), datetime(2026, 9, 1, 9, tzinfo=UTC), 3
    )
    return requests.VersionView(
        "APP-2026-0001", "", 1, "agreement", text, text_hash(text), (), (), None, 0, 1, (signature,), "waits"
    )


@pytest.mark.parametrize(
    "said",
    [
        "University of Example (synthetic), a university, in United Kingdom",
        "We want to find out who misses school.",
        "UK GDPR Article 6(1)(e)",
        "Education Act 1996 s.537A(5)",
        "(census_pupil.sex); identifiability",
        "2024 to 2026",
        "ncyearactual is 7 or 8",
        "Numbers of pupils below 10 may not be published.",
        "People who may read: 2,",
        "Safe setting, United Kingdom",
        "Example Computing (synthetic), keeps the servers, Leeds, United Kingdom",
        "Destroyed by: 31 December 2028",
        "How it is destroyed: Overwritten.",
        "may see, on the spot and without notice",
        "within 24 hours",
        "A family sees in its own child's record",
        "over its SHA-256 hash",
    ],
)
def test_the_text_says(said: str) -> None:
    assert said in text_of(AGREED)


def test_no_person_is_in_the_text() -> None:
    assert not re.search(r"\bP-\d{4}", text_of(AGREED))


def test_the_same_terms_give_the_same_text_and_bytes() -> None:
    assert text_of(AGREED) == text_of(replace(AGREED))
    assert requests.as_pdf(a_version(text_of(AGREED))) == requests.as_pdf(a_version(text_of(AGREED)))


@pytest.mark.parametrize(
    "other",
    [
        replace(AGREED, version=2),
        replace(AGREED, organisation="University of Exemple (synthetic)"),
        replace(AGREED, items=frozenset({"census_pupil.sex"})),
        replace(AGREED, conditions=()),
        replace(AGREED, people_count=3),
        replace(AGREED, valid_until=date(2028, 9, 1)),
        replace(AGREED, notice_days=31),
        replace(AGREED, added=("census_pupil.la",), notice_days=31),
        replace(AGREED, spec=replace(SPEC, purpose_plain="We want to find out who misses  school!")),
        replace(AGREED, spec=replace(SPEC, processed_at="Elsewhere")),
        replace(AGREED, spec=replace(SPEC, retention_until=date(2030, 12, 31))),
        replace(AGREED, spec=replace(SPEC, cohort=())),
        replace(AGREED, spec=replace(SPEC, deceased=True)),
        replace(AGREED, spec=replace(SPEC, processors=())),
    ],
)
def test_any_other_term_gives_another_hash(other: Agreed) -> None:
    assert text_hash(text_of(other)) != text_hash(text_of(AGREED))


def test_an_item_is_said_in_the_form_in_which_it_was_approved() -> None:
    conditions = tuple(
        requests.Condition.parse(one)
        for one in (
            "coarser-item: census_pupil.age, census_pupil.ncyearactual",
            "not-together: census_pupil.sex, census_pupil.ncyearactual",
            "aggregate-only: 10",
        )
    )
    items = frozenset({"census_pupil.sex", "census_pupil.ncyearactual"})
    text = text_of(replace(AGREED, items=items, conditions=conditions))
    (coarse,) = [one for one in text.splitlines() if one.startswith("- ") and "(census_pupil.ncyearactual)" in one]
    assert "as numbers about many pupils only" in coarse
    assert "given in place of census_pupil.age" in coarse
    assert "never in one query with census_pupil.sex" in coarse


LINES = st.lists(
    st.tuples(st.sampled_from(["title", "heading", "paragraph", "point"]), st.text(max_size=40)), max_size=8
)


@given(LINES)
def test_a_text_is_read_back_line_by_line(lines: list[tuple[str, str]]) -> None:
    """Whatever somebody types, a paragraph is never taken for a heading, nor one line for two."""
    document = tuple(line(kind, words) for kind, words in lines)
    text = as_text(document)
    # A mark with nothing after it reads as it was written.
    assert read(text) == document
    assert as_text(read(text)) == text


@given(LINES, LINES)
def test_a_comparison_holds_both_texts_and_nothing_else(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    old, new = (as_text(tuple(line(kind, words) for kind, words in lines)) for lines in (before, after))
    found = compare(old, new)
    assert tuple(one.line for one in found if one.kind != "added") == read(old)
    assert tuple(one.line for one in found if one.kind != "removed") == read(new)


def drawn_text(pdf: bytes) -> str:
    """What a reader of the PDF finds: every text that is drawn, by the file's own way back from glyphs to text."""
    streams = [
        zlib.decompress(found.group(1))
        for found in re.finditer(rb"/Filter /FlateDecode[^>]*>>\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
    ]
    (back,) = [one.decode("ascii") for one in streams if b"beginbfchar" in one]
    signs = {glyph: bytes.fromhex(code).decode("utf-16-be") for glyph, code in re.findall(r"<(\w{4})> <(\w+)>", back)}
    shown = ""
    for stream in streams:
        if b" Tj ET" in stream:
            for coded in re.findall(r"<([0-9a-f]*)> Tj", stream.decode("latin-1")):
                shown += "".join(signs[coded[at : at + 4]] for at in range(0, len(coded), 4))
    return shown


def test_the_pdf_holds_the_whole_text_its_hash_and_who_signed_for_which_side() -> None:
    text = text_of(replace(AGREED, organisation="Prifysgol Ŵyl (synthetig)", spec=replace(SPEC, title="Ŷ 漢")))
    pdf = requests.as_pdf(a_version(text))
    shown = " ".join(drawn_text(pdf).split())
    for one in read(text):
        for word in one.text.split():
            assert word in shown
    assert "Prifysgol Ŵyl" in shown
    assert text_hash(text) in shown
    assert "Signed for the organisation on 1 September 2026 at 09:00 UTC: entry 3" in shown
    assert "P-0001" not in shown


def test_the_pdf_is_tagged_named_and_in_english() -> None:
    pdf = requests.as_pdf(a_version(text_of(AGREED)))
    assert pdf.startswith(b"%PDF-1.7")
    for part in (
        b"/StructTreeRoot",
        b"/Marked true",
        b"/Lang (en-GB)",
        b"/S /H1",
        b"/S /H2",
        b"/ToUnicode",
        b"/FontFile2",
    ):
        assert part in pdf
    assert b"CreationDate" not in pdf
    # Every entry of the table of places leads to its object.
    table = int(pdf.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    places = re.findall(rb"(\d{10}) 00000 n ", pdf[table:])
    assert len(places) > 20
    for number, place in enumerate(places, start=1):
        assert pdf[int(place) :].startswith(f"{number} 0 obj".encode())


def test_a_sign_without_a_shape_is_said_to_be_missing_and_a_long_word_is_cut() -> None:
    text = as_text((line("title", "A"), line("paragraph", "漢" + "x" * 500)))
    shown = drawn_text(requests.as_pdf(a_version(text)))
    assert "Signs of this text that have no shape in this file's font: 1." in shown
    assert shown.count("x") >= 500


def test_the_font_knows_welsh_and_measures() -> None:
    letters = font()
    assert letters.missing("Ŵŵŷ Llanfairpwllgwyngyll “–” £ €") == 0
    assert letters.missing("漢") == 1
    assert letters.width("iii") < letters.width("www")
