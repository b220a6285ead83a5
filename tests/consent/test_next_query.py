"""The exact next question honours what families said: random sequences against a model of sets.

A model that knows nothing of the gate's ways (plain sets in Python) says who is in each scan of each question; the
gate is asked the same on a real lake, and its ledger must hold exactly these. Two adults and the young person speak.
Choices also come while a question runs: what is recorded before the release is recorded is honoured by it
(docs/decisions/0007). `SCHOOLGATE_EXAMPLES=4000` makes it a night's run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from schoolgate import consent, gate, ledger, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.consent.models import Consent, Death, ItemDispute, Objection, Restriction, Shield
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from tests.consent.said import BY_LAW, CENSUS, PARTIES, PLAA, QUESTIONS, Model, Party, Question
from tests.requests import road
from tests.requests.filled import filled
from tests.world import ITEMS, load_children

pytestmark = pytest.mark.django_db(transaction=True)

_EXAMPLES = int(os.environ.get("SCHOOLGATE_EXAMPLES", "100"))

LAST = date(2090, 1, 1)  # the log takes no entry from before its last one, so time goes on from sequence to sequence


@pytest.fixture
def parties(home: Config, clock: FixedClock) -> list[Party]:
    """Four agreements in force: of three kinds of organisation, for three purposes, one of them a law's."""
    load_children(home, clock)
    office = people.add_organisation("Ministry (synthetic)", "custodian").id
    panel = [people.add_person(office, "panel", accredited_until=LAST).id for _ in range(2)]
    official, _second = (people.add_person(office, "custodian", accredited_until=LAST).id for _ in range(2))
    found = []
    for name, kind, purpose, deceased in PARTIES:
        own = people.add_organisation(name, kind).id
        person = people.add_person(own, "researcher", accredited_until=LAST).id
        law = purpose in BY_LAW
        spec = replace(
            requests.read_application(requests.example("education-research")),
            title=f"A question of {name}", organisation=own, people=(person,), items=(*ITEMS, PLAA),
            years=((2024, 2027),), terms=(), cohort=(), valid_from=date(2026, 9, 1), valid_until=LAST,
            purpose=purpose, deceased=deceased,
            **({"kind_of_request": "operational", "lawful_basis": "UK GDPR Article 6(1)(c)"} if law else {}),
            **({"gateway": "Education Act 1996 s.537A"} if purpose != "education-research" else {}),
        )  # fmt: skip
        made = requests.insist(requests.submit_application(filled(spec), person, clock))
        requests.insist(road.decide(made.id, True, ["It serves pupils."], [], panel, clock))
        signed = requests.insist(road.sign(made.id, official, clock))
        found.append(Party(signed.id, person, own, kind, purpose, deceased))
    return found


PUPILS = st.integers(0, 5)
GROUNDS = st.sampled_from(["accuracy-contested", "legal-claim"])
DISPUTABLE = st.sampled_from(
    [
        *("census_pupil.sex", "census_pupil.ethnicity", "census_pupil.age", "census_pupil.year", PLAA),
        *("census_absence.sessions", "census_pupil.language", "identity.dob"),
    ]
)
CASES = st.sampled_from(["C-1", "C-2"])
ADULTS, CHILD = st.sampled_from(["account:1", "account:2"]), st.sampled_from([False, False, True])
PARTY = st.integers(0, len(PARTIES) - 1)
STAFF = st.integers(0, 1)
SCOPES = st.one_of(
    st.tuples(st.just("purpose"), st.sampled_from(["education-research", "official-statistics", "school-funding"])),
    st.tuples(st.just("kind"), st.sampled_from(["university", "company", "government-department", "police"])),
    st.tuples(st.just("recipient"), PARTY),
    st.just(("all", "")),
)


