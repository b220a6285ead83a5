"""The real gate and the installation's places, for callers that do not bring their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from schoolgate import requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr, Urn

if TYPE_CHECKING:
    from schoolgate.gate import SubjectRecord


class RealGate:
    """The gate itself, with the agreement that families read under in place."""

    def find_own_pupil(self, urn: Urn, upn: str, actor: str, *, config: Config, clock: Clock) -> Pmr | Refusal:
        """The school's own pupil, or a refusal."""
        from schoolgate.gate import find_own_pupil

        requests.ensure_built_in(clock)
        return find_own_pupil(urn, upn, actor, config=config, clock=clock)

    def subject_access(self, pupil: Pmr, actor: str, *, config: Config, clock: Clock) -> SubjectRecord:
        """Everything held about one child."""
        from schoolgate.gate import subject_access

        requests.ensure_built_in(clock)
        return subject_access(pupil, actor, config=config, clock=clock)

    def member_proof(self, release_id: str, pupil: Pmr, config: Config) -> dict[str, Any]:
        """The child's salt and path in a release."""
        from schoolgate.gate import member_proof

        return member_proof(release_id, pupil, config)


REAL_GATE = RealGate()


def installation(config: Config | None) -> Config:
    """The given places, or those of Django's settings."""
    return config or settings.CONFIG
