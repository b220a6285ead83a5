"""Errors block, queries need an explanation, a second return replaces the first and keeps it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from schoolgate import collect
from schoolgate.clock import FixedClock
from schoolgate.collect.models import Return
from schoolgate.collect.rules_identity import RULES
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term, Uln, Upn, uln_problem, upn_check_letter, upn_problem
from tests.collect.paper import paper, pupil

pytestmark = pytest.mark.django_db(transaction=True)


def send(data: bytes, home: Config, clock: FixedClock) -> collect.Submission:
    return collect.submit(io.BytesIO(data), clock=clock, config=home, actor="school:100008")


BREAKS = {
    "1500": pupil(UPN=""),
    "1510": pupil(UPN="Q207000016049"),
    "1530": pupil(UPN=upn_check_letter("150000016049") + "150000016049"),
    "1540": pupil(UPN="P2070000X6049"),
    "1550": pupil(UPN="P20700001604S"),
    "1560": pupil(FormerUPN="P207000016049"),
    "1555": pupil(UPN="T20110001804V"),
    "1570": pupil(DOB="2010-01-01"),
    "1575": pupil(UniqueLearnerNumber="9276308687"),
    "1580": pupil(Surname=""),
    "1590": pupil(Forename=""),
    "1600": pupil(DOB="2016-02-30"),
    "1605": pupil(DOB="2027-01-01", EntryDate=""),
    "1610": pupil(Sex="X"),
    "1620": pupil(DOB="1990-01-01"),
    "1880": pupil(EntryDate="2026-01-16"),
    "1890": pupil(DOB="2022-01-01"),
    "1920": pupil(on_roll=False, LeavingDate="2020-01-01"),
    "1910": pupil(LeavingDate="2025-12-01"),
    "1925": pupil(on_roll=False, LeavingDate="2022-01-01"),
}


@pytest.mark.parametrize("number", sorted(rule.number for rule in RULES))
def test_every_rule_is_broken_by_its_case_and_kept_by_a_valid_pupil(
    number: str, home: Config, clock: FixedClock
) -> None:
    broken = BREAKS[number]
    data = paper(pupil(), gone=broken) if "NoLonger" in broken else paper(broken)
    assert number in {finding.rule for finding in send(data, home, clock).findings}
    assert number not in {finding.rule for finding in send(paper(), home, clock).findings}


def test_a_valid_return_is_accepted_and_its_paper_can_be_opened(home: Config, clock: FixedClock) -> None:
    sent = send(paper(), home, clock)
    assert (sent.state, sent.pupils, sent.findings) == ("accepted", 1, ())
    (ref,) = collect.accepted_returns(2026, Term.SPRING)
    assert ref.urn == 100008
    _, rows = collect.open_paper(ref.return_id, home)
    assert next(rows).fields["surname"] == "Canarysynth"


def test_the_kept_paper_cannot_be_read_at_rest(home: Config, clock: FixedClock) -> None:
    send(paper(), home, clock)
    kept = b"".join(path.read_bytes() for path in home.papers.iterdir())
    assert b"Canarysynth" not in kept
    assert b"P207000016049" not in kept


def test_errors_block_and_a_corrected_return_replaces_the_rejected_one(home: Config, clock: FixedClock) -> None:
    first = send(paper(pupil(UPN="Q207000016049")), home, clock)
    assert first.state == "rejected"
    assert collect.accepted_returns(2026, Term.SPRING) == ()
    second = send(paper(), home, FixedClock(clock.now() + timedelta(hours=1)))
    assert (second.state, second.replaces) == ("accepted", first.return_id)
    old = Return.objects.get(return_id=first.return_id)
    assert (old.state, old.replaced_by) == ("replaced", second.return_id)
    assert next(collect.open_paper(first.return_id, home)[1]).fields["upn"] == "Q207000016049"


def test_queries_wait_for_an_explanation(home: Config, clock: FixedClock) -> None:
    sent = send(paper(pupil(UPN="T20110001804V")), home, clock)
    assert sent.state == "needs-explanation"
    with pytest.raises(SchoolgateError, match="Explain in a sentence"):
        collect.explain(sent.return_id, "1555", " ", actor="s", clock=clock)
    with pytest.raises(collect.UnknownReturn):
        collect.explain(sent.return_id, "1510", "This is not the one asked.", actor="s", clock=clock)
    assert (
        collect.explain(sent.return_id, "1555", "We have asked the former school.", actor="s", clock=clock)
        == "accepted"
    )


def test_the_same_file_sent_twice_changes_nothing(home: Config, clock: FixedClock) -> None:
    first, again = send(paper(), home, clock), send(paper(), home, clock)
    assert (again.known, again.return_id) == (True, first.return_id)
    assert Return.objects.count() == 1


def test_two_pupils_with_one_upn_are_found_across_both_lists(home: Config, clock: FixedClock) -> None:
    sent = send(paper(pupil(), gone=pupil(on_roll=False, LeavingDate="2025-12-01")), home, clock)
    assert [(f.rule, f.row) for f in sent.findings] == [("1520", 1), ("1520", 2)]


@pytest.mark.parametrize("header", [{"URN": "999999"}, {"URN": "x"}, {"LEA": "203"}, {"Estab": "2020"}])
def test_a_return_of_no_known_school_is_refused_and_nothing_kept(
    header: dict[str, str], home: Config, clock: FixedClock
) -> None:
    with pytest.raises(collect.ReturnUnreadable):
        send(paper(**header), home, clock)
    assert not home.papers.exists()
    assert Return.objects.count() == 0


def test_the_reference_date_must_be_census_day(home: Config, clock: FixedClock) -> None:
    assert [f.rule for f in send(paper(ReferenceDate="2026-01-22"), home, clock).findings] == ["100"]


class _PowerCut(Exception):
    """Stands for the process ending at a step."""


@pytest.mark.parametrize("at", ["checked", "paper written", "paper kept", "recorded"])
def test_a_submission_cut_short_leaves_the_old_return_or_the_new_one(at: str, home: Config, clock: FixedClock) -> None:
    old = send(paper(), home, clock)

    def cut(step: str) -> None:
        if step == at:
            raise _PowerCut

    changed = paper(pupil(Forename="Changed"))
    with pytest.raises(_PowerCut):
        collect.submit(io.BytesIO(changed), clock=clock, config=home, actor="s", step=cut)
    (ref,) = collect.accepted_returns(2026, Term.SPRING)
    assert (ref.return_id == old.return_id) == (at != "recorded")
    send(changed, home, clock)
    (ref,) = collect.accepted_returns(2026, Term.SPRING)
    assert next(collect.open_paper(ref.return_id, home)[1]).fields["forename"] == "Changed"


def test_no_finding_repeats_a_value(home: Config, clock: FixedClock) -> None:
    sent = send(paper(pupil(UPN="QCANARY", Surname="", DOB="CANARY")), home, clock)
    assert sent.state == "rejected"
    assert "CANARY" not in repr(sent)


@pytest.mark.parametrize(("rest", "letter"), [("201100018042", "R"), ("20110001804V", "T"), ("207000016049", "P")])
def test_upn_check_letters_are_exact_also_where_a_copied_example_is_wrong(rest: str, letter: str) -> None:
    assert upn_check_letter(rest) == letter
    assert Upn(letter + rest) == letter + rest
    assert upn_problem("Q" + rest) is not None
    assert upn_problem("T20110001804S") is not None


def test_uln_check_digits_are_exact() -> None:
    assert Uln("9276308686") == "9276308686"
    for wrong in ("9276308687", "0276308686", "927630868", "92763086860", "abcdefghij"):
        assert uln_problem(wrong) is not None
