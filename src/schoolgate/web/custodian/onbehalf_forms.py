"""Forms of acting for a family: they offer what may be done for this child today, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schoolgate import dictionary, rights
from schoolgate.rights import cases
from schoolgate.web.custodian.forms import StepForm
from schoolgate.web.family.case_forms import Wrong
from schoolgate.web.family.case_words import FAMILY_BUTTONS, KINDS
from schoolgate.web.family.chosen import GROUNDS, scope_words, targets

_CHOOSE = {"required": _("Choose one"), "invalid_choice": _("Choose one of the list")}
Choices = Iterable[tuple[str, Any]]


def _select(label: Any, choices: Choices, hint: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, help_text=hint, choices=[("", _("Choose one")), *choices], widget=forms.Select,
        error_messages=_CHOOSE,
    )  # fmt: skip


def _text(label: Any, hint: Any, missing: Any, *, most: int = 5_000, rows: int = 6) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing, "max_length": _("Say it more briefly")},
    )


class Begin(StepForm):
    """Who is served, and how they were identified."""

    link = forms.RegexField(
        r"^\s*[1-9][0-9]{0,18}\s*$",
        label=_("The number in the person’s confirming letter"),
        help_text=_("You got it when the papers were confirmed. It is the person’s own, and no pupil number."),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}),
        error_messages={"required": _("Enter the number"), "invalid": _("It has digits only")},
    )
    channel = forms.ChoiceField(label=_("How does the person reach us?"), widget=forms.Select, error_messages=_CHOOSE)
    how = forms.ChoiceField(
        label=_("How do you know that it is this person?"),
        help_text=_("Do it before you go on. What you choose is written down, and told to the person."),
        widget=forms.Select,
        error_messages=_CHOOSE,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = rights.helping.the_policy()
        for name, known in (("channel", policy.channels), ("how", policy.how)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # as above  # noqa: S101
            field.choices = [("", _("Choose one")), *known.items()]


class Why(StepForm):
    """One act for a family: what it needs, and why it is done."""

    def __init__(self, fields: Mapping[str, forms.Field], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields)
        self.fields["reason"] = _text(
            _("Why do you do this?"),
            _("For example: asked by telephone. The person reads it in our letter. Name nobody else."),
            _("Say why you do this"),
            most=500,
            rows=2,
        )
        # What stands on every field was put on those of the class; these came later.
        for name, field in self.fields.items():
            own = {forms.Select: "govuk-select", forms.Textarea: "govuk-textarea"}
            words = next((words for kind, words in own.items() if isinstance(field.widget, kind)), "govuk-input")
            field.widget.attrs["class"] = words
            field.widget.use_required_attribute = lambda initial: False
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}-hint"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that staff may do for a person.

    Attributes:
        act: the family act.
        title: what the page and its button say.
        needs: what the person's standing must let them do.
        fields: what has to be said besides why; empty choices where there is nothing to do it to.
        given: from what was typed to the act's arguments.
        there: whether there is anything to do it to.
    """

    act: str
    title: Promise
    needs: str
    fields: Callable[[rights.helping.ServedChild], Mapping[str, forms.Field]]
    given: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    there: Callable[[rights.helping.ServedChild], bool] = lambda child: True


def _scope(text: str) -> Mapping[str, str]:
    of, _mark, target = text.partition(":")
    return {"of": of, "target": target}


def _uses(child: rights.helping.ServedChild) -> Choices:
    said = {(one.of, one.target) for one in child.choices.no if one.can_end}  # another's "no" is not this person's
    every = scope_words("all", "")
    found = [*targets("purpose"), *targets("kind"), *([every] if every else [])]
    return [(f"{one.of}:{one.target}", one.name) for one in found if (one.of, one.target) not in said]


def _said_no(child: rights.helping.ServedChild) -> Choices:
    found = []
    for one in child.choices.no:
        if not one.can_end:
            continue
        words = scope_words(one.of, one.target)
        found.append((f"{one.of}:{one.target}", words.name if words else one.name or one.target))
    return found


def _stopped(child: rights.helping.ServedChild) -> Choices:
    return [(one.reason, GROUNDS.get(one.reason, one.reason)) for one in child.choices.stopped if one.can_end]


def item_words(one: dictionary.Declinable) -> Any:
    """What an item that may be declined is called in a notice to families."""
    fact = next((fact for fact in dictionary.asked_facts() if one.column in fact.columns), None)
    return _(fact.name) if fact is not None else one.column


