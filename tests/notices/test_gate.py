"""Notice comes before use, through the real gate: refused the day before, allowed the day after."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schoolgate import dictionary, gate, notices, people, post, register, requests
from schoolgate.clock import day_of
from schoolgate.config import Config
from schoolgate.notices import telling
from schoolgate.notices.awaited import is_new
from schoolgate.requests import Refused
from tests.notices.scene import SEX, Moving, agreed, custodian, publish, refused
from tests.requests import road
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

AGE = "SELECT age, count(*) AS n FROM census_pupil GROUP BY age"


@pytest.fixture
def world(home: Config, clock: Moving) -> World:
    return build(home, clock)


def test_one_notice_starts_the_days_of_every_agreement_that_waits(world: World, home: Config, clock: Moving) -> None:
    waiting = [agreed(world, clock, ["notice: 40"], kind="charity"), agreed(world, clock, ["notice: 31"])]
    assert [refused(one, home, clock) for one in waiting] == [{"notice-not-published"}] * 2
    told = publish(clock)
    assert told.agreements == tuple(one.agreement for one in waiting)
    assert told.told_day == date(2026, 9, 1)
    assert [requests.get(one.agreement).notice_published for one in waiting] == [date(2026, 9, 1)] * 2
    # 1 September does not count: 31 full days end on 2 October, 40 on 11 October.
    clock.on(date(2026, 10, 2))
    assert [refused(one, home, clock) for one in waiting] == [{"notice-not-over"}] * 2
    clock.on(date(2026, 10, 3))
    assert [refused(one, home, clock) for one in waiting] == [{"notice-not-over"}, set()]
    clock.on(date(2026, 10, 11))
    assert refused(waiting[0], home, clock) == {"notice-not-over"}
    clock.on(date(2026, 10, 12))
    assert [refused(one, home, clock) for one in waiting] == [set(), set()]


def test_what_is_in_use_goes_on_when_the_first_notice_is_published(world: World, home: Config, clock: Moving) -> None:
    assert refused(world, home, clock) == set()
    publish(clock)
    assert refused(world, home, clock) == set()


def test_a_kind_of_organisation_that_no_notice_told_of_waits_though_its_purpose_was_told(
    world: World, home: Config, clock: Moving
) -> None:
    publish(clock, "The first notice")
    charity = agreed(world, clock, kind="charity")
    assert requests.get(charity.agreement).notice_days == 0
    answer = gate.read(charity.agreement, charity.person, SEX, config=home, clock=clock)
    assert isinstance(answer, gate.RefusedQuery)
    (reason,) = answer.reasons
    assert reason.code == "change-awaits-notice"
    assert "use by a charity; “Education research” by a charity" in reason.reason
    told = publish(clock, "Charities may use it")
    assert told.agreements == (charity.agreement,)
    assert refused(charity, home, clock) == {"change-awaits-notice"}
    clock.on(date(2026, 10, 2))
    assert refused(charity, home, clock) == {"change-awaits-notice"}
    assert refused(world, home, clock) == set()
    clock.on(date(2026, 10, 3))
    assert refused(charity, home, clock) == set()


def test_an_item_that_a_purpose_was_never_given_waits_and_the_others_do_not(
    world: World, home: Config, clock: Moving
) -> None:
    publish(clock, "The first notice")
    more = agreed(world, clock, items=("census_pupil.sex", "census_pupil.boarder"))
    boarders = "SELECT boarder, count(*) AS n FROM census_pupil GROUP BY boarder"
    assert refused(more, home, clock) == set()
    assert refused(more, home, clock, boarders) == {"item-not-told"}
    publish(clock, "Boarding", days=45)
    clock.on(date(2026, 10, 16))
    assert refused(more, home, clock, boarders) == {"item-not-told"}
    clock.on(date(2026, 10, 17))
    assert refused(more, home, clock, boarders) == set()


def test_a_new_item_of_the_census_is_held_and_read_by_nobody_until_its_notice_is_over(
    world: World, home: Config, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = dictionary.told_from_the_start() - {"census_pupil.age"}
    monkeypatch.setattr(dictionary, "told_from_the_start", lambda: began)
    assert refused(world, home, clock) == set()  # what it does not name is untouched
    assert refused(world, home, clock, AGE) == {"item-not-told"}
    # Used in a condition alone it is read all the same.
    assert refused(world, home, clock, "SELECT count(*) AS n FROM census_pupil WHERE age > 5") == {"item-not-told"}
    assert notices.draft(clock).items == ("census_pupil.age",)
    told = publish(clock, "Schools send the age")
    assert notices.draft(clock).items == ()
    (event,) = register.events(type="notice.published", subject=told.number, limit=2)
    assert event.body["items"] == ["census_pupil.age"]
    clock.on(date(2026, 10, 2))
    assert refused(world, home, clock, AGE) == {"item-not-told"}
    clock.on(date(2026, 10, 3))
    assert refused(world, home, clock, AGE) == set()


def test_every_lake_item_of_this_release_was_told_from_the_start_or_waits() -> None:
    items = {c.item_id for table in dictionary.lake_tables() for c in table.columns if c.kind == "item"}
    assert dictionary.told_from_the_start() <= items
    assert {item for item in items if is_new(item)} == items - dictionary.told_from_the_start()


def test_what_an_amendment_added_waits_for_the_notice_that_covers_it(world: World, home: Config, clock: Moving) -> None:
    publish(clock, "The first notice")
    panel = [one.id for one in people.persons() if one.role == "panel"][:2]
    requests.insist(
        road.amend(
            world.agreement, items=["census_pupil.boarder"], reasons=["Boarders miss less."], panel=panel, clock=clock
        )
    )
    boarders = "SELECT boarder, count(*) AS n FROM census_pupil GROUP BY boarder"
    assert "item-awaits-notice" in refused(world, home, clock, boarders)
    assert notices.draft(clock).waiting == (world.agreement,)
    publish(clock, "Boarding")
    assert notices.draft(clock).waiting == ()
    clock.on(date(2026, 10, 2))
    assert refused(world, home, clock, boarders) == {"item-awaits-notice", "item-not-told"}
    clock.on(date(2026, 10, 3))
    assert refused(world, home, clock, boarders) == set()


def test_the_days_run_from_the_telling_not_from_the_publishing(
    world: World, home: Config, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PORTION", 2)
    for number in range(5):
        people.create_account(f"office{number}@school.example", "correct horse battery", role="school")
    waiting = agreed(world, clock, ["notice: 31"])
    told = publish(clock)
    assert told.told_day is None
    clock.on(date(2026, 10, 31))
    assert refused(waiting, home, clock) == {"notice-not-published"}  # families were not told yet: nothing runs
    telling.tell_notices.call(config=home, clock=clock)
    day = date(2026, 10, 31)
    assert notices.notice(told.number).told_day == day
    assert notices.notice(told.number).first_use == day + timedelta(days=32)
    clock.on(day + timedelta(days=31))
    assert refused(waiting, home, clock) == {"notice-not-over"}
    clock.on(day + timedelta(days=32))
    assert refused(waiting, home, clock) == set()


def test_who_was_told_is_on_record_and_the_public_sees_rounded_numbers(
    world: World, home: Config, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PORTION", 5)
    schools = [
        people.create_account(f"office{number}@school.example", "correct horse battery", role="school")
        for number in range(12)
    ]
    for topic in (notices.TOPIC, notices.school_topic(100008)):
        post.subscribe(topic, "parent@home.example", clock=clock, token=lambda size, topic=topic: f"{topic}-{size}")
        assert post.confirm(f"{topic}-32", clock) is not None
    before = post.outgoing().waiting
    told = publish(clock)
    telling.tell_notices.call(config=home, clock=clock)
    telling.tell_notices.call(config=home, clock=clock)  # done again: nobody is told twice
    assert post.outgoing().waiting - before == 14
    private = notices.tellings(told.number)
    assert [one.reference for one in private if one.whom == "school"] == [str(one.id) for one in schools]
    assert {(one.reference, one.letters, one.how) for one in private if one.whom == "topic"} == {
        ("notices", 1, "e-mail"),
        ("notices/school/100008", 1, "e-mail"),
    }
    (event,) = register.events(type="notice.told", limit=5)
    assert (event.body["schools_told"], event.body["followers_told"]) == ("10", "fewer than 10")
    assert "@" not in str(event.body)


def test_either_everything_of_a_notice_holds_or_nothing(
    world: World, home: Config, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (agreed(world, clock, ["notice: 31"]) for _ in range(2))
    given = requests.give_notice

    def not_the_second(agreement_id: str, *rest: object) -> object:
        if agreement_id == second.agreement:
            return Refused((requests_refusal(),))
        return given(agreement_id, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(requests, "give_notice", not_the_second)
    size = register.log_size()
    outcome = notices.publish("All at once", custodian(), clock=clock)
    assert isinstance(outcome, Refused)
    assert outcome.reasons[0].reason.startswith(second.agreement)
    assert register.log_size() == size
    assert notices.notices() == ()
    assert requests.get(first.agreement).notice_published is None


def requests_refusal() -> object:
    from schoolgate.errors import Refusal

    return Refusal("not-possible-now", "It is not in force.")


def test_a_kind_of_use_that_ended_and_comes_back_waits_for_a_notice_again(
    world: World, home: Config, clock: Moving
) -> None:
    charity = agreed(world, clock, kind="charity")
    publish(clock, "The first notice")
    requests.insist(requests.end(charity.agreement, "It is over.", custodian(), clock))
    publish(clock, "Charities do not use it any longer")
    again = agreed(world, clock, kind="charity")
    assert refused(again, home, clock) == {"change-awaits-notice"}


def test_what_a_notice_says_crosses_the_gate_s_socket(world: World, clock: Moving) -> None:
    from schoolgate.gate.serve.values import to_json

    told = publish(clock)
    assert gate.from_json(notices.Published, to_json(told)) == told
    views = notices.tellings(told.number)
    assert gate.from_json(tuple[notices.ToldView, ...], to_json(views)) == views


def short_and_use(clock: Moving, agreement: str) -> tuple[str, notices.Use]:
    """The parents' first layer as it stands, and the agreement as families are told of it."""
    pictured = notices.take_picture(clock)
    text = notices.compose(pictured, notices.audience(), site="https://pupils.example")
    return text.short, next(one for one in pictured.uses if one.agreement == agreement)


