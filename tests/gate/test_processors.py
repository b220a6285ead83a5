"""A family's "no" to an organisation is heard where it only processes for another (UK GDPR Article 28)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from schoolgate import consent, gate, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.requests.stored import from_json, to_json
from tests.requests.filled import filled
from tests.world import World, another, build

pytestmark = pytest.mark.django_db

NAME = "Cloud Keeper (synthetic)"
DOES = ("keeps the servers", "Leeds", "United Kingdom")
EVERYBODY = "SELECT pupil, sex FROM census_pupil"


def counted(world: World, agreement: str, home: Config, clock: FixedClock) -> int:
    answer = gate.read(agreement, world.person, EVERYBODY, config=home, clock=clock)
    assert isinstance(answer, gate.Handover), answer
    return int(answer.table.num_rows)


def no_to(world: World, organisation: str, clock: FixedClock) -> None:
    consent.lodge_objection(world.pmrs[1], consent.Scope("recipient", organisation), actor="account:1", clock=clock)


def test_a_no_to_a_processor_is_heard_by_the_next_query_of_whoever_it_works_for(
    home: Config, clock: FixedClock
) -> None:
    world = build(home, clock)
    keeper = people.add_organisation(NAME, "company").id
    numbered = another(world, clock, processors=(requests.Processor(NAME, *DOES, keeper),))
    assert [counted(world, one, home, clock) for one in (world.agreement, numbered)] == [6, 6]
    no_to(world, keeper, clock)
    assert [counted(world, one, home, clock) for one in (world.agreement, numbered)] == [6, 5]
    # It is heard under whatever became of the processor, too.
    owner = people.add_organisation("Owner of Keepers (synthetic)", "company").id
    consent.withdraw_objection(world.pmrs[1], consent.Scope("recipient", keeper), actor="account:1", clock=clock)
    people.merge_organisations(keeper, owner, reason="Bought.", actor="", clock=clock)
    no_to(world, owner, clock)
    assert counted(world, numbered, home, clock) == 5
    # A no to a kind of organisation is one to who asks.
    consent.withdraw_objection(world.pmrs[1], consent.Scope("recipient", owner), actor="account:1", clock=clock)
    consent.lodge_objection(world.pmrs[1], consent.Scope("kind", "company"), actor="account:1", clock=clock)
    assert counted(world, numbered, home, clock) == 6


def test_a_processor_given_by_name_alone_is_heard_of_by_its_exact_name_now_or_formerly(
    home: Config, clock: FixedClock
) -> None:
    """Agreements from before processors had numbers; and one that came into the list of organisations later."""
    world = build(home, clock)
    named = another(world, clock, processors=(requests.Processor(NAME, *DOES),))
    keeper = people.add_organisation(NAME, "company").id
    no_to(world, keeper, clock)
    assert counted(world, named, home, clock) == 5
    people.change_organisation(
        keeper, changes={"name": "Quite Another Name (synthetic)"}, reason="Renamed.", actor="", clock=clock
    )
    assert counted(world, named, home, clock) == 5


def test_what_was_kept_before_processors_had_numbers_is_read_as_it_was() -> None:
    spec = replace(
        requests.read_application(requests.example("education-research")),
        processors=(requests.Processor(NAME, *DOES),),
    )
    kept: dict[str, Any] = to_json(spec)
    for one in kept["processors"]:
        del one["organisation"]
    assert from_json(kept).processors == spec.processors


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        (NAME, "", "processor-registered"),
        ("Cloud  Keeper (Synthetic)", "", "processor-registered"),
        (NAME, "O-9999", "processor-unknown"),
        (NAME, "no number", "processor-unknown"),
        ("Somebody Else (synthetic)", "its own", "processor-name"),
    ],
)
def test_a_processor_that_is_in_the_list_is_named_by_its_own_number(
    home: Config, clock: FixedClock, name: str, number: str, code: str
) -> None:
    world = build(home, clock)
    keeper = people.add_organisation(NAME, "company").id
    said = requests.Processor(name, *DOES, keeper if number == "its own" else number)
    spec = replace(requests.application(world.agreement).spec, title="A second question", processors=(said,))
    refused = requests.submit_application(filled(spec), world.person, clock)
    assert isinstance(refused, requests.Refused)
    assert [(one.code, one.where) for one in refused.reasons] == [(code, "processors, number 1")]
