"""Whether a file may be kept as evidence: of a plain kind, without anything that runs, and clean to the scanner.

The kinds and the looking into them are those of applications (`requests.drafting.check_file`). What has parts is then
taken apart and kept as it was put together anew (`apart`); what stood behind a picture's end is left out before, since
phones put a film there and a family cannot help it. Beside that the test file of the makers of virus scanners is
refused wherever it stands (EICAR, "Anti-Malware Testfile"), so that an operator can see the door close; and where the
operator names a scanner (`SCHOOLGATE_SCAN`), every file passes it, and one that it cannot look at is not taken.
"""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace

from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.requests import drafting
from schoolgate.rights.cases.apart import taken_apart, up_to_end

MOST_BYTES = 10 << 20
MOST_BYTES_IN_ALL = 25 << 20
MOST_FILES = 10
_SECONDS = 60

_AS_IT_IS = frozenset(("text/plain", "text/csv"))
"""Kinds that have no parts."""

_EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


def checked(name: str, content: bytes, config: Config) -> drafting.Checked | Refused:
    """A file as it may be kept, or every reason why it may not."""
    if _EICAR in content:
        return Refused((_MALWARE,))
    found = drafting.check_file(name, up_to_end(content) if len(content) <= MOST_BYTES else content, MOST_BYTES)
    if isinstance(found, Refused):
        return found
    no = _scanned(content, config)
    if no is not None:
        return Refused((no,))
    if found.kind in _AS_IT_IS:
        return found
    made = taken_apart(found.kind, found.content, MOST_BYTES, config)
    return replace(found, content=made) if isinstance(made, bytes) else Refused((made,))


_MALWARE = Refusal(
    "file-malware", "This file can do harm to a computer.", remedy="Have the device it is from looked at.", where="file"
)


def _scanned(content: bytes, config: Config) -> Refusal | None:
    """What the operator's scanner says: 0 is clean, 1 is not (as clamdscan has it), anything else could not look."""
    if not config.scan:
        return None
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own command
            shlex.split(config.scan), input=content, capture_output=True, timeout=_SECONDS, check=False
        )
        code = done.returncode
    except (OSError, ValueError, subprocess.TimeoutExpired):
        code = -1
    if code == 0:
        return None
    if code == 1:
        return _MALWARE
    return Refusal(
        "file-not-scanned", "The file could not be looked at just now.", remedy="Try again later.", where="file"
    )
