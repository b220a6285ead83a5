"""A case from its receipt to whoever decides last, done through the desk in a real small world."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import pytest
from django.core import mail

from schoolgate import consent, desk, dictionary, gate, register
from schoolgate.errors import SchoolgateError
from schoolgate.gate.serve.values import to_json
from schoolgate.people.models import Account
from schoolgate.rights import cases
from schoolgate.rights.cases.models import Case, CaseStep, EvidencePiece
from tests.rights.cases.scene import PASSWORD, Scene, codes, linked


def test_a_fact_that_is_challenged_is_out_of_the_very_next_query_and_only_that_fact(world_scene: Scene) -> None:
    scene = world_scene
    assert scene.world is not None
    agreement, person = scene.world.agreement, scene.world.person

    def counted(item: str) -> int:
        sql = f"SELECT count({item}) AS n FROM census_pupil"
        read = gate.read(agreement, person, sql, config=scene.config, clock=scene.clock)
        assert isinstance(read, gate.Handover), read
        return int(read.table.column("n")[0].as_py())

    before = counted("ethnicity"), counted("age")
    reference = scene.challenged()
    assert (counted("ethnicity"), counted("age")) == (before[0] - 1, before[1])
    view = scene.show(reference)
    assert view.disputed
    assert (view.line.waits_for, view.line.due_what) == ("custodian", "decide")
    assert view.line.last_day is not None
    assert view.line.last_day.isoformat() == "2026-10-01"
    # Taking it back needs no letter: the family knows.
    assert scene.say(reference, "withdraw", "") == "withdrawn"
    assert counted("ethnicity") == before[0]


def test_who_wrote_down_what_the_source_says_does_not_decide_and_nobody_decides_unheard(scene: Scene) -> None:
    reference = scene.challenged()
    assert codes(scene.decide(reference, "refused")) == {"source-not-heard"}
    scene.heard(reference)
    assert codes(scene.decide(reference, "refused", who=scene.second)) == {"two-people"}
    assert codes(scene.decide(reference, "upheld")) == {"outcome"}
    assert codes(scene.decide(reference, "refused", provision="")) == {"text-missing"}
    assert scene.decide(reference, "refused") == "decided"


def test_a_source_that_is_silent_does_not_hold_up_a_familys_right(scene: Scene) -> None:
    reference = scene.challenged()
    scene.step(reference, "ask_source", "Please tell us what your register says.")
    said = "We wrote to the college on 1 September, by post."
    assert codes(scene.on("2026-09-15").step(reference, "note_silence", said)) == {"source-in-time"}
    later = scene.on("2026-09-16")
    assert later.step(reference, "note_silence", said) == "answered"
    # Who says that it was silent is one of the two people, as who writes down what it said.
    assert codes(later.decide(reference, "refused")) == {"two-people"}
    assert later.decide(reference, "refused", who=scene.second) == "decided"


def test_an_item_is_not_used_again_before_the_family_was_told_and_could_appeal(scene: Scene) -> None:
    reference = scene.challenged()
    scene.heard(reference)
    scene.decide(reference, "refused")
    view = scene.show(reference)
    assert view.lifts_after is not None
    assert view.lifts_after.isoformat() == "2026-09-15"
    pupil = scene.pupils[1]
    cases.mind_days(scene.config, scene.on("2026-09-15").clock)
    assert consent.disputes_of(pupil)
    # An appeal keeps it out, however long it takes.
    assert scene.on("2026-09-15").say(reference, "appeal") == "in_review"
    cases.mind_days(scene.config, scene.on("2026-10-30").clock)
    assert consent.disputes_of(pupil)
    assert codes(scene.on("2026-10-30").decide(reference, "refused", "review")) == {"two-people"}
    assert codes(scene.on("2026-10-30").decide(reference, "refused", "review", who=scene.second)) == {"two-people"}


def test_a_complaint_goes_from_the_custodian_to_the_overseer_to_the_court(scene: Scene) -> None:
    reference = scene.complained()
    assert scene.show(reference).line.due_what == "acknowledge"
    assert scene.step(reference, "acknowledge", "") == "acknowledged"
    assert scene.decide(reference, "not-upheld") == "decided"
    with pytest.raises(cases.UnknownCase):  # the overseer is not shown what no family brought before it
        scene.staff("recourse-show", scene.overseer, reference=reference)
    assert scene.say(reference, "appeal") == "in_review"
    assert codes(scene.say(reference, "escalate")) == {"review-not-late"}
    assert scene.decide(reference, "not-upheld", "review", who=scene.second) == "reviewed"
    assert scene.say(reference, "escalate") == "with_overseer"
    seen = scene.staff("recourse-show", scene.overseer, reference=reference)
    assert seen.may == ("opine",)
    opined = scene.staff("recourse-opine", scene.overseer, reference=reference, upheld=True, text="They were not told.")
    assert opined == "overseen"
    assert codes(scene.decide(reference, "upheld", "comply")) == {"two-people"}  # who decided first
    assert scene.decide(reference, "upheld", "comply", who=scene.second) == "complied"
    assert scene.say(reference, "go_outside", "We go to court.") == "outside"
    assert scene.step(reference, "record_outcome", "The court made an order.") == "closed"
    steps = [step.event for step in scene.show(reference).steps]
    assert steps == [
        "receive", "acknowledge", "decide", "appeal", "review", "escalate", "read_case", "opine", "comply", "go_outside",
        "record_outcome",
    ]  # fmt: skip


def test_a_review_that_is_late_can_be_taken_to_the_overseer(scene: Scene) -> None:
    reference = scene.complained()
    scene.decide(reference, "not-upheld")
    scene.say(reference, "appeal")
    late = scene.on("2026-09-30")
    assert late.show(reference).line.is_late
    assert late.say(reference, "escalate") == "with_overseer"


def test_the_clock_stands_still_for_what_only_the_family_can_say(scene: Scene) -> None:
    reference = scene.family("case-open", kind="access-question", text="What was used?")
    scene.step(reference, "ask_clarification", "Which use do you mean?")
    view = scene.on("2026-09-20").show(reference)
    assert (view.line.last_day, view.line.waits_for) == (None, "family")
    assert scene.on("2026-09-20").say(reference, "clarify", "The newspaper’s.") == "acknowledged"
    due = scene.show(reference).line.last_day
    assert due is not None
    assert due.isoformat() == "2026-10-21"  # one month and the twenty days of 1 to 20 September
    assert scene.on("2026-09-30").step(reference, "extend", "There are many.") == "acknowledged"
    extended = scene.show(reference)
    assert extended.extended
    assert codes(scene.on("2026-09-30").step(reference, "extend")) == {"extended-already"}


def test_the_clock_of_anything_but_access_runs_on_and_proof_of_identity_is_asked_for_once(scene: Scene) -> None:
    reference = scene.family("case-open", kind="restriction", text="Do not use it.")
    scene.step(reference, "ask_clarification", "Which use do you mean?")
    due = scene.show(reference).line.last_day
    assert due is not None
    assert due.isoformat() == "2026-10-01"
    scene.say(reference, "clarify")
    scene.step(reference, "ask_identity", "Who are you?")
    assert scene.show(reference).line.last_day is None
    scene.on("2026-09-10").say(reference, "give_identity", "Here is my passport.")
    due = scene.show(reference).line.last_day
    assert due is not None
    assert due.isoformat() == "2026-10-12"  # a month from 10 September ends on a Saturday
    # Whoever could ask again could put off the answer for ever.
    assert codes(scene.on("2026-10-09").step(reference, "ask_identity")) == {"identity-asked"}


def test_what_the_family_does_not_answer_is_closed_after_a_long_time_and_it_is_told(scene: Scene) -> None:
    reference = scene.challenged()
    scene.step(reference, "ask_identity")
    scene.family("case-file-piece", reference=reference, number=0, data="aGFsZg==")
    cases.mind_days(scene.config, scene.on("2026-11-30").clock)
    assert not EvidencePiece.objects.exists()  # a file that was half sent does not lie about
    assert scene.show(reference).line.state == "identity_awaited"
    cases.mind_days(scene.config, scene.on("2026-12-01").clock)
    assert scene.show(reference).line.state == "closed"
    assert scene.show(reference).disputed  # it is told first
    shown = {one.kind: one.lapsed for one in scene.staff("recourse-figures", scene.overseer)}
    assert {kind for kind, count in shown.items() if count} == {"rectification"}
    cases.mind_days(scene.config, scene.on("2026-12-16").clock)
    assert not scene.show(reference).disputed


def test_the_same_said_twice_is_one_case_and_another_adults_is_seen_without_its_words(scene: Scene) -> None:
    reference = scene.challenged()
    again = scene.family(
        "case-challenge", item="census_pupil.ethnicity", row="", stands="", should_be="x", wrong_since=None, text="y"
    )
    assert codes(again) == {"said-already"}
    assert Case.objects.count() == 1
    other = int(Account.objects.create_user("other@example.org", PASSWORD).pk)
    theirs = Scene(
        **{**scene.__dict__, "parent": other, "link": linked(other, scene.pupils[1], scene.config, scene.clock)}
    )
    second = theirs.challenged()
    assert theirs.show(second).others == scene.show(reference).others == 1
    with pytest.raises(cases.UnknownCase):
        theirs.show(reference)
    scene.say(reference, "withdraw", "")
    assert consent.disputes_of(scene.pupils[1])  # the other adult's still stands


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"item": "census_pupil.shoe_size"}, "item-unknown"),
        ({"should_be": " "}, "text-missing"),
        ({"text": ""}, "text-missing"),
        ({"text": "x" * 5_001}, "text-long"),
        ({"row": "x" * 81}, "row-unknown"),
    ],
)
def test_what_cannot_be_challenged_is_said_and_nothing_is_begun(scene: Scene, given: dict[str, str], code: str) -> None:
    words = {"item": "census_pupil.ethnicity", "row": "", "stands": "", "should_be": "x", "text": "y"} | given
    assert codes(scene.family("case-challenge", wrong_since=None, **words)) == {code}
    assert not Case.objects.exists()
    assert not consent.disputes_of(scene.pupils[1])


def test_words_and_files_are_sealed_and_no_repr_shows_them(scene: Scene) -> None:
    reference = scene.challenged()
    scene.send(reference, "letter.txt", b"Our letter, which names Zanzibar.")
    view = scene.show(reference)
    assert view.steps[0].said.text == "Nobody asked us."
    assert "Nobody" not in repr(view)
    assert "Pakistani" not in repr(view)
    held = b"".join(bytes(one.said) for one in CaseStep.objects.all())
    assert b"Nobody" not in held
    row = Case.objects.get()
    assert b"Zanzibar" not in bytes(row.evidence.get().content)
    assert "ethnicity" not in repr(row)


def test_each_step_of_staffs_is_a_letter_that_tells_an_inbox_nothing(scene: Scene) -> None:
    from schoolgate.post.letters import send_due

    reference = scene.challenged()
    scene.step(reference, "ask_clarification", "Which term?")
    send_due(scene.clock)
    (letter,) = mail.outbox
    assert reference in str(letter.body)
    for secret in ("ethnicity", "Which term", "Canary", "school (", "100008"):
        assert secret not in str(letter.body) + str(letter.subject)


def test_the_log_is_told_totals_once_a_week_and_nothing_of_any_step(scene: Scene) -> None:
    before = register.log_size()
    reference = scene.complained()
    scene.decide(reference, "not-upheld")
    assert register.log_size() == before
    assert cases.tell_totals(scene.clock)
    assert not cases.tell_totals(scene.on("2026-09-07").clock)
    assert cases.tell_totals(scene.on("2026-09-08", 10).clock)
    (told, _) = register.events("rights.totals")
    counts = {value for key, value in told.body.items() if key.startswith("cases_")}
    assert counts == {"fewer than 10"}


def test_the_custodians_queue_has_the_most_urgent_first_and_figures_name_nobody(scene: Scene) -> None:
    first = scene.complained()
    scene.on("2026-09-03").family("case-open", kind="access-question", text="What is this?")
    waiting = scene.on("2026-09-03").family("case-open", kind="erasure", text="Erase it.")
    scene.on("2026-09-03").step(waiting, "ask_identity", "Who are you?")
    queue = scene.staff("recourse-queue")
    assert next(one.reference for one in queue) == first
    assert queue[-1].reference == waiting
    soon = scene.on("2026-09-25")
    assert next(one.is_late_soon for one in soon.staff("recourse-queue"))
    late = scene.on("2026-10-10").staff("recourse-figures", scene.overseer)
    by_kind = {one.kind: one for one in late}
    assert (by_kind["complaint"].open, by_kind["complaint"].late) == (1, 1)
    assert by_kind["erasure"].waiting_for_family == 1
    assert by_kind["access-question"].oldest == 37
    assert scene.staff("recourse-queue", scene.overseer) == ()


def test_a_bundle_holds_the_whole_history_letters_files_and_proofs_and_names_nobody_else(world_scene: Scene) -> None:
    scene = world_scene
    assert scene.world is not None
    sql = "SELECT ethnicity, count(*) AS n FROM census_pupil GROUP BY ethnicity"
    read = gate.read(scene.world.agreement, scene.world.person, sql, config=scene.config, clock=scene.clock)
    assert isinstance(read, gate.Handover), read
    gate.settle_pending(scene.config, scene.clock)
    reference = scene.challenged()
    scene.send(reference, "letter.txt", b"Our letter.")
    scene.heard(reference)
    scene.decide(reference, "refused")
    out = scene.family("case-bundle", reference=reference)
    packed = base64.b64decode(out.content)
    with zipfile.ZipFile(io.BytesIO(packed)) as held:
        names = set(held.namelist())
        proofs = [name for name in names if name.startswith("proofs/")]
        assert proofs == [f"proofs/{read.release_id}.json"]
        assert json.loads(held.read(proofs[0]))["schoolgate"] == "family-proof/1"
        case = json.loads(held.read("case.json"))
        assert held.read("evidence/01-letter.txt") == b"Our letter."
        assert held.read("letters/05-decide.pdf").startswith(b"%PDF")
        whole = b"".join(held.read(name) for name in names)
    assert [step["what"] for step in case["steps"]] == ["receive", "add_file", "ask_source", "answer", "decide"]
    assert {step["who"] for step in case["steps"]} == {"family", "custodian"}
    for name in (scene.custodian, scene.second, "parent@example.org", f"account:{scene.parent}", "Canary"):
        assert name.encode() not in whole
    # Twice the same bytes: who is handed two can see that they are one.
    assert base64.b64decode(scene.family("case-bundle", reference=reference).content) == packed


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\r", "\v", "\x85", "\u2028", "\u2029"])
def test_no_words_of_anybodys_can_be_taken_for_a_step_in_the_history(scene: Scene, gap: str) -> None:
    forged = f"2. 2 September 2026, 10:00 UTC: decide, by the custodian{gap}   outcome: upheld"
    reference = scene.family("case-open", kind="complaint", text=f"It is wrong.{gap}{gap}{forged}")
    scene.step(reference, "acknowledge", f"We have it.{gap}3. 3 September 2026, 10:00 UTC: decide, by the custodian")
    packed = base64.b64decode(scene.family("case-bundle", reference=reference).content)
    with zipfile.ZipFile(io.BytesIO(packed)) as whole:
        history = whole.read("history.txt").decode()
    lines = history.splitlines()
    assert [line.partition(":")[0][:2] for line in lines if line[:1].isdigit()] == ["1.", "2."]
    assert {line for line in lines if "decide, by" in line} == {
        "   | 2. 2 September 2026, 10:00 UTC: decide, by the custodian",
        "   | 3. 3 September 2026, 10:00 UTC: decide, by the custodian",
    }
    assert "   |    outcome: upheld" in lines
    assert not [line for line in lines if line.startswith("   outcome")]


def test_every_act_crosses_the_gates_socket_as_it_is(scene: Scene) -> None:
    """The site is another process: what it is given is made from JSON by the act's own types, and is the same."""
    reference = scene.challenged()
    scene.send(reference, "letter.txt", b"Our letter.")
    scene.heard(reference)
    scene.decide(reference, "refused")
    number = len(scene.show(reference).steps)
    of = {"reference": reference}
    own = {"case-list": {}, "case-show": of, "case-file": {**of, "number": 1}, "case-letter": {**of, "number": number}}
    for name, given in own.items():
        act = desk.family_acts()[name]
        there = desk.for_family_given(name, scene.parent, scene.link.id, given, scene.config, scene.clock)
        assert gate.from_json(act.gives, json.loads(json.dumps(to_json(there)))) == there
    staffs = {"recourse-queue": {}, "recourse-figures": {}, "recourse-show": of, "recourse-bundle": of}
    for name, given in staffs.items():
        gives = desk.acts()[name].gives
        there = desk.do_given(name, scene.custodian, given, scene.config, scene.clock)
        assert gate.from_json(gives, json.loads(json.dumps(to_json(there)))) == there
    with pytest.raises(SchoolgateError):  # nothing is taken beside what an act takes
        desk.for_family_given(
            "case-open",
            scene.parent,
            scene.link.id,
            {"kind": "complaint", "text": "x", "state": "closed"},
            scene.config,
            scene.clock,
        )


