"""What an adult is to a child, in a small world of real rooms: shields, orders, take-over, majority, death, papers."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schoolgate import desk, gate, people, register, requests, rights
from schoolgate.cli import family
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused, SchoolgateError, insist
from schoolgate.gate.serve.values import to_json
from schoolgate.ids import Pmr
from schoolgate.post.models import Letter
from schoolgate.records.vault import Vault
from schoolgate.rights.models import ChildLink, PaperClaim
from tests.world import CHILDREN, URN, load_children

pytestmark = pytest.mark.django_db

UPN = CHILDREN[1].upn


@dataclass
class Home:
    """One child of eleven, two parents with accounts, two people of the custodian."""

    config: Config
    clock: FixedClock
    pupil: Pmr
    accounts: list[int]
    staff: list[str]

    def code(self, standing: str = "parental-responsibility") -> str:
        made = rights.issue_code(
            URN, UPN, school_actor=f"school:{URN}", standing=standing, clock=self.clock, config=self.config
        )
        assert isinstance(made, rights.IssuedCode), made
        return made.text

    def link(self, who: int, standing: str = "parental-responsibility") -> rights.ChildLink:
        made = rights.redeem_code(self.accounts[who], self.code(standing), self.clock, config=self.config)
        assert isinstance(made, rights.ChildLink), made
        return made

    def born(self, day: str) -> None:
        Vault(self.config).update({self.pupil: replace(CHILDREN[1], dob=day)})

    def at_desk(self, name: str, who: int = 0, /, **given: Any) -> Any:
        return desk.do(name, self.staff[who], config=self.config, clock=self.clock, **given)

    def confirmed(self, standing: str = "parental-responsibility", way: str = "letter") -> rights.PaperDecided:
        claim = insist(
            self.at_desk("paper-open", upn=UPN, standing=standing, evidence={"birth-certificate": "", "passport": ""})
        )
        made = insist(self.at_desk("paper-decide", 1, claim=claim.id, agree=True, way=way, reason=""))
        assert isinstance(made, rights.PaperDecided)
        return made


@pytest.fixture
def home_of(home: Config, clock: FixedClock, settings: Any) -> Home:
    settings.CONFIG, settings.CLOCK = home, clock
    pmrs = load_children(home, clock)
    requests.ensure_built_in(clock)
    ministry = people.add_organisation("Ministry (synthetic)", "custodian").id
    staff = [people.add_person(ministry, "custodian").id for _ in range(2)]
    accounts = [people.create_account(f"parent{n}@example.org", "correct horse battery").id for n in range(3)]
    return Home(home, clock, pmrs[1], accounts, staff)


def test_a_shield_closes_every_page_as_if_it_had_never_been_and_papers_open_it_without_places(home_of: Home) -> None:
    link = home_of.link(0)
    before = rights.my_record(link, clock=home_of.clock, config=home_of.config)
    assert before.tables["census_pupil"][0]["urn"] == URN
    assert gate.set_shield(UPN, True, actor=home_of.staff[0], config=home_of.config, clock=home_of.clock) is True
    assert rights.children(home_of.accounts[0]) == ()
    with pytest.raises(rights.UnknownLink) as closed:
        rights.child(home_of.accounts[0], link.id)
    with pytest.raises(rights.UnknownLink) as never:
        rights.child(home_of.accounts[0], 12345)
    assert str(closed.value) == str(never.value)
    # A school can no longer give a code out for the child, and is told what it is told of a stranger.
    refused = rights.issue_code(URN, UPN, school_actor=f"school:{URN}", clock=home_of.clock, config=home_of.config)
    assert isinstance(refused, Refusal)
    assert refused.code == "not-your-pupil"


def test_the_safe_adult_confirmed_since_sees_the_record_without_places(home_of: Home, settings: Any) -> None:
    home_of.link(1)
    gate.set_shield(UPN, True, actor=home_of.staff[0], config=home_of.config, clock=home_of.clock)
    later = FixedClock(home_of.clock.now() + timedelta(hours=1))
    settings.CLOCK = home_of.clock = later
    code = home_of.confirmed().code
    link = rights.redeem_code(home_of.accounts[0], code, later, config=home_of.config)
    assert isinstance(link, rights.ChildLink)
    assert link.places_withheld
    found = rights.my_record(link, clock=later, config=home_of.config)
    assert found.identity["forename"] == CHILDREN[1].forename
    assert not {"upn", "former_upns", "uln"} & set(found.identity)  # its digits two to four are an authority
    for rows in found.tables.values():
        for row in rows:
            assert not {"urn", "la"} & set(row)
    assert not found.sources
    shown = repr([rights.lines_for(link), rights.who_has(link)])
    assert str(URN) not in shown
    assert rights.school_in_words(URN) not in shown
    assert rights.children(home_of.accounts[1]) == ()  # the other one stays outside


def test_an_adult_whom_a_court_keeps_away_is_told_nothing_and_comes_back_with_no_code(home_of: Home) -> None:
    kept, safe = home_of.link(0), home_of.link(1)
    ways = rights.ways_in(URN, UPN, school_actor=f"school:{URN}", clock=home_of.clock, config=home_of.config)
    assert not isinstance(ways, Refusal)
    assert [one.id for one in ways] == [f"link-{kept.id}", f"link-{safe.id}"]
    ended = rights.end_way(
        URN, UPN, f"link-{kept.id}", by_order=True, school_actor=f"school:{URN}", clock=home_of.clock,
        config=home_of.config,
    )  # fmt: skip
    assert ended == 1
    assert rights.children(home_of.accounts[0]) == ()
    assert [one.id for one in rights.children(home_of.accounts[1])] == [safe.id]
    code = home_of.code()
    barred = rights.redeem_code(home_of.accounts[0], code, home_of.clock, config=home_of.config)
    wrong = rights.redeem_code(home_of.accounts[0], "0000-0000-0000-0000", home_of.clock, config=home_of.config)
    assert barred == wrong
    assert isinstance(barred, Refusal)
    used = rights.redeem_code(home_of.accounts[2], code, home_of.clock, config=home_of.config)
    assert isinstance(used, rights.ChildLink)  # the letter was somebody else's, and still is good


@pytest.mark.parametrize("way", ["", "link-", "link-x", "code--1", "code-" + "9" * 40, "other-1", "link-①"])
def test_a_way_that_is_none_ends_nothing(way: str, home_of: Home) -> None:
    link = home_of.link(0)
    ended = rights.end_way(
        URN, UPN, way, by_order=True, school_actor=f"school:{URN}", clock=home_of.clock, config=home_of.config
    )
    assert ended == 0
    assert rights.children(home_of.accounts[0]) == (link,)


def test_a_young_person_takes_over_and_says_who_may_look(home_of: Home) -> None:
    parent = home_of.link(0)
    too_young = rights.issue_code(
        URN, UPN, school_actor=f"school:{URN}", standing="pupil", clock=home_of.clock, config=home_of.config
    )
    assert isinstance(too_young, Refusal)
    assert too_young.code == "not-old-enough"
    home_of.born("2012-02-11")
    own = home_of.link(1, "pupil")
    assert "manage" in own.may
    assert rights.children(home_of.accounts[0]) == ()
    (adult,) = rights.others(own)
    assert (adult.id, adult.standing, adult.leave) == (parent.id, "parental-responsibility", False)
    made = desk.for_family(
        "leave-give",
        home_of.accounts[1],
        own.id,
        config=home_of.config,
        clock=home_of.clock,
        other=parent.id,
        given=True,
    )
    assert made is None
    (looks,) = rights.children(home_of.accounts[0])
    assert looks.may == {"see"}
    refused = desk.for_family(
        "leave-give",
        home_of.accounts[0],
        parent.id,
        config=home_of.config,
        clock=home_of.clock,
        other=own.id,
        given=True,
    )
    assert isinstance(refused, Refused)
    assert refused.reasons[0].code == "standing"
    rights.give_leave(own, parent.id, False, clock=home_of.clock)
    assert rights.children(home_of.accounts[0]) == ()


def test_a_young_person_who_is_hidden_does_not_keep_the_confirmed_adult_out(home_of: Home, settings: Any) -> None:
    home_of.born("2012-02-11")
    home_of.link(1, "pupil")
    gate.set_shield(UPN, True, actor=home_of.staff[0], config=home_of.config, clock=home_of.clock)
    settings.CLOCK = home_of.clock = FixedClock(home_of.clock.now() + timedelta(hours=1))
    code = home_of.confirmed().code
    link = rights.redeem_code(home_of.accounts[0], code, home_of.clock, config=home_of.config)
    assert isinstance(link, rights.ChildLink)
    own = rights.redeem_code(home_of.accounts[1], home_of.confirmed("pupil").code, home_of.clock, config=home_of.config)
    assert isinstance(own, rights.ChildLink)  # confirmed now, too: the young person's word counts again
    assert rights.children(home_of.accounts[0]) == ()


def test_at_eighteen_and_at_death_pages_close_by_themselves(home_of: Home, settings: Any) -> None:
    home_of.link(0)
    settings.CLOCK = FixedClock(home_of.clock.now().replace(year=2033, month=2, day=10))  # born on 11 February 2015
    assert len(rights.children(home_of.accounts[0])) == 1
    settings.CLOCK = FixedClock(home_of.clock.now().replace(year=2033, month=2, day=11))
    assert rights.children(home_of.accounts[0]) == ()
    settings.CLOCK = home_of.clock
    assert len(rights.children(home_of.accounts[0])) == 1
    first, second = home_of.staff
    gate.set_death(UPN, date(2026, 8, 1), actor=first, config=home_of.config, clock=home_of.clock)
    assert len(rights.children(home_of.accounts[0])) == 1  # one person alone shuts no family out
    gate.set_death(UPN, date(2026, 8, 1), actor=second, config=home_of.config, clock=home_of.clock)
    assert rights.children(home_of.accounts[0]) == ()
    for who in home_of.staff:  # nor keeps it out, where it was an error
        gate.set_death(UPN, None, actor=who, config=home_of.config, clock=home_of.clock)
    assert len(rights.children(home_of.accounts[0])) == 1


def test_a_carer_does_not_say_yes_for_the_child(home_of: Home) -> None:
    link = home_of.link(0, "carer")
    assert {"see", "choose", "correct"} <= link.may
    assert "consent" not in link.may


def test_nobody_is_let_in_by_one_person_alone(home_of: Home) -> None:
    given = {"upn": UPN, "standing": "carer", "evidence": {"court-order": "a" * 64}}
    claim = insist(home_of.at_desk("paper-open", **given))
    same = home_of.at_desk("paper-decide", claim=claim.id, agree=True, way="letter", reason="")
    assert isinstance(same, Refused)
    assert same.reasons[0].code == "same-person"
    # Nor as another person that the same account holds: it is one human being.
    account = people.create_account("staff@example.org", "correct horse battery", role="custodian").id
    third = people.add_person(people.person(home_of.staff[0]).organisation_id, "custodian").id
    for person in (home_of.staff[0], third):
        people.hold_person(person, account)
    again = desk.do(
        "paper-decide",
        third,
        config=home_of.config,
        clock=home_of.clock,
        claim=claim.id,
        agree=True,
        way="letter",
        reason="",
    )
    assert isinstance(again, Refused)
    assert not ChildLink.objects.exists()
    row = PaperClaim.objects.get()
    assert (row.first_by, row.decided_by, row.outcome) == (home_of.staff[0], "", "")
    made = insist(home_of.at_desk("paper-decide", 1, claim=claim.id, agree=True, way="letter", reason=""))
    row.refresh_from_db()
    assert (row.first_by, row.decided_by, row.outcome) == (*home_of.staff, "confirmed")
    assert row.evidence == [{"kind": "court-order", "sha256": "a" * 64}]  # never the paper
    link = rights.redeem_code(home_of.accounts[0], made.code, home_of.clock, config=home_of.config)
    assert isinstance(link, rights.ChildLink)
    assert link.standing == "carer"
    twice = home_of.at_desk("paper-decide", 1, claim=claim.id, agree=True, way="letter", reason="")
    assert isinstance(twice, Refused)
    assert made.code not in repr(made)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"standing": "uncle"}, "standing"),
        ({"evidence": {}}, "evidence"),
        ({"evidence": {"a-story": ""}}, "evidence"),
        ({"evidence": {"passport": "XYZ"}}, "evidence"),
    ],
)
def test_a_claim_without_its_papers_is_not_entered(given: dict[str, Any], where: str, home_of: Home) -> None:
    whole = {"upn": UPN, "standing": "carer", "evidence": {"passport": ""}}
    refused = home_of.at_desk("paper-open", **{**whole, **given})
    assert isinstance(refused, Refused)
    assert refused.reasons[0].where == where
    assert not PaperClaim.objects.exists()


def test_a_refused_claim_says_why_and_opens_nothing(home_of: Home) -> None:
    claim = insist(home_of.at_desk("paper-open", upn=UPN, standing="carer", evidence={"passport": ""}))
    silent = home_of.at_desk("paper-decide", 1, claim=claim.id, agree=False, way="letter", reason=" ")
    assert isinstance(silent, Refused)
    made = insist(home_of.at_desk("paper-decide", 1, claim=claim.id, agree=False, way="letter", reason="Another name."))
    assert (made.outcome, made.code, made.link_id) == ("refused", "", 0)
    assert insist(home_of.at_desk("papers-waiting")) == ()


def test_staff_who_look_for_a_child_are_in_the_childs_own_answer(home_of: Home) -> None:
    """A celebrity's child: whoever of the custodian looks for it is seen by its family."""
    link = home_of.link(0)
    insist(home_of.at_desk("paper-open", upn=UPN, standing="carer", evidence={"passport": ""}))
    insist(home_of.at_desk("ways-show", upn=UPN))
    (line,) = rights.lines_for(link)
    assert [one.looked for one in line.releases] == ["custodian", "custodian", "school"]
    assert home_of.staff[0] not in repr(line)
    nobody = home_of.at_desk("ways-show", upn="A000000000000")
    assert isinstance(nobody, Refused)
    assert register.events(type="query.refused", limit=1)


