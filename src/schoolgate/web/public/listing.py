"""The register as a list: each application, decision, agreement, release and refusal, with what belongs to it.

A decision says who had asked for what; a release says until when it may be used and how it ended. All of it is
read from other entries of the log and from the agreement's state, so that nobody has to put it together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schoolgate import register, requests
from schoolgate.errors import SchoolgateError
from schoolgate.web.ports import clock
from schoolgate.web.public import sources
from schoolgate.web.public.words import Entry

KINDS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "requests": (gettext_lazy("Requests"), ("application.received",)),
    "decisions": (gettext_lazy("Decisions"), ("application.decided",)),
    "agreements": (
        gettext_lazy("Agreements"),
        ("agreement.signed", "agreement.amended", "agreement.ended", "destruction.certified"),
    ),
    "releases": (gettext_lazy("Releases"), (sources.RELEASE,)),
    "refusals": (gettext_lazy("Refused questions"), ("query.refused",)),
}
MAIN = tuple(kind for _label, kinds in KINDS.values() for kind in kinds)
EVERYTHING = "everything"
_BATCH = 200
_NO_END = "2099"
"""Agreements that the law keeps open, such as a family's own, are written with a last day in 2099."""
_FURTHEST = 5_000
"""Entries looked at for one page; a search for something rare goes on from there with a link."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list.

    Attributes:
        show: one of `KINDS`, `EVERYTHING`, or empty for all of `KINDS`.
        purpose: purpose id; empty for all.
        who: words in the organisation's name, in lower case; empty for all.
    """

    show: str = ""
    purpose: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry with what belongs to it.

    Attributes:
        organisation, purpose: who, and the purpose's name; from another entry where this one does not say.
        plain: why, in the organisation's own words.
        items: dictionary ids.
        dates: from when until when data may be used, the end empty when none is set; None when it does not apply.
        pupils: how many pupils a release was about, rounded, as the log says it; empty when it does not say.
        status: where it stands now; `colour` is its tag's.
        reasons: of a decision or a refusal.
    """

    entry: Entry
    organisation: str
    purpose: str
    plain: str
    items: tuple[str, ...]
    dates: tuple[str, str] | None
    pupils: str
    status: str
    colour: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the index to go on before; None when there are no more."""

    rows: tuple[Row, ...]
    older: int | None


