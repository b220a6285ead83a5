"""What is wrong with the page that is open: accessibility rules it breaks, and whether it fits the window."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Visitor

WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what passed is not told one by one: that was most of a look's time
}
SIDEWAYS = "html => html.scrollWidth - html.clientWidth"


def faults(visitor: Visitor) -> list[str]:
    """What a reader of the open page would meet: rules of WCAG 2.2 AA it breaks, and scrolling in two directions.

    A click returns when the new page has begun, before it has content or styles: so this waits for the page to be
    whole, and asks the element, which Playwright waits for, not the document, which may still be empty.
    Where the window runs no scripts, axe, itself a script, is left out; the pages have none of their own.
    """
    visitor.page.wait_for_load_state("load")
    broken = []
    if visitor.scripts:
        found = Axe().run(visitor.page, options=WCAG).response["violations"]
        broken += [f"{visitor.page.url}: {rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in found]
    sideways = visitor.page.locator("html").evaluate(SIDEWAYS)  # WCAG 1.4.10: nothing scrolls in two directions
    if sideways > 0:
        broken.append(f"{visitor.page.url} is {sideways} pixels wider than the window")
    return broken
