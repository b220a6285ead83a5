"""A log entry in plain words.

The words are ours; the entry stays as it is, and its page shows it byte for byte. A key this module does
not know is shown under its own name: nothing that the log says is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schoolgate.clock import plain_day
from schoolgate.published import SUBJECT_ACCESS
from schoolgate.web.public.kinds import kind_of_entry
from schoolgate.web.public.labels import LABELS
from schoolgate.web.public.refusal_words import refusals

_FRAME = ("v", "type", "at", "subject")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of an entry's page.

    Attributes:
        label: what it is.
        text: its value in words; empty when `parts` holds it.
        parts: its values when there are several.
        kind: ``text``, ``items``, ``decided``, ``list``, ``agreement``, ``hash`` or ``day``; says how to show it.
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
        return facts(self.type, self.body, self.purpose_name)

    @property
    def items(self) -> tuple[str, ...]:
        """Dictionary items it names; a dictionary's own entry counts them instead."""
        items = self.body.get("items")
        return tuple(items) if isinstance(items, list | tuple) else ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons of a decision or a refusal, in words."""
        reasons = self.body.get("reasons")
        given = reasons if isinstance(reasons, list | tuple) else ()
        return tuple(dict.fromkeys(_reason(self.type, str(part)) for part in given))


_PLACES = {key: at for at, key in enumerate(LABELS)}


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
    if kind == "release.begun" and body.get("agreement") == SUBJECT_ACCESS:
        title, tag, colour = _("A family or school looked at its own child’s record"), _("own child"), "grey"
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
    "application.returned": (lazy("A request was sent back to be put right"), "", ""),
    "application.allocated": (lazy("Members of the panel were named to decide"), "", ""),
    "application.appealed": (lazy("A decision is to be looked at again"), lazy("appeal"), "yellow"),
    "conflict.declared": (lazy("A member of the panel stepped aside"), "", ""),
    "proposal.made": (lazy("A change of an agreement was asked for"), lazy("change"), "yellow"),
    "proposal.allocated": (lazy("Members of the panel were named to decide a change"), "", ""),
    "proposal.withdrawn": (lazy("A change that was asked for was taken back"), lazy("withdrawn"), "grey"),
    "members.changed": (lazy("Members of the panel were changed"), lazy("panel"), "yellow"),
    "emergency.allocated": (lazy("A few members are to decide at once"), lazy("cannot wait"), "red"),
    "emergency.declined": (lazy("A few members did not agree to decide at once"), "", ""),
    "proposal.refused": (lazy("The panel said no to a change"), lazy("refused"), "red"),
    "emergency.reviewed": (lazy("The panel looked again at what was agreed in a hurry"), "", ""),
    "minutes.published": (lazy("Minutes of the panel were published"), "", ""),
    "statement.published": (lazy("Figures of three months were signed"), "", ""),
    "question.asked": (lazy("The overseer asked a question"), "", ""),
    "question.answered": (lazy("A question of the overseer was answered"), "", ""),
    "finding.recorded": (lazy("An audit found something"), lazy("audit"), "yellow"),
    "action.due": (lazy("Something must be done after an audit"), "", ""),
    "action.done": (lazy("Something was done after an audit"), "", ""),
    "share.imported": (lazy("A share from an old list, not seen by this register"), lazy("old list"), "grey"),
    "witnesses.changed": (lazy("Who watches this log was changed"), lazy("witnesses"), "yellow"),
    "clock.corrected": (lazy("The clock had been wrong"), "", ""),
    "application.resubmitted": (lazy("An application came back with changes"), "", ""),
    "application.withdrawn": (lazy("An application was taken back"), lazy("withdrawn"), "grey"),
    "agreement.signed": (lazy("An agreement was signed"), lazy("agreement"), "green"),
    "agreement.amended": (lazy("An agreement was changed"), lazy("agreement"), "yellow"),
    "agreement.accepted": (lazy("An organisation signed its agreement"), lazy("agreement"), "yellow"),
    "agreement.extended": (lazy("The panel agreed to a later last day"), lazy("agreement"), "yellow"),
    "agreement.suspended": (lazy("The use of data was stopped for now"), lazy("stopped"), "red"),
    "agreement.resumed": (lazy("The use of data may go on"), lazy("agreement"), "green"),
    "agreement.reopened": (lazy("An agreement must be decided anew"), lazy("stopped"), "red"),
    "agreement.reaffirmed": (lazy("The panel decided that an agreement goes on"), lazy("agreement"), "green"),
    "destruction.overdue": (lazy("Data was not destroyed in time"), lazy("overdue"), "red"),
    "agreement.ended": (lazy("An agreement ended"), lazy("ended"), "grey"),
    "release.begun": (lazy("Data was read"), lazy("release"), "blue"),
    "release.delivered": (lazy("A release reached the person who asked"), "", ""),
    "release.settled": (lazy("The list of pupils in a release was sealed"), "", ""),
    "query.refused": (lazy("A question was refused"), lazy("refused"), "red"),
    "destruction.stated": (lazy("Somebody says that data was destroyed"), "", ""),
    "destruction.denied": (lazy("Data that was said to be destroyed was not seen to be"), lazy("not destroyed"), "red"),
    "destruction.certified": (lazy("The data was destroyed"), lazy("destroyed"), "grey"),
    "objection.totals": (lazy("Families’ objections were counted"), "", ""),
    "objection.wider_totals": (lazy("Families’ objections to more than one use were counted"), "", ""),
    "notice.published": (lazy("A notice was published"), "", ""),
    "notice.told": (lazy("Schools and families were told of a notice"), "", ""),
    "dictionary.loaded": (lazy("The dictionary of items was updated"), "", ""),
    "restriction.totals": (lazy("Records under restriction were counted"), "", ""),
    "extract.ordered": (lazy("Somebody asked to take data away"), lazy("extract"), "yellow"),
    "extract.approved": (lazy("Somebody was let take data away"), lazy("extract"), "yellow"),
    "extract.declined": (lazy("Somebody was not let take data away"), lazy("extract"), "red"),
    "extract.failed": (lazy("A file to take away was not made"), lazy("extract"), "red"),
    "extract.ready": (lazy("A locked file was made for one recipient"), lazy("extract"), "blue"),
    "extract.received": (lazy("A recipient signed for a locked file"), lazy("extract"), "green"),
    "extract.reported": (lazy("A locked file did not arrive whole"), lazy("extract"), "yellow"),
    "extract.expired": (lazy("A locked file was deleted"), "", ""),
    "extract.unsigned": (lazy("A recipient did not sign for a locked file"), lazy("overdue"), "red"),
    "lookup.terms": (lazy("How many people may be looked up was set"), "", ""),
    "lookup.made": (lazy("Somebody looked people up"), lazy("look-up"), "blue"),
    "lookup.misses_destroyed": (lazy("What was asked about strangers was destroyed"), lazy("destroyed"), "grey"),
    "use.stopped": (lazy("Use that did not look right was stopped"), lazy("stopped"), "red"),
    "use.answered": (lazy("A recipient said why use did not look right"), "", ""),
    "use.lifted": (lazy("Use that was stopped may go on"), "", ""),
    "declined.totals": (lazy("Items that families declined were counted"), "", ""),
    "correction.sent": (lazy("A recipient was told of facts put right or taken back"), lazy("corrections"), "blue"),
    "correction.acknowledged": (lazy("A recipient said what it did about such facts"), lazy("corrections"), "green"),
    "correction.unanswered": (lazy("A recipient has not said what it did about such facts"), lazy("overdue"), "red"),
    "erasure.sent": (lazy("A recipient was told to delete what was erased"), lazy("erased"), "blue"),
    "erasure.acknowledged": (lazy("A recipient said what it did about what was erased"), lazy("erased"), "green"),
    "erasure.unanswered": (lazy("A recipient has not said what it did about what was erased"), lazy("overdue"), "red"),
    "store.destroyed": (lazy("The custodian destroyed data of its own"), lazy("destroyed"), "grey"),
    "delay.totals": (lazy("Families who are told later, by law, were counted"), "", ""),
    "term.loaded": (lazy("A term’s returns from schools were added"), "", ""),
    "organisation.changed": (lazy("An organisation changed"), lazy("changed"), "yellow"),
    "school.account": (lazy("Somebody may act for a school"), lazy("changed"), "yellow"),
    "organisation.merged": (lazy("An organisation became part of another"), lazy("changed"), "yellow"),
    "key.changed": (lazy("A signing key was changed"), lazy("key"), "yellow"),
}


def _decision(body: Mapping[str, Any]) -> tuple[str, str, str]:
    if body.get("outcome") == "approved":
        return _("The panel said yes"), _("approved"), "green"
    return _("The panel said no"), _("refused"), "red"


def facts(type_: str, body: Mapping[str, Any], purpose_name: Callable[[str], str]) -> tuple[Fact, ...]:
    """Everything a body says, in words; what people ask first comes first."""
    return tuple(
        replace(_fact(type_, key, value, purpose_name), key=key)
        for key, value in sorted(body.items(), key=lambda part: _order(part[0]))
        if key not in _FRAME and value not in (None, "", [])
    )


def _order(key: str) -> tuple[bool, int, str]:
    """What people ask first comes first, fingerprints last."""
    return LABELS.get(key, ("", ""))[1] == "hash", _PLACES.get(key, len(_PLACES)), key


def _reason(kind: str, reason: str) -> str:
    return refusals().get(reason, reason.replace("-", " ")) if kind == "query.refused" else reason


def _summary(body: Mapping[str, Any], purpose_name: Callable[[str], str]) -> str:
    who = str(body.get("organisation") or body.get("organisation_name") or "")
    why = purpose_name(str(body["purpose"])) if body.get("purpose") else ""
    if body.get("type") == "organisation.merged" and who and body.get("into"):
        return _("%(who)s became part of %(into)s.") % {"who": who, "into": str(body["into"])}
    count = body.get("corrections") or body.get("erasures")
    if who and count and body.get("week_ended"):
        told = {"who": who, "day": _day(str(body["week_ended"])), "count": count}
        return _("%(who)s, in the week to %(day)s: %(count)s.") % told
    if who and why:
        return _("%(who)s, for: %(why)s.") % {"who": who, "why": why.rstrip(".")}
    return who or why


def _day(text: str) -> str:
    """A day in words; what is none stays as the entry says it."""
    try:
        return plain_day(date.fromisoformat(text))
    except ValueError:
        return text


def _agreement(kind: str, body: Mapping[str, Any]) -> str:
    if body.get("agreement"):
        return str(body["agreement"])
    is_about_one = kind.startswith("agreement.") or kind == "destruction.certified"
    return str(body.get("subject", "")) if is_about_one else ""


def _fact(type_: str, key: str, value: Any, purpose_name: Callable[[str], str]) -> Fact:
    named, kind = LABELS.get(key, (key.replace("_", " ").capitalize(), "text"))
    label = str(named)
    if type_ == "application.decided" and key == "items":
        label, kind = _("Items not given as they were asked for"), "decided"
    if key in ("kind", "request_kind"):
        is_use = key == "kind" and not type_.startswith("application.")
        return Fact(_("What kind of use") if is_use else label, kind_of_entry(type_, key, _plain(value)))
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
        return Fact(label, parts=tuple(_plain(part) for part in value), kind=kind if kind == "decided" else "list")
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
