"""A pack as a document for people: titles, headings, paragraphs and points, made from its JSON values. Pure.

The same lines are the page and the PDF, so that nobody is shown one thing and keeps another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext

from schoolgate.requests import Line, line
from schoolgate.rights.inwords import day_in_words

RIGHTS: tuple[str, ...] = (
    noop(
        "You can say that something is wrong, and ask to have it put right (UK GDPR Article 16). Everybody on the list"
        " above is then told (Article 19)."
    ),
    noop("You can say no to a use (Article 21), and ask that the record is kept but not used for now (Article 18)."),
    noop(
        "You can ask for something to be erased (Article 17). The law says that most of a school record must be kept."
    ),
    noop(
        "You can complain to us, and to the Information Commissioner’s Office: ico.org.uk, 0303 123 1113 (DPA 2018"
        " ss.164A, 165)."
    ),
    noop("No decision about your child is made by a computer alone from this record (Articles 22A to 22D)."),
)
"""What can be done (UK GDPR Article 15(1)(e), (f) and (h))."""

GROUNDS: tuple[str, ...] = (
    noop("Why it is kept: to pay schools, to see how well schools teach, and for research that helps children."),
    noop(
        "The law that asks schools to send it: Education Act 1996 section 537A, and the Education (Information About"
        " Individual Pupils) (England) Regulations 2013. The ground: UK GDPR Article 6(1)(c) and (e); for facts such as"
        " health or ethnicity Article 9(2)(g) and (j)."
    ),
    noop(
        "It is kept in the United Kingdom. Where somebody on the list uses it abroad, the list says where, and what"
        " protects it there (Article 15(2))."
    ),
)
"""Purposes, grounds and safeguards that hold for the whole record (Article 15(1)(a) and (2))."""


PUBLISHED = noop(
    "Answers and files that were handed over are all in this list. What somebody then printed or put online is not:"
    " this system does not know of it yet."
)
"""What is said of publications, while what leaves as one passes no gate."""


def _day(moment: str) -> str:
    return day_in_words(datetime.fromisoformat(moment).date())


def document(values: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines of a pack."""
    return tuple(_lines(values))


def _lines(values: Mapping[str, Any]) -> Iterator[Line]:
    yield line("title", _("What is held about your child"))
    asked = {"asked": _day(values["asked_at"]), "made": _day(values["made_at"])}
    yield line("paragraph", _("You asked for this copy on %(asked)s. It was made on %(made)s.") % asked)
    yield line("paragraph", _("It is your copy. Keep it where nobody else finds it."))
    for one in values["controller"]:
        yield line("paragraph", one)
    yield from _who(values)
    for table in values["facts"]:
        yield from _table(table)
    yield from _worked_out(values["dictionary"])
    yield from _said(_("What was put right or noted"), [
        f"{one['census']}: {one['in_words']}" if one["census"] else one["in_words"] for one in values["history"]
    ], _("Nothing was changed, and nothing noted."))  # fmt: skip
    yield from _said(_("How we know that this record is your child’s"), values["matching"], "")
    yield from _said(_("What you said yes and no to"), values["choices"], _("You have not said yes or no to anything."))
    yield from _said(_("Who can see this record"), values["people"], "")
    yield from _said(_("What you asked of us"), values["cases"], _("You have not asked us for anything else."))
    yield from _said(_("Letters"), values["letters"], "")
    yield from _recipients(values["recipients"])
    yield from _withheld(values["withheld"])
    yield from _keeping(values)
    yield from _said(_("Why it is kept, and by which law"), [_(one) for one in GROUNDS], "")
    yield from _said(_("What you can do"), [_(one) for one in RIGHTS], "")


def _said(heading: str, points: list[str] | tuple[str, ...], nothing: str) -> Iterator[Line]:
    if not points and not nothing:
        return
    yield line("heading", heading)
    for one in points:
        yield line("point", one)
    if not points:
        yield line("paragraph", nothing)


def _who(values: Mapping[str, Any]) -> Iterator[Line]:
    if values["identity"]:
        yield line("heading", _("Who your child is"))
        for one in values["identity"]:
            yield line("point", f"{one['name']}: {one['in_words']}")


def _table(table: Mapping[str, Any]) -> Iterator[Line]:
    yield line("heading", table["title"])
    if table["about"]:
        yield line("paragraph", table["about"])
    before = None
    for row in table["rows"]:
        head = ", ".join(part for part in (row["census"], row["school"]) if part)
        origin = _origin(row["source"])
        if (head, origin) != before:
            yield line("paragraph", f"{head}. {origin}" if origin else f"{head}.")
            before = (head, origin)
        yield line("point", "; ".join(_cells(table["table"], row["values"])))


