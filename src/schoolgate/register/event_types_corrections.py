"""What the public is told of corrections and erasures: how many a recipient was sent and answered for in a week.

Counts of a whole week, rounded, and never which item, school or day: one family's correction is not to be seen here.
"""

from __future__ import annotations

from schoolgate.register.event_type import EventType

CORRECTION_EVENTS: dict[str, EventType] = {
    "correction.sent": EventType(
        "Corrections sent",
        # week_ended: the Sunday of the week that is counted
        ("agreement", "organisation", "week_ended", "corrections"),
        "{organisation} was told, in the week that ended on {week_ended}, that values it had been given were put right:"
        " {corrections}.",
    ),
    "correction.acknowledged": EventType(
        "Corrections answered for",
        ("agreement", "organisation", "week_ended", "corrections"),
        "{organisation} said, in the week that ended on {week_ended}, what it did about values that were put right:"
        " {corrections}.",
    ),
    "correction.unanswered": EventType(
        "Corrections not answered for",
        ("agreement", "organisation", "week_ended", "corrections"),
        "{organisation} has still not said what it did about values that were put right, at the end of the week of"
        " {week_ended}: {corrections}.",
    ),
    "erasure.sent": EventType(
        "Erasures sent",
        # erasures: of a pupil's record, or of an item nation-wide; rounded, as corrections are
        ("agreement", "organisation", "week_ended", "erasures"),
        "{organisation} was told, in the week that ended on {week_ended}, that data it had been given was erased:"
        " {erasures}.",
    ),
    "erasure.acknowledged": EventType(
        "Erasures answered for",
        ("agreement", "organisation", "week_ended", "erasures"),
        "{organisation} said, in the week that ended on {week_ended}, what it did about data that was erased:"
        " {erasures}.",
    ),
    "erasure.unanswered": EventType(
        "Erasures not answered for",
        ("agreement", "organisation", "week_ended", "erasures"),
        "{organisation} has still not said what it did about data that was erased, at the end of the week of"
        " {week_ended}: {erasures}.",
    ),
    "output.affected": EventType(
        "Result affected by corrections",
        ("agreement", "organisation", "release", "percent"),
        "At least {percent} in a hundred pupils in release {release} to {organisation} had a value in it put right"
        " since.",
    ),
}
