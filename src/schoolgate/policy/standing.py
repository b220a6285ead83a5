"""The rules on the agreement and the person: in force, in time, named, accredited."""

from __future__ import annotations

from schoolgate.clock import plain_day
from schoolgate.policy.facts import Facts, in_effect
from schoolgate.policy.table import ALLOWED, NOT_APPLICABLE, REFUSED, Case, Rule

_STATE_WORDS = {
    "ended": "The agreement has ended.",
    "destroyed": "The agreement has ended and its data were certified destroyed.",
    "suspended": "The custodian has stopped its use for now.",
    "reopened": "The organisation changed, and the panel has not decided anew yet.",
    "accepted": "The organisation signed the agreement, and the custodian has not.",
    "approved": "The panel approved the application, but the agreement is not signed yet.",
    "appealed": "The panel's decision is being looked at again.",
    "in_review": "The panel has not decided the application yet.",
    "returned": "The application went back to the applicant.",
    "withdrawn": "The application was withdrawn.",
    "submitted": "The panel has not decided the application yet.",
    "refused": "The panel refused the application.",
    "drafted": "The application has not been submitted.",
}

_STATE = Rule[Facts](
    "in-force",
    "The agreement is in force",
    lambda f: f"agreement {f.agreement.id}",
    (
        Case("state is active", lambda f: f.agreement.state == "active", ALLOWED, lambda f: "It is in force."),
        Case(
            "any other state",
            lambda f: f.agreement.state != "active",
            REFUSED,
            lambda f: _STATE_WORDS.get(f.agreement.state, f"The agreement is {f.agreement.state}."),
            "agreement-not-active",
            "Only an active agreement allows reading. Ask the data-sharing panel.",
        ),
    ),
)

_BUILT_IN = Rule[Facts](
    "applied-for",
    "Somebody applied for it",
    lambda f: f"agreement {f.agreement.id}",
    (
        Case("applied for", lambda f: not f.agreement.built_in, ALLOWED, lambda f: "The panel approved it."),
        Case(
            "built in",
            lambda f: f.agreement.built_in,
            REFUSED,
            lambda f: "This agreement is for a family's look at its own child, not for queries.",
            "agreement-built-in",
            "Apply for an agreement of your own.",
        ),
    ),
)

_BEGUN = Rule[Facts](
    "begun",
    "Its first day has come",
    lambda f: f"agreement {f.agreement.id}, valid from",
    (
        Case(
            "today is the first day or later",
            lambda f: f.today >= f.agreement.valid_from,
            ALLOWED,
            lambda f: f"It began on {plain_day(f.agreement.valid_from)}.",
        ),
        Case(
            "today is before the first day",
            lambda f: f.today < f.agreement.valid_from,
            REFUSED,
            lambda f: f"The agreement begins on {plain_day(f.agreement.valid_from)}.",
            "agreement-not-begun",
            "Wait until that day.",
        ),
    ),
)

_EXPIRED = Rule[Facts](
    # The last day is a day of use; expiry is the day after, as with a notice that runs "until" a date.
    "not-over",
    "Its last day is not past",
    lambda f: f"agreement {f.agreement.id}, valid until",
    (
        Case(
            "today is the last day or earlier",
            lambda f: f.today <= f.agreement.valid_until,
            ALLOWED,
            lambda f: f"Its last day is {plain_day(f.agreement.valid_until)}.",
        ),
        Case(
            "today is after the last day",
            lambda f: f.today > f.agreement.valid_until,
            REFUSED,
            lambda f: f"The agreement expired on {plain_day(f.agreement.valid_until)}.",
            "agreement-expired",
            "Apply to the panel for an extension.",
        ),
    ),
)

