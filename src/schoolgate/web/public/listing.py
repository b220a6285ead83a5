"""The register as a list: each application, decision, agreement, release and refusal, with what belongs to it.

A decision says who had asked for what; a release says until when it may be used and how it ended. All of it is
read from other entries of the log and from the agreement's state, so that nobody has to put it together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schoolgate import notices, published, register, requests
from schoolgate.web.public import sources
from schoolgate.web.public.standing import NO_END, status_words, tags_of
from schoolgate.web.public.words import Entry

KINDS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "requests": (
        gettext_lazy("Requests"),
        (
            "application.received",
            "application.returned",
            "application.resubmitted",
            "application.withdrawn",
            "application.appealed",
            "proposal.made",
            "proposal.withdrawn",
        ),
    ),
    "decisions": (
        gettext_lazy("Decisions"),
        ("application.decided", "proposal.refused", "emergency.declined", "emergency.reviewed", "minutes.published"),
    ),
    "agreements": (
        gettext_lazy("Agreements"),
        (
            "agreement.accepted",
            "agreement.signed",
            "agreement.amended",
            "agreement.extended",
            "agreement.suspended",
            "agreement.resumed",
            "agreement.reopened",
            "agreement.reaffirmed",
            "agreement.ended",
            "destruction.certified",
            "destruction.overdue",
            "organisation.changed",
            "organisation.merged",
            "use.stopped",
            "use.lifted",
        ),
    ),
    "releases": (gettext_lazy("Releases"), (sources.RELEASE,)),
    "ways": (
        gettext_lazy("Look-ups and files to take away"),
        (
            "lookup.terms",
            "lookup.made",
            "extract.ordered",
            "extract.approved",
            "extract.declined",
            "extract.ready",
            "extract.received",
            "extract.reported",
            "extract.unsigned",
            "extract.expired",
        ),
    ),
    "refusals": (gettext_lazy("Refused questions"), ("query.refused",)),
}
MAIN = tuple(kind for _label, kinds in KINDS.values() for kind in kinds)
OWN = "own"
"""Each time families and schools looked at their own child: in a list of its own, and in none of the others but the
whole log, because nothing reached anybody outside."""

EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list.

    Attributes:
        show: one of `KINDS`, `OWN`, `EVERYTHING`, or empty for all of `KINDS`.
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
        items: dictionary ids, without what comes with each record.
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
        self._seen: dict[tuple[str, str, int | None], Mapping[str, Any]] = {}

    def body(self, kind: str, subject: str, before: int | None = None) -> Mapping[str, Any]:
        """The newest entry of a kind about a subject, `before` another when that is given; empty when there is none."""
        if (kind, subject, before) not in self._seen:
            found = list(register.events(type=kind, subject=subject, before=before, limit=1)) if subject else []
            self._seen[kind, subject, before] = found[0].body if found else {}
        return self._seen[kind, subject, before]


def page(wanted: Wanted, before: int | None, size: int) -> Page:
    """One page of the list, newest first.

    Args:
        wanted: what to list.
        before: only entries with a smaller index; None for the newest.
        size: rows at most.
    """
    everything = wanted.show == EVERYTHING
    indexes = published.entries(
        types=() if everything else KINDS[wanted.show][1] if wanted.show in KINDS else MAIN,
        purpose=wanted.purpose,
        who=wanted.who,
        own_looks=None if everything else wanted.show == OWN,
        before=before,
        limit=size + 1,
    )
    kept = indexes[:size]
    cases, lookup = published.cases_of_entries(kept), _Lookup()
    rows = tuple(_row(sources.in_words(register.event(index)), lookup, cases.get(index)) for index in kept)
    return Page(rows, kept[-1] if len(indexes) > size else None)


def _row(entry: Entry, lookup: _Lookup, case: published.Case | None) -> Row:
    body, subject = entry.body, str(entry.body.get("subject", ""))
    status, colour = _STATUS.get(entry.type, _none)(body, lookup, case)
    said = [body]
    if entry.type == "application.decided":
        # what was decided on is the version that was there then; the decision's own items are only those it changed
        again = lookup.body("application.resubmitted", subject, entry.index)
        said = [{**body, "items": None}, again, lookup.body("application.received", subject)]
    if entry.agreement:
        said.append(lookup.body("agreement.signed", entry.agreement))
    if entry.type == "release.settled":
        said.append(lookup.body(sources.RELEASE, str(body.get("release", ""))))

    def first(*keys: str) -> Any:
        return next((part[key] for part in said for key in keys if part.get(key)), None)

    shows_items, always = entry.type not in ("query.refused", "lookup.made"), sources.comes_with_each_record()
    begins, ends = first("valid_from"), first("valid_until")
    is_bounded = entry.type in ("agreement.signed", "agreement.amended", sources.RELEASE) and begins and ends
    return Row(
        entry=entry,
        organisation=str(first("organisation", "organisation_name") or ""),
        purpose=sources.purpose_name(str(first("purpose") or "")),
        plain=str(body.get("purpose_plain") or ""),
        items=tuple(item for item in _listed(first("items")) if item not in always) if shows_items else (),
        dates=(str(begins), "" if str(ends) >= NO_END else str(ends)) if is_bounded else None,
        pupils=_pupils(body, lookup),
        status=status,
        colour=colour,
        reasons=entry.reasons,
    )


def _listed(value: Any) -> tuple[str, ...]:
    """Items of an entry; a dictionary's own entry counts them instead."""
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def with_context(entry: Entry) -> Row:
    """One entry with what belongs to it."""
    return _row(entry, _Lookup(), published.cases_of_entries([entry.index]).get(entry.index))


