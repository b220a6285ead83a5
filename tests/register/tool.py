"""The single-file verifier, loaded from its file and called as the command line calls it."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

PATH = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"

_spec = importlib.util.spec_from_file_location("verify_receipt", PATH)
assert _spec is not None
assert _spec.loader is not None
verifier = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verifier)


def verdict(file: Mapping[str, Any] | str | bytes, folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and what was said about a file with this content."""
    path = folder / "checked.json"
    data = file if isinstance(file, str | bytes) else json.dumps(file)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    said = io.StringIO()
    with mock.patch.object(sys, "argv", ["verify_receipt.py", str(path), *arguments]), contextlib.redirect_stdout(said):
        code = verifier.main()
    return code, said.getvalue()