def _items(child: rights.helping.ServedChild, *, to_end: bool) -> Choices:
    """What the person may decline, another's word or none; or what they may take back."""
    said = {one.item for one in child.declined if (one.can_end if to_end else one.own)}
    return [(one.item, item_words(one)) for one in dictionary.declinable_items() if (one.item in said) == to_end]


def _open_cases(child: rights.helping.ServedChild) -> Choices:
    return [
        (one.reference, f"{one.reference}: {KINDS[one.kind]}")
        for one in child.cases
        if one.state not in ("closed", "withdrawn")
    ]


def _wrong(child: rights.helping.ServedChild) -> Mapping[str, forms.Field]:
    return {name: field for name, field in Wrong().fields.items() if name != "row"}


def _challenged(typed: Mapping[str, Any]) -> Mapping[str, Any]:
    since = typed["wrong_since"]
    said = {name: typed[name] for name in ("item", "stands", "should_be", "text")}
    return {**said, "row": "", "wrong_since": since.isoformat() if since else None}


_KINDS = [(kind, KINDS[kind]) for kind, one in cases.KINDS.items() if not one.about_item]
_TOLD = (_("What does the person say?"), _("In the person’s own words."), _("Write down what the person says"))

DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "no": Deed(
            "object", _("Say no to a use"), "choose",
            lambda child: {"to": _select(_("No to which use?"), _uses(child))},
            lambda typed: _scope(typed["to"]),
        ),
        "no-more": Deed(
            "object-no-more", _("Take a “no” back"), "choose",
            lambda child: {"to": _select(_("Which “no”?"), _said_no(child))},
            lambda typed: _scope(typed["to"]),
            lambda child: any(one.can_end for one in child.choices.no),
        ),
        "stop": Deed(
            "stop", _("Ask that nobody uses the record for now"), "choose",
            lambda child: {"ground": _select(_("On which ground?"), GROUNDS.items())},
            lambda typed: {"reason": typed["ground"]},
        ),
        "use-again": Deed(
            "stop-no-more", _("Let the record be used again"), "choose",
            lambda child: {"ground": _select(_("Which ground is over?"), _stopped(child))},
            lambda typed: {"reason": typed["ground"]},
            lambda child: any(one.can_end for one in child.choices.stopped),
        ),
        "copy": Deed(
            "copy-ask", _("Ask for a copy, to be posted"), "see", lambda child: {}, lambda typed: {}
        ),
        "case": Deed(
            "case-open", _("Ask or complain"), "complain",
            lambda child: {"kind": _select(_("What does the person want?"), _KINDS), "text": _text(*_TOLD)},
            lambda typed: {"kind": typed["kind"], "text": typed["text"]},
        ),
        "wrong": Deed("case-challenge", _("Say that something is wrong"), "correct", _wrong, _challenged),
        "answer": Deed(
            "case-say", _("Answer in a case, or take it further"), "complain",
            lambda child: {
                "case": _select(_("Which case?"), _open_cases(child)),
                "event": _select(_("What does the person want?"), FAMILY_BUTTONS.items()),
                "text": _text(*_TOLD),
            },
            lambda typed: {"reference": typed["case"], "event": typed["event"], "text": typed["text"]},
            lambda child: bool(list(_open_cases(child))),
        ),
        "decline": Deed(
            "decline", _("Decline an item"), "decline",
            lambda child: {"item": _select(_("Which item?"), _items(child, to_end=False))},
            lambda typed: {"item": typed["item"]},
        ),
        "decline-no-more": Deed(
            "decline-no-more", _("Take back that an item was declined"), "decline",
            lambda child: {"item": _select(_("Which item?"), _items(child, to_end=True))},
            lambda typed: {"item": typed["item"]},
            lambda child: any(one.can_end for one in child.declined),
        ),
        "give-up": Deed(
            "link-end", _("End the person’s right to act for the child"), "see", lambda child: {}, lambda typed: {}
        ),
    }
)  # fmt: skip
"""How an address names it -> the deed."""


def may(child: rights.helping.ServedChild) -> list[tuple[str, Promise]]:
    """What can be done for a child now: its name in an address, and what the page calls it."""
    return [(what, deed.title) for what, deed in DEEDS.items() if deed.needs in child.may and deed.there(child)]
