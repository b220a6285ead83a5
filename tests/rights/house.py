"""A small house for the rights room: real ledger, register, requests and consent; a stand-in gate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from pyroaring import BitMap

from schoolgate import ledger, people, register, requests, rights
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate import SubjectRecord
from schoolgate.ids import Pmr, Urn
from schoolgate.rights.ports import RealGate

URN = 100_000
UPN = "A999999999999"
CHILD = Pmr(70_001)
SIBLING = Pmr(70_002)
SIBLING_UPN = "B999999999999"


def salt_of(release_id: str, pupil: int) -> bytes:
    return hashlib.sha256(f"salt {release_id} {pupil}".encode()).digest()


def ref_of(pupil: int) -> bytes:
    return hashlib.sha256(f"ref {pupil}".encode()).digest()[:16]


def commitment(release_id: str, pupils: list[int]) -> register.MemberCommitment:
    return register.commit_members((salt_of(release_id, p), ref_of(p)) for p in pupils)


@dataclass
class StandInGate(RealGate):
    """Answers as the gate does, from what the test put in; remembers who asked. Ledger, log and choices are real."""

    own: dict[tuple[int, str], int] = field(
        default_factory=lambda: {(URN, UPN): int(CHILD), (URN, SIBLING_UPN): int(SIBLING)}
    )
    members: dict[str, list[int]] = field(default_factory=dict)
    asked: list[tuple[str, int, str]] = field(default_factory=list)

    def find_own_pupil(self, urn: Urn, upn: str, actor: str, *, config: Config, clock: Clock) -> Pmr | Refusal:
        found = self.own.get((int(urn), upn))
        return Refusal("not-your-pupil", "Not on this school's roll.") if found is None else Pmr(found)

    def subject_access(
        self, pupil: Pmr, actor: str, *, config: Config, clock: Clock, confirmed: datetime | None = None
    ) -> SubjectRecord:
        self.asked.append(("subject access", int(pupil), actor))
        rows: dict[str, Any] = {"census_pupil": ({"year": 2026, "term": "AUT"},)}
        return SubjectRecord(identity={"forename": "Synthetic"}, tables=rows, receipt={})

    def member_proof(self, release_id: str, pupil: Pmr, config: Config) -> dict[str, Any]:
        if int(pupil) not in self.members.get(release_id, []):
            raise SchoolgateError("This child is not in this release.", code="not-a-member")
        made = commitment(release_id, self.members[release_id])
        salt, ref = salt_of(release_id, pupil), ref_of(pupil)
        index = list(made.leaves).index(register.member_leaf(salt, ref))
        return {
            "salt": salt.hex(),
            "child_ref": ref.hex(),
            "member_index": index,
            "member_count": len(made.leaves),
            "member_path": [part.hex() for part in made.proof(index)],
        }


@dataclass
class House:
    """What the tests act on."""

    config: Config
    clock: Clock
    gate: StandInGate
    parent: int
    stranger: int
    issued: int = 0

    def issue(self, upn: str = UPN, clock: Clock | None = None, **given: Any) -> rights.IssuedCode:
        answer = rights.issue_code(
            URN,
            upn,
            school_actor=f"school:{URN}",
            clock=clock or self.clock,
            config=self.config,
            gate=self.gate,
            **given,
        )
        assert isinstance(answer, rights.IssuedCode), answer
        return answer

    def redeem(self, account: int, code: str, clock: Clock | None = None, **given: Any) -> rights.ChildLink | Refusal:
        return rights.redeem_code(account, code, clock or self.clock, config=self.config, **given)

    def link(self, account: int | None = None, upn: str = UPN) -> rights.ChildLink:
        link = self.redeem(self.parent if account is None else account, self.issue(upn).text)
        assert isinstance(link, rights.ChildLink), link
        return link

    def release(
        self,
        agreement: requests.Agreement,
        pupils: list[int],
        items: tuple[str, ...],
        *,
        settled: bool = True,
    ) -> str:
        """A release as the gate records one."""
        self.issued += 1
        release_id = f"R-{self.issued:016x}"
        self.gate.members[release_id] = pupils
        begun = {
            "agreement": agreement.id,
            "organisation": agreement.organisation_name,
            "purpose": agreement.purpose,
            "lawful_basis": agreement.lawful_basis,
            "query": None,
            "query_hash": "0" * 64,
            "items": sorted(items),
            "snapshot": 1,
            "definition_hash": "0" * 64,
            "pupils": None,
        }
        new = ledger.NewRelease(
            release_id=release_id,
            agreement_id=agreement.id,
            person_id=agreement.people[0],
            purpose=agreement.purpose,
            lake_version=1,
            definition="{}",
            definition_hash="0" * 64,
            denied=BitMap().serialize(),
            outcome="handed over",
            rows=1,
            result_sha256="0" * 64,
            scans=(items,),
        )
        now = self.clock.now()
        ledger.begin_release(new, lambda: register.append_event("release.begun", release_id, begun, now), self.clock)
        if settled:
            self.settle(release_id)
        return release_id

    def settle(self, release_id: str) -> None:
        pupils = self.gate.members[release_id]
        made = commitment(release_id, pupils)
        rounded = register.round_count(len(pupils))
        payload = {
            "release": release_id,
            "pupils": rounded,
            "members_root": made.root.hex(),
            "members_count": rounded,
            "bitmap_hash": None,
        }
        with transaction.atomic():
            ledger.record_members(release_id, [BitMap(pupils)], self.clock)
            ledger.record_settlement(
                release_id,
                ledger.Commitment(made.root.hex(), len(pupils), 1, b"".join(made.leaves)),
                lambda: register.append_event("release.settled", release_id, payload, self.clock.now()),
                self.clock,
            )
        register.publish(self.clock, self.config)


def enter_house(config: Config, clock: Clock) -> House:
    """A parent and a stranger with accounts."""
    parent = people.create_account("parent@example.org", "correct horse battery")
    stranger = people.create_account("stranger@example.org", "correct horse battery")
    return House(config, clock, StandInGate(), parent.id, stranger.id)
