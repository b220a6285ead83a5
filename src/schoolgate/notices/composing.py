"""The text of a picture for an audience: the same picture gives the same text, whatever the day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils.translation import override, to_locale

from schoolgate.notices.adult import adult_text, titles
from schoolgate.notices.audiences import Audience
from schoolgate.notices.picture import Picture
from schoolgate.notices.text import LAYERS, Text
from schoolgate.notices.young import young_text, young_titles

HOME_LANGUAGE = "en-gb"


def languages() -> tuple[tuple[str, str], ...]:
    """The languages notices are made in, each with its own name: our own, and those of which there is a catalogue.

    A catalogue is a translator's work, not ours: the custodian puts it where `LOCALE_PATHS` says.
    """
    return tuple((code, name) for code, name in settings.LANGUAGES if code == HOME_LANGUAGE or _has_catalogue(code))


def _has_catalogue(code: str) -> bool:
    part = Path(to_locale(code)) / "LC_MESSAGES" / "django.mo"
    return any((Path(path) / part).is_file() for path in settings.LOCALE_PATHS)


WHOLE = slice(None)


def compose(
    picture: Picture,
    whom: Audience,
    *,
    site: str,
    language: str = HOME_LANGUAGE,
    layers: Sequence[str] = LAYERS,
    part: slice = WHOLE,
) -> Text:
    """A notice.

    Args:
        picture: what it is made from.
        whom: whom it is for.
        site: where the site is reached, without a slash at its end.
        language: of Django's list; what has no translation stays English.
        layers: only these, for a page that shows one; a text with a fingerprint has all.
        part: of the uses in the last layer, for a page of it.
    """
    with override(language):
        if whom.ages:
            return young_text(picture, whom, site, language, layers)
        return adult_text(picture, whom, site, language, layers, part)


def layer_titles(whom: Audience, language: str = HOME_LANGUAGE) -> tuple[tuple[str, str], ...]:
    """Each layer of a notice and what it is called."""
    with override(language):
        return tuple((young_titles() if whom.ages else titles()).items())
