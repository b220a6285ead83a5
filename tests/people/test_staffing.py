"""The desk's acts on organisations and persons: the custodian does them, with reasons, and never for themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schoolgate import desk, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.desk.staffing import ACTS
from schoolgate.errors import Refused
from schoolgate.gate.serve.values import from_json, to_json
from schoolgate.people.models import Account
from tests.requests.cast import Cast, enter_cast, signed, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return enter_cast()


@pytest.fixture
def do(home: Config, clock: FixedClock) -> Any:
    """Does an act as it is done over the gate's socket too: arguments and what comes of it as JSON and back."""

    def act(name: str, person: str, /, **given: Any) -> Any:
        sent = {key: to_json(value) for key, value in given.items()}
        outcome = desk.do_given(name, person, sent, home, clock)
        kind = Refused if isinstance(outcome, Refused) else desk.acts()[name].gives
        returned = from_json(kind, to_json(outcome))
        assert returned == outcome
        return returned

    return act


def code(outcome: object) -> str:
    assert isinstance(outcome, Refused), outcome
    (reason,) = outcome.reasons
    return reason.code


def enter(do: Any, cast: Cast, name: str = "Synthetic Learning Ltd", **more: Any) -> Any:
    given = {"kind": "company", "country": "United Kingdom", "details": {}, "alike_is_another": False, **more}
    return do("organisation-enter", cast.custodian, name=name, **given)


def test_an_organisation_is_entered_made_sure_of_and_a_look_alike_is_said(do: Any, cast: Cast) -> None:
    made = enter(do, cast, details={"owner": "Synthetic Holdings", "commercial": "direct"})
    assert people.organisation(made.id).owner == "Synthetic Holdings"
    assert people.organisation_history(made.id)[0].actor == cast.custodian
    assert code(enter(do, cast, "SYNTHETIC LEARNING LIMITED")) == "organisation-alike"
    assert enter(do, cast, "SYNTHETIC LEARNING LIMITED", alike_is_another=True).id != made.id
    sure = do("organisation-verify", cast.custodian, organisation_id=made.id, how="Companies House.")
    assert sure.verified_how == "Companies House."


