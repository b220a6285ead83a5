"""A family declines an item: the next return is asked about it, no load stores it, and what was kept before goes."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from schoolgate import (
    collect,
    consent,
    declining,
    desk,
    dictionary,
    gate,
    ledger,
    match,
    people,
    register,
    requests,
    rights,
)
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.dictionary.census import known_shapes
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate.erasing import past
from schoolgate.ids import Pmr, Term, Urn
from schoolgate.records.vault import NewIdentity, Vault
from tests.collect.paper import paper, pupil
from tests.match.school import ADDRESS, autumn, load, rows, send, upn

pytestmark = pytest.mark.django_db(transaction=True)

ETHNICITY, LANGUAGE = "census_pupil.ethnicity", "census_pupil.language"
SUMMER = {"Term": "SUM", "ReferenceDate": "2026-05-21"}


def pupils(**changes: str) -> list[str]:
    """Two children; the first one's items change."""
    return [
        pupil(extra=ADDRESS, **{"UPN": upn(1), "Forename": "First", **changes}),
        pupil(UPN=upn(2), Forename="Second", extra=ADDRESS, Ethnicity="APKN"),
    ]


@pytest.fixture
def child(home: Config, clock: FixedClock) -> Pmr:
    """Two children in two censuses; the first one's reference."""
    send(home, clock, *pupils(), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, *pupils())
    load(home, clock)
    found = Vault(home).find(upn(1))
    assert found is not None
    return found


def held(home: Config, whose: Pmr, column: str = "ethnicity") -> dict[str, str | None]:
    return {f"{row['year']} {row['term']}": row[column] for row in rows(home) if row["pupil"] == whose}


def test_the_list_says_which_items_with_which_code_and_by_whose_word() -> None:
    found = {one.item: one for one in dictionary.declinable_items()}
    assert {item: one.code for item, one in found.items()} == {
        ETHNICITY: "REFU", LANGUAGE: "REF", "census_pupil.servicechild": "R", "census_pupil.plaa": "N",
        "census_pupil.youngcarer": "N", "return.nationality": "REF", "return.countryofbirth": "REF",
    }  # fmt: skip
    assert all(one.source for one in found.values())
    assert [item for item, one in found.items() if not one.is_asked] == ["return.nationality", "return.countryofbirth"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": ""}, "has no code or no source"),
        ({"source": ""}, "has no code or no source"),
        ({"code": "QQQQ"}, "has a code that the spring 2016 census does not know"),
        ({"column": "nosuchcolumn"}, "is asked by no census"),
        ({"item": "census_pupil.sex"}, "is in one of the two lists alone"),
        ({"code": "NOBT"}, "has two codes"),
    ],
)
def test_a_list_that_is_wrong_or_has_no_code_is_an_error_when_it_is_read(change: dict[str, str], said: str) -> None:
    row = {"item": ETHNICITY, "column": "ethnicity", "code": "REFU", "source": "A guide", **change}
    lake = {ETHNICITY: {"may_decline": "yes", "decline_code": "REFU"}}
    with pytest.raises(SchoolgateError, match=said):
        dictionary.read_declinable([row], lake, known_shapes())


def test_declining_reaches_the_past_and_is_not_brought_back_by_loading_again(
    child: Pmr, home: Config, clock: FixedClock
) -> None:
    assert held(home, child) == {"2025 AUT": "WBRI", "2026 SPR": "WBRI"}
    said = gate.decline_item(child, ETHNICITY, actor="account:1", config=home, clock=clock)
    assert (said.code, said.past_done) == ("REFU", False)
    past.replace_past.func(config=home, clock=clock)
    assert held(home, child) == {"2025 AUT": "REFU", "2026 SPR": "REFU"}
    assert set(held(home, Pmr(1 - child)).values()) == {"APKN"}
    (mine,) = declining.declined_of(child)
    assert (mine.past_done, mine.kept_out) == (True, "")
    again = load(home, clock)
    assert again.declined == 1
    assert held(home, child)["2026 SPR"] == "REFU"
    assert declining.declined_of(child)[0].kept_out == "2026 SPR"
    # Nothing else of the child changed, and nothing is left to do.
    assert set(held(home, child, "language").values()) == {"ENG"}
    assert past.replace_all(config=home, clock=clock) == 0


