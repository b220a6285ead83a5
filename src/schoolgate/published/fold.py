"""From a log entry to the rows it changes: one function a type. A type that is not known changes nothing but its list.

Whatever stands in an entry is taken as text and shortened to its column; nothing here trusts a shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schoolgate.published.book import Book
from schoolgate.published.joined import merged, renamed
from schoolgate.published.models import Case, Entry, Organisation, Release
from schoolgate.published.places import authority_of
from schoolgate.published.taken import Told
from schoolgate.published.values import SUBJECT_ACCESS

STATUS_AFTER: Mapping[str, str] = {
    "application.received": "submitted",
    "application.resubmitted": "submitted",
    "application.returned": "returned",
    "application.withdrawn": "withdrawn",
    "application.allocated": "in_review",
    "application.appealed": "appealed",
    "agreement.accepted": "accepted",
    "agreement.signed": "active",
    "agreement.suspended": "suspended",
    "agreement.resumed": "active",
    "agreement.reopened": "reopened",
    "agreement.reaffirmed": "active",
    "agreement.ended": "ended",
    "destruction.certified": "destroyed",
}
"""Where an application or agreement stands after an entry of a type; of a decision its outcome says it."""

STATUSES = (
    "submitted", "returned", "withdrawn", "in_review", "refused", "approved", "appealed", "accepted", "active",
    "suspended", "reopened", "ended", "destroyed", "imported",
)  # fmt: skip
"""Every status there is, along the road."""

FAMILY = "family"
"""The kind of recipient of what the law makes (`SUBJECT_ACCESS`); the log's entry of it states none."""

_LONGEST_SHARE = 50
"""Years of one share at most: a last day in 9999 means none."""

_FACTS = (
    "lawful_basis", "gateway", "years", "terms", "valid_from", "valid_until", "processed_at", "country", "areas",
    "cohort", "conditions", "people_count", "transfer_safeguard", "deceased", "notice_days", "text_hash", "version",
    "commercial_interest", "funders", "public_benefit", "risk", "risk_reasons", "review_due",
)  # fmt: skip
"""Terms of an agreement that its page shows as the log has them."""


def take_in(book: Book, told: Told) -> None:
    """Take in one entry."""
    case = _case(book, told)
    _HANDLERS.get(told.type, _nothing)(book, told, case)
    organisation = case.organisation if case is not None else _organisation_id(book, told)
    purpose = told.text("purpose", 100) or (case.purpose if case is not None else "")
    book.entries.append(
        Entry(
            id=told.index,
            type=told.type[:64],
            case=None if case is None else case.id,
            organisation=None if organisation is None or organisation < 0 else organisation,
            purpose=purpose,
            own=case is not None and case.agreement == SUBJECT_ACCESS and told.type.startswith("release."),
        )
    )
    book.tallies[f"type:{told.type[:64]}"] += 1
    if case is None:
        return
    after = STATUS_AFTER.get(told.type)
    if after is not None and not _waits_for_signatures(told, case):
        case.status = after
    case.last_index, case.last_at = told.index, told.at
    if told.at[:4].isdigit() and not case.imported:
        book.years.add((case.id, int(told.at[:4])))
    book.touch(case)


def _waits_for_signatures(told: Told, case: Case) -> bool:
    """Whether an entry is a step on the way to a version that holds when both sides have signed it."""
    if told.type == "agreement.accepted":
        return bool(case.signed_at)
    return told.type == "agreement.reaffirmed" and told.body.get("version") is not None


def _organisation_id(book: Book, told: Told) -> int | None:
    name = told.text("organisation")
    return book.organisation(name, told.index).id if name else None


def _case(book: Book, told: Told) -> Case | None:
    """The case an entry belongs to; begun when it is of a type that begins one."""
    release = _release(book, told)
    if release is not None and told.type != "release.begun" and release.case in book.cases:
        return book.cases[release.case]
    agreement = told.text("agreement", 64)
    found = book.case(agreement, told.subject, told.text("application", 64))
    begins = {"application.received", "agreement.signed", "release.begun", "share.imported"}
    if found is not None or told.type not in begins:
        return found
    case = Case(id=told.index, status="submitted", last_index=told.index, last_at=told.at)
    if told.type == "application.received":
        case.application = told.subject[:64]
    elif told.type == "share.imported":
        case.application, case.imported, case.status = told.subject[:64], True, "imported"
    else:  # an agreement that a law makes, not an application; or one whose signing is not in this log
        case.agreement = (agreement or told.subject)[:64]
        case.status = "active"
    book.know(case)
    book.add_words(case, case.application, case.agreement)
    return case


def _release(book: Book, told: Told) -> Release | None:
    """The release an entry names, or is about."""
    return book.releases.get(told.text("release", 64)) or book.releases.get(told.subject)


def _nothing(book: Book, told: Told, case: Case | None) -> None:
    """An entry that changes nothing but the list of entries."""


