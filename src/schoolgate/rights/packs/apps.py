"""Django app of access packs."""

from __future__ import annotations

from django.apps import AppConfig


class PacksConfig(AppConfig):
    """Packs that were asked for, and what became of them."""

    name = "schoolgate.rights.packs"
    label = "packs"
