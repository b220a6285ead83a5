"""What views are handed from outside: the installation's places and the clock."""

from __future__ import annotations

from typing import cast

from django.conf import settings

from schoolgate.clock import Clock, SystemClock
from schoolgate.config import Config


def installation() -> Config:
    """Where this installation keeps its state."""
    return settings.CONFIG


def clock() -> Clock:
    """Give the clock the pages run on: the machine's, unless a test set `settings.CLOCK`."""
    return cast(Clock, getattr(settings, "CLOCK", None) or SystemClock())
