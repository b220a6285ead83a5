"""Helping: staff act for a family that does not sign in, and the family is told on paper.

In: a link that staff look after, how the person was identified, an act, why. Out: a conversation, notes, letters.
Never: an act without its note and its letter; an act for a child without a link of that person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.rights.helping.policy import Helping, read_helping, the_policy
from schoolgate.rights.helping.views import LetterFigures, LetterLine, Served, ServedChild
from schoolgate.rights.helping.words import ACTS
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.rights.helping.copies import copy_to_post
    from schoolgate.rights.helping.lifting import Announced, announce_lifting, lift
    from schoolgate.rights.helping.post import letter, letter_figures, letters, note_posted
    from schoolgate.rights.helping.serving import begin_serving, note_done, served, served_link

__all__ = [
    "ACTS",
    "Announced",
    "Helping",
    "LetterFigures",
    "LetterLine",
    "Served",
    "ServedChild",
    "announce_lifting",
    "begin_serving",
    "copy_to_post",
    "letter",
    "letter_figures",
    "letters",
    "lift",
    "note_done",
    "note_posted",
    "read_helping",
    "served",
    "served_link",
    "the_policy",
]

__getattr__ = lazy_surface(
    __name__,
    {
        "copy_to_post": "copies",
        **dict.fromkeys(("Announced", "announce_lifting", "lift"), "lifting"),
        **dict.fromkeys(("letter", "letter_figures", "letters", "note_posted"), "post"),
        **dict.fromkeys(("begin_serving", "note_done", "served", "served_link"), "serving"),
    },
)
