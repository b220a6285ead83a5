"""Beyond the custodian: a complaint's own clock, the regulator and the courts, and what is left when a child is erased."""

from __future__ import annotations

from pathlib import Path

import pytest

from schoolgate import consent
from schoolgate.errors import SchoolgateError
from schoolgate.gate.erasing.places import delete_rows
from schoolgate.rights import cases
from schoolgate.rights.cases import days, rules
from schoolgate.rights.cases.kept import facts_of
from schoolgate.rights.cases.models import Case, CaseRemains, CaseStep
from tests.rights.cases.scene import Scene, codes


def figures_of(scene: Scene, kind: str) -> cases.KindFigures:
    found: tuple[cases.KindFigures, ...] = scene.staff("recourse-figures", scene.overseer)
    return next(one for one in found if one.kind == kind)


def outside(scene: Scene) -> str:
    """A fact that the custodian did not put right, taken to the regulator on 10 September: the case."""
    reference = scene.challenged()
    scene.heard(reference)
    assert scene.decide(reference, "refused") == "decided"
    assert scene.on("2026-09-10").say(reference, "go_outside", "We wrote to the regulator.") == "outside"
    return reference


def test_the_law_knows_no_longer_time_for_a_complaint_and_it_is_told_how_it_stands(scene: Scene) -> None:
    """DPA 2018 s.164A(4) and (5): without undue delay, and told of its progress; Article 12A(3) is of requests alone."""
    reference = scene.complained()
    assert codes(scene.step(reference, "extend")) == {"no-extension"}
    assert scene.step(reference, "tell_progress", "We read what was sent to whom.") == "received"
    told = scene.show(reference)
    assert [step.said.text for step in told.steps][-1] == "We read what was sent to whom."
    assert told.line.due_what == "decide"  # whoever is written to knows that it arrived
    assert rules.due(facts_of(Case.objects.get())).provision == "DPA 2018 s.164A(4) and (5)"
    other = scene.family("case-open", kind="erasure", text="Erase it.")
    assert scene.step(other, "extend") == "received"


def test_who_is_late_stays_late_when_it_asks_who_somebody_is(scene: Scene) -> None:
    reference = scene.family("case-open", kind="erasure", text="Erase it.")
    late = scene.on("2026-10-05")
    assert late.step(reference, "ask_identity", "Who are you?") == "identity_awaited"
    assert late.show(reference).line.is_late
    assert late.say(reference, "give_identity", "My passport.") == "acknowledged"
    assert late.decide(reference, "refused") == "decided"
    assert figures_of(late, "erasure").decided_late == 1


def test_a_case_whose_month_runs_on_is_not_closed_by_silence_but_answered(scene: Scene) -> None:
    """Of anything but access a clarification stops no clock (Article 12A(5)), so Article 12(4) wants reasons in time."""
    reference = scene.challenged()
    scene.step(reference, "ask_clarification", "Which term?")
    cases.mind_days(scene.config, scene.on("2027-02-01").clock)
    late = scene.on("2027-02-01").show(reference).line
    assert (late.state, late.is_late) == ("clarification_awaited", True)
    assert scene.step(reference, "go_on", "We look at every term.") == "acknowledged"
    # One about access stands still meanwhile, and is over after a long time.
    asked = scene.family("case-open", kind="access-question", text="What is it?")
    scene.step(asked, "ask_clarification", "Which?")
    cases.mind_days(scene.config, scene.on("2026-12-01").clock)
    assert scene.show(asked).line.state == "closed"


def test_a_month_does_not_stop_because_the_family_went_to_the_regulator(scene: Scene) -> None:
    reference = scene.challenged()
    scene.step(reference, "ask_identity", "Who are you?")
    assert scene.show(reference).line.last_day is None
    assert scene.say(reference, "go_outside", "You ask too much.") == "outside"
    line = scene.show(reference).line
    assert (line.due_what, str(line.last_day), line.waits_for) == ("decide", "2026-10-01", "regulator")
    assert codes(scene.on("2027-02-01").step(reference, "end_outside")) == {"not-decided"}
    assert scene.step(reference, "take_up_again", "We go on.") == "acknowledged"
    scene.heard(reference)
    scene.decide(reference, "refused")
    scene.say(reference, "go_outside", "We go on, too.")
    assert codes(scene.step(reference, "take_up_again")) == {"decided-already"}


def test_the_wait_for_a_regulator_has_a_day_that_the_overseer_sees_before_it_is_late(scene: Scene) -> None:
    reference, pupil = outside(scene), scene.pupils[1]
    assert str(scene.show(reference).line.last_day) == "2026-12-09"
    cases.mind_days(scene.config, scene.on("2026-11-30").clock)
    assert consent.disputes_of(pupil)  # Article 18(1)(a): for as long as it takes
    soon = scene.on("2026-12-03")
    seen = figures_of(soon, "rectification")
    assert (seen.outside, seen.late_soon, seen.late) == (1, 1, 0)
    assert codes(soon.step(reference, "end_outside", who=scene.second)) == {"outside-not-late"}
    # Saying what is known, or asking the family, moves the day.
    assert soon.step(reference, "tell_progress", "Is it still with the regulator?") == "outside"
    assert str(soon.show(reference).line.last_day) == "2027-03-03"
    late = scene.on("2027-03-04")
    assert figures_of(late, "rectification").late == 1
    assert codes(late.step(reference, "end_outside")) == {"two-people"}
    assert late.step(reference, "end_outside", "We asked you, and heard nothing.", who=scene.second) == "wait_ended"
    view = late.show(reference)
    letter = late.family("case-letter", reference=reference, number=len(view.steps))
    for words in ("We do not wait any longer.", "From 19 March 2027 on it can be used again.", "We then wait again."):
        assert words in letter
    # Whoever says so in time keeps it out; otherwise it is used again.
    assert late.say(reference, "go_outside", "It is still with the regulator.") == "outside"
    cases.mind_days(scene.config, scene.on("2027-04-01").clock)
    assert consent.disputes_of(pupil)
    ended = scene.on("2027-07-01")
    assert ended.step(reference, "end_outside", "We heard nothing again.", who=scene.second) == "wait_ended"
    cases.mind_days(scene.config, scene.on("2027-07-15").clock)
    assert consent.disputes_of(pupil)
    cases.mind_days(scene.config, scene.on("2027-07-16").clock)
    assert not consent.disputes_of(pupil)
    cases.mind_days(scene.config, scene.on("2027-10-01").clock)
    assert scene.show(reference).line.state == "closed"


