"""How the reader says no: what, where, and what to do; never a value, nor a name that the shape does not have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from schoolgate.collect.elements import ITEMS
from schoolgate.collect.guard import ReturnUnreadable


def too_deep(most: int) -> ReturnUnreadable:
    """Elements in elements in elements."""
    return ReturnUnreadable(f"The file is nested more than {most} deep.", code="return-depth")


def too_long(tag: object, where: str, most: int) -> ReturnUnreadable:
    """More text than an item has."""
    return ReturnUnreadable(
        f"{_named(tag)}, {where}, holds more text than any item has.",
        hint=f"No item has more than {most:,} characters.",
        code="return-text",
    )


def twice(tag: object, where: str) -> ReturnUnreadable:
    """An item given again."""
    return ReturnUnreadable(f"{_named(tag)} is given twice, {where}.", hint="Give it once.", code="return-twice")


def too_many(most: int) -> ReturnUnreadable:
    """More pupils than a school has."""
    return ReturnUnreadable(
        f"The return has more than {most:,} pupils.", hint="Send one school a file.", code="return-pupils"
    )


def wrong_root() -> ReturnUnreadable:
    """Another kind of file."""
    return ReturnUnreadable(
        "The file is not a School Census return: its root is not Message.",
        hint="Choose the School Census return among your exports; other collections have other roots.",
        code="return-root",
    )


def misplaced() -> ReturnUnreadable:
    """A pupil outside the lists."""
    return ReturnUnreadable(
        "A pupil's record is not where pupils are listed.",
        hint="Pupils stand in Message/Pupils/PupilsOnRoll or PupilsNoLongerOnRoll.",
        code="return-shape",
    )


def not_xml(error: etree.XMLSyntaxError, log: Iterable[Any], deepest: int) -> ReturnUnreadable:
    """The parser's message can repeat the text it stumbled over; only the kind and the place are passed on."""
    if "Excessive depth" in str(error.msg):
        return too_deep(deepest)
    if "imit" in str(error.msg) and "XML_PARSE_HUGE" in str(error.msg):
        return ReturnUnreadable(f"An element holds more than any item has{_line(error)}.", code="return-text")
    undefined = next((entry for entry in log if entry.type_name == "ERR_UNDECLARED_ENTITY"), None)
    if undefined is not None:
        return ReturnUnreadable(
            f"The file uses an entity that it does not define (line {undefined.line}).",
            hint="Write & as &amp; or export it again.",
            code="return-format",
        )
    return ReturnUnreadable(
        f"The file is not well-formed XML{_line(error)}.",
        hint="It may have been cut off: export it again.",
        code="return-format",
    )


def _line(error: etree.XMLSyntaxError) -> str:
    """Where the parser stumbled; it does not always know."""
    line, _ = error.position
    return f" (line {line})" if line else ""


def _named(tag: object) -> str:
    """An element of the shape by its name. Others are not repeated: whoever writes a file can put words there."""
    return f"The element {tag}" if tag in ITEMS else "An element that no return has"
