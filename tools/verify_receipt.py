#!/usr/bin/env python3
"""Check a schoolgate receipt or a family's proof file, offline. One file; needs Python 3.11 and `cryptography`.

    python verify_receipt.py FILE [--key VERIFIER-KEY] [--policy POLICY] [--result RESULT] [--query TEXT]

Without --key the log's key is taken from the file itself: the proof is then only as good as where you got the
file. Get the key somewhere else (the register's page, a newspaper, a friend) and give it with --key. A policy
(C2SP tlog-policy) names witnesses you trust: others' machines that saw the log grow and cosigned it (Ed25519).
It ends with 0 when the file shows what it claims, 1 when it does not, 2 when it could not be checked.

Standards: RFC 6962, RFC 9162 (tree), RFC 8785 (JSON), C2SP signed-note, tlog-checkpoint, -proof, -cosignature, -policy.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    print("This needs the Python package `cryptography`: python -m pip install cryptography")
    sys.exit(2)

LARGEST_FILE = 16 << 20  # a family's proof of a release with every pupil of a nation is some 20 kB
Key = tuple[str, bytes, bytes]


class Untrue(Exception):
    """The file does not show what it claims."""


class Uncheckable(Exception):
    """The file, or what was given to check it with, cannot be used."""


def canonical(value: Any) -> str:
    """Canonical JSON (RFC 8785) of the values a register event may hold; no fractions."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if abs(value) >= 2**53:
            raise Untrue("A number in the event is too large to be exact.")
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(canonical(part) for part in value) + "]"
    if isinstance(value, dict):
        # Keys are ordered by their UTF-16 code units (RFC 8785 section 3.2.3).
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{canonical(value[key])}" for key in keys) + "}"
    raise Untrue("The event holds a value that a register event cannot hold.")


def whole(value: Any) -> int:
    """A whole number, and nothing that only looks like one."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Untrue("A number in the file is not a whole number.")
    return value


def hexadecimal(value: Any, length: int) -> bytes:
    """So many bytes, written as lower-case hexadecimal digits."""
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * length}}}", value):
        raise Untrue("A value in the file is not hexadecimal, or too long or short.")
    return bytes.fromhex(value)


def no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object's keys; one that stands twice would let two readers read two different things."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise Untrue("A part of the file stands there twice.")
    return dict(pairs)


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf and its path lead to (RFC 6962 section 2.1, RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        raise Untrue("The entry's number is not below the log's size.")
    position, last, current = index, size - 1, leaf
    for sibling in path:
        if len(sibling) != 32 or last == 0:
            raise Untrue("The proof has the wrong length.")
        if position & 1 or position == last:
            current = hashlib.sha256(b"\x01" + sibling + current).digest()
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            current = hashlib.sha256(b"\x01" + current + sibling).digest()
        position >>= 1
        last >>= 1
    if last != 0:
        raise Untrue("The proof is too short.")
    return current


def decode(text: str) -> bytes:
    """Strict base64."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if base64.b64encode(data).decode() != text:
        raise Untrue("A base64 value is malformed.")
    return data


