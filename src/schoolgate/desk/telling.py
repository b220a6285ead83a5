"""The desk's part for notices: publishing one, and seeing who was told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import notices
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refused


def _publish(doing: Doing) -> notices.Published | Refused:
    given = doing.args
    return notices.publish(given["title"], doing.person.id, days=given["days"], seen=given["seen"], clock=doing.clock)


def _tellings(doing: Doing) -> tuple[notices.ToldView, ...]:
    return notices.tellings(doing.args["number"])


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "publish-notice": Act(
            "publish a notice to families",
            ("custodian",),
            {"title": str, "days": int, "seen": str},
            notices.Published,
            _publish,
        ),
        "notice-tellings": Act(
            "see who was told of a notice",
            ("custodian", "overseer"),
            {"number": str},
            tuple[notices.ToldView, ...],
            _tellings,
        ),
    }
)
"""What a person may do about notices."""