def test_a_family_ends_it_itself_and_its_fact_is_used_again_at_once(scene: Scene) -> None:
    reference = outside(scene)
    assert "withdraw" in scene.show(reference).may
    assert scene.say(reference, "withdraw", "We have made our peace with it.") == "withdrawn"
    assert not consent.disputes_of(scene.pupils[1])


def test_that_the_custodian_is_late_in_acting_on_the_overseers_view_is_counted(scene: Scene) -> None:
    reference = scene.complained()
    scene.decide(reference, "not-upheld")
    scene.say(reference, "appeal")
    scene.decide(reference, "not-upheld", "review", who=scene.second)
    scene.say(reference, "escalate")
    scene.staff("recourse-opine", scene.overseer, reference=reference, upheld=True, text="They were not told.")
    assert scene.show(reference).line.waits_for == "custodian"
    assert figures_of(scene.on("2026-10-10"), "complaint").late == 1


def test_when_a_child_is_erased_it_is_left_that_there_was_a_case_and_how_it_ended_and_nothing_else(
    scene: Scene,
) -> None:
    reference = scene.complained()
    scene.send(reference, "letter.txt", b"Our letter.")
    late = scene.on("2026-10-05")
    late.decide(reference, "not-upheld")
    late.say(reference, "appeal")
    late.decide(reference, "not-upheld", "review", who=scene.second)
    late.say(reference, "escalate")
    scene.challenged()
    Case.objects.filter(kind="rectification").update(lapsed=True)
    sibling = Case.objects.create(
        reference="RC-2222-2222", kind="complaint", state="received", pupil=scene.pupils[2],
        account_id=scene.parent, link_id=1, received_at=scene.clock.now(), received_on="2026-09-01",
        waits_since="2026-09-01",
    )  # fmt: skip
    before = figures_of(scene, "complaint")
    delete_rows(int(scene.pupils[1]))
    assert list(Case.objects.all()) == [sibling]
    assert not CaseStep.objects.exists()
    left = {one.kind: one for one in CaseRemains.objects.all()}
    complaint = left["complaint"]
    assert (complaint.outcome, complaint.year, complaint.took, complaint.was_late) == ("not-upheld", 2026, 34, True)
    assert (complaint.was_appealed, complaint.was_overseen) == (True, True)
    assert (left["rectification"].outcome, left["rectification"].took) == ("", None)
    # No column could lead to somebody: neither a child nor an account, a reference, an item, a day or a word.
    assert {one.name for one in CaseRemains._meta.get_fields()} == {
        "id", "kind", "outcome", "year", "took", "was_late", "was_appealed", "was_lapsed", "was_overseen",
    }  # fmt: skip
    # What the overseer was shown of the past does not change.
    after = figures_of(scene, "complaint")
    for name in ("decided", "decided_late", "refused", "appealed", "median"):
        assert getattr(after, name) == getattr(before, name), name
    assert before.decided == 1
    assert figures_of(scene, "rectification").lapsed == 1


RIGHT = (Path(days.__file__).parent / "data" / "days.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("value = 14", "value = 0", "lift_days must be a whole number from 1 to 366"),
        ("value = 14", "value = 1.5", "lift_days must be a whole number"),
        ("value = 14", "value = true", "lift_days must be a whole number"),
        ("value = 14", "value = 90", "lift_days must be fewer than appeal_days"),
        ('unit = "working days"', 'unit = "weeks"', "source_days is counted in working days"),
        (
            'source = "As for a review"',
            'source = " "',
            "overseer_days does not say what it is for, or what it rests on",
        ),
        ('source = "As for a review"', "", "overseer_days needs value, unit, what and source"),
        ("[review_days]", "[revue_days]", "review_days needs value"),
        ("[source_days]", "[more_days]\nvalue = 1\n[source_days]", "there is no number called more_days"),
        ("[source_days]", "[source_days", "it is no TOML"),
    ],
)
def test_days_that_are_not_understood_say_which_and_why(was: str, now: str, says: str) -> None:
    with pytest.raises(SchoolgateError, match="The days of families’ cases are not understood") as refused:
        days.read_days(RIGHT.replace(was, now, 1))
    assert says in str(refused.value)


def test_the_custodians_days_have_their_sources_and_are_read_at_the_start() -> None:
    from django.apps import apps

    days.case_rules.cache_clear()
    apps.get_app_config("cases").ready()
    assert days.case_rules.cache_info().currsize == 1
    assert (days.case_rules().source_days, days.case_rules().lift_days) == (10, 14)
