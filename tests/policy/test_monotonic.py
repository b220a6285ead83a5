"""Taking a right away, or adding a limit, never allows more: not a read, not an item, not a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.policy import (
    HANDED_OVER,
    IN_THE_SETTING,
    Addition,
    AgreementTerms,
    Holding,
    Notice,
    PersonTerms,
    QueryShape,
    ScanRequest,
    Used,
    decide,
)
from schoolgate.policy.decide import RULES
from tests.policy.test_decide import AGREEMENT, TODAY

ITEMS = sorted(f"{t.name}.{c.name}" for t in lake_tables() for c in t.columns if c.kind == "item")[:12]
FEW = st.frozensets(st.sampled_from(ITEMS), max_size=5)
_NEAR = st.integers(-2, 2).map(lambda days: TODAY + timedelta(days=days))
NOTICES = st.builds(Notice, st.sampled_from([0, 1, 31]), st.none() | _NEAR | st.just(TODAY - timedelta(days=40)))

_SETTINGS = settings(deadline=None)

agreements = st.builds(
    replace,
    st.just(AGREEMENT),
    state=st.sampled_from(["active", "active", "active", "ended"]),
    items=FEW,
    valid_from=_NEAR,
    valid_until=_NEAR,
    people=st.sampled_from([("P-0001",), ("P-0001", "P-0002"), ()]),
    purpose=st.sampled_from(["education-research", "official-statistics", "commercial-product"]),
    country=st.sampled_from(["United Kingdom", "Ireland", "Japan", "Atlantis"]),
    processors_in=st.lists(st.sampled_from(["United Kingdom", "Ireland", "Japan", "Atlantis"]), max_size=2).map(tuple),
    transfer_safeguard=st.sampled_from(["", "An agreement of transfer"]),
    only_in=st.sampled_from([(), ("United Kingdom",), ("Ireland", "Japan")]),
    notice=NOTICES,
    additions=st.lists(st.builds(Addition, FEW, st.just(("P-0001",)), NOTICES, st.booleans()), max_size=2).map(tuple),
    minimum_cell=st.sampled_from([0, 3, 10]),
    row_budget=st.none() | st.integers(0, 3),
    query_budget=st.none() | st.integers(0, 3),
    not_together=st.lists(FEW.filter(bool).map(lambda items: tuple(sorted(items))), max_size=2).map(tuple),
    pseudonyms=st.booleans(),
    setting_only=st.booleans(),
    deceased=st.booleans(),
    review_due=st.none() | _NEAR,
)
people = st.builds(
    PersonTerms,
    st.sampled_from(["P-0001", "P-0002"]),
    st.none() | _NEAR,
    st.sampled_from(["United Kingdom", "Ireland"]),
    st.booleans(),
)
shapes = st.builds(
    QueryShape,
    st.booleans(),
    st.sampled_from([(), (Refusal("not-aggregate", "Why."),)]),
    st.sampled_from([HANDED_OVER, IN_THE_SETTING]),
)
used = st.builds(Used, st.integers(0, 4), st.integers(0, 4))
holdings = st.builds(Holding, st.lists(_NEAR, max_size=2).map(tuple), st.none() | _NEAR)


@st.composite
def less(draw: st.DrawFn, agreement: AgreementTerms) -> AgreementTerms:
    """The agreement with one right taken away or one limit added."""
    day = timedelta(days=draw(st.integers(1, 3)))
    item = draw(st.sampled_from(ITEMS))
    budget = draw(st.integers(0, 2))

    def tighter(before: int | None) -> int:
        return budget if before is None else min(before, budget)

    late = Notice(agreement.notice.days + 1, None)
    return draw(
        st.sampled_from(
            [
                replace(agreement, state="ended"),
                replace(agreement, built_in=True),
                replace(agreement, items=agreement.items - {item}),
                replace(agreement, additions=agreement.additions[1:]),
                replace(agreement, people=agreement.people[1:]),
                replace(agreement, valid_from=agreement.valid_from + day),
                replace(agreement, valid_until=agreement.valid_until - day),
                replace(agreement, transfer_safeguard=""),
                replace(agreement, only_in=agreement.only_in[1:] or ("nowhere",)),
                replace(agreement, notice=late),
                replace(agreement, minimum_cell=agreement.minimum_cell + 3),
                replace(agreement, row_budget=tighter(agreement.row_budget)),
                replace(agreement, query_budget=tighter(agreement.query_budget)),
                replace(agreement, not_together=(*agreement.not_together, (item,))),
                replace(agreement, pseudonyms=False),
                replace(agreement, setting_only=True),
                replace(agreement, deceased=False),
                replace(agreement, additions=tuple(replace(one, signed=False) for one in agreement.additions)),
                replace(agreement, review_due=(agreement.review_due or TODAY) - day),
            ]
        )
    )


@_SETTINGS
@given(data=st.data(), agreement=agreements, person=people, items=FEW, shape=shapes, spent=used, holding=holdings)
def test_taking_a_right_away_never_allows_more(
    data: st.DataObject,
    agreement: AgreementTerms,
    person: PersonTerms,
    items: frozenset[str],
    shape: QueryShape,
    spent: Used,
    holding: Holding,
) -> None:
    scans = [ScanRequest("census_pupil", items)]
    before = decide(agreement, person, scans, TODAY, shape=shape, used=spent, holding=holding)
    after = decide(data.draw(less(agreement)), person, scans, TODAY, shape=shape, used=spent, holding=holding)
    waits = {f"{what}-awaits-{which}" for what in ("person", "item") for which in ("notice", "signature")}
    assert {refusal.code for refusal in before.refusals} - waits <= {refusal.code for refusal in after.refusals} | {
        "notice-not-over"
    }
    assert before.allowed or not after.allowed
    assert {ruling.item for ruling in after.rulings if ruling.allowed} <= {
        ruling.item for ruling in before.rulings if ruling.allowed
    }
    assert after.minimum_cell >= before.minimum_cell
    assert before.rows_left is None or (after.rows_left is not None and after.rows_left <= before.rows_left)


@_SETTINGS
@given(agreement=agreements, person=people, items=FEW, shape=shapes, spent=used, more=used, holding=holdings)
def test_having_read_more_never_allows_more(
    agreement: AgreementTerms,
    person: PersonTerms,
    items: frozenset[str],
    shape: QueryShape,
    spent: Used,
    more: Used,
    holding: Holding,
) -> None:
    scans = [ScanRequest("census_pupil", items)]
    before = decide(agreement, person, scans, TODAY, shape=shape, used=spent, holding=holding)
    later = Used(spent.queries + more.queries, spent.rows + more.rows)
    after = decide(agreement, person, scans, TODAY, shape=shape, used=later, holding=holding)
    assert before.allowed or not after.allowed


@st.composite
def worse(draw: st.DrawFn, holding: Holding) -> Holding:
    """The same earlier use with one more signature owed, one owed earlier, or a stop."""
    day = timedelta(days=draw(st.integers(1, 3)))
    return draw(
        st.sampled_from(
            [
                replace(holding, sign_by=(*holding.sign_by, TODAY + timedelta(days=draw(st.integers(-2, 2))))),
                replace(holding, sign_by=tuple(last - day for last in holding.sign_by)),
                replace(holding, stopped_on=TODAY),
            ]
        )
    )


@_SETTINGS
@given(data=st.data(), agreement=agreements, person=people, items=FEW, shape=shapes, spent=used, holding=holdings)
def test_a_signature_owed_or_a_stop_never_allows_more(
    data: st.DataObject,
    agreement: AgreementTerms,
    person: PersonTerms,
    items: frozenset[str],
    shape: QueryShape,
    spent: Used,
    holding: Holding,
) -> None:
    scans = [ScanRequest("census_pupil", items)]
    before = decide(agreement, person, scans, TODAY, shape=shape, used=spent, holding=holding)
    after = decide(agreement, person, scans, TODAY, shape=shape, used=spent, holding=data.draw(worse(holding)))
    assert {one.code for one in before.refusals} <= {one.code for one in after.refusals}
    assert before.rulings == after.rulings
    assert before.allowed or not after.allowed


@_SETTINGS
@given(agreement=agreements, person=people, items=FEW, shape=shapes, spent=used, holding=holdings)
def test_a_read_is_allowed_exactly_when_no_ruling_refuses(
    agreement: AgreementTerms,
    person: PersonTerms,
    items: frozenset[str],
    shape: QueryShape,
    spent: Used,
    holding: Holding,
) -> None:
    decision = decide(
        agreement, person, [ScanRequest("census_pupil", items)], TODAY, shape=shape, used=spent, holding=holding
    )
    refused = [ruling for ruling in decision.table if ruling.verdict == "refused"]
    items_refused = [ruling for ruling in decision.rulings if not ruling.allowed]
    assert decision.allowed == (not refused and not items_refused)
    assert (
        len({ruling.rule for ruling in decision.table}) == len(decision.table) == len(RULES) + 1
    )  # and told-of-change
