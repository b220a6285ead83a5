"""Having a file taken apart in a process of its own: what it says is read with limits, and it is never trusted."""

from __future__ import annotations

import os
import subprocess
import threading

from schoolgate import gate
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.rights.cases.apart.words import SAYS

_SECONDS = 60
"""For the whole, on a busy machine; its processor time is bounded in the process itself."""

_AT_ONCE = threading.BoundedSemaphore(2)
"""Each takes a core, and may take a gigabyte: whoever sends ten files at once waits, and fills no machine."""

_CHILD = "schoolgate.rights.cases.apart.child"
_LONGEST_WORD = 20


def taken_apart(kind: str, content: bytes, most: int, config: Config) -> bytes | Refusal:
    """The file as it is kept, or why it is not.

    Args:
        kind: media type, as `requests.drafting.check_file` found it.
        content: the file.
        most: how many bytes it may have.
        config: the installation.
    """
    command, environment, around = gate.beside(_CHILD, kind)
    if not (around.holds or config.no_wall):
        return _not_looked_at()
    if not _AT_ONCE.acquire(timeout=_SECONDS):
        return _not_looked_at()
    try:
        return _asked(command, environment, content, most)
    finally:
        _AT_ONCE.release()


def _asked(command: list[str], environment: dict[str, str], content: bytes, most: int) -> bytes | Refusal:
    out = os.memfd_create("apart", os.MFD_CLOEXEC)
    try:
        done = subprocess.run(  # noqa: S603  # a constant command
            command, env=environment, cwd="/", input=content, stdout=out, stderr=subprocess.DEVNULL,
            timeout=_SECONDS, check=False,
        )  # fmt: skip
        found = os.pread(out, most + _LONGEST_WORD + 1, 0)
    except subprocess.TimeoutExpired:
        return _said("endless")
    except OSError:
        return _not_looked_at()
    finally:
        os.close(out)
    if done.returncode:
        # A signal: it was ended at a limit, or fell over what it read. Else an error that a library raised.
        return _said("endless" if done.returncode < 0 else "damaged")
    word, _, made = found.partition(b"\n")
    if word != b"ok":
        return _said(word.decode("ascii", "replace"))
    return made if len(made) <= most else _said("endless")


def _said(word: str) -> Refusal:
    reason, remedy = SAYS.get(word, SAYS["damaged"])
    return Refusal("file-content", reason, remedy=remedy, where="file")


def _not_looked_at() -> Refusal:
    return Refusal(
        "file-not-scanned", "The file could not be looked at just now.", remedy="Try again later.", where="file"
    )
