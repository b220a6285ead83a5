#!/usr/bin/env python3
"""Check a schoolgate receipt or a family's proof file, offline. One file; needs Python 3.11 and `cryptography`.

    python verify_receipt.py FILE [--key VERIFIER-KEY]

Without --key the log's key is taken from the file itself: the proof is then only as good as where you got the
file. Get the key somewhere else (the register's page, a newspaper, a friend) and give it with --key.

Standards: RFC 6962 and RFC 9162 (tree), RFC 8785 (canonical JSON), C2SP signed-note, tlog-checkpoint, tlog-proof.
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

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Untrue(Exception):
    """The file does not show what it claims."""


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


def node(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf and its path lead to (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        raise Untrue("The entry's number is not below the log's size.")
    position, last, current = index, size - 1, leaf
    for sibling in path:
        if len(sibling) != 32 or last == 0:
            raise Untrue("The proof has the wrong length.")
        if position & 1 or position == last:
            current = node(sibling, current)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            current = node(current, sibling)
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
        raise Untrue("A base64 value is malformed.") from None
    if base64.b64encode(data).decode() != text:
        raise Untrue("A base64 value is malformed.")
    return data


def read_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, id and public key of a C2SP verifier key."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise Untrue("The verifier key is malformed.")
    data = decode(parts[2])
    expected = hashlib.sha256(parts[0].encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] != 1 or parts[1] != expected.hex():
        raise Untrue("The verifier key is malformed.")
    return parts[0], expected, data[1:]


def read_checkpoint(signed: str, key: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint signed by this key."""
    name, identity, public = read_key(key)
    at = signed.rfind("\n\n")
    if at < 0:
        raise Untrue("The checkpoint is not signed.")
    body = signed[: at + 1]
    checked = False
    for line in signed[at + 2 :].removesuffix("\n").split("\n"):
        found = re.match(r"^— (\S+) (\S+)$", line)
        if found is None:
            raise Untrue("A signature line is malformed.")
        data = decode(found.group(2))
        if found.group(1) == name and data[:4] == identity:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(data[4:], body.encode())
            except InvalidSignature:
                raise Untrue("The checkpoint's signature is wrong: it was changed, or is another log's.") from None
            checked = True
    if not checked:
        raise Untrue("The checkpoint is not signed by the log's key.")
    lines = body.split("\n")
    if len(lines) < 4 or lines[0] != name or not re.fullmatch(r"0|[1-9][0-9]*", lines[1]):
        raise Untrue("The checkpoint is malformed or another log's.")
    return int(lines[1]), decode(lines[2])


def check_entry(entry: dict[str, Any], key: str) -> int:
    """Check that an event is in the log; returns the size of the log it was checked against."""
    head, _, signed = str(entry["proof"]).partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Untrue("The proof is not a C2SP tlog-proof.")
    rest = [line for line in lines[1:] if not line.startswith("extra ")]
    if not rest or rest[0] != f"index {entry['index']}":
        raise Untrue("The proof is another entry's.")
    size, root = read_checkpoint(signed, key)
    leaf = hashlib.sha256(b"\x00" + canonical(entry["event"]).encode()).digest()
    if climb(leaf, int(entry["index"]), size, [decode(line) for line in rest[1:]]) != root:
        raise Untrue("The event is not in the log: it, the proof or the checkpoint was changed.")
    return size


def check_receipt(file: dict[str, Any], key: str, result: bytes | None) -> list[str]:
    """A researcher's receipt."""
    size = check_entry(file, key)
    event = file["event"]
    if event.get("type") != "release.begun":
        raise Untrue("The entry is not a release.")
    if result is not None and hashlib.sha256(result).hexdigest() != file["result_sha256"]:
        raise Untrue("The result is not the one this receipt was given with.")
    return [
        f"Release {event['subject']} to {event['organisation']} under agreement {event['agreement']} is entry"
        f" {file['index']} of the public log ({size} entries), recorded {event['at']}.",
        f"Items: {', '.join(event['items'])}.",
        "It does not prove that the result was used only for the purpose stated.",
    ]


def check_family(file: dict[str, Any], key: str) -> list[str]:
    """A family's proof: both entries are in the log, and the child is in the committed set."""
    release, settled = file["release"], file["settled"]
    check_entry(release, key)
    size = check_entry(settled, key)
    if release["event"].get("type") != "release.begun" or settled["event"].get("type") != "release.settled":
        raise Untrue("The entries are not a release and its settlement.")
    if settled["event"]["release"] != release["event"]["subject"]:
        raise Untrue("The two entries are about different releases.")
    leaf = hashlib.sha256(b"\x00" + bytes.fromhex(file["salt"]) + bytes.fromhex(file["child_ref"])).digest()
    path = [bytes.fromhex(part) for part in file["member_path"]]
    root = climb(leaf, int(file["member_index"]), int(file["member_count"]), path)
    if root.hex() != settled["event"]["members_root"]:
        raise Untrue("The child's reference is not in the set that the release committed to.")
    event = release["event"]
    return [
        f"The custodian has committed, in public, to your child being in release {event['subject']} to"
        f" {event['organisation']}, recorded {event['at']} (entries {release['index']} and {settled['index']} of {size}).",
        f"Purpose: {event['purpose']}. Lawful basis: {event['lawful_basis']}. Items: {', '.join(event['items'])}.",
        "It does not prove that the custodian told you of every release, nor what the recipient did afterwards.",
    ]


def main() -> int:
    """Check a file; 0 when it shows what it claims, 1 when not, 2 when it cannot be read."""
    parser = argparse.ArgumentParser(description="Check a schoolgate receipt or a family's proof file, offline.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", help="the log's verifier key, from somewhere you trust")
    parser.add_argument("--result", type=Path, help="the Arrow stream a receipt was given with, to compare")
    asked = parser.parse_args()
    try:
        file = json.loads(asked.file.read_text(encoding="utf-8"))
        key = asked.key or str(file["key"])
        kind = file["schoolgate"]
        if kind == "receipt/1":
            said = check_receipt(file, key, asked.result.read_bytes() if asked.result else None)
        elif kind == "family-proof/1":
            said = check_family(file, key)
        else:
            raise Untrue("This is neither a receipt nor a family's proof.")
    except Untrue as problem:
        print(f"NOT TRUE: {problem}")
        return 1
    except OSError:
        print("The file cannot be read.")
        return 2
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        print("NOT TRUE: the file is not a receipt or proof, or a part of it is missing.")
        return 1
    print("TRUE.")
    for line in said:
        print(f"  {line}")
    if not asked.key:
        print("  The log's key came from this same file. Give --key with a key from somewhere else to be sure.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
