"""Everybody who writes, in one process after another's turn and at the same time as those of other processes."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from django.db import transaction

from schoolgate import collect, consent, gate, match, people, register, requests, rights, work
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.ids import Pmr, Term
from tests.collect.paper import paper, pupil
from tests.match.school import upn as other_upn
from tests.requests import road
from tests.requests.filled import filled
from tests.world import ITEMS, URN, upn

CLOCK = FixedClock(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
PURPOSE = "education-research"
RULES = rights.ClaimRules(tries_of_account=10_000, tries_in_all=10_000, live_codes=2)
QUERY = "SELECT sex, count(*) AS pupils FROM census_pupil WHERE year = 2026 GROUP BY sex"

EXPECTED = {"load-under-way", "nothing-to-load", "account-exists", "not-settled", "return-unknown", "case"}
"""What one may be told when another was first; anything else ends the process with a fault."""


class Everybody:
    """One process's part: a choice of deeds, none of which waits for another process's turn.

    Args:
        config: the installation.
        number: which process this is.
        agreement: one in force.
        person: who may read under it.
    """

    def __init__(self, config: Config, number: int, agreement: str, person: str) -> None:
        self.config, self.number, self.agreement, self.person = config, number, agreement, person
        self.chance = random.Random(f"everybody {number}")
        self.done = 0
        by_role = {role: [p.id for p in people.persons() if p.role == role] for role in ("panel", "custodian")}
        self.panel, self.staff = by_role["panel"], by_role["custodian"]
        self.official = self.staff[0]
        self.account = people.create_account(f"parent{number}@example.org", "a long enough word 4").id
        self.code = ""

    def deeds(self) -> list[Callable[[], object]]:
        """Every kind of writing there is."""
        return [
            self.read, self.settle, self.work, self.publish, self.say_no, self.take_back, self.restrict, self.shield,
            self.send, self.load, self.decide, self.accredit, self.issue, self.redeem, self.revoke, self.notice,
        ]  # fmt: skip

    def child(self) -> Pmr:
        """One of two children, so that processes meet."""
        return Pmr(self.chance.randrange(2))

    def read(self) -> object:
        return gate.read(self.agreement, self.person, QUERY, config=self.config, clock=CLOCK)

    def settle(self) -> object:
        return gate.settle_pending(self.config, CLOCK)

    def work(self) -> object:
        return work.Worker(self.config, CLOCK).run(burst=True)

    def publish(self) -> object:
        return register.publish(CLOCK, self.config)

    def say_no(self) -> object:
        return consent.lodge_objection(self.child(), PURPOSE, actor="account:1", clock=CLOCK)

    def take_back(self) -> object:
        return consent.withdraw_objection(self.child(), PURPOSE, actor="account:1", clock=CLOCK)

    def restrict(self) -> object:
        reason, who = sorted(consent.RESTRICTION_REASONS)[0], self.child()
        if self.chance.random() < 0.5:
            return consent.restrict(who, reason=reason, actor="account:1", clock=CLOCK)
        return consent.withdraw_restriction(who, reason=reason, actor="account:1", clock=CLOCK)

    def shield(self) -> object:
        act = self.chance.choice((consent.shield, consent.unshield))
        return act(self.child(), actor=self.chance.choice(self.staff), clock=CLOCK)

    def send(self) -> object:
        """The same school sends a return again, as the other processes do."""
        self.done += 1
        data = paper(pupil(UPN=other_upn(1), Forename=f"Canary{'abcdefgh'[self.number]}{'ijklmnopqrst'[self.done]}"))
        return collect.submit(io.BytesIO(data), clock=CLOCK, config=self.config, actor="school")

    def load(self) -> object:
        return match.load_term(2026, Term.SPRING, clock=CLOCK, config=self.config, processes=1)

    def decide(self) -> object:
        """An application's whole way."""
        spec = replace(
            requests.read_application(requests.example("education-research")),
            organisation=people.person(self.person).organisation_id, people=(self.person,), items=ITEMS,
            years=((2024, 2027),), terms=(), cohort=(), valid_from=date(2026, 9, 1), valid_until=date(2028, 8, 31),
        )  # fmt: skip
        made = requests.insist(requests.submit_application(filled(spec), self.person, CLOCK))
        requests.insist(road.decide(made.id, True, ["It serves pupils."], [], self.panel, CLOCK))
        signed = requests.insist(road.sign(made.id, self.official, CLOCK))
        return requests.insist(requests.end(signed.id, "It is over.", self.official, CLOCK))

    def accredit(self) -> object:
        return people.set_accreditation(self.person, date(2030, 1, 1 + self.number))

    def issue(self) -> object:
        issued = rights.issue_code(
            URN, upn(0), school_actor=f"school:{URN}", clock=CLOCK, config=self.config, rules=RULES
        )
        if not isinstance(issued, Refusal):
            self.code = issued.text
        return issued

    def redeem(self) -> object:
        return rights.redeem_code(self.account, self.code or "none", CLOCK, config=self.config, rules=RULES)

    def revoke(self) -> object:
        return rights.revoke_access(URN, upn(0), school_actor=f"school:{URN}", clock=CLOCK, config=self.config)

    def notice(self) -> object:
        with transaction.atomic():
            return register.append_event("notice.published", f"N-{self.number}", {"title": "Notice"}, CLOCK.now())

    def run(self, rounds: int) -> dict[str, int]:
        """Each deed so often, in this process's own order; how often each was done or refused."""
        told: Counter[str] = Counter()
        for _ in range(rounds):
            deeds = self.deeds()
            self.chance.shuffle(deeds)
            for deed in deeds:
                try:
                    deed()
                    told[deed.__name__] += 1
                except SchoolgateError as problem:
                    if problem.code not in EXPECTED:
                        raise
                    told[problem.code] += 1
        return dict(told)