def read_key(text: str, kind: int = 1) -> Key:
    """Name, id and public key of a C2SP verifier key; kind 1 is a log's, 4 a witness's."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not parts[0] or re.search(r"\s", parts[0]):
        raise Untrue("The verifier key is malformed.")
    data = decode(parts[2])
    expected = hashlib.sha256(parts[0].encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] != kind or parts[1] != expected.hex():
        raise Untrue("The verifier key is malformed.")
    return parts[0], expected, data[1:]


class Policy:
    """A C2SP tlog-policy: logs, witnesses, groups of them, and how many must have cosigned."""

    def __init__(self, text: str) -> None:
        self.logs, quorums, free = list[str](), list[str](), set[str]()  # free: no member counts twice
        self.groups, self.witnesses = dict[str, tuple[int, set[str]]](), dict[str, Key]()
        for line in text.split("\n"):
            what, *words = re.split("[ \t]+", line.strip(" \t"))
            if what in ("witness", "group") and words[0] in {"none", *self.witnesses, *self.groups}:
                raise ValueError
            if what == "log" and read_key(words[0]):
                self.logs.append(words[0])
            elif what == "witness":
                self.witnesses[words[0]] = read_key(words[1], 4)
                free.add(words[0])
            elif what == "group" and len(set(words[2:]) & free) == len(words) - 2:
                needed = {"any": 1, "all": len(words) - 2}.get(words[1]) or int(words[1])
                if not 1 <= needed <= len(words) - 2:
                    raise ValueError
                self.groups[words[0]] = needed, set(words[2:])
                free = free - set(words[2:]) | {words[0]}
            elif what == "quorum" and words[0] in {"none", *self.witnesses, *self.groups}:
                quorums += words
            elif what and not what.startswith("#"):
                raise ValueError
        (self.quorum,) = quorums
        if len({key[2] for key in self.witnesses.values()}) != len(self.witnesses):
            raise ValueError

    def met(self, name: str, cosigned: set[str]) -> bool:
        """Whether a witness, or enough of a group, cosigned."""
        needed, members = self.groups.get(name, (1, set()))
        return name in cosigned or sum(self.met(one, cosigned) for one in members) >= needed

    def check(self, body: str, lines: list[tuple[str, bytes]]) -> None:
        """Whether enough witnesses cosigned a checkpoint (tlog-cosignature: over the time and the whole text)."""
        cosigned = set()
        for title, (name, identity, public) in self.witnesses.items():
            for data in [data for signer, data in lines if signer == name and data[:4] == identity]:
                time = int.from_bytes(data[4:12], "big")
                message = f"cosignature/v1\ntime {time}\n{body}".encode()
                if not genuine(public, data[12:], message) or not 0 < time < 2**63:
                    raise Untrue("A witness's cosignature is wrong: the checkpoint was changed.")
                cosigned.add(title)
        if self.quorum != "none" and not self.met(self.quorum, cosigned):
            raise Untrue("Too few of the witnesses you trust have cosigned the log's checkpoint.")


def genuine(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature fits."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def read_checkpoint(signed: str, key: str, policy: Policy | None = None) -> tuple[int, bytes]:
    """Size and root of a checkpoint signed by this key, and cosigned as the policy asks."""
    name, identity, public = read_key(key)
    at = signed.rfind("\n\n")
    if at < 0 or not signed.endswith("\n"):
        raise Untrue("The checkpoint is not signed.")
    body, lines = signed[: at + 1], list[tuple[str, bytes]]()
    for line in signed[at + 2 :].removesuffix("\n").split("\n"):
        found = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        if found is None or len(data := decode(found.group(2))) < 5:
            raise Untrue("A signature line is malformed.")
        lines.append((found.group(1), data))
    own = [data for signer, data in lines if signer == name and data[:4] == identity]
    if not own:
        raise Untrue("The checkpoint is not signed by the log's key.")
    if not all(genuine(public, data[4:], body.encode()) for data in own):
        raise Untrue("The checkpoint's signature is wrong: it was changed, or is another log's.")
    parts = body.split("\n")
    if len(parts) < 4 or parts[0] != name or not re.fullmatch(r"0|[1-9][0-9]{0,18}", parts[1]):
        raise Untrue("The checkpoint is malformed or another log's.")
    if policy is not None:
        policy.check(body, lines)
    return int(parts[1]), decode(parts[2])


ENTRY = {"event", "index", "proof"}
RECEIPT = ENTRY | {"schoolgate", "key", "result_sha256", "rows", "query_nonce", "files"}
FAMILY = {"schoolgate", "key", "salt", "child_ref", "member_index", "member_count", "member_path", "release", "settled"}


def only(part: dict[str, Any], known: set[str]) -> None:
    """Refuse what nothing here looks at: a reader would take it for proven."""
    if not isinstance(part, dict) or set(part) - known:
        raise Untrue("The file holds a part that nothing vouches for.")


def read_proof(proof: Any) -> tuple[int, list[bytes], str]:
    """Index, path and signed checkpoint of a C2SP tlog-proof."""
    head, _, signed = str(proof).partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Untrue("The proof is not a C2SP tlog-proof.")
    if len(lines) > 1 and lines[1].startswith("extra "):
        raise Untrue("The proof carries extra data, which nothing vouches for.")
    if len(lines) < 2 or not re.fullmatch(r"index (0|[1-9][0-9]*)", lines[1], re.ASCII):
        raise Untrue("The proof names no entry.")
    return int(lines[1].removeprefix("index ")), [decode(line) for line in lines[2:]], signed


def check_entry(entry: dict[str, Any], key: str, policy: Policy | None = None) -> int:
    """Check that an event is in the log; returns the size of the log it was checked against."""
    index, path, signed = read_proof(entry["proof"])
    if index != whole(entry["index"]):
        raise Untrue("The proof is another entry's.")
    size, root = read_checkpoint(signed, key, policy)
    leaf = hashlib.sha256(b"\x00" + canonical(entry["event"]).encode()).digest()
    if climb(leaf, index, size, path) != root:
        raise Untrue("The event is not in the log: it, the proof or the checkpoint was changed.")
    return size


def shown(value: Any) -> str:
    """A value for a terminal: whoever made the file may have put control characters into it."""
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def bound(file: dict[str, Any]) -> str:
    """What ties a receipt's own fields to its event: SHA-256 of the nonce and of these fields' canonical JSON."""
    fields = {name: file[name] for name in ("files", "result_sha256", "rows") if name in file}
    return hashlib.sha256(hexadecimal(file["query_nonce"], 16) + canonical(fields).encode()).hexdigest()


def check_result(file: dict[str, Any], result: bytes) -> str:
    """Compare a result with the fingerprints in its receipt."""
    digest = hashlib.sha256(result).hexdigest()
    if digest == file["result_sha256"]:
        return "The result is the one this receipt was given with."
    for name, fingerprint in file.get("files", {}).items():
        if fingerprint == digest:
            return f"The result is the file {shown(name)} that this receipt was given with."
    raise Untrue("The result is not the one this receipt was given with.")


def check_receipt(
    file: dict[str, Any], key: str, result: bytes | None, query: str | None, policy: Policy | None = None
) -> list[str]:
    """A researcher's receipt."""
    only(file, RECEIPT)
    size = check_entry(file, key, policy)
    event = file["event"]
    if event.get("type") != "release.begun":
        raise Untrue("The entry is not a release.")
    said = [
        f"Release {shown(event['subject'])} to {shown(event['organisation'])} under agreement"
        f" {shown(event['agreement'])} is entry {file['index']} of the public log ({size} entries), recorded"
        f" {shown(event['at'])}.",
        f"Items: {shown(event['items'])}.",
    ]
    if "result_hash" in event:
        if bound(file) != event["result_hash"]:
            raise Untrue("The receipt's fingerprint of the result, its rows or its nonce was changed.")
        said.append(f"The log vouches for the result's fingerprint and its {whole(file['rows'])} rows.")
    else:
        said.append("The fingerprint and the rows of the result stand in this file alone; the log does not hold them.")
    if result is not None:
        said.append(check_result(file, result))
    if query is not None:
        if hashlib.sha256(hexadecimal(file["query_nonce"], 16) + query.encode()).hexdigest() != event["query_hash"]:
            raise Untrue("The query is not the one that was run.")
        said.append("The query is the one that was run.")
    return [*said, "It does not prove that the result was used only for the purpose stated."]


