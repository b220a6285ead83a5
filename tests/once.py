"""The shipped dictionary is made of its workbook once in a run; each other home is given a copy of what was made.

Reading the workbook takes two seconds, and each test has a home of its own. `tests/dictionary` makes it itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from schoolgate.dictionary import Dictionary, compiled


@contextmanager
def dictionary() -> Iterator[None]:
    """While this lasts, the second home and each one after it gets a copy."""
    really: Callable[[Path], Dictionary] = compiled._install_shipped
    made: list[Dictionary] = []
    with TemporaryDirectory(prefix="schoolgate-test-dictionary-") as kept:

        def copied(directory: Path) -> Dictionary:
            if not made:
                made.append(really(Path(kept)))
            shutil.copytree(kept, directory, dirs_exist_ok=True)
            directory.chmod(0o700)
            return made[0]

        with patch.object(compiled, "_install_shipped", copied):
            yield
