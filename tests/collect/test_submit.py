"""Errors block, queries need an explanation, a second return replaces the first and keeps it."""

from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest

from schoolgate import collect
from schoolgate.clock import FixedClock
from schoolgate.collect import checking
from schoolgate.collect.models import Return
from schoolgate.collect.service import paper_path
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term
from schoolgate.seal import SealBroken
from tests.collect.paper import paper, pupil

pytestmark = pytest.mark.django_db(transaction=True)


def send(data: bytes, home: Config, clock: FixedClock) -> collect.Submission:
    return collect.submit(io.BytesIO(data), clock=clock, config=home, actor="school:100008")


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
        collect.explain(sent.return_id, "SG-1", " ", actor="s", clock=clock)
    with pytest.raises(collect.UnknownReturn):
        collect.explain(sent.return_id, "1510", "This is not the one asked.", actor="s", clock=clock)
    assert (
        collect.explain(sent.return_id, "SG-1", "We have asked the former school.", actor="s", clock=clock)
        == "accepted"
    )


def test_the_same_file_sent_twice_changes_nothing(home: Config, clock: FixedClock) -> None:
    first, again = send(paper(), home, clock), send(paper(), home, clock)
    assert (again.known, again.return_id) == (True, first.return_id)
    assert Return.objects.count() == 1


def test_two_pupils_with_one_upn_are_found_across_both_lists(home: Config, clock: FixedClock) -> None:
    sent = send(paper(pupil(), gone=pupil(on_roll=False, LeavingDate="2025-12-01")), home, clock)
    assert [(f.rule, f.row) for f in sent.findings] == [("1520", 1), ("1520", 2)]
    assert [(c.rule, c.times) for c in sent.counts] == [("1520", 2)]


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


# A broken correction takes nothing away ------------------------------------------------------------------------

BROKEN = paper(pupil(UPN="Q207000016049"))
ASKED = paper(pupil(UPN="T20110001804V"))


def in_force(home: Config) -> list[str]:
    return [ref.return_id for ref in collect.accepted_returns(2026, Term.SPRING)]


def states() -> dict[str, str]:
    return dict(Return.objects.values_list("return_id", "state"))


def test_a_rejected_correction_leaves_the_accepted_return_in_force(home: Config, clock: FixedClock) -> None:
    good = send(paper(), home, clock)
    broken = send(BROKEN, home, clock)
    assert (broken.state, broken.replaces, broken.stays_in_force) == ("rejected", "", good.return_id)
    assert in_force(home) == [good.return_id]
    better = send(paper(pupil(Forename="Better")), home, clock)
    assert in_force(home) == [better.return_id]
    assert states() == {good.return_id: "replaced", broken.return_id: "replaced", better.return_id: "accepted"}


def test_a_correction_with_queries_takes_over_when_the_last_is_explained(home: Config, clock: FixedClock) -> None:
    good = send(paper(), home, clock)
    asked = send(ASKED, home, clock)
    assert (asked.state, asked.stays_in_force) == ("needs-explanation", good.return_id)
    assert in_force(home) == [good.return_id]
    collect.explain(asked.return_id, "SG-1", "The former school has not answered.", actor="s", clock=clock)
    assert in_force(home) == [asked.return_id]
    assert states()[good.return_id] == "replaced"


def test_the_accepted_file_sent_again_takes_an_open_correction_back(home: Config, clock: FixedClock) -> None:
    good, broken = send(paper(), home, clock), send(BROKEN, home, clock)
    again = send(paper(), home, clock)
    assert (again.known, again.return_id, again.replaces) == (True, good.return_id, broken.return_id)
    assert states() == {good.return_id: "accepted", broken.return_id: "replaced"}


def test_the_same_broken_file_sent_again_changes_nothing(home: Config, clock: FixedClock) -> None:
    send(paper(), home, clock)
    first, again = send(BROKEN, home, clock), send(BROKEN, home, clock)
    assert (again.known, again.return_id, again.state) == (True, first.return_id, "rejected")
    assert again.findings == first.findings
    assert len(list(home.papers.iterdir())) == 2


def test_of_a_school_and_census_one_return_is_accepted_and_one_open_whatever_the_order(
    home: Config, clock: FixedClock
) -> None:
    for at, data in enumerate([BROKEN, paper(), ASKED, BROKEN, paper(pupil(Forename="B")), ASKED, paper()]):
        send(data.replace(b"<SerialNo>1<", f"<SerialNo>{at}<".encode()), home, clock)
        now = list(states().values())
        assert now.count("accepted") <= 1
        assert now.count("rejected") + now.count("needs-explanation") <= 1
    assert len(in_force(home)) == 1


