"""Forms of deciding: they read what was typed; the rooms decide what it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import requests
from schoolgate.errors import Refused
from schoolgate.web.family.forms import PlainForm

_LIMIT = 10_000


class StepForm(PlainForm):
    """A form for one step; it shows every reason why the step was not taken, each at its field where it has one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {forms.Select: "govuk-select", forms.Textarea: "govuk-textarea"}
        for field in self.fields.values():
            for kind, words in own.items():
                if isinstance(field.widget, kind):
                    field.widget.attrs["class"] = words

    def refuse(self, refused: Refused) -> None:
        """Show why it was not done."""
        for reason in refused.reasons:
            name = reason.where.partition(",")[0]
            self.add_error(name if name in self.fields else None, f"{reason.reason} {reason.remedy}".strip())


def _words(label: Any, hint: Any = "", missing: Any = "", *, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(missing),
        max_length=_LIMIT,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing} if missing else {},
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """The parts of a text with empty lines between them."""
    return tuple(part.strip() for part in re.split(r"\r?\n\s*\r?\n", text) if part.strip())


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


_REASONS_HINT = _("In plain words. They are public, so name no person. Leave an empty line between two reasons.")


class Check(StepForm):
    """What is missing in an application."""

    missing = forms.MultipleChoiceField(
        label=_("What is missing?"),
        help_text=_("Tick nothing when everything is there."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["missing"]).choices = [
            (line, asks) for line, (asks, _missing) in requests.checklist().items()
        ]


class Back(StepForm):
    """Why an application goes back."""

    reasons = _words(
        _("What has to be put right?"),
        _("Public. What the check-list found missing is added by itself. Leave an empty line between two reasons."),
    )


class Comment(StepForm):
    """Something said about a part of an application."""

    section = forms.ChoiceField(
        label=_("About which part?"),
        choices=[(one.id, one.title) for one in requests.drafting.SECTIONS],
        error_messages={"required": _("Choose a part"), "invalid_choice": _("Choose one of these")},
    )
    text = _words(_("Comment"), "", _("Write the comment"))


class Reasons(StepForm):
    """Reasons of an appeal."""

    reasons = _words(_("Why is the decision wrong?"), _REASONS_HINT, _("Say why the decision is wrong"))


class Note(StepForm):
    """A note under minutes."""

    note = _words(_("What is to be said besides?"), _("It is public with the minutes."), _("Write the note"))


class Conflict(StepForm):
    """The kind of a conflict; no detail is asked for."""

    kind = forms.ChoiceField(
        label=_("Which kind of conflict is it?"),
        help_text=_("The register tells your seat and nothing else. You are out from then on."),
        choices=list(requests.CONFLICT_KINDS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of these")},
    )


class Members(StepForm):
    """Who decides, and who leads."""

    members = forms.MultipleChoiceField(
        label=_("Who decides?"),
        help_text=_("Who has a conflict is not in this list."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the members"), "invalid_choice": _("Tick members of this list")},
    )
    chair = forms.ChoiceField(
        label=_("Who leads?"),
        help_text=_("One of them, with an independent seat."),
        error_messages={"required": _("Choose who leads"), "invalid_choice": _("Choose a member of this list")},
    )

    def __init__(self, candidates: Sequence[requests.Candidate], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = [one for one in candidates if not one.conflicts]
        cast(forms.MultipleChoiceField, self.fields["members"]).choices = [(one.person, _member(one)) for one in free]
        cast(forms.ChoiceField, self.fields["chair"]).choices = [
            ("", ""),
            *((one.person, _member(one)) for one in free if one.seat == "independent"),
        ]


class Hurry(Members):
    """Who decides what cannot wait, and why it cannot."""

    why = _words(_("Why can it not wait?"), _("Public."), _("Say why it cannot wait"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["chair"]


class ChangeMembers(StepForm):
    """Further members, members who go, and who leads."""

    added = forms.MultipleChoiceField(label=_("Who comes in?"), required=False, widget=forms.CheckboxSelectMultiple)
    removed = forms.MultipleChoiceField(
        label=_("Who goes?"),
        help_text=_("Whoever goes cannot come back in this case."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    chair = forms.ChoiceField(label=_("Who leads from now on?"), required=False)

    def __init__(
        self, candidates: Sequence[requests.Candidate], case: requests.CaseView, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        named = {one.person for one in case.members}
        free = [one for one in candidates if not one.conflicts]
        staying = [(one.person, f"{one.person}, {one.seat}") for one in case.members if not one.out]
        cast(forms.MultipleChoiceField, self.fields["added"]).choices = [
            (one.person, _member(one)) for one in free if one.person not in named
        ]
        cast(forms.MultipleChoiceField, self.fields["removed"]).choices = staying
        cast(forms.ChoiceField, self.fields["chair"]).choices = [
            ("", _("As it is")),
            *((one.person, _member(one)) for one in free if one.seat == "independent"),
        ]


def _member(one: requests.Candidate) -> str:
    return f"{one.person}, {one.seat}, {one.organisation}"


class Ballot(StepForm):
    """A vote: the choice, why, what is said of single items, and conditions."""

    CHOICES = (
        ("approve", _("Approve")),
        ("refuse", _("Refuse")),
        ("changes", _("Ask for changes")),
        ("abstain", _("Abstain")),
    )
    choice = forms.ChoiceField(
        label=_("Your vote"),
        choices=CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you vote"), "invalid_choice": _("Choose one of these")},
    )
    reasons = _words(_("Why?"), _REASONS_HINT, _("Say why"))
    conditions = _words(
        _("Under which conditions?"),
        _("Only when you approve. One on each line: a sentence, or one of the kinds below."),
    )

    def __init__(self, case: requests.CaseView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = case.items
        for number, item in enumerate(case.items):
            others = [
                (f"coarser:{one.other or one.coarser}", _("Only: %(words)s") % {"words": one.words})
                for one in requests.drafting.alternatives().get(item, ())
            ]
            field = forms.ChoiceField(
                label=requests.drafting.item_words(item),
                required=False,
                choices=[("", _("Give it")), *others, ("refuse", _("Do not give it"))],
            )
            field.widget.attrs["class"] = "govuk-select"
            self.fields[f"item-{number}"] = field
        if case.kind not in ("application", "appeal", "emergency"):
            del self.fields["conditions"]
            field = cast(forms.ChoiceField, self.fields["choice"])
            field.choices = [one for one in self.CHOICES if one[0] != "changes"]

    @property
    def item_fields(self) -> list[forms.BoundField]:
        """The fields of single items."""
        return [self[f"item-{number}"] for number in range(len(self.asked))]

    @property
    def votes_on_items(self) -> tuple[requests.ItemVote, ...]:
        """What was said of single items."""
        found = []
        for number, item in enumerate(self.asked):
            said = self.cleaned_data.get(f"item-{number}") or ""
            decision, _colon, instead = said.partition(":")
            if decision:
                found.append(requests.ItemVote(item, decision, instead))
        return tuple(found)


class Propose(StepForm):
    """A change of an agreement."""

    kind = forms.ChoiceField(
        label=_("What is to change?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of these")},
    )
    items = _words(_("Items to add"), _("Their ids, one on each line. Only to add items."), rows=3)
    added = _words(_("Persons to add"), _("Their numbers, one on each line. Only to add persons."), rows=3)
    valid_until = forms.DateField(
        label=_("New last day of use"),
        help_text=_("Only for more time. Like 2029-08-31."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Enter a day like 2029-08-31")},
    )
    replacing = forms.MultipleChoiceField(
        label=_("Does a version wait for signatures that should never be in effect?"),
        help_text=_("Only for more items, persons or time."),
        choices=[("yes", _("Yes, this takes its place"))],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reasons = _words(_("Why?"), _REASONS_HINT, _("Say why"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            "amend": _("More items or persons"),
            "extend": _("More time"),
            "resume": _("Go on after it was stopped"),
            "reaffirm": _("Go on though the organisation has changed"),
            "review-emergency": _("Look at what was approved in a hurry"),
        }
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(kind, words[kind]) for kind in requests.PROPOSALS]


class Call(StepForm):
    """A meeting's day and its cases."""

    day = forms.DateField(
        label=_("Day"),
        help_text=_("Like 2026-09-01."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Enter the day"), "invalid": _("Enter a day like 2026-09-01")},
    )
    cases = forms.MultipleChoiceField(
        label=_("What is it about?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one case"), "invalid_choice": _("Tick cases of this list")},
    )

    def __init__(self, cases: Iterable[requests.CaseView], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["cases"]).choices = [
            (one.id, f"{one.id}: {one.about}, {one.kind_plain}") for one in cases if one.state == "deciding"
        ]


class Open(StepForm):
    """Who is at a meeting."""

    present = forms.MultipleChoiceField(
        label=_("Who is there?"),
        help_text=_("From now on the members see each other’s votes."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick who is there"), "invalid_choice": _("Tick members of this list")},
    )

    def __init__(self, members: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["present"]).choices = [
            (person, f"{person}, {seat}") for person, seat in members.items()
        ]
