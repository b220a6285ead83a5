"""A room's public surface when part of it needs Django to be ready.

Django imports each room's package while it is still loading its apps; at that moment models cannot be
imported. A room therefore names the stateful part of its surface here, and the names are resolved on
first use (PEP 562).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping


def lazy_surface(package: str, exports: Mapping[str, str]) -> Callable[[str], object]:
    """A module ``__getattr__`` that finds each exported name in its submodule.

    Args:
        package: the room's ``__name__``.
        exports: public name -> submodule, e.g. ``{"submit": "service"}``.
    """

    def resolve(name: str) -> object:
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{exports[name]}"), name)

    return resolve
