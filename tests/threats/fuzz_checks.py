"""What must hold of any text at all that reaches the parser, and how a fuzzer's bytes stand for a text.

Bytes are read as text, or as a row of words of the hostile corpus, so that fuzzing gets past the tokeniser.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlglot import exp

from schoolgate.errors import Refusal
from schoolgate.gate.asking.allowed import ALLOWED
from schoolgate.gate.asking.asked import MAX_CHARACTERS, MAX_DEPTH, parse_tree, tree_problems
from schoolgate.gate.asking.names import MAX_EXPANDED
from schoolgate.gate.asking.shown import public_form
from schoolgate.gate.rewrite import rewrite
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import EVERY_ROW
from tests.gate.second_opinion import SecondParser
from tests.gate.test_asked import ACCEPTED
from tests.threats.hostile import ALL, CANARY

SEEDS = Path(__file__).parent / "seeds" / "inputs.hex"
"""Inputs that fuzzing found new ways with, one a line in hexadecimal; minimised."""

WORD = re.compile(r"'[^']*'|\"[^\"]*\"|\w+|[^\w\s]+")
TEXT, WORDS = 0, 1
"""First byte of an input: how the rest is read."""

_SECOND = SecondParser()
_CORPUS = [sql for _, entry in ALL if len(sql := entry.sql.format(secret="/s", canary=CANARY)) < 600]
VOCABULARY = sorted({word for sql in (*_CORPUS, *ACCEPTED) for word in WORD.findall(sql)})[:65_536]
_NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}


def text_of(data: bytes) -> str:
    """The text an input stands for."""
    if not data or data[0] % 2 == TEXT:
        return data[1:].decode("utf-8", "replace")
    pairs = zip(data[1::2], data[2::2], strict=False)
    return " ".join(VOCABULARY[(high * 256 + low) % len(VOCABULARY)] for high, low in pairs)


def words_of(sql: str) -> bytes:
    """An input that stands for a text, as far as its words are known."""
    numbers = [_NUMBERS[word] for word in WORD.findall(sql) if word in _NUMBERS]
    return bytes([WORDS]) + b"".join(number.to_bytes(2, "big") for number in numbers)


def check(sql: str) -> bool:
    """What must hold of any text; whether it is accepted."""
    answer = understand(sql)
    if not isinstance(answer, Asked):
        assert answer, "refused without a reason"
        assert all(isinstance(reason, Refusal) and reason.code and reason.reason for reason in answer)
        assert len(answer) <= 4 * len(sql) + 4, "more reasons than a text can have"
        return False
    # Accepted: bounded in size, made of listed parts only, and the same when written out and read again.
    assert len(sql) <= MAX_CHARACTERS
    tree = parse_tree(sql)
    assert isinstance(tree, exp.Query)
    assert tree_problems(tree) == ()
    for part in (tree, answer.named.tree):
        assert {type(node) for node in part.walk()} <= set(ALLOWED)
    assert sum(1 for _ in answer.named.tree.walk()) <= 4 * MAX_EXPANDED
    written = tree.sql("duckdb", comments=False)
    again = parse_tree(written)
    assert isinstance(again, exp.Query), "what was accepted is not read again"
    assert again.sql("duckdb", comments=False) == written, "what was accepted changes when it is written out"
    assert _depth(again) <= 2 * MAX_DEPTH
    public_form(answer.named)
    plan = rewrite(answer.named, answer.references, answer.scans, EVERY_ROW, anyone_denied=True)
    opinion = _SECOND.read(plan.sql)
    assert opinion is not None, "DuckDB cannot read what would run"
    assert opinion.statements == ("SELECT",), "DuckDB reads something else than one SELECT"
    assert {table for table in opinion.tables if not table.startswith("__scan_")} <= {
        "__denied",
        *(f"__lake_{scan.table}" for scan in plan.scans),
    }
    return True


def _depth(tree: exp.Expr) -> int:
    level, depth = [tree], 0
    while level:
        level, depth = [child for node in level for child in node.iter_expressions()], depth + 1
    return depth


def kept() -> list[bytes]:
    """The inputs that earlier runs kept."""
    return [bytes.fromhex(line) for line in SEEDS.read_text().split()]


def seeds() -> list[bytes]:
    """Everything a run begins with: the hostile corpus, ordinary queries, what earlier runs kept."""
    texts = [*_CORPUS, *ACCEPTED]
    return [
        *(words_of(sql) for sql in texts),
        *(bytes([TEXT]) + sql.encode("utf-8", "replace") for sql in texts),
        *kept(),
    ]


def ways(sql: str) -> set[tuple[str, str]]:
    """What a text reaches: which part stands in which, and what it is refused with."""
    tree = parse_tree(sql)
    if isinstance(tree, tuple):
        return {("", reason.code) for reason in tree}
    places = {(type(node.parent).__name__, type(node).__name__) for node in tree.walk()}
    return places | {("", reason.code) for reason in tree_problems(tree)}
