"""Forms of staff's steps in families' cases: they read what was typed; the room decides what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import consent, dictionary
from schoolgate.rights import cases
from schoolgate.web.family.case_forms import CaseForm, line_field, words_field
from schoolgate.web.family.case_words import OUTCOMES

_FAMILY_READS = _("The family reads this. Write so that a child of eleven would understand.")


def _choice(label: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the list")},
    )


class Step(CaseForm):
    """A step that needs words."""

    text = words_field(_("What do you tell the family?"), _FAMILY_READS, _("Write a few words"))


class StepWithoutWords(CaseForm):
    """A step that needs none."""

    text = words_field(_("Anything to tell the family?"), _FAMILY_READS, "", required=False)


class SourceAnswer(CaseForm):
    """What the source of a fact says of it."""

    source = line_field(
        _("Who is the source?"), _("The school that sent the return, or the authority."), _("Say who the source is")
    )
    agrees = _choice(
        _("Does it say that the fact is wrong?"), [("no", _("No: it is right")), ("yes", _("Yes: it is wrong"))]
    )
    text = words_field(_("What does it say?"), _FAMILY_READS, _("Write down what it says"))


class Decide(CaseForm):
    """A decision; the field for a value is there where an outcome needs one.

    Args:
        kind: of the case.
    """

    outcome = _choice(_("What is decided?"), [])
    value = line_field(
        _("What is it set to, or what is the note beside it?"),
        _("For a fact that is put right: its code as the dictionary has it. For a note: the family’s own words."),
        required=False,
    )
    row = line_field(
        _("Which row?"), _("Its mark, from the look at the record; empty: the one the family named."), required=False
    )
    text = words_field(_("Why?"), _FAMILY_READS, _("Give reasons"))
    provision = line_field(_("Which rule does it rest on?"), _("Needed whenever something is refused."), required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)  # as above  # noqa: S101
        outcome.choices = [("", _("Choose one")), *((one, OUTCOMES[one]) for one in cases.KINDS[kind].outcomes)]
        if kind == "restriction":
            self.fields["value"] = forms.ChoiceField(
                label=_("On which ground?"),
                choices=[("", _("None: it is refused")), *consent.RESTRICTION_REASONS.items()],
                widget=forms.Select(attrs={"class": "govuk-input"}),
                required=False,
            )
        if kind == "objection-review":
            self.fields["value"] = forms.ChoiceField(
                label=_("Which use stops for this child?"),
                choices=[("", _("None: it is refused")), *((one.id, one.name) for one in dictionary.purposes())],
                widget=forms.Select(attrs={"class": "govuk-input"}),
                required=False,
            )
        if not cases.KINDS[kind].about_item:
            del self.fields["row"]
            if kind not in ("restriction", "objection-review"):
                del self.fields["value"]


class Opinion(CaseForm):
    """What an overseer thinks of a case."""

    upheld = _choice(_("Is the family right?"), [("no", _("No")), ("yes", _("Yes, in whole or in part"))])
    text = words_field(_("Why?"), _FAMILY_READS, _("Give reasons"))
