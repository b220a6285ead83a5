"""Published: the public register as people look through it, made from the log alone.

In: the log's entries, in order. Out: requests and agreements by organisation, purpose, item, kind of recipient, status,
year and words; who received an item; numbers for pictures; letters to those who follow. Never: anything that the log
does not say; an imported share counted as a release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.published.values import (
    SORTS,
    SUBJECT_ACCESS,
    Case,
    Found,
    Joined,
    Line,
    Organisation,
    Query,
    ReleaseLine,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.published.fold import STATUSES
    from schoolgate.published.keeping import Standing, rebuild, refresh, standing
    from schoolgate.published.logged import cases_of_entries, entries, entries_of
    from schoolgate.published.searching import (
        MARKS,
        case,
        items_of,
        numbers,
        organisation,
        organisations,
        recipients,
        releases_of,
        search,
        sums,
        tallies,
        years,
    )
    from schoolgate.published.shares import BadRow, Imported, import_shares
    from schoolgate.published.taking import each_case, each_line, each_release
    from schoolgate.published.telling import query_of, tell_followers, topic_of

_STATEFUL = {
    "fold": ("STATUSES",),
    "keeping": ("Standing", "rebuild", "refresh", "standing"),
    "logged": ("cases_of_entries", "entries", "entries_of"),
    "searching": (
        "MARKS", "case", "items_of", "numbers", "organisation", "organisations", "recipients", "releases_of", "search",
        "sums", "tallies", "years",
    ),
    "shares": ("BadRow", "Imported", "import_shares"),
    "taking": ("each_case", "each_line", "each_release"),
    "telling": ("query_of", "tell_followers", "topic_of"),
}  # fmt: skip

__all__ = [
    "MARKS",
    "SORTS",
    "STATUSES",
    "SUBJECT_ACCESS",
    "BadRow",
    "Case",
    "Found",
    "Imported",
    "Joined",
    "Line",
    "Organisation",
    "Query",
    "ReleaseLine",
    "Standing",
    "case",
    "cases_of_entries",
    "each_case",
    "each_line",
    "each_release",
    "entries",
    "entries_of",
    "import_shares",
    "items_of",
    "numbers",
    "organisation",
    "organisations",
    "query_of",
    "rebuild",
    "recipients",
    "refresh",
    "releases_of",
    "search",
    "standing",
    "sums",
    "tallies",
    "tell_followers",
    "topic_of",
    "years",
]

__getattr__ = lazy_surface(__name__, {name: module for module, names in _STATEFUL.items() for name in names})
