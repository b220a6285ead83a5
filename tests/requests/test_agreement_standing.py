"""Stopped at once, let go on by the panel, re-opened when the organisation is another."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from schoolgate import people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError
from schoolgate.requests.agreement.changes import amend
from schoolgate.requests.agreement.standing import reaffirm, resume
from tests.requests import road
from tests.requests.cast import Cast, approved, codes, signed, told


def by_panel(cast: Cast, clock: FixedClock) -> Mapping[str, object]:
    return {"reasons": ["It is cleared up."], "panel": cast.panel, "clock": clock}


def changed(cast: Cast, clock: FixedClock, **changes: str) -> requests.OrganisationChanged:
    return requests.insist(
        requests.organisation_changed(cast.university.id, changes, "It was sold.", cast.custodian, clock)
    )


def test_stopped_at_once_with_a_public_reason_and_let_go_on_by_the_panel(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    stopped = requests.insist(requests.suspend(agreement.id, "A complaint is looked into.", cast.custodian, clock))
    assert stopped.state == "suspended"
    assert told(agreement.id)[-1]["reason"] == "A complaint is looked into."
    resumed = requests.insist(resume(agreement.id, **by_panel(cast, clock)))  # type: ignore[arg-type]
    assert resumed == agreement
    assert told(agreement.id)[-1]["reasons"] == ["It is cleared up."]


@pytest.mark.parametrize("reason", ["", "  ", "hidden \u202e text"])
def test_stopping_needs_a_reason_that_can_be_shown(reason: str, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    assert {where for _, where in codes(requests.suspend(agreement.id, reason, cast.custodian, clock))} == {"reason"}
    assert requests.get(agreement.id).state == "active"


def test_one_member_alone_or_of_the_organisation_lets_nothing_go_on(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.suspend(agreement.id, "A complaint.", cast.custodian, clock))
    for panel, code in ((cast.panel[:1], "panel-too-small"), ((*cast.panel, cast.insider), "own-organisation")):
        refused = resume(agreement.id, reasons=["Yes."], panel=panel, clock=clock)
        assert code in {found for found, _ in codes(refused)}
    assert requests.get(agreement.id).state == "suspended"


@pytest.mark.parametrize(
    "changes", [{"name": "Another Name (synthetic)"}, {"owner": "Somebody (synthetic)"}, {"business": "sells scores"}]
)
def test_an_organisation_that_changes_has_every_agreement_re_opened(
    changes: dict[str, str], cast: Cast, clock: FixedClock
) -> None:
    first, second = signed(cast, clock), signed(cast, clock, title="Another study")
    requests.insist(requests.suspend(second.id, "A complaint.", cast.custodian, clock))
    done = changed(cast, clock, **changes)
    assert done.reopened == (first.id, second.id)
    assert [requests.get(one).state for one in done.reopened] == ["reopened", "reopened"]
    entry = told(first.id)[-1]
    assert (entry["type"], entry["reason"]) == ("agreement.reopened", "It was sold.")
    assert entry["changes"] == [people.FACTS[fact] for fact in changes]
    if "business" not in changes:  # who it is has to be looked at again
        unsure = reaffirm(first.id, **by_panel(cast, clock))  # type: ignore[arg-type]
        assert codes(unsure) == {("organisation-not-verified", "organisation")}
    road.made_sure(first.id, clock)
    again = requests.insist(reaffirm(first.id, **by_panel(cast, clock)))  # type: ignore[arg-type]
    assert again.state == "reopened", "nobody reads before both sides have signed what names the recipient as it is"
    assert told(first.id)[-1]["organisation"] == people.organisation(cast.university.id).name
    waits = requests.to_sign(first.id)
    assert waits is not None
    assert (waits.number, waits.kind, waits.text_hash) == (2, "reaffirmation", told(first.id)[-1]["text_hash"])
    assert people.organisation(cast.university.id).name in waits.text
    early = requests.sign(first.id, cast.custodian, waits.text_hash, clock)
    assert codes(early) == {("not-accepted", "text_hash")}
    assert requests.insist(road.sign(first.id, cast.custodian, clock)).state == "active"
    assert (told(first.id)[-1]["type"], told(first.id)[-1]["version"]) == ("agreement.signed", 2)


def test_what_changes_again_before_both_have_signed_is_decided_anew_again(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    changed(cast, clock, owner="First Buyer (synthetic)")
    road.made_sure(agreement.id, clock)
    requests.insist(reaffirm(agreement.id, **by_panel(cast, clock)))  # type: ignore[arg-type]
    shown = road.shown(agreement.id)
    requests.insist(requests.accept(agreement.id, cast.researcher, shown, clock))
    assert changed(cast, clock, owner="Second Buyer (synthetic)").reopened == (agreement.id,)
    assert told(agreement.id)[-1]["type"] == "agreement.reopened"
    assert requests.to_sign(agreement.id) is None
    assert [one.state for one in requests.versions(agreement.id)] == ["signed", "replaced"]
    assert codes(requests.sign(agreement.id, cast.custodian, shown, clock)) == {("not-possible-now", "")}
    road.made_sure(agreement.id, clock)
    requests.insist(reaffirm(agreement.id, **by_panel(cast, clock)))  # type: ignore[arg-type]
    assert requests.insist(road.sign(agreement.id, cast.custodian, clock)).state == "active"


def test_a_change_that_waited_when_the_organisation_changed_is_not_signed_any_more(
    cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock)
    requests.insist(
        amend(agreement.id, items=["census_pupil.age"], **by_panel(cast, clock))  # type: ignore[arg-type]
    )
    changed(cast, clock, name="Bought University (synthetic)")
    assert requests.to_sign(agreement.id) is None
    road.made_sure(agreement.id, clock)
    requests.insist(reaffirm(agreement.id, **by_panel(cast, clock)))  # type: ignore[arg-type]
    again = requests.insist(road.sign(agreement.id, cast.custodian, clock))
    assert (again.state, again.additions, again.items) == ("active", (), agreement.items)


def test_a_change_of_no_weight_re_opens_nothing(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    assert changed(cast, clock, funders="A trust (synthetic)").reopened == ()
    assert requests.get(agreement.id).state == "active"


@pytest.mark.parametrize("is_accepted", [True, False])
def test_what_was_approved_and_not_signed_is_decided_anew(is_accepted: bool, cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    if is_accepted:
        requests.insist(road.accept(made.id, clock))
    assert changed(cast, clock, owner="Somebody (synthetic)").reopened == (made.id,)
    assert requests.application(made.id).state == "submitted"
    refused = requests.sign(made.id, cast.custodian, road.shown(made.id), clock)
    assert "not-possible-now" in {code for code, _ in codes(refused)}
    requests.insist(road.decide(made.id, True, ["Still of use."], [], cast.panel, clock))
    # A signature under the earlier decision is none under this one.
    assert requests.insist(road.sign(made.id, cast.custodian, clock)).state == "active"


def test_the_change_and_the_re_opening_are_one_step(
    cast: Cast, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When one agreement cannot be re-opened the organisation's name stays as it was."""
    agreement = signed(cast, clock)
    append = register.append_event

    def refuse(type_: str, *args: object, **more: object) -> int:
        if type_ == "agreement.reopened":
            raise SchoolgateError("The register is full.", code="test")
        return append(type_, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(register, "append_event", refuse)
    with pytest.raises(SchoolgateError, match="full"):
        changed(cast, clock, name="Another Name (synthetic)")
    assert people.organisation(cast.university.id).name == cast.university.name
    assert requests.get(agreement.id).state == "active"


def test_an_organisation_that_became_part_of_another_is_not_gone_on_with(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    merged = requests.insist(
        requests.organisation_merged(cast.university.id, cast.company.id, "Bought.", cast.custodian, clock)
    )
    assert merged.reopened == (agreement.id,)
    refused = reaffirm(agreement.id, **by_panel(cast, clock))  # type: ignore[arg-type]
    assert codes(refused) == {("organisation-gone", "")}
    assert requests.insist(requests.end(agreement.id, "Nobody goes on.", cast.custodian, clock)).state == "ended"


@pytest.mark.parametrize("who", ["researcher", "seller", "insider"])
def test_only_the_custodian_enters_a_change(who: str, cast: Cast, clock: FixedClock) -> None:
    signed(cast, clock)
    refused = requests.organisation_changed(
        cast.university.id, {"owner": "Nobody (synthetic)"}, "Why.", getattr(cast, who), clock
    )
    assert codes(refused) == {("not-your-decision", "")}
    assert people.organisation(cast.university.id).owner == ""
