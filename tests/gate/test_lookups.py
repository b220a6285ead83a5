"""Looking people up: exactly those who are found are exposed, nothing of the others stays, and no answer tells more."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from schoolgate import consent, gate, ledger, people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.gate.releases.lookups import _claimed
from schoolgate.records.vault import Vault
from tests.gate.extracts import codes
from tests.gate.lookups import LAW, LookupScene, stranger, wanted
from tests.requests.at_once import at_once
from tests.world import CHILDREN

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(home: Config, clock: FixedClock) -> LookupScene:
    return LookupScene.of("matching", home, clock)


@pytest.fixture
def claims(home: Config, clock: FixedClock) -> LookupScene:
    return LookupScene.of("verification", home, clock)


def everything_kept() -> str:
    """Every value in every table of the database, as text."""
    held = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            held += [str(row) for row in cursor.fetchall()]
    return "\n".join(held)


def test_each_row_is_answered_and_exactly_the_found_are_exposed(scene: LookupScene) -> None:
    answer = scene.match(wanted(1), stranger(), wanted(3), items=("census_pupil.urn", "census_pupil.age"))
    assert [(row.ref, row.found) for row in answer.rows] == [("1", True), ("x", False), ("3", True)]
    assert dict(answer.rows[0].values) == {"census_pupil.urn": "100008", "census_pupil.age": "6"}
    assert answer.rows[1].values == ()
    (release,) = answer.releases
    assert ledger.release(release).member_count == 2
    for child in range(6):
        lines = scene.lines(child)
        assert bool(lines) == (child in (1, 3))
        for line in lines:
            assert line.exposure.state == "settled"  # the same day, and no "may be in it" for everybody else
            assert {"identity.surname", "identity.dob", "census_pupil.urn"} <= set(line.exposure.items)


def test_the_public_sees_counts_kind_and_law_at_once_and_never_the_case(scene: LookupScene) -> None:
    insist(scene.match(wanted(1), stranger()))
    (made,) = scene.told("lookup.made")
    assert made["kind"] == "matching"
    assert (made["people_asked"], made["people_found"]) == ("fewer than 10", "fewer than 10")
    assert (made["provision"], made["reason"]) == (LAW, "to keep a child safe")
    (destroyed,) = scene.told("lookup.misses_destroyed")
    assert destroyed["misses"] == "fewer than 10"
    assert scene.told("release.begun")[-1]["provision"] == LAW
    for line in scene.lines(1):
        assert "safeguarding" not in repr(line)
        assert LAW not in repr(line)


def test_nothing_of_whoever_is_not_found_stays_anywhere(scene: LookupScene) -> None:
    name = "Missedsynth"
    insist(scene.match(wanted(1), stranger(surname=name, forename="Unheardsynth", dob="2011-11-11")))
    kept = everything_kept()
    assert name not in kept
    assert "Unheardsynth" not in kept
    assert "2011-11-11" not in kept
    for path in scene.config.home.rglob("*"):
        if path.is_file():
            assert name.encode() not in path.read_bytes(), path


def test_reasons_and_laws_of_their_own_are_releases_of_their_own(scene: LookupScene) -> None:
    other = "Education Act 1996 s.436A"
    answer = scene.match(wanted(1), wanted(2, reason="attendance", provision=other))
    assert len(answer.releases) == 2
    assert [ledger.release(one).member_count for one in answer.releases] == [1, 1]
    assert {event["provision"] for event in scene.told("lookup.made")} == {LAW, other}


def test_a_upn_finds_only_with_its_own_birth_date_and_name(scene: LookupScene) -> None:
    bare = {"surname": "", "forename": "", "sex": "", "postcode": ""}
    upn = CHILDREN[2].upn
    asked = (
        wanted(2, "right", upn=upn, **bare),
        wanted(2, "day", upn=upn, dob="2001-01-01", **bare),
        wanted(2, "name", upn=upn, surname="Othersynth"),
    )
    assert [scene.match(one).rows[0].found for one in asked] == [True, False, False]


def test_no_look_up_says_whose_a_pseudonym_is(scene: LookupScene) -> None:
    """Beside a name it would open every extract and every result of the agreement."""
    assert codes(scene.match(wanted(1), items=("census_pupil.urn", "census_pupil.pupil"))) == {"lookup-pseudonym"}
    assert scene.lines(1) == []


def test_no_claim_says_whose_a_pseudonym_is(claims: LookupScene) -> None:
    read = claims.read()
    assert isinstance(read, gate.Handover)
    for name in read.table.column("pupil").to_pylist():
        assert codes(claims.verify(wanted(1), "census_pupil.pupil", name)) == {"lookup-pseudonym"}


def test_no_file_of_single_records_leaves_where_people_are_looked_up_by_name(scene: LookupScene) -> None:
    """Values with a name from the one could be matched with the same values under a pseudonym in the other."""
    before = len(scene.told("extract.ordered"))
    assert codes(scene.order(sql="SELECT pupil, sex FROM census_pupil")) == {"extract-beside-names"}
    assert len(scene.told("extract.ordered")) == before


def test_a_row_that_fits_two_children_finds_neither(scene: LookupScene) -> None:
    twin = dataclasses.replace(CHILDREN[1], upn="")
    Vault(scene.config).allocate([twin])
    answer = scene.match(wanted(1))
    assert not answer.rows[0].found
    assert scene.lines(1) == []


def test_a_list_of_ten_thousand_is_refused_whole(scene: LookupScene) -> None:
    refused = scene.match(*(stranger(str(at)) for at in range(10_000)))
    assert codes(refused) == {"list-too-long"}
    assert scene.told("lookup.made") == []
    assert not scene.told("use.stopped")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": "because"}, "lookup-reason"),
        ({"provision": "the law"}, "lookup-provision"),
        ({"provision": "Children Act 1989 s.47, the matter of a child of Anytown"}, "lookup-provision"),
        ({"dob": "11/01/2015"}, "lookup-person"),
        ({"postcode": ""}, "lookup-person"),
        ({"surname": ""}, "lookup-person"),
        ({"surname": "S" * 101}, "lookup-person"),
        ({"upn": "A000000000001"}, "lookup-person"),  # or it would be "not found", though the name is there
        ({"sex": "female"}, "lookup-person"),
        ({"postcode": "a|b", "dob": "1|2"}, "lookup-person"),
    ],
)
def test_a_row_without_its_own_reason_law_or_particulars_is_refused(
    scene: LookupScene, changes: dict[str, Any], code: str
) -> None:
    refused = scene.match(wanted(1, **changes), wanted(2))
    assert codes(refused) == {code}
    assert refused.reasons[0].where == "row 1"
    assert scene.lines(2) == []


class TestWhoIsLeftOut:
    """Look-ups are ruled as scans are; whoever is left out is "not found", in the same words."""

    def told(self, scene: LookupScene, child: int) -> tuple[Any, list[Any]]:
        answer = scene.match(wanted(child, "r"))
        return answer.rows, scene.lines(child)

    def test_a_shielded_child(self, scene: LookupScene) -> None:
        consent.shield(scene.world.pmrs[1], actor=scene.custodian, clock=scene.clock)
        nobody = scene.match(stranger("r"))
        rows, lines = self.told(scene, 1)
        assert rows == nobody.rows
        assert lines == []

    def test_an_objecting_family(self, scene: LookupScene) -> None:
        consent.lodge_objection(scene.world.pmrs[1], "education-research", actor="account:1", clock=scene.clock)
        rows, lines = self.told(scene, 1)
        assert not rows[0].found
        assert lines == []

    def test_a_child_whose_name_or_birthday_is_being_checked_is_not_found_by_it(self, scene: LookupScene) -> None:
        """UK GDPR Article 18(1)(a): what the look-up would compare is what is in dispute."""
        say = {"case": "C-1", "actor": "account:1", "clock": scene.clock}
        consent.dispute_item(scene.world.pmrs[1], "identity.dob", **say)
        rows, lines = self.told(scene, 1)
        assert not rows[0].found
        assert lines == []
        consent.settle_item(scene.world.pmrs[1], "identity.dob", **say)
        rows, lines = self.told(scene, 1)
        assert rows[0].found
        assert lines

    def test_and_a_shield_is_what_a_claim_hears_of_too(self, claims: LookupScene) -> None:
        consent.shield(claims.world.pmrs[1], actor=claims.custodian, clock=claims.clock)
        assert claims.verify(wanted(1)).yes is False
        assert claims.lines(1) == []


class TestClaims:
    """Yes or no, and nothing else; either is a read when somebody is found."""

    def test_yes_and_no_are_both_in_the_childs_own_answer(self, claims: LookupScene) -> None:
        assert claims.verify(wanted(1), "census_pupil.urn", "100008").yes
        assert not claims.verify(wanted(1), "census_pupil.urn", "100009").yes
        assert len(claims.lines(1)) == 2
        assert claims.lines(2) == []

    def test_nobody_is_no_and_leaves_a_release_of_nobody(self, claims: LookupScene) -> None:
        answer = claims.verify(stranger())
        assert not answer.yes
        assert ledger.release(answer.release_id).member_count == 0
        assert claims.told("lookup.made")[0]["people_found"] == "fewer than 10"

    def test_an_item_that_was_not_agreed_is_refused(self, claims: LookupScene) -> None:
        assert codes(claims.verify(wanted(1), "census_pupil.fsmeligible", "true")) == {"item-not-approved"}
        assert claims.lines(1) == []

    def test_a_withdrawn_accreditation_asks_nothing(self, claims: LookupScene) -> None:
        people.set_accreditation(claims.world.person, claims.clock.now().date() - timedelta(days=1))
        assert codes(claims.verify(wanted(1))) == {"accreditation-expired"}
        assert claims.lines(1) == []

    def test_no_more_than_thirty_a_minute(self, home: Config, clock: FixedClock) -> None:
        scene = LookupScene.of("verification", home, clock)
        for number in range(30):
            assert scene.verify(wanted(number % 6)).yes
        assert codes(scene.verify(wanted(1))) == {"too-fast"}
        assert scene.told("use.stopped") == []
        scene.later(minutes=1)
        assert isinstance(scene.verify(stranger()), gate.Verified)


class TestGuessing:
    """A list or a row of claims that tries particulars out until one is true."""

    @pytest.mark.parametrize(
        "tries",
        [
            [{"upn": CHILDREN[2].upn, "dob": f"2015-01-{day:02}", "surname": ""} for day in (1, 2)],
            [{"postcode": place} for place in ("ZE1 0AA", "ZE1 0AB")],
            [{"dob": f"2015-01-{day:02}"} for day in (1, 2)],
            [{"sex": sex} for sex in "FM"],
            [{"surname": f"{letter}bcsynth"} for letter in "abcd"],
            [{"postcode": "ZE1 0AA"}, {"postcode": "ze10aa", "surname": CHILDREN[2].surname.upper()}],
        ],
    )
    def test_a_list_that_tries_one_child_out_is_refused_whole(
        self, scene: LookupScene, tries: list[dict[str, str]]
    ) -> None:
        rows = [wanted(2, f"try {at}", **changes) for at, changes in enumerate(tries)]
        refused = scene.match(wanted(1), *rows)
        assert codes(refused) == {"list-guesses"}
        assert refused.reasons[0].where.startswith("row 2, 3")
        assert scene.told("lookup.made") == []
        assert scene.lines(1) == scene.lines(2) == []

    def test_triplets_are_three_children(self, scene: LookupScene) -> None:
        rows = [stranger(forename, forename=forename) for forename in ("Onesynth", "Twosynth", "Threesynth")]
        assert isinstance(scene.match(*rows), gate.ListAnswer)

    def test_claims_that_mostly_hear_no_are_stopped_and_asked_about(self, claims: LookupScene) -> None:
        for day in range(20):
            claims.later(minutes=1)
            assert not claims.verify(wanted(2, dob=f"1999-01-{day + 1:02}")).yes
        assert codes(claims.verify(wanted(2))) == {"mostly-nobody"}
        assert claims.lines(2) == []
        assert claims.told("use.stopped")[0]["reasons"] == ["mostly-nobody"]
        agreement, clock = claims.world.agreement, claims.clock
        insist(gate.answer_stop(agreement, "Our file had the wrong birth dates.", claims.world.person, clock=clock))
        insist(gate.lift_stop(agreement, "They showed us the file.", claims.custodian, clock=clock))
        claims.later(minutes=1)
        assert claims.verify(wanted(2)).yes  # what was answered for is not asked about again

    def test_a_value_that_is_read_out_no_by_no_is_stopped(self, claims: LookupScene) -> None:
        for urn in range(100_000, 100_005):
            assert not claims.verify(wanted(1), "census_pupil.urn", str(urn)).yes
        assert codes(claims.verify(wanted(1), "census_pupil.urn", "100008")) == {"same-child"}
        assert len(claims.lines(1)) == 5
        assert claims.told("use.stopped")[0]["reasons"] == ["same-child"]

    def test_the_next_day_a_child_can_be_asked_about_again(self, claims: LookupScene) -> None:
        for _ in range(5):
            assert claims.verify(wanted(1)).yes
        claims.later(days=1)
        assert claims.verify(wanted(1)).yes

    def test_a_value_of_nothing_is_not_answered_as_another_question(self, claims: LookupScene) -> None:
        """ "Is there such a pupil" must not be heard as "their school is 999999": yes."""
        assert codes(claims.verify(wanted(1), "", "999999")) == {"claim-half"}
        assert codes(claims.verify(wanted(1), "census_pupil.urn", " ")) == {"claim-half"}
        assert claims.lines(1) == []

    @pytest.mark.parametrize(
        ("held", "claimed", "yes"),
        [(None, "None", False), (True, "true", True), ("WBRI", "wbri", True), (6, "6", True), (6, "16", False)],
    )
    def test_what_a_value_is_compared_as(self, held: Any, claimed: str, yes: bool) -> None:
        assert _claimed(held, claimed) is yes


def test_a_person_of_two_rows_is_missed_in_neither(scene: LookupScene) -> None:
    bare = {"surname": "", "forename": "", "sex": "", "postcode": ""}
    answer = scene.match(wanted(2, "name"), wanted(2, "upn", upn=CHILDREN[2].upn, **bare))
    assert [row.found for row in answer.rows] == [True, True]
    (view,) = gate.lookups(scene.world.person, clock=scene.clock)
    assert (view.past[0].asked, view.past[0].found) == (2, 2)


def test_three_claims_at_once_are_no_more_than_was_declared(home: Config, clock: FixedClock) -> None:
    scene = LookupScene.of("verification", home, clock, per_day=1)
    answers = at_once(*[lambda: scene.verify(wanted(1))] * 3)
    # One that was recorded and then found the database busy gives no answer, and is on record all the same.
    assert sum(isinstance(answer, gate.Verified) for answer in answers) <= 1
    assert len(scene.lines(1)) == len(scene.told("lookup.made")) == 1
    assert isinstance(scene.verify(wanted(1)), gate.RefusedQuery)


class TestWhatWasAppliedFor:
    """Look-ups need an application for look-ups, and what was declared is not widened by one person."""

    def test_an_agreement_for_research_looks_nobody_up(self, home: Config, clock: FixedClock) -> None:
        scene = LookupScene.build(home, clock, kind_of_request="research")
        assert codes(scene.match(wanted(1))) == {"lookups-not-declared"}
        terms = gate.LookupDeclared(("matching",), ("safeguarding",), 10, 100)
        refused = gate.declare_lookups(scene.world.agreement, terms, scene.custodian, clock=clock)
        assert codes(refused) == {"not-applied-for"}

    def test_it_can_be_made_less_never_more(self, scene: LookupScene) -> None:
        def declare(**given: Any) -> Any:
            terms = gate.LookupDeclared(
                **{"kinds": ("matching",), "reasons": ("safeguarding",), "per_day": 10, "per_month": 20, **given}
            )
            return gate.declare_lookups(scene.world.agreement, terms, scene.custodian, clock=scene.clock)

        insist(declare())
        for more in ({"per_day": 11}, {"per_month": 21}, {"reasons": ("crime",)}, {"first_hour": 0}, {"last_hour": 23}):
            assert codes(declare(**more)) == {"declared-more"}, more
        assert len(scene.told("lookup.terms")) == 2

    def test_only_the_custodian_declares_and_not_its_own(self, scene: LookupScene) -> None:
        terms = gate.LookupDeclared(("matching",), ("safeguarding",), 1, 2)
        refused = gate.declare_lookups(scene.world.agreement, terms, scene.world.person, clock=scene.clock)
        assert codes(refused) == {"not-your-decision", "own-organisation"}


def test_a_built_in_or_unknown_agreement_looks_nobody_up(scene: LookupScene) -> None:
    for agreement in ("A-SAR", "A-1999-0001"):
        refused = gate.match_list(agreement, scene.world.person, [wanted(1)], config=scene.config, clock=scene.clock)
        assert codes(refused) == {"agreement-unknown"}
    assert scene.lines(1) == []
