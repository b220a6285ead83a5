"""A log entry in plain words.

The words are ours; the entry stays as it is, and its page shows it byte for byte. A key this module does
not know is shown under its own name: nothing that the log says is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

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
        body: the event itself.
        purpose_name: a purpose's id -> its name in plain words.
    """

    index: int
    type: str
    at: str
    title: str
    summary: str
    tag: str
    colour: str
    agreement: str
    body: Mapping[str, Any]
    purpose_name: Callable[[str], str]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Everything the entry says."""
        return tuple(
            replace(_fact(self.type, key, value, self.purpose_name), key=key)
            for key, value in sorted(self.body.items(), key=lambda part: _order(part[0]))
            if key not in _FRAME and value not in (None, "", [])
        )

    @property
    def items(self) -> tuple[str, ...]:
        """Dictionary items it names; a dictionary's own entry counts them instead."""
        items = self.body.get("items")
        return tuple(items) if isinstance(items, list | tuple) else ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons of a decision or a refusal, in words."""
        return tuple(dict.fromkeys(_reason(self.type, str(part)) for part in self.body.get("reasons") or ()))


_LABELS: Mapping[str, tuple[Any, str]] = {
    "organisation": (lazy("Who"), "text"),
    "organisation_name": (lazy("Who"), "text"),
    "people": (lazy("People who may ask"), "list"),
    "title": (lazy("What it is called"), "text"),
    "purpose": (lazy("Why"), "purpose"),
    "purpose_plain": (lazy("Why, in their words"), "text"),
    "plain": (lazy("Why, in their words"), "text"),
    "lawful_basis": (lazy("The law that allows it"), "text"),
    "special_category_basis": (lazy("The law that allows sensitive items"), "text"),
    "gateway": (lazy("The power to share"), "text"),
    "items": (lazy("Items of the record"), "items"),
    "years": (lazy("School years"), "years"),
    "terms": (lazy("Terms"), "list"),
    "cohort": (lazy("Which pupils"), "list"),
    "valid_from": (lazy("From"), "day"),
    "valid_until": (lazy("Until"), "day"),
    "from": (lazy("From"), "day"),
    "until": (lazy("Until"), "day"),
    "processed_at": (lazy("Where it is used"), "text"),
    "place": (lazy("Where it is used"), "text"),
    "country": (lazy("Country"), "text"),
    "conditions": (lazy("Conditions"), "list"),
    "outcome": (lazy("How it ended"), "text"),
    "kind": (lazy("What kind of organisation"), "text"),
    "people_count": (lazy("How many people may ask"), "text"),
    "witnessed_by": (lazy("Who saw it done"), "text"),
    "reasons": (lazy("Reasons"), "list"),
    "reason": (lazy("Reason"), "text"),
    "panel": (lazy("Who decided"), "list"),
    "agreement": (lazy("Agreement"), "agreement"),
    "application": (lazy("Application"), "text"),
    "release": (lazy("Release"), "text"),
    "pupils": (lazy("How many pupils (rounded)"), "text"),
    "members_count": (lazy("How many pupils (rounded)"), "text"),
    "rows": (lazy("Rows in the answer (rounded)"), "text"),
    "query": (lazy("What was asked, with its values taken out"), "query"),
    "query_hash": (lazy("Fingerprint of the query"), "hash"),
    "definition_hash": (lazy("Fingerprint of which pupils and items"), "hash"),
    "members_root": (lazy("Sealed list of the pupils: its fingerprint"), "hash"),
    "bitmap_hash": (lazy("Fingerprint of the pupils’ bitmap"), "hash"),
    "snapshot": (lazy("Version of the records"), "text"),
    "lake_version": (lazy("Version of the records"), "text"),
    "publish_queries": (lazy("Are queries shown in public?"), "text"),
    "schools": (lazy("Schools"), "text"),
    "year": (lazy("Year"), "text"),
    "term": (lazy("Term"), "text"),
    "total": (lazy("How many (rounded)"), "text"),
    "totals": (lazy("How many (rounded)"), "list"),
    "objections": (lazy("Objections in force (rounded)"), "text"),
    "objecting": (lazy("Pupils left out because a family said no (rounded)"), "text"),
    "restricted": (lazy("Pupils whose record is under restriction (rounded)"), "text"),
    "version": (lazy("Its fingerprint"), "hash"),
    "key": (lazy("The key"), "hash"),
    "engine": (lazy("Worked out with"), "text"),
    "result_hash": (lazy("Fingerprint of the answer"), "hash"),
    "method": (lazy("How it was destroyed"), "text"),
    "by": (lazy("By"), "text"),
    "actor_role": (lazy("Done by"), "text"),
    "role": (lazy("Done by"), "text"),
}
"""Known keys: what each is called, and how it is shown."""

_PLACES = {key: at for at, key in enumerate(_LABELS)}


def entry(index: int, body: Mapping[str, Any], purpose_name: Callable[[str], str]) -> Entry:
    """Put one event into words.

    Args:
        index: its place in the log.
        body: the event.
        purpose_name: a purpose's id -> its name in plain words.
    """
    kind = str(body.get("type", ""))
    title, tag, colour = _TITLES.get(kind, (kind.replace(".", " ").replace("_", " ").capitalize(), "", "grey"))
    if kind == "application.decided":
        title, tag, colour = _decision(body)
    if kind == "release.begun" and body.get("outcome") == "failed":
        title, tag, colour = _("A question ran and gave no answer"), _("failed"), "yellow"
    return Entry(
        index=index,
        type=kind,
        at=str(body.get("at", "")),
        title=str(title),
        summary=_summary(body, purpose_name),
        tag=str(tag),
        colour=colour,
        agreement=_agreement(kind, body),
        body=body,
        purpose_name=purpose_name,
    )


_TITLES: Mapping[str, tuple[Any, Any, str]] = {
    "application.received": (lazy("Somebody asked to use pupil data"), "", ""),
    "agreement.signed": (lazy("An agreement was signed"), lazy("agreement"), "green"),
    "agreement.amended": (lazy("An agreement was changed"), lazy("agreement"), "yellow"),
    "agreement.ended": (lazy("An agreement ended"), lazy("ended"), "grey"),
    "release.begun": (lazy("Data was read and handed over"), lazy("release"), "blue"),
    "release.delivered": (lazy("A release reached the person who asked"), "", ""),
    "release.settled": (lazy("The list of pupils in a release was sealed"), "", ""),
    "query.refused": (lazy("A question was refused"), lazy("refused"), "red"),
    "destruction.certified": (lazy("The data was destroyed"), lazy("destroyed"), "grey"),
    "objection.totals": (lazy("Families’ objections were counted"), "", ""),
    "notice.published": (lazy("A notice was published"), "", ""),
    "dictionary.loaded": (lazy("The dictionary of items was updated"), "", ""),
    "restriction.totals": (lazy("Records under restriction were counted"), "", ""),
    "term.loaded": (lazy("A term’s returns from schools were added"), "", ""),
    "key.changed": (lazy("A signing key was changed"), lazy("key"), "yellow"),
}


def _decision(body: Mapping[str, Any]) -> tuple[str, str, str]:
    if body.get("outcome") == "approved":
        return _("The panel said yes"), _("approved"), "green"
    return _("The panel said no"), _("refused"), "red"


def _order(key: str) -> tuple[bool, int, str]:
    """What people ask first comes first, fingerprints last."""
    return _LABELS.get(key, ("", ""))[1] == "hash", _PLACES.get(key, len(_PLACES)), key


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
    named, kind = _LABELS.get(key, (key.replace("_", " ").capitalize(), "text"))
    label = str(named)
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
