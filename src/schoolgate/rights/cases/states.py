"""The life of a case, as a table: one exercise of a right by a family, from its receipt to whoever decides last.

No step writes to the register by itself. A case begins with a family that uses the site at that moment, and the step of
one family must not be read off the log; `seen.tell_totals` writes rounded totals once a week instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schoolgate.machine import Move, StateTable

_FAMILY, _CUSTODIAN, _OVERSEER, _CLOCK = ("family",), ("custodian",), ("overseer",), ("clock",)
_SCHOOL, _WHO_HEARS = ("school",), ("custodian", "school")
_EITHER = ("family", "custodian")

_NEW = "received|acknowledged"
_AT_WORK = "received|acknowledged|answered"
_ASKING = "identity_awaited|clarification_awaited"
UNDECIDED = ("received", "acknowledged", "answered", "with_source", "identity_awaited", "clarification_awaited")
"""States in which the first decision is still to come."""
STOPPED = ("identity_awaited", "clarification_awaited")
"""States in which the family has to say something first."""
DECIDED = ("decided", "reviewed", "overseen", "complied", "wait_ended")
"""States in which a decision stands; unless its family asks for more the case is over after some time."""
OVER = ("closed", "withdrawn")
"""States in which nothing happens any more."""
_ALL = "|".join((*UNDECIDED, *DECIDED, "in_review", "with_overseer"))


def _moves(sources: str, event: str, target: str, who: tuple[str, ...], why: str) -> tuple[Move, ...]:
    return tuple(Move(source, event, target or source, who, "", why) for source in sources.split("|"))


LIFE = StateTable(
    name="case",
    start="received",
    moves=(
        *_moves("received", "acknowledge", "acknowledged", _CUSTODIAN, "Who wrote knows that it arrived."),
        *_moves(
            _NEW, "ask_identity", "identity_awaited", _CUSTODIAN,
            "Only with reasonable doubt, of a request, once; the month begins when the proof is there (Article 12(6)).",
        ),
        *_moves("identity_awaited", "give_identity", "acknowledged", _EITHER, "The month begins."),
        *_moves(
            _AT_WORK, "ask_clarification", "clarification_awaited", _CUSTODIAN,
            "Only when needed to find what is meant; of access its days do not count, so once (Article 12A(5), (6)).",
        ),
        *_moves("clarification_awaited", "clarify", "acknowledged", _EITHER, "The clock goes on."),
        *_moves(
            _ASKING, "go_on", "acknowledged", _CUSTODIAN,
            "A month that runs on is answered, also where the family says no more (Article 12(4)).",
        ),
        *_moves(_AT_WORK, "ask_source", "with_source", _CUSTODIAN, "Who sent the fact knows best whether it is true."),
        *_moves(
            "with_source", "answer", "answered", _WHO_HEARS,
            "The school that sent it says on its own page what is right; of any other source it is written down.",
        ),
        *_moves(
            "with_source", "not_ours", "acknowledged", _SCHOOL,
            "A school that did not send it says so, and the custodian asks who did.",
        ),
        *_moves(
            "with_source", "note_silence", "answered", _CUSTODIAN,
            "A school that does not answer does not hold up a family's right.",
        ),
        *_moves(
            f"{_AT_WORK}|with_source|{_ASKING}", "extend", "", _CUSTODIAN,
            "Two further months when it is complex, told with reasons within the first (Article 12A(3)).",
        ),
        *_moves(
            f"{_AT_WORK}|with_source|outside", "tell_progress", "", _CUSTODIAN,
            "Whoever complained is told how it stands (DPA 2018 s.164A(5)(b)); while a regulator looks, what is known.",
        ),
        *_moves(
            f"{_AT_WORK}|with_source|{_ASKING}|in_review|overseen", "follow_row", "", _CUSTODIAN,
            "The row is of another record now, and it is the same child: the case goes along.",
        ),
        *_moves(
            f"{_AT_WORK}|with_source|{_ASKING}|in_review|overseen", "keep_child", "", _CUSTODIAN,
            "The row is of another record now, and it is another child: the family is asked which row it means.",
        ),
        *_moves(_AT_WORK, "decide", "decided", _CUSTODIAN, "With reasons, in plain words, and what to do next."),
        *_moves("|".join((*UNDECIDED, "outside")), "withdraw", "withdrawn", _FAMILY, "Nobody has to go on."),
        *_moves(
            _ASKING, "lapse", "closed", _CLOCK,
            "Nothing came for a long time, and the month stood still for it; the family may begin anew at any time.",
        ),
        *_moves("decided", "appeal", "in_review", _FAMILY, "Somebody who did not decide looks at it again."),
        *_moves("in_review", "review", "reviewed", _CUSTODIAN, "By somebody who had no part in the first decision."),
        *_moves(
            "reviewed|in_review|wait_ended", "escalate", "with_overseer", _FAMILY,
            "Somebody outside the custodian looks.",
        ),
        *_moves("with_overseer", "opine", "overseen", _OVERSEER, "What the overseer thinks of it, with reasons."),
        *_moves("overseen", "comply", "complied", _CUSTODIAN, "What the custodian does about it, with reasons."),
        *_moves(
            _ALL, "go_outside", "outside", _FAMILY,
            "The regulator (DPA 2018 s.165) and the courts (s.167) are open at any time.",
        ),
        *_moves("outside", "record_outcome", "closed", _CUSTODIAN, "What the regulator, tribunal or court decided."),
        *_moves(
            "outside", "take_up_again", "acknowledged", _CUSTODIAN,
            "A month that runs does not stop because the family went elsewhere: what is undecided is still decided.",
        ),
        *_moves(
            "outside", "end_outside", "wait_ended", _CUSTODIAN,
            "After long without news, by somebody who did not decide; the family is told, and can go on.",
        ),
        *_moves("|".join(DECIDED), "close", "closed", _CLOCK, "The time to ask for more is over."),
    ),
)  # fmt: skip
"""Every state change of a case. A role is a person's in `people`; ``family``; ``school``: the account of the school
that sent the fact; or ``clock``: a day that has passed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of case.

    Attributes:
        right: the right that is exercised, with its provision.
        outcomes: what may be decided, the family's wish first.
        about_item: whether it is about one item of the record.
        needs_source: whether the source is heard before a decision.
        needs: what somebody's standing must let them do to begin one, and to say or add anything in it; a key of
            `rights.Competence.needs`. Looking is never enough.
    """

    right: str
    outcomes: tuple[str, ...]
    about_item: bool = False
    needs_source: bool = False
    needs: str = "complain"


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "rectification": Kind(
            "UK GDPR Article 16",
            ("corrected", "annotated", "refused"),
            about_item=True,
            needs_source=True,
            needs="correct",
        ),
        "erasure": Kind("UK GDPR Article 17", ("erased", "partly", "refused"), needs="erase"),
        "restriction": Kind("UK GDPR Article 18", ("restricted", "refused"), needs="choose"),
        "objection-review": Kind("UK GDPR Article 21", ("upheld", "partly", "refused"), needs="choose"),
        "access-question": Kind("UK GDPR Article 15", ("answered", "partly", "refused")),
        "complaint": Kind("DPA 2018 s.164A", ("upheld", "partly", "not-upheld")),
    }
)
"""Every kind of case."""
