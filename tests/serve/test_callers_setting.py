"""Only a desk that the gate's own list calls one is a desk of the safe setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from schoolgate.errors import SchoolgateError
from schoolgate.gate.serve.callers import read_callers


def listed(folder: Path, text: str) -> Path:
    path = folder / "callers.toml"
    path.write_text(f"[[caller]]\nuid = 4202\n{text}\n")
    return path


def test_nobody_is_unless_the_list_says_so(tmp_path: Path) -> None:
    plain = read_callers(listed(tmp_path, 'role = "desk"')).find(4202)
    assert plain is not None
    assert plain.setting is False
    said = read_callers(listed(tmp_path, 'role = "desk"\nsetting = true')).find(4202)
    assert said is not None
    assert said.setting is True


@pytest.mark.parametrize("text", ['role = "site"\nsetting = true', 'role = "desk"\nsetting = "yes"'])
def test_a_site_is_none_and_words_are_no_yes(tmp_path: Path, text: str) -> None:
    with pytest.raises(SchoolgateError, match="'setting' is true or false"):
        read_callers(listed(tmp_path, text))
