"""Fuzzing the parser's front with atheris: ``python -m tests.threats.fuzz_parser --seconds 60``.

The properties are in `fuzz_checks.check`. An input that breaks one is printed and ends the run with an error.
``--keep`` adds the inputs that reached something new to the kept seeds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

INSTRUMENTED = (
    "sqlglot",
    "schoolgate.gate.asking.asked",
    "schoolgate.gate.asking.names",
    "schoolgate.gate.asking.reference",
)

if "--run-in" in sys.argv:  # in the process that fuzzes, before the parser is imported
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        from tests.threats import fuzz_checks
else:
    from tests.threats import fuzz_checks

LONGEST = 400
"""Bytes of an input: two hundred words."""


def one(data: bytes) -> None:
    sql = fuzz_checks.text_of(data)
    try:
        fuzz_checks.check(sql)
    except BaseException:
        print(f"BROKEN BY: {sql!r} ({data.hex()})", flush=True)
        raise


def _keep(found: Path) -> None:
    """Keep, beside what is kept already, each input that reaches what none before it did."""
    lines = {data.hex() for data in fuzz_checks.kept()}
    reached = set().union(*(fuzz_checks.ways(fuzz_checks.text_of(data)) for data in fuzz_checks.kept()))
    for data in sorted((path.read_bytes() for path in found.iterdir()), key=len):
        new = fuzz_checks.ways(fuzz_checks.text_of(data)) - reached
        if new:
            reached |= new
            lines.add(data.hex())
    fuzz_checks.SEEDS.write_text("\n".join(sorted(lines - {""}, key=lambda line: (len(line), line))) + "\n")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Fuzz the parser's front for a bounded time.")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="add what was found to the kept inputs")
    parser.add_argument(
        "--all", action="store_true", help="begin with the whole hostile corpus, not the kept inputs alone"
    )
    parser.add_argument("--run-in", type=Path, default=None, help="the folder of inputs to go on with")
    chosen = parser.parse_args(arguments)
    options = [
        f"-artifact_prefix={tempfile.gettempdir()}/",
        f"-seed={chosen.seed}",
        f"-max_len={LONGEST}",
        "-timeout=120",
        "-rss_limit_mb=4096",
        "-verbosity=0",
    ]
    if chosen.run_in is not None:
        atheris.Setup(
            [sys.argv[0], f"-max_total_time={chosen.seconds}", *options, "-print_final_stats=1", str(chosen.run_in)],
            one,
        )
        atheris.Fuzz()
    else:
        _fuzz(chosen.seconds, chosen.seed, everything=chosen.all or chosen.keep, keep=chosen.keep)


def _fuzz(seconds: int, seed: int, *, everything: bool, keep: bool) -> None:
    # The fuzzer ends its process, so it has one of its own.
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder)
        for number, data in enumerate(fuzz_checks.seeds() if everything else fuzz_checks.kept()):
            (found / f"seed-{number:05}").write_bytes(data[:LONGEST])
        command = [sys.executable, "-m", "tests.threats.fuzz_parser", "--seconds", str(seconds), "--seed", str(seed)]
        ended = subprocess.run([*command, "--run-in", folder], check=False)
        if keep and ended.returncode == 0:
            _keep(found)
    sys.exit(ended.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