def test_a_notice_never_says_in_use_of_what_the_gate_refuses(world: World, home: Config, clock: Moving) -> None:
    """Nothing in the agreement's own terms asks for a notice: what is new about it does."""
    publish(clock, "The first notice")
    charity = agreed(world, clock, kind="charity", items=("census_pupil.sex", "census_pupil.boarder"))
    short, seen = short_and_use(clock, charity.agreement)
    assert refused(charity, home, clock) == {"change-awaits-notice"}
    assert (seen.first_use, seen.items, seen.coming) == ("waits", ("census_pupil.sex",), ("census_pupil.boarder",))
    assert "1 more use is agreed and has not begun: 1 charity. You can say no before it does." in short
    assert "They are: 1 university." in short
    publish(clock, "A charity")
    assert short_and_use(clock, charity.agreement)[1].first_use == "2026-10-03"
    clock.on(date(2026, 10, 2))
    assert "They are: 1 university." in short_and_use(clock, charity.agreement)[0]
    clock.on(date(2026, 10, 3))
    short, seen = short_and_use(clock, charity.agreement)
    assert refused(charity, home, clock) == set()
    assert (seen.first_use, seen.coming) == ("", ())
    assert "They are: 1 charity and 1 university." in short


def test_an_item_that_the_gate_holds_back_is_said_to_come_and_not_to_be_given(
    world: World, home: Config, clock: Moving
) -> None:
    publish(clock, "The first notice")
    more = agreed(world, clock, items=("census_pupil.sex", "census_pupil.boarder"))
    seen = short_and_use(clock, more.agreement)[1]
    assert (seen.first_use, seen.items, seen.coming) == ("", ("census_pupil.sex",), ("census_pupil.boarder",))


