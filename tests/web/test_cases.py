"""A family's cases on its pages, and staff's: what is shown, what is refused in plain words, and to whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.people.models import Account
from schoolgate.rights import cases
from tests.requests.attachments import png
from tests.rights.cases.scene import Scene, enter
from tests.web.reading_age import grade
from tests.web.staff import sign_in_as


@pytest.fixture
def scene(db: None, home: Config, clock: FixedClock, settings: Any) -> Scene:
    """A family, its child, and staff."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CONFIG, settings.CLOCK = home, clock
    return enter(home, clock)


@pytest.fixture
def family(client: Client, scene: Scene) -> Client:
    """The parent, signed in."""
    client.force_login(Account.objects.get(pk=scene.parent))
    return client


def staff(scene: Scene, who: str) -> Client:
    """A person of staff's, signed in."""
    client = Client()
    sign_in_as(client, who)
    return client


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL)
    assert main is not None
    return " ".join(strip_tags(main[0]).split())


WRONG = {
    "item": "census_pupil.ethnicity",
    "should_be": "Pakistani",
    "text": "Nobody asked us.",
    "wrong_since": "27/3/2024",
}


def test_a_family_says_what_is_wrong_and_follows_it_to_the_end(family: Client, scene: Scene, settings: Any) -> None:
    wrong = reverse("case-wrong", args=[scene.link.id])
    page = text_of(family.get(wrong, {"table": "census_pupil", "row": "ab" * 16}))
    assert "nobody who asks a question is given this fact" in page
    answer = family.post(wrong, WRONG | {"row": "ab" * 16})
    (line,) = scene.family("case-list")
    assert answer.headers["Location"] == reverse("case", args=[scene.link.id, line.reference])
    case = reverse("case", args=[scene.link.id, line.reference])
    page = text_of(family.get(case))
    for words in (
        "Something is wrong: Ethnic background",
        "We must answer by 1 October 2026",
        "Take it back",
        "Pakistani",
    ):
        assert words in page
    assert family.get(case).headers["Cache-Control"] == "no-store"
    # A file comes in, and out as a download that no browser opens.
    add = reverse("case-file-add", args=[scene.link.id, line.reference])
    assert family.post(add, {"file": SimpleUploadedFile("photo.png", png())}).status_code == 302
    out = family.get(reverse("case-file", args=[scene.link.id, line.reference, 1]))
    assert (out.content, out.headers["Content-Type"]) == (png(), "image/png")
    assert out.headers["Content-Disposition"].startswith("attachment")
    assert out.headers["X-Content-Type-Options"] == "nosniff"
    # The custodian asks the source, another person writes down what it says, and the first decides.
    first, second = staff(scene, scene.custodian), staff(scene, scene.second)
    assert line.reference in text_of(first.get(reverse("recourse")))

    def step(client: Client, name: str, **given: str) -> Any:
        return client.post(reverse("recourse-step", args=[line.reference, name]), given)

    assert step(first, "ask_source", text="We ask your school.").status_code == 302
    assert step(second, "answer", source="A school (synthetic)", agrees="no", text="It is right.").status_code == 302
    mine = step(second, "decide", outcome="refused", text="It is right.", provision="Article 16")
    assert "Somebody else must decide" in text_of(mine)
    nothing = text_of(step(first, "decide", outcome="refused", text="", provision=""))
    assert "Give reasons" in nothing
    assert "Nothing was written" in text_of(step(first, "decide", outcome="refused", text="x", provision=""))
    assert (
        step(first, "decide", outcome="refused", text="The school has a form.", provision="Article 16").status_code
        == 302
    )
    page = text_of(family.get(case))
    for words in ("Ask for a second look", "After 15 September 2026 it can be used again", "Read the letter"):
        assert words in page
    # The letter: on screen, as text, as PDF.
    number = len(scene.show(line.reference).steps)
    letter = reverse("case-letter", args=[scene.link.id, line.reference, number])
    on_screen = text_of(family.get(letter))
    for words in (
        "We did not do what you asked",
        "The school has a form.",
        "ico.org.uk",
        "a person will write for you",
    ):
        assert words in on_screen
    assert family.get(letter, {"as": "pdf"}).content.startswith(b"%PDF")
    assert "We did not do what you asked" in family.get(letter, {"as": "text"}).content.decode()
    assert family.get(reverse("case-bundle", args=[scene.link.id, line.reference])).content.startswith(b"PK")
    appeal = reverse("case-say", args=[scene.link.id, line.reference, "appeal"])
    assert "Write a few words" in text_of(family.post(appeal, {"text": ""}))
    assert family.post(appeal, {"text": "They never asked us."}).status_code == 302
    assert scene.show(line.reference).line.state == "in_review"


