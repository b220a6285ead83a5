"""The vault: identities sealed, found by blind index, references dense."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.records.models import VaultIdentity
from schoolgate.records.vault import NewIdentity, UnknownPupil, Vault, same_name
from schoolgate.seal import SealBroken

CHILD = NewIdentity(
    upn="R201100018042",
    surname="Canarysurname",
    forename="Canaryforename",
    dob="2015-03-04",
    sex="F",
    postcode="ZZ1 1ZZ",
)
TWIN = replace(CHILD, upn="T20110001804V", forename="Other")


@pytest.mark.django_db
def test_references_are_dense_from_zero_and_found_by_any_upn(home: Config) -> None:
    vault = Vault(home)
    assert vault.allocate([CHILD, TWIN]) == [0, 1]
    assert vault.find(CHILD.upn) == 0
    vault.update({vault.find(TWIN.upn): replace(TWIN, upn="P207000016049", former_upns=(TWIN.upn,))})  # type: ignore[dict-item]
    assert vault.find("P207000016049") == vault.find(TWIN.upn) == 1
    assert vault.identity(vault.find(TWIN.upn)).forename == "Other"  # type: ignore[arg-type]
    assert vault.find("A000000000000") is None


@pytest.mark.django_db
def test_a_twin_is_not_the_same_child(home: Config) -> None:
    vault = Vault(home)
    vault.allocate([CHILD])
    assert vault.find_same_child([replace(CHILD, upn="other"), TWIN]) == {0: 0}


@pytest.mark.django_db
def test_a_upn_that_two_children_have_finds_its_first_holder_and_tells_of_both(home: Config) -> None:
    vault = Vault(home)
    vault.allocate([TWIN, CHILD])
    assert vault.allocate([replace(CHILD, dob="2014-01-01")]) == [2]
    assert vault.find(CHILD.upn) == 1
    assert vault.holders([CHILD.upn, TWIN.upn, "A000000000000"]) == {CHILD.upn: (1, 2), TWIN.upn: (0,)}


@pytest.mark.django_db
def test_an_update_never_takes_another_childs_upn_away(home: Config) -> None:
    vault = Vault(home)
    vault.allocate([CHILD, TWIN])
    vault.update({Pmr(0): replace(CHILD, former_upns=(TWIN.upn,))})
    assert vault.find(TWIN.upn) == 1


@pytest.mark.django_db
def test_the_next_reference_is_known_inside_a_transaction_and_only_there(home: Config) -> None:
    vault = Vault(home)
    with transaction.atomic():
        assert vault.next_reference() == 0
        assert vault.allocate([CHILD]) == [0]
        assert vault.next_reference() == 1


@pytest.mark.django_db(transaction=True)
def test_references_are_not_given_out_outside_a_transaction(home: Config) -> None:
    with pytest.raises(SchoolgateError, match="inside a transaction"):
        Vault(home).next_reference()


@pytest.mark.django_db
def test_nothing_of_an_identity_can_be_read_at_rest(home: Config) -> None:
    Vault(home).allocate([CHILD])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM records_vaultidentity")
        stored = repr(cursor.fetchall())
        cursor.execute("SELECT * FROM records_vaultindex")
        stored += repr(cursor.fetchall())
    for value in (CHILD.upn, CHILD.surname, CHILD.forename, CHILD.dob, CHILD.postcode):
        assert value not in stored


@pytest.mark.django_db
def test_a_sealed_identity_moved_to_another_child_does_not_open(home: Config) -> None:
    vault = Vault(home)
    first, second = vault.allocate([CHILD, TWIN])
    VaultIdentity.objects.filter(pmr=second).update(sealed=VaultIdentity.objects.get(pmr=first).sealed)
    with pytest.raises(SealBroken):
        vault.identity(second)


@pytest.mark.django_db
def test_an_unknown_reference_is_said_to_be_unknown(home: Config) -> None:
    with pytest.raises(UnknownPupil):
        Vault(home).identity(7)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_keys_are_random_kept_and_can_be_destroyed(home: Config) -> None:
    vault = Vault(home)
    key = vault.release_key("R-1")
    assert vault.release_key("R-1") == key == Vault(home).release_key("R-1")
    assert vault.release_key("R-2") != key != vault.agreement_key("R-1")
    vault.destroy_release_key("R-1")
    assert vault.release_key("R-1") != key


def test_an_identity_shows_nothing_of_itself_when_printed() -> None:
    assert "Canary" not in repr(CHILD)
    assert CHILD.upn not in repr(CHILD)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("O'Neil", "ONEIL", True),
        ("Zoë", "zoe", True),
        ("Smith-Jones", "Smith", True),
        ("Mary Ann", "Mary", True),
        ("Smith", "Jones", False),
        ("", "Jones", False),
    ],
)
def test_spellings_of_one_name_are_the_same_name(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


@given(st.text(max_size=12), st.text(max_size=12))
def test_whether_two_names_are_the_same_does_not_depend_on_their_order(one: str, other: str) -> None:
    assert same_name(one, other) == same_name(other, one)
    assert same_name(one, one)
