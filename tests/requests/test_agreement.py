"""Both sides sign the same text, each over its hash; what changed since is not signed; changes are new versions."""

from __future__ import annotations

from datetime import date

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.requests.agreement.changes import amend, extend
from schoolgate.requests.models import Request, Version
from tests.requests import road
from tests.requests.at_once import at_once
from tests.requests.cast import Cast, approved, codes, enter_cast, signed, told
from tests.web.staff import account_of

LATER = date(2029, 8, 31)


def extended(agreement_id: str, cast: Cast, clock: FixedClock, day: date = LATER) -> requests.Agreement:
    return requests.insist(extend(agreement_id, valid_until=day, reasons=["More time."], panel=cast.panel, clock=clock))


def test_both_sides_sign_the_hash_of_one_text_and_the_register_has_it(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    waits = requests.to_sign(made.id)
    assert waits is not None
    assert requests.text_hash(waits.text) == waits.text_hash
    accepted = requests.insist(requests.accept(made.id, cast.researcher, waits.text_hash, clock))
    assert (accepted.state, [one.side for one in accepted.signatures]) == ("waits", ["organisation"])
    assert requests.application(made.id).state == "accepted"
    agreement = requests.insist(requests.sign(made.id, cast.custodian, waits.text_hash, clock))
    (version,) = requests.versions(agreement.id)
    assert version.text == waits.text
    assert [(one.side, one.person_id) for one in version.signatures] == [
        ("organisation", cast.researcher),
        ("custodian", cast.custodian),
    ]
    assert version.state == "signed"
    public = [told(made.id)[-1], told(agreement.id)[0]]
    assert [(one["type"], one["text_hash"], one["version"]) for one in public] == [
        ("agreement.accepted", waits.text_hash, 1),
        ("agreement.signed", waits.text_hash, 1),
    ]
    assert requests.to_sign(agreement.id) is None


def test_a_hash_that_is_not_the_texts_signs_nothing(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    for shown in ("", "0" * 64, "<script>"):
        assert codes(requests.accept(made.id, cast.researcher, shown, clock)) == {("text-changed", "text_hash")}
    good = road.shown(made.id)
    requests.insist(requests.accept(made.id, cast.researcher, good, clock))
    for shown in ("", "0" * 64, good.upper()):
        assert codes(requests.sign(made.id, cast.custodian, shown, clock)) == {("text-changed", "text_hash")}
    assert requests.application(made.id).state == "accepted"


def test_terms_that_change_between_the_signatures_are_not_signed(cast: Cast, clock: FixedClock) -> None:
    """Somebody who reaches past the steps into the tables gains nothing: the text is made anew and compared."""
    made = approved(cast, clock)
    good = road.shown(made.id)
    requests.insist(requests.accept(made.id, cast.researcher, good, clock))
    row = Request.objects.get(application_id=made.id)
    row.spec["items"].append("census_pupil.ethnicity")
    row.save()
    assert ("text-changed", "text_hash") in codes(requests.sign(made.id, cast.custodian, good, clock))
    now = road.shown(made.id)
    assert now != good
    assert ("text-changed", "text_hash") in codes(requests.sign(made.id, cast.custodian, now, clock))
    # The organisation may sign the text as it is now: a version of its own; the first one stays as it was.
    second = requests.insist(requests.accept(made.id, cast.researcher, now, clock))
    assert second.number == 2
    assert [one.state for one in requests.versions(made.id)] == ["replaced", "waits"]


def test_a_kept_text_that_was_altered_is_not_signed(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    extended(agreement.id, cast, clock)
    good = road.shown(agreement.id)
    requests.insist(requests.accept(agreement.id, cast.researcher, good, clock))
    Version.objects.filter(number=2).update(text="# Another text\n")
    assert ("text-changed", "text_hash") in codes(requests.sign(agreement.id, cast.custodian, good, clock))
    assert requests.get(agreement.id) == agreement


def test_the_custodian_signs_only_what_the_organisation_signed(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    early = requests.sign(made.id, cast.custodian, road.shown(made.id), clock)
    assert "not-possible-now" in {code for code, _ in codes(early)}
    agreement = signed(cast, clock)
    extended(agreement.id, cast, clock)
    early = requests.sign(agreement.id, cast.custodian, road.shown(agreement.id), clock)
    assert codes(early) == {("not-accepted", "text_hash")}


def test_one_side_signs_once(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    requests.insist(road.accept(made.id, clock))
    again = requests.accept(made.id, cast.colleague, road.shown(made.id), clock)
    assert codes(again) == {("signed-already", "")}


def test_a_rivals_researcher_does_not_sign(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    outcome = requests.accept(made.id, cast.seller, road.shown(made.id), clock)
    assert codes(outcome) == {("not-your-organisation", "actor")}


def test_who_left_signs_and_ends_nothing(cast: Cast, clock: FixedClock) -> None:
    made, agreement = approved(cast, clock), signed(cast, clock)
    people.close_person(cast.colleague, reason="Took another post.", clock=clock)
    people.close_person(cast.witness, reason="Retired.", clock=clock)
    shown = road.shown(made.id)
    requests.insist(requests.accept(made.id, cast.researcher, shown, clock))
    for outcome in (
        requests.accept(made.id, cast.colleague, shown, clock),
        requests.sign(made.id, cast.witness, shown, clock),
        requests.suspend(agreement.id, "Why.", cast.witness, clock),
        requests.end(agreement.id, "Why.", cast.colleague, clock),
    ):
        assert codes(outcome) == {("left", "actor")}


def test_who_sits_on_the_panel_does_not_sign_for_the_organisation(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    account = account_of(cast.researcher)
    people.hold_person(cast.insider, int(account.pk))  # of the panel, and of the same organisation
    outcome = requests.accept(made.id, cast.researcher, road.shown(made.id), clock)
    assert codes(outcome) == {("sits-on-panel", "actor")}


def test_who_voted_does_not_sign_for_the_custodian_in_another_hat(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    requests.insist(road.accept(made.id, clock))
    account = account_of(cast.custodian)
    people.hold_person(cast.panel[0], int(account.pk))
    outcome = requests.sign(made.id, cast.custodian, road.shown(made.id), clock)
    assert codes(outcome) == {("voted-on-it", "actor")}
    assert requests.insist(requests.sign(made.id, cast.witness, road.shown(made.id), clock)).state == "active"


def test_one_human_being_does_not_sign_for_both_sides(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    people.hold_person(cast.custodian, int(account_of(cast.researcher).pk))
    requests.insist(road.accept(made.id, clock))
    outcome = requests.sign(made.id, cast.custodian, road.shown(made.id), clock)
    assert codes(outcome) == {("conflict", "actor"), ("same-hand", "actor")}


def test_an_extension_counts_from_the_second_signature(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    assert extended(agreement.id, cast, clock).valid_until == agreement.valid_until
    requests.insist(road.accept(agreement.id, clock))
    assert requests.get(agreement.id).valid_until == agreement.valid_until
    shown = road.shown(agreement.id)
    longer = requests.insist(requests.sign(agreement.id, cast.custodian, shown, clock))
    assert longer.valid_until == LATER
    assert requests.get(agreement.id) == longer
    assert requests.agreements() == (longer,)
    sealed = told(agreement.id)[-1]
    assert (sealed["type"], sealed["version"], sealed["valid_until"]) == ("agreement.signed", 2, "2029-08-31")
    assert sealed["text_hash"] == shown


@pytest.mark.parametrize("day", [date(2028, 8, 31), date(2027, 1, 1), date(2100, 1, 1)])
def test_an_extension_is_later_and_not_for_ever(day: date, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    refused = extend(agreement.id, valid_until=day, reasons=["More."], panel=cast.panel, clock=clock)
    assert codes(refused) <= {("not-later", "valid_until"), ("end-too-late", "valid_until")}
    assert len(requests.versions(agreement.id)) == 1


def test_versions_are_kept_and_compared_and_nothing_is_changed_in_place(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    (first,) = requests.versions(agreement.id)
    requests.insist(
        road.amend(agreement.id, items=["census_pupil.age"], reasons=["Needed."], panel=cast.panel, clock=clock)
    )
    one, two = requests.versions(agreement.id)
    assert one == first
    assert (two.kind, two.items, two.state) == ("amendment", ("census_pupil.age",), "signed")
    added = [each.line.text for each in requests.differences(agreement.id, 1, 2) if each.kind == "added"]
    assert any("census_pupil.age" in text and "added by this version" in text for text in added)
    assert any("31 full days of notice" in text for text in added)
    with pytest.raises(Exception, match="no such version"):
        requests.differences(agreement.id, 1, 9)


def test_a_later_version_holds_what_was_signed_before_it_and_nothing_that_was_not(
    cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock)
    requests.insist(amend(agreement.id, items=["census_pupil.age"], reasons=["One."], panel=cast.panel, clock=clock))
    waits = extend(agreement.id, valid_until=LATER, reasons=["Two."], panel=cast.panel, clock=clock)
    assert codes(waits) == {("version-waits", "")}
    instead = extend(agreement.id, valid_until=LATER, reasons=["Two."], panel=cast.panel, clock=clock, replacing=True)
    assert not isinstance(instead, requests.Refused)
    assert instead.additions == ()
    longer = requests.insist(road.sign(agreement.id, cast.custodian, clock))
    assert [one.state for one in requests.versions(agreement.id)] == ["signed", "replaced", "signed"]
    assert longer.additions == ()
    assert "census_pupil.age" not in requests.versions(agreement.id)[2].text


def test_an_agreement_signed_before_texts_were_kept_goes_on_and_can_be_changed(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    row = Request.objects.get(agreement_id=agreement.id)
    for version in row.versions.all():
        version.signatures.all().delete()
        version.delete()
    assert requests.get(agreement.id) == agreement
    assert requests.versions(agreement.id) == ()
    extended(agreement.id, cast, clock)
    assert requests.insist(road.sign(agreement.id, cast.custodian, clock)).valid_until == LATER


def test_a_read_asks_two_questions_of_the_tables(
    cast: Cast, clock: FixedClock, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    agreement = signed(cast, clock)
    with django_assert_max_num_queries(2):  # type: ignore[operator]  # a fixture that is called
        requests.get(agreement.id)


@pytest.mark.django_db(transaction=True)
def test_of_two_signatures_at_once_one_counts(clock: FixedClock) -> None:
    cast = enter_cast()
    made = approved(cast, clock)
    shown = road.shown(made.id)
    outcomes = at_once(
        lambda: requests.accept(made.id, cast.researcher, shown, clock),
        lambda: requests.accept(made.id, cast.colleague, shown, clock),
    )
    assert sum(isinstance(outcome, requests.Refused) for outcome in outcomes) == 1
    assert len(requests.versions(made.id)[0].signatures) == 1
