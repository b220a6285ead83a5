"""Forms of a family's cases: they read what was typed; the room decides what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import dictionary
from schoolgate.errors import Refused
from schoolgate.rights import cases
from schoolgate.web.family.case_words import KINDS
from schoolgate.web.family.doing import no_in_words
from schoolgate.web.family.forms import PlainForm, day_field

LONGEST = 5_000


class CaseForm(PlainForm):
    """A form that takes the room's own reasons, each to the field it is about."""

    def refuse(self, refused: Refused) -> None:
        """Show every reason why it was not done."""
        for one in refused.reasons:
            self.add_error(one.where if one.where in self.fields else None, no_in_words(one))


def words_field(label: Any, hint: Any, missing: Any, *, required: bool = True) -> forms.CharField:
    """A field for a few sentences."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=LONGEST,
        required=required,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": missing, "max_length": _("Say it more briefly, or add a file later")},
    )


def line_field(label: Any, hint: Any, missing: Any = "", *, required: bool = True) -> forms.CharField:
    """A field for one line."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=500,
        required=required,
        error_messages={"required": missing, "max_length": _("This is too long")},
    )


class Ask(CaseForm):
    """Asking or complaining."""

    kind = forms.ChoiceField(
        label=_("What do you want?"),
        choices=[(kind, KINDS[kind]) for kind, one in cases.KINDS.items() if not one.about_item],
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the list")},
    )
    text = words_field(
        _("Tell us in your own words"),
        _("Say what happened, and what you would like us to do. You can add files later."),
        _("Tell us in your own words"),
    )


class Wrong(CaseForm):
    """Saying that a fact is wrong.

    Args:
        table: of the lake, or ``identity``: only its facts are offered; empty: all.
    """

    item = forms.ChoiceField(
        label=_("Which fact is wrong?"),
        widget=forms.Select,
        error_messages={"required": _("Choose the fact"), "invalid_choice": _("Choose one of the list")},
    )
    stands = line_field(_("What does it say now?"), _("You can leave this out."), required=False)
    should_be = line_field(_("What should it say?"), "", _("Say what it should be"))
    wrong_since = day_field(
        _("Since when is it wrong?"),
        _("A day such as 27/3/2024. Leave this out if you do not know."),
        unread=_("Write the day like 27/3/2024"),
    )
    text = words_field(
        _("How do you know?"),
        _("You can add a letter or a photo of one later."),
        _("Say how you know that it is wrong"),
    )
    row = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, table: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)  # as above  # noqa: S101
        field.choices = [("", _("Choose one")), *_facts(table)]


def _facts(table: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a family may say is wrong, table by table; when and where a row is from is not a fact of the child's."""
    found = []
    if table in ("", "identity"):
        found.append((str(_("Who your child is")), [(one.id, one.name) for one in dictionary.identity_items()]))
    for one in dictionary.lake_tables():
        if table in ("", one.name):
            columns = [column for column in one.columns if column.kind == "item"]
            found.append((one.title or one.name, [(each.item_id, cases.item_name(each.item_id)) for each in columns]))
    return found


class Say(CaseForm):
    """A few words for a step."""

    text = words_field(_("What do you want to say?"), "", _("Write a few words"))


class SayIfYouLike(CaseForm):
    """A few words for a step that needs none."""

    text = words_field(_("Do you want to say why?"), _("You can leave this out."), "", required=False)


class AddFile(CaseForm):
    """A file that belongs to a case."""

    file = forms.FileField(
        label=_("Choose a file"),
        help_text=_(
            "A PDF, PNG or JPEG picture, text, ODT or DOCX of at most 10 MB. Nobody but us and you can open it."
            " We leave out what a camera notes beside a picture, such as where it was taken, and links in a PDF."
        ),
        error_messages={
            "required": _("Choose a file first"),
            "empty": _("This file is empty"),
            "missing": _("Choose a file first"),
        },
    )
