"""Each item of the store has one time limit with its reason; each table stands in the record; what is late is public."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from typer.testing import CliRunner

from schoolgate import dictionary, oversight
from schoolgate.cli.oversight import app
from schoolgate.config import Config
from schoolgate.oversight import own, retention
from tests.oversight import told
from tests.web.staff import signed_in


def test_each_item_that_the_store_keeps_falls_under_exactly_one_rule_with_a_reason_and_a_source() -> None:
    found = oversight.kept_until()
    facts = {c.item_id for t in dictionary.lake_tables() for c in t.columns if c.kind == "item"}
    identity = {one.id for one in dictionary.identity_items()}
    paper = {f"return.{one.id}" for one in dictionary.asked_facts()}
    assert set(found) == facts | identity | paper
    assert {"identity.surname", "identity.dob", "return.address", "return.nationality"} <= set(found)
    assert all(rule.years > 0 and rule.why.endswith(".") and rule.source for rule in found.values())
    assert set(found.values()) == set(retention.rules())  # and no rule is about nothing
    longest = max(rule.years for rule in found.values())
    assert found["identity.surname"].years == longest  # a fact is found by its family as long as it is kept


def test_an_item_without_a_rule_or_with_two_is_an_error_not_a_guess() -> None:
    with pytest.raises(retention.NoRule, match="falls under 0 retention rules"):
        retention.rule_of("facts", "F", "census_pupil.new")
    with pytest.raises(retention.NoRule):
        retention.rule_of("cloud")


def test_each_table_of_the_database_stands_in_the_record_exactly_once() -> None:
    there = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    named = own.tables()
    assert len(named) == len(set(named))
    assert set(named) == there


def test_what_a_census_brought_goes_at_the_end_of_its_years_also_from_a_leap_year() -> None:
    paper = retention.rule_of("paper")
    assert paper.last_day(2016) == date(2022, 12, 31)
    assert retention.held_too_long([2016], date(2022, 12, 31)) == ()
    (first,) = retention.held_too_long([2016, 2016, 2020], date(2023, 1, 1))
    assert (first.census, first.rule, first.last_day) == (2016, "paper", date(2022, 12, 31))
    assert [one.last_day for one in retention.held_too_long([2000, 2016], date(2026, 1, 1))] == sorted(
        one.last_day for one in retention.held_too_long([2000, 2016], date(2026, 1, 1))
    )


def test_the_page_of_the_docs_has_the_rules() -> None:
    from tests.oversight.test_docs import ROOT

    page = (ROOT / "docs" / "oversight.md").read_text(encoding="utf-8")
    drawn = page.split("<!-- drawn: retention -->\n", 1)[1].split("<!-- end: retention -->", 1)[0].strip()
    assert drawn == oversight.retention_table()


@pytest.mark.django_db(transaction=True)
def test_what_is_held_too_long_is_named_to_everybody_and_makes_the_command_fail(
    home: Config, settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    settings.CONFIG, settings.CLOCK = replace(home), told.at("2023-01-01")
    cache.clear()
    told.tell("2017-02-01", "term.loaded", "census", year=2016, term="AUT", schools=2, snapshot=1)

    def page(address: str) -> str:
        cache.clear()
        return " ".join(client.get(address).content.decode().split())

    assert "from the censuses of 2016: it should have gone by 31 December 2022" in page("/processing/")
    answer: Any = client.get("/processing/?as=json")
    assert json.loads(b"".join(answer.streaming_content))["held_too_long"][0]["census"] == 2016
    done = CliRunner().invoke(app, ["record-of-processing"])
    assert done.exit_code == 1
    assert "Held longer than its rule says" in done.output
    settings.CLOCK = told.at("2022-12-31")
    assert "it should have gone by" not in page("/processing/")
    settings.CLOCK = told.at("2023-01-01")
    signed_in(client, "overseer")
    assert "held longer than its rule says" in page("/oversight/")


@pytest.mark.django_db(transaction=True)
def test_the_record_says_who_answers_and_leaves_out_neither_names_nor_the_custodian_s_own_work(
    home: Config, settings: Any, client: Client
) -> None:
    settings.CONFIG, settings.CLOCK = replace(home), told.at("2026-10-03")
    cache.clear()
    said = " ".join(client.get("/processing/").content.decode().split())
    assert "dpo@custodian.example (synthetic)" in said
    assert "Home address, as the school sent it" in said
    assert "Last name (25 years)" in said
    made = oversight.record_of_processing(oversight.from_database(), date(2026, 10, 3))
    collection, *others = made.activities
    names = {part.item for part in collection.categories}
    assert {"identity.surname", "return.address", "census_pupil.ethnicity"} <= names
    assert {"families", "who was given what", "accounts and signing in", "backups"} <= {one.id for one in others}
    for one in made.activities:
        row = oversight.as_row(one)
        assert all(row[column] for column in oversight.COLUMNS[:10]), one.id
