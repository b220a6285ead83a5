"""A fact is held back from its own child's family by two people, for a time, and nothing of why leaves the house."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from schoolgate import gate, rights
from schoolgate.clock import FixedClock
from schoolgate.errors import Refusal, Refused, SchoolgateError, insist
from schoolgate.gate import withholding
from schoolgate.gate.withholding import WITHHOLDING, left_out, read_terms
from schoolgate.gate.withholding.models import Withholding
from schoolgate.rights.packs import keep
from schoolgate.rights.packs.models import Pack
from tests.rights.test_standing import UPN, Home, home_of

__all__ = ["home_of"]

ITEM, OTHER = "census_pupil.ethnicity", "census_absence.sessions"
UNTIL = date(2026, 12, 31)
SAID: dict[str, Any] = {
    "upn": UPN, "rule": "serious-harm", "item": ITEM, "professional": "A. Synthetic, educational psychologist",
    "reason": "Seeing this would be likely to cause serious harm to the child’s health.", "until": UNTIL,
}  # fmt: skip


def code(outcome: Any) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.reasons[0].code


@pytest.mark.django_db
def test_two_people_hold_a_fact_back_and_page_and_copy_do_without_it(home_of: Home) -> None:
    link = home_of.link(0)

    def shown(clock: FixedClock = home_of.clock) -> Any:
        return rights.my_record(link, config=home_of.config, clock=clock)

    number = insist(home_of.at_desk("withhold-propose", **SAID))
    assert "ethnicity" in shown().tables["census_pupil"][0]  # one person alone holds nothing back
    assert code(home_of.at_desk("withhold-decide", number=number, agree=True)) == "same-person"
    assert code(home_of.at_desk("withhold-propose", 1, **SAID)) == "held-already"
    assert insist(home_of.at_desk("withhold-decide", 1, number=number, agree=True))
    second = insist(home_of.at_desk("withhold-propose", 1, **{**SAID, "rule": "child-abuse", "item": OTHER}))
    assert insist(home_of.at_desk("withhold-decide", number=second, agree=True))
    record = shown()
    (row,) = record.tables["census_pupil"]
    assert "ethnicity" not in row
    assert "sessions" not in record.tables["census_absence"][0]
    assert set(record.held_back) == {("serious-harm", ITEM), ("child-abuse", OTHER)}
    # Who decides about the fact sees it.
    (line,) = insist(home_of.at_desk("withholdings"))[:1]
    assert (line.item, line.professional) == (ITEM, SAID["professional"])
    staffs = gate.subject_access(home_of.pupil, "custodian:P-0001", config=home_of.config, clock=home_of.clock)
    assert staffs.tables["census_pupil"][0]["ethnicity"]
    # The copy says that something is held back, by which law, and not what; of child abuse data it says nothing.
    asked = rights.packs.ask_for_pack(link, home_of.clock)
    assert isinstance(asked, rights.packs.PackView)
    assert rights.packs.make_pack(asked.id, config=home_of.config, clock=home_of.clock)
    text = keep.opened(
        asked.id, "json", bytes(Pack.objects.get(public_id=asked.id).sealed_key), home_of.config
    ).decode()
    missing = json.dumps(json.loads(text)["withheld"])
    assert "Schedule 3 paragraph 19" in missing
    assert "paragraph 21" not in missing
    for secret in (ITEM, "Synthetic, educational", "ethnicity"):
        assert secret not in missing
    # Looked at again in time, or the overseer sees it.
    later = FixedClock(home_of.clock.now() + timedelta(days=85))
    assert withholding.withholding_figures(later) == withholding.WithholdingFigures(0, 2, 2, 0, 0)
    late = FixedClock(home_of.clock.now() + timedelta(days=100))
    assert withholding.withholding_figures(late).review_late == 2
    assert insist(withholding.review_withholding(number, actor=home_of.staff[0], clock=late))
    assert withholding.withholding_figures(late).review_late == 1
    assert Withholding.objects.get(number=number).until == UNTIL  # a review gives no later last day
    assert insist(home_of.at_desk("withhold-end", number=number))
    assert withholding.withheld_of(home_of.pupil, home_of.clock) == (("child-abuse", OTHER),)
    # After its last day it holds nothing back, whether or not anybody thinks of it.
    last = shown(FixedClock(home_of.clock.now().replace(year=2027, month=1, day=1)))
    assert "ethnicity" in last.tables["census_pupil"][0]
    assert "sessions" in last.tables["census_absence"][0]


@pytest.mark.django_db
def test_what_is_not_whole_is_not_proposed_and_no_step_is_taken_that_the_table_has_not(home_of: Home) -> None:
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"rule": "other-people"}, "rule"),
        ({"item": "census_pupil.nothing"}, "item"),
        ({"professional": " "}, "professional"),
        ({"reason": "Because."}, "reason"),
        ({"until": date(2026, 9, 1)}, "until"),
        ({"until": date(2028, 1, 1)}, "until"),
    ]
    for wrong, where in wrongs:
        no = home_of.at_desk("withhold-propose", **{**SAID, **wrong})
        assert isinstance(no, Refused)
        assert no.reasons[0].where == where
    assert code(home_of.at_desk("withhold-propose", **{**SAID, "upn": "A000000000000"})) == "pupil-unclear"
    assert not Withholding.objects.exists()
    acts: dict[str, tuple[str, dict[str, Any]]] = {
        "agree": ("withhold-decide", {"agree": True}), "refuse": ("withhold-decide", {"agree": False}),
        "review": ("withhold-review", {}), "end": ("withhold-end", {}), "withdraw": ("withhold-end", {}),
    }  # fmt: skip
    for state in WITHHOLDING.states:
        for event, (act, given) in acts.items():
            Withholding.objects.all().delete()
            number = insist(home_of.at_desk("withhold-propose", **SAID)) if state == "proposed" else "W-0001"
            if state != "proposed":
                Withholding.objects.create(
                    number=number, pupil=home_of.pupil, rule="serious-harm", item=ITEM, state=state, sealed=b"",
                    until=UNTIL, review_on=UNTIL, proposed_by=home_of.staff[0],
                    proposed_at=home_of.clock.now(),
                )  # fmt: skip
            outcome = home_of.at_desk(act, 1, number=number, **given)
            tried = event if (state == "proposed" or event != "withdraw") else "end"
            tried = "withdraw" if state == "proposed" and event == "end" else tried
            move = WITHHOLDING.move(state, tried, "custodian")
            assert isinstance(outcome, Refused) == isinstance(move, Refusal), (state, event)
            expected = state if isinstance(move, Refusal) else move.target
            assert Withholding.objects.get().state == expected
    assert code(home_of.at_desk("withhold-end", number="W-9999")) == "withholding-unknown"


def test_rows_of_which_nothing_is_left_go_with_what_names_them() -> None:
    rows: dict[str, tuple[Any, ...]] = {
        "t": ({"year": 2026, "urn": 1, "a": "x"}, {"year": 2025, "urn": 1, "a": "y", "b": "z"}),
        "u": ({"a": 1},),
    }
    found = left_out(
        frozenset({"t.a", "identity.sex", "t.never"}),
        {"sex": "F", "surname": "S"},
        rows,
        {"t": ({"n": 1}, {"n": 2})},
        {"t": ("one", "two"), "u": ("three",), "identity": ("four",)},
    )
    assert found.tables == {"t": ({"year": 2025, "urn": 1, "b": "z"},), "u": ({"a": 1},)}
    assert found.sources == {"t": ({"n": 2},)}
    assert found.tokens == {"t": ("two",), "u": ("three",), "identity": ("four",)}
    assert found.identity == {"surname": "S"}
    assert found.items == {"t.a", "identity.sex"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[withholding]\nlongest_days = 365\nreview_days = 90",
        "[withholding]\nlongest_days = 365\nreview_days = 400\nsource = 'x'",
        "[withholding]\nlongest_days = 9999\nreview_days = 90\nsource = 'x'",
        "[withholding]\nlongest_days = 365\nreview_days = 90\nsource = ' '",
    ],
)
def test_terms_without_an_end_a_review_or_a_source_are_refused(text: str) -> None:
    with pytest.raises(SchoolgateError) as refused:
        read_terms(text)
    assert refused.value.code == "withholding"