# What is kept, and how ------------------------------------------------------------------------------------------


def test_findings_are_bounded_and_the_true_numbers_told(home: Config, clock: FixedClock) -> None:
    sent = send(paper(*[pupil(UPN="", Surname="") for _ in range(450)]), home, clock)
    kept = [finding for finding in sent.findings if finding.rule == "1500"]
    assert len(kept) == checking.KEPT_PER_RULE
    assert {count.rule: count.times for count in sent.counts}["1500"] == 450
    row = Return.objects.get(return_id=sent.return_id)
    assert row.findings.filter(rule="1500").count() == checking.KEPT_PER_RULE
    assert row.counts.get(rule="1500").times == 450
    (report,) = collect.as_report([("r.xml", sent)])["returns"]
    assert report["findings_bounded"] is True
    assert {"rule": "1500", "official_number": True, "kind": "error", "times": 450} in report["counts"]


def test_a_paper_cut_off_or_changed_does_not_open(home: Config, clock: FixedClock) -> None:
    sent = send(paper(*[pupil() for _ in range(300)]), home, clock)
    (path,) = home.papers.iterdir()
    whole = path.read_bytes()
    for damaged in (
        whole[:-1],
        whole[:-500],
        whole[:100],
        whole + b"x",
        b"",
        whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
    ):
        path.write_bytes(damaged)
        with pytest.raises(SealBroken):
            list(collect.open_paper(sent.return_id, home)[1])
    path.write_bytes(whole)
    assert len(list(collect.open_paper(sent.return_id, home)[1])) == 300


def test_a_paper_under_another_returns_name_does_not_open(home: Config, clock: FixedClock) -> None:
    first = send(paper(), home, clock)
    (path,) = home.papers.iterdir()
    second = send(paper(pupil(Forename="Two")), home, clock)
    path.replace(paper_path(second.return_id, home))
    with pytest.raises(SealBroken):
        collect.open_paper(second.return_id, home)
    with pytest.raises(collect.UnknownReturn):
        collect.open_paper(first.return_id, home)


def test_a_refused_or_interrupted_file_leaves_nothing_in_the_papers(home: Config, clock: FixedClock) -> None:
    good = [pupil() for _ in range(400)]
    for late in (paper(*good)[:-30], paper(*good).replace(b"</Pupils>", b"<!DOCTYPE x></Pupils>")):
        with pytest.raises(collect.ReturnUnreadable):
            send(late, home, clock)

    def cut(step: str) -> None:
        raise _PowerCut

    with pytest.raises(_PowerCut):
        collect.submit(io.BytesIO(paper(*good)), clock=clock, config=home, actor="s", step=cut)
    assert list(home.papers.iterdir()) == []
    assert Return.objects.count() == 0


def test_a_half_written_paper_of_a_dead_process_is_swept_after_a_day(home: Config, clock: FixedClock) -> None:
    home.papers.mkdir()
    fresh, stale = home.papers / "a.new", home.papers / "b.new"
    for path, hours in ((fresh, 2), (stale, 25)):
        path.write_bytes(b"sealed")
        moment = (clock.now() - timedelta(hours=hours)).timestamp()
        os.utime(path, (moment, moment))
    send(paper(), home, clock)
    assert fresh.exists()
    assert not stale.exists()


def test_a_paper_another_submission_has_kept_meanwhile_does_not_stop_the_sweep(home: Config, clock: FixedClock) -> None:
    home.papers.mkdir()
    (home.papers / "c.new").symlink_to("gone")  # listed, and not there when it is looked at
    assert send(paper(), home, clock).pupils == 1


def test_a_year_no_census_is_known_for_is_refused_and_nothing_kept(home: Config, clock: FixedClock) -> None:
    with pytest.raises(collect.ReturnUnreadable, match="2015 to 2026"):
        send(paper(Year="2031", ReferenceDate="2031-01-16"), home, clock)
    assert not home.papers.exists()


def test_the_life_of_a_return_is_the_table_the_docs_draw() -> None:
    assert {(move.source, move.target) for move in collect.RETURN_STATES.moves} >= {
        ("rejected", "replaced"), ("needs-explanation", "accepted"), ("accepted", "replaced"),
    }  # fmt: skip
