"""What one official alone can bring about in a case: neither a decision on its own word, nor that none is owed."""

from __future__ import annotations

from schoolgate import people
from schoolgate.errors import Refused
from schoolgate.rights import cases
from schoolgate.rights.cases.models import Case
from tests.rights.cases.scene import PASSWORD, Scene, codes


def test_nobody_was_silent_whom_nobody_asked(world_scene: Scene) -> None:
    """Until somebody looks whose return it is from, the question is on no school's page: one official, alone, could let
    ten days pass, note a silence, and decide.
    """
    scene = world_scene
    reference = scene.challenged()
    scene.step(reference, "ask_source")
    assert cases.asked_of_school(100008, clock=scene.clock) == ()
    late = scene.on("2026-09-16")
    assert codes(late.step(reference, "note_silence", "")) == {"source-not-asked"}
    # Now the school is known, and asked; its days begin here and not before.
    assert not isinstance(late.staff("recourse-look", reference=reference), Refused)
    (asked,) = cases.asked_of_school(100008, clock=late.clock)
    assert (asked.asked_on.isoformat(), asked.last_day.isoformat()) == ("2026-09-16", "2026-09-30")
    assert codes(late.step(reference, "note_silence", "")) == {"source-in-time"}
    after = scene.on("2026-10-01")
    after.staff("recourse-look", reference=reference)  # a look that finds nothing new begins nothing anew
    assert after.step(reference, "note_silence", "") == "answered"
    assert codes(after.decide(reference, "refused")) == {"two-people"}
    assert after.decide(reference, "refused", who=scene.second) == "decided"


def test_one_human_being_under_several_numbers_is_one_person_in_a_case(scene: Scene) -> None:
    """Two persons of one account: who wrote down the source's word does not decide, review or comply as the other."""
    ministry = people.find_organisation("Department (synthetic)").id
    hats = [scene.second, *(people.add_person(ministry, "custodian").id for _ in range(2))]
    account = people.create_account("official@example.org", PASSWORD, role="custodian")
    regulator = people.find_organisation("Regulator (synthetic)").id
    overseer = people.add_person(regulator, "overseer").id
    for person in (*hats, overseer):
        people.hold_person(person, account.id, clock=scene.clock)
    reference = scene.challenged()
    scene.heard(reference)  # written down under the first number
    assert codes(scene.decide(reference, "refused", who=hats[1])) == {"two-people"}
    assert "decide" not in scene.staff("recourse-show", hats[1], reference=reference).may
    assert scene.decide(reference, "refused") == "decided"
    scene.say(reference, "appeal")
    assert codes(scene.decide(reference, "refused", "review", who=hats[2])) == {"two-people"}
    late = scene.on("2026-10-10")
    assert late.say(reference, "escalate") == "with_overseer"
    opinion = {"reference": reference, "upheld": True, "text": "It is wrong."}
    assert codes(late.staff("recourse-opine", overseer, **opinion)) == {"two-people"}
    assert late.staff("recourse-opine", scene.overseer, **opinion) == "overseen"
    assert codes(late.decide(reference, "refused", "comply", who=hats[2])) == {"two-people"}
    assert codes(late.decide(reference, "refused", "comply")) == {"two-people"}
    other = people.add_person(ministry, "custodian").id
    assert late.decide(reference, "refused", "comply", who=other) == "complied"
    assert scene.say(reference, "go_outside") == "outside"
    assert codes(scene.on("2027-03-01").step(reference, "end_outside")) == {"two-people"}


def test_asking_what_is_meant_stops_the_time_once(scene: Scene) -> None:
    """Its days do not count (UK GDPR Article 12A(5)): who could ask day after day would never have to answer."""
    reference = scene.family("case-open", kind="access-question", text="Who has it?")
    scene.step(reference, "ask_clarification", "Which use do you mean?")
    scene.on("2026-09-10").say(reference, "clarify", "The newspaper’s.")
    later = scene.on("2026-09-11")
    assert codes(later.step(reference, "ask_clarification", "And which year?")) == {"clarification-asked"}
    assert "ask_clarification" not in scene.staff("recourse-show", reference=reference).may
    # What is still needed is asked where the family is told how it stands, and the time runs on.
    assert later.step(reference, "tell_progress", "Which year do you mean?") == "acknowledged"
    assert str(later.show(reference).line.last_day) == "2026-10-12"
    assert scene.on("2026-10-13").show(reference).line.is_late
    # In another matter it stops nothing, however often.
    other = scene.complained()
    for day in ("2026-09-02", "2026-09-03"):
        assert scene.on(day).step(other, "ask_clarification", "Which?") == "clarification_awaited"
        scene.on(day).say(other, "clarify")
    assert str(scene.show(other).line.last_day) == "2026-10-01"


def test_a_complaint_waits_for_no_proof_of_who_complains_and_is_never_closed_unanswered(scene: Scene) -> None:
    """DPA 2018 s.164A: acknowledged within thirty days, answered without undue delay; no clock stops for anything."""
    reference = scene.complained()
    assert codes(scene.on("2026-09-28").step(reference, "ask_identity", "Who are you?")) == {"no-proof"}
    # One that waits for it since before there was this rule is owed its answer all the same.
    Case.objects.update(state="identity_awaited", identity_asked_on="2026-09-28", acknowledged_on="2026-09-28")
    late = scene.on("2027-02-01")
    cases.mind_days(late.config, late.clock)
    line = late.show(reference).line
    assert (line.state, str(line.last_day), line.is_late) == ("identity_awaited", "2026-10-01", True)
    assert late.step(reference, "go_on", "We answer without.") == "acknowledged"
    assert late.decide(reference, "upheld") == "decided"
