"""What is asked for: drafts by several authors, the form and its rules, attachments, versions, and handing it in.

In: what an author fills in, attaches and says; a whole application from a file. Out: drafts as one person may see
them, every problem of one at once, applications. Never: another organisation's draft; a file that runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.requests.drafting.advise import Advice, advice
    from schoolgate.requests.drafting.check import RESERVED_PURPOSES
    from schoolgate.requests.drafting.filetype import Checked, check_file
    from schoolgate.requests.drafting.found import UnknownDraft, attachment, find, may_see, own
    from schoolgate.requests.drafting.keep import PIECE, attach, attach_piece, detach
    from schoolgate.requests.drafting.reach import Alternative, alternatives, kinds, questions, tiers
    from schoolgate.requests.drafting.readability import GOOD_EXAMPLE, Readability, measure
    from schoolgate.requests.drafting.sections import FIELDS, SECTIONS, Field, Section, find_section, section_of
    from schoolgate.requests.drafting.shown import Difference, differences, item_words, lines
    from schoolgate.requests.drafting.submit import (
        check_whole,
        resubmit_application,
        resubmit_draft,
        submit_application,
        submit_draft,
        withdraw,
    )
    from schoolgate.requests.drafting.views import Attachment, Comment, DraftView, Line, Saved, SavedBy, Version
    from schoolgate.requests.drafting.write import add_author, comment, discard, resolve, save_section, start

_WHERE = {
    "advise": ("Advice", "advice"),
    "check": ("RESERVED_PURPOSES",),
    "filetype": ("Checked", "check_file"),
    "found": ("UnknownDraft", "attachment", "find", "may_see", "own"),
    "keep": ("PIECE", "attach", "attach_piece", "detach"),
    "reach": ("Alternative", "alternatives", "kinds", "questions", "tiers"),
    "readability": ("GOOD_EXAMPLE", "Readability", "measure"),
    "sections": ("FIELDS", "SECTIONS", "Field", "Section", "find_section", "section_of"),
    "shown": ("Difference", "differences", "item_words", "lines"),
    "submit": (
        "check_whole", "resubmit_application", "resubmit_draft", "submit_application", "submit_draft", "withdraw",
    ),
    "views": ("Attachment", "Comment", "DraftView", "Line", "Saved", "SavedBy", "Version"),
    "write": ("add_author", "comment", "discard", "resolve", "save_section", "start"),
}  # fmt: skip

__all__ = [
    "FIELDS",
    "GOOD_EXAMPLE",
    "PIECE",
    "RESERVED_PURPOSES",
    "SECTIONS",
    "Advice",
    "Alternative",
    "Attachment",
    "Checked",
    "Comment",
    "Difference",
    "DraftView",
    "Field",
    "Line",
    "Readability",
    "Saved",
    "SavedBy",
    "Section",
    "UnknownDraft",
    "Version",
    "add_author",
    "advice",
    "alternatives",
    "attach",
    "attach_piece",
    "attachment",
    "check_file",
    "check_whole",
    "comment",
    "detach",
    "differences",
    "discard",
    "find",
    "find_section",
    "item_words",
    "kinds",
    "lines",
    "may_see",
    "measure",
    "own",
    "questions",
    "resolve",
    "resubmit_application",
    "resubmit_draft",
    "save_section",
    "section_of",
    "start",
    "submit_application",
    "submit_draft",
    "tiers",
    "withdraw",
]

__getattr__ = lazy_surface(__name__, {name: module for module, names in _WHERE.items() for name in names})
