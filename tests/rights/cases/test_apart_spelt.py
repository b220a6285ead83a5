"""An action in a PDF is found however its name is spelt and wherever it lies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.errors import Refused
from schoolgate.requests.drafting import check_file
from schoolgate.rights.cases.apart.pages import only_pages
from schoolgate.rights.cases.apart.words import Unfit
from tests.rights.cases.papers import PLAIN, stream, written


@given(
    name=st.sampled_from(
        ["JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "RichMedia", "Rendition"]
    ),
    escaped=st.sets(st.integers(0, 9)),
    packed=st.booleans(),
    deep=st.integers(0, 5),
)
@settings(deadline=None)
def test_no_spelling_and_no_hiding_place_of_an_action_is_overlooked(
    name: str, escaped: set[int], packed: bool, deep: int
) -> None:
    spelt = "".join(f"#{ord(sign):02x}" if at in escaped else sign for at, sign in enumerate(name)).encode()
    body = b"[" * deep + b"<</S/" + spelt + b">>" + b"]" * deep
    other = stream(b"5 0 " + body, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode") if packed else body
    sent = written({**PLAIN, 4: other}) if not packed else _with_objects_packed(body)
    with pytest.raises(Unfit):
        only_pages(sent)
    assert isinstance(check_file("letter.pdf", written({**PLAIN, 4: other})), Refused)


def _with_objects_packed(body: bytes) -> bytes:
    """The same object in an object stream, which an xref stream points into, as PDF 1.5 does."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    packed = stream(b"5 0 " + body, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode")
    for number, one in {**PLAIN, 4: packed}.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = [(0, 0, 255), *((1, places[n], 0) for n in (1, 2, 3, 4)), (2, 4, 0), (1, len(out), 0)]
    table = b"".join(
        kind.to_bytes(1, "big") + at.to_bytes(4, "big") + last.to_bytes(1, "big") for kind, at, last in rows
    )
    head = b"/Type/XRef/W[1 4 1]/Size 7/Root 1 0 R/Filter/FlateDecode"
    start = len(out)
    return bytes(out) + b"6 0 obj\n" + stream(table, head) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
