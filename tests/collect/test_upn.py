"""UPN and ULN check digits are exact, also where a widely copied example is wrong; the command says why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from schoolgate.cli.upn import app
from schoolgate.collect import upn_faults
from schoolgate.collect.upn import AUTHORITIES
from schoolgate.ids import UPN_LETTERS, Uln, Upn, uln_problem, upn_check_letter, upn_problem


@pytest.mark.parametrize(
    ("rest", "letter"),
    [("201100018042", "R"), ("20110001804V", "T"), ("207000016049", "P")],
)
def test_check_letters_are_exact_also_where_a_copied_example_is_wrong(rest: str, letter: str) -> None:
    """The help pages' B207000016049 adds up to 266, not 267: the letter is P, not the Q they print."""
    assert upn_check_letter(rest) == letter
    assert Upn(letter + rest) == letter + rest
    assert upn_faults(letter + rest) == ()
    assert upn_problem("Q" + rest) is not None


def test_an_illegal_letter_at_the_end_is_not_counted_as_nought() -> None:
    assert upn_problem("N20110001804S") is not None
    assert any("Character 13" in fault for fault in upn_faults("N20110001804S"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Q207000016049", "should be P, not Q"),
        ("P20700001604", "this has 12"),
        ("", "this has 0"),
        ("I207000016049", "I, O and S are not used"),
        ("O207000016049", "I, O and S are not used"),
        ("S207000016049", "I, O and S are not used"),
        ("T20110001804I", "Character 13"),
        ("p207000016049", "capitals"),
        ("P2070000X6049", "Characters 5 to 12"),
        (upn_check_letter("150000016049") + "150000016049", "150"),
        ("P２07000016049", "Characters 2 to 4"),
    ],
)
def test_a_wrong_upn_is_explained_and_exits_1(text: str, says: str) -> None:
    done = CliRunner().invoke(app, ["check", text])
    assert done.exit_code == 1
    assert done.stdout.startswith("Not a UPN: ")
    assert says in done.stdout


def test_every_reason_is_given_at_once() -> None:
    faults = " ".join(upn_faults("i1500000X604s"))
    for says in ("capitals", "Character 1 ", "150", "5 to 12", "Character 13"):
        assert says in faults


@pytest.mark.parametrize(("text", "kind"), [("P207000016049", "a UPN"), ("T20110001804V", "a temporary UPN")])
def test_a_right_upn_exits_0_and_a_temporary_one_is_noted(text: str, kind: str) -> None:
    done = CliRunner().invoke(app, ["check", f" {text} "])
    assert done.exit_code == 0
    assert f"this is {kind}" in done.stdout


@given(
    authority=st.sampled_from(sorted(AUTHORITIES)),
    middle=st.integers(0, 10**8 - 1),
    last=st.sampled_from("0123456789" + UPN_LETTERS),
    at=st.integers(0, 12),
    other=st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)
def test_every_single_mistyped_character_is_found(authority: str, middle: int, last: str, at: int, other: str) -> None:
    rest = f"{authority}{middle:08}{last}"
    right = upn_check_letter(rest) + rest
    assert upn_faults(right) == ()
    mistyped = right[:at] + other + right[at + 1 :]
    weight_twice = at == 12 and {right[12], other} <= set("0123456789" + UPN_LETTERS)
    same_value = weight_twice and _value(right[12]) == _value(other)
    assert bool(upn_faults(mistyped)) == (mistyped != right and not same_value)


def _value(character: str) -> int:
    return int(character) if character.isdigit() else UPN_LETTERS.index(character)


def test_uln_check_digits_are_exact() -> None:
    assert Uln("9276308686") == "9276308686"
    for wrong in ("9276308687", "0276308686", "927630868", "92763086860", "abcdefghij", "９276308686"):
        assert uln_problem(wrong) is not None


@given(st.integers(100_000_000, 999_999_999))
def test_of_the_ten_last_digits_of_a_uln_at_most_one_is_right(start: int) -> None:
    right = [digit for digit in range(10) if uln_problem(f"{start}{digit}") is None]
    remainder = sum(w * int(d) for w, d in zip(range(10, 1, -1), str(start), strict=True)) % 11
    assert right == ([] if remainder == 0 else [10 - remainder])
