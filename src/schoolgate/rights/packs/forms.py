"""The files of a pack, made from its JSON values. Pure: the same values give the same bytes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from schoolgate.cells import harmless
from schoolgate.requests import as_text, document_pdf
from schoolgate.rights.packs.wording import document

_README = """What is held about your child, as tables
=========================================

Each file is a table in UTF-8, with commas, and opens in a spreadsheet.

identity.csv      who your child is
facts.csv         every fact, one a line: what, when, at which school, as kept and in words, and where it came from
history.csv       what was put right, noted, taken out or erased, and who decided
corrections.csv   who was told of it, and what they say they did
recipients.csv    who was given anything of it, why, by which law, until when
times.csv         each time, with its number in the public log
withheld.csv      what this copy leaves out, and by which law
other.csv         what else is kept: how the record was matched, your choices, who can see it, what you asked for
dictionary.csv    what each fact means, why it is collected, how long it is kept
codes.csv         what each code means
pack.json         the same as one file for computers
access-pack.schema.json
                  the shape of pack.json (JSON Schema)

This is your own copy. Keep it where nobody else finds it.
"""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a ZIP can name: the files have no times of their own."""


def made(values: Mapping[str, Any]) -> dict[str, bytes]:
    """Form -> file, for each of `views.FORMS`."""
    lines = document(values)
    whole = as_json(values)
    return {
        "pdf": document_pdf(lines, lines[0].text),
        "json": whole,
        "csv": as_tables(values, whole),
        "text": as_text(lines).encode(),
    }


def as_json(values: Mapping[str, Any]) -> bytes:
    """The JSON document."""
    return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode()


def schema() -> bytes:
    """The published shape of the JSON document (JSON Schema 2020-12)."""
    return (files(__package__) / "data" / "access-pack.schema.json").read_bytes()


def as_tables(values: Mapping[str, Any], whole: bytes) -> bytes:
    """The tables in a ZIP, with what they mean."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as pack:
        parts = {"README.txt": _README.encode(), "pack.json": whole, "access-pack.schema.json": schema()}
        for name, data in (parts | {name: _csv(*table) for name, table in _tables(values).items()}).items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            pack.writestr(entry, data)
    return held.getvalue()


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """RFC 4180, with a mark that spreadsheets know UTF-8 by; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([harmless("" if cell is None else str(cell)) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def _tables(values: Mapping[str, Any]) -> dict[str, tuple[Sequence[str], Iterable[Sequence[Any]]]]:
    words = values["dictionary"]
    return {
        "identity.csv": (
            ("item", "name", "value", "in words"),
            [(one["item"], one["name"], one["value"], one["in_words"]) for one in values["identity"]],
        ),
        "facts.csv": (
            (
                "table", "census", "school", "item", "name", "value", "in words", "sent by", "received on",
                "kept here since", "return", "row",
            ),
            list(_facts(values)),
        ),
        "history.csv": (
            ("item", "census", "what", "on", "before", "since", "note", "case", "in words"),
            [
                (
                    one["item"], one["census"], one["kind"], one["on"], one["before"], one["since"], one["note"],
                    one["case"], one["in_words"],
                )
                for one in values["history"]
            ],
        ),
        "corrections.csv": (
            ("correction", "agreement", "organisation", "told on", "answered on", "in words"),
            [
                (
                    fix["correction"], one["agreement"], one["organisation"], fix["told_on"], fix["answered_on"],
                    fix["in_words"],
                )
                for one in values["recipients"]
                for fix in one["corrections"]
            ],
        ),
        "recipients.csv": (
            (
                "agreement", "organisation", "purpose", "why", "lawful basis", "special category basis",
                "power to share", "items", "since", "last", "until", "standing", "used at", "country", "safeguard",
                "processors", "joined with", "destroyed on",
            ),
            [_recipient(one) for one in values["recipients"]],
        ),
        "times.csv": (
            ("agreement", "release", "at", "state", "handed over", "way", "log index", "items"),
            [
                (
                    one["agreement"], time["release"], time["at"], time["state"], "yes" if time["delivered"] else "no",
                    time["way"], time["log_index"], " ".join(time["items"]),
                )
                for one in values["recipients"]
                for time in one["times"]
            ],
        ),
        "withheld.csv": (
            ("what", "law", "what you can do"),
            [(one["in_words"], one["provision"], one["instead"]) for one in values["withheld"]],
        ),
        "other.csv": (
            ("about", "in words"),
            [(about, one) for about in ("matching", "choices", "people", "cases", "letters") for one in values[about]],
        ),
        "dictionary.csv": (
            ("item", "name", "description", "why", "law", "how it came about", "kept"),
            [
                (key, one["name"], one["description"], one["why"], one["law"], one["origin"], one["kept"])
                for key, one in words.items()
            ],
        ),
        "codes.csv": (
            ("item", "code", "means"),
            [(key, code, label) for key, one in words.items() for code, label in one["codes"].items()],
        ),
    }  # fmt: skip


def _facts(values: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    for table in values["facts"]:
        for row in table["rows"]:
            source = row["source"] or {}
            for item, cell in row["values"].items():
                yield (
                    table["table"], row["census"], row["school"], item, cell["name"], cell["value"], cell["in_words"],
                    source.get("sent_by"), source.get("received_on"), source.get("recorded_at"), source.get("return"),
                    source.get("row"),
                )  # fmt: skip


def _recipient(one: Mapping[str, Any]) -> Sequence[Any]:
    return (
        one["agreement"], one["organisation"], one["purpose"], one["why"], one["lawful_basis"],
        one["special_category_basis"], one["power_to_share"], " ".join(one["items"]), one["since"], one["last"],
        one["until"], one["standing"], one["used_at"], one["country"], one["safeguard"],
        "; ".join(f"{helper['name']} ({helper['country']})" for helper in one["processors"]),
        "; ".join(other["what"] for other in one["linked_with"]),
        one["destroyed"]["on"] if one["destroyed"] else "",
    )  # fmt: skip