def test_an_adult_finds_their_own_record_only_by_number_names_and_birth_together(home_of: Home) -> None:
    home_of.born("1990-02-11")
    right = gate.Claimant(CHILDREN[1].forename, CHILDREN[1].surname, "1990-02-11")
    rules = rights.ClaimRules(tries_of_account=100)
    answers = []
    for upn, who in [
        (UPN, replace(right, forename="Somebodyelse")),
        (UPN, replace(right, born="1990-02-12")),
        (CHILDREN[2].upn, right),
        ("A000000000000", right),
        ("", right),
    ]:
        answers.append(
            rights.claim_own_record(
                home_of.accounts[0], upn, who, clock=home_of.clock, config=home_of.config, rules=rules
            )
        )
    assert len({repr(one) for one in answers}) == 1
    assert isinstance(answers[0], Refusal)
    found = rights.claim_own_record(
        home_of.accounts[0], UPN, right, clock=home_of.clock, config=home_of.config, rules=rules
    )
    assert isinstance(found, rights.ChildLink)
    assert found.standing == "pupil"
    closed = rights.claim_own_record(
        home_of.accounts[1], "", right, clock=home_of.clock, config=home_of.config,
        rules=rights.ClaimRules(tries_of_account=0),
    )  # fmt: skip
    assert isinstance(closed, Refusal)
    assert closed.code == "too-many-tries"
    assert right.surname not in repr(right)


