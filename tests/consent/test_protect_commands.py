"""``schoolgate protect``, at the custodian's terminal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from typer.testing import CliRunner, Result

from schoolgate import consent, people
from schoolgate.cli import protect
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.records.vault import Vault
from tests.world import CHILDREN

pytestmark = pytest.mark.django_db

UPN = CHILDREN[2].upn


@pytest.fixture
def custodian(home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> str:
    """A person of the custodian, beside a vault with six children."""
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    Vault(home).allocate(CHILDREN)
    ministry = people.add_organisation("Ministry (synthetic)", "custodian")
    return people.add_person(ministry.id, "custodian").id


def protecting(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(protect.app, list(arguments), input=typed, catch_exceptions=False)


def test_a_child_is_shielded_by_a_upn_that_is_asked_for_and_never_repeated(custodian: str) -> None:
    done = protecting("shield", "--as", custodian, typed=f"{UPN}\n")
    assert done.exit_code == 0
    assert "Shielded, from the next read on." in done.stdout
    assert consent.shielded_pupils() == [Pmr(2)]
    again = protecting("shield", "--as", custodian, "--upn", UPN)
    assert "It was so already" in again.stdout
    assert UPN not in again.output


def colleague() -> str:
    """Another person of the custodian."""
    return people.add_person(people.find_organisation("Ministry (synthetic)").id, "custodian").id


def twice(words: str, *command: str, first: str) -> None:
    """The same command by two people: the first is told that nothing has changed yet, and cannot be the second."""
    name, *rest = command
    waits = protecting(name, "--as", first, "--upn", UPN, *rest)
    assert "Nothing has changed yet: another person has to give the same command within 30 days" in " ".join(
        waits.stdout.split()
    )
    alone = protecting(name, "--as", first, "--upn", UPN, *rest)
    assert alone.exit_code == 1
    assert "Two people decide this; you were the first. Ask a colleague." in " ".join(alone.output.split())
    done = protecting(name, "--as", colleague(), "--upn", UPN, *rest)
    assert (done.exit_code, done.stdout.strip()) == (0, words)


def test_two_people_lift_a_shield(custodian: str) -> None:
    protecting("shield", "--as", custodian, "--upn", UPN)
    twice("The shield is lifted.", "unshield", first=custodian)
    assert consent.shielded_pupils() == []
    nothing = protecting("unshield", "--as", custodian, "--upn", UPN)
    assert nothing.exit_code == 1
    assert "There is no shield." in nothing.output


def test_a_death_is_recorded_by_two_and_taken_back_by_two(custodian: str) -> None:
    twice("Recorded, from the next read on.", "died", "--on", "2026-08-01", first=custodian)
    assert consent.death_of(Pmr(2)) == date(2026, 8, 1)
    twice("Taken back, from the next read on.", "died", first=custodian)
    assert consent.death_of(Pmr(2)) is None


def test_a_yes_on_paper_is_recorded_and_withdrawn(custodian: str) -> None:
    recipient = people.add_organisation("University of Example (synthetic)", "university").id
    until = date.today().replace(month=1, day=1)
    until = until.replace(year=until.year + 1)
    what = ("--item", "census_pupil.plaa", "--purpose", "education-research", "--recipient", recipient)
    given = protecting("consent", "--as", custodian, "--upn", UPN, *what, "--until", until.isoformat())
    assert given.exit_code == 0
    assert [yes.last_day for yes in consent.consents_of(Pmr(2))] == [until]
    assert protecting("consent", "--as", custodian, "--upn", UPN, *what).exit_code == 0
    assert consent.consents_of(Pmr(2)) == ()
    with pytest.raises(SchoolgateError):
        protecting("consent", "--as", custodian, "--upn", UPN, *what, "--until", "2099-01-01")


@pytest.mark.parametrize("command", ["shield", "unshield", "died"])
def test_a_upn_that_is_nobodys_is_said_to_be_and_nothing_is_recorded(command: str, custodian: str) -> None:
    for upn in ("A123456789012", "nonsense"):
        refused = protecting(command, "--as", custodian, "--upn", upn)
        assert refused.exit_code == 1
        assert "No pupil has this UPN." in refused.output
    assert consent.shielded_pupils() == consent.deceased_pupils() == []


def test_where_two_lay_claim_to_a_upn_both_are_shielded_and_nothing_else_is_guessed(
    custodian: str, home: Config
) -> None:
    from dataclasses import replace

    (second,) = Vault(home).allocate([replace(CHILDREN[2], forename="Another", dob="2014-02-02")])
    assert protecting("shield", "--as", custodian, "--upn", UPN).exit_code == 0
    assert consent.shielded_pupils() == sorted([Pmr(2), second])
    refused = protecting("unshield", "--as", custodian, "--upn", UPN)
    assert "Several pupils lay claim to this UPN." in refused.output
    assert consent.shielded_pupils() == sorted([Pmr(2), second])


def test_nobody_but_the_custodian_protects(custodian: str) -> None:
    other = people.add_organisation("University of Example (synthetic)", "university").id
    researcher = people.add_person(other, "researcher").id
    refused = protecting("shield", "--as", researcher, "--upn", UPN)
    assert refused.exit_code == 1
    assert "Only the custodian" in refused.output
    assert consent.shielded_pupils() == []


def test_a_record_is_restricted_and_lifted_only_when_its_family_was_told_in_time(custodian: str) -> None:
    what = ("--as", custodian, "--upn", UPN, "--reason", "legal-claim")
    assert protecting("restrict", *what).exit_code == 0
    assert consent.restricted_pupils() == [Pmr(2)]
    untold = protecting("lift", *what)
    assert untold.exit_code == 1
    assert "was not told in time" in untold.output
    too_soon = protecting("tell-lifting", *what, "--on", date.today().isoformat())
    assert too_soon.exit_code == 1
    assert "Name a day at least 7 days from today" in " ".join(too_soon.output.split())
    on = date.today() + consent.NOTICE_BEFORE_LIFTING + timedelta(days=1)
    assert protecting("tell-lifting", *what, "--on", on.isoformat()).exit_code == 0
    assert consent.restrictions_of(Pmr(2))[0].lifts_on == on
    assert protecting("lift", *what).exit_code == 1
    assert consent.restricted_pupils() == [Pmr(2)]
    unknown = protecting("restrict", "--as", custodian, "--upn", "A000000000000", "--reason", "legal-claim")
    assert unknown.exit_code == 1
