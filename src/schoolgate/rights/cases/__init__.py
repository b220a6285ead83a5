"""Cases: one exercise of a right by a family, from its receipt to whoever decides last, with the clocks the law sets.

In: what a family asks, says is wrong or complains of; files; the words of the source, the custodian and the overseer.
Out: a case as its family or staff may see it, letters, a bundle for a regulator or tribunal, queues and figures.
Never: a case to another account; words or files in plain at rest; a disputed item used before the family was told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.rights.cases.days import CaseRules
from schoolgate.rights.cases.states import KINDS, LIFE, Kind
from schoolgate.rights.cases.views import (
    CaseLine,
    CaseView,
    EvidenceView,
    FileOut,
    KindFigures,
    LetterToPost,
    Looked,
    LookedRow,
    OnPaper,
    PostFigures,
    Said,
    SourceLine,
    SourceView,
    StepView,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.rights.cases.bundling import bundle, letter
    from schoolgate.rights.cases.deciding import decide, opine, source_answers
    from schoolgate.rights.cases.evidence import PIECE, add_file, file_of, take_piece
    from schoolgate.rights.cases.handling import (
        by_family,
        by_staff,
        list_own,
        own_row,
        show_own,
        show_staff,
        staff_row,
    )
    from schoolgate.rights.cases.kept import UnknownCase, line_of
    from schoolgate.rights.cases.letters import item_name, letter_pdf
    from schoolgate.rights.cases.looking import look
    from schoolgate.rights.cases.moved import mind_rows
    from schoolgate.rights.cases.opened import READ, note_opened
    from schoolgate.rights.cases.opening import challenge, open_case
    from schoolgate.rights.cases.posting import letters_to_post, note_posted, note_seen, post_figures, print_letter
    from schoolgate.rights.cases.seen import figures, mind_days, queue, tell_totals
    from schoolgate.rights.cases.source import (
        ANSWERS,
        asked_of_school,
        file_for_source,
        let_source_see,
        look_source,
        school_answers,
        show_source,
    )

_WHERE = {
    "bundling": ("bundle", "letter"),
    "deciding": ("decide", "opine", "source_answers"),
    "evidence": ("PIECE", "add_file", "file_of", "take_piece"),
    "handling": ("by_family", "by_staff", "list_own", "own_row", "show_own", "show_staff", "staff_row"),
    "kept": ("UnknownCase", "line_of"),
    "letters": ("item_name", "letter_pdf"),
    "looking": ("look",),
    "moved": ("mind_rows",),
    "opened": ("READ", "note_opened"),
    "opening": ("challenge", "open_case"),
    "posting": ("letters_to_post", "note_posted", "note_seen", "post_figures", "print_letter"),
    "seen": ("figures", "mind_days", "queue", "tell_totals"),
    "source": (
        "ANSWERS",
        "asked_of_school",
        "file_for_source",
        "let_source_see",
        "look_source",
        "school_answers",
        "show_source",
    ),
}

__all__ = [
    "ANSWERS",
    "KINDS",
    "LIFE",
    "PIECE",
    "READ",
    "CaseLine",
    "CaseRules",
    "CaseView",
    "EvidenceView",
    "FileOut",
    "Kind",
    "KindFigures",
    "LetterToPost",
    "Looked",
    "LookedRow",
    "OnPaper",
    "PostFigures",
    "Said",
    "SourceLine",
    "SourceView",
    "StepView",
    "UnknownCase",
    "add_file",
    "asked_of_school",
    "bundle",
    "by_family",
    "by_staff",
    "challenge",
    "decide",
    "figures",
    "file_for_source",
    "file_of",
    "item_name",
    "let_source_see",
    "letter",
    "letter_pdf",
    "letters_to_post",
    "line_of",
    "list_own",
    "look",
    "look_source",
    "mind_days",
    "mind_rows",
    "note_opened",
    "note_posted",
    "note_seen",
    "open_case",
    "opine",
    "own_row",
    "post_figures",
    "print_letter",
    "queue",
    "school_answers",
    "show_own",
    "show_source",
    "show_staff",
    "source_answers",
    "staff_row",
    "take_piece",
    "tell_totals",
]

__getattr__ = lazy_surface(__name__, {name: module for module, names in _WHERE.items() for name in names})
