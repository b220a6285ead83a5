"""Asking to be told of notices by e-mail."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from schoolgate import dictionary, notices, post
from schoolgate.web.family.forms import PlainForm
from schoolgate.web.ports import clock


class Follow(PlainForm):
    """Whom to write to, and about what."""

    email = forms.EmailField(
        label=lazy("Your e-mail address"),
        help_text=lazy("We send a letter to it first. You say yes from there. You can stop at any time."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": lazy("Enter your e-mail address"),
            "invalid": lazy("Enter an e-mail address like name@example.com"),
        },
    )
    school = forms.CharField(
        label=lazy("Number of your child’s school, if you know it (URN)"),
        help_text=lazy("Six digits. Leave it empty to hear of all notices without naming a school."),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
    )

    def clean_school(self) -> str:
        """Take the number, when there is such a school."""
        given: str = self.cleaned_data["school"].strip()
        if given and (not re.fullmatch(r"[0-9]{6}", given) or dictionary.establishment(int(given)) is None):
            raise ValidationError(_("There is no school of this number. Leave it empty if you do not know it"))
        return given


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask to be told of notices. The answer is the same whether the address is told already."""
    start: dict[str, Any] = {"school": request.GET.get("school", "")[:6]}
    if request.user.is_authenticated:
        start["email"] = getattr(request.user, "email", "")
    form = Follow(request.POST if request.method == "POST" else None, initial=start)
    asked = None
    if request.method == "POST" and form.is_valid():
        urn = form.cleaned_data["school"]
        school = dictionary.establishment(int(urn)) if urn else None
        asked = post.subscribe(
            notices.school_topic(int(urn)) if urn else notices.TOPIC,
            form.cleaned_data["email"],
            clock=clock(),
            says=(
                _("Notices about pupil data, for families of %(school)s") % {"school": school.name}
                if school is not None
                else _("Notices about pupil data")
            ),
        )
    context = {"section": "notices", "form": form, "asked": asked}
    return render(request, "schoolgate/notices/subscribe.html", context)
