"""A log entry in plain words.

The words are ours; the entry stays as it is, and its page shows it byte for byte. A key this module does
not know is shown under its own name: nothing that the log says is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

_FRAME = ("v", "type", "at", "subject")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of an entry's page.

    Attributes:
        label: what it is.
        text: its value in words; empty when `parts` holds it.
        parts: its values when there are several.
        kind: ``text``, ``items``, ``list``, ``agreement``, ``hash`` or ``day``; says how to show it.
        key: the entry's own name for it.
    """

    label: str
    text: str = ""
    parts: tuple[str, ...] = ()
    kind: str = "text"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry, ready for a page.

    Attributes:
        index: its place in the log, from 0.
        at: when, ISO 8601 in UTC.
        title: what happened.
        summary: one sentence with who and why.
        tag: a word that marks the kind; empty for none.
        colour: the tag's colour name.
        agreement: the agreement it belongs to; empty for none.
        facts: everything the entry says.
        body: the event itself.
    """

    index: int
    type: str
    at: str
    title: str
    summary: str
    tag: str
    colour: str
    agreement: str
    facts: tuple[Fact, ...]
    body: Mapping[str, Any]

    @property
    def items(self) -> tuple[str, ...]:
        """Dictionary items it names; a dictionary's own entry counts them instead."""
        items = self.body.get("items")
        return tuple(items) if isinstance(items, list | tuple) else ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons of a decision or a refusal, in words."""
        return tuple(dict.fromkeys(_reason(self.type, str(part)) for part in self.body.get("reasons") or ()))


def labels() -> Mapping[str, tuple[str, str]]:
    """Known keys: what each is called, and how it is shown."""
    return {
        "organisation": (_("Who"), "text"),
        "organisation_name": (_("Who"), "text"),
        "people": (_("People who may ask"), "list"),
        "title": (_("What it is called"), "text"),
        "purpose": (_("Why"), "purpose"),
        "purpose_plain": (_("Why, in their words"), "text"),
        "plain": (_("Why, in their words"), "text"),
        "lawful_basis": (_("The law that allows it"), "text"),
        "special_category_basis": (_("The law that allows sensitive items"), "text"),
        "gateway": (_("The power to share"), "text"),
        "items": (_("Items of the record"), "items"),
        "years": (_("School years"), "years"),
        "terms": (_("Terms"), "list"),
        "cohort": (_("Which pupils"), "list"),
        "valid_from": (_("From"), "day"),
        "valid_until": (_("Until"), "day"),
        "from": (_("From"), "day"),
        "until": (_("Until"), "day"),
        "processed_at": (_("Where it is used"), "text"),
        "place": (_("Where it is used"), "text"),
        "country": (_("Country"), "text"),
        "conditions": (_("Conditions"), "list"),
        "outcome": (_("Decision"), "text"),
        "kind": (_("What kind of organisation"), "text"),
        "people_count": (_("How many people may ask"), "text"),
        "witnessed_by": (_("Who saw it done"), "text"),
        "reasons": (_("Reasons"), "list"),
        "reason": (_("Reason"), "text"),
        "panel": (_("Who decided"), "list"),
        "agreement": (_("Agreement"), "agreement"),
        "application": (_("Application"), "text"),
        "release": (_("Release"), "text"),
        "pupils": (_("How many pupils (rounded)"), "text"),
        "members_count": (_("How many pupils (rounded)"), "text"),
        "rows": (_("Rows in the answer (rounded)"), "text"),
        "query": (_("What was asked, with its values taken out"), "query"),
        "query_hash": (_("Fingerprint of the query"), "hash"),
        "definition_hash": (_("Fingerprint of which pupils and items"), "hash"),
        "members_root": (_("Sealed list of the pupils: its fingerprint"), "hash"),
        "bitmap_hash": (_("Fingerprint of the pupils’ bitmap"), "hash"),
        "snapshot": (_("Version of the records"), "text"),
        "lake_version": (_("Version of the records"), "text"),
        "publish_queries": (_("Are queries shown in public?"), "text"),
        "schools": (_("Schools"), "text"),
        "year": (_("Year"), "text"),
        "term": (_("Term"), "text"),
        "total": (_("How many (rounded)"), "text"),
        "totals": (_("How many (rounded)"), "list"),
        "objections": (_("Objections in force (rounded)"), "text"),
        "objecting": (_("Pupils left out because a family said no (rounded)"), "text"),
        "restricted": (_("Pupils whose record is under restriction (rounded)"), "text"),
        "version": (_("Its fingerprint"), "hash"),
        "key": (_("The key"), "hash"),
        "engine": (_("Worked out with"), "text"),
        "result_hash": (_("Fingerprint of the answer"), "hash"),
        "method": (_("How it was destroyed"), "text"),
        "by": (_("By"), "text"),
        "actor_role": (_("Done by"), "text"),
        "role": (_("Done by"), "text"),
    }


def entry(index: int, body: Mapping[str, Any], purpose_name: Callable[[str], str]) -> Entry:
    """Put one event into words.

    Args:
        index: its place in the log.
        body: the event.
        purpose_name: a purpose's id -> its name in plain words.
    """
    kind = str(body.get("type", ""))
    title, tag, colour = _titles().get(kind, (kind.replace(".", " ").replace("_", " ").capitalize(), "", "grey"))
    if kind == "application.decided":
        title, tag, colour = _decision(body)
    return Entry(
        index=index,
        type=kind,
        at=str(body.get("at", "")),
        title=title,
        summary=_summary(body, purpose_name),
        tag=tag,
        colour=colour,
        agreement=_agreement(kind, body),
        facts=tuple(
            replace(_fact(kind, key, value, purpose_name), key=key)
            for key, value in sorted(body.items(), key=lambda part: _order(part[0]))
            if key not in _FRAME and value not in (None, "", [])
        ),
        body=body,
    )


def _titles() -> Mapping[str, tuple[str, str, str]]:
    return {
        "application.received": (_("Somebody asked to use pupil data"), "", ""),
        "agreement.signed": (_("An agreement was signed"), _("agreement"), "green"),
        "agreement.amended": (_("An agreement was changed"), _("agreement"), "yellow"),
        "agreement.ended": (_("An agreement ended"), _("ended"), "grey"),
        "release.begun": (_("Data was read and handed over"), _("release"), "blue"),
        "release.delivered": (_("A release reached the person who asked"), "", ""),
        "release.settled": (_("The list of pupils in a release was sealed"), "", ""),
        "query.refused": (_("A question was refused"), _("refused"), "red"),
        "destruction.certified": (_("The data was destroyed"), _("destroyed"), "grey"),
        "objection.totals": (_("Families’ objections were counted"), "", ""),
        "notice.published": (_("A notice was published"), "", ""),
        "dictionary.loaded": (_("The dictionary of items was updated"), "", ""),
        "restriction.totals": (_("Records under restriction were counted"), "", ""),
        "term.loaded": (_("A term’s returns from schools were added"), "", ""),
        "key.changed": (_("A signing key was changed"), _("key"), "yellow"),
    }


def _decision(body: Mapping[str, Any]) -> tuple[str, str, str]:
    if body.get("outcome") == "approved":
        return _("The panel said yes"), _("approved"), "green"
    return _("The panel said no"), _("refused"), "red"


def _order(key: str) -> tuple[bool, int, str]:
    """What people ask first comes first, fingerprints last."""
    known = labels()
    place = list(known).index(key) if key in known else len(known)
    return known.get(key, ("", ""))[1] == "hash", place, key


def refusals() -> Mapping[str, str]:
    """Why the gate refused a question: its codes in words."""
    not_a_question = _("It was not a plain question that the gate can check.")
    not_named = _("The person who asked is not named in the agreement, or may no longer ask.")
    return {
        "item-not-approved": _("It asked for an item that was not agreed."),
        "unknown-item": _("It asked for an item that does not exist."),
        "unknown-table": _("It asked for a table that does not exist."),
        "function-not-allowed": _("It wanted to work something out in a way that is not allowed."),
        "construct-not-allowed": not_a_question,
        "select-only": not_a_question,
        "one-statement": not_a_question,
        "not-sql": not_a_question,
        "names-unclear": not_a_question,
        "name-twice": not_a_question,
        "name-shadows-table": not_a_question,
        "limit-without-order": not_a_question,
        "query-too-long": _("It was too long."),
        "query-too-deep": _("It was too tangled to check."),
        "pupil-reference-computed": _("It wanted to take the pupils’ made-up references apart."),
        "agreement-expired": _("The agreement was over."),
        "agreement-not-active": _("The agreement was not in force."),
        "agreement-not-begun": _("The agreement had not begun."),
        "person-not-named": not_named,
        "person-unknown": not_named,
        "not-accredited": not_named,
        "accreditation-expired": not_named,
        "changed-meanwhile": _("The terms changed while it ran."),
    }


def _reason(kind: str, reason: str) -> str:
    return refusals().get(reason, reason.replace("-", " ")) if kind == "query.refused" else reason


def _summary(body: Mapping[str, Any], purpose_name: Callable[[str], str]) -> str:
    who = str(body.get("organisation") or body.get("organisation_name") or "")
    why = purpose_name(str(body["purpose"])) if body.get("purpose") else ""
    if who and why:
        return _("%(who)s, for: %(why)s.") % {"who": who, "why": why.rstrip(".")}
    return who or why


def _agreement(kind: str, body: Mapping[str, Any]) -> str:
    if body.get("agreement"):
        return str(body["agreement"])
    is_about_one = kind.startswith("agreement.") or kind == "destruction.certified"
    return str(body.get("subject", "")) if is_about_one else ""


def _fact(type_: str, key: str, value: Any, purpose_name: Callable[[str], str]) -> Fact:
    label, kind = labels().get(key, (key.replace("_", " ").capitalize(), "text"))
    if key == "reasons" and isinstance(value, list):
        return Fact(label, parts=tuple(dict.fromkeys(_reason(type_, str(part)) for part in value)), kind="list")
    if type_ == "dictionary.loaded" and key == "items":
        return Fact(_("How many items it holds"), _plain(value))
    if kind == "purpose":
        return Fact(label, purpose_name(str(value)))
    if kind == "items" and isinstance(value, list):
        return Fact(label, parts=tuple(str(part) for part in value), kind="items")
    if kind == "years" and isinstance(value, list):
        return Fact(label, parts=tuple(_span(part) for part in value), kind="list")
    if isinstance(value, list):
        return Fact(label, parts=tuple(_plain(part) for part in value), kind="list")
    if isinstance(value, Mapping):
        return Fact(label, parts=tuple(f"{name}: {_plain(part)}" for name, part in value.items()), kind="list")
    return Fact(label, _plain(value), kind=kind)


def _span(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        first, last = value
        return str(first) if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_plain(part)}" for name, part in value.items())
    return str(value)