def test_a_school_account_acts_for_the_school_that_the_custodian_set(home_of: Home) -> None:
    office = people.create_account("office@example.org", "correct horse battery", role="school")
    assert office.urn is None
    view = insist(home_of.at_desk("school-account", email="office@example.org", urn=URN))
    assert people.account(office.id).urn == view.urn == URN
    # Everybody can see that somebody may act for this school, and who acts for it already is written to.
    assert [one.body["urn"] for one in register.events(type="school.account")] == [URN]
    assert not Letter.objects.exists()  # nobody acted for it before
    people.create_account("second@example.org", "correct horse battery", role="school")
    for _ in range(2):
        insist(home_of.at_desk("school-account", email="second@example.org", urn=URN))
    assert len(register.events(type="school.account")) == 2
    assert Letter.objects.count() == 1
    for email, urn in [("parent0@example.org", URN), ("nobody@example.org", URN), ("office@example.org", 12)]:
        assert isinstance(home_of.at_desk("school-account", email=email, urn=urn), Refused)
    with pytest.raises(SchoolgateError):
        people.set_school(home_of.accounts[0], URN)


def test_what_the_desk_gives_crosses_the_gates_socket_whole() -> None:
    at = datetime(2026, 9, 1, 9, tzinfo=UTC)
    for value in (
        rights.PaperView(4611686018427387903, "carer", ("passport",), "P-0001", at, "P-0001", "", None, "", ""),
        rights.PaperDecided("confirmed", "AAAA-BBBB-CCCC-DDDD", at),
        rights.PaperDecided("refused"),
        rights.OpenedWay("code-7", "carer", at, at),
        rights.OpenedWay("link-7", "carer", at, None, "A1B2C3", at),
        gate.ChildAccess(None, False, None),
        gate.ChildAccess(at, True, 17),
        gate.Claimant("Forename", "Surname", "1990-02-11"),
    ):
        assert gate.from_json(type(value), json.loads(json.dumps(to_json(value)))) == value


def test_the_office_does_the_same_at_its_terminal(home_of: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home_of.config.home))
    monkeypatch.setattr(family, "SystemClock", lambda: home_of.clock)

    def run(*words: str) -> Result:
        return CliRunner().invoke(family.app, [words[0], "--urn", str(URN), "--upn", UPN, *words[1:]])

    code = run("issue-code", "--for", "carer").stdout.splitlines()[0]
    link = rights.redeem_code(home_of.accounts[0], code, home_of.clock, config=home_of.config)
    assert isinstance(link, rights.ChildLink)
    assert link.standing == "carer"
    assert run("ways").stdout.startswith(f"link-{link.id}  carer, since 1 September 2026")
    assert "It has ended" in run("end", f"link-{link.id}", "--by-order").output
    assert "No code is open" in run("ways").output
    assert "had ended already" in run("end", f"link-{link.id}").output
    assert run("issue-code", "--for", "uncle").exit_code == 1
    assert run("issue-code", "--for", "pupil").exit_code == 1
