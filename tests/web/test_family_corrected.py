"""What was changed in a child's record, as its family reads it: on the record, on a page of its own, in every copy."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import gate, people, register, rights
from schoolgate.clock import FixedClock
from schoolgate.collect.models import Return
from schoolgate.config import Config
from schoolgate.gate.corrections.models import Correction
from schoolgate.ids import Pmr
from schoolgate.people.models import Account
from schoolgate.rights import packs
from schoolgate.rights.models import ChildLink
from schoolgate.rights.packs import forms
from tests.corrections import scene as scenes
from tests.corrections.scene import made
from tests.rights.packs.shape import faults
from tests.rights.packs.test_pack import linked
from tests.web.reading_age import grade
from tests.world import CHILDREN, URN

pytestmark = pytest.mark.django_db(transaction=True)

CHILD = 1
WAS, IS = "White - British", "White - Irish"
REASON = "That study is printed already."
NOTE = "At Synthetic Road School we never said that."


@dataclass
class Family:
    """A parent, signed in, of a child with a value put right and a note beside another."""

    scene: scenes.Scene
    link: rights.ChildLink
    browser: Client

    @property
    def page(self) -> str:
        return f"/family/child/{self.link.id}/corrections/"

    def read(self, path: str = "", *, post: bool = False) -> str:
        answer = self.browser.post(path or self.page) if post else self.browser.get(path or self.page)
        assert answer.status_code == 200, (answer.status_code, answer.content.decode()[-1500:])
        assert answer.headers["Cache-Control"] == "no-store"
        return re.sub(r"\s+", " ", answer.content.decode())

    def copy(self) -> dict[str, bytes]:
        """A copy of everything in its four forms."""
        asked = packs.ask_for_pack(self.link, self.scene.clock)
        assert isinstance(asked, packs.PackView), asked
        assert packs.make_pack(asked.id, config=self.scene.config, clock=self.scene.clock)
        here = {"config": self.scene.config, "clock": self.scene.clock}
        found = {}
        for form in packs.FORMS:
            piece = packs.pack_piece(self.link, asked.id, form, 0, **here)
            assert isinstance(piece, str)
            found[form] = base64.b64decode(piece)
        return found


@pytest.fixture
def family(home: Config, clock: FixedClock, settings: Any) -> Family:
    scene = scenes.begin(home, clock)
    settings.CONFIG, settings.CLOCK = home, scene.clock
    cache.clear()
    home.dictionary.mkdir(exist_ok=True)
    scene.read()
    Return.objects.create(
        return_id="r", urn=URN, laestab="2022222", year=2026, term="AUT", state="accepted", sha256="0" * 64, pupils=6,
        received_at=datetime(2026, 10, 8, 9, tzinfo=UTC), actor="school",
    )  # fmt: skip
    link = linked("parent@example.org", home, scene.clock)
    made(scene.correct(CHILD, "census_pupil.ethnicity", "WIRI"))
    noted = gate.annotate_item(
        Pmr(scene.world.pmrs[CHILD]), "census_pupil.senprovision", scene.token(CHILD, "census_pupil.senprovision"), NOTE,
        case="K-2", actor=scene.official(), config=home, clock=scene.clock,
    )  # fmt: skip
    assert isinstance(noted, gate.CorrectionView), noted
    scene.later(1)
    scene.tend()
    (notice,) = scene.notices()
    answered = gate.acknowledge(notice.id, "cannot", REASON, scene.world.person, clock=scene.clock)
    assert isinstance(answered, gate.NoticeView), answered
    settings.CLOCK = scene.clock
    browser = Client()
    browser.force_login(Account.objects.get(pk=link.account_id))
    return Family(scene, link, browser)


def test_what_was_changed_and_who_was_told_is_on_a_page_on_the_record_and_in_every_copy(
    family: Family,
) -> None:
    size = register.log_size()
    page = family.read()
    for words in ("It was put right.", "A note was put beside it.", "Autumn 2026", "Case K-1", "University of Example"):
        assert words in page
    assert "They say that it cannot be done." in page
    assert f"In their own words: “{REASON}”" in page
    assert "told on 3 September 2026" in page
    assert not any(value in page for value in (WAS, IS, NOTE)), "values are shown by a read alone"
    assert register.log_size() == size
    assert sentences(page) < 7

    shown = family.read(post=True)
    assert NOTE in shown
    assert before_and_now(shown) == (WAS, IS)
    kinds = [one.type for one in register.events(limit=register.log_size() - size)]
    assert kinds == ["release.delivered", "release.settled", "release.begun"]
    assert "You looked at the record." in family.read(f"/family/child/{family.link.id}/")
    assert f"In their own words: “{REASON}”" in family.read(f"/family/child/{family.link.id}/")

    stranger = Client()
    stranger.force_login(Account.objects.create_user("stranger@example.org", "correct horse battery"))
    for path in (family.page, family.page.replace(str(family.link.id), "424242")):
        assert stranger.get(path).status_code == stranger.post(path).status_code == 404

    the_record_says_who_sent_each_fact_when_and_what_no_school_said(family)
    the_copy_tells_it_in_each_of_its_forms(family)

    assert (
        f"Told of a change: They answered on 3 September 2026. They say that it cannot be done. In their own words: “{REASON}”"
        in (family.read(f"/family/child/{family.link.id}/"))
    )

    # A kind that came later than these words, and one that took a value away.
    Correction.objects.filter(kind="corrected").update(kind="merged")
    assert "It was changed." in family.read()
    Correction.objects.filter(kind="merged").update(kind="declined")
    assert "your family would rather not say" in family.read(post=True)


def the_record_says_who_sent_each_fact_when_and_what_no_school_said(family: Family) -> None:
    page = family.read(f"/family/child/{family.link.id}/record/", post=True)
    school = rights.school_in_words(URN).replace("'", "&#x27;")
    assert f"Sent by {school} on 8 October 2026" in page
    assert f"Return r, row {family.scene.world.pmrs[CHILD]}." in page
    assert f"was put right on 2 September 2026: before “{WAS}”, since then “{IS}”. The decision: case K-1." in page
    assert NOTE in page
    assert "We worked this out from what the school sent." in page
    assert "This only tells one record, school or area from another." in page


def the_copy_tells_it_in_each_of_its_forms(family: Family) -> None:
    copy = family.copy()
    values = json.loads(copy["json"])
    schema = json.loads(forms.schema())
    assert faults(values, schema, schema) == []
    noted, corrected = values["history"]
    assert (noted["kind"], noted["note"], noted["case"]) == ("annotated", NOTE, "K-2")
    assert (corrected["kind"], corrected["before"], corrected["since"]) == ("corrected", WAS, IS)
    assert (corrected["on"], corrected["census"]) == ("2026-09-02", "Autumn 2026")
    (university,) = [one for one in values["recipients"] if one["corrections"]]
    (told,) = university["corrections"]
    assert told["did"] == "They say that it cannot be done."
    assert told["reason"] == REASON
    assert {one["origin"] for one in values["dictionary"].values()} == {"sent", "worked out", "administrative"}

    text = copy["text"].decode()
    for words in (
        f"before “{WAS}”, since then “{IS}”", NOTE, f"In their own words: “{REASON}”",
        "What we worked out ourselves, from what the school sent", "this system does not know of it yet",
    ):  # fmt: skip
        assert words in text
    # The PDF is drawn of the same lines as the text.
    assert len(copy["pdf"]) > 10_000

    with zipfile.ZipFile(io.BytesIO(copy["csv"])) as tables:

        def rows(name: str) -> list[dict[str, str]]:
            return list(csv.DictReader(io.StringIO(tables.read(name).decode("utf-8-sig"))))

        assert [(one["what"], one["before"], one["since"]) for one in rows("history.csv")] == [
            ("annotated", "No special educational need", "No special educational need"), ("corrected", WAS, IS),
        ]  # fmt: skip
        (answer,) = rows("corrections.csv")
        assert REASON in answer["in words"]
        assert {one["how it came about"] for one in rows("dictionary.csv")} >= {"worked out"}


def test_of_a_shielded_child_no_form_names_a_place_and_no_words_of_others_are_shown(
    family: Family, settings: Any
) -> None:
    """docs/claiming.md: the adult whom two people confirmed since the shield sees the record without its places."""
    scene = family.scene
    custodian = next(one.id for one in people.persons() if one.role == "custodian")
    upn = CHILDREN[CHILD].upn
    assert gate.set_shield(upn, True, actor=custodian, config=scene.config, clock=scene.clock) is True
    assert family.browser.get(family.page).status_code == 404
    assert family.browser.post(family.page).status_code == 404
    scene.later(1)
    settings.CLOCK = scene.clock
    ChildLink.objects.filter(public_id=family.link.id).update(confirmed_at=scene.clock.now())
    (family.link,) = rights.children(family.link.account_id, clock=scene.clock)
    assert family.link.places_withheld

    school, area = rights.school_in_words(URN).removesuffix(")").split(" (")
    copy = family.copy()
    with zipfile.ZipFile(io.BytesIO(copy["csv"])) as tables:
        tabled = b"".join(tables.read(name) for name in tables.namelist() if name.endswith(".csv"))
    shown = {
        **{form: copy[form].decode() for form in ("json", "text")},
        "csv": tabled.decode(),
        "page": family.read(),
        "looked": family.read(post=True),
        "record": family.read(f"/family/child/{family.link.id}/record/", post=True),
        "child": family.read(f"/family/child/{family.link.id}/"),
    }
    for form, text in shown.items():
        for place in (school, school.replace("'", "&#x27;"), area, upn, str(URN), "Synthetic Road", REASON):
            assert place not in text, (form, place)
    assert "Ethnic" in shown["looked"]
    assert WAS in shown["looked"]
    assert "Its words are left out here." in shown["record"]
    assert "Show what it was and what it is" in shown["page"]


def before_and_now(page: str) -> tuple[str, ...]:
    found = re.findall(r'key">(?:Before|Now)</dt><dd class="govuk-summary-list__value">(.*?)</dd>', page)
    return tuple(found)


def sentences(page: str) -> float:
    """The grade of a page's own sentences."""
    found = re.findall(r'<p class="govuk-body">(.*?)</p>', page.split("<h1", 1)[1])
    return grade("\n".join(re.sub(r"<[^>]+>", " ", one) for one in found if "." in one))
