"""Forms of releases: they read what was typed; the gate decides what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate.errors import Refused
from schoolgate.web.family.forms import PlainForm


def _text(label: Any, hint: Any, missing: Any, longest: int = 200, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, max_length=longest, required=required, error_messages={"required": missing}
    )


def _words(label: Any, hint: Any, missing: Any, rows: int = 4, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=20_000,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


def _choice(label: Any, hint: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        choices=choices,
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the list")},
    )


class ReleaseForm(PlainForm):
    """A form that takes the gate's own reasons."""

    def refuse(self, refused: Refused) -> None:
        """Show every reason why it was not done."""
        for reason in refused.reasons:
            where = f" ({reason.where})" if reason.where else ""
            self.add_error(None, f"{reason.reason}{where} {reason.remedy}".strip())


class OrderExtract(ReleaseForm):
    """Asking for an extract."""

    agreement = _text(_("Agreement"), _("Its number, such as A-2026-0001."), _("Enter the agreement’s number"), 40)
    sql = _words(
        _("Your query"),
        _("It must give pupil, the pseudonym. Each file carries a mark, by which we would know it again."),
        _("Enter your query"),
        8,
    )
    reason = _words(
        _("Why can you not work in the safe setting?"),
        _("Everybody can read this. Write no name."),
        _("Say why the safe setting will not do"),
    )
    recipient_key = _text(
        _("Your public key"),
        _("The line that begins with age1, as age-keygen prints it. Keep the secret key to yourself."),
        _("Enter your public key"),
    )
    form = _choice(_("Kind of file"), "", [(".csv", _("CSV")), (".parquet", _("Parquet"))])


class Decide(ReleaseForm):
    """Letting an extract leave, or not."""

    approve = _choice(
        _("May the data leave?"), "", [("no", _("No: the setting will do")), ("yes", _("Yes: let it leave, sealed"))]
    )
    reason = _words(_("Why?"), _("Everybody can read this. Write no name."), _("Say why"))


class Sign(ReleaseForm):
    """The recipient's signature."""

    opened_sha256 = _text(
        _("Fingerprint of the opened file"),
        _("The SHA-256 of the file after you opened it: 64 letters and digits, as sha256sum prints it."),
        _("Enter the fingerprint"),
        100,
    )


class Report(ReleaseForm):
    """What became of an extract, instead of a signature."""

    kind = _choice(
        _("What happened?"),
        "",
        [
            ("damaged", _("The file was damaged")),
            ("key-lost", _("The key that opens it was lost")),
            ("lost", _("The file was lost, or others may have it")),
            ("deleted", _("It was deleted and never opened")),
        ],
    )
    said = _words(_("Tell us more"), _("Only the custodian reads this. You can leave it empty."), "", required=False)


class AnswerStop(ReleaseForm):
    """The recipient's answer about its use."""

    answer = _words(
        _("Why was the data used in this way?"), _("The custodian reads this. Name no pupil."), _("Write your answer")
    )


class LiftStop(ReleaseForm):
    """Letting use go on."""

    reason = _words(_("Why may use go on?"), _("Everybody can read this. Write no name."), _("Say why"))


class SetDelay(ReleaseForm):
    """Telling one family later."""

    upn = _text(_("The child’s UPN"), _("It is not shown again."), _("Enter the UPN"), 13)
    agreement = _text(_("Agreement"), _("Its number, such as A-2026-0001."), _("Enter the agreement’s number"), 40)
    until = forms.DateField(
        label=_("The last day"),
        help_text=_("At most 90 days from today. The day after, the family is told. You cannot set it again yourself."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Enter the last day"), "invalid": _("Enter a day, such as 2026-12-31")},
    )
    provision = _text(
        _("The law that allows it"), _("The law and its place, such as Children Act 1989 s.47."), _("Name the law")
    )
    reason = _words(_("Why?"), _("This is not public. That there is a delay is counted in public."), _("Say why"))
