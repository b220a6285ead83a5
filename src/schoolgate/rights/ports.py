"""The real gate and the installation's places, for callers that do not bring their own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from schoolgate import requests
from schoolgate.clock import Clock, SystemClock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr, Urn

if TYPE_CHECKING:
    from schoolgate.gate import ChildAccess, ChildExposure, Claimant, CorrectionView, RecipientState, SubjectRecord


def _built_in(config: Config, clock: Clock) -> None:
    """The agreement that families read under is in place; a gate of its own sees to that itself."""
    if config.gate is None:
        requests.ensure_built_in(clock)


class RealGate:
    """The gate itself, in this process or behind its socket."""

    def find_own_pupil(self, urn: Urn, upn: str, actor: str, *, config: Config, clock: Clock) -> Pmr | Refusal:
        """The school's own pupil, or a refusal."""
        from schoolgate.gate import find_own_pupil

        _built_in(config, clock)
        return find_own_pupil(urn, upn, actor, config=config, clock=clock)

    def subject_access(
        self, pupil: Pmr, actor: str, *, config: Config, clock: Clock, confirmed: datetime | None = None
    ) -> SubjectRecord:
        """Everything held about one child."""
        from schoolgate.gate import subject_access

        _built_in(config, clock)
        return subject_access(pupil, actor, config=config, clock=clock, confirmed=confirmed)

    def access_of(self, pupil: Pmr, *, config: Config, clock: Clock) -> ChildAccess:
        """How access to one child's record stands today."""
        from schoolgate.gate import access_of

        return access_of(pupil, config=config, clock=clock)

    def find_former_pupil(self, upn: str, who: Claimant, actor: str, *, config: Config, clock: Clock) -> Pmr | Refusal:
        """An adult's own record, or a refusal."""
        from schoolgate.gate import find_former_pupil

        _built_in(config, clock)
        return find_former_pupil(upn, who, actor, config=config, clock=clock)

    def member_proof(self, release_id: str, pupil: Pmr, config: Config) -> dict[str, Any]:
        """The child's salt and path in a release."""
        from schoolgate.gate import member_proof

        return member_proof(release_id, pupil, config)

    def exposures_of(self, pupil: Pmr, *, config: Config) -> tuple[ChildExposure, ...]:
        """Every release that took, or may have taken, any item of this child."""
        from schoolgate.gate import exposures_of

        return exposures_of(pupil, config=config)

    def corrections_of(self, pupil: Pmr, *, config: Config) -> tuple[CorrectionView, ...]:
        """Every correction of the child's record and every note beside it."""
        from schoolgate.gate import corrections_of

        return corrections_of(pupil, config=config, clock=the_clock())

    def correction_states(self, pupil: Pmr, *, config: Config) -> tuple[RecipientState, ...]:
        """How far each recipient has come with each correction."""
        from schoolgate.gate import correction_states

        return correction_states(pupil, config=config, clock=the_clock())

    def entry_proof(self, index: int, config: Config) -> str:
        """The proof that an entry is in the log."""
        from schoolgate.gate import entry_proof

        return entry_proof(index, config)

    def log_key(self, config: Config) -> str:
        """The log's public key."""
        from schoolgate.gate import log_key

        return log_key(config)


REAL_GATE = RealGate()


def installation(config: Config | None) -> Config:
    """The given places, or those of Django's settings."""
    return config or settings.CONFIG


def the_clock() -> Clock:
    """The site's clock, or the machine's."""
    found: Clock = getattr(settings, "CLOCK", None) or SystemClock()
    return found


def site_can_reach_vault() -> bool:
    """Whether this process could read the vault past the gate; a site asks it about itself before it serves."""
    from schoolgate.gate import can_reach_vault

    return can_reach_vault()
