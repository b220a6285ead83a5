"""The requests' whole life from the command line, in a person's words."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schoolgate import register, requests
from schoolgate.cli import notices as notice_commands
from schoolgate.cli import people as people_commands
from schoolgate.cli import requests as request_commands
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_home(home: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))


def people(*words: str) -> str:
    """Run a command of `people`; gives the id it prints first."""
    done = CliRunner().invoke(people_commands.app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.split()[0]


def request(*words: str) -> Result:
    return CliRunner().invoke(request_commands.app, words, catch_exceptions=False)


class Everybody:
    """The persons, entered from the command line."""

    def __init__(self) -> None:
        self.home = "University of Example (synthetic)"
        people("organisation", "add", self.home, "--kind", "university")
        office = people("organisation", "add", "Custodian (synthetic)", "--kind", "custodian")
        accredited = ("--accredited-until", "2099-12-31")
        self.researcher = people("person", "add", "--organisation", self.home, "--role", "researcher", *accredited)
        trust = people("organisation", "add", "Trust (synthetic)", "--kind", "charity")
        seats = ("independent", "lay", "official", "independent")
        self.panel = [
            people("person", "add", "--organisation", trust, "--role", "panel", "--seat", seat) for seat in seats
        ]
        self.custodian, self.witness = (
            people("person", "add", "--organisation", office, "--role", "custodian") for _ in range(2)
        )
        people("organisation", "verify", self.home, "--how", "Looked up (synthetic)", "--as", self.custodian)

    def named(self, what: str, *members: str) -> str:
        """Members are named for an application or a proposal; gives the case."""
        given = [word for member in members or self.panel for word in ("--member", member)]
        done = request("allocate", what, *given, "--chair", self.panel[0], "--as", self.custodian)
        assert done.exit_code == 0, done.output
        return done.stdout.split()[1]

    def decide(self, what: str, choice: str, *more: str) -> Result:
        """Everybody votes alike, and it is concluded."""
        if not what.startswith("C-"):
            assert "is complete" in request("check", what, "--as", self.custodian).stdout
        case = self.named(what)
        for member in self.panel:
            voted = request("vote", case, choice, "--as", member, *more)
            assert voted.exit_code == 0, voted.output
        return request("conclude", case, "--as", self.custodian)

    def sign(self, what: str) -> Result:
        """Both sides sign the text that waits, over its hash."""
        waits = requests.to_sign(what)
        assert waits is not None
        accepted = request("accept", what, "--hash", waits.text_hash, "--as", self.researcher)
        assert accepted.exit_code == 0, accepted.output
        return request("sign", what, "--hash", waits.text_hash, "--as", self.custodian)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """The example form, with days that are not past whenever the tests run."""
    text = (
        requests.example("education-research").replace("2028-08-31", "2098-08-31").replace("2029-08-31", "2099-08-31")
    )
    path = tmp_path / "application.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_request_lives_its_whole_life_at_the_terminal_and_every_step_is_published(form: Path, home: Config) -> None:
    cast = Everybody()
    applied = request("apply", str(form), "--as", cast.researcher, "--person", cast.researcher)
    assert applied.exit_code == 0, applied.output
    application = applied.stdout.split()[1]
    decided = cast.decide(application, "approve", "--reason", "Public benefit.", "--condition", "no-linkage")
    assert "is approved" in decided.stdout
    assert "may not be joined" in " ".join(request("show", application).stdout.split())
    cast.sign(application)
    agreement = requests.application(application).agreement_id
    assert requests.get(agreement).state == "active"
    added = ("--item", "census_pupil.age", "--reason", "More.", "--as", cast.researcher)
    case = request("propose", agreement, "amend", *added).stdout.split()[1]
    assert "is approved" in cast.decide(case, "approve", "--reason", "It helps.").stdout
    cast.sign(agreement)
    assert "notice: 31 days, not published" in " ".join(request("show", agreement).stdout.split())
    # There is one way to give a notice: it is told to schools and families.
    assert request("notice", agreement, "--title", "One item more.", "--as", cast.custodian).exit_code == 2
    given = ("publish", "--title", "One item more.", "--as", cast.custodian)
    told = CliRunner().invoke(notice_commands.app, given, catch_exceptions=False)
    assert f"it tells of {agreement}" in told.stdout
    assert "31 days, published on" in " ".join(request("show", agreement).stdout.split())
    assert request("end", agreement, "--as", cast.custodian, "--reason", "Done.").exit_code == 0
    gone = request("destroyed", agreement, "--as", cast.researcher, "--words", "Erased.", "--witness", cast.witness)
    assert gone.exit_code == 0, gone.output
    assert request("witnessed", agreement, "--as", cast.witness).exit_code == 0
    shown = request("show", agreement).stdout
    for word in (application, agreement, "destroyed", "Public benefit.", "certify destruction", "custodian"):
        assert word in shown
    assert agreement in request("list").stdout
    checkpoint = register.published(home)
    assert checkpoint is not None
    assert checkpoint.size == register.log_size() >= 13


def test_a_refused_step_says_every_reason_changes_nothing_and_exits_one(form: Path) -> None:
    cast = Everybody()
    form.write_text(
        form.read_text()
        .replace("census_pupil.sex", "census_pupil.[red]shoesize[/]")
        .replace("education-research", "fun")
    )
    refused = request("apply", str(form), "--as", cast.researcher, "--person", "P-9999")
    assert refused.exit_code == 1
    assert "people, number 1: There is no such person." in refused.stderr
    assert "items, number 2: The dictionary has no item census_pupil.[red]shoesize[/]." in refused.stderr
    assert "purpose: This is not a purpose of the published list." in refused.stderr
    assert requests.applications() == ()
    assert register.log_size() == 0


def test_one_panel_member_alone_is_refused_at_the_terminal(form: Path) -> None:
    cast = Everybody()
    request("apply", str(form), "--as", cast.researcher, "--person", cast.researcher)
    application = requests.applications()[0].id
    request("check", application, "--as", cast.custodian)
    alone = request(
        "allocate", application, "--member", cast.panel[0], "--chair", cast.panel[0], "--as", cast.custodian
    )
    assert alone.exit_code == 1
    assert "Nobody decides alone" in " ".join(alone.stderr.split())
    case = cast.named(application)
    request("vote", case, "refuse", "--reason", "No.", "--as", cast.panel[0])
    early = request("conclude", case, "--as", cast.panel[0])
    assert early.exit_code == 1
    assert "3 of the members have not voted" in " ".join(early.stderr.split())
    forged = request("vote", case, "refuse", "--reason", "No.", "--as", cast.custodian)
    assert forged.exit_code == 1


def test_the_panels_other_steps_at_the_terminal(form: Path) -> None:
    cast = Everybody()
    request("apply", str(form), "--as", cast.researcher, "--person", cast.researcher)
    application = requests.applications()[0].id
    missing = request("check", application, "--missing", "items", "--as", cast.custodian)
    assert "items: missing" in missing.stdout
    assert application in request("queue").stdout
    members = request("members", application).stdout
    assert all(member in members for member in cast.panel)
    request("check", application, "--as", cast.custodian)
    case = cast.named(application)
    fourth = people("person", "add", "--organisation", "Trust (synthetic)", "--role", "panel", "--seat", "lay")
    changed = request("change-members", case, "--add", fourth, "--as", cast.custodian)
    assert fourth in changed.stdout
    out = request("declare-conflict", case, "--kind", "money", "--as", fourth)
    assert "take no part" in out.stdout
    with pytest.raises(SchoolgateError):
        request("case", case, "--as", fourth)
    for member in cast.panel:
        request("vote", case, "refuse", "--reason", "No.", "--as", member)
    meeting = request("meeting-call", "2026-09-01", "--case", case, "--as", cast.custodian).stdout.split()[1]
    present = [word for member in cast.panel for word in ("--present", member)]
    assert "is open" in request("meeting-open", meeting, *present, "--as", cast.custodian).stdout
    assert "is refused" in request("conclude", case, "--as", cast.custodian).stdout
    minutes = request("meeting-close", meeting, "--as", cast.custodian).stdout
    assert "Decision: Refused." in minutes
    assert meeting in request("meetings", "--as", cast.custodian).stdout
    request("minutes-correct", meeting, "--note", "At ten.", "--as", cast.custodian)
    text_hash = " ".join(request("minutes", meeting, "--as", cast.custodian).stdout.split()).rpartition(" ")[2]
    assert "approved" in request("minutes-approve", meeting, "--hash", text_hash, "--as", cast.panel[0]).stdout
    assert "published" in request("minutes-approve", meeting, "--hash", text_hash, "--as", cast.panel[1]).stdout
    appealed = request("appeal", application, "--reason", "You misread it.", "--as", cast.researcher)
    assert "is appealed" in appealed.stdout


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"title ="])
def test_a_form_that_cannot_be_read_is_said_in_one_sentence(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "form.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SchoolgateError) as refused:
        request("apply", str(path), "--as", "P-0001")
    assert refused.value.hint
    assert str(tmp_path) not in str(refused.value)


def test_the_examples_and_the_state_table_can_be_printed() -> None:
    names = request("example").stdout.split()
    assert names == list(requests.examples())
    for name in names:
        assert request("example", name).stdout == requests.example(name)
    assert request("lifecycle").stdout.startswith("stateDiagram-v2")


def test_people_are_listed_and_an_accreditation_is_changed() -> None:
    cast = Everybody()
    listed = CliRunner().invoke(people_commands.app, ["list"]).stdout
    assert cast.researcher in listed
    assert "not accredited" in CliRunner().invoke(people_commands.app, ["person", "accredit", cast.researcher]).stdout
    made = CliRunner().invoke(
        people_commands.app, ["account", "add", "p@example.org"], input="correct horse battery\n" * 2
    )
    assert made.exit_code == 0, made.output
    assert "p@example.org" not in made.stdout
    assert "horse" not in made.stdout


def test_the_page_about_deciding_is_what_the_rules_say() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "panel.md"
    assert request("rules").stdout == page.read_text(encoding="utf-8")


def test_an_application_is_measured_sent_back_handed_in_again_and_taken_back_at_the_terminal(form: Path) -> None:
    cast = Everybody()
    measured = request("measure", str(form))
    assert "Most identifying: level 4 of 5" in measured.stdout
    assert "find-again (answered)" in measured.stdout
    one = ("--as", cast.researcher, "--person", cast.researcher)
    assert request("apply", str(form), *one).exit_code == 0
    made = requests.applications()[0].id
    assert request("resubmit", made, str(form), *one).exit_code == 1  # nobody sent it back
    assert request("return", made, "--reason", "Say who pays.", "--as", cast.custodian).exit_code == 0
    again = request("resubmit", made, str(form), *one)
    assert f"The new version of {made} is in" in again.stdout
    assert "who could be harmed" in request("show", made).stdout.lower()
    gone = request("withdraw", made, "--reason", "The study ended.", "--as", cast.researcher)
    assert f"{made} is taken back." in gone.stdout
    assert requests.application(made).state == "withdrawn"
    with pytest.raises(SchoolgateError, match="cannot be read"):
        request("resubmit", made, str(form.parent / "nowhere.toml"), *one)