def test_a_return_that_carries_it_all_the_same_is_asked_about_and_the_code_is_right(
    child: Pmr, home: Config, clock: FixedClock
) -> None:
    def found(**changes: str) -> set[str]:
        sent = collect.submit(io.BytesIO(paper(*pupils(**changes), **SUMMER)), clock=clock, config=home, actor="school")
        return {finding.rule for finding in sent.findings if finding.rule in ("SG-48", "SG-49")}

    assert found() == set()
    gate.decline_item(child, ETHNICITY, actor="account:1", config=home, clock=clock)
    gate.decline_item(child, LANGUAGE, actor="account:1", config=home, clock=clock)
    assert found(Forename="Firstone") == {"SG-49"}  # the summer census does not ask the ethnic background
    assert found(Language="REF") == set()
    declining.withdraw(child, LANGUAGE, actor="account:1", clock=clock)
    assert found(Forename="Firsttwo") == set()


def test_a_number_that_the_child_is_given_later_is_asked_about_too(child: Pmr, home: Config, clock: FixedClock) -> None:
    gate.decline_item(child, LANGUAGE, actor="account:1", config=home, clock=clock)
    renumbered = pupils(UPN=upn(3), FormerUPN=upn(1), Language="REF")
    send(home, clock, *renumbered, **SUMMER)
    assert declining.declined_by_upn([upn(3)], home) == {}
    load(home, clock, 2026, Term.SUMMER)
    assert Vault(home).find(upn(3)) == child
    assert declining.declined_by_upn([upn(1), upn(3), upn(2)], home) == {
        upn(1): {"language": "REF"}, upn(3): {"language": "REF"},
    }  # fmt: skip
    load(home, clock, 2026, Term.SUMMER)  # again: it is known by each number once
    declining.withdraw(child, LANGUAGE, actor="account:1", clock=clock)
    assert declining.declined_by_upn([upn(1), upn(3)], home) == {}


def test_no_school_finds_out_by_a_number_what_a_shielded_child_s_family_declined(
    child: Pmr, home: Config, clock: FixedClock
) -> None:
    """Any school can put any number into a return: that it is asked would tell of another school's child."""
    gate.decline_item(child, LANGUAGE, actor="account:1", config=home, clock=clock)
    guess = pupil(extra=ADDRESS, UPN=upn(1), Forename="Guess", Surname="Nobodysynth", DOB="2016-01-01")

    def found(**header: str) -> set[str]:
        sent = collect.submit(io.BytesIO(paper(guess, **header)), clock=clock, config=home, actor="school")
        return {finding.rule for finding in sent.findings if finding.rule == "SG-49"}

    assert found(**SUMMER) == {"SG-49"}
    consent.shield(child, actor="P-0001", clock=clock)
    assert found(**{**SUMMER, "ReferenceDate": "2026-05-22"}) == set()
    # What is sent of it is kept out of the lake all the same.
    past.replace_all(config=home, clock=clock)
    load(home, clock)
    assert held(home, child, "language")["2026 SPR"] == "REF"


def test_taking_it_back_is_as_easy_and_what_was_replaced_stays_away_until_the_school_asks_again(
    child: Pmr, home: Config, clock: FixedClock
) -> None:
    gate.decline_item(child, ETHNICITY, actor="account:1", config=home, clock=clock)
    gate.decline_item(child, ETHNICITY, actor="account:1", config=home, clock=clock)  # a second click: no second row
    past.replace_all(config=home, clock=clock)
    assert gate.withdraw_declined(child, ETHNICITY, actor="account:1", config=home, clock=clock)
    assert not gate.withdraw_declined(child, ETHNICITY, actor="account:1", config=home, clock=clock)
    assert declining.declined_of(child) == ()
    assert set(held(home, child).values()) == {"REFU"}
    assert declining.declined_by_upn([upn(1)], home) == {}
    # Rounded totals, never which family and which way.
    assert {event.body["declining"] for event in register.events("declined.totals")} == {"fewer than 10"}