def test_what_a_form_lacks_is_said_where_it_lacks_and_nothing_is_begun(family: Client, scene: Scene) -> None:
    wrong = reverse("case-wrong", args=[scene.link.id])
    for given, words in (
        ({"item": ""}, "Choose the fact"),
        ({"item": "census_pupil.pupil"}, "Choose one of the list"),
        ({"should_be": ""}, "Say what it should be"),
        ({"text": ""}, "Say how you know"),
        ({"wrong_since": "yesterday"}, "Write the day like 27/3/2024"),
        ({"wrong_since": "27/3/2030"}, "still to come"),
    ):
        answer = family.post(wrong, WRONG | given)
        assert words in text_of(answer), given
        assert 'class="govuk-error-summary"' in answer.content.decode()
    assert "Choose one" in text_of(family.post(reverse("case-ask", args=[scene.link.id]), {"text": "x"}))
    assert not scene.family("case-list")


def test_a_file_that_is_refused_says_why_and_one_of_four_gigabytes_is_not_read(family: Client, scene: Scene) -> None:
    add = reverse("case-file-add", args=[scene.link.id, scene.complained()])
    assert "Choose a file first" in text_of(family.post(add, {}))
    harmful = SimpleUploadedFile("a.txt", b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE")
    assert "can do harm" in text_of(family.post(add, {"file": harmful}))
    script = SimpleUploadedFile("a.html", b"<script>x()</script>")
    assert "Files of this kind are not taken" in text_of(family.post(add, {"file": script}))
    huge = family.post(add, data=b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(4 << 30))
    assert huge.status_code == 413


def test_anothers_case_is_as_one_that_is_not_there(scene: Scene) -> None:
    reference = scene.complained()
    other = Client()
    account = Account.objects.create_user("other@example.org", "correct horse battery")
    other.force_login(account)
    from tests.rights.cases.scene import linked

    link = linked(int(account.pk), scene.pupils[1], scene.config, scene.clock)  # of the same child, even
    answers = set()
    for case in (reference, "RC-2222-2222"):
        for name, more in (("case", ()), ("case-bundle", ()), ("case-file", (1,)), ("case-letter", (1,))):
            answer = other.get(reverse(name, args=[link.id, case, *more]))
            answers.add((answer.status_code, len(answer.content)))
        answer = other.post(reverse("case-say", args=[link.id, case, "withdraw"]), {"text": ""})
        answers.add((answer.status_code, len(answer.content)))
        answer = other.post(reverse("case-file-add", args=[link.id, case]), {})
        answers.add((answer.status_code, len(answer.content)))
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert scene.show(reference).line.state == "received"


def test_the_overseer_sees_figures_and_what_families_brought_and_nothing_else(scene: Scene) -> None:
    reference = scene.complained()
    overseer = staff(scene, scene.overseer)
    home = text_of(overseer.get(reverse("oversight-recourse")))
    assert reference not in home
    assert "Complain about how we use the data" in home
    assert overseer.get(reverse("oversight-case", args=[reference])).status_code == 404
    assert overseer.get(reverse("recourse-bundle", args=[reference])).status_code == 404
    scene.decide(reference, "not-upheld")
    scene.say(reference, "appeal")
    scene.decide(reference, "not-upheld", "review", who=scene.second)
    scene.say(reference, "escalate")
    page = text_of(overseer.get(reverse("oversight-case", args=[reference])))
    assert "Nobody told us who has it." in page
    said = overseer.post(reverse("oversight-case", args=[reference]), {"upheld": "yes", "text": "They were not told."})
    assert said.status_code == 302
    assert "They were not told." in text_of(
        staff(scene, scene.custodian).get(reverse("recourse-case", args=[reference]))
    )


def test_pages_and_letters_can_be_read_by_a_child_of_eleven(family: Client, scene: Scene) -> None:
    reference = scene.challenged()
    scene.heard(reference)
    scene.decide(reference, "refused", text="We asked the school. It has a form with your name on it.")
    pages = [
        text_of(family.get(reverse("cases", args=[scene.link.id]))),
        text_of(family.get(reverse("case-ask", args=[scene.link.id]))),
        text_of(family.get(reverse("case", args=[scene.link.id, reference]))),
    ]
    print([grade(page) for page in pages])
    for page in pages:
        assert grade(page) < 6, (grade(page), page)


def test_every_letter_can_be_read_at_eleven_and_says_what_happens_now_and_what_to_do_next(scene: Scene) -> None:
    """As a worried parent reads it: what was decided, why, what happens now, who else can be asked, who helps."""
    for kind, one in cases.KINDS.items():
        for outcome in one.outcomes:
            for event in ("decide", "review", "comply", "end_outside"):
                letter = _letter(scene, kind, outcome, event)
                place = (kind, outcome, event)
                assert grade(letter) < 6, (place, grade(letter), letter)
                lines = [line for line in letter.splitlines() if len(line.split()) >= 6 and "e-mail" not in line]
                assert max(grade(line) for line in lines) < 8, (place, letter)
                answers = kind == "access-question" and outcome != "refused" and event != "end_outside"
                parts = [
                    "What you asked", "What we decided", "## Our answer" if answers else "## Why", "What happens now", "If you do not agree",
                    "If you need help",
                ]  # fmt: skip
                assert [letter.index(part) for part in parts] == sorted(letter.index(part) for part in parts)
                for words in ("ico.org.uk", "2018 s.166", "2018 s.167", "Write to", "in large print"):
                    assert words in letter, place
                asks_again = {"decide": "second look within 90 days", "review": "overseer within 90 days"}
                assert asks_again.get(event, "court") in letter
    # A letter promises no more than is done: of an erasure, that a second person decides, and what is kept.
    erased = _letter(scene, "erasure", "erased", "decide")
    assert "First a second person here must agree." in erased
    assert "It does not say who." in erased
    # Whoever looks for the school's own record is told where, and the days of SI 2005/1437 reg. 5.
    assert "15 school days" in _letter(scene, "access-question", "answered", "decide")


def _letter(scene: Scene, kind: str, outcome: str, event: str) -> str:
    from schoolgate.rights.cases.letters import decision_letter, wait_letter
    from schoolgate.rights.cases.models import Case

    item = "census_pupil.ethnicity" if kind == "rectification" else ""
    today = scene.clock.now().date()
    row = Case(
        reference="RC-2222-2222", kind=kind, item=item, received_on=today, told_on=today, disputed=bool(item), pupil=1
    )
    said = cases.Said(text="We asked the school. It has a form with your name on it.", outcome=outcome)
    if event == "end_outside":
        return wait_letter(row, said, scene.clock)
    return decision_letter(row, event, said, scene.clock)


def test_every_step_and_state_has_words_and_every_step_of_staffs_a_button() -> None:
    from schoolgate.rights.cases.handling import FAMILY_STEPS, STAFF_STEPS
    from schoolgate.web.family import case_words

    decisions = {"answer", "decide", "review", "comply"}
    assert set(STAFF_STEPS) | decisions == set(case_words.STAFF_BUTTONS)
    assert set(FAMILY_STEPS) == set(case_words.FAMILY_BUTTONS)
    assert set(cases.LIFE.events) <= set(case_words._STEPS)
    assert set(cases.LIFE.states) == set(case_words._STATES)
    outcomes = {outcome for kind in cases.KINDS.values() for outcome in kind.outcomes}
    assert outcomes == set(case_words.OUTCOMES)
    assert grade("\n".join(str(words) for words in case_words._STEPS.values())) < 6


def test_staff_end_the_wait_for_a_regulator_on_a_page_and_its_queue_says_whom_it_waits_for(
    family: Client, scene: Scene
) -> None:
    reference = scene.complained()
    scene.decide(reference, "not-upheld")
    say = reverse("case-say", args=[scene.link.id, reference, "go_outside"])
    assert family.post(say, {"text": "We wrote to the regulator."}).status_code == 302
    first, second = staff(scene, scene.custodian), staff(scene, scene.second)
    queue = text_of(first.get(reverse("recourse")))
    assert "the regulator or a court" in queue
    assert "30 November 2026 (ask how it stands)" in queue
    tell = reverse("recourse-step", args=[reference, "tell_progress"])
    assert first.post(tell, {"text": "Is it still there?"}).status_code == 302
    assert "By 30 November 2026 we ask you how it stands" in text_of(
        family.get(reverse("case", args=[scene.link.id, reference]))
    )
    early = text_of(second.post(reverse("recourse-step", args=[reference, "end_outside"]), {"text": "No news."}))
    assert "It is not time yet to end the wait" in early