class _Lookup:
    """What other entries say, asked once a page."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Mapping[str, Any]] = {}

    def body(self, kind: str, subject: str) -> Mapping[str, Any]:
        """The newest entry of a kind about a subject; empty when there is none."""
        if (kind, subject) not in self._seen:
            found = list(register.events(type=kind, subject=subject, limit=1)) if subject else []
            self._seen[kind, subject] = found[0].body if found else {}
        return self._seen[kind, subject]


def page(wanted: Wanted, before: int | None, size: int) -> Page:
    """One page of the list, newest first.

    Args:
        wanted: what to list.
        before: only entries with a smaller index; None for the newest.
        size: rows at most.
    """
    lookup = _Lookup()
    rows: list[Row] = []
    last, newest = before, before if before is not None else register.log_size()
    for raw in _walk(wanted.show, before):
        last = raw.index
        if _fits(raw.body, lookup, wanted):
            if len(rows) == size:
                return Page(tuple(rows), rows[-1].entry.index)
            rows.append(_row(sources.in_words(raw), lookup))
        if newest - raw.index > _FURTHEST:
            return Page(tuple(rows), last)
    return Page(tuple(rows), None)


def _walk(show: str, before: int | None) -> Iterator[register.Event]:
    """Entries of the wanted kinds, newest first, fetched in batches."""
    kinds = KINDS[show][1] if show in KINDS else MAIN
    one = kinds[0] if len(kinds) == 1 else None
    while True:
        batch = list(register.events(type=one, before=before, limit=_BATCH))
        yield from (raw for raw in batch if show == EVERYTHING or raw.body.get("type") in kinds)
        if len(batch) < _BATCH:
            return
        before = batch[-1].index


def _fits(body: Mapping[str, Any], lookup: _Lookup, wanted: Wanted) -> bool:
    """Whether an entry is of the wanted organisation and purpose; cheap, because it is asked of very many."""
    if not wanted.purpose and not wanted.who:
        return True
    said = [body]
    if body.get("type") == "application.decided":
        said.append(lookup.body("application.received", str(body.get("subject", ""))))
    elif not body.get("organisation"):
        said.append(lookup.body("agreement.signed", str(body.get("agreement") or body.get("subject", ""))))
    who = next((str(part["organisation"]) for part in said if part.get("organisation")), "")
    why = next((str(part["purpose"]) for part in said if part.get("purpose")), "")
    return wanted.who in who.lower() and wanted.purpose in ("", why)


def _row(entry: Entry, lookup: _Lookup) -> Row:
    body, subject = entry.body, str(entry.body.get("subject", ""))
    status, colour = _STATUS.get(entry.type, _none)(body, lookup)
    said = [body]
    if entry.type == "application.decided":
        said.append(lookup.body("application.received", subject))
    if entry.agreement:
        said.append(lookup.body("agreement.signed", entry.agreement))
    if entry.type == "release.settled":
        said.append(lookup.body(sources.RELEASE, str(body.get("release", ""))))

    def first(*keys: str) -> Any:
        return next((part[key] for part in said for key in keys if part.get(key)), None)

    begins, ends = first("valid_from"), first("valid_until")
    is_bounded = entry.type in ("agreement.signed", "agreement.amended", sources.RELEASE) and begins and ends
    return Row(
        entry=entry,
        organisation=str(first("organisation", "organisation_name") or ""),
        purpose=sources.purpose_name(str(first("purpose") or "")),
        plain=str(body.get("purpose_plain") or ""),
        items=tuple(first("items") or ()) if entry.type != "query.refused" else (),
        dates=(str(begins), "" if str(ends) >= _NO_END else str(ends)) if is_bounded else None,
        pupils=_pupils(body, lookup),
        status=status,
        colour=colour,
        reasons=entry.reasons,
    )


def with_context(entry: Entry) -> Row:
    """One entry with what belongs to it."""
    return _row(entry, _Lookup())


def _pupils(body: Mapping[str, Any], lookup: _Lookup) -> str:
    """A release is counted after it was handed over; the count stands in an entry of its own."""
    settled = (
        lookup.body("release.settled", str(body.get("subject", ""))) if body.get("type") == sources.RELEASE else {}
    )
    return str(settled.get("pupils") or body.get("pupils") or "")


def _none(body: Mapping[str, Any], lookup: _Lookup) -> tuple[str, str]:
    return "", ""


def _request(body: Mapping[str, Any], lookup: _Lookup) -> tuple[str, str]:
    outcome = lookup.body("application.decided", str(body.get("subject", ""))).get("outcome")
    if outcome == "approved":
        return _("approved"), "green"
    return (_("refused"), "red") if outcome else (_("waiting for a decision"), "yellow")


def _decision(body: Mapping[str, Any], lookup: _Lookup) -> tuple[str, str]:
    return (_("approved"), "green") if body.get("outcome") == "approved" else (_("refused"), "red")


def _agreement(body: Mapping[str, Any], lookup: _Lookup) -> tuple[str, str]:
    try:
        found = requests.get(str(body.get("subject", "")))
    except SchoolgateError:
        return "", ""
    return agreement_status(found.state, found.valid_until)


def agreement_status(state: str, until: date) -> tuple[str, str]:
    """Where an agreement stands today, in words, and its tag's colour."""
    if state == "active" and until < clock().now().date():
        return _("past its last day"), "yellow"
    return {
        "active": (_("in force"), "green"),
        "ended": (_("ended"), "yellow"),
        "destroyed": (_("ended, data destroyed"), "grey"),
    }.get(state, (state, "grey"))


def _release(body: Mapping[str, Any], lookup: _Lookup) -> tuple[str, str]:
    subject = str(body.get("subject", ""))
    if body.get("outcome") == "failed":
        return _("failed, counted as a read"), "yellow"
    if lookup.body("release.settled", subject) or lookup.body("release.delivered", subject):
        return _("handed over"), "blue"
    return _("begun"), "yellow"


def _refused(body: Mapping[str, Any], lookup: _Lookup) -> tuple[str, str]:
    return _("refused"), "red"


def _over(body: Mapping[str, Any], lookup: _Lookup) -> tuple[str, str]:
    return _("ended"), "yellow"


def _gone(body: Mapping[str, Any], lookup: _Lookup) -> tuple[str, str]:
    return _("data destroyed"), "grey"


_STATUS: Mapping[str, Callable[[Mapping[str, Any], _Lookup], tuple[str, str]]] = {
    "application.received": _request,
    "application.decided": _decision,
    "agreement.signed": _agreement,
    "agreement.ended": _over,
    "destruction.certified": _gone,
    "release.begun": _release,
    "query.refused": _refused,
}
