"""A school answers on its own page for what it sent, and fetches what to put right and what families declined."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from schoolgate import desk, gate, people, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.people.models import Account
from schoolgate.post.letters import send_due
from schoolgate.rights import cases
from tests.rights.cases.scene import PASSWORD, Scene, codes, enter_world
from tests.web.reading_age import grade
from tests.world import CHILDREN, OTHER_URN, URN

pytestmark = pytest.mark.django_db

ITEM = "census_pupil.ethnicity"
AT = "/school/questions/"


@pytest.fixture
def scene(home: Config, clock: FixedClock, settings: Any) -> Scene:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    return enter_world(home, clock)


def office(urn: int = URN) -> Client:
    """A school's office, signed in."""
    account = people.create_account(f"office-{urn}@example.org", PASSWORD, role="school")
    people.set_school(account.id, urn)
    client = Client()
    client.force_login(Account.objects.get(pk=account.id))
    return client


def asked(scene: Scene, item: str = ITEM, row: str = "") -> str:
    """A family says that something is wrong, the custodian looks and asks the source."""
    reference = scene.challenged(item, row)
    looked = scene.staff("recourse-look", reference=reference)
    assert isinstance(looked, cases.Looked), looked
    assert scene.step(reference, "ask_source", "Please look at your form.") == "with_source"
    return reference


def letters(clock: FixedClock) -> list[Any]:
    """What was sent."""
    send_due(clock)
    return list(mail.outbox)


def text(page: Any) -> str:
    return str(page.content.decode())


def test_a_school_sees_what_it_sent_and_says_what_is_right(scene: Scene, clock: FixedClock) -> None:
    client = office()
    reference = scene.challenged()
    assert "Nobody waits for your answer." in text(client.get(AT))  # the custodian has not asked yet
    assert client.get(f"{AT}{reference}/").status_code == 404
    assert isinstance(scene.staff("recourse-look", reference=reference), cases.Looked)
    assert scene.step(reference, "ask_source", "Please look at your form.") == "with_source"
    (letter,) = [one for one in letters(clock) if one.to == [f"office-{URN}@example.org"]]
    assert "/school/questions/" in letter.body
    for part in (reference, CHILDREN[1].upn, CHILDREN[1].surname, "thnic"):
        assert part not in letter.body  # many read an office's inbox
    listed = text(client.get(AT))
    assert reference in listed
    assert "Answer by 15 September 2026." in listed  # ten working days, from a Tuesday
    page = client.get(f"{AT}{reference}/")
    assert page.headers["Cache-Control"] == "no-store"
    for part in ("Ethnic background", "White British", "Pakistani", "Nobody asked us.", "Please look at your form."):
        assert part in text(page)
    assert CHILDREN[1].upn not in text(page)  # who it is about is a look of its own
    looked = text(client.post(f"{AT}{reference}/look/"))
    for part in (CHILDREN[1].upn, CHILDREN[1].surname, "autumn 2026", "WBRI"):
        assert part in looked
    shown = [(one.looked, one.school) for line in rights.lines_for(scene.link) for one in line.releases if one.looked]
    assert ("school", "Argyle Primary School") in shown  # the family sees that the school looked
    answer = {"answer": "wrong", "value": "APKN", "text": "Our form says so."}
    told = client.post(f"{AT}{reference}/", answer, follow=True)
    assert "Your answer is kept." in text(told)
    assert client.get(f"{AT}{reference}/").status_code == 404  # it is asked no more, and sees no more
    step = scene.show(reference).steps[-1]
    assert (step.event, step.who, step.actor) == ("answer", "school", "")
    assert (step.said.agrees, step.said.should_be, step.said.source) == ("yes", "APKN", "The school that sent it")
    # The school was the second person: whoever of the custodian asked may decide.
    (row,) = scene.staff("recourse-look", reference=reference).rows
    assert scene.decide(reference, "corrected", value="APKN", row=row.token) == "decided"
    # And the school gets its correction back, for its own system; the looks are in the child's own answer.
    assert "Get the transfer file" in text(client.get("/school/returns/"))
    file = client.post("/school/returns/", {"part": "ctf"})
    assert (file.headers["Content-Type"], "_CTF_" in file.headers["Content-Disposition"]) == (
        "application/xml; charset=utf-8",
        True,
    )
    assert "APKN" in text(file)
    table = client.post("/school/returns/", {"part": "table"}).content.decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(table))
    assert (line["upn"], line["value_now"], line["right_value"]) == (CHILDREN[1].upn, "WBRI", "APKN")
    again = [one for line in rights.lines_for(scene.link) for one in line.releases if one.looked == "school"]
    assert len(again) == 3
    nothing = text(office(OTHER_URN).post("/school/returns/", {"part": "table"}, follow=True))
    assert "There is nothing to send or to put right." in nothing


def test_a_school_that_did_not_send_it_says_so_and_is_not_asked_again(scene: Scene) -> None:
    client, reference = office(), asked(scene)
    wrong = text(client.post(f"{AT}{reference}/", {"answer": "wrong", "text": "A slip."}))
    assert "Nothing was written." in wrong  # what is right has to be said
    for sent, said in (({}, "Choose one"), ({"answer": "right"}, "Say why"), ({"answer": "perhaps"}, "of the list")):
        assert said in text(client.post(f"{AT}{reference}/", sent))
    client.post(f"{AT}{reference}/", {"answer": "not-ours", "text": "Never on our roll."})
    assert scene.show(reference).line.state == "acknowledged"
    assert codes(scene.decide(reference, "refused")) == {"source-not-heard"}
    scene.staff("recourse-look", reference=reference)
    assert scene.step(reference, "ask_source") == "with_source"
    assert reference not in text(client.get(AT))
    # As before there was a page, the custodian can write down what somebody says.
    told = scene.staff("recourse-source", scene.second, reference=reference, source="By post", agrees=False, text="No.")
    assert told == "answered"


