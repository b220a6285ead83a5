"""Hostile files: each is refused in plain words, nothing of it is kept, and memory stays flat while it is read."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from schoolgate import collect
from schoolgate.clock import FixedClock
from schoolgate.collect import ReturnUnreadable, guard
from schoolgate.collect.models import Return
from schoolgate.config import Config
from tests.collect.hostile import NAMES
from tests.collect.paper import paper, pupil

pytestmark = pytest.mark.django_db(transaction=True)

DTD = "<!DOCTYPE Message [<!ENTITY a 'aaaaaaaaaa'>]>"
LAUGHS = "<!DOCTYPE m [<!ENTITY a0 'lol'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
) + "]>"  # fmt: skip
QUADRATIC = f"<!DOCTYPE m [<!ENTITY a '{'x' * 50_000}'>]>"
BODY = paper().split(b"?>", 1)[1]


def declared(encoding: str, text: str) -> bytes:
    return (f"<?xml version='1.0' encoding='{encoding}'?>" + text).encode(
        {"utf-7": "utf-7", "ebcdic-cp-us": "cp037", "utf-32": "utf-32"}.get(encoding, encoding)
    )


def many(how_many: int = 300) -> bytes:
    return paper(*[pupil() for _ in range(how_many)])


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("return.xml", paper())
    return held.getvalue()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "billion laughs": (paper(head=LAUGHS), "return-dtd"),
    "billion laughs in an attribute": (
        paper(head=LAUGHS).replace(b"<Message>", b"<Message a='&a9;'>"), "return-dtd",
    ),
    "quadratic blow-up": (paper(pupil(Surname="&a;" * 50_000), head=QUADRATIC), "return-dtd"),
    "an entity": (paper(head=DTD), "return-dtd"),
    "an external DTD": (paper(head="<!DOCTYPE m SYSTEM 'file:///etc/passwd'>"), "return-dtd"),
    "an external entity": (
        paper(pupil(Surname="&x;"), head="<!DOCTYPE m [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"), "return-dtd",
    ),
    "a parameter entity": (
        paper(head="<!DOCTYPE m [<!ENTITY % p SYSTEM 'http://localhost:9/x.dtd'> %p;]>"), "return-dtd",
    ),
    "a DTD behind 200 KB of comment": (paper(head=f"<!--{'x' * 200_000}-->{DTD}"), "return-dtd"),
    "a DTD behind 200 KB of white space": (paper(head=" " * 200_000 + DTD), "return-dtd"),
    "a DTD across the border of two pieces": (
        paper(head=" " * (guard.PIECE - len("<?xml version='1.0' encoding='UTF-8'?>") - 4) + DTD), "return-dtd",
    ),
    "a DTD after the root": (paper() + DTD.encode(), "return-dtd"),
    "a DTD behind a byte order mark": (b"\xef\xbb\xbf" + paper(head=DTD), "return-dtd"),
    "an undefined entity": (paper(pupil(Surname="&canary;")), "return-format"),
    "a processing instruction": (paper(pupil(extra="<?php canary ?>")), "return-instruction"),
    "a style sheet": (paper(head="<?xml-stylesheet href='file:///x.xsl'?>"), "return-instruction"),
    "a second declaration": (paper(head="<?xml version='1.0' encoding='UTF-16'?>"), "return-instruction"),
    "XInclude": (
        paper(pupil(extra="<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='/etc/passwd'/>")),
        "return-namespace",
    ),
    "UTF-16": (paper().decode().encode("utf-16"), "return-encoding"),
    "UTF-16 without a mark": (paper().decode().encode("utf-16-le"), "return-encoding"),
    "UTF-32": (declared("utf-32", BODY.decode()), "return-encoding"),
    "UTF-16 declared only": (paper().replace(b"UTF-8", b"UTF-16", 1), "return-encoding"),
    "UTF-7": (declared("utf-7", DTD + BODY.decode()), "return-encoding"),
    "EBCDIC": (declared("ebcdic-cp-us", DTD + BODY.decode()), "return-format"),
    "EBCDIC declared only": (paper().replace(b"UTF-8", b"ebcdic-cp-us", 1), "return-encoding"),
    "Latin 1": (paper(pupil(Surname="Été")).decode().encode("latin-1"), "return-encoding"),
    "UTF-8 cut in the middle of a letter": (b"<Message>\xc3", "return-encoding"),
    "overlong UTF-8": (paper(pupil(Surname="@@")).replace(b"@@", b"\xc0\xaf"), "return-encoding"),
    "a lone surrogate": (paper(pupil(Surname="@@")).replace(b"@@", b"\xed\xa0\x80"), "return-encoding"),
    "NUL bytes": (paper(pupil(Surname="A\x00B")), "return-encoding"),
    "NUL bytes late": (many().replace(b"</PupilsOnRoll>", b"\x00</PupilsOnRoll>"), "return-encoding"),
    "a control character": (paper(pupil(Surname="A\x01B")), "return-format"),
    "a reference to a control character": (paper(pupil(Surname="A&#1;B")), "return-format"),
    "too deep": (paper(pupil(extra="<a>" * 20 + "</a>" * 20)), "return-depth"),
    "too deep outside the pupils": (
        paper().replace(b"<Pupils>", b"<Junk>" + b"<a>" * 20 + b"</a>" * 20 + b"</Junk><Pupils>"), "return-depth",
    ),
    "very deep": (paper(pupil(extra="<a>" * 5000 + "</a>" * 5000)), "return-depth"),
    "endless text": (paper(pupil(Surname="x" * 5000)), "return-text"),
    "endless text in what is passed over": (paper(pupil(extra=f"<Other>{'x' * 5000}</Other>")), "return-text"),
    "many attributes": (
        paper(pupil(extra="<a " + " ".join(f"b{i}='1'" for i in range(9)) + "/>")), "return-attributes",
    ),
    "many attributes on an item": (
        paper(pupil()).replace(b"<UPN>", b"<UPN a='1' b='1' c='1' d='1' e='1'>", 1), "return-attributes",
    ),
    "many unknown names": (paper(pupil(extra="".join(f"<a{n}/>" for n in range(600)))), "return-elements"),
    "cut off": (paper()[:-40], "return-format"),
    "cut off late": (many()[:-40], "return-format"),
    "two documents": (paper() + BODY, "return-format"),
    "a wrong root": (b"<?xml version='1.0'?><CTfile/>", "return-root"),
    "a wrong root around a return": (b"<Outer>" + BODY + b"</Outer>", "return-shape"),
    "a pupil where none stands": (
        paper().replace(b"<Pupils>", pupil().encode() + b"<Pupils>"), "return-shape",
    ),
    "a pupil in a pupil": (paper(pupil(extra=pupil())), "return-shape"),
    "a second header": (
        paper().replace(b"<School>", b"<Header><Source><URN>100009</URN></Source></Header><School>"), "return-twice",
    ),
    "a header after the pupils": (
        paper().replace(b"</Message>", b"<School><Phase>SS</Phase></School></Message>"), "return-twice",
    ),
    "an item given twice": (paper().replace(b"<UPN>", b"<UPN>T20110001804V</UPN><UPN>", 1), "return-twice"),
    "a module given twice with the same item": (
        paper(pupil(extra="<PupilIdentifiers><UPN>T20110001804V</UPN></PupilIdentifiers>")), "return-twice",
    ),
    "gzip": (gzip.compress(paper()), "return-format"),
    "a gzip bomb": (gzip.compress(b" " * 10_000_000), "return-format"),
    "zip": (zipped(), "return-format"),
    "empty": (b"", "return-empty"),
    "white space": (b"   \n", "return-format"),
    "text": (b"hello", "return-format"),
    "JSON": (b'{"upn": "P207000016049"}', "return-format"),
    "not this census": (paper(Collection="SWF"), "return-header"),
    "no term": (paper(Term="WINTER"), "return-header"),
    "a year in other digits": (paper(Year="２０２６"), "return-header"),
    "a year before there was a shape": (paper(Year="2014"), "return-census"),
    "a URN in other digits": (paper(URN="１００００８"), "return-header"),
    "no school": (paper(URN="999999"), "return-school"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_plain_words_and_nothing_is_kept(
    name: str, home: Config, clock: FixedClock
) -> None:
    data, code = HOSTILE[name]
    with pytest.raises(ReturnUnreadable) as raised:
        collect.submit(io.BytesIO(data), clock=clock, config=home, actor="s")
    assert raised.value.code == code, raised.value.what
    assert "canary" not in str(raised.value).lower()
    assert raised.value.hint, "every refusal says what to do"
    assert raised.value.__cause__ is None
    assert not home.papers.exists() or list(home.papers.iterdir()) == []
    assert Return.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (paper(pupil(), pupil(extra="<PupilStatus><Boarder>N</Boarder></PupilStatus>")),
         "The element Boarder is given twice, in pupil row 2."),
        (paper().replace(b"<URN>", b"<URN>100008</URN><URN>", 1), "The element URN is given twice, in the header."),
        (paper(pupil(), pupil(), pupil(Surname="x" * 5000)), "The element Surname, in pupil row 3, holds more text"),
        (paper(pupil(extra=f"<Canary>{'x' * 5000}</Canary>")), "An element that no return has, in pupil row 1, holds"),
        (paper(pupil(Surname="&canary;")), "The file uses an entity that it does not define"),
        (paper()[:-40], "The file is not well-formed XML (line 1)."),
        (paper(URN="999999"), "No school has the header's URN. Check it on Get Information about Schools."),
        (paper(Estab="2018"), "Check all three on Get Information about Schools."),
    ],
)  # fmt: skip
def test_a_refusal_says_where_and_what_to_do(data: bytes, words: str, home: Config, clock: FixedClock) -> None:
    with pytest.raises(ReturnUnreadable) as raised:
        collect.submit(io.BytesIO(data), clock=clock, config=home, actor="s")
    assert words in str(raised.value)
    assert "line 0" not in str(raised.value)


class _ByteByByte(io.BytesIO):
    """A pipe that gives one byte at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(1)