class Families(RuleBasedStateMachine):
    """Families say things, time goes by, organisations ask."""

    def __init__(self, parties: list[Party], home: Config, times: list[FixedClock]) -> None:
        super().__init__()
        self.parties, self.home, self.times = parties, home, times
        self.model = Model()

    @initialize()
    def nothing_was_said(self) -> None:
        for table in (Consent, Death, ItemDispute, Objection, Restriction, Shield):
            table._default_manager.all().delete()

    @property
    def clock(self) -> FixedClock:
        return self.times[-1]

    @property
    def today(self) -> date:
        return self.clock.now().date()

    @property
    def says(self) -> dict[str, Any]:
        return {"actor": "account:1", "clock": self.clock}

    def scope(self, drawn: tuple[str, Any]) -> consent.Scope:
        of, target = drawn
        return consent.Scope(of, self.parties[target].organisation if of == "recipient" else target)

    @rule(pupil=PUPILS, drawn=SCOPES, by=ADULTS)
    def object_(self, pupil: int, drawn: tuple[str, Any], by: str = "account:1") -> None:
        to = self.scope(drawn)
        made = consent.lodge_objection(Pmr(pupil), to, actor=by, clock=self.clock)
        assert made.overridden == (to.of == "purpose" and to.target in BY_LAW)
        self.model.no.add((pupil, to.of, to.target, by))

    @rule(pupil=PUPILS, drawn=SCOPES, by=ADULTS, child=CHILD)
    def object_no_more(self, pupil: int, drawn: tuple[str, Any], by: str = "account:1", child: bool = False) -> None:
        to = self.scope(drawn)
        theirs = {no for no in self.model.no if no[:3] == (pupil, to.of, to.target) and (child or no[3] == by)}
        said: dict[str, Any] = {"actor": by, "clock": self.clock, "everybodys": child}
        assert consent.withdraw_objection(Pmr(pupil), to, **said) == bool(theirs)
        self.model.no -= theirs

    @rule(pupil=PUPILS, ground=GROUNDS, by=ADULTS)
    def stop(self, pupil: int, ground: str, by: str = "account:1") -> None:
        consent.restrict(Pmr(pupil), reason=ground, actor=by, clock=self.clock)
        self.model.stopped.setdefault((pupil, ground, by), None)

    @rule(pupil=PUPILS, ground=GROUNDS, by=ADULTS, child=CHILD)
    def stop_no_more(self, pupil: int, ground: str, by: str = "account:1", child: bool = False) -> None:
        theirs = [one for one in self.model.stopped if one[:2] == (pupil, ground) and (child or one[2] == by)]
        said: dict[str, Any] = {"reason": ground, "actor": by, "clock": self.clock, "everybodys": child}
        assert consent.withdraw_restriction(Pmr(pupil), **said) == bool(theirs)
        self.model.stopped = {one: day for one, day in self.model.stopped.items() if one not in theirs}

    @rule(pupil=PUPILS, ground=GROUNDS)
    def tell_that_it_ends(self, pupil: int, ground: str) -> None:
        lifts_on = self.today + consent.NOTICE_BEFORE_LIFTING
        consent.tell_of_lifting(Pmr(pupil), reason=ground, lifts_on=lifts_on, tell=list, **self.says)
        self.model.stopped |= {one: lifts_on for one in self.model.stopped if one[:2] == (pupil, ground)}

    @rule(pupil=PUPILS, ground=GROUNDS)
    def lift(self, pupil: int, ground: str) -> None:
        told = {one: day for one, day in self.model.stopped.items() if one[:2] == (pupil, ground)}
        with suppress(SchoolgateError):
            consent.lift_restriction(Pmr(pupil), reason=ground, **self.says)
        if all(day is not None and self.today >= day for day in told.values()):
            self.model.stopped = {one: self.model.stopped[one] for one in self.model.stopped if one not in told}

    @rule(pupil=PUPILS, item=DISPUTABLE, case=CASES)
    def dispute(self, pupil: int, item: str, case: str) -> None:
        is_new = (pupil, item, case) not in self.model.disputed
        assert consent.dispute_item(Pmr(pupil), item, case=case, **self.says) == is_new
        self.model.disputed.add((pupil, item, case))

    @rule(pupil=PUPILS, item=DISPUTABLE, case=CASES)
    def settle(self, pupil: int, item: str, case: str) -> None:
        was = (pupil, item, case) in self.model.disputed
        assert consent.settle_item(Pmr(pupil), item, case=case, **self.says) == was
        self.model.disputed.discard((pupil, item, case))

    @rule(pupil=PUPILS, party=PARTY, days=st.integers(0, 12))
    def say_yes(self, pupil: int, party: int, days: int) -> None:
        to, last = self.parties[party], self.today + timedelta(days=days)
        consent.give_consent(
            Pmr(pupil), item=PLAA, purpose_id=to.purpose, recipient=to.organisation, last_day=last, **self.says
        )
        self.model.yes[pupil, to.purpose, to.organisation] = last

    @rule(pupil=PUPILS, party=PARTY)
    def yes_no_more(self, pupil: int, party: int) -> None:
        to = self.parties[party]
        said = self.model.yes.pop((pupil, to.purpose, to.organisation), None) is not None
        took = consent.withdraw_consent(
            Pmr(pupil), item=PLAA, purpose_id=to.purpose, recipient=to.organisation, **self.says
        )
        assert took == said

    def staff(self, by: int) -> dict[str, Any]:
        two = [one.id for one in people.persons() if one.role == "custodian"]
        return {"actor": two[by], "clock": self.clock}

    @rule(pupil=PUPILS, on=st.booleans(), by=STAFF)
    def shield(self, pupil: int, on: bool, by: int = 0) -> None:
        if on:
            consent.shield(Pmr(pupil), **self.staff(by))
            self.model.shielded.add(pupil)
            self.model.first.pop(("lift", pupil), None)
            return
        done = consent.unshield(Pmr(pupil), **self.staff(by)) is True
        second = pupil in self.model.shielded and self.model.is_second("lift", pupil, by, self.clock.now())
        assert done == second
        if second:
            self.model.shielded.discard(pupil)

    def shield_no_more(self, pupil: int) -> None:
        for by in (0, 1):
            self.shield(pupil, False, by)

    @rule(pupil=PUPILS, died=st.booleans(), by=STAFF)
    def death(self, pupil: int, died: bool, by: int = 0) -> None:
        recorded, now = pupil in self.model.dead, self.clock.now()
        if died:
            done = consent.record_death(Pmr(pupil), date(2026, 8, 1), **self.staff(by)) is True
            second = not recorded and self.model.is_second("died", pupil, by, now)
            assert done == second
            if second:
                self.model.dead.add(pupil)
            return
        done = consent.correct_death(Pmr(pupil), **self.staff(by)) is True
        waited = self.model.first.pop(("died", pupil), None) is not None
        second = recorded and self.model.is_second("back", pupil, by, now)
        assert done == (second if recorded else waited)
        if second:
            self.model.dead.discard(pupil)

    @rule(days=st.integers(1, 9))
    def time_goes_by(self, days: int) -> None:
        self.times.append(FixedClock(self.clock.now() + timedelta(days=days)))

    @rule(question=st.sampled_from(QUESTIONS), party=PARTY)
    def ask(self, question: Question, party: int) -> None:
        self.asked(question, self.parties[party], lambda step: None)

    @rule(
        question=st.sampled_from(QUESTIONS),
        party=PARTY,
        at=st.sampled_from(["checked", "run"]),
        pupil=PUPILS,
        what=st.sampled_from(["object", "withdraw", "stop", "dispute", "settle", "yes", "no yes", "shield"]),
        drawn=SCOPES,
        item=DISPUTABLE,
    )
    def ask_while_something_is_said(
        self, question: Question, party: int, at: str, pupil: int, what: str, drawn: tuple[str, Any], item: str
    ) -> None:
        """It comes while the question runs, before its release is recorded: it is honoured by that very release."""
        say: dict[str, Callable[[], None]] = {
            "object": lambda: self.object_(pupil, drawn),
            "withdraw": lambda: self.object_no_more(pupil, drawn),
            "stop": lambda: self.stop(pupil, "legal-claim"),
            "dispute": lambda: self.dispute(pupil, item, "C-1"),
            "settle": lambda: self.settle(pupil, item, "C-1"),
            "yes": lambda: self.say_yes(pupil, party, 9),
            "no yes": lambda: self.yes_no_more(pupil, party),
            "shield": lambda: self.shield(pupil, True),
        }
        once: Iterator[bool] = iter([True])

        def meanwhile(step: str) -> None:
            if step == at and next(once, False):
                say[what]()

        self.asked(question, self.parties[party], meanwhile)

    def asked(self, question: Question, to: Party, step: Callable[[str], None]) -> None:
        answer = gate.read(to.agreement, to.person, question.sql, config=self.home, clock=self.clock, step=step)
        assert isinstance(answer, gate.Handover), answer
        expected = self.model.members(question, to, self.today)
        if question.rows_are_pupils:
            assert answer.table.num_rows == len(expected[0])
        gate.settle_pending(self.home, self.clock)
        assert [set(members) for members in ledger.members(answer.release_id)] == expected
        everybody = set().union(*expected)
        for pupil in CENSUS:  # and so each family is told
            lines = {line.release_id for line in ledger.who_has(Pmr(pupil))}
            assert (answer.release_id in lines) == (pupil in everybody)