def test_what_another_school_or_nobody_is_asked_is_not_there(scene: Scene) -> None:
    reference = asked(scene)
    client = office(OTHER_URN)
    assert reference not in text(client.get(AT))
    ways = [("get", ""), ("post", ""), ("post", "look/"), ("get", "files/1/")]
    for method, rest in ways:
        pages = [getattr(client, method)(f"{AT}{case}/{rest}") for case in (reference, "RC-2222-2222")]
        bodies = {re.sub(r"RC-[\w-]+|csrfmiddlewaretoken[^>]*", "", text(page)) for page in pages}
        assert ({page.status_code for page in pages}, len(bodies)) == ({404}, 1)
    assert scene.show(reference).line.state == "with_source"
    # An account of the family's asks the desk itself, and is told no before anything is looked at.
    refused = desk.for_school("source-list", scene.parent, config=scene.config, clock=scene.clock)
    assert codes(refused) == {"not-a-school"}


def test_a_shielded_childs_case_is_on_no_schools_page_not_even_one_that_was_asked(scene: Scene) -> None:
    client, reference = office(), asked(scene)
    assert reference in text(client.get(AT))
    gate.set_shield(CHILDREN[1].upn, True, actor=scene.custodian, config=scene.config, clock=scene.clock)
    assert "Nobody waits for your answer." in text(client.get(AT))
    for page in (
        client.get(f"{AT}{reference}/"),
        client.post(f"{AT}{reference}/look/"),
        client.post(f"{AT}{reference}/", {"answer": "right", "text": "It is."}),
    ):
        assert page.status_code == 404


def test_files_are_shown_to_the_school_only_where_the_family_lets_it(scene: Scene) -> None:
    reference = asked(scene)
    assert scene.send(reference, "letter.txt", b"Our letter.") == 1
    client, family = office(), Client()
    family.force_login(Account.objects.get(pk=scene.parent))
    case = f"/family/child/{scene.link.id}/cases/{reference}/"
    assert "letter.txt" not in text(client.get(f"{AT}{reference}/"))
    assert client.get(f"{AT}{reference}/files/1/").status_code == 404
    assert "The school can see your files." in text(family.post(f"{case}school/", {"allowed": "yes"}, follow=True))
    assert "letter.txt" in text(client.get(f"{AT}{reference}/"))
    saved = client.get(f"{AT}{reference}/files/1/")
    assert (saved.content, "attachment" in saved.headers["Content-Disposition"]) == (b"Our letter.", True)
    family.post(f"{case}school/")  # taking it back is one button, too
    assert client.get(f"{AT}{reference}/files/1/").status_code == 404
    steps = [one.event for one in scene.show(reference).steps]
    assert steps[-3:] == ["let_source", "open_files", "let_source_no_more"]
    assert "The school that sent the fact opened your files" in text(family.get(case))


def test_a_name_is_asked_of_the_school_of_the_latest_roll_and_a_pupil_who_left_is_not_shown(scene: Scene) -> None:
    reference = asked(scene, "identity.surname")
    client = office()
    assert CHILDREN[1].surname in text(client.post(f"{AT}{reference}/look/"))
    cases_model = cases.look.__globals__["Case"]
    cases_model.objects.filter(reference=reference).update(source_urn=OTHER_URN)  # as if it had moved since
    elsewhere = text(office(OTHER_URN).post(f"{AT}{reference}/look/"))
    assert "hold no such fact any more" in elsewhere
    assert CHILDREN[1].surname not in elsewhere


def test_late_is_said_and_the_custodian_goes_on_without(scene: Scene, settings: Any, clock: FixedClock) -> None:
    reference = asked(scene)
    client = office()
    settings.CLOCK = FixedClock(clock.now() + timedelta(days=15))
    assert ">late<" in text(client.get(AT))
    later = scene.on("2026-09-20")
    assert later.step(reference, "note_silence", "") == "answered"
    assert reference not in text(client.get(AT))


def test_what_families_declined_is_fetched_as_a_table(scene: Scene) -> None:
    client = office()
    assert "nothing to send" in text(client.post("/school/returns/", {"part": "declined"}, follow=True))
    done = scene.family("decline", item=ITEM)
    assert not isinstance(done, Refused)
    file = client.post("/school/returns/", {"part": "declined"})
    (line,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    assert (line["UPN"], line["Item"]) == (CHILDREN[1].upn, "ethnicity")
    assert client.post("/school/returns/", {"part": "all"}).status_code == 200  # no such file: the page again


def test_what_the_pages_of_a_school_say_can_be_read_at_fourteen(scene: Scene) -> None:
    client, reference = office(), asked(scene)
    for at in (AT, f"{AT}{reference}/", "/school/returns/", "/school/papers/"):
        page = text(client.get(at))
        main = re.sub(r"<[^>]+>", "\n", page[page.index("<main") : page.index("</main>")])
        lines = "\n".join(line.strip() for line in main.splitlines() if len(line.split()) > 5)
        assert grade(lines) < 9, at