@pytest.mark.parametrize("name", ["a DTD behind a byte order mark", "UTF-7", "UTF-16", "a processing instruction"])
def test_a_file_that_comes_a_byte_at_a_time_hides_nothing(name: str) -> None:
    data, code = HOSTILE[name]
    with pytest.raises(ReturnUnreadable) as raised:
        list(collect.read_return(_ByteByByte(data))[1])
    assert raised.value.code == code


def test_a_good_file_may_come_a_byte_at_a_time_with_a_byte_order_mark_comments_and_cdata() -> None:
    data = b"\xef\xbb\xbf" + paper(pupil(Surname="<![CDATA[Canary]]>synth"), head="<!-- exported -->")
    header, rows = collect.read_return(_ByteByByte(data))
    assert header.urn == "100008"
    assert [row.fields["surname"] for row in rows] == ["Canarysynth"]


def test_what_the_shape_does_not_know_is_passed_over() -> None:
    data = paper(pupil(extra="<Other a='1'><UPN>T20110001804V</UPN></Other>")).replace(
        b"<Pupils>", b"<Classes><Class><Teachers>1</Teachers></Class></Classes><Pupils>"
    )
    (row,) = collect.read_return(io.BytesIO(data))[1]
    assert row.fields["upn"] == "P207000016049"


