"""Notices: what families and schools are told, made from live agreements; and that it came before the use.

In: agreements, the dictionary, the day; who follows notices. Out: texts in layers, changes, and what was told for the
gate. Never: a pupil's data, a person's name, an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.notices.audiences import AGES, TERMS, Audience, ages_of, audience, standard, uses_for
    from schoolgate.notices.beginning import Begins, begins
    from schoolgate.notices.composing import HOME_LANGUAGE, compose, languages, layer_titles
    from schoolgate.notices.differ import Change, Side, changes, sides
    from schoolgate.notices.gather import facts_on, take_picture
    from schoolgate.notices.heard import told, told_days
    from schoolgate.notices.kept import (
        Published,
        ToldView,
        UnknownNotice,
        before,
        kept_text,
        latest,
        notice,
        notices,
        picture_of,
        tellings,
    )
    from schoolgate.notices.picture import HELD, Fact, Picture, Use, fingerprint
    from schoolgate.notices.plain import change_words, side_words
    from schoolgate.notices.publishing import LEAST_DAYS, MOST_DAYS, Draft, draft, publish
    from schoolgate.notices.reading import LIMITS, grade
    from schoolgate.notices.telling import TOPIC, school_topic
    from schoolgate.notices.text import ALL, LAYERS, MORE, SHORT, Layer, Section, Text

_SURFACE = {
    "audiences": ("AGES", "TERMS", "Audience", "ages_of", "audience", "standard", "uses_for"),
    "beginning": ("Begins", "begins"),
    "composing": ("HOME_LANGUAGE", "compose", "languages", "layer_titles"),
    "differ": ("Change", "Side", "changes", "sides"),
    "gather": ("facts_on", "take_picture"),
    "kept": (
        "Published", "ToldView", "UnknownNotice", "before", "kept_text", "latest", "notice", "notices", "picture_of",
        "tellings",
    ),
    "picture": ("HELD", "Fact", "Picture", "Use", "fingerprint"),
    "plain": ("change_words", "side_words"),
    "publishing": ("LEAST_DAYS", "MOST_DAYS", "Draft", "draft", "publish"),
    "reading": ("LIMITS", "grade"),
    "telling": ("TOPIC", "school_topic"),
    "text": ("ALL", "LAYERS", "MORE", "SHORT", "Layer", "Section", "Text"),
    "heard": ("told", "told_days"),
}  # fmt: skip

__all__ = [
    "AGES",
    "ALL",
    "HELD",
    "HOME_LANGUAGE",
    "LAYERS",
    "LEAST_DAYS",
    "LIMITS",
    "MORE",
    "MOST_DAYS",
    "SHORT",
    "TERMS",
    "TOPIC",
    "Audience",
    "Begins",
    "Change",
    "Draft",
    "Fact",
    "Layer",
    "Picture",
    "Published",
    "Section",
    "Side",
    "Text",
    "ToldView",
    "UnknownNotice",
    "Use",
    "ages_of",
    "audience",
    "before",
    "begins",
    "change_words",
    "changes",
    "compose",
    "draft",
    "facts_on",
    "fingerprint",
    "grade",
    "kept_text",
    "languages",
    "latest",
    "layer_titles",
    "notice",
    "notices",
    "picture_of",
    "publish",
    "school_topic",
    "side_words",
    "sides",
    "standard",
    "take_picture",
    "tellings",
    "told",
    "told_days",
    "uses_for",
]

__getattr__ = lazy_surface(__name__, {name: module for module, names in _SURFACE.items() for name in names})
