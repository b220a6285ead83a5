"""Whatever text comes in, the gate refuses it or understands it: it never stumbles, and never waits long.

Nonsense is made of real queries, hostile ones among them, cut up and put together again.
"""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.errors import Refusal
from schoolgate.gate.asking.mention import mentioned
from schoolgate.gate.asking.shown import public_form
from schoolgate.gate.rewrite import rewrite
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import EVERY_ROW
from tests.gate.test_asked import ACCEPTED, REFERENCE
from tests.threats.hostile import ALL, CANARY

_WORDS = re.compile(r"'[^']*'|\"[^\"]*\"|\w+|[^\w\s]")
_QUERIES = [
    *(entry.sql.format(secret="/x", canary=CANARY) for family, entry in ALL if family != "resource exhaustion"),
    *ACCEPTED,
    *REFERENCE.values(),
]
_PIECES = [_WORDS.findall(sql) for sql in _QUERIES]
_ALL_WORDS = [word for piece in _PIECES for word in piece]

SECONDS = 5.0
"""Far above what any query takes; a doubling of work at every word goes far beyond."""


def _nonsense(chance: random.Random) -> str:
    words = list(chance.choice(_PIECES))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(words) + 1)
        what = chance.random()
        if what < 0.4:
            words.insert(at, chance.choice(_ALL_WORDS))
        elif what < 0.6 and words:
            del words[min(at, len(words) - 1)]
        else:
            other = chance.choice(_PIECES)
            start = chance.randrange(len(other))
            words[at:at] = other[start : start + chance.randint(1, 8)]
    return " ".join(words)


def _taken_in(sql: str) -> None:
    began = time.monotonic()
    answer = understand(sql)
    if isinstance(answer, Asked):
        public_form(answer.named)
        plan = rewrite(answer.named, answer.references, answer.scans, EVERY_ROW, anyone_denied=True)
        assert ";" not in re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "", plan.sql)
    else:
        assert answer
        assert all(isinstance(reason, Refusal) and reason.reason for reason in answer)
    mentioned(sql)
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("seed", range(8))
def test_queries_cut_up_and_put_together_again_are_refused_or_understood(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        _taken_in(_nonsense(chance))


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_at_all_is_refused_or_understood(text: str) -> None:
    _taken_in(text)


@given(st.text(alphabet="SELECTFROMselectfrom_pupil*(),.'\"\\;-/+%$#@!~?<>=|&^[]{}:0129 \n\t\0", max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_punctuation_behind_a_select_is_refused_or_understood(text: str) -> None:
    _taken_in(f"SELECT sex FROM census_pupil {text}")
    _taken_in(f"SELECT {text} FROM census_pupil")
