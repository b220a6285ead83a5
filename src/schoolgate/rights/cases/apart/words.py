"""What is said of a file that cannot be taken apart: one word leaves the process that looks, and its sentence is here.

The process is not trusted once it has looked, so nothing of what it writes is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MOST_DOTS = 50_000_000
"""Dots of a picture; unpacked it takes 200 MB at most."""

MOST_PAGES = 500
MOST_UNPACKED = 60 << 20
MOST_STEPS = 3_000_000
"""Values of a PDF that are looked at; a page has some hundred."""


class Unfit(Exception):
    """A file that is not kept; the text is one of the words below."""


_PRINT = "Print it as a PDF, or send a photo of each page."
_ANEW = "Save it anew, and send it again."

SAYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "locked": (
            "This PDF is locked, so nobody can look into it before it is opened.",
            "Save it without a password.",
        ),
        "damaged": ("This file is damaged, or made in a way that cannot be looked into.", _ANEW),
        "endless": ("There is more in this file than can be looked into.", _PRINT),
        "pages": (f"This PDF has more than {MOST_PAGES} pages.", "Send the pages that matter."),
        "empty": ("This PDF has no page.", _ANEW),
        "large": ("This picture is too large to open safely.", "Make it smaller, and send it again."),
        "large-inside": ("A picture in this PDF is too large to open safely.", _PRINT),
        "script": ("This PDF holds a script.", _PRINT),
        "program": ("This PDF holds a program, or starts one.", _PRINT),
        "file": ("This PDF holds another file.", _PRINT),
        "elsewhere": ("This PDF fetches something from elsewhere.", _PRINT),
        "form": ("This PDF holds a form that runs, or sends what is filled in.", _PRINT),
        "film": ("This PDF holds a film, a sound or a model.", _PRINT),
        "alone": ("This PDF does something by itself.", _PRINT),
    }
)
"""Word -> what the family reads, and what it can do."""
