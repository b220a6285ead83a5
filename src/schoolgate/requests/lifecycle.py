"""The life of a request, as a table: state × event -> state, who may, why, and what the register is told."""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

_RESEARCHER, _PANEL, _CUSTODIAN, _CLOCK = ("researcher",), ("panel",), ("custodian",), ("clock",)
_EITHER = ("custodian", "researcher")


def _moves(sources: str, event: str, target: str, who: tuple[str, ...], told: str, why: str) -> tuple[Move, ...]:
    return tuple(Move(source, event, target, who, told, why) for source in sources.split("|"))


LIFECYCLE = StateTable(
    name="request",
    start="drafted",
    moves=(
        *_moves(
            "drafted", "submit", "submitted", _RESEARCHER, "application.received",
            "From here on the public sees who asks for what, whatever comes of it.",
        ),
        *_moves(
            "submitted|returned|in_review|approved|accepted|appealed", "withdraw", "withdrawn", _RESEARCHER,
            "application.withdrawn",
            "Nobody has to go on before both have signed; that it was applied for, and what was decided, stays public.",
        ),
        *_moves(
            "submitted", "return", "returned", _CUSTODIAN, "application.returned",
            "What cannot be decided as it stands goes back with what is missing.",
        ),
        *_moves(
            "in_review", "return", "returned", ("custodian", "panel"), "application.returned",
            "What cannot be decided as it stands goes back with what is missing.",
        ),
        *_moves(
            "returned", "resubmit", "submitted", _RESEARCHER, "application.resubmitted",
            "A new version takes the place of the old one, and both are kept.",
        ),
        *_moves(
            "submitted|appealed", "allocate", "in_review", _CUSTODIAN, "application.allocated",
            "Members are named before they vote, so that a conflict is seen first.",
        ),
        # Both are the panel's: the custodian's own staff neither approve nor refuse.
        *_moves(
            "in_review", "approve", "approved", _PANEL, "application.decided",
            "Nobody decides alone, nor on their own organisation, nor without a reason.",
        ),
        *_moves(
            "in_review", "refuse", "refused", _PANEL, "application.decided",
            "A refusal is as public as an approval.",
        ),
        *_moves(
            "submitted", "approve_in_emergency", "approved", _PANEL, "application.decided",
            "Where life is at risk two members may decide at once; the panel looks at it afterwards, by a day.",
        ),
        *_moves(
            "refused|approved", "appeal", "appealed", _RESEARCHER, "application.appealed",
            "A decision or its conditions can be looked at anew, by members who did not make it.",
        ),
        *_moves(
            "approved|accepted", "accept", "accepted", _RESEARCHER, "agreement.accepted",
            "The organisation binds itself, over the hash of the text it was shown.",
        ),
        *_moves(
            "accepted", "sign", "active", _CUSTODIAN, "agreement.signed",
            "The custodian signs the same text; only from here on does the gate let anybody read.",
        ),
        # What is added waits for both signatures and a notice; taking away is an end and a new application.
        *_moves(
            "active", "amend", "active", _PANEL, "agreement.amended",
            "More items or people are a new version, which is in effect when both have signed and families know.",
        ),
        *_moves(
            "active", "extend", "active", _PANEL, "agreement.extended",
            "A later last day is a new version, which is in effect when both have signed.",
        ),
        *_moves(
            "active", "accept_version", "active", _RESEARCHER, "agreement.accepted",
            "The organisation binds itself to the new version, over its hash.",
        ),
        *_moves(
            "active", "sign_version", "active", _CUSTODIAN, "agreement.signed",
            "The custodian signs the same new version.",
        ),
        # The text names the recipient: one that has changed signs the text that names it as it is.
        *_moves(
            "reopened", "accept_version", "reopened", _RESEARCHER, "agreement.accepted",
            "The organisation, as it is now, binds itself to the text that names it as it is now.",
        ),
        *_moves(
            "reopened", "sign_version", "active", _CUSTODIAN, "agreement.signed",
            "The custodian signs the same text; only from here on does the gate let anybody read again.",
        ),
        *_moves(
            "active", "give_notice", "active", _CUSTODIAN, "notice.published",
            "Families are told before the use, not after it.",
        ),
        *_moves(
            "active", "review_emergency", "active", _PANEL, "emergency.reviewed",
            "What was approved in a hurry is looked at by a panel with its quorum.",
        ),
        *_moves(
            "active", "suspend", "suspended", _CUSTODIAN, "agreement.suspended",
            "Use is stopped at once while something is looked into; the very next read is refused.",
        ),
        *_moves(
            "suspended", "resume", "active", _PANEL, "agreement.resumed",
            "Who stopped it does not start it again: the panel does, with reasons.",
        ),
        *_moves(
            "active|suspended|reopened", "reopen", "reopened", _CUSTODIAN, "agreement.reopened",
            "The organisation is no longer the one that was decided on.",
        ),
        *_moves(
            "approved|accepted", "reopen", "submitted", _CUSTODIAN, "agreement.reopened",
            "The organisation is no longer the one that was decided on: it is decided anew before anybody signs.",
        ),
        *_moves(
            "reopened", "reaffirm", "reopened", _PANEL, "agreement.reaffirmed",
            "The panel decides anew on the organisation as it is now; use goes on when both sides have signed that.",
        ),
        *_moves(
            "active|suspended|reopened", "end", "ended", _EITHER, "agreement.ended",
            "Either side may end it, with a reason.",
        ),
        *_moves(
            "active|suspended|reopened", "expire", "ended", _CLOCK, "agreement.ended",
            "The last day is past and nobody ended it: it ends by itself.",
        ),
        *_moves(
            "ended", "note_overdue", "ended", _CLOCK, "destruction.overdue",
            "The day by which the data had to be destroyed is past, and nobody certified it.",
        ),
        *_moves(
            "ended", "state_destruction", "ended", _EITHER, "destruction.stated",
            "What was handed over is said to be gone, by who did it; that is no certificate yet.",
        ),
        *_moves(
            "ended", "deny_destruction", "ended", _CUSTODIAN, "destruction.denied",
            "Who was named as having seen it did not: it counts as not destroyed.",
        ),
        *_moves(
            "ended", "certify_destruction", "destroyed", _CUSTODIAN, "destruction.certified",
            "Who saw it says so themselves, and is somebody else than who states it.",
        ),
    ),
)  # fmt: skip
"""Every state change of a request; a role is a person's role in `people`, or ``clock``: a day that has passed."""
