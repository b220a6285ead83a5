"""The processes of this folder's acts; see `tests.crash.nursery`."""

from __future__ import annotations

import django

django.setup()

from tests.crash import nursery  # noqa: E402
from tests.failclosed import acts  # noqa: E402, F401 - its acts are among those that can be asked for

if __name__ == "__main__":
    nursery.main()
