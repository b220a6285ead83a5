"""Build the dictionary's list of schools from the public registers.

    python tools/build_establishments.py FOLDER

FOLDER holds school_register_2015.tsv and school_laestab_201718.csv. Phase follows
from the establishment number (special schools 5950 and 7000-7999, pupil referral units 1100-1149, as the
register allocates them) and otherwise from the ages taken.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "src/schoolgate/dictionary/data/establishments.csv.gz"


def phase_of(number: int, low: int, high: int) -> str:
    """The census phase code."""
    if 1100 <= number <= 1149:
        return "PR"
    if 7000 <= number <= 7999:
        return "SP"
    if high <= 5:
        return "NS"
    if low <= 7 and high <= 11:
        return "PS"
    if 8 <= low <= 10 and high <= 14:
        return "MS"
    if low >= 10:
        return "SS"
    return "AT"


def main(folder: Path) -> None:
    """Join the registers and write the list."""
    ages = {
        row["school"]: row
        for row in csv.DictReader((folder / "school_register_2015.tsv").open(encoding="utf-8"), delimiter="\t")
        if row["min-age"].isdigit() and row["max-age"].isdigit() and not row["end-date"]
    }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["urn", "laestab", "name", "phase", "low_age", "high_age"])
    rows = sorted(
        csv.DictReader((folder / "school_laestab_201718.csv").open(encoding="cp1252")),
        key=lambda row: row["URN"],
    )
    written = 0
    for row in rows:
        found, laestab = ages.get(row["URN"]), row["LAEstab"]
        if found is None or not (laestab.isdigit() and len(laestab) == 7):
            continue
        low, high = int(found["min-age"]), int(found["max-age"])
        phase = phase_of(int(laestab[3:]), low, high)
        writer.writerow([row["URN"], laestab, row["SchoolName"], phase, low, high])
        written += 1
    OUT.write_bytes(gzip.compress(out.getvalue().encode(), mtime=0))
    print(f"{written:,} schools in {OUT.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