_REVIEW = Rule[Facts](
    # An approval of two members alone holds until the panel with its quorum has looked at it: a day too late is
    # no approval at all.
    "emergency-review",
    "An emergency approval was looked at in time",
    lambda f: f"agreement {f.agreement.id}, approved in an emergency",
    (
        Case(
            "not approved in an emergency, or looked at since",
            lambda f: f.agreement.review_due is None,
            NOT_APPLICABLE,
            lambda f: "The panel decided with its quorum.",
        ),
        Case(
            "the panel has until today or a later day",
            lambda f: f.agreement.review_due is not None and f.today <= f.agreement.review_due,
            ALLOWED,
            lambda f: (
                f"The panel looks at it again by {plain_day(f.agreement.review_due)}." if f.agreement.review_due else ""
            ),
        ),
        Case(
            "the day is past",
            lambda f: f.agreement.review_due is not None and f.today > f.agreement.review_due,
            REFUSED,
            lambda f: (
                f"It was approved in an emergency, and the panel had to look at it again by"
                f" {plain_day(f.agreement.review_due)}."
                if f.agreement.review_due
                else ""
            ),
            "emergency-review-overdue",
            "Ask the panel to look at it.",
        ),
    ),
)


_KNOWN = Rule[Facts](
    "known",
    "The custodian knows you",
    lambda f: "people entered by the custodian",
    (
        Case("entered", lambda f: f.person.known, ALLOWED, lambda f: "You are entered."),
        Case(
            "nobody of this id",
            lambda f: not f.person.known,
            REFUSED,
            lambda f: "There is no such person.",
            "person-unknown",
            "See `people list`.",
        ),
    ),
)


def _added(f: Facts) -> bool:
    return any(f.person.id in addition.people and in_effect(addition, f.today) for addition in f.agreement.additions)


def _unsigned(f: Facts) -> bool:
    """Named by versions that not both sides have signed, and by no other addition."""
    naming = [addition for addition in f.agreement.additions if f.person.id in addition.people]
    return bool(naming) and not any(addition.signed for addition in naming)


def _awaited(f: Facts) -> bool:
    naming = [addition for addition in f.agreement.additions if f.person.id in addition.people]
    return any(addition.signed for addition in naming) and not _added(f)


_NAMED = Rule[Facts](
    "named",
    "You are named in it",
    lambda f: f"agreement {f.agreement.id}, people",
    (
        Case(
            "named, by the agreement or an amendment in effect",
            lambda f: f.person.id in f.agreement.people or _added(f),
            ALLOWED,
            lambda f: "You are one of its people.",
        ),
        Case(
            "named by an amendment whose notice is not over",
            lambda f: f.person.id not in f.agreement.people and _awaited(f),
            REFUSED,
            lambda f: "You were added to this agreement, and families have not had their notice of it yet.",
            "person-awaits-notice",
            "Wait until the notice's days are over.",
        ),
        Case(
            "named by an amendment that not both sides have signed",
            lambda f: f.person.id not in f.agreement.people and _unsigned(f),
            REFUSED,
            lambda f: "You were added to this agreement, and not both sides have signed that version yet.",
            "person-awaits-signature",
            "Ask your organisation and the custodian to sign it.",
        ),
        Case(
            "not named",
            lambda f: f.person.id not in f.agreement.people and not _added(f) and not _awaited(f) and not _unsigned(f),
            REFUSED,
            lambda f: "You are not one of the people named in this agreement.",
            "person-not-named",
            "Ask the lead applicant to have you added by the panel.",
        ),
    ),
)

_ACCREDITED = Rule[Facts](
    "accredited",
    "You are accredited today",
    lambda f: "Digital Economy Act 2017 s.70 (accredited researchers)",
    (
        Case(
            "today is the accreditation's last day or earlier",
            lambda f: f.person.accredited_until is not None and f.today <= f.person.accredited_until,
            ALLOWED,
            lambda f: f"Until {plain_day(f.person.accredited_until)}." if f.person.accredited_until else "",
        ),
        Case(
            "never accredited",
            lambda f: f.person.accredited_until is None,
            REFUSED,
            lambda f: "You hold no researcher accreditation.",
            "not-accredited",
            "Apply for accreditation.",
        ),
        Case(
            "today is after the accreditation's last day",
            lambda f: f.person.accredited_until is not None and f.today > f.person.accredited_until,
            REFUSED,
            lambda f: (
                f"Your accreditation expired on {plain_day(f.person.accredited_until)}."
                if f.person.accredited_until
                else ""
            ),
            "accreditation-expired",
            "Renew your accreditation.",
        ),
    ),
)

STANDING: tuple[Rule[Facts], ...] = (
    _BUILT_IN,
    _STATE,
    _BEGUN,
    _EXPIRED,
    _REVIEW,
    _KNOWN,
    _NAMED,
    _ACCREDITED,
)
