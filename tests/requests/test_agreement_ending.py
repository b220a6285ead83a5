"""An agreement ends by itself; its data must be gone by a day; who is late is public and held up; people are reminded."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import people, post, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.requests.agreement import reminders
from schoolgate.requests.agreement.changes import amend, extend
from schoolgate.requests.agreement.clocks import deletion_days, destruction_due, is_overdue, methods, nudge
from schoolgate.requests.agreement.hold import HELD_UP, Ending, held_up
from schoolgate.requests.agreement.jobs import mind_days
from schoolgate.requests.agreement.standing import reaffirm, resume
from schoolgate.requests.models import Certificate, Reminder, RequestStep
from tests.requests import road
from tests.requests.cast import Cast, approved, codes, signed, submitted, told
from tests.web.staff import account_of

DAY = timedelta(days=1)
LAST = date(2028, 8, 31)
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def at(day: date, hour: int = 9) -> FixedClock:
    return FixedClock(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def due_of(agreement_id: str) -> date:
    (found,) = [one.due for one in requests.endings() if one.agreement_id == agreement_id]
    return found


# Pure: the days.


@given(until=DAYS, retention=st.none() | DAYS, ended=st.none() | DAYS, planned=st.booleans())
def test_data_is_gone_by_the_day_agreed_and_sooner_when_it_ends_early(
    until: date, retention: date | None, ended: date | None, planned: bool
) -> None:
    agreed = destruction_due(until, retention, None)
    assert agreed >= until
    assert agreed == (max(until, retention) if retention else until + deletion_days() * DAY)
    due = destruction_due(until, retention, ended, end_planned=planned)
    assert due <= agreed
    if ended is not None and not planned:
        assert due <= ended + deletion_days() * DAY


@given(due=DAYS, days=st.integers(-400, 400))
def test_the_day_itself_is_in_time(due: date, days: int) -> None:
    assert is_overdue(due, due + days * DAY) == (days > 0)


def test_the_reminders_are_sixty_thirty_seven_and_no_days_before_and_weekly_after() -> None:
    due, given, sent = date(2028, 9, 30), set[int](), []
    for left in range(90, -30, -1):
        found = nudge(due, due - left * DAY, frozenset(given))
        if found is not None:
            given.add(found.days)
            sent.append((left, found.days))
    assert sent == [(60, 60), (30, 30), (7, 7), (0, 0), (-1, -1), (-8, -8), (-15, -15), (-22, -22), (-29, -29)]


def test_of_missed_reminders_only_the_nearest_is_sent() -> None:
    due = date(2028, 9, 30)
    found = nudge(due, due - 5 * DAY, frozenset())
    assert found is not None
    assert found.days == 7
    assert nudge(due, due - 5 * DAY, frozenset({7})) is None
    late = nudge(due, due + 20 * DAY, frozenset())
    assert late is not None
    assert late.days == -15


def test_only_the_late_organisation_is_held_up_with_a_reason_for_each() -> None:
    late = [Ending(f"A-2026-000{n}", "O-0001", "Late (synthetic)", LAST, LAST) for n in (1, 2)]
    found = held_up(late, "O-0001")
    assert [one.code for one in found] == ["destruction-overdue"] * 2
    assert all("31 August 2028" in one.reason and one.remedy for one in found)
    assert held_up(late, "O-0002") == ()


# Ending by itself.


def test_it_ends_by_itself_on_the_day_after_its_last_day(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    assert requests.expire_due(at(LAST, hour=22)) == ()
    # Half past eleven at night in UTC is the next day in British Summer Time.
    assert requests.expire_due(FixedClock(at(LAST, 23).now() + timedelta(minutes=30))) == (agreement.id,)
    ended = requests.get(agreement.id)
    assert (ended.state, ended.ended_on) == ("ended", LAST + DAY)
    assert told(agreement.id)[-1]["reason"] == "Its last day is past."
    step = requests.history(agreement.id)[-1]
    assert (step.event, step.role, step.actors) == ("expire", "clock", ())
    assert requests.expire_due(at(LAST + 9 * DAY)) == ()


def test_however_late_the_job_runs_the_days_count_from_the_last_day(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock, retention_until=date(2028, 12, 31))
    requests.expire_due(at(LAST + 40 * DAY))
    assert requests.get(agreement.id).ended_on == LAST + DAY
    assert due_of(agreement.id) == date(2028, 12, 31)


def test_one_that_was_extended_ends_later(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    requests.insist(extend(agreement.id, valid_until=LAST + 90 * DAY, reasons=["More."], panel=cast.panel, clock=clock))
    requests.insist(road.sign(agreement.id, cast.custodian, clock))
    assert requests.expire_due(at(LAST + 90 * DAY)) == ()
    assert requests.expire_due(at(LAST + 91 * DAY)) == (agreement.id,)


def test_stopped_and_re_opened_ones_end_too_and_the_built_in_one_never(cast: Cast, clock: FixedClock) -> None:
    requests.ensure_built_in(clock)
    stopped = signed(cast, clock)
    requests.insist(requests.suspend(stopped.id, "A complaint.", cast.custodian, clock))
    assert requests.expire_due(at(date(2200, 1, 1))) == (stopped.id,)
    assert requests.get(requests.SUBJECT_ACCESS).state == "active"


# Destruction.


def test_one_that_ended_early_has_its_data_destroyed_early(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock, retention_until=date(2028, 12, 31))
    requests.insist(requests.end(agreement.id, "No longer needed.", cast.researcher, clock))
    assert due_of(agreement.id) == date(2026, 9, 1) + deletion_days() * DAY


def test_a_certificate_says_what_how_when_and_who_saw_it(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    releases = [f"R-2026-{n:06d}" for n in range(3)]
    requests.insist(
        road.destroyed(
            agreement.id, "Both disks.", cast.researcher, cast.witness, clock,
            method="overwritten", destroyed_on=date(2026, 8, 31), releases=[*releases, releases[0]],
        )
    )  # fmt: skip
    public = told(agreement.id)[-1]
    assert public["method"] == f"{methods()['overwritten']} Both disks."
    assert (public["destroyed_on"], public["due"]) == ("2026-08-31", "2026-10-01")
    assert public["releases"] == releases
    assert public["witnessed_by"] == "custodian"
    assert cast.researcher not in str(public)
    kept = Certificate.objects.get(request__agreement_id=agreement.id)
    assert (kept.certified_by, kept.witnessed_by, kept.method) == (cast.researcher, cast.witness, "overwritten")
    assert requests.endings() == ()


def test_a_certificate_of_very_many_releases_fits_into_the_log(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    many = tuple(f"R-2026-{n:06d}" for n in range(20_000))
    requests.insist(road.destroyed(agreement.id, "All.", cast.researcher, cast.witness, clock, releases=many))
    assert told(agreement.id)[-1]["releases"] == ["R-2026-000000 to R-2026-019999, every release under the agreement"]
    assert len(Certificate.objects.get().releases) == 20_000


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"method": "burnt"}, "method-unknown"),
        ({"destroyed_on": date(2026, 9, 2)}, "in-the-future"),
    ],
)
def test_a_certificate_that_cannot_be_is_refused(
    given: dict[str, Any], code: str, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    refused = road.destroyed(agreement.id, "Gone.", cast.researcher, cast.witness, clock, **given)
    assert code in {found for found, _ in codes(refused)}
    assert requests.get(agreement.id).state == "ended"


def test_nobody_witnesses_their_own_certificate_in_another_hat(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    people.hold_person(cast.witness, int(account_of(cast.researcher).pk))
    refused = road.destroyed(agreement.id, "Gone.", cast.researcher, cast.witness, clock)
    assert codes(refused) == {("witness", "witness")}


# Overdue.


def late_one(cast: Cast, clock: FixedClock) -> tuple[str, FixedClock]:
    """An agreement whose destruction is overdue, and a clock on the first day on which it is."""
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    return agreement.id, at(due_of(agreement.id) + DAY)


def test_what_is_overdue_is_told_to_the_public_once_and_seen_on_every_day(cast: Cast, clock: FixedClock) -> None:
    agreement_id, late = late_one(cast, clock)
    due = due_of(agreement_id)
    assert requests.overdue(due) == ()
    assert [one.agreement_id for one in requests.overdue(due + DAY)] == [agreement_id]
    assert [one.agreement_id for one in requests.note_overdue(late)] == [agreement_id]
    assert requests.note_overdue(late) == ()
    entry = told(agreement_id)[-1]
    assert (entry["type"], entry["due"]) == ("destruction.overdue", due.isoformat())
    assert entry["organisation"] == cast.university.name
    requests.insist(road.destroyed(agreement_id, "Gone.", cast.researcher, cast.witness, late))
    assert requests.overdue(due + 99 * DAY) == ()


def test_whoever_oversees_is_written_to_once(cast: Cast, clock: FixedClock) -> None:
    regulator = people.add_organisation("Regulator (synthetic)", "regulator")
    overseer = people.add_person(regulator.id, "overseer").id
    address = account_of(overseer).email
    agreement_id, late = late_one(cast, clock)
    for _ in range(2):
        requests.note_overdue(late)
    (letter,) = letters()
    assert letter["to"] == address
    assert agreement_id in letter["subject"]
    assert cast.university.name in letter["text"]


def test_while_it_is_overdue_nothing_else_is_approved_for_or_signed_with_the_organisation(
    cast: Cast, clock: FixedClock
) -> None:
    waiting, accepted, live, stopped, opened, changing = (
        approved(cast, clock), approved(cast, clock), *(signed(cast, clock) for _ in range(4))
    )  # fmt: skip
    requests.insist(road.accept(accepted.id, clock))
    requests.insist(requests.suspend(stopped.id, "A complaint.", cast.custodian, clock))
    panel: dict[str, Any] = {"reasons": ["Why."], "panel": cast.panel}
    requests.insist(extend(changing.id, valid_until=LAST + DAY, clock=clock, **panel))
    fresh = submitted(cast, clock)
    agreement_id, late = late_one(cast, clock)
    steps: dict[str, Callable[[], object]] = {
        "approve": lambda: road.decide(fresh.id, True, ["Yes."], [], cast.panel, late),
        "accept": lambda: requests.accept(waiting.id, cast.researcher, road.shown(waiting.id), late),
        "sign": lambda: requests.sign(accepted.id, cast.custodian, road.shown(accepted.id), late),
        "amend": lambda: amend(live.id, items=["census_pupil.age"], clock=late, **panel),
        "extend": lambda: extend(live.id, valid_until=LAST + DAY, clock=late, **panel),
        "accept_version": lambda: requests.accept(changing.id, cast.researcher, road.shown(changing.id), late),
        "resume": lambda: resume(stopped.id, clock=late, **panel),
    }
    for event, step in steps.items():
        assert ("destruction-overdue", "organisation") in codes(step()), event
    # These two need a state that the steps above keep the organisation from.
    requests.insist(road.accept(changing.id, clock))
    signs = requests.sign(changing.id, cast.custodian, road.shown(changing.id), late)
    assert ("destruction-overdue", "organisation") in codes(signs)
    changes = {"owner": "Somebody (synthetic)"}
    requests.insist(requests.organisation_changed(cast.university.id, changes, "Sold.", cast.custodian, late))
    assert requests.get(opened.id).state == "reopened"
    assert ("destruction-overdue", "organisation") in codes(reaffirm(opened.id, clock=late, **panel))
    assert HELD_UP - set(steps) == {"approve_in_emergency", "sign_version", "reaffirm"}
    # A refusal is decided all the same; and once it is certified everything goes on.
    requests.insist(road.destroyed(agreement_id, "Gone.", cast.researcher, cast.witness, late))
    road.made_sure(opened.id, late)
    assert reaffirm(opened.id, clock=late, **panel) == requests.get(opened.id)


def test_another_organisation_is_not_held_up(cast: Cast, clock: FixedClock) -> None:
    _, late = late_one(cast, clock)
    assert requests.overdue_problems(cast.company.id, late.now().date()) == []
    assert requests.overdue_problems(cast.university.id, late.now().date()) != []


def test_data_is_not_left_behind_by_becoming_part_of_another(cast: Cast, clock: FixedClock) -> None:
    agreement_id, late = late_one(cast, clock)
    merged = requests.organisation_merged(cast.university.id, cast.company.id, "Bought.", cast.custodian, late)
    assert not isinstance(merged, requests.Refused)
    found = requests.overdue_problems(cast.company.id, late.now().date())
    assert [one.code for one in found] == ["destruction-overdue"]
    assert agreement_id in found[0].reason


# Reminders.


def letters() -> list[dict[str, str]]:
    """Every letter that waits, opened."""
    from schoolgate.post.letters import keys
    from schoolgate.post.models import Letter

    return [
        json.loads(keys().unseal("post", bytes(one.sealed), one.uid.bytes)) for one in Letter.objects.order_by("id")
    ]


def test_people_named_are_written_to_before_the_end_and_before_and_after_the_destruction(
    cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock, people=(cast.researcher, cast.colleague))
    address = account_of(cast.researcher).email  # the colleague has no account
    for left in (61, 60, 60, 31, 30, 7, 0):
        requests.expire_due(at(LAST - left * DAY))
        reminders.send_reminders(at(LAST - left * DAY))
    assert {one["to"] for one in letters()} == {address}
    assert [one["subject"] for one in letters()] == [f"Agreement {agreement.id}: its last day is 31 August 2028"] * 4
    assert "in 60 days" in letters()[0]["text"]
    assert "today" in letters()[3]["text"]
    requests.expire_due(at(LAST + DAY))
    due, before = due_of(agreement.id), len(letters())
    for left in (30, 7, 0, -1, -2, -8):
        reminders.send_reminders(at(due - left * DAY))
    after = [one["subject"] for one in letters()[before:]]
    assert after[0] == f"Agreement {agreement.id}: destroy the data by {due.day} {due:%B %Y}"
    assert after[-2:] == [f"Agreement {agreement.id}: destruction is overdue"] * 2
    assert len(after) == 5
    requests.insist(road.destroyed(agreement.id, "Gone.", cast.researcher, cast.witness, at(due + 9 * DAY)))
    assert reminders.send_reminders(at(due + 30 * DAY)) == 0


def test_a_reminder_whose_letter_cannot_be_written_is_written_another_time(
    cast: Cast, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed(cast, clock)
    account_of(cast.researcher)

    def broken(*args: object, **more: object) -> None:
        raise SchoolgateError("The letter box is full.", code="test")

    with monkeypatch.context() as patched:
        patched.setattr(post, "write", broken)
        with pytest.raises(SchoolgateError, match="full"):
            reminders.send_reminders(at(LAST - 60 * DAY))
    assert not Reminder.objects.exists()
    assert reminders.send_reminders(at(LAST - 60 * DAY)) == 1


def test_a_closed_account_is_not_written_to(cast: Cast, clock: FixedClock) -> None:
    signed(cast, clock)
    account = account_of(cast.researcher)
    account.is_active = False
    account.save()
    assert reminders.send_reminders(at(LAST)) == 1
    assert letters() == []


def test_the_workers_job_does_all_of_it(cast: Cast, clock: FixedClock, home: Config) -> None:
    agreement = signed(cast, clock)
    account_of(cast.researcher)
    mind_days.func(config=home, clock=at(LAST + 60 * DAY))
    assert requests.get(agreement.id).state == "ended"
    assert [event.body["subject"] for event in register.events("destruction.overdue")] == [agreement.id]
    assert len(letters()) == 1
    before = RequestStep.objects.count()
    mind_days.func(config=home, clock=at(LAST + 60 * DAY))
    assert RequestStep.objects.count() == before
