"""The web faces: pages for the public and for families.

In: HTTP requests. Out: pages, the public log's files, and commands to the rooms' surfaces.
Never: a rule of its own, or a read of pupil data other than through `rights`.
"""

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.web.server import PortTaken as PortTaken
    from schoolgate.web.server import must_be_free as must_be_free
    from schoolgate.web.server import serve as serve
    from schoolgate.web.verifier import VERIFIER as VERIFIER

__all__ = ["VERIFIER", "PortTaken", "must_be_free", "serve"]

__getattr__ = lazy_surface(
    __name__, {"PortTaken": "server", "must_be_free": "server", "serve": "server", "VERIFIER": "verifier"}
)
