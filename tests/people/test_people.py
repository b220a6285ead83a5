"""Organisations, persons and accounts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import people
from schoolgate import settings as site
from schoolgate.errors import SchoolgateError
from schoolgate.people.models import Account, Organisation

pytestmark = pytest.mark.django_db


def a_university(name: str = "Synthetic University") -> people.OrganisationView:
    return people.add_organisation(name, "university")


def test_an_organisation_is_found_by_id_and_by_its_exact_name() -> None:
    made = a_university()
    assert made.id.startswith("O-")
    assert people.organisation(made.id) == made
    assert people.find_organisation(made.id) == made
    assert people.find_organisation(" Synthetic University ") == made
    assert people.organisations() == (made,)


@pytest.mark.parametrize("kind", people.ORGANISATION_KINDS)
def test_every_kind_of_organisation_can_be_entered(kind: str) -> None:
    assert people.add_organisation("Synthetic", kind).kind == kind


def test_an_unknown_kind_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(SchoolgateError) as refused:
        people.add_organisation("Synthetic", "friend")
    assert "university" in refused.value.hint
    assert not Organisation.objects.exists()


def test_a_name_is_entered_once_however_its_accents_are_encoded() -> None:
    people.add_organisation("Caf\u00e9", "charity")
    with pytest.raises(SchoolgateError, match="entered already"):
        people.add_organisation("Cafe\u0301", "charity")
    assert Organisation.objects.count() == 1


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 201, "turned \u202e round", "nul \x00"])
def test_a_name_that_could_not_be_shown_as_it_is_is_refused(name: str) -> None:
    with pytest.raises(SchoolgateError) as refused:
        people.add_organisation(name, "company")
    assert refused.value.code == "text"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '=HYPERLINK("x")', "Robert'); DROP TABLE"])
def test_markup_and_formulas_in_a_name_are_kept_as_text(name: str) -> None:
    assert people.organisation(people.add_organisation(name, "company").id).name == name


def test_a_person_is_an_id_a_role_and_an_organisation() -> None:
    home = a_university()
    made = people.add_person(home.id, "researcher", accredited_until=date(2027, 1, 31))
    assert people.person(made.id) == made
    assert (made.organisation_id, made.role) == (home.id, "researcher")
    assert people.persons(home.id) == (made,)


@pytest.mark.parametrize("text", ["", "P-", "P-1", "P-9999", "O-0001", "P-0001; DROP", "P-٠٠٠١", "P-" + "9" * 30])
def test_an_id_that_is_nobodys_is_unknown(text: str) -> None:
    with pytest.raises(people.UnknownPerson):
        people.person(text)
    with pytest.raises(people.UnknownOrganisation):
        people.organisation(text.replace("P-", "O-9"))


def test_an_unknown_role_or_organisation_is_refused() -> None:
    with pytest.raises(SchoolgateError, match="role is not known"):
        people.add_person(a_university().id, "king")
    with pytest.raises(people.UnknownOrganisation):
        people.add_person("O-9999", "panel")
    assert people.persons() == ()


@given(days=st.integers(-800, 800))
def test_accreditation_covers_its_last_day_and_no_later_one(days: int) -> None:
    last = date(2026, 9, 1)
    person = people.PersonView("P-0001", "O-0001", "Synthetic", "researcher", last, "United Kingdom")
    assert person.accredited_on(last + timedelta(days=days)) is (days <= 0)
    assert not people.PersonView("P-0001", "O-0001", "Synthetic", "researcher", None, "France").accredited_on(last)


def test_an_accreditation_can_be_renewed_and_withdrawn() -> None:
    person = people.add_person(a_university().id, "researcher")
    assert people.set_accreditation(person.id, date(2028, 1, 1)).accredited_until == date(2028, 1, 1)
    assert people.set_accreditation(person.id, None).accredited_until is None
    assert people.person(person.id).accredited_until is None


def test_an_account_signs_in_with_its_address_in_lower_case_and_a_scrypt_hash() -> None:
    made = people.create_account(" Parent@Example.ORG", "correct horse battery")
    row = Account.objects.get(pk=made.id)
    assert row.email == "parent@example.org"
    assert row.password.startswith("scrypt$")
    assert row.check_password("correct horse battery")
    assert people.account(made.id) == made


def test_the_site_hashes_passwords_with_all_the_work_that_django_asks_for(settings: Any) -> None:
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS  # tests have a quicker one: `tests.passwords`
    made = people.create_account("parent@example.org", "correct horse battery")
    kind, work, _, blocks, parallel, _ = Account.objects.get(pk=made.id).password.split("$")
    assert (kind, int(work), int(blocks), int(parallel)) == ("scrypt", 1 << 14, 8, 5)


def test_an_address_has_one_account_and_the_error_does_not_repeat_it() -> None:
    people.create_account("parent@example.org", "correct horse battery")
    with pytest.raises(people.AccountExists) as refused:
        people.create_account("PARENT@example.org", "another long password")
    assert "example.org" not in str(refused.value)
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [("not an address", "correct horse battery", "email"), ("a@example.org", "qqzz7", "password")],
)
def test_a_bad_address_or_a_weak_password_makes_no_account(email: str, password: str, code: str) -> None:
    with pytest.raises(SchoolgateError) as refused:
        people.create_account(email, password)
    assert refused.value.code == code
    assert email not in str(refused.value)
    assert password not in str(refused.value)
    assert not Account.objects.exists()


def test_an_account_does_not_show_its_address_in_a_repr() -> None:
    assert "example.org" not in repr(people.create_account("parent@example.org", "correct horse battery"))


def test_a_closed_account_is_no_account() -> None:
    made = people.create_account("parent@example.org", "correct horse battery")
    Account.objects.update(is_active=False)
    with pytest.raises(SchoolgateError, match="no such account"):
        people.account(made.id)
