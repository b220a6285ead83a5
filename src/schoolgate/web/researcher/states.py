"""The states of a request, in the words of this face, each with the colour of its tag."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

_WORDS: Mapping[str, tuple[Any, str]] = MappingProxyType(
    {
        "drafted": (_("Being written"), "grey"),
        "submitted": (_("Handed in"), "blue"),
        "returned": (_("Sent back to you"), "yellow"),
        "in_review": (_("Before the panel"), "blue"),
        "approved": (_("Approved: accept the agreement"), "green"),
        "refused": (_("Refused"), "red"),
        "appealed": (_("Appeal before the panel"), "blue"),
        "withdrawn": (_("Taken back"), "grey"),
        "accepted": (_("Waits for the custodian’s signature"), "blue"),
        "active": (_("In force"), "green"),
        "suspended": (_("Stopped for now"), "red"),
        "reopened": (_("Opened again"), "yellow"),
        "ended": (_("Ended: destroy the data"), "yellow"),
        "destroyed": (_("Data destroyed"), "grey"),
    }
)


def state_words(state: str) -> tuple[str, str]:
    """A state's words and colour."""
    words, colour = _WORDS.get(state, (state.replace("_", " "), "grey"))
    return str(words), colour


_STEPS: Mapping[str, Any] = MappingProxyType(
    {
        "submit": _("It was handed in"),
        "resubmit": _("A new version was handed in"),
        "return": _("It was sent back"),
        "allocate": _("Members of the panel were named"),
        "approve": _("The panel said yes"),
        "approve_in_emergency": _("Two members said yes at once, because it could not wait"),
        "refuse": _("The panel said no"),
        "appeal": _("The applicant appealed"),
        "withdraw": _("It was taken back"),
        "accept": _("The organisation accepted the agreement"),
        "sign": _("The custodian signed"),
        "amend": _("The agreement was changed"),
        "extend": _("The agreement was made longer"),
        "give_notice": _("Families were told"),
        "review_emergency": _("The panel looked at the emergency afterwards"),
        "suspend": _("It was stopped for now"),
        "resume": _("It goes on"),
        "reopen": _("It was opened again"),
        "reaffirm": _("The panel let it go on"),
        "end": _("It ended"),
        "state_destruction": _("The destruction was stated; who saw it is asked"),
        "deny_destruction": _("Who was named as having seen the destruction did not see it"),
        "certify_destruction": _("The destruction was certified"),
    }
)


def step_words(event: str) -> str:
    """A step's words."""
    return str(_STEPS.get(event, event.replace("_", " ")))