def test_what_the_law_makes_a_school_send_cannot_be_declined(child: Pmr, home: Config, clock: FixedClock) -> None:
    for item in ("census_pupil.sex", "census_pupil.senprovision", "identity.upn", "nothing"):
        with pytest.raises(declining.NotDeclinable, match="not an item that a family may decline"):
            gate.decline_item(child, item, actor="account:1", config=home, clock=clock)
    assert declining.declined_of(child) == ()
    assert register.events("declined.totals") == ()


def test_the_school_sees_what_to_send_for_its_own_pupils_and_each_look_is_in_the_child_s_answer(
    child: Pmr, home: Config, clock: FixedClock
) -> None:
    requests.ensure_built_in(clock)
    other = Pmr(1 - child)
    for one in (child, other):
        gate.decline_item(one, ETHNICITY, actor="account:1", config=home, clock=clock)
    gate.decline_item(child, "return.nationality", actor="account:1", config=home, clock=clock)
    consent.shield(other, actor="P-0001", clock=clock)

    def listed(urn: int) -> Any:
        return gate.declined_for_school(Urn(urn), f"school:{urn}", config=home, clock=clock)

    assert listed(100009) == ()
    assert ledger.who_has(child) == ()
    assert isinstance(listed(999999), Refusal)
    lines = listed(100008)
    assert [(line.upn, line.column, line.code) for line in lines] == [(upn(1), "ethnicity", "REFU")]
    assert upn(1) not in repr(lines)
    assert gate.declined_table(lines).decode("utf-8-sig").splitlines() == [
        "UPN,Name,Item,Code to send", f'{upn(1)},"Canarysynth, First",ethnicity,REFU',
    ]  # fmt: skip
    (look,) = ledger.who_has(child)
    assert "identity.upn" in look.items
    assert ledger.who_has(other) == ()


def test_a_family_declines_from_its_page_and_no_other_account_can(child: Pmr, home: Config, clock: FixedClock) -> None:
    requests.ensure_built_in(clock)
    code = rights.issue_code(100008, upn(1), school_actor="school:100008", clock=clock, config=home)
    assert not isinstance(code, Refusal)
    parent = people.create_account("parent@example.com", "three words that differ")
    stranger = people.create_account("stranger@example.com", "three words that differ")
    link = rights.redeem_code(parent.id, code.text, clock, config=home)
    assert not isinstance(link, Refusal)

    def act(name: str, account: int = parent.id, **given: Any) -> Any:
        return desk.for_family(name, account, link.id, config=home, clock=clock, **given)

    assert act("declined-show") == ()
    act("decline", item=LANGUAGE)
    assert [one.item for one in act("declined-show")] == [LANGUAGE]
    with pytest.raises(rights.UnknownLink):
        act("decline-no-more", account=stranger.id, item=LANGUAGE)
    with pytest.raises(declining.NotDeclinable):
        act("decline", item="census_pupil.sex")
    assert act("decline-no-more", item=LANGUAGE) is True
    assert act("declined-show") == ()


def test_a_decision_while_a_term_is_loaded_is_honoured_right_after(child: Pmr, home: Config, clock: FixedClock) -> None:
    """The load began before and knows nothing of it; the past that is replaced holds this term, too."""

    def said(step: str) -> None:
        if step == "matched schools":
            gate.decline_item(child, ETHNICITY, actor="account:1", config=home, clock=clock)
            with pytest.raises(SchoolgateError, match="Another term is being loaded"):
                past.replace_past.func(config=home, clock=clock)

    match.load_term(2026, Term.SPRING, clock=clock, config=home, step=said)
    past.replace_past.func(config=home, clock=clock)
    assert set(held(home, child).values()) == {"REFU"}


