"""Whether the store is whole: every file a version names is there, every sealed value opens. For `backup`.

Nothing that is in them is given out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.records.pupil_keys import FILE as PUPIL_KEYS
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.records.custody.whole import StoreBroken, StoreReport, check_store

__all__ = ["PUPIL_KEYS", "StoreBroken", "StoreReport", "check_store"]

__getattr__ = lazy_surface(__name__, {"StoreBroken": "whole", "StoreReport": "whole", "check_store": "whole"})
