"""Figures from the log alone: the same from its published files and from the database, whatever else is in it."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import oversight, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.oversight.counting import between, bounds, percentile, share
from tests.oversight import told

Q3 = oversight.quarter("2026-Q3")


def rows(figures: tuple[oversight.Figure, ...], metric: str) -> dict[str, str]:
    (found,) = [figure for figure in figures if figure.metric.id == metric]
    return {row.of: row.value for row in found.rows}


def alarms(figures: tuple[oversight.Figure, ...]) -> set[tuple[str, str]]:
    return {(figure.metric.id, row.of) for figure in figures for row in figure.rows if row.is_alarm}


@pytest.mark.django_db
def test_each_metric_counts_what_its_definition_says() -> None:
    told.a_life()
    found = oversight.compute(oversight.from_database(), Q3)
    assert rows(found, "applications") == {"all": "2", "kind of request: research": "2"}
    assert rows(found, "time-to-decide") == {
        "decisions": "4",
        "median": "11 days",
        "nine in ten within": "101 days",
    }
    assert rows(found, "refusals") == {
        "refused": "1 of 4 (25 %)",
        "kind of organisation: company": "1",
        "kind of request: research": "1",
    }
    assert rows(found, "commercial-share") == {
        "applications": "1 of 2 (50 %)",
        "agreements signed": "1 of 3 (33 %)",
        "reads": "1 of 3 (33 %)",
    }
    assert rows(found, "reads")["of them, ran and gave no result"] == "1"
    assert rows(found, "refused-queries") == {
        "refused": "1",
        "reason: item-not-approved": "1",
        "reason: notice-not-over": "1",
    }
    assert rows(found, "notices") == {
        "notices published": "1",
        "reads that had to wait for a notice, and did": "1",
        "reads before their notice was over": "0",
    }
    assert rows(found, "objections") == {
        "pupils kept out of education-research": "fewer than 10",
        "reads for education-research since its first objection was counted": "3",
    }
    assert rows(found, "agreements") == {"active": "2", "ended": "1"}
    assert rows(found, "destruction")["ended and not yet certified, in time"] == "1"
    assert rows(found, "unfinished")["older reads that are not sealed"] == "2"
    assert alarms(found) == {("unfinished", "older reads that are not sealed")}


@pytest.mark.django_db
def test_what_comes_after_the_period_changes_none_of_its_figures() -> None:
    told.a_life()
    size = next(one.index for one in oversight.from_database() if one.day > Q3.last)
    assert 0 < size < register.log_size()
    early = oversight.compute(oversight.from_database(size), Q3)
    assert oversight.compute(oversight.from_database(), Q3) == early


@pytest.mark.django_db
def test_a_read_one_day_too_early_after_a_notice_is_counted_and_raises_an_alarm() -> None:
    told.signed("2026-07-01", "A-1", "APP-1", notice_days=31)
    told.noticed("2026-07-01", "2026-07-02", "N-1", "A-1")
    told.read("2026-08-02", "R-1", "A-1")
    told.tell("2026-08-03", "agreement.amended", "A-1", items=[*told.ITEMS, "census_pupil.urn"], notice_days=31)
    told.read("2026-08-04", "R-2", "A-1")
    told.read("2026-08-05", "R-3", "A-1", ["census_pupil.urn"])
    found = oversight.compute(oversight.from_database(), Q3)
    assert rows(found, "notices")["reads before their notice was over"] == "2"
    assert rows(found, "notices")["reads that had to wait for a notice, and did"] == "1"
    assert ("notices", "reads before their notice was over") in alarms(found)


@pytest.mark.django_db
def test_an_emergency_at_a_quarter_s_end_is_late_in_the_next_quarter_and_not_forgotten() -> None:
    told.applied("2026-09-24", "APP-1")
    told.decided("2026-09-25", "APP-1", "approved", emergency="A child is missing.", review_due="2026-10-09")
    told.signed("2026-09-26", "A-1", "APP-1")
    before = oversight.compute(oversight.from_database(), Q3)
    assert rows(before, "emergencies")["not reviewed, still in time or nothing signed"] == "1"
    told.tell("2026-11-02", "emergency.reviewed", "A-1", agreement="A-1", outcome="approved", reasons=["Looked at."])
    after = oversight.compute(oversight.from_database(), oversight.quarter("2026-Q4"))
    assert rows(after, "emergencies")["approved in an emergency"] == "0"
    assert rows(after, "emergencies")["reviewed late"] == "1"
    assert ("emergencies", "reviewed late") in alarms(after)
    assert oversight.compute(oversight.from_database(), Q3) == before


@pytest.mark.django_db
def test_an_emergency_that_was_appealed_before_it_was_signed_is_nobody_s_to_review() -> None:
    told.applied("2026-07-01", "APP-1")
    told.decided("2026-07-02", "APP-1", "approved", emergency="A child is missing.", review_due="2026-07-16")
    told.tell("2026-07-03", "application.appealed", "APP-1", reasons=["The conditions."])
    told.decided("2026-07-20", "APP-1", "approved", appeal="yes")
    told.signed("2026-07-21", "A-1", "APP-1")
    found = oversight.compute(oversight.from_database(), Q3)
    assert rows(found, "emergencies")["ended or decided anew before a review"] == "1"
    assert alarms(found) == set()


@pytest.mark.django_db
def test_what_is_commercial_follows_the_newest_version_and_what_became_of_the_organisation() -> None:
    told.applied("2026-07-01", "APP-1", commercial_interest="none: nobody earns by it")
    told.applied("2026-07-01", "APP-2", commercial_interest="none")
    told.applied("2026-07-01", "APP-3", "charity")
    for number in (1, 2, 3):
        told.signed("2026-07-02", f"A-{number}", f"APP-{number}")
    told.signed("2026-07-03", "A-1", "APP-1", version=2)  # longer: the same agreement
    told.signed("2026-07-03", "A-SAR", None)  # a family's right: nobody applied for it
    told.read("2026-07-04", "R-1", "A-1")
    told.read("2026-07-04", "R-2", "A-SAR", purpose="subject-access")

    def shares() -> dict[str, str]:
        return rows(oversight.compute(oversight.from_database(), Q3), "commercial-share")

    assert shares() == {"applications": "0 of 3 (0 %)", "agreements signed": "0 of 3 (0 %)", "reads": "0 of 1 (0 %)"}
    told.tell(
        "2026-07-05", "application.resubmitted", "APP-2", organisation="university of Example (synthetic)", version=2,
        changed=["Commercial interest"], purpose="education-research", purpose_plain="To sell it.", items=told.ITEMS,
        years=["2024"], commercial_interest="direct: a shop sells it",
    )  # fmt: skip
    told.tell(
        "2026-07-06", "organisation.changed", "O-1", organisation="Example Ltd (synthetic)",
        former_name="charity of Example (synthetic)", changed=["name", "kind of organisation"],
        before=["charity of Example (synthetic)", "charity"], after=["Example Ltd (synthetic)", "company"],
        reason="It was sold.",
    )  # fmt: skip
    told.read("2026-07-07", "R-3", "A-2")
    told.read("2026-07-07", "R-4", "A-3")
    assert shares()["reads"] == "2 of 3 (67 %)"
    assert shares()["applications"] == "0 of 3 (0 %)"  # as they were when they came


@pytest.mark.django_db
def test_a_notice_that_stands_in_the_register_and_was_told_to_nobody_is_no_notice() -> None:
    told.signed("2026-07-01", "A-1", "APP-1", notice_days=31)
    told.tell("2026-07-02", "notice.published", "A-1", title="A notice", agreement="A-1", notice_days=31)
    told.read("2026-09-01", "R-1", "A-1")
    found = oversight.compute(oversight.from_database(), Q3)
    assert rows(found, "notices") == {
        "notices published": "1",
        "reads that had to wait for a notice, and did": "0",
        "reads before their notice was over": "1",
    }


@pytest.mark.django_db
def test_the_published_files_give_the_same_figures_as_the_database(home: Config, clock: FixedClock) -> None:
    told.a_life()
    for number in range(600):  # more than two bundles
        told.read("2026-10-03", f"R-{number + 10}", "A-4")
    register.publish(told.at("2026-10-03"), home)
    checkpoint = register.verify_log(str(home.log), register.verifier_key(home)).checkpoint
    for period in (Q3, oversight.quarter("2026-Q4"), oversight.Period(date(2026, 7, 17), date(2026, 8, 19))):
        files = oversight.compute(oversight.from_published(str(home.log), checkpoint), period)
        assert files == oversight.compute(oversight.from_database(), period)


@pytest.mark.django_db
def test_entries_that_were_changed_after_the_check_are_found(home: Config, clock: FixedClock) -> None:
    told.a_life()
    register.publish(told.at("2026-10-03"), home)
    checkpoint = register.verify_log(str(home.log), register.verifier_key(home)).checkpoint
    (bundle,) = (home.log / "tile" / "entries").rglob("[0-9]*/[0-9]*")
    bundle.write_bytes(bundle.read_bytes().replace(b"refused", b"allowed"))
    with pytest.raises(register.LogBroken, match="not those its checkpoint vouches for"):
        oversight.compute(oversight.from_published(str(home.log), checkpoint), Q3)
    with pytest.raises(register.LogBroken, match="were asked for"):
        list(oversight.from_published(str(home.log), checkpoint, checkpoint.size + 1))


@pytest.mark.django_db
def test_entries_of_unknown_types_and_broken_ones_change_no_figure() -> None:
    told.a_life()
    bodies: list[Any] = [dict(event.body) for event in reversed(register.events(limit=1000))]
    plain = oversight.compute(oversight.from_bodies(bodies), Q3)
    rng = random.Random(6)
    strange: list[Any] = [
        None, [], "text", {}, {"type": "release.begun"}, {"type": "release.begun", "at": "yesterday"},
        {"type": "use.invented", "at": "2026-08-01T00:00:00Z", "subject": "A-1", "items": 3},
        {"type": 7, "at": "2026-08-01T00:00:00Z"},
    ]  # fmt: skip
    for _ in range(20):
        mixed = list(bodies)
        for one in strange:
            mixed.insert(rng.randrange(len(mixed) + 1), one)
        assert oversight.compute(oversight.from_bodies(mixed), Q3) == plain


_TYPES = sorted({kind for metric in oversight.METRICS for kind in metric.events})
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 50), st.text(max_size=8), st.lists(st.text(max_size=4), max_size=3)
)
_KEYS = (
    "agreement", "agreements", "application", "asked", "commercial_interest", "due", "emergency", "items", "kind",
    "notice_days", "objecting", "outcome", "purpose", "reasons", "release", "review_due",
)  # fmt: skip
_BODY = st.builds(
    lambda kind, subject, day, rest: {**rest, "type": kind, "subject": subject, "at": f"2026-08-{day:02}T10:00:00Z"},
    st.sampled_from(_TYPES),
    st.sampled_from(["A-1", "A-2", "APP-1", ""]),
    st.integers(1, 31),
    st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=6),
)


@given(st.lists(_BODY, max_size=30))
def test_no_entry_however_odd_breaks_the_count(bodies: list[Any]) -> None:
    found = oversight.compute(oversight.from_bodies(bodies), Q3)
    assert [figure.metric for figure in found] == list(oversight.METRICS)
    assert all(line.count(" | ") >= 2 for figure in found for line in figure.lines)


@given(st.integers(0, 10_000_000))
def test_a_rounded_count_stands_for_a_span_that_holds_the_count(count: int) -> None:
    least, most = bounds(register.round_count(count))
    assert least <= count <= most
    assert most - least <= 9


@given(st.lists(st.integers(0, 500), min_size=1), st.integers(1, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[int], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert 100 * sum(value <= found for value in values) >= percent * len(values)
    assert 100 * sum(value < found for value in values) < percent * len(values)


def test_shares_and_spans_are_written_without_fractions() -> None:
    assert share(1, 8) == "1 of 8 (13 %)"
    assert share(0, 0) == "0 of 0"
    assert between(3, 3) == "3"
    assert between(1200, 1500) == "1,200 to 1,500"


def test_every_metric_is_defined_once_and_says_what_it_is_counted_from() -> None:
    ids = [metric.id for metric in oversight.METRICS]
    assert len(ids) == len(set(ids))
    assert all(
        metric.question.endswith("?") and len(metric.formula) > 30 and metric.events for metric in oversight.METRICS
    )
    assert all(metric.id in oversight.definitions_table() for metric in oversight.METRICS)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2024-Q4", "2024-10-01", "2024-12-31"),
        ("2028-Q1", "2028-01-01", "2028-03-31"),
    ],
)
def test_quarters(name: str, first: str, last: str) -> None:
    period = oversight.quarter(name)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert oversight.quarter_of(period.first) == oversight.quarter_of(period.last) == name


def test_a_day_is_the_custodian_s() -> None:
    assert oversight.day_of("2026-06-30T22:59:59Z") == date(2026, 6, 30)
    assert oversight.day_of("2026-06-30T23:00:00Z") == date(2026, 7, 1)  # British Summer Time
    assert oversight.day_of("2026-12-31T23:59:59Z") == date(2026, 12, 31)
    assert oversight.day_of("soon") is None
    with pytest.raises(oversight.NoSuchPeriod):
        oversight.quarter("2026-Q5")
    with pytest.raises(oversight.NoSuchPeriod):
        oversight.Period.between(date(2026, 1, 2), date(2026, 1, 1))
