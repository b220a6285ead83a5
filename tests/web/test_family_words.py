"""Another language: every sentence that a family meets on its pages, in its copy and in its letters is of the catalogue.

The catalogue that `tools/draw_catalogue.py` writes for translators is turned into a made-up language, in which each
text stands in brackets. Then the pages are walked, and what is outside the brackets must be data: names, laws,
numbers, days, and what somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.translation import trans_real
from tools import draw_catalogue

from schoolgate import desk, dictionary, gate, oversight, people, rights
from schoolgate.rights import cases, inwords
from schoolgate.rights.cases import letters
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.states import KINDS
from schoolgate.rights.digests import choosing
from tests.web.furnished import just_proved
from tests.web.test_family_corrected import NOTE, REASON, Family, family
from tests.world import CHILDREN, URN

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["family"]

OWN_WORDS = "Nobody asked us about this one."
"""What the family writes in its case."""


@pytest.fixture(scope="session")
def catalogue() -> frozenset[str]:
    """Every text that a translator is given."""
    found = {part for text in draw_catalogue.texts() for part in text if part}
    assert len(found) > 1_000
    return frozenset(found)


@pytest.fixture
def made_up(catalogue: frozenset[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in which every text of the catalogue is in brackets, and no other."""
    months = {str(getattr(name, "_args", [name])[0]) for name in MONTHS.values()}

    def marked(text: str) -> str:
        # What is put into a sentence stands outside its brackets: it is data, or of the catalogue itself.
        opened = re.sub(r"(%\(\w+\)[sd]|\{\w+\})", r"⟧\1⟦", text)
        return f"⟦{opened}⟧" if text in catalogue else text

    def plain(own: Any, message: str) -> str:
        return message if message in months or message.replace("\r\n", "\n") not in catalogue else marked(message)

    translation.activate("en-gb")
    kind = type(trans_real.translation("en-gb"))
    monkeypatch.setattr(kind, "gettext", plain)
    monkeypatch.setattr(kind, "ngettext", lambda own, one, many, n: marked(one if n == 1 else many))
    yield
    translation.deactivate_all()


def words_of(thing: Any) -> Iterator[str]:
    """Every text in a value: what a room gives out as data."""
    if isinstance(thing, str):
        yield thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from words_of(getattr(thing, field.name))
    elif isinstance(thing, Iterable) and not isinstance(thing, bytes):
        for one in thing:
            yield from words_of(one)


def data_of(family: Family) -> set[str]:
    """What is shown as it is: names of organisations, schools and laws, and what people wrote."""
    found = set(words_of(oversight.custodian()))
    found |= {part for words in found for part in words.splitlines()}
    for line in rights.lines_for(family.link):
        own = (
            line.organisation, line.purpose_plain, line.lawful_basis, line.special_category_basis, line.gateway,
            line.processed_at, line.country, line.conditions, line.safeguard, line.agreement_id,
            [(one.name, one.role, one.place, one.country) for one in line.processors],
            [(one.with_what, one.how, one.by_whom) for one in line.linked_with],
        )  # fmt: skip
        found |= set(words_of(own))
    found |= {one.name for one in people.organisations()}
    found |= {rights.school_in_words(URN), NOTE, REASON, OWN_WORDS}
    found |= {"parent@example.org", "schoolgate", "Camden", "REFU"}
    found |= {school.name for school in (dictionary.establishment(URN),) if school is not None}
    # The dictionary has its own words, from the Department's published lists; laws have their own names.
    found |= set(words_of(dictionary.open_dictionary(family.scene.config.dictionary).items))
    found |= {one for child in CHILDREN for one in (child.surname, child.forename, child.upn)}
    found |= {row.source for row in rights.competence().standings.values()}
    found |= {policy for rule in oversight.kept_until().values() for policy in words_of(rule.in_words)}
    return {one for one in found if one.strip()}


_NOT_WORDS = re.compile(
    r"(?:https?://)?[\w.-]+@?[\w-]+\.(?:org\.uk|org|py|json|csv|uk|invalid)\S*"  # addresses and names of files
    r"|\b(?:A|C|K|RC|P|O|N)-[\w-]+|\brecital \d+|\bUK GDPR\b|\bArticles?\b [\d()a-z, andto]+|\bData Protection Act 2018\b.*"
    r"|\bEducation \(.*?\) \(England\) Regulations 20\d\d|\b(?:Children|Education|Equality|Human Rights) Act \d{4}.*"
    rf"|\b(?:{'|'.join(f'{date(2026, month, 1):%B}' for month in range(1, 13))})\b"
    r"|\b[0-9a-f]{8,}\b|\b(?:PDF|JSON|CSV|ZIP|UPN|ULN)\b|log\.example/\S+|[\w+/=]{30,}"
)


def outside(text: str, data: Iterable[str]) -> list[str]:
    """What of a text is neither of the catalogue nor data."""
    text = re.sub(r"⟦[^⟦⟧]*⟧", " ¦ ", text)
    # Short words of the dictionary, such as a code's "School", are part of many a sentence of ours: they count as data
    # where nothing else stands beside them.
    for one in (one for one in data if " " in one or len(one) > 8):
        text = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", " ¦ ", text) if one in text else text
    text = _NOT_WORDS.sub(" ", text)
    parts = [part.strip() for part in re.split(r"[¦\n,;:]", text)]
    return [part for part in parts if part not in data and re.search(r"[A-Za-z]{3,}", part)]


