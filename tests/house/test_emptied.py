"""What a test committed is gone before the next one, and nothing that every test finds is."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from schoolgate import people
from schoolgate.people.models import Account
from tests import flushing


@pytest.mark.django_db(transaction=True)
def test_every_row_is_gone_whatever_refers_to_it_and_content_types_stay() -> None:
    kinds = ContentType.objects.count()
    home = people.add_organisation("University of Example (synthetic)", "university")
    account = Account.objects.create_user("somebody@example.org", "correct horse battery", role="researcher")
    people.hold_person(people.add_person(home.id, "researcher").id, int(account.pk))
    assert {"people_organisation", "people_person", "people_account"} <= set(flushing.with_rows(connection))
    flushing.empty(connection)
    assert flushing.with_rows(connection) == []
    assert ContentType.objects.count() == kinds
    people.add_organisation("University of Example (synthetic)", "university")  # and the database still works
