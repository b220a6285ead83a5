"""What is written to schools and to everybody who follows notices: what is new, and where to read and say no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from schoolgate import dictionary, post
from schoolgate.notices.audiences import Audience, concerns
from schoolgate.notices.composing import HOME_LANGUAGE
from schoolgate.notices.differ import Change, changes
from schoolgate.notices.kept import before, picture_of
from schoolgate.notices.models import Notice
from schoolgate.notices.picture import Use
from schoolgate.notices.plain import change_words

NAMED = 20
"""Most changes named in a letter; all of them are on the notice's page."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What the letters of a notice are made from.

    Attributes:
        number, title, days: of the notice.
        changes: since the notice before; empty for the first.
        uses: agreement -> the uses it stands for, as they are and as they were.
        is_first: whether no notice came before.
    """

    number: str
    title: str
    days: int
    changes: tuple[Change, ...]
    uses: Mapping[str, tuple[Use, ...]]
    is_first: bool

    def concerning(self, school: dictionary.Establishment | None) -> tuple[Change, ...]:
        """The changes that can be about the pupils of a school; all of them for no school."""
        if school is None:
            return self.changes
        whom = Audience(int(school.urn))
        return tuple(
            change
            for change in self.changes
            # What schools are asked comes with no agreement, and is asked of every pupil.
            if not change.agreements
            or any(concerns(use, whom) for one in change.agreements for use in self.uses.get(one, ()))
        )


def contents(row: Notice) -> Contents:
    """What the letters of a notice are made from: its kept picture and that of the notice before."""
    earlier, now = before(row.number), picture_of(row.number)
    then = picture_of(earlier.number) if earlier is not None else None
    found = changes(then, now) if then is not None else ()
    named = {agreement for change in found for agreement in change.agreements}
    uses: dict[str, tuple[Use, ...]] = {}
    for use in (*(then.uses if then is not None else ()), *now.uses):
        if use.agreement in named:
            uses[use.agreement] = (*uses.get(use.agreement, ()), use)
    return Contents(row.number, row.title, row.days, found, uses, earlier is None)


def subject(made: Contents) -> str:
    """A letter's subject."""
    with override(HOME_LANGUAGE):
        return (_("What happens to pupil data: %(title)s") % {"title": made.title})[:200]


def text(made: Contents, *, urn: int | None = None, to_school: bool = False) -> str:
    """A letter's text.

    Args:
        made: what it is made from.
        urn: the school whose families follow; None for all of England.
        to_school: whether a school's office is written to, which is asked to pass it on.
    """
    site = post.site_address()
    school = dictionary.establishment(urn) if urn is not None else None
    with override(HOME_LANGUAGE):
        parts = [
            made.title,
            _news(made, school),
            _("What changed, before and after: %(address)s") % {"address": f"{site}/notices/versions/{made.number}/"}
            + "\n"
            + _("What happens to the data now: %(address)s")
            % {"address": f"{site}/notices/" + (f"school-{urn}/" if urn is not None else "")},
            ngettext(
                "What is new waits %(days)d full day after the last of these letters, unless a law lets it begin at "
                "once. You can say no to it: %(address)s",
                "What is new waits %(days)d full days after the last of these letters, unless a law lets it begin at "
                "once. You can say no to it: %(address)s",
                made.days,
            )
            % {"days": made.days, "address": f"{site}/family/"},
        ]
        if to_school:
            parts.append(
                _("Please tell your families: find your school’s page, and print it for book bags: %(address)s")
                % {"address": f"{site}/notices/school/"}
            )
    return "\n\n".join(part for part in parts if part) + "\n"


def _news(made: Contents, school: dictionary.Establishment | None) -> str:
    """What is new, line by line; for a school's families what can be about its pupils."""
    if made.is_first:
        return _("This is the first notice. It tells of everything as it stands.")
    found = made.concerning(school)
    if school is not None and not found:
        return _("Nothing that changed is about pupils of %(school)s.") % {"school": school.name}
    waiting, others = ([one for one in found if one.needs_notice is needs] for needs in (True, False))
    lines = [*_lines(_("New, and you are told before it begins:"), waiting), *_lines(_("Also changed:"), others)]
    if school is not None and len(found) < len(made.changes):
        lines.append(
            _("This is what can be about pupils of %(school)s. What changed elsewhere is on the page.")
            % {"school": school.name}
        )
    return "\n".join(lines)


def _lines(heading: str, found: Sequence[Change]) -> list[str]:
    if not found:
        return []
    more = len(found) - NAMED
    return [
        heading,
        *(f"* {change_words(one)}" for one in found[:NAMED]),
        *([ngettext("* and %(n)d more", "* and %(n)d more", more) % {"n": more}] if more > 0 else []),
    ]
