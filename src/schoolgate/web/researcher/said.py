"""Comments as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from schoolgate.requests import drafting


@dataclass(frozen=True, slots=True)
class Said:
    """One comment: who said it, in words; the custodian's side appears by role."""

    comment: drafting.Comment
    who: str


def comments_of(draft: drafting.DraftView, section_id: str) -> list[Said]:
    """A section's comments, the open ones first."""
    roles = {"custodian": _("The custodian"), "panel": _("A panel member")}
    found = [one for one in draft.comments if one.section == section_id]
    found.sort(key=lambda one: (one.resolved_at is not None, one.id))
    return [Said(one, roles.get(one.role, one.by)) for one in found]
