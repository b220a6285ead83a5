"""Drafts as tests make them: begun, filled in page by page as an author would, handed in."""

from __future__ import annotations

from typing import Any

from schoolgate import requests
from schoolgate.clock import Clock
from schoolgate.people import person
from schoolgate.requests import drafting
from schoolgate.requests.stored import to_json
from tests.requests.cast import Cast, a_spec


def values_of(spec: requests.ApplicationSpec, section: drafting.Section) -> dict[str, Any]:
    """What a page would send for a section."""
    kept = to_json(spec)
    kept["answers"] = {one["question"]: one["text"] for one in kept["answers"]}
    return {field.name: kept[field.name] for field in section.fields}


def begun(cast: Cast, clock: Clock, actor: str = "") -> drafting.DraftView:
    """An empty draft."""
    return requests.insist(drafting.start(actor or cast.researcher, clock))


def save(
    draft: drafting.DraftView, section_id: str, actor: str, clock: Clock, *, revision: int = 0, **values: Any
) -> drafting.Saved | requests.Refused:
    """Save some fields of a section."""
    return drafting.save_section(draft.id, section_id, revision, values, actor, clock)


def filled_in(cast: Cast, clock: Clock, **changes: Any) -> drafting.DraftView:
    """A draft with every page filled in by its author, in the form's order."""
    draft = begun(cast, clock)
    spec = a_spec(cast, **changes)
    for section in drafting.SECTIONS:
        saved = drafting.save_section(draft.id, section.id, 0, values_of(spec, section), cast.researcher, clock)
        assert isinstance(saved, drafting.Saved), (section.id, saved)
        assert saved.clash == ()
    return drafting.find(draft.id, person(cast.researcher))


def handed_in(cast: Cast, clock: Clock, **changes: Any) -> requests.Application:
    """A draft that was handed in."""
    draft = filled_in(cast, clock, **changes)
    return requests.insist(drafting.submit_draft(draft.id, draft.revision, cast.researcher, clock))
