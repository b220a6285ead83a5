"""Whom a read leaves out, asked for at once, is whom the four look-ups name one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate import consent, dictionary
from schoolgate.clock import SystemClock
from schoolgate.consent.models import Death, ItemDispute, Objection, Restriction, SameChild, Shield
from schoolgate.ids import Pmr

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
OVERRIDING = [purpose.id for purpose in dictionary.purposes() if purpose.statutory_override]
OTHERS = [purpose.id for purpose in dictionary.purposes() if not purpose.statutory_override][:3]
NAMES = [*OVERRIDING[:1], *OTHERS, "a-purpose-of-an-earlier-taxonomy"]
PURPOSES = st.sampled_from(NAMES)
KINDS = st.sampled_from(["company", "university"])
ORGANISATIONS = st.sampled_from(["O-0001", "O-0002"])
SCOPES = st.one_of(
    st.tuples(st.just("purpose"), PURPOSES),
    st.tuples(st.just("kind"), KINDS),
    st.tuples(st.just("recipient"), ORGANISATIONS),
    st.just(("all", "")),
)
USES = st.builds(
    consent.Use,
    st.lists(PURPOSES, max_size=3).map(tuple),
    st.lists(KINDS, max_size=2).map(tuple),
    st.lists(ORGANISATIONS, max_size=2).map(tuple),
)
PUPILS = st.integers(0, 4) | st.integers(0, 2**32 - 1)
OVER = st.sampled_from([None, NOW])


@pytest.mark.django_db
@given(
    objections=st.dictionaries(st.tuples(PUPILS, SCOPES, st.sampled_from(["", "RC-1"])), OVER, max_size=12),
    others=st.dictionaries(st.tuples(st.sampled_from([Restriction, Shield, Death]), PUPILS), OVER, max_size=9),
    joined=st.sets(st.tuples(PUPILS, PUPILS), max_size=3),
    use=USES,
    deceased=st.booleans(),
)
def test_everybody_at_once_is_everybody_one_by_one(
    objections: dict[tuple[int, tuple[str, str], str], datetime | None],
    others: dict[tuple[type, int], datetime | None],
    joined: set[tuple[int, int]],
    use: consent.Use,
    deceased: bool,
) -> None:
    for table in (Objection, Restriction, Shield, Death, SameChild):
        table.objects.all().delete()
    for one, other in joined:
        consent.join_references(Pmr(one), Pmr(other), case="RC-2", actor="c", clock=SystemClock())
    for (pupil, (scope, target), case), over in objections.items():
        Objection.objects.create(
            pupil=pupil, scope=scope, target=target, lodged_at=NOW, lodged_by=f"account:1{case}", withdrawn_at=over,
            upheld_by=case,
        )  # fmt: skip
    for (kind, pupil), over in others.items():
        if kind is Restriction:
            Restriction.objects.create(pupil=pupil, reason="inaccurate", placed_at=NOW, placed_by="c", lifted_at=over)
        elif kind is Shield:
            Shield.objects.create(pupil=pupil, placed_at=NOW, placed_by="c", lifted_at=over)
        else:
            Death.objects.create(
                pupil=pupil,
                died_on=date(2026, 1, 2),
                recorded_at=NOW,
                recorded_by="c",
                decided_at=NOW,
                corrected_at=over,
            )
    one_by_one = [consent.objecting_pupils(use), consent.restricted_pupils(), consent.shielded_pupils()]
    one_by_one += [] if deceased else [consent.deceased_pupils()]
    assert consent.left_out_pupils(use, deceased=deceased) == BitMap.union(BitMap(), *map(BitMap, one_by_one))
    # The same once more, written out: a no counts where its purpose, its kind, its organisation or all is meant, and
    # nowhere when every purpose is one that a law lets go on.
    meant = {("all", ""), *(("kind", one) for one in use.kinds), *(("recipient", one) for one in use.recipients)}
    refusable = {("purpose", one) for one in use.purposes if one not in OVERRIDING}
    in_force = [one for one, over in objections.items() if over is None]
    said = {pupil for pupil, scope, _ in in_force if scope in meant | refusable}
    # A no to a purpose that a case upheld counts whatever a law lets go on.
    named = {("purpose", one) for one in use.purposes}
    upheld = {pupil for pupil, scope, case in in_force if case and scope in named}
    meant_by_one = (said if refusable else set()) | upheld
    # And under whatever other reference a child has.
    both_ways = {*joined, *((other, one) for one, other in joined)}
    expected = meant_by_one | {other for one, other in both_ways if one in meant_by_one}
    assert set(consent.objecting_pupils(use)) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("number", [-1, 2**32, 2**40])
def test_a_number_that_is_no_reference_leaves_nobody_else_out(number: int) -> None:
    Shield.objects.create(pupil=number, placed_at=SystemClock().now(), placed_by="c")
    with pytest.raises(ValueError, match="reference"):
        consent.left_out_pupils(consent.Use(()), deceased=True)


@pytest.mark.django_db
@given(
    disputes=st.dictionaries(
        st.tuples(PUPILS, st.sampled_from(["census_pupil.sex", "census_pupil.age", "identity.dob"]), st.integers(0, 2)),
        OVER,
        max_size=12,
    ),
    asked=st.sets(st.sampled_from(["census_pupil.sex", "census_pupil.age", "identity.dob", "census_pupil.urn"])),
)
def test_the_pupils_of_whom_an_item_is_in_dispute_come_item_by_item(
    disputes: dict[tuple[int, str, int], datetime | None], asked: set[str]
) -> None:
    ItemDispute.objects.all().delete()
    for (pupil, item, case), over in disputes.items():
        ItemDispute.objects.create(
            pupil=pupil, item=item, case=f"C-{case}", opened_at=NOW, opened_by="account:1", settled_at=over
        )
    open_now = {(item, pupil) for (pupil, item, _), over in disputes.items() if over is None and item in asked}
    found = consent.disputing_pupils(asked)
    assert {(item, pupil) for item, pupils in found.items() for pupil in pupils} == open_now
    assert all(found.values())
