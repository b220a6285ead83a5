"""In a face or a worker: which models it may touch, said in plain words before the database refuses.

This is a courtesy. The wall is the database role (`grants`), and that the gate's files belong to another user.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Model

from schoolgate.config import Config, gate_only
from schoolgate.errors import SchoolgateError
from schoolgate.gate.serve.grants import SITE


class OutsideRouter:
    """Django's question "which database?", answered with "none" where this process has no business."""

    def _asked(self, model: type[Model], *, to_change: bool) -> str | None:
        config: Config = settings.CONFIG
        if not config.has_database:
            raise SchoolgateError(
                "This command needs the installation's database, and a desk has none.",
                hint="At a desk `read`, `policy explain` and `dictionary search` work; others run where the site or"
                " the gate runs.",
                code="desk",
            )
        meta = model._meta
        rights = SITE.get(meta.label_lower) or SITE.get(meta.app_label)
        if rights is None:
            raise gate_only("touches what is the gate's")
        if to_change and "INSERT" not in rights:
            raise gate_only("changes what the gate keeps")
        return None

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Where to read."""
        return self._asked(model, to_change=False)

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """Where to write."""
        return self._asked(model, to_change=True)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """A face never changes the database's shape; a desk's empty file holds nothing but that nothing is due."""
        config: Config = settings.CONFIG
        if config.has_database:
            raise SchoolgateError(
                "The database is of another release of schoolgate.",
                hint="Run any command as the gate's user first: that brings it up to date.",
                code="other-release",
            )
        return False