def _who(book: Book, told: Told, case: Case) -> Organisation | None:
    name = told.text("organisation")
    if not name:
        return None
    found = book.organisation(name, told.index, imported=case.imported)
    case.organisation, case.organisation_name = found.id, found.name
    kind = told.text("kind", 64)
    if kind and told.type in ("application.received", "application.resubmitted", "share.imported") and not found.kind:
        found.kind = kind
        book.touch(found)
    if case.agreement == SUBJECT_ACCESS and not found.kind:
        found.kind = FAMILY
        book.touch(found)
    case.kind = found.kind
    book.add_words(case, name)
    return found


def _terms(book: Book, told: Told, case: Case) -> None:
    """What is asked for or agreed: who, why, which items."""
    case.purpose = told.text("purpose", 100) or case.purpose
    case.plain = told.text("purpose_plain", 5_000) or case.plain
    case.title = told.text("title") or case.title
    case.request_kind = told.text("request_kind", 64) or case.request_kind
    given = {key: told.body[key] for key in _FACTS if told.body.get(key) not in (None, "", [])}
    case.facts = {**case.facts, **given}
    for area in told.texts("areas", 64):
        book.areas.add((case.id, area))
        if authority := authority_of(area):
            book.areas.add((case.id, f"within {authority}"))
    book.add_words(case, case.title, case.plain, case.purpose, told.text("gateway"), *told.texts("items"))


def _asked(book: Book, told: Told, case: Case | None) -> None:
    if case is None:
        return
    _who(book, told, case)
    _terms(book, told, case)
    case.received_at = case.received_at or told.at
    for item in told.texts("items"):
        book.item(case, item).asked = True


def _decided(book: Book, told: Told, case: Case | None) -> None:
    outcome = told.text("outcome", 32)
    book.tallies[f"outcome:{outcome}"] += 1
    if case is None:
        return
    case.status = outcome if outcome in STATUSES else case.status
    case.decided_at = told.at
    emergency = told.text("emergency", 16).lower() not in ("", "no", "false")
    case.emergency = case.emergency or emergency
    case.facts = {
        **case.facts,
        "outcome": outcome,
        "reasons": told.texts("reasons", 2_000),
        "items_changed": told.texts("items", 2_000),
        "conditions": told.texts("conditions", 2_000) or case.facts.get("conditions", []),
        "emergency": told.text("emergency", 2_000) if emergency else case.facts.get("emergency", ""),
        "review_due": told.text("review_due", 32) or case.facts.get("review_due", ""),
        "risk": told.text("risk", 64) or case.facts.get("risk", ""),
        "decided_index": told.index,
    }
    book.add_words(case, *told.texts("reasons", 2_000))


def _signed(book: Book, told: Told, case: Case | None) -> None:
    if case is None:
        return
    if not case.agreement:
        case.agreement = told.subject[:64]
        book.know(case)
        book.add_words(case, case.agreement)
    first = not case.signed_at
    _who(book, told, case)
    _terms(book, told, case)
    case.signed_at = case.signed_at or told.at
    case.facts = {**case.facts, "signed_index": told.index}
    for item in told.texts("items"):
        book.item(case, item).agreed = True
    if first and case.agreement != SUBJECT_ACCESS:
        book.tallies[f"agreements-kind:{case.kind}"] += 1


def _accepted(book: Book, told: Told, case: Case | None) -> None:
    """One side's signature; a later version's changes nothing before the other side has signed, too."""
    if case is not None and not case.signed_at:
        _who(book, told, case)
        _terms(book, told, case)


def _amended(book: Book, told: Told, case: Case | None) -> None:
    """The panel agreed to a change. One that is a version of its own holds once both sides have signed it."""
    if case is None:
        return
    if told.body.get("version") is not None:
        case.facts = {**case.facts, "change_agreed_index": told.index}
        for item in told.texts("items"):
            book.item(case, item).asked = True
        return
    _who(book, told, case)
    _terms(book, told, case)
    for item in told.texts("items"):
        book.item(case, item).agreed = True


def _stops(book: Book, told: Told, case: Case | None) -> None:
    if case is not None:
        case.facts = {**case.facts, "stopped_because": told.text("reason", 2_000) or " ".join(told.texts("reasons"))}


def _use(stopped: bool) -> Callable[[Book, Told, Case | None], None]:
    def handler(book: Book, told: Told, case: Case | None) -> None:
        if case is not None:
            case.stopped = stopped

    return handler


def _ended(book: Book, told: Told, case: Case | None) -> None:
    if case is not None:
        case.ended_at = told.at
        case.facts = {**case.facts, "ended_because": told.text("reason", 2_000)}


def _overdue(book: Book, told: Told, case: Case | None) -> None:
    if case is not None:
        case.overdue = True
        case.facts = {**case.facts, "destruction_due": told.text("due", 32), "overdue_index": told.index}


