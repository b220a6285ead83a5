"""A return as a school sent it, sealed in a file: never whole in memory, never plain on disk.

Every paper is tied to its return's id: under another return's name it does not open.
"""

from __future__ import annotations

from typing import BinaryIO

from schoolgate.seal import Keyring
from schoolgate.sealed import Form, SealedReader, SealedWriter

_FORM = Form(
    b"SGPAPER2",
    b"schoolgate/paper/",
    "A sealed paper could not be opened: it was changed, cut off or belongs elsewhere.",
)


class PaperWriter(SealedWriter):
    """Seals what is written, piece by piece, into an open file."""

    def __init__(self, file: BinaryIO, keyring: Keyring, return_id: str) -> None:
        super().__init__(_FORM, file, keyring.key("paper"), return_id)


class PaperReader(SealedReader):
    """Opens a sealed paper as it is read."""

    def __init__(self, file: BinaryIO, keyring: Keyring, return_id: str) -> None:
        super().__init__(_FORM, file, keyring.key("paper"), return_id)