def test_whatever_families_say_and_whenever_the_exact_next_question_honours_it(
    parties: list[Party], home: Config, clock: FixedClock
) -> None:
    times = [clock]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Families(parties, home, times),
        settings=settings(
            max_examples=max(1, _EXAMPLES // 12),
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # a sequence of real reads takes seconds: one that fails is shown as it is
        ),
    )


MEANWHILE = [
    *(("object", to) for to in (("purpose", "education-research"), ("kind", "university"), ("recipient", 0))),
    ("object", ("all", "")),
    *(("withdraw", to) for to in (("purpose", "education-research"), ("kind", "university"), ("recipient", 0))),
    ("withdraw", ("all", "")),
    *((what, ("all", "")) for what in ("stop", "dispute", "settle", "shield", "yes", "no yes")),
]


def test_each_thing_that_is_said_while_a_question_runs_is_honoured_by_that_very_question(
    parties: list[Party], home: Config, clock: FixedClock
) -> None:
    """One after the other, before the engine runs and after it has: each changes who is in the answer."""
    families, to = Families(parties, home, [clock]), parties[0]
    about = {"yes": QUESTIONS[7], "no yes": QUESTIONS[7]}
    for at in ("checked", "run"):
        families.nothing_was_said()
        families.model = Model()
        for what, drawn in MEANWHILE:
            if what == "withdraw":
                families.object_(2, drawn)
            elif what in ("settle", "shield"):  # a shield comes while the record is free again
                families.stop_no_more(2, "legal-claim")
            question = about.get(what, QUESTIONS[0])
            if what in ("yes", "no yes"):
                families.shield_no_more(2)
            before = families.model.members(question, to, families.today)
            families.ask_while_something_is_said(question, 0, at, 2, what, drawn, "census_pupil.sex")
            assert families.model.members(question, to, families.today) != before, (at, what, drawn)
            if what == "object":
                families.object_no_more(2, drawn)
            elif what == "stop":
                families.stop_no_more(2, "legal-claim")
