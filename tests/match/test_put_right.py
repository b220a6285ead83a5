"""A school that goes on sending what was put right for the family is read as saying what is right."""

from __future__ import annotations

from dataclasses import replace

from schoolgate.ids import Pmr
from schoolgate.match.identity import Verdict, compare, renewed
from schoolgate.records.vault import Identity, NewIdentity

SENT = NewIdentity(
    upn="A202201918001", surname="Wrongsynth", forename="Forename", dob="2015-01-11", sex="F", as_of="202620",
)  # fmt: skip
HELD = Identity.of(
    replace(
        SENT, surname="Rightsynth", dob="2015-01-12",
        put_right=(("surname", "Wrongsynth", "Rightsynth"), ("dob", "2015-01-11", "2015-01-12")),
    ),
    Pmr(4),
)  # fmt: skip


def test_the_old_name_and_birth_date_are_the_same_child_and_change_nothing() -> None:
    assert compare(HELD, SENT) is Verdict.SAME
    assert renewed(HELD, replace(SENT, as_of="202710")) is None
    # Without the correction the same row would be a clerk's question.
    assert compare(Identity.of(replace(HELD.without_reference(), put_right=()), Pmr(4)), SENT) is not Verdict.SAME


def test_a_third_name_is_news_and_the_correction_stays_known() -> None:
    fresh = renewed(HELD, replace(SENT, surname="Marriedsynth", as_of="202710"))
    assert fresh is not None
    assert (fresh.surname, fresh.dob) == ("Marriedsynth", "2015-01-12")
    assert fresh.put_right == HELD.put_right
    assert Identity.from_json(fresh.to_json(), Pmr(4)).put_right == HELD.put_right


def test_an_identity_sealed_before_there_were_corrections_is_read() -> None:
    old = SENT.to_json().replace(b',"put_right":[]', b"")
    assert b"put_right" not in old
    assert Identity.from_json(old, Pmr(1)).put_right == ()
