"""Changes to what the log rests on: its key, its witnesses, its clock. Each is an entry of the log itself.

A change of key, step by step, so that it can be taken up again wherever it was interrupted:

1. the new key lies ready;
2. ``key.changed`` is recorded, with a note in which the old key names the new one, and published under the old key;
3. the new key takes the old one's place, and every checkpoint carries both signatures;
4. when whoever checks this log has followed, `retire_key` ends that.

A key that was lost can name no successor. What carries the log on then is that witnesses, and whoever kept a
checkpoint, see the same tree continue.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.durable import flush, write_once
from schoolgate.errors import SchoolgateError
from schoolgate.register.follow import endorse
from schoolgate.register.journal import CLOCK_CORRECTED, append_event, events
from schoolgate.register.keys import (
    CURRENT,
    NEXT,
    PREVIOUS,
    key_beside_log,
    log_name,
    new_secret,
    signer,
    signers,
)
from schoolgate.register.note import Checkpoint, Signer
from schoolgate.register.publisher import nothing, only_publisher, publish, publish_alone
from schoolgate.register.trust import parse_policy


def _said(reason: str) -> str:
    if not reason.strip():
        raise SchoolgateError("A change of the log is recorded with its reason.", hint="Give --reason.", code="reason")
    return reason.strip()


def _record(key: Signer, reason: str, clock: Clock, **more: str) -> None:
    """The entry of a change of key, once: a change that is taken up again finds its entry."""
    if any(entry.body.get("key") == str(key.verifier) for entry in events("key.changed", limit=10_000)):
        return
    with transaction.atomic():
        append_event("key.changed", key.name[:64], {"key": str(key.verifier), "reason": reason, **more}, clock.now())


def rotate_key(config: Config, clock: Clock, reason: str, *, step: Callable[[str], None] = nothing) -> str:
    """Change the log's key; safe to run again after an interruption.

    Returns:
        The new verifier key.

    Raises:
        SchoolgateError: the change before is not finished, or the log cannot be published.
    """
    reason = _said(reason)
    keys = config.keys
    old = signer(config)
    if (keys / PREVIOUS).exists() and not (keys / NEXT).exists():
        raise SchoolgateError(
            "Checkpoints still carry the signature of the key before this one.",
            hint="End that first: schoolgate log retire-key",
            code="log-key-overlap",
        )
    publish(clock, config)
    write_once(keys / NEXT, new_secret())
    step("new key ready")
    new = Signer(old.name, (keys / NEXT).read_bytes())
    _record(new, reason, clock, previous=str(old.verifier), endorsed=endorse(old, new))
    step("change recorded")
    publish(clock, config)
    step("change published")
    with only_publisher(config):
        write_once(keys / PREVIOUS, old.secret)
        os.replace(keys / NEXT, keys / CURRENT)
        flush(keys)
    step("key changed")
    publish(clock, config)
    return str(new.verifier)


def retire_key(config: Config, clock: Clock) -> Checkpoint:
    """End the overlap: the key before this one signs nothing any more, and its secret is removed.

    Raises:
        SchoolgateError: there is no overlap, or the log cannot be published without the old key.
    """
    if not (config.keys / PREVIOUS).exists():
        raise SchoolgateError("Checkpoints carry one key's signature only.", code="log-key-overlap")
    publish(clock, config)
    with only_publisher(config):
        keys = signers(config)
        # Witnesses that do not know the new key say so here, while the old one can still sign.
        done = publish_alone(config, keys[:1], [one.verifier for one in keys], nothing)
        (config.keys / PREVIOUS).unlink(missing_ok=True)
        flush(config.keys)
    return done


def replace_lost_key(config: Config, clock: Clock, reason: str) -> str:
    """Make a new key where the old one is gone, say so in the log, and go on under it.

    The checkpoint in place is believed for the key beside it: whether the tree continues is for witnesses, and for
    those who kept a checkpoint, to say.

    Returns:
        The new verifier key.

    Raises:
        SchoolgateError: no key was lost.
    """
    reason = _said(reason)
    old = key_beside_log(config)
    if (config.keys / CURRENT).exists() or old is None or not (config.log / "checkpoint").exists():
        raise SchoolgateError("No key of a published log is missing.", code="log-key")
    if not (config.keys / "log-name").exists():
        write_once(config.keys / "log-name", f"{old.name}\n".encode())
    write_once(config.keys / NEXT, new_secret())
    new = Signer(log_name(config), (config.keys / NEXT).read_bytes())
    _record(new, reason, clock, previous=str(old))
    with only_publisher(config):
        publish_alone(config, (new,), [old, new.verifier], nothing)
        os.replace(config.keys / NEXT, config.keys / CURRENT)
        flush(config.keys)
    return str(new.verifier)


def next_key(config: Config) -> str:
    """The public half of a key that a change has made ready, for witnesses to know before it is used.

    Raises:
        SchoolgateError: there is none.
    """
    path = config.keys / NEXT
    if not path.exists():
        raise SchoolgateError("No new key is waiting to be used.", code="log-key")
    return str(Signer(log_name(config), path.read_bytes()).verifier)


def set_witnesses(config: Config, clock: Clock, policy: bytes, reason: str) -> str:
    """Say who must cosign from now on (C2SP tlog-policy); the change itself is published under the new rule.

    Returns:
        The quorum in words.

    Raises:
        PolicyRefused: malformed.
        SchoolgateError: a witness without an address.
    """
    reason = _said(reason)
    read = parse_policy(policy)
    if any(not witness.url for witness in read.witnesses):
        raise SchoolgateError("Each witness has an address at which it can be asked.", code="policy-form")
    own = {one.verifier for one in signers(config)}
    if read.logs and not own & {log.key for log in read.logs}:
        raise SchoolgateError("The policy is for another log.", code="policy-form")
    with transaction.atomic():
        payload = {
            "witnesses": [str(witness.key) for witness in read.witnesses],
            "quorum": read.in_words(),
            "reason": reason,
        }
        append_event("witnesses.changed", log_name(config)[:64], payload, clock.now())
    path = config.home / "witness-policy"
    fresh = path.with_name(path.name + ".new")
    with only_publisher(config):
        with open(fresh, "wb") as file:
            file.write(policy)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        flush(config.home)
    publish(clock, config)
    return read.in_words()


def correct_clock(config: Config, clock: Clock, reason: str) -> int:
    """Say in public that the clock before this moment was wrong; from here on times go on from this one.

    Returns:
        The entry's index.
    """
    with transaction.atomic():
        index = append_event(CLOCK_CORRECTED, log_name(config)[:64], {"reason": _said(reason)}, clock.now())
    publish(clock, config)
    return index
