"""Tags: which stylesheets there are, the demonstration banner, dates in words."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from schoolgate import rights
from schoolgate.web.public import sources

if TYPE_CHECKING:
    from schoolgate.gate import RecipientState

register = template.Library()

GOVUK = "govuk-frontend.css"
OWN = "schoolgate/schoolgate.css"


@lru_cache(maxsize=1)
def _stylesheets() -> tuple[str, ...]:
    return (GOVUK, OWN) if finders.find(GOVUK) else (OWN,)


@register.simple_tag
def stylesheets() -> list[str]:
    """Addresses of the stylesheets: GOV.UK Frontend's when it was built, then our own."""
    return [static(name) for name in _stylesheets()]


@register.simple_tag
def synthetic() -> bool:
    """Whether the data is made up; true unless an operator says otherwise in the settings."""
    return bool(getattr(settings, "SYNTHETIC_DEMONSTRATION", True))


@register.filter
def item_name(item_id: str) -> str:
    """Give a dictionary item's name."""
    return sources.item_name(item_id)


@register.filter
def item_decided(words: str) -> str:
    """What the panel decided of one item, with the item's name in place of its id."""
    return sources.item_decided(words)


@register.filter
def purpose_name(purpose_id: str) -> str:
    """Give a purpose's name in plain words."""
    return sources.purpose_name(purpose_id)


@register.filter
def spaced(value: object) -> str:
    """Write a name of the tables as words: "in_review" as "in review"."""
    return str(value).replace("_", " ").replace("-", " ")


@register.filter
def answer(state: RecipientState) -> str:
    """How far a recipient has come with one correction."""
    return rights.answer_in_words(state)


@register.filter
def day(value: object) -> str:
    """Write a date in words, as in "1 September 2026"; ISO text is read; anything else is shown as it is.

    A month alone is one: "September 2026".
    """
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value):
        return f"{_month(int(value[5:]), get_language())} {value[:4]}"
    moment = _moment(value)
    return str(value) if moment is None else _plain(moment)


def _plain(moment: date) -> str:
    return f"{moment.day} {_month(moment.month, get_language())} {moment.year}"


@lru_cache(maxsize=1_200)
def _month(number: int, language: str | None) -> str:
    """A month's name in the language of the page: a child's page writes two hundred dates."""
    return str(MONTHS[number])


@register.filter
def day_and_time(value: object) -> str:
    """Write a moment in words and UK time, as in "1 September 2026 at 10:00"."""
    moment = _moment(value)
    if not isinstance(moment, datetime):
        return day(value)
    return _("%(day)s at %(time)s") % {"day": _plain(moment), "time": f"{moment:%H:%M}"}


def _moment(value: object) -> date | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return timezone.localtime(value) if value.tzinfo else value
    return value if isinstance(value, date) else None
