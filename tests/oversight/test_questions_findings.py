"""Questions and findings: in public, with owners and days; what is late is late in public."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schoolgate import oversight, people, post, register
from schoolgate.clock import FixedClock
from schoolgate.errors import Refused, insist
from schoolgate.oversight.letters import letter
from tests.oversight import told
from tests.web.staff import account_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def overseer() -> str:
    return people.add_person(people.add_organisation("Regulator (synthetic)", "regulator").id, "overseer").id


@pytest.fixture
def custodian() -> str:
    return people.add_person(people.add_organisation("Custodian (synthetic)", "custodian").id, "custodian").id


def codes(outcome: object) -> list[str]:
    assert isinstance(outcome, Refused), outcome
    return [reason.code for reason in outcome.reasons]


def test_a_question_is_public_at_once_and_its_answer_or_why_there_is_none(
    overseer: str, custodian: str, clock: FixedClock
) -> None:
    asked = insist(oversight.ask("Why was A-2026-0001 extended?", "A-2026-0001", None, overseer, clock))
    body = register.event(asked.log_index).body
    assert body["question"] == "Why was A-2026-0001 extended?"
    assert body["due"] == "2026-09-29"  # 28 days
    assert overseer not in str(body)
    answered = insist(oversight.answer(asked.number, "It was not.", True, custodian, clock))
    assert answered.answer_index is not None
    assert register.event(answered.answer_index).body["outcome"] == "answered"
    other = insist(oversight.ask("How many?", "", date(2026, 9, 10), overseer, clock))
    insist(oversight.answer(other.number, "The court has not decided.", False, custodian, clock))
    assert [one.outcome for one in oversight.questions()] == ["not answered", "answered"]
    assert [one.number for one in oversight.questions()] == ["Q-2026-0002", "Q-2026-0001"]
    assert codes(oversight.answer(asked.number, "Again.", True, custodian, clock)) == ["already-answered"]
    assert codes(oversight.answer("Q-2026-0009", "What?", True, custodian, clock)) == ["question-unknown"]


def test_everything_wrong_with_a_question_is_said_at_once(overseer: str, custodian: str, clock: FixedClock) -> None:
    wrong = oversight.ask(" ", "x" * 41, date(2026, 9, 2), custodian, clock)
    assert codes(wrong) == ["not-your-decision", "text-missing", "text", "due"]
    assert codes(oversight.ask("a" * 4001, "", None, overseer, clock)) == ["text"]
    assert codes(oversight.ask("turn \u202e round", "", None, overseer, clock)) == ["text"]
    assert codes(oversight.ask("Far", "", clock.now().date() + timedelta(days=91), overseer, clock)) == ["due"]
    assert codes(oversight.ask("Who is A123456789012?", "", None, overseer, clock)) == ["event-identity"]
    asked = insist(oversight.ask("<b>=1+1</b>", "", None, overseer, clock))
    assert asked.question == "<b>=1+1</b>"  # kept as it is; every face escapes it
    assert codes(oversight.answer(asked.number, "No", True, overseer, clock)) == ["not-your-decision"]
    assert register.log_size() == 1


def test_a_finding_has_actions_with_owners_and_days_and_a_later_day_is_another_action(
    custodian: str, overseer: str, clock: FixedClock
) -> None:
    source = "Compulsory audit by the regulator, 2020, recommendation 12"
    finding = insist(oversight.record_finding(source, "There is no record of processing.", "urgent", custodian, clock))
    assert finding.is_open
    first = insist(
        oversight.set_action(finding.number, "Generate it.", "operator", date(2026, 10, 1), custodian, clock)
    )
    second = insist(oversight.set_action(finding.number, "Check it.", "panel", date(2026, 12, 1), custodian, clock))
    assert [one.number for one in oversight.overdue_actions(date(2026, 10, 1))] == []
    assert [one.number for one in oversight.overdue_actions(date(2026, 10, 2))] == [first.number]
    insist(oversight.finish_action(first.number, "schoolgate oversight record-of-processing.", custodian, clock))
    assert oversight.overdue_actions(date(2026, 11, 1)) == ()
    assert codes(oversight.finish_action(first.number, "Again.", custodian, clock)) == ["already-done"]
    insist(oversight.finish_action(second.number, "Checked.", custodian, clock))
    (shown,) = oversight.findings()
    assert not shown.is_open
    assert [event.type for event in reversed(register.events())] == [
        "finding.recorded", "action.due", "action.due", "action.done", "action.done",
    ]  # fmt: skip
    wrong = oversight.set_action("F-2026-0009", "", "nobody", date(2026, 9, 1), overseer, clock)
    assert codes(wrong) == ["not-your-decision", "text-missing", "unknown", "due", "finding-unknown"]
    researcher = people.add_person(people.add_organisation("Rival (synthetic)", "company").id, "researcher").id
    assert codes(oversight.record_finding("", "", "soon", researcher, clock)) == [
        "not-your-decision", "text-missing", "text-missing", "unknown",
    ]  # fmt: skip
    assert codes(oversight.finish_action("AC-2026-0009", "Done.", custodian, clock)) == ["action-unknown"]


def test_late_answers_and_actions_are_counted_from_the_log(overseer: str, custodian: str) -> None:
    finding = insist(oversight.record_finding("Audit", "Late.", "high", custodian, told.at("2026-07-01")))
    one = insist(oversight.set_action(finding.number, "A", "panel", date(2026, 7, 5), custodian, told.at("2026-07-01")))
    insist(oversight.set_action(finding.number, "B", "panel", date(2026, 7, 5), custodian, told.at("2026-07-01")))
    insist(oversight.finish_action(one.number, "Done.", custodian, told.at("2026-07-06")))
    insist(oversight.ask("In time?", "", date(2026, 7, 20), overseer, told.at("2026-07-06")))
    insist(oversight.answer("Q-2026-0001", "Yes.", True, custodian, told.at("2026-07-20")))
    figures = oversight.compute(oversight.from_database(), oversight.quarter("2026-Q3"))
    found = {(f.metric.id, row.of): row.value for f in figures for row in f.rows}
    assert found["findings", "done late"] == "1"
    assert found["findings", "overdue"] == "1"
    assert found["questions", "done in time"] == "1"


def test_what_changed_since_one_looked_is_grouped_and_never_goes_back(overseer: str) -> None:
    told.a_life()
    first = oversight.changes(overseer)
    assert (first.since, first.until, first.looked_at) == (0, register.log_size(), None)
    counts = {group.heading: group.count for group in first.groups}
    assert counts["Applications and decisions"] == 8
    assert counts["Reads"] == 4  # one of the three was sealed
    assert sum(counts.values()) == register.log_size()
    assert insist(oversight.note_seen(overseer, first.until, told.at("2026-10-02"))) == first.until
    assert oversight.changes(overseer).groups == ()
    told.tell("2026-10-03", "agreement.suspended", "A-3", reason="A complaint.")
    after = oversight.changes(overseer)
    assert [(group.heading, group.count) for group in after.groups] == [("Look here first", 1)]
    assert after.looked_at == told.at("2026-10-02").now()
    assert codes(oversight.note_seen(overseer, 3, told.at("2026-10-04"))) == ["not-a-size"]
    assert codes(oversight.note_seen(overseer, 10_000, told.at("2026-10-04"))) == ["not-a-size"]
    assert oversight.changes("P-9999").since == 0


def test_what_asks_for_a_look_reaches_an_overseer_by_letter_once(overseer: str, clock: FixedClock) -> None:
    nobody = people.add_person(people.person(overseer).organisation_id, "overseer").id  # signs in nowhere
    account_of(overseer, "overseer@example.org")
    told.a_life()
    assert oversight.write_to_overseers(told.at("2026-10-02")) == 0  # nothing in it asks for one
    told.tell(
        "2026-10-03", "destruction.overdue", "A-1", agreement="A-1", organisation="X (synthetic)", due="2026-10-01"
    )
    told.tell("2026-10-03", "use.stopped", "A-3", agreement="A-3", organisation="X (synthetic)", reasons=["at-night"])
    assert oversight.write_to_overseers(told.at("2026-10-03")) == 1
    assert oversight.write_to_overseers(told.at("2026-10-03")) == 0
    assert post.outgoing().waiting == 1
    insist(oversight.note_seen(overseer, register.log_size(), told.at("2026-10-03")))
    assert oversight.changes(overseer).groups == ()
    assert oversight.changes(nobody).looked_at is None


def test_a_letter_lists_twenty_and_counts_the_rest() -> None:
    bodies = [
        {"type": "use.stopped", "subject": f"A-{n}", "at": "2026-10-03T10:00:00Z", "agreement": f"A-{n}"}
        for n in range(23)
    ]
    subject, text = letter(list(oversight.from_bodies(bodies)), "https://pupils.example")
    assert subject == "23 things ask for a look"
    assert "- Use stopped (A-0): https://pupils.example/register/0/" in text
    assert "- and 3 more" in text
    assert letter(list(oversight.from_bodies(bodies[:1])), "")[0] == "One thing asks for a look"