def _pupils(body: Mapping[str, Any], lookup: _Lookup) -> str:
    """A release is counted after it was handed over; the count stands in an entry of its own."""
    settled = (
        lookup.body("release.settled", str(body.get("subject", ""))) if body.get("type") == sources.RELEASE else {}
    )
    return str(settled.get("pupils") or body.get("pupils") or "")


def _none(body: Mapping[str, Any], lookup: _Lookup, case: published.Case | None) -> tuple[str, str]:
    return "", ""


def _request(body: Mapping[str, Any], lookup: _Lookup, case: published.Case | None) -> tuple[str, str]:
    outcome = case.facts.get("outcome") if case is not None else None
    if outcome:
        return status_words(str(outcome))
    return status_words(case.status if case is not None else "submitted")


def _decision(body: Mapping[str, Any], lookup: _Lookup, case: published.Case | None) -> tuple[str, str]:
    return status_words(str(body.get("outcome") or "refused"))


def _now(body: Mapping[str, Any], lookup: _Lookup, case: published.Case | None) -> tuple[str, str]:
    return tags_of(case)[0] if case is not None else ("", "")


def _release(body: Mapping[str, Any], lookup: _Lookup, case: published.Case | None) -> tuple[str, str]:
    if body.get("outcome") == "failed":
        return _("failed, counted as a read"), "yellow"
    if lookup.body("release.delivered", str(body.get("subject", ""))):
        return _("handed over"), "blue"
    return _("begun, not delivered"), "yellow"


def _refused(body: Mapping[str, Any], lookup: _Lookup, case: published.Case | None) -> tuple[str, str]:
    return _("refused"), "red"


def _over(body: Mapping[str, Any], lookup: _Lookup, case: published.Case | None) -> tuple[str, str]:
    return _("ended"), "yellow"


def _gone(body: Mapping[str, Any], lookup: _Lookup, case: published.Case | None) -> tuple[str, str]:
    return _("data destroyed"), "grey"


_STATUS: Mapping[str, Callable[[Mapping[str, Any], _Lookup, published.Case | None], tuple[str, str]]] = {
    "application.received": _request,
    "application.decided": _decision,
    "agreement.signed": _now,
    "agreement.ended": _over,
    "destruction.certified": _gone,
    "release.begun": _release,
    "query.refused": _refused,
}


def added(found: requests.Agreement, begins: notices.Begins) -> list[dict[str, Any]]:
    """What was added to an agreement later, and from when it may be used."""
    return [
        {
            "items": sorted((sources.item_name(item), item) for item in one.items),
            "people": len(one.people),
            "first_use": first_use,
        }
        for one, first_use in zip(found.additions, begins.additions, strict=True)
    ]