def test_a_new_owner_opens_every_agreement_again_in_the_same_step(do: Any, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    outcome = do(
        "organisation-change",
        cast.custodian,
        organisation_id=cast.university.id,
        changes={"owner": "Synthetic Holdings"},
        reason="Sold.",
        alike_is_another=False,
    )
    assert outcome.reopened == (agreement.id,)
    assert requests.get(agreement.id).state == "reopened"
    assert [event["type"] for event in told(cast.university.id)] == ["organisation.changed"]
    assert told(agreement.id)[-1]["type"] == "agreement.reopened"


def test_a_new_funder_opens_nothing_and_is_kept(do: Any, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    outcome = do(
        "organisation-change",
        cast.custodian,
        organisation_id=cast.university.id,
        changes={"funders": "Synthetic Fund"},
        reason="A grant.",
        alike_is_another=False,
    )
    assert outcome.reopened == ()
    assert requests.get(agreement.id).state == "active"
    assert people.organisation(cast.university.id).funders == ("Synthetic Fund",)


def test_a_merger_opens_every_agreement_again(do: Any, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    outcome = do(
        "organisation-merge",
        cast.custodian,
        organisation_id=cast.university.id,
        into=cast.company.id,
        reason="Bought.",
    )
    assert outcome.reopened == (agreement.id,)
    assert people.known_names(cast.company.id) == (cast.company.name, cast.university.name)


def test_what_is_wrong_with_a_change_is_said_and_nothing_is_opened(do: Any, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)

    def change(**changes: str) -> str:
        return code(
            do(
                "organisation-change",
                cast.custodian,
                organisation_id=cast.university.id,
                changes=changes,
                reason="Why.",
                alike_is_another=False,
            )
        )

    assert change() == "unchanged"
    assert change(name=cast.company.name.upper()) == "organisation-alike"
    assert change(id="O-0009") == "fact"
    assert requests.get(agreement.id).state == "active"
    assert told(cast.university.id) == []


def test_a_person_is_entered_accredited_withdrawn_and_leaves_each_with_a_reason(do: Any, cast: Cast) -> None:
    home = cast.university.id
    given = {"organisation_id": home, "role": "researcher", "seat": ""}
    assert code(do("person-enter", cast.custodian, **given, reason=" ")) == "reason-missing"
    person = do("person-enter", cast.custodian, **given, reason="Joined.").id
    until = date(2030, 1, 1)
    assert code(do("person-accredit", cast.custodian, person_id=person, until=until, reason="")) == "reason-missing"
    done = do("person-accredit", cast.custodian, person_id=person, until=until, reason="Took the course.")
    assert done.accredited_until == until
    assert do("person-withdraw", cast.custodian, person_id=person, reason="Rules.").accredited_until is None
    assert do("person-leave", cast.custodian, person_id=person, reason="Left.").left_on is not None
    assert [(one.what, one.reason) for one in people.person_history(person)] == [
        ("entered", "Joined."),
        ("accredited", "Took the course."),
        ("withdrawn", "Rules."),
        ("left", "Left."),
    ]
    assert {one.actor for one in people.person_history(person)} == {cast.custodian}


def test_nobody_accredits_or_links_themselves_by_whichever_person(do: Any, cast: Cast) -> None:
    account = int(Account.objects.create_user("who@example.org", "correct horse battery", role="custodian").pk)
    for person in (cast.custodian, cast.researcher):
        people.hold_person(person, account)
    until = date(2040, 1, 1)
    for person in (cast.custodian, cast.researcher):
        assert code(do("person-accredit", cast.custodian, person_id=person, until=until, reason="Me.")) == "own-person"
    assert code(do("person-account", cast.custodian, person_id=cast.custodian, email="x@example.org")) == "own-person"
    assert people.person(cast.researcher).accredited_until != until


def test_nobody_links_their_own_account_to_a_person_that_nobody_holds_yet(do: Any, cast: Cast) -> None:
    account = int(Account.objects.create_user("who@example.org", "correct horse battery", role="custodian").pk)
    people.hold_person(cast.custodian, account)
    new = do("person-enter", cast.custodian, organisation_id=cast.company.id, role="researcher", seat="", reason="New.")
    assert code(do("person-account", cast.custodian, person_id=new.id, email="Who@example.org ")) == "own-person"
    assert [one.id for one in people.held_persons(account)] == [cast.custodian]


def test_nobody_records_what_became_of_an_organisation_they_are_tied_to(do: Any, cast: Cast) -> None:
    do("interest-declare", cast.custodian, person_id=cast.custodian, organisation_id=cast.company.id, what="shares")
    given = {"changes": {"commercial": "none"}, "reason": "It says so.", "alike_is_another": False}
    merged = {"organisation_id": cast.university.id, "into": cast.company.id, "reason": "Bought."}
    assert code(do("organisation-change", cast.custodian, organisation_id=cast.company.id, **given)) == "tied"
    assert code(do("organisation-merge", cast.custodian, **merged)) == "tied"
    office = people.person(cast.custodian).organisation_id
    assert do("organisation-change", cast.custodian, organisation_id=office, **given).changed
    assert do("organisation-change", cast.witness, organisation_id=cast.company.id, **given).changed
    assert do("organisation-merge", cast.witness, **merged).changed


def test_nobody_accredits_the_researchers_of_an_organisation_they_are_tied_to(do: Any, cast: Cast) -> None:
    do("interest-declare", cast.custodian, person_id=cast.custodian, organisation_id=cast.company.id, what="shares")
    given = {"person_id": cast.seller, "until": date(2040, 1, 1), "reason": "Took the course."}
    assert code(do("person-accredit", cast.custodian, **given)) == "tied"
    assert do("person-accredit", cast.witness, **given).accredited_until == date(2040, 1, 1)


@pytest.mark.parametrize("role", ["custodian", "overseer"])
def test_nobody_of_a_company_is_entered_as_custodian_or_overseer(role: str, do: Any, cast: Cast) -> None:
    given = {"role": role, "seat": "", "reason": "Joined."}
    assert code(do("person-enter", cast.custodian, organisation_id=cast.company.id, **given)) == "role-elsewhere"
    kind = {"custodian": "custodian", "overseer": "regulator"}[role]
    home = people.add_organisation("Right One (synthetic)", kind).id
    assert do("person-enter", cast.custodian, organisation_id=home, **given).role == role


def test_who_works_for_the_custodian_has_no_seat_that_is_free_of_it(do: Any, cast: Cast) -> None:
    office = people.person(cast.custodian).organisation_id
    given = {"role": "panel", "reason": "Joined."}
    for seat in ("independent", "lay"):
        assert code(do("person-enter", cast.custodian, organisation_id=office, seat=seat, **given)) == "seat"
    assert do("person-enter", cast.custodian, organisation_id=office, seat="official", **given).seat == "official"
    # Nor by a second person of the same human being, whichever of the two is linked first.
    home = people.person(cast.panel[0]).organisation_id
    accounts = [
        int(Account.objects.create_user(f"{name}@example.org", "correct horse battery", role="panel").pk)
        for name in ("one", "two")
    ]
    lay = [people.add_person(home, "panel", seat="lay").id for _ in accounts]
    people.hold_person(lay[0], accounts[0])
    people.hold_person(cast.custodian, accounts[1])
    linked = do("person-account", cast.witness, person_id=cast.panel[1], email="one@example.org")
    assert code(linked) == "seat"
    assert code(do("person-account", cast.witness, person_id=lay[1], email="two@example.org")) == "seat"


def test_an_account_is_linked_by_its_address_which_is_never_repeated(do: Any, cast: Cast) -> None:
    Account.objects.create_user("who@example.org", "correct horse battery", role="researcher")
    missing = do("person-account", cast.custodian, person_id=cast.researcher, email="no@example.org")
    assert code(missing) == "account-unknown"
    assert "example.org" not in str(missing)
    linked = do("person-account", cast.custodian, person_id=cast.researcher, email="Who@example.org")
    assert people.held_persons(linked.account_id) == (linked,)


def test_who_is_tied_to_an_organisation_does_not_make_sure_of_it(do: Any, cast: Cast) -> None:
    new = people.add_organisation("Example Bets Ltd (synthetic)", "company").id
    do("interest-declare", cast.custodian, person_id=cast.custodian, organisation_id=new, what="shares")
    assert code(do("organisation-verify", cast.custodian, organisation_id=new, how="Seen.")) == "tied"
    assert people.organisation(new).verified_on is None
    assert do("organisation-verify", cast.witness, organisation_id=new, how="Seen.").verified_on


def test_an_interest_is_ones_own_to_declare_and_the_custodians_to_end(do: Any, cast: Cast) -> None:
    member, colleague = cast.panel
    given = {"organisation_id": cast.company.id, "what": "owns shares"}
    assert code(do("interest-declare", member, person_id=colleague, **given)) == "not-your-own"
    made = do("interest-declare", member, person_id=member, **given)
    assert people.conflicts(member, cast.company.id)
    assert code(do("interest-end", member, interest_id=made.id)) == "not-your-decision"
    assert people.conflicts(member, cast.company.id)
    assert do("interest-end", cast.custodian, interest_id=made.id).ended_on is not None


def test_who_left_does_nothing_any_more(do: Any, cast: Cast) -> None:
    people.close_person(cast.custodian, reason="Left.")
    assert code(enter(do, cast)) == "left"


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_act_says_no_to_every_other_role_and_to_an_unknown_id(name: str, do: Any, cast: Cast) -> None:
    act = ACTS[name]
    samples: dict[Any, Any] = {str: "P-9999", bool: False, date: date(2030, 1, 1)}
    given = {key: samples.get(kind, {}) for key, kind in act.takes.items()}
    overseer = people.add_person(people.add_organisation("Regulator (synthetic)", "regulator").id, "overseer").id
    persons = {"researcher": cast.researcher, "panel": cast.panel[0], "custodian": cast.custodian, "overseer": overseer}
    before = (people.organisations(), people.persons())
    for role, person in persons.items():
        outcome = do(name, person, **given)
        assert isinstance(outcome, Refused)
        assert (outcome.reasons[0].code == "not-your-decision") is (role not in act.who)
    assert (people.organisations(), people.persons()) == before