def test_a_file_beyond_the_size_limit_is_refused_while_it_streams(
    monkeypatch: pytest.MonkeyPatch, home: Config, clock: FixedClock
) -> None:
    monkeypatch.setattr(guard, "MAX_BYTES", 2**20)
    with pytest.raises(ReturnUnreadable, match="larger than 1 MiB"):
        collect.submit(io.BytesIO(many(2000)), clock=clock, config=home, actor="s")
    assert list(home.papers.iterdir()) == []


_MEASURE = """
import io, json, resource, sys
from schoolgate.collect import ReturnUnreadable, read_return
from tests.collect.hostile import Stream
from tests.collect.paper import paper

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

list(read_return(io.BytesIO(paper()))[1])
for name in json.loads(sys.argv[1]):
    before, stream, code = peak(), Stream(name), "accepted"
    try:
        for _ in read_return(stream)[1]:
            pass
    except ReturnUnreadable as refused:
        code = refused.code
    print(json.dumps([name, code, peak() - before, stream.read_so_far]))
"""
_ROOT = Path(__file__).parents[2]


def test_endless_files_are_refused_early_and_in_flat_memory() -> None:
    """One process reads every attack after the other, so what the parser remembers of names adds up as well."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, json.dumps(NAMES)],
        check=True, capture_output=True, text=True, cwd=_ROOT, env={"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"},
    )  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result[0] for result in results] == list(NAMES)
    assert all(code != "accepted" for _, code, _, _ in results), results
    assert sum(growth for _, _, growth, _ in results) < 64, results
    assert all(read <= 24 * 2**20 for _, _, _, read in results), results