def check_family(file: dict[str, Any], key: str, policy: Policy | None = None) -> list[str]:
    """A family's proof: both entries are in the log, and the child is in the committed set."""
    only(file, FAMILY)
    release, settled = file["release"], file["settled"]
    only(release, ENTRY)
    only(settled, ENTRY)
    check_entry(release, key, policy)
    size = check_entry(settled, key, policy)
    if release["event"].get("type") != "release.begun" or settled["event"].get("type") != "release.settled":
        raise Untrue("The entries are not a release and its settlement.")
    if settled["event"]["release"] != release["event"]["subject"] or settled["index"] <= release["index"]:
        raise Untrue("The two entries are about different releases.")
    leaf = hashlib.sha256(b"\x00" + hexadecimal(file["salt"], 32) + hexadecimal(file["child_ref"], 16)).digest()
    path = [hexadecimal(part, 32) for part in file["member_path"]]
    count = whole(file["member_count"])
    tree = climb(leaf, whole(file["member_index"]), count, path)
    # The number of members is committed to as well: a path alone fits trees of several sizes.
    if hashlib.sha256(b"\x02" + count.to_bytes(8, "big") + tree).hexdigest() != settled["event"]["members_root"]:
        raise Untrue("The child's reference is not in the set that the release committed to.")
    event = release["event"]
    return [
        f"The custodian has committed, in public, to your child being in release {shown(event['subject'])} to"
        f" {shown(event['organisation'])}, recorded {shown(event['at'])} (entries {release['index']} and"
        f" {settled['index']} of {size}).",
        f"Purpose: {shown(event['purpose'])}. Lawful basis: {shown(event['lawful_basis'])}."
        f" Items: {shown(event['items'])}.",
        "It does not prove that the custodian told you of every release, nor what the recipient did afterwards.",
    ]


