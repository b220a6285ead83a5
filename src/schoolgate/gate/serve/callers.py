"""Who may ask the gate for what: a file of the gate's own user, and the kernel's word for who is calling.

socket_group = "schoolgate"          # may write to the socket; without it anybody may, and is asked who they are

[[caller]]
user = "schoolgate-web"              # a name of this machine, or a number: uid = 4202
role = "site"

[[caller]]
user = "r-okafor"
role = "desk"
people = ["P-0001"]                  # the only persons this user acts for
setting = true                       # a desk of the safe setting; elsewhere no single record is shown
"""

from __future__ import annotations

import pwd
import socket
import struct
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schoolgate.errors import SchoolgateError

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        # A researcher's desk, or a portal that has signed its researchers in.
        "desk": frozenset({"read", "explain", "named_people", "act"}),
        # The pages: the site has signed in whoever acts.
        "site": frozenset(
            {
                "subject_access",
                "access_of",
                "find_former_pupil",
                "find_own_pupil",
                "exposures_of",
                "corrections_of",
                "correction_states",
                "member_proof",
                "entry_proof",
                "log_key",
                "act",
                "family_act",
                "school_act",
            }
        ),
        # What runs in the background.
        "worker": frozenset({"settle_pending", "publish_log"}),
        # People of the custodian who look after the installation: no pupil's data.
        "operations": frozenset({"settle_pending", "publish_log", "log_key", "entry_proof", "named_people"}),
    }
)
"""Role -> what it may ask for. `ping` is everybody's who is in the file."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One user of this machine who may call.

    Attributes:
        uid: the user's number.
        role: one of `ROLES`.
        people: the persons it may act for; None: whomever it names (a portal that signs people in itself).
        setting: whether it is a desk of the safe setting: only there are single records shown. Nobody is, unless the
            list says so.
    """

    uid: int
    role: str
    people: tuple[str, ...] | None = None
    setting: bool = False

    def may(self, operation: str) -> bool:
        """Whether this caller may ask for it."""
        return operation == "ping" or operation in ROLES[self.role]


@dataclass(frozen=True, slots=True)
class Callers:
    """The whole file."""

    by_uid: Mapping[int, Caller]
    socket_group: str = ""

    def find(self, uid: int) -> Caller | None:
        """Who this is; None when the gate does not know them."""
        return self.by_uid.get(uid)


def _bad(what: str) -> SchoolgateError:
    return SchoolgateError(f"The list of callers: {what}", hint="See docs/operations.md.", code="callers")


def _uid(entry: Mapping[str, Any]) -> int:
    uid, user = entry.get("uid"), entry.get("user")
    if (uid is None) == (user is None):
        raise _bad("each caller has either a 'user' or a 'uid'.")
    if user is not None:
        try:
            return pwd.getpwnam(str(user)).pw_uid
        except KeyError:
            raise _bad(f"this machine has no user {user!r}.") from None
    if type(uid) is not int or uid < 0:
        raise _bad("a uid is a number.")
    return uid


def read_callers(path: Path) -> Callers:
    """Read the list.

    Raises:
        SchoolgateError: it is not there, or something in it is not understood.
    """
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _bad(f"{path} does not exist.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise _bad(f"{path} cannot be read.") from None
    if set(held) - {"caller", "socket_group"} or not isinstance(held.get("caller", []), list):
        raise _bad("it has 'socket_group' and [[caller]] and nothing else.")
    found: dict[int, Caller] = {}
    for entry in held.get("caller", []):
        if not isinstance(entry, dict) or set(entry) - {"user", "uid", "role", "people", "setting"}:
            raise _bad("a caller has 'user' or 'uid', 'role', 'people' and 'setting', and nothing else.")
        if entry.get("role") not in ROLES:
            raise _bad(f"a role is one of {', '.join(ROLES)}.")
        named = entry.get("people")
        if named is not None and not (isinstance(named, list) and all(isinstance(one, str) for one in named)):
            raise _bad("'people' is a list of person ids.")
        setting = entry.get("setting", False)
        if not isinstance(setting, bool) or (setting and entry["role"] != "desk"):
            raise _bad("'setting' is true or false, and true for desks alone.")
        caller = Caller(_uid(entry), entry["role"], None if named is None else tuple(named), setting)
        if caller.uid in found:
            raise _bad(f"user {caller.uid} is there twice.")
        found[caller.uid] = caller
    group = held.get("socket_group", "")
    if not isinstance(group, str):
        raise _bad("'socket_group' is a name.")
    return Callers(MappingProxyType(found), group)


_CREDENTIALS = struct.Struct("3i")


def peer_uid(line: socket.socket) -> int:
    """The user at the other end, as the kernel saw it when they connected (SO_PEERCRED, unix(7))."""
    held = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(held)[1])
