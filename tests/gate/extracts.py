"""Scenes of extracts and look-ups: a recipient with a key, a custodian of another organisation, a file fetched."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import pyrage

from schoolgate import gate, people, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, insist
from tests.world import World, build

SQL = "SELECT pupil, sex, ethnicity FROM census_pupil"
WHY = "Our model is trained on machines that the setting does not have."
YES = "The setting has no such machines, and the panel foresaw it."


@dataclass
class Scene:
    """An agreement in force, who may decide, and the recipient's keys."""

    world: World
    config: Config
    clock: FixedClock
    key: pyrage.x25519.Identity
    custodian: str

    @classmethod
    def build(cls, config: Config, clock: FixedClock, **changes: Any) -> Self:
        world = build(config, clock, **changes)
        ministry = people.find_organisation("Ministry (synthetic)")
        custodian = next(one.id for one in people.persons(ministry.id) if one.role == "custodian")
        return cls(world, config, clock, pyrage.x25519.Identity.generate(), custodian)

    def order(self, **given: Any) -> Any:
        values = {
            "agreement_id": self.world.agreement, "person_id": self.world.person, "sql": SQL, "reason": WHY,
            "recipient_key": str(self.key.to_public()), "form": ".csv", **given,
        }  # fmt: skip
        return gate.order_extract(**values, clock=self.clock)

    def approve(self, order: str, person: str | None = None, yes: bool = True, reason: str = YES) -> Any:
        return gate.decide_extract(order, yes, reason, person or self.custodian, config=self.config, clock=self.clock)

    def ready(self, **given: Any) -> str:
        order = insist(self.order(**given)).id
        assert insist(self.approve(order)).state == "ready"
        return str(order)

    def open(self, order: str, person: str | None = None) -> Any:
        return gate.open_extract(order, person or self.world.person, config=self.config, clock=self.clock)

    def piece(self, order: str, token: str, at: int = 0, person: str = "") -> Any:
        return gate.extract_piece(order, token, at, person or self.world.person, config=self.config, clock=self.clock)

    def fetch(self, order: str) -> bytes:
        """The encrypted file."""
        opened = insist(self.open(order))
        data = b""
        while part := insist(self.piece(order, opened.token, len(data))):
            data += base64.b64decode(part)
        assert hashlib.sha256(data).hexdigest() == opened.file_sha256
        return data

    def inside(self, order: str) -> bytes:
        """The file as the recipient opens it."""
        return bytes(pyrage.decrypt(self.fetch(order), [self.key]))

    def sign(self, order: str, sha256: str, person: str | None = None) -> Any:
        return gate.sign_extract(order, sha256, person or self.world.person, config=self.config, clock=self.clock)

    def later(self, **by: float) -> None:
        """Let time go by."""
        self.clock = FixedClock(self.clock.now() + timedelta(**by))

    def read(self) -> Any:
        return gate.read(self.world.agreement, self.world.person, SQL, config=self.config, clock=self.clock)

    def tend(self) -> int:
        return gate.tend_extracts(config=self.config, clock=self.clock)

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The register's events of one kind, oldest first."""
        return [dict(one.body) for one in reversed(register.events(limit=1000)) if one.type == kind]


def codes(outcome: object) -> set[str]:
    """Why not."""
    assert isinstance(outcome, Refused | gate.RefusedQuery), outcome
    assert all(reason.reason for reason in outcome.reasons)
    return {reason.code for reason in outcome.reasons}
