"""What everybody may read although the gate's user writes it: the log's files and the dictionary.

Every file of this software is its own user's alone (the umask). The folders named by SCHOOLGATE_PUBLIC are the
exception, said once to the file system: a default access-control list takes the umask's place for what is made in
them (acl(5), "Object creation and default ACLs"), whichever room or command makes it.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from schoolgate import dictionary
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.gate.serve.checks import below

_OWNER, _GROUP, _OTHER, _NOBODY = 0x01, 0x04, 0x20, 0xFFFFFFFF
_VERSION = 2
# linux/posix_acl_xattr.h: a version, then for each entry its tag, its rights and whom it names.
_EVERYBODY_READS = struct.pack("<I", _VERSION) + b"".join(
    struct.pack("<HHI", tag, rights, _NOBODY) for tag, rights in ((_OWNER, 7), (_GROUP, 5), (_OTHER, 5))
)


def _open(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in below(folder):
        if path.is_symlink():
            continue
        path.chmod(0o755 if path.is_dir() else 0o644)
        if path.is_dir():
            os.setxattr(path, "system.posix_acl_default", _EVERYBODY_READS)


def open_to_all(config: Config) -> None:
    """Let everybody read the log's files and the dictionary, those to come included; without SCHOOLGATE_PUBLIC, nobody.

    Raises:
        SchoolgateError: the file system cannot.
    """
    if config.public is None:
        return
    try:
        for folder in (config.log, config.dictionary):
            _open(folder)
        dictionary.open_dictionary(config.dictionary)  # a face reads it and cannot make it
    except OSError:
        raise SchoolgateError(
            f"What is public cannot be opened to everybody: {config.public}",
            hint="It must be the gate's user's, on a file system with access-control lists.",
            code="public",
        ) from None