def read_file(path: Path) -> Any:
    """The file's JSON."""
    try:
        with path.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
    except OSError:
        raise Uncheckable("The file cannot be read.") from None
    if len(data) > LARGEST_FILE:
        raise Uncheckable("The file is far too large to be a receipt or a proof.")
    return json.loads(data.decode("utf-8"), object_pairs_hook=no_doubles)


def check(asked: argparse.Namespace) -> list[str]:
    """What the file shows, in sentences."""
    wrong, given = "The key given with --key is not a verifier key.", (asked.key or "").strip()
    try:
        if asked.key is not None:
            read_key(given)
        wrong = "The policy cannot be read, or names a witness whose key is not Ed25519."
        policy = Policy(asked.policy.read_text("utf-8", "surrogateescape")) if asked.policy else None
    except (OSError, Untrue, ValueError, IndexError):
        raise Uncheckable(wrong) from None
    file = read_file(asked.file)
    key, kind = file["key"], file["schoolgate"]
    if asked.key is not None and given != key:
        raise Untrue("The file was made for a log with another key than the one you gave.")
    if policy is not None and key not in (policy.logs or [given]):
        raise Untrue("The file was made for a log that your policy does not name, and you gave no --key.")
    if kind == "family-proof/1":
        if asked.result or asked.query is not None:
            raise Uncheckable("A family's proof has no result and no query to compare with.")
        return check_family(file, key, policy)
    if kind != "receipt/1":
        raise Untrue("This is neither a receipt nor a family's proof.")
    try:
        result = asked.result.read_bytes() if asked.result else None
    except OSError:
        raise Uncheckable("The result cannot be read.") from None
    return check_receipt(file, key, result, asked.query, policy)


def main() -> int:
    """Check a file; 0 when it shows what it claims, 1 when not, 2 when it cannot be checked."""
    parser = argparse.ArgumentParser(description="Check a schoolgate receipt or a family's proof file, offline.")
    parser.add_argument("file", type=Path, help="the receipt or proof (.json)")
    parser.add_argument("--key", help="the log's verifier key, from somewhere you trust")
    parser.add_argument("--policy", type=Path, help="a tlog-policy file: the witnesses that must have cosigned the log")
    parser.add_argument("--result", type=Path, help="the result file a receipt was given with, to compare")
    parser.add_argument("--query", help="the text of the query a receipt was given for, to compare")
    asked = parser.parse_args()
    try:
        said = check(asked)
    except Untrue as problem:
        print(f"NOT TRUE: {problem}")
        return 1
    except Uncheckable as problem:
        print(f"NOT CHECKED: {problem}")
        return 2
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        print("NOT TRUE: the file is not a receipt or proof, or a part of it is missing.")
        return 1
    print("TRUE.", *said, sep="\n  ")
    if asked.policy:
        print("  Enough of the witnesses that your policy names have cosigned the log.")
    elif not asked.key:
        print("  The log's key came from this same file. Give --key with a key from somewhere else to be sure.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
