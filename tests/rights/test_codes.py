"""The one-time code: who gets one, what it is worth, and what a wrong one is told."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import people, rights
from schoolgate.clock import FixedClock
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.models import ClaimAttempt, ClaimCode
from tests.rights.house import CHILD, SIBLING_UPN, UPN, URN, House


@given(random=st.binary(min_size=10, max_size=10))
def test_a_code_carries_eighty_bits_in_sixteen_unmistakable_characters(random: bytes) -> None:
    asked: list[int] = []

    def entropy(size: int) -> bytes:
        asked.append(size)
        return random

    text = rights.code_text(entropy)
    letters = text.replace("-", "")
    assert asked == [10]
    assert len(letters) == rights.CODE_LENGTH == 16
    assert not set(letters) & set("ILOU")
    number = 0
    for letter in letters:
        number = number * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    assert number.to_bytes(10, "big") == random  # nothing of the randomness is lost


@given(
    random=st.binary(min_size=10, max_size=10),
    between=st.sampled_from(["", "-", " ", "\u00a0", " - ", "\u2013"]),
    small=st.booleans(),
    alike=st.booleans(),
)
def test_a_code_may_be_typed_with_spaces_dashes_small_letters_and_lookalikes(
    random: bytes, between: str, small: bool, alike: bool
) -> None:
    text = rights.code_text(lambda _: random)
    typed = between.join(text.replace("-", ""))
    typed = typed.lower() if small else typed
    typed = typed.replace("0", "o").replace("1", "l") if alike else typed
    assert rights.normalised(typed) == rights.normalised(text)


@given(typed=st.text(max_size=300))
def test_whatever_is_typed_is_only_ever_compared(typed: str) -> None:
    assert len(rights.normalised(typed)) <= 3 * 256


def test_a_code_links_the_account_to_the_child_once(house: House) -> None:
    code = house.issue()
    link = house.redeem(house.parent, code.text)
    assert isinstance(link, rights.ChildLink)
    assert rights.children(house.parent) == (link,)
    assert isinstance(house.redeem(house.stranger, code.text), Refusal)
    assert rights.children(house.stranger) == ()


def test_only_the_childs_own_school_gets_a_code(house: House) -> None:
    for urn, upn in [(100_001, UPN), (URN, "Z999999999999")]:
        answer = rights.issue_code(
            urn, upn, school_actor="school:100001", clock=house.clock, config=house.config, gate=house.gate
        )
        assert isinstance(answer, Refusal)
    assert not ClaimCode.objects.exists()


def test_a_urn_that_cannot_be_one_is_refused(house: House) -> None:
    with pytest.raises(SchoolgateError, match="six digits"):
        rights.issue_code(12, UPN, school_actor="s", clock=house.clock, config=house.config, gate=house.gate)


def test_the_code_is_kept_only_as_a_keyed_hash(house: House) -> None:
    code = house.issue()
    row = ClaimCode.objects.get()
    plain = code.text.replace("-", "")
    for field in row._meta.get_fields():
        assert plain not in str(getattr(row, field.name, ""))
    import hashlib

    assert row.digest not in {hashlib.sha256(text.encode()).hexdigest() for text in (plain, code.text)}
    assert plain not in repr(code)
    assert code.text not in repr(code)


def test_it_expires_after_fourteen_days_to_the_second(house: House, clock: FixedClock) -> None:
    first, second = house.issue(), house.issue()
    assert first.expires_at == clock.now() + timedelta(days=14)
    at_last = FixedClock(first.expires_at - timedelta(seconds=1))
    assert isinstance(house.redeem(house.parent, first.text, at_last), rights.ChildLink)
    too_late = FixedClock(second.expires_at)
    assert isinstance(house.redeem(house.stranger, second.text, too_late), Refusal)


def test_unknown_used_expired_and_revoked_codes_get_the_same_answer_for_the_same_work(
    house: House, clock: FixedClock
) -> None:
    used, expired, revoked = house.issue(), house.issue(), house.issue(SIBLING_UPN)
    house.redeem(house.parent, used.text)
    ClaimCode.objects.filter(pupil=CHILD, used_at=None).update(expires_at=clock.now())
    rights.revoke_access(URN, SIBLING_UPN, school_actor="s", clock=clock, config=house.config, gate=house.gate)
    answers, work = [], []
    for code in (rights.code_text(os.urandom), used.text, expired.text, revoked.text, "", "x" * 9_999):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answers.append(house.redeem(house.stranger, code, rules=rights.ClaimRules(tries_of_account=99)))
        work.append([query["sql"].split()[0] for query in seen.captured_queries])
    assert len(set(answers)) == 1
    assert isinstance(answers[0], Refusal)
    assert all(steps == work[0] for steps in work)
    assert rights.children(house.stranger) == ()


def test_after_five_wrong_tries_an_account_must_wait_even_with_the_right_code(house: House, clock: FixedClock) -> None:
    code = house.issue()
    for _ in range(5):
        wrong = house.redeem(house.parent, rights.code_text(os.urandom))
        assert isinstance(wrong, Refusal)
        assert wrong.code == "code-does-not-fit"
    closed = house.redeem(house.parent, code.text)
    assert isinstance(closed, Refusal)
    assert closed.code == "too-many-tries"
    later = FixedClock(clock.now() + timedelta(hours=1, seconds=1))
    assert isinstance(house.redeem(house.parent, code.text, later), rights.ChildLink)


def test_one_accounts_wrong_tries_do_not_close_anothers(house: House) -> None:
    for _ in range(6):
        house.redeem(house.stranger, "wrong")
    assert isinstance(house.redeem(house.parent, house.issue().text), rights.ChildLink)


def test_guessing_from_many_accounts_is_limited_in_all(house: House) -> None:
    rules = rights.ClaimRules(tries_of_account=5, tries_in_all=7)
    for account in (house.parent, house.parent, house.parent, house.parent):
        house.redeem(account, "wrong", rules=rules)
    for _ in range(3):
        house.redeem(house.stranger, "wrong", rules=rules)
    closed = house.redeem(house.stranger, house.issue().text, rules=rules)
    assert isinstance(closed, Refusal)
    assert closed.code == "too-many-tries"


def test_tries_that_fit_are_not_counted_against_the_account(house: House) -> None:
    rules = rights.ClaimRules(tries_of_account=1, live_codes=9)
    for _ in range(4):
        assert isinstance(house.redeem(house.parent, house.issue().text, rules=rules), rights.ChildLink)
    assert LinkRow.objects.count() == 1


def test_what_was_typed_is_not_kept(house: House) -> None:
    house.redeem(house.parent, "MY-SECRET-GUESS")
    row = ClaimAttempt.objects.get()
    assert "SECRET" not in str([getattr(row, field.attname) for field in row._meta.concrete_fields])


def test_a_child_has_a_few_open_codes_at_a_time(house: House, clock: FixedClock) -> None:
    for _ in range(3):
        house.issue()
    answer = rights.issue_code(URN, UPN, school_actor="s", clock=clock, config=house.config, gate=house.gate)
    assert isinstance(answer, Refusal)
    assert answer.code == "codes-open"
    house.issue(SIBLING_UPN)
    house.issue(clock=FixedClock(clock.now() + timedelta(days=14)))


def test_two_parents_each_have_their_own_link(house: House) -> None:
    mine, theirs = house.link(house.parent), house.link(house.stranger)
    assert mine.id != theirs.id
    assert rights.children(house.parent) == (mine,)
    assert rights.children(house.stranger) == (theirs,)


def test_a_second_code_for_the_same_child_gives_the_same_link(house: House) -> None:
    assert house.link() == house.link()
    assert not ClaimCode.objects.filter(used_at=None).exists()


def test_an_account_that_does_not_exist_cannot_use_a_code(house: House) -> None:
    code = house.issue()
    with pytest.raises(SchoolgateError, match="no such account"):
        house.redeem(999_999, code.text)
    assert isinstance(house.redeem(house.parent, code.text), rights.ChildLink)


def test_the_school_can_close_the_page_to_everybody_and_start_anew(house: House, clock: FixedClock) -> None:
    """An estranged parent, or a lost letter: the school ends every link and code of its own pupil."""
    link, sibling = house.link(), house.link(upn=SIBLING_UPN)
    left_over = house.issue()
    other_school = rights.revoke_access(
        100_001, UPN, school_actor="school:100001", clock=clock, config=house.config, gate=house.gate
    )
    assert isinstance(other_school, Refusal)
    assert len(rights.children(house.parent)) == 2
    ended = rights.revoke_access(
        URN, UPN, school_actor="school:100000", clock=clock, config=house.config, gate=house.gate
    )
    assert ended == 2
    assert rights.children(house.parent) == (sibling,)
    assert isinstance(house.redeem(house.parent, left_over.text), Refusal)
    with pytest.raises(rights.UnknownLink):
        rights.lines_for(link)
    assert rights.children(house.parent) == (sibling,)
    assert house.link(house.stranger).id != link.id


def test_a_school_that_the_child_has_left_can_still_end_what_its_own_codes_opened(
    house: House, clock: FixedClock
) -> None:
    """The old school may be the only one that knows of a court order; it learns nothing of where the child is."""

    def close(urn: int, upn: str = UPN) -> int | Refusal:
        return rights.revoke_access(
            urn, upn, school_actor=f"school:{urn}", clock=clock, config=house.config, gate=house.gate
        )

    house.link(house.parent)
    left_over = house.issue()
    sibling = house.link(house.parent, SIBLING_UPN)
    del house.gate.own[URN, UPN]
    house.gate.own[100_001, UPN] = int(CHILD)
    code = rights.issue_code(
        100_001, UPN, school_actor="school:100001", clock=clock, config=house.config, gate=house.gate
    )
    assert isinstance(code, rights.IssuedCode)
    new = house.redeem(house.stranger, code.text)
    assert isinstance(new, rights.ChildLink)

    assert isinstance(close(100_002), Refusal)
    assert isinstance(close(URN, "C999999999999"), Refusal)
    assert len(rights.children(house.parent)) == 2
    assert close(URN, f" {UPN.lower()}") == 2
    assert rights.children(house.parent) == (sibling,)
    assert isinstance(house.redeem(house.parent, left_over.text), Refusal)
    # What the new school opened is the new school's to close.
    assert rights.children(house.stranger) == (new,)
    assert close(100_001) == 1
    assert close(URN) == 0


def test_the_school_and_the_pupil_of_a_code_are_kept_only_as_a_keyed_hash(house: House) -> None:
    house.issue()
    row = ClaimCode.objects.get()
    assert len(row.asked_for) == 64
    assert UPN not in str([getattr(row, field.name, "") for field in row._meta.get_fields()])


@pytest.mark.parametrize("role", ["school", "researcher", "custodian", "panel"])
def test_an_account_for_work_cannot_take_a_family_s_code_and_the_code_stays_good(house: House, role: str) -> None:
    work = people.create_account("office@school.example", "correct horse battery", role=role)
    code = house.issue().text
    for typed in (code, "AAAA-AAAA-AAAA-AAAA"):
        refused = rights.redeem_code(work.id, typed, house.clock, config=house.config)
        assert isinstance(refused, Refusal)
        assert (refused.code, "family" in refused.reason) == ("family-account-needed", True)
    assert not LinkRow.objects.exists()
    assert not ClaimAttempt.objects.exists()
    assert isinstance(rights.redeem_code(house.parent, code, house.clock, config=house.config), rights.ChildLink)