def test_a_decision_while_the_first_term_is_loaded_is_not_done_before_there_is_anything(
    home: Config, clock: FixedClock
) -> None:
    def said(step: str) -> None:
        found = Vault(home).find(upn(1)) if step == "matched schools" else None
        if found is not None:
            gate.decline_item(found, ETHNICITY, actor="account:1", config=home, clock=clock)
            with pytest.raises(SchoolgateError, match="Another term is being loaded"):
                past.replace_past.func(config=home, clock=clock)

    send(home, clock, *pupils())
    match.load_term(2026, Term.SPRING, clock=clock, config=home, step=said)
    child = Vault(home).find(upn(1))
    assert child is not None
    assert held(home, child) == {"2026 SPR": "WBRI"}
    past.replace_past.func(config=home, clock=clock)
    assert held(home, child) == {"2026 SPR": "REFU"}


def test_nationality_declined_today_is_taken_out_of_the_returns_of_2016_to_2018(
    home: Config, clock: FixedClock
) -> None:
    def with_nationality(code: str, **changes: str) -> str:
        return pupil(
            extra=f"<Nationalities><Nationality>{code}</Nationality></Nationalities><CountryOfBirth>{code}</CountryOfBirth>",
            **changes,
        )

    born = {"DOB": "2009-03-04", "NCyearActual": "3", "EntryDate": "2013-09-01"}
    sent = collect.submit(
        io.BytesIO(
            paper(
                with_nationality("AFG", UPN=upn(1), Forename="First", **born),
                with_nationality("ALB", UPN=upn(2), Forename="Second", **born),
                Term="SPR", Year="2017", ReferenceDate="2017-01-19",
            )
        ),
        clock=clock, config=home, actor="school",
    )  # fmt: skip
    (child,) = Vault(home).allocate([_identity()])
    assert collect.mentions(sent.return_id, [b"AFG"], home)
    gate.decline_item(child, "return.nationality", actor="account:1", config=home, clock=clock)
    past.replace_past.func(config=home, clock=clock)
    assert collect.mentions(sent.return_id, [b"<Nationality>REF</Nationality>"], home)
    assert collect.mentions(sent.return_id, [b"<CountryOfBirth>AFG</CountryOfBirth>"], home)  # not declined
    gate.decline_item(child, "return.countryofbirth", actor="account:1", config=home, clock=clock)
    past.replace_past.func(config=home, clock=clock)
    assert not collect.mentions(sent.return_id, [b"AFG"], home)
    assert collect.mentions(sent.return_id, [b"<Nationality>ALB</Nationality>"], home)
    assert collect.rows_about(sent.return_id, lambda row: row.fields.get("upn") == upn(2), home) == (2,)


def test_nationality_of_another_child_of_the_same_name_and_birth_date_stays(home: Config, clock: FixedClock) -> None:
    def row(number: int, code: str) -> str:
        said = f"<Nationalities><Nationality>{code}</Nationality></Nationalities>"
        return pupil(extra=said + ADDRESS, UPN=upn(number), Forename="First", DOB="2009-03-04")

    header = {"Term": "SPR", "Year": "2017", "ReferenceDate": "2017-01-19"}
    made = paper(row(1, "AFG"), row(2, "ALB"), **header)
    sent = collect.submit(io.BytesIO(made), clock=clock, config=home, actor="school")
    child, _ = Vault(home).allocate([_identity(), _identity(2)])
    gate.decline_item(child, "return.nationality", actor="account:1", config=home, clock=clock)
    past.replace_past.func(config=home, clock=clock)
    assert collect.mentions(sent.return_id, [b"<Nationality>ALB"], home), "the other child's own number is on that row"
    assert not collect.mentions(sent.return_id, [b"AFG"], home)


def _identity(number: int = 1) -> Any:
    return NewIdentity(upn(number), "Canarysynth", "First", "2009-03-04", "F")


def test_days_of_a_decision_are_the_clock_s(child: Pmr, home: Config, clock: FixedClock) -> None:
    said = gate.decline_item(child, ETHNICITY, actor="account:1", config=home, clock=clock)
    assert said.since.date() == date(2026, 9, 1)
    assert upn(1) not in repr(said)
    assert "ethnicity" not in repr(said)