def _cells(table: str, cells: Mapping[str, Any]) -> Iterator[str]:
    """Each fact with its name; the school is in the line above."""
    for item, cell in cells.items():
        if item != f"{table}.urn":
            yield f"{cell['name']}: {cell['in_words']}"


def _origin(source: Mapping[str, Any] | None) -> str:
    if source is None:
        return ""
    words = {
        "school": source["sent_by"],
        "sent": day_in_words(date.fromisoformat(source["received_on"])) if source["received_on"] else "",
        "kept": _day(source["recorded_at"]) if source["recorded_at"] else "",
    }
    sent = _("Sent by %(school)s on %(sent)s.") % words if words["school"] else ""
    kept = _("Kept here since %(kept)s.") % words if words["kept"] else ""
    return " ".join(part for part in (sent, kept) if part)


def _worked_out(items: Mapping[str, Mapping[str, Any]]) -> Iterator[Line]:
    """What no school said of the child: worked out here, or there for our own order (Article 15 is about both)."""
    for origin, heading in (
        ("worked out", _("What we worked out ourselves, from what the school sent")),
        ("administrative", _("What only tells one record, school or area from another")),
    ):
        names = sorted({one["name"] for one in items.values() if one["origin"] == origin})
        yield from _said(heading, names, "")


def _recipients(recipients: list[Mapping[str, Any]]) -> Iterator[Line]:
    yield line("heading", _("Who was given anything of it"))
    if not recipients:
        yield line("paragraph", _("Nobody yet."))
    yield line("paragraph", _(PUBLISHED))
    for one in recipients:
        yield line("paragraph", f"{one['organisation']}: {one['why']}")
        for words in _of_recipient(one):
            yield line("point", words)


def _of_recipient(one: Mapping[str, Any]) -> Iterator[str]:
    yield _("What: %(items)s") % {"items": ", ".join(one["items_in_words"])}
    grounds = [one["lawful_basis"], one["special_category_basis"], one["power_to_share"]]
    yield _("The law that allows it: %(laws)s") % {"laws": "; ".join(law for law in grounds if law)}
    times = len(one["times"])
    yield ngettext("%(n)s time: %(since)s", "%(n)s times, from %(since)s to %(last)s", times) % {
        "n": times, "since": _day(one["since"]), "last": _day(one["last"]),
    }  # fmt: skip
    yield _("They may keep it until %(until)s. How it stands: %(standing)s.") % {
        "until": day_in_words(date.fromisoformat(one["until"])), "standing": one["standing"],
    }  # fmt: skip
    where = ", ".join(part for part in (one["used_at"], one["country"]) if part)
    if where:
        yield _("Where it is used: %(where)s") % {"where": where}
    if one["safeguard"]:
        yield _("What protects it there: %(safeguard)s") % {"safeguard": one["safeguard"]}
    for helper in one["processors"]:
        yield _("%(name)s works with it for them: %(does)s, in %(country)s") % {
            "name": helper["name"], "does": helper["does"], "country": helper["country"] or helper["where"],
        }  # fmt: skip
    for other in one["linked_with"]:
        yield _("They may join it with: %(what)s") % {"what": other["what"]}
    for fix in one["corrections"]:
        told = {"day": day_in_words(date.fromisoformat(fix["told_on"])), "answer": fix["in_words"]}
        yield _("We told them on %(day)s that something in your child’s record was changed. %(answer)s") % told
    if one["destroyed"]:
        gone = {"day": day_in_words(date.fromisoformat(one["destroyed"]["on"])), "how": one["destroyed"]["how"]}
        yield _("They say that they destroyed it on %(day)s: %(how)s") % gone


def _withheld(withheld: list[Mapping[str, Any]]) -> Iterator[Line]:
    if withheld:
        yield line("heading", _("What this copy leaves out, and why"))
    for one in withheld:
        yield line("paragraph", _(one["in_words"]))
        yield line("point", _("The law: %(law)s") % {"law": one["provision"]})
        if one["instead"]:
            yield line("point", _(one["instead"]))


def _keeping(values: Mapping[str, Any]) -> Iterator[Line]:
    kept = sorted({one["kept"] for one in values["dictionary"].values() if one["kept"]})
    yield from _said(_("How long it is kept"), kept, "")
