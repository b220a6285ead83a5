"""The pages of look-ups: a list, a claim, what was done, and the stop between the two sides; nothing is kept."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from schoolgate import people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.requests.drafting.reach import all_questions
from schoolgate.requests.terms import Answer
from schoolgate.web.public.refusal_words import refusals
from schoolgate.web.releases.lookup_forms import COLUMNS, read_list
from tests.gate.extracts import Scene
from tests.gate.lookups import LAW, LookupScene, stranger
from tests.web.reading_age import grade
from tests.web.staff import sign_in_as, signed_in
from tests.world import CHILDREN

pytestmark = pytest.mark.django_db(transaction=True)

PLACE = "/releases/lookups/"


@pytest.fixture
def site(home: Config, clock: FixedClock, settings: Any) -> Client:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    return Client(enforce_csrf_checks=False)


def words(answer: Any, code: int = 200) -> str:
    assert answer.status_code == code, answer.status_code
    return html.unescape(" ".join(answer.content.decode().split()))


def row(child: int, ref: str, **changes: str) -> dict[str, str]:
    who = CHILDREN[child]
    return {
        "ref": ref, "upn": "", "surname": who.surname, "forename": who.forename, "dob": who.dob, "sex": who.sex,
        "postcode": who.postcode, "reason": "safeguarding", "provision": LAW, **changes,
    }  # fmt: skip


def file(*rows: dict[str, str]) -> SimpleUploadedFile:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile("list.csv", text.getvalue().encode("utf-8-sig"), "text/csv")


def claim(child: int, **changes: str) -> dict[str, str]:
    given = row(child, "")
    return {**{name: given[name] for name in COLUMNS if name != "ref"}, "item": "", "value": "", **changes}


def test_a_list_is_answered_as_a_file_without_formulas(site: Client, home: Config, clock: FixedClock) -> None:
    scene = LookupScene.of("matching", home, clock)
    sign_in_as(site, scene.world.person)
    assert "0 of 40 people" in words(site.get(PLACE))
    place = f"{PLACE}{scene.world.agreement}/list/"
    assert "safeguarding" in words(site.get(place))
    sent = file(row(1, "=1+1"), row(0, "2", surname="Nobodysynth"))
    answer = site.post(place, {"people": sent, "items": "census_pupil.sex"})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{scene.world.agreement}-answer.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    told = list(csv.reader(io.StringIO(answer.content.decode())))
    assert told == [["ref", "found", "census_pupil.sex"], ["'=1+1", "yes", CHILDREN[1].sex], ["2", "no", ""]]
    shown = words(site.get(PLACE))
    assert "2 of 40 people" in shown
    assert re.search(rf">{scene.world.person}</td>.*?{LAW}</td><td[^>]*>2</td><td[^>]*>1</td>", shown)
    assert CHILDREN[1].surname not in shown
    assert len(scene.lines(1)) == 1
    assert site.post(f"{PLACE}{scene.world.agreement}/claim/", claim(1)).status_code == 404  # not applied for: no stop
    assert "stopped" not in words(site.get(PLACE)).split("<main", 1)[1]


def test_nothing_of_a_list_is_written_to_a_disk(
    site: Client, home: Config, clock: FixedClock, settings: Any, tmp_path: Path
) -> None:
    scene = LookupScene.of("matching", home, clock)
    sign_in_as(site, scene.world.person)
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "missing")  # where a file on disk would be: writing one would fail
    large = SimpleUploadedFile("list.csv", b"x" * 3_000_000, "text/csv")
    assert "at most 1 MB" in words(site.post(f"{PLACE}{scene.world.agreement}/list/", {"people": large}))
    large = SimpleUploadedFile("list.csv", b"x" * 1_500_000, "text/csv")
    assert "at most 1 MB" in words(site.post(f"{PLACE}{scene.world.agreement}/list/", {"people": large}))


def test_a_list_from_another_site_is_not_taken(site: Client, home: Config, clock: FixedClock) -> None:
    scene = LookupScene.of("matching", home, clock)
    strict = Client(enforce_csrf_checks=True)
    sign_in_as(site, scene.world.person)
    strict.cookies.update(site.cookies)
    place = f"{PLACE}{scene.world.agreement}/list/"
    assert strict.post(place, {"people": file(row(1, "1"))}).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(place).content.decode())
    assert token is not None
    given = {"people": file(row(1, "1")), "csrfmiddlewaretoken": token[1]}
    assert strict.post(place, given).headers["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"ref,dob\n1,2015-01-31\n", "The first line names the columns"),
        (b"", "The first line names the columns"),
        (b"ref,ref,dob,reason,provision\n", "The first line names the columns"),
        (b"ref,dob,reason,provision,notes\n", "The first line names the columns"),
        (b"ref,dob,reason,provision\n", "The list is empty"),
        (b"ref,dob,reason,provision\n1,2\n", "Row 1 has more or fewer cells"),
        (b"ref,dob,reason,provision\n1,2,3,4\n1,2,3,4,5\n", "Row 2 has more or fewer cells"),
        (b"\xff\xfe", "cannot be read"),
        (b'ref,dob,reason,provision\n"1', "cannot be read"),
        (b"ref,dob,reason,provision\n" + b"1,2,3,4\n" * 4, "at most 3 people"),
    ],
)
def test_why_a_file_is_no_list(data: bytes, why: str) -> None:
    with pytest.raises(forms.ValidationError, match=why):
        read_list(data, 3)


def test_a_row_that_is_wrong_is_named_by_its_place_alone(site: Client, home: Config, clock: FixedClock) -> None:
    scene = LookupScene.of("matching", home, clock)
    sign_in_as(site, scene.world.person)
    sent = file(row(1, "1"), row(2, "2", dob="31/01/2015"))
    said = words(site.post(f"{PLACE}{scene.world.agreement}/list/", {"people": sent}))
    assert "A date of birth is missing" in said
    assert "row 2" in said
    assert CHILDREN[2].surname not in said
    assert scene.lines(1) == []


def test_a_claim_is_answered_and_its_particulars_are_not_shown_again(
    site: Client, home: Config, clock: FixedClock
) -> None:
    scene = LookupScene.of("verification", home, clock)
    sign_in_as(site, scene.world.person)
    place = f"{PLACE}{scene.world.agreement}/claim/"
    assert "to keep a child safe" in words(site.get(place))
    said = words(site.post(place, claim(1)))
    assert "<strong>Yes</strong>" in said
    assert "On record as" in said
    assert CHILDREN[1].surname not in said
    assert "<strong>No</strong>" in words(site.post(place, claim(0, surname="Nobodysynth")))
    assert "Enter the date of birth" in words(site.post(place, claim(1, dob="")))
    assert "Choose one of the list" in words(site.post(place, claim(1, reason="crime")))  # not declared: no stop
    assert "stopped" not in words(site.get(PLACE)).split("<main", 1)[1]


def test_a_stop_is_seen_by_both_sides_and_ends_the_asking(site: Client, home: Config, clock: FixedClock) -> None:
    scene = LookupScene.of("verification", home, clock, per_day=1)
    scene.verify(stranger())
    sign_in_as(site, scene.world.person)
    place = f"{PLACE}{scene.world.agreement}/claim/"
    assert "More than the 1 look-ups a day" in words(site.post(place, claim(1)))
    shown = words(site.get(PLACE))
    assert f"Answer the question about {scene.world.agreement}" in shown
    assert "Ask about one person" not in shown
    stop = f"/releases/stop/{scene.world.agreement}/"
    site.post(stop, {"answer": "Two families came on one day, and both asked us."})
    sign_in_as(site, scene.custodian)
    shown = words(site.get(PLACE))
    assert "1 of 1 people" in shown
    assert f"lift the stop of {scene.world.agreement}" in shown
    site.post(stop, {"reason": "It was one question too many, no more."})
    assert "lift the stop" not in words(site.get(PLACE))
    assert site.get(place).status_code == 403


TERMS = {"reasons": ["safeguarding"], "per_day": "10", "per_month": "100", "first_hour": "8", "last_hour": "17"}


def test_the_custodian_records_what_was_approved_and_can_only_make_it_less(
    site: Client, home: Config, clock: FixedClock
) -> None:
    answers = tuple(Answer(one.id, f"Synthetic: about {one.id}.") for one in all_questions())
    scene = Scene.build(home, clock, kind_of_request="matching", answers=answers)
    place = f"{PLACE}{scene.world.agreement}/declare/"
    sign_in_as(site, scene.world.person)
    assert site.get(place).status_code == 403
    assert "Wait for you" not in words(site.get(PLACE))
    sign_in_as(site, scene.custodian)
    assert f"Record the look-ups of {scene.world.agreement}" in words(site.get(PLACE))
    assert "Synthetic: about how-often." in words(site.get(place))
    assert "Tick at least one reason" in words(site.post(place, {}))
    said = words(site.post(place, {**TERMS, "per_day": "200"}))
    assert "no more than a month" in said
    assert 'value="200"' in said  # what was typed is not lost
    assert "It is in the register" in words(site.post(place, TERMS, follow=True))
    (told,) = scene.told("lookup.terms")
    assert (told["kinds"], told["per_day"], told["hours"]) == (["matching"], 10, "8:00 to 17:59")
    assert "Wait for you" not in words(site.get(PLACE))
    assert "You can make it less" in words(site.get(place))
    assert "immigration" not in words(site.get(place))
    assert "more than was declared before" in words(site.post(place, {**TERMS, "per_day": "11"}))
    assert "It is in the register" in words(site.post(place, {**TERMS, "per_day": "5"}, follow=True))
    sign_in_as(site, scene.world.person)
    assert "0 of 5 people" in words(site.get(PLACE))


def test_an_agreement_for_research_has_no_such_page(site: Client, home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    sign_in_as(site, scene.custodian)
    for agreement in (scene.world.agreement, "A-SAR", "A-1999-0001"):
        assert site.get(f"{PLACE}{agreement}/declare/").status_code == 404
        assert site.post(f"{PLACE}{agreement}/declare/", TERMS).status_code == 404


def test_a_rival_sees_nothing(site: Client, home: Config, clock: FixedClock) -> None:
    scene = LookupScene.of("matching", home, clock)
    scene.match(stranger())
    signed_in(site, "researcher", people.add_organisation("Rival (synthetic)", "company").id)
    assert scene.world.agreement not in words(site.get(PLACE))
    assert site.get(f"{PLACE}{scene.world.agreement}/list/").status_code == 404
    sent = {"people": file(row(1, "1"))}
    assert site.post(f"{PLACE}{scene.world.agreement}/list/", sent).status_code == 404


def test_the_counts_are_of_the_custodians_day(site: Client, home: Config, clock: FixedClock, settings: Any) -> None:
    scene = LookupScene.of("matching", home, clock)
    scene.match(stranger())
    settings.CLOCK = FixedClock(clock.now() + timedelta(days=1))
    sign_in_as(site, scene.world.person)
    shown = words(site.get(PLACE))
    assert "0 of 40 people" in shown
    assert "1 of 200 people" in shown


def test_the_words_are_plain(site: Client, home: Config, clock: FixedClock) -> None:
    scene = LookupScene.of("matching", home, clock)
    sign_in_as(site, scene.world.person)
    sentences: list[str] = []
    for address in (PLACE, f"{PLACE}{scene.world.agreement}/list/"):
        main = words(site.get(address)).split("<main", 1)[1].split("</main>")[0]
        sentences += re.findall(r'<p class="govuk-body">([^<]+[.:])</p>', main)
    assert len(sentences) >= 3
    assert grade(" ".join(sentences)) <= 8


def test_each_code_of_a_look_up_that_is_not_made_has_public_words() -> None:
    """The register says it by its code; a reader is told in words."""
    place = files("schoolgate.gate.releases")
    text = "".join((place / name).read_text(encoding="utf-8") for name in ("lists.py", "lookups.py", "pattern.py"))
    codes = set(re.findall(r'"((?:list|lookup|claim|kind|reason|same|mostly|more|outside|unlike|too)-[a-z-]+)"', text))
    codes |= {"newcomer"}
    assert {"list-guesses", "mostly-nobody", "same-child", "claim-half", "too-fast"} <= codes
    assert codes <= set(refusals())
