"""A paper sealed anew without what must not be kept: some pupils' rows, an item of all of them, a declined value.

The paper keeps its name and its place; a pupil's row that goes leaves an empty element, so that every other row keeps
its number, by which the lake's facts name where they came from. The digest of the file as it was sent stays on record:
it shows that the school sent it, and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from schoolgate.collect.elements import column_of
from schoolgate.collect.models import Return
from schoolgate.collect.paper import PaperReader, PaperWriter
from schoolgate.collect.reader import PupilRow, read_return
from schoolgate.collect.service import UnknownReturn, paper_path
from schoolgate.config import Config
from schoolgate.durable import replace_wiping, wipe

_PUPILS = ("PupilOnRoll", "PupilNoLongerOnRoll")


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is taken out of one paper.

    Attributes:
        rows: numbers of pupils' rows that go.
        columns: columns of a return that go, of every pupil.
        codes: row -> column -> the text it gets instead.
    """

    rows: Collection[int] = ()
    columns: Collection[str] = ()
    codes: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


def papers(config: Config) -> Iterator[str]:
    """Ids of every return whose paper is kept, accepted or not, in the order in which they came."""
    for return_id in Return.objects.order_by("pk").values_list("return_id", flat=True).iterator():
        if paper_path(return_id, config).exists():
            yield return_id


def _opened(return_id: str, config: Config) -> BinaryIO:
    try:
        return paper_path(return_id, config).open("rb")
    except OSError:
        raise UnknownReturn("The return's paper is missing.", code="paper-missing") from None


def mentions(return_id: str, needles: Collection[bytes], config: Config) -> bool:
    """Whether a paper holds any of these texts, without reading it as a return: most papers do not."""
    longest = max(len(one) for one in needles)
    tail = b""
    with _opened(return_id, config) as file:
        reader = PaperReader(file, config.keyring(), return_id)
        while piece := reader.read():
            seen = tail + piece
            if any(one in seen for one in needles):
                return True
            tail = seen[-longest:]
    return False


def rows_about(return_id: str, about: Callable[[PupilRow], bool], config: Config) -> tuple[int, ...]:
    """The rows of a paper that a test is true of."""
    with _opened(return_id, config) as file:
        _, rows = read_return(PaperReader(file, config.keyring(), return_id))
        return tuple(row.row for row in rows if about(row))


class _Cuts:
    """Where bytes go out, and what comes in their place; found by the parser that counts bytes."""

    def __init__(self, redaction: Redaction) -> None:
        self._what = redaction
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._row = 0
        self._open: list[tuple[str, int]] = []
        self.found: list[tuple[int, int, bytes]] = []
        """(first byte, where the element's end tag begins, what stands there instead), the end tag left as it is."""

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """More of the paper."""
        self._parser.Parse(data, last)

    def _start(self, name: str, attributes: object) -> None:
        if name in _PUPILS:
            self._row += 1
        self._open.append((name, self._parser.CurrentByteIndex))

    def _end(self, name: str) -> None:
        _, start = self._open.pop()
        end = self._parser.CurrentByteIndex
        if self._row and self._row in self._what.rows:
            if name in _PUPILS:
                self.found.append((start, end, f"<{name}>".encode()))
            return
        inside = any(above in _PUPILS for above, _ in self._open)
        if not inside:
            return
        column = column_of(name)
        instead = self._what.codes.get(self._row, {}).get(column)
        if instead is not None:
            self.found.append((start, end, f"<{name}>{instead}".encode()))
        elif column in self._what.columns:
            self.found.append((start, end, f"<{name}>".encode()))


def redact(return_id: str, redaction: Redaction, config: Config) -> int:
    """Seal a paper anew without what is taken out; how many places were. Doing it again changes nothing.

    Raises:
        UnknownReturn: there is no such paper.
        SealBroken: it was changed.
    """
    cuts, size = _Cuts(redaction), 0
    with _opened(return_id, config) as file:
        reader = PaperReader(file, config.keyring(), return_id)
        while piece := reader.read():
            cuts.feed(piece)
            size += len(piece)
        cuts.feed(b"", last=True)
    changes = [cut for cut in sorted(cuts.found) if cut[1] > cut[0]]
    place = paper_path(return_id, config)
    fresh = place.with_suffix(f".{os.urandom(4).hex()}.new")
    with (
        _opened(return_id, config) as file,
        open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to,
    ):
        reader = PaperReader(file, config.keyring(), return_id)
        writer = PaperWriter(to, config.keyring(), return_id)
        for piece in _without(reader, changes):
            writer.write(piece)
        writer.close()
        to.flush()
        os.fsync(to.fileno())
    replace_wiping(fresh, place)
    return len(changes)


def _without(reader: PaperReader, changes: Collection[tuple[int, int, bytes]]) -> Iterator[bytes]:
    at, waiting = 0, list(changes)
    while piece := reader.read():
        start, end = at, at + len(piece)
        while waiting and waiting[0][0] < end:
            first, after, instead = waiting[0]
            if start <= first:
                yield piece[start - at : first - at] + instead
                start = first
            if after > end:
                start = end
                break
            start = max(start, after)
            waiting.pop(0)
        yield piece[start - at :]
        at = end


def destroy_paper(return_id: str, config: Config) -> bool:
    """Destroy a paper that is past its use; whether there was one. The term it belongs to cannot be loaded again."""
    place: Path = paper_path(return_id, config)
    if not place.exists():
        return False
    wipe(place)
    return True