def shown(page: str) -> str:
    """What a reader, or a reader's screen reader, meets on a page, each piece on a line."""
    page = re.sub(r"(?s)<(script|style|svg|code)\b.*?</\1>", " ", page)
    spoken = re.findall(r'(?:aria-label|alt|placeholder)="([^"]*)"', page)
    return unescape("\n".join([*re.findall(r">([^<]+)<", page), *spoken]))


def longest_first(data: set[str]) -> list[str]:
    return sorted(data, key=len, reverse=True)


def test_every_sentence_of_a_familys_pages_and_of_its_copy_is_of_the_catalogue(family: Family, made_up: None) -> None:
    link, browser = family.link, family.browser
    just_proved(browser, family.scene.clock)
    child = f"/family/child/{link.id}/"
    case = desk.for_family(
        "case-open", link.account_id, link.id, config=family.scene.config, clock=family.scene.clock,
        kind="complaint", text=OWN_WORDS,
    )  # fmt: skip
    assert isinstance(case, str)
    data = longest_first(data_of(family))
    said: dict[str, list[str]] = {}

    def walk(path: str, *, post: dict[str, str] | None = None, who: Client = browser) -> None:
        answer = who.get(path) if post is None else who.post(path, post, follow=True)
        assert answer.status_code in (200, 404, 409), (path, answer.status_code)
        found = outside(shown(answer.content.decode()), data)
        if found:
            said[path] = found

    choices = ("purpose/education-research", "kind/university", "all/everything")
    for path in (
        "/family/", "/family/code/", "/family/account/", "/family/account/passkeys/add/", child,
        f"{child}who/{family.scene.world.agreement}/", f"{child}who/A-SAR/", f"{child}corrections/", f"{child}copy/",
        f"{child}told/", f"{child}choices/", f"{child}object/", f"{child}stop/", f"{child}declining/", f"{child}erasing/",
        f"{child}give-up/", f"{child}adults/", f"{child}cases/", f"{child}cases/ask/", f"{child}cases/wrong/",
        f"{child}cases/{case}/", f"{child}cases/{case}/file/", f"{child}cases/{case}/say/withdraw/",
        *(f"{child}object/{one}/" for one in choices),
        *(f"{child}declining/{one.item}/" for one in dictionary.declinable_items()[:1]),
        "/family/child/1/",
    ):  # fmt: skip
        walk(path)
    first = dictionary.declinable_items()[0].item
    for path, sent in (
        (f"{child}record/", {}), (f"{child}corrections/", {}), (f"{child}declining/{first}/", {}),
        (f"{child}object/{choices[0]}/", {}), (f"{child}stop/", {"reason": "legal-claim"}), (f"{child}stop/", {}),
        (f"{child}told/", {"every": "hourly"}), ("/family/code/", {"code": "WRONG"}), (f"{child}cases/ask/", {}),
        (f"{child}copy/", {}),
    ):  # fmt: skip
        walk(path, post=sent)
    for path in (f"{child}declining/{first}/take-back/", f"{child}withdraw/{choices[0]}/", f"{child}choices/"):
        walk(path)
    pack = rights.packs.own_pack(link)
    assert pack is not None
    assert rights.packs.make_pack(pack.id, config=family.scene.config, clock=family.scene.clock)
    walk(f"{child}copy/")
    walk(f"{child}copy/text/", post={})
    nobody = Client()
    for path in ("/family/sign-in/", "/family/create-account/"):
        walk(path, who=nobody)
        walk(path, post={"email": "x"}, who=nobody)
    assert not said, "\n".join(f"{path}: {found}" for path, found in said.items())


def test_every_sentence_of_a_decision_letter_is_of_the_catalogue(family: Family, made_up: None) -> None:
    scene = family.scene
    told = cases.Said(text=OWN_WORDS, provision="UK GDPR Article 12", outcome="")
    data = longest_first(data_of(family))
    found = []
    for kind, line in KINDS.items():
        for outcome in line.outcomes:
            row = Case(
                reference="RC-2222-2222", kind=kind, item="census_pupil.ethnicity", received_on=date(2026, 9, 1),
                told_on=date(2026, 9, 2), disputed=True, outcome=outcome,
            )  # fmt: skip
            said = replace(told, outcome=outcome)
            for event in ("decide", "review", "comply"):
                found += outside(letters.decision_letter(row, event, said, scene.clock), data)
    assert not found, sorted(set(found))


def test_whatever_a_recipient_can_say_it_did_has_words_for_a_family() -> None:
    told = [inwords.did_in_words(did) for did in gate.DID]
    assert len(set(told)) == len(gate.DID)
    assert inwords.did_in_words("a word that came later") == "They have answered."
    assert "They have answered." not in told
    for table in dictionary.lake_tables():
        for column in table.columns:
            if column.kind == "item" and not column.census_column:
                assert rights.origin_of(column.item_id) != "sent", "no school sent what the lake works out"


def test_the_letter_that_something_is_new_is_of_the_catalogue(catalogue: frozenset[str]) -> None:
    assert {choosing.SUBJECT, choosing.TEXT, choosing.SAYS} <= catalogue
