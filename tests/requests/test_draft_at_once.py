"""Two authors at the same moment: nothing is lost, nothing counts twice."""

from __future__ import annotations

import pytest

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.people import person
from schoolgate.requests import drafting
from tests.requests.at_once import at_once
from tests.requests.cast import Cast, enter_cast, told
from tests.requests.drafts import begun, filled_in, save

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return enter_cast()


def test_of_two_who_save_one_page_at_once_one_is_told_of_the_other(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    requests.insist(drafting.add_author(draft.id, cast.colleague, cast.researcher, clock))
    one, two = at_once(
        lambda: save(draft, "conflicts", cast.researcher, clock, conflicts="One"),
        lambda: save(draft, "conflicts", cast.colleague, clock, conflicts="Two"),
    )
    assert isinstance(one, drafting.Saved)
    assert isinstance(two, drafting.Saved)
    (told_of,) = [saved for saved in (one, two) if saved.clash]
    kept = drafting.find(draft.id, person(cast.researcher)).spec.conflicts
    assert told_of.clash[0].before == (kept,)
    assert {kept, *told_of.clash[0].after} == {"One", "Two"}


def test_two_pages_saved_at_once_are_both_kept(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    at_once(
        lambda: save(draft, "conflicts", cast.researcher, clock, conflicts="none"),
        lambda: save(draft, "benefit", cast.researcher, clock, harm="Some"),
        lambda: save(draft, "publication", cast.researcher, clock, publication_plan="Soon"),
    )
    spec = drafting.find(draft.id, person(cast.researcher)).spec
    assert (spec.conflicts, spec.harm, spec.publication_plan) == ("none", "Some", "Soon")


def test_a_draft_handed_in_twice_at_once_is_one_application(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock)
    outcomes = at_once(*[lambda: drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock)] * 3)
    assert sum(isinstance(one, requests.Refused) for one in outcomes) == 2
    assert [one.id for one in requests.applications()] == ["APP-2026-0001"]
    assert len(told("APP-2026-0001")) == 1


def test_a_page_saved_while_the_draft_is_handed_in_is_in_it_or_refused(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock)
    made, saved = at_once(
        lambda: drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock),
        lambda: save(draft, "conflicts", cast.researcher, clock, revision=1, conflicts="A late one."),
    )
    # Whoever came second was refused: what was checked is what was handed in.
    assert isinstance(made, requests.Refused) != isinstance(saved, requests.Refused)
    assert not requests.applications() or requests.applications()[0].spec.conflicts == "none"


def test_withdrawn_and_returned_at_once_is_one_of_the_two(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock)
    made = requests.insist(drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock))
    at_once(
        lambda: drafting.withdraw(made.id, "Over.", cast.researcher, clock),
        lambda: requests.return_application(made.id, ["Say more."], cast.custodian, clock),
    )
    steps = [step.event for step in requests.history(made.id)]
    assert requests.application(made.id).state in ("withdrawn", "returned")
    assert steps in (["submit", "withdraw"], ["submit", "return"], ["submit", "return", "withdraw"])
