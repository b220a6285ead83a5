"""Another language: a translator's tools find every word, and a catalogue that is there is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real
from django.utils.translation.template import templatize
from tools import draw_notice_words

from schoolgate import notices
from schoolgate.config import Config
from tests.notices import catalogue
from tests.notices.pictures import SITE, picture, use
from tests.notices.scene import Moving, publish
from tests.notices.test_texts import CHANGING
from tests.world import build

SOURCE = Path(notices.__file__).parents[1]
FACES = ("notices", "web/notices", "web/family", "rights")
TEMPLATES = SOURCE / "web" / "templates" / "schoolgate"
ASKS = {"_", "lazy", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}


def _literals(source: str) -> Iterator[str]:
    """What xgettext takes out of a module: texts handed to a function of gettext's, and none inside an f-string."""

    class Finder(ast.NodeVisitor):
        found: list[str] = []

        def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
            pass

        def visit_Call(self, node: ast.Call) -> None:
            if isinstance(node.func, ast.Name) and node.func.id in ASKS:
                self.found += [one.value for one in node.args if isinstance(one, ast.Constant)]
            self.generic_visit(node)

    finder = Finder()
    finder.found = []
    finder.visit(ast.parse(source))
    yield from (one for one in finder.found if isinstance(one, str))


def extracted() -> set[str]:
    """Every text that `makemessages` would put into a catalogue, from the faces that families see."""
    found: set[str] = set()
    for face in FACES:
        for path in sorted((SOURCE / face).glob("*.py")):
            found |= set(_literals(path.read_text(encoding="utf-8")))
    for path in sorted(TEMPLATES.rglob("*.html")):
        said = templatize(path.read_text(encoding="utf-8"))
        for call in re.findall(r"n?gettext\((.*?)\)(?=\s|$)", said, re.DOTALL):
            found |= {_text(one) for one in re.findall(r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')", call)}
    return found


def _text(literal: str) -> str:
    return str(ast.literal_eval(literal))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every text that gettext is asked for from now on."""
    found: set[str] = set()
    kind = type(trans_real.translation("en-gb"))
    plain, counted = kind.gettext, kind.ngettext

    def gettext(own: Any, message: str) -> str:
        found.add(message)
        return str(plain(own, message))

    def ngettext(own: Any, one: str, many: str, n: int) -> str:
        found.update((one, many))
        return str(counted(own, one, many, n))

    monkeypatch.setattr(kind, "gettext", gettext)
    monkeypatch.setattr(kind, "ngettext", ngettext)
    translation.activate("en-gb")
    return found


def test_the_words_of_our_own_lists_are_named_for_the_catalogue() -> None:
    """When this fails: python tools/draw_notice_words.py."""
    assert draw_notice_words.MODULE.read_text(encoding="utf-8") == draw_notice_words.drawn()


def test_whatever_a_notice_asks_a_catalogue_for_is_found_by_the_tools_that_make_one(asked: set[str]) -> None:
    some = picture(*CHANGING.uses, use(agreement="A-2026-0030", items=(), purpose="crime-investigation"))
    for one in (some, picture()):
        for whom in (*notices.standard(), notices.audience(urn=100008), notices.audience(urn=100008, ages="8-11")):
            assert notices.compose(one, whom, site=SITE).whole
        for change in notices.changes(one, some if one is not some else picture()):
            assert notices.change_words(change)
        for side in notices.sides(None, one):
            assert notices.side_words(side)
    known = extracted()
    ours = {text for text in asked if not _is_djangos(text)}
    assert len(ours) > 150
    assert "Print it on one sheet" in known  # of a template
    assert ours <= known, sorted(ours - known)


def _is_djangos(text: str) -> bool:
    """The names of months are in Django's own catalogues."""
    from django.utils.dates import MONTHS

    return text in {str(getattr(name, "_args", [name])[0]) for name in MONTHS.values()} | {
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    }  # fmt: skip


MADE_UP = {
    "What happens to the facts about your child": "Beth sy’n digwydd i’r ffeithiau (synthetig)",
    "In short": "Yn fyr (synthetig)",
    "Ethnic background": "Cefndir ethnig (synthetig)",
    "Print it on one sheet": "Argraffu (synthetig)",
    "Today %(n)d organisation may use some of it.\0Today %(n)d organisations may use some of it.": (
        "Heddiw %(n)d (synthetig)\0Heddiw %(n)d o rai (synthetig)"
    ),
}


@pytest.fixture
def welsh(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A catalogue that somebody put where the settings say."""
    catalogue.write(tmp_path / "locale", "cy", MADE_UP)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    trans_real._translations.clear()
    trans_real.reset_cache(setting="LANGUAGES", value=None, enter=True)
    yield
    trans_real._translations.clear()


def test_without_a_catalogue_there_is_one_language_and_no_link_to_another(client: Client, db: None) -> None:
    assert notices.languages() == (("en-gb", "English"),)
    assert "Cymraeg" not in client.get("/notices/nation/").content.decode()
    assert client.get("/notices/nation/?language=cy").status_code == 404
    assert client.get("/notices/nation/?language=../etc").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_catalogue_that_is_there_is_offered_used_and_kept_with_each_notice(
    welsh: None, home: Config, client: Client
) -> None:
    clock = Moving()
    build(home, clock)
    told = publish(clock)
    assert notices.languages() == (("en-gb", "English"), ("cy", "Cymraeg"))
    english, page = (client.get(f"/notices/nation/{end}").content.decode() for end in ("", "?language=cy"))
    assert 'href="/notices/nation/?language=cy">Cymraeg</a>' in english
    assert 'href="/notices/nation/">English</a>' in page
    assert '<html lang="cy"' in page
    for one in ("Beth sy’n digwydd i’r ffeithiau", "Yn fyr", "cefndir ethnig", "Argraffu", "Heddiw 1 (synthetig)"):
        assert one in page, one
        assert one not in english
    assert 'href="/notices/nation/more/?language=cy"' in page
    assert "Cefndir ethnig (synthetig)." in client.get("/notices/nation/more/?language=cy").content.decode()
    printed = client.get("/notices/nation/print/?language=cy").content.decode()
    assert '<html lang="cy"' in printed
    assert "Heddiw 1 (synthetig)" in printed
    assert {language for _key, language, _sha in told.texts} == {"en-gb", "cy"}
    kept = client.get(f"/notices/versions/{told.number}/nation/?language=cy").content.decode()
    assert kept == notices.kept_text(told.number, notices.audience(), "cy")
    assert "Yn fyr (synthetig)" in kept
    assert f"{told.number}/nation/?language=cy" in client.get(f"/notices/versions/{told.number}/").content.decode()
    assert translation.get_language() == "en-gb"
