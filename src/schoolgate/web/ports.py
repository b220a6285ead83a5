"""What views are handed from outside: the installation's places and the clock."""

from __future__ import annotations

from typing import cast

from django.conf import settings

from schoolgate import register
from schoolgate.clock import Clock, SystemClock
from schoolgate.config import Config


def installation() -> Config:
    """Where this installation keeps its state."""
    return settings.CONFIG


def clock() -> Clock:
    """Give the clock the pages run on: the machine's, unless a test set `settings.CLOCK`."""
    return cast(Clock, getattr(settings, "CLOCK", None) or SystemClock())


def log_key() -> str:
    """Give the log's public key. A face has no part in the log's keys: it reads what lies beside the log."""
    places = installation()
    if places.gate is None:
        return register.verifier_key(places)
    try:
        return (places.log / "key").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
