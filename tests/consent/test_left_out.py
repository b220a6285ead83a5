"""Whom a read leaves out, asked for at once, is whom the four look-ups name one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate import consent, dictionary
from schoolgate.clock import SystemClock
from schoolgate.consent.models import Death, Objection, Restriction, Shield

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
OVERRIDING = [purpose.id for purpose in dictionary.purposes() if purpose.statutory_override]
OTHERS = [purpose.id for purpose in dictionary.purposes() if not purpose.statutory_override][:3]
PURPOSES = st.sampled_from([*OVERRIDING[:1], *OTHERS, "a-purpose-of-an-earlier-taxonomy"])
PUPILS = st.integers(0, 2**32 - 1)
OVER = st.sampled_from([None, NOW])


@pytest.mark.django_db
@given(
    objections=st.dictionaries(st.tuples(PUPILS, PURPOSES), OVER, max_size=12),
    others=st.dictionaries(st.tuples(st.sampled_from([Restriction, Shield, Death]), PUPILS), OVER, max_size=9),
    asked=st.lists(PURPOSES, max_size=3),
    deceased=st.booleans(),
)
def test_everybody_at_once_is_everybody_one_by_one(
    objections: dict[tuple[int, str], datetime | None],
    others: dict[tuple[type, int], datetime | None],
    asked: list[str],
    deceased: bool,
) -> None:
    for table in (Objection, Restriction, Shield, Death):
        table.objects.all().delete()
    for (pupil, purpose), over in objections.items():
        Objection.objects.create(
            pupil=pupil, purpose_id=purpose, lodged_at=NOW, lodged_by="account:1", withdrawn_at=over
        )
    for (kind, pupil), over in others.items():
        if kind is Restriction:
            Restriction.objects.create(pupil=pupil, reason="inaccurate", placed_at=NOW, placed_by="c", lifted_at=over)
        elif kind is Shield:
            Shield.objects.create(pupil=pupil, placed_at=NOW, placed_by="c", lifted_at=over)
        else:
            Death.objects.create(
                pupil=pupil, died_on=date(2026, 1, 2), recorded_at=NOW, recorded_by="c", corrected_at=over
            )
    one_by_one = [consent.objecting_pupils(asked), consent.restricted_pupils(), consent.shielded_pupils()]
    one_by_one += [] if deceased else [consent.deceased_pupils()]
    assert consent.left_out_pupils(asked, deceased=deceased) == BitMap.union(BitMap(), *map(BitMap, one_by_one))


@pytest.mark.django_db
@pytest.mark.parametrize("number", [-1, 2**32, 2**40])
def test_a_number_that_is_no_reference_leaves_nobody_else_out(number: int) -> None:
    Shield.objects.create(pupil=number, placed_at=SystemClock().now(), placed_by="c")
    with pytest.raises(ValueError, match="reference"):
        consent.left_out_pupils([], deceased=True)
