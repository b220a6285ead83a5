"""Acts of applying: a draft begun, written by several, talked about, handed in, again, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from schoolgate.desk.act import Act, Doing, calling
from schoolgate.errors import Refused
from schoolgate.requests import drafting

_RESEARCHER = ("researcher",)
_WHO_TALKS = ("researcher", "custodian", "panel")


def _id_of(act: Callable[..., object]) -> Callable[[Doing], object]:
    """The same, giving the id of what came of it."""
    done = calling(act)

    def run(doing: Doing) -> object:
        made: Any = done(doing)
        return made if isinstance(made, Refused) else str(made.id)

    return run


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "draft-start": Act("begin an application", _RESEARCHER, {}, str, _id_of(drafting.start)),
        "draft-save-section": Act(
            "fill in an application",
            _RESEARCHER,
            {"reference": str, "section_id": str, "revision": int, "given": Mapping[str, Any]},
            drafting.Saved,
            calling(drafting.save_section),
        ),
        "draft-comment": Act(
            "comment on an application",
            _WHO_TALKS,
            {"reference": str, "section_id": str, "text": str, "shared": bool},
            int,
            calling(drafting.comment),
        ),
        "draft-resolve": Act(
            "settle a comment",
            _WHO_TALKS,
            {"reference": str, "comment_id": int},
            int,
            calling(drafting.resolve),
        ),
        "draft-attach-piece": Act(
            "send a piece of a file",
            _RESEARCHER,
            {"reference": str, "number": int, "data": str},
            int,
            calling(drafting.attach_piece),
        ),
        "draft-attach": Act(
            "attach a file",
            _RESEARCHER,
            {"reference": str, "name": str, "sha256": str},
            drafting.Attachment,
            calling(drafting.attach),
        ),
        "draft-detach": Act(
            "take an attachment away",
            _RESEARCHER,
            {"reference": str, "sha256": str},
            str,
            calling(drafting.detach),
        ),
        "draft-add-author": Act(
            "let a colleague write in a draft",
            _RESEARCHER,
            {"reference": str, "person_id": str},
            str,
            _id_of(drafting.add_author),
        ),
        "draft-discard": Act("throw a draft away", _RESEARCHER, {"reference": str}, str, calling(drafting.discard)),
        "draft-submit": Act(
            "hand in an application",
            _RESEARCHER,
            {"reference": str, "revision": int},
            str,
            _id_of(drafting.submit_draft),
        ),
        "application-resubmit": Act(
            "hand in a new version of an application",
            _RESEARCHER,
            {"application_id": str, "revision": int},
            str,
            _id_of(drafting.resubmit_draft),
        ),
        "application-withdraw": Act(
            "take an application back",
            _RESEARCHER,
            {"application_id": str, "reason": str},
            str,
            _id_of(drafting.withdraw),
        ),
    }
)
"""The lines of the table."""
