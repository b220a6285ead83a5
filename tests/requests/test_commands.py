"""The requests' whole life from the command line, in a person's words."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schoolgate import register, requests
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
        self.panel = [people("person", "add", "--organisation", office, "--role", "panel") for _ in range(2)]
        self.custodian, self.witness = (
            people("person", "add", "--organisation", office, "--role", "custodian") for _ in range(2)
        )

    def decide(self, application: str, *more: str) -> Result:
        members = [word for member in self.panel for word in ("--panel", member)]
        return request("decide", application, *members, *more)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """The example form, with days that are not past whenever the tests run."""
    text = requests.example("education-research").replace("2028-08-31", "2098-08-31")
    path = tmp_path / "application.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_request_lives_its_whole_life_at_the_terminal_and_every_step_is_published(form: Path, home: Config) -> None:
    cast = Everybody()
    applied = request("apply", str(form), "--as", cast.researcher, "--person", cast.researcher)
    assert applied.exit_code == 0, applied.output
    application = applied.stdout.split()[1]
    decided = cast.decide(application, "--approve", "--reason", "Public benefit.", "--condition", "no-linkage")
    assert "is approved" in decided.stdout
    assert "may not be joined" in decided.stdout
    agreement = request("sign", application, "--as", cast.custodian).stdout.split()[1]
    assert requests.get(agreement).state == "active"
    assert request("end", agreement, "--as", cast.custodian, "--reason", "Done.").exit_code == 0
    gone = request("destroyed", agreement, "--as", cast.researcher, "--method", "Erased.", "--witness", cast.witness)
    assert gone.exit_code == 0, gone.output
    shown = request("show", agreement).stdout
    for word in (application, agreement, "destroyed", "Public benefit.", "certify destruction", "custodian"):
        assert word in shown
    assert agreement in request("list").stdout
    checkpoint = register.published(home)
    assert checkpoint is not None
    assert checkpoint.size == register.log_size() == 5


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
    cast.panel = cast.panel[:1]
    refused = cast.decide("APP-" + requests.applications()[0].id[4:], "--refuse", "--reason", "No.")
    assert refused.exit_code == 1
    assert "nobody decides alone" in refused.stderr


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