def test_a_notice_that_nobody_was_sent_begins_no_days(world: World, home: Config, clock: Moving) -> None:
    """Written into the register by itself, beside the telling of schools and families."""
    waiting = agreed(world, clock, ["notice: 31"])
    requests.insist(requests.give_notice(waiting.agreement, "Nobody will read this.", custodian(), clock))
    clock.on(date(2026, 12, 1))
    assert refused(waiting, home, clock) == {"notice-not-published"}
    assert notices.draft(clock).waiting == (waiting.agreement,)
    assert publish(clock).agreements == (waiting.agreement,)
    assert notices.draft(clock).waiting == ()
    clock.on(date(2027, 1, 1))
    assert refused(waiting, home, clock) == {"notice-not-over"}
    clock.on(date(2027, 1, 2))
    assert refused(waiting, home, clock) == set()


class _Midnight(Moving):
    """Each time it is asked, a second later."""

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def test_a_notice_published_at_midnight_waits_for_its_telling_all_the_same(
    world: World, home: Config, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PORTION", 1)
    for number in range(3):
        people.create_account(f"office{number}@school.example", "correct horse battery", role="school")
    waiting = agreed(world, clock, ["notice: 31"])
    late = _Midnight()
    late.moment = datetime(2026, 9, 1, 23, 59, 56, tzinfo=ZoneInfo("Europe/London"))
    told = publish(late)
    assert told.told_day is None
    assert requests.get(waiting.agreement).notice_published == day_of(told.published_at) == date(2026, 9, 1)
    clock.on(date(2026, 12, 1))
    assert refused(waiting, home, clock) == {"notice-not-published"}
