"""2018 to 2020: a former training provider renamed itself, kept its access to learner records, and sold 22,000 look-ups.

For age checks, in the end for gambling firms; the ministry learned it from a newspaper. Here a change of name, owner or
business re-opens every agreement at once; use that is not what was applied for is stopped and asked about; and the
families see each look-up the same day, so that nobody needs a newspaper.
"""

from __future__ import annotations

from typing import Any

import pytest

from schoolgate import gate, people, requests
from schoolgate.clock import FixedClock, custodians_day
from schoolgate.config import Config
from tests.gate.lookups import LookupScene, wanted
from tests.history import scene as history
from tests.requests import road

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(home: Config, clock: FixedClock) -> LookupScene:
    return LookupScene.of(
        "verification", home, clock, reasons=("record-check",), per_day=5, per_month=60, first_hour=8, last_hour=17
    )


def ask(provider: LookupScene, reason: str = "record-check") -> Any:
    return provider.verify(wanted(1, reason=reason))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Quick Checks (synthetic)"},
        {"owner": "Betting Group (synthetic)"},
        {"business": "Age checks for firms"},
    ],
)
def test_a_new_name_owner_or_business_ends_the_access_at_once_in_public(
    change: dict[str, str], provider: LookupScene, home: Config
) -> None:
    assert isinstance(ask(provider), gate.Verified)
    agreement = requests.get(provider.world.agreement)
    changed = requests.insist(
        requests.organisation_changed(
            agreement.organisation_id, change, "A letter of theirs.", provider.custodian, provider.clock
        )
    )
    assert changed.reopened == (agreement.id,)
    assert "agreement-not-active" in history.refused(ask(provider))
    assert history.told("agreement.reopened")[-1]["subject"] == agreement.id
    assert history.told("organisation.changed")[-1]["changed"] == list(change)
    assert history.figures("2026-Q3")["stopped", "agreements re-opened because an organisation changed"] == "1"
    assert history.figures("2026-Q3")["agreements", "reopened"] == "1"


def test_who_they_are_is_looked_up_before_a_signature_and_anew_once_their_name_is_another(
    provider: LookupScene,
) -> None:
    organisation = requests.get(provider.world.agreement).organisation_id
    today = custodians_day(provider.clock)
    assert people.is_verified(organisation, today)
    requests.insist(
        requests.organisation_changed(
            organisation,
            {"name": "Quick Checks (synthetic)"},
            "A letter of theirs.",
            provider.custodian,
            provider.clock,
        )
    )
    assert not people.is_verified(organisation, today)  # made sure of was the other name
    asked = history.apply(provider.world, provider.clock, "Brass Plate (synthetic)", "company")
    requests.insist(history.decide(asked.id, True, provider.clock))
    accepted = requests.insist(requests.accept(asked.id, asked.spec.people[0], road.shown(asked.id), provider.clock))
    unknown = requests.sign(asked.id, provider.custodian, accepted.text_hash, provider.clock)
    assert "organisation-not-verified" in history.refused(unknown)
    people.verify_organisation(
        asked.organisation_id, "Looked up (synthetic)", actor=provider.custodian, clock=provider.clock
    )
    requests.insist(requests.sign(asked.id, provider.custodian, accepted.text_hash, provider.clock))


def test_of_22_000_look_ups_five_are_made_and_the_sixth_stops_them_all(provider: LookupScene, home: Config) -> None:
    made = [ask(provider) for _ in range(5)]
    assert all(isinstance(one, gate.Verified) for one in made)
    assert history.refused(ask(provider)) == {"more-than-a-day"}
    for days in (0, 1, 30):
        provider.later(days=days)
        assert history.refused(ask(provider)) == {"use-stopped"}
    assert len(history.told("lookup.made")) == 5
    assert len(history.told("use.stopped")) == 1
    (stop,) = gate.stops(provider.world.person)  # and the recipient is asked why
    assert stop.standing
    history.whole(home)


def test_an_age_check_where_a_record_check_was_applied_for_is_not_made(provider: LookupScene) -> None:
    assert history.refused(ask(provider, "age-check")) == {"reason-not-declared"}
    assert provider.lines(1) == []


def test_the_family_sees_each_look_up_the_same_day_with_body_and_purpose(provider: LookupScene) -> None:
    ask(provider)
    (line,) = provider.lines(1)
    assert line.exposure.state == "settled"
    assert line.exposure.agreement_id == provider.world.agreement
    agreement = requests.get(line.exposure.agreement_id)
    assert people.organisation(agreement.organisation_id).name == history.told("lookup.made")[0]["organisation"]
    assert provider.lines(2) == []


def test_the_panel_may_say_that_it_goes_on_and_until_then_nothing_does(provider: LookupScene) -> None:
    agreement = requests.get(provider.world.agreement)
    requests.insist(
        requests.organisation_changed(
            agreement.organisation_id, {"owner": "Betting Group (synthetic)"}, "Bought.", provider.custodian,
            provider.clock,
        )
    )  # fmt: skip
    provider.later(days=365)
    assert "agreement-not-active" in history.refused(ask(provider))
    assert requests.get(agreement.id).state == "reopened"