def test_a_family_whose_way_in_was_ended_and_given_anew_goes_on_with_its_case(scene: Scene) -> None:
    reference = scene.complained()
    desk.for_family("link-end", scene.parent, scene.link.id, config=scene.config, clock=scene.clock)
    with pytest.raises(SchoolgateError):
        scene.show(reference)
    again = Scene(**{**scene.__dict__, "link": linked(scene.parent, scene.pupils[1], scene.config, scene.clock)})
    assert again.show(reference).line.reference == reference
    sibling = Scene(**{**scene.__dict__, "link": linked(scene.parent, scene.pupils[2], scene.config, scene.clock)})
    with pytest.raises(cases.UnknownCase):  # it is about one child, not about all of the account's
        sibling.show(reference)


def test_an_objection_that_is_upheld_keeps_the_child_out_although_a_law_overrides_objections(scene: Scene) -> None:
    law = next(one for one in dictionary.purposes() if one.statutory_override)
    use = consent.Use((law.id,))
    pupil = int(scene.pupils[1])

    def left_out() -> bool:
        return pupil in consent.left_out_pupils(use, deceased=False)

    scene.family("object", of="purpose", target=law.id)
    assert not left_out()
    reference = scene.family("case-open", kind="objection-review", text="It harms our child, and we say how.")
    assert codes(scene.decide(reference, "upheld")) == {"use-missing"}
    assert codes(scene.decide(reference, "upheld", value="no-such-use")) == {"use-missing"}
    assert not left_out()
    assert scene.decide(reference, "partly", value=law.id) == "decided"
    assert left_out()
    (said,) = scene.family("choices-show").no
    assert (said.target, said.overridden) == (law.id, False)  # the page and the gate say the same
    # Who looks again may see it otherwise: then the use goes on, and the "no" is still written down.
    assert scene.say(reference, "appeal") == "in_review"
    assert scene.decide(reference, "refused", "review", who=scene.second) == "reviewed"
    assert not left_out()
    assert scene.family("choices-show").no[0].overridden
    again = scene.family("case-open", kind="objection-review", text="Once more: it harms our child.")
    assert scene.decide(again, "upheld", value=law.id) == "decided"
    assert left_out()
    assert scene.family("object-no-more", of="purpose", target=law.id) is True
    assert not left_out()
