"""Writes a catalogue for translators: every text that families read, from the code, the templates and our own lists.

gettext's own tools do not know the names by which this code calls gettext, nor the tables whose words it says, nor the
reasons a room gives for a "no"; this knows them. A translator fills the file in, and `msgfmt` makes it what is used.

python tools/draw_catalogue.py > cy.po
msgfmt cy.po -o .schoolgate/locale/cy/LC_MESSAGES/django.mo
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "schoolgate"
TEMPLATES = SOURCE / "web" / "templates" / "schoolgate"
FACES = (
    "notices", "web/notices", "web/family", "rights", "rights/cases", "rights/packs", "rights/digests", "gate/erasing",
    "web/public", "web/templatetags",
)  # fmt: skip
"""Where words for families are written. One level of each: a room's parts are named by themselves."""

SHOWN = ("base.html", "errors", "family", "notices", "parts", "public")
"""The templates of the pages that families see."""

ASKS = {"_", "lazy", "noop", "gettext", "gettext_lazy", "gettext_noop"}
COUNTS = {"ngettext", "ngettext_lazy"}
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'

Text = tuple[str, str]
"""One text and its plural; the plural is empty where nothing is counted."""


def of_code(source: str) -> Iterator[Text]:
    """The texts that a module hands to gettext, and those of its refusals."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        told = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
        named = {one.arg: one.value.value for one in node.keywords if isinstance(one.value, ast.Constant)}
        if node.func.id in ASKS:
            yield from ((one, "") for one in told[:1] if isinstance(one, str))
        elif node.func.id in COUNTS and len(told) > 1 and isinstance(told[0], str) and isinstance(told[1], str):
            yield told[0], told[1]
        elif node.func.id == "Refusal":
            said = [*told[1:2], named.get("reason"), named.get("remedy")]
            yield from ((one, "") for one in said if isinstance(one, str) and one)


def of_template(source: str) -> Iterator[Text]:
    """The texts of a template, by Django's own turning of templates into code."""
    from django.utils.translation.template import templatize

    said = templatize(source)
    for name, call in re.findall(r"(n?gettext)\((.*?)\)(?=\s|$)", said, re.DOTALL):
        found = [str(ast.literal_eval(one)) for one in re.findall(r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')", call)]
        if name == "ngettext" and len(found) > 1:
            yield found[0], found[1]
        else:
            yield from ((one, "") for one in found[:1])


def of_lists() -> Iterator[Text]:
    """The words of our own lists that pages for families say."""
    from schoolgate import consent, dictionary, people, rights
    from schoolgate.ids import Term
    from schoolgate.rights.packs.withheld import rules

    policy = rights.competence()
    found = [*policy.needs.values(), *(one.words for one in policy.standings.values())]
    found += [one.words for one in policy.evidence.values()]
    found += [one for rule in rules() for one in (rule.words, rule.instead)]
    found += [*people.ORGANISATION_KINDS.values(), *consent.RESTRICTION_REASONS.values()]
    found += [word for fact in dictionary.asked_facts() for word in (fact.name, fact.why)]
    found += [word for one in dictionary.purposes() for word in (one.name, one.plain, one.provision)]
    for table in dictionary.lake_tables():
        found += [table.title, table.description, *(column.title for column in table.columns)]
    found += [one.name for one in dictionary.identity_items()]
    found += [term.label.capitalize() for term in Term]
    yield from ((str(one), "") for one in found if one)


def texts() -> list[Text]:
    """Every text, once, in order."""
    found: set[Text] = set(of_lists())
    for face in FACES:
        for path in (SOURCE / face).glob("*.py"):
            found |= set(of_code(path.read_text(encoding="utf-8")))
    for one in SHOWN:
        place = TEMPLATES / one
        for path in place.rglob("*.html") if place.is_dir() else (place,):
            found |= set(of_template(path.read_text(encoding="utf-8")))
    plurals = {one for one, many in found if many}
    return sorted(text for text in found if text[1] or text[0] not in plurals)


def catalogue() -> str:
    """The file, with nothing translated yet."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    entries = []
    for one, many in texts():
        kind = "#, python-format\n" if re.search(r"%\(\w+\)[sd]", one) else ""
        if many:
            entries.append(f'{kind}msgid {quoted(one)}\nmsgid_plural {quoted(many)}\nmsgstr[0] ""\nmsgstr[1] ""\n')
        else:
            entries.append(f'{kind}msgid {quoted(one)}\nmsgstr ""\n')
    return "\n".join([HEAD, *entries])


def main() -> int:
    """Write the catalogue."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.settings")
    django.setup()
    sys.stdout.write(catalogue())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
