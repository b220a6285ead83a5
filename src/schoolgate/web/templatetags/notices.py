"""Links in a notice: our own addresses and those of the authorities we name, and none that an applicant wrote."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from schoolgate.web.ports import installation

register = template.Library()

AUTHORITIES = ("https://ico.org.uk/", "https://www.gov.uk/")
"""Of the addresses in our texts, those of others: the Information Commissioner's and the ministry's."""

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


@register.filter
def own_links(line: str) -> SafeString:
    """The line with our own addresses as links.

    What an organisation writes of its purpose stands in a notice as it is. Made into a link there, an address of its
    own would be one that the ministry seems to vouch for.
    """
    made: list[str] = []
    last = 0
    for found in _ADDRESS.finditer(line):
        address = found.group().rstrip(".,;:!?)")
        made.append(line[last : found.start()])
        if address.startswith((f"{installation().site}/", *AUTHORITIES)):
            made.append(format_html('<a class="govuk-link" href="{}">{}</a>', address, address))
        else:
            made.append(address)
        last = found.start() + len(address)
    made.append(line[last:])
    return format_html_join("", "{}", ((part,) for part in made))
