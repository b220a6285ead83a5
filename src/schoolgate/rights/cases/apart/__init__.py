"""A family's picture, PDF or document taken apart and put together anew: nobody opens the bytes that were sent.

In: a file that was checked. Out: the same picture without what a camera wrote beside it, a PDF's pages without
anything that acts, embeds or fetches, a text document with nothing between its parts; or why not.
Never: a decoder in the gate's own process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.rights.cases.apart.notes import up_to_end
    from schoolgate.rights.cases.apart.running import taken_apart

__all__ = ["taken_apart", "up_to_end"]

__getattr__ = lazy_surface(__name__, {"taken_apart": "running", "up_to_end": "notes"})
