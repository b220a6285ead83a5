"""A lake that lies elsewhere than where it was made.

Iceberg's metadata names absolute paths, in the catalogue, in its JSON and in its Avro lists. Rewriting them would
change files that receipts' snapshots rest on; instead the place where the lake was made is written down once, beside
it, and every path that begins there is read from where the lake lies now. So an installation can be moved, and a
backup restored on another machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyiceberg.io import InputFile, OutputFile
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.typedef import EMPTY_DICT, Properties

_NOTE = "made-at"
_NAMED, _LIES = "schoolgate.named-root", "schoolgate.lies-at"


def named_root(lake: Path) -> Path:
    """Where the lake was made: the root of every path in its metadata. Written down on first use."""
    note = lake / _NOTE
    if not note.exists():
        fresh = lake / f"{_NOTE}.{os.urandom(8).hex()}.new"
        fresh.write_text(f"{lake}\n", encoding="utf-8")
        try:
            os.link(fresh, note)  # atomic: of two processes at once one is first, and both write the same
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return Path(note.read_text(encoding="utf-8").strip())


def lies_at(path: str, named: Path, lies: Path) -> str:
    """Where a file lies whose name begins with where the lake was made."""
    below = Path(path)
    return str(lies / below.relative_to(named)) if named != lies and below.is_relative_to(named) else path


def named_as(path: Path, lake: Path) -> str:
    """How a file of the lake is named in its metadata."""
    return str(named_root(lake) / path.relative_to(lake))


def moved_from(named: Path, lies: Path) -> dict[str, str]:
    """The catalogue's properties for a lake that was moved; none for one that was not."""
    if named == lies:
        return {}
    return {"py-io-impl": f"{__name__}.{MovedFileIO.__name__}", _NAMED: str(named), _LIES: str(lies)}


class MovedFileIO(PyArrowFileIO):
    """Reads and writes below where the lake lies what its metadata names below where it was made."""

    def __init__(self, properties: Properties = EMPTY_DICT) -> None:
        super().__init__(properties)
        self._named, self._lies = Path(properties[_NAMED]), Path(properties[_LIES])

    def _file(self, location: str) -> PyArrowFile:
        """A file that goes by its name in the metadata and lies where the lake lies now."""
        path = lies_at(unquote(urlsplit(location).path), self._named, self._lies)
        return PyArrowFile(location=location, path=path, fs=self.fs_by_scheme("file", ""))

    def new_input(self, location: str) -> PyArrowFile:
        """Open for reading."""
        return self._file(location)

    def new_output(self, location: str) -> PyArrowFile:
        """Open for writing."""
        return self._file(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete."""
        name = location if isinstance(location, str) else location.location
        super().delete(f"file://{lies_at(unquote(urlsplit(name).path), self._named, self._lies)}")