def _destroyed(book: Book, told: Told, case: Case | None) -> None:
    if case is not None:
        case.overdue = False
        case.facts = {
            **case.facts,
            "destroyed_at": told.text("destroyed_on", 32) or told.at,
            "destroyed_how": told.text("method", 2_000),
            "destroyed_index": told.index,
        }


def _begun(book: Book, told: Told, case: Case | None) -> None:
    if case is None:
        return
    if case.organisation < 0:
        _who(book, told, case)
        case.purpose = case.purpose or told.text("purpose", 100)
    failed = told.text("outcome") == "failed"
    items = told.texts("items")
    release = Release(
        id=told.index,
        release=told.subject[:64],
        case=case.id,
        at=told.at,
        kind=told.text("kind", 64),
        state="failed" if failed else "begun",
        pupils=told.text("pupils", 32),
        items=len(items),
    )
    if release.release:  # one without a name is nobody's to speak of later
        book.releases[release.release] = release
    book.touch(release)
    case.releases += 1
    case.first_read_at, case.last_read_at = case.first_read_at or told.at, told.at
    is_own = case.agreement == SUBJECT_ACCESS
    book.tallies[f"{'own' if is_own else 'releases'}-month:{told.at[:7]}"] += 1
    if not is_own:
        book.tallies[f"releases-kind:{case.kind}"] += 1
    for item in items:
        line = book.item(case, item)
        line.times += 1
        if line.first_index is None:
            line.first_index, line.first_at = told.index, told.at
        line.latest_index, line.latest_at = told.index, told.at
        if not is_own:
            book.tallies[f"item:{item}"] += 1


def _delivered(book: Book, told: Told, case: Case | None) -> None:
    release = _release(book, told)
    if release is not None and release.state == "begun":
        release.state = "delivered"
        book.touch(release)


def _settled(book: Book, told: Told, case: Case | None) -> None:
    release = _release(book, told)
    if release is not None:
        release.pupils = told.text("pupils", 32) or release.pupils
        release.settled_index = told.index
        book.touch(release)


def _refused(book: Book, told: Told, case: Case | None) -> None:
    if case is not None:
        case.refused += 1


def _looked(book: Book, told: Told, case: Case | None) -> None:
    if case is not None:
        case.lookups += 1


def _imported(book: Book, told: Told, case: Case | None) -> None:
    if case is None:
        return
    _who(book, told, case)
    _terms(book, told, case)
    keys = ("data_sets", "identifiability", "safe_setting", "stated_status", "source_sha256", "source_row")
    given = {key: told.body[key] for key in keys if told.body.get(key) not in (None, "", [])}
    case.facts = {**case.facts, **given}
    book.years |= {(case.id, year) for year in _years_between(told.text("valid_from"), told.text("valid_until"))}
    book.add_words(case, *told.texts("data_sets"))


def _years_between(first: str, last: str) -> range:
    """The calendar years of a share from a list, as far as the list says them: not that in which it was read in."""
    begins, ends = first[:4] or last[:4], last[:4] or first[:4]
    known = begins.isascii() and begins.isdigit() and ends.isascii() and ends.isdigit()
    return range(int(begins), min(int(ends), int(begins) + _LONGEST_SHARE) + 1) if known else range(0)


def _reviewed(book: Book, told: Told, case: Case | None) -> None:
    """What was approved in a hurry was looked at: nothing waits for that any more."""
    if case is not None:
        found = {"review_due": "", "reviewed_at": told.at, "reviewed_index": told.index}
        case.facts = {**case.facts, **found, "review_outcome": told.text("outcome")}


def _minutes(book: Book, told: Told, case: Case | None) -> None:
    """Minutes belong to each case they tell of, and are no step of any."""
    for name in told.texts("requests", 64):
        found = book.case(name)
        if found is not None:
            found.facts = {**found.facts, "minutes": [*found.facts.get("minutes", []), [told.subject, told.index]]}
            book.touch(found)


_HANDLERS: Mapping[str, Callable[[Book, Told, Case | None], None]] = {
    "application.received": _asked,
    "application.resubmitted": _asked,
    "application.decided": _decided,
    "agreement.accepted": _accepted,
    "agreement.signed": _signed,
    "agreement.amended": _amended,
    "agreement.extended": _amended,
    "agreement.suspended": _stops,
    "agreement.reopened": _stops,
    "agreement.ended": _ended,
    "destruction.overdue": _overdue,
    "destruction.certified": _destroyed,
    "emergency.reviewed": _reviewed,
    "minutes.published": _minutes,
    "organisation.changed": renamed,
    "organisation.merged": merged,
    "release.begun": _begun,
    "release.delivered": _delivered,
    "release.settled": _settled,
    "query.refused": _refused,
    "lookup.made": _looked,
    "use.stopped": _use(True),
    "use.lifted": _use(False),
    "share.imported": _imported,
}
