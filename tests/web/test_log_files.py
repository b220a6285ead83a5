"""The log's files are served as they are, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_tile_and_the_checkpoint_are_served_byte_for_byte(site: Client, tiles: Path) -> None:
    assert site.get("/log/checkpoint").content == (tiles / "checkpoint").read_bytes()
    tile = site.get("/log/tile/entries/000")
    assert tile.content == b"\x00\x01x"
    assert tile.headers["Content-Type"] == "application/octet-stream"
    assert "immutable" in tile.headers["Cache-Control"]
    assert site.get("/log/checkpoint").headers["Cache-Control"] == "no-cache"


def test_a_file_that_has_not_changed_is_not_sent_twice_and_nothing_can_be_written(site: Client, tiles: Path) -> None:
    for name in ("checkpoint", "tile/entries/000"):
        first = site.get(f"/log/{name}")
        again = site.get(f"/log/{name}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert first.headers["X-Content-Type-Options"] == "nosniff"
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert first.cookies == {}
        assert site.head(f"/log/{name}").status_code == 200
        assert site.put(f"/log/{name}").status_code in {403, 405}
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"]
    checkpoint = site.get("/log/checkpoint")
    assert checkpoint.headers["Content-Type"] == "text/plain; charset=utf-8"
    (tiles / "checkpoint").write_text("another", encoding="utf-8")
    fresh = site.get("/log/checkpoint", headers={"If-None-Match": checkpoint.headers["ETag"]})
    assert (fresh.status_code, fresh.content) == (200, b"another")


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "..%2fsecret",
        "%2e%2e/secret",
        "tile/../../secret",
        "tile/entries/../../../secret",
        "publish.lock",
        "tile",
        "tile/entries",
        "tile/entries/001",
        "/etc/passwd",
        "tile/64/000",
        "tile/entries/000.p/256",
        "checkpoint/",
        "tile/entries/000%00",
        "..\\secret",
        "tile/entries/x00/000",
        "keys/master.key",
        "tile/entries/x001/" + "x001/" * 60 + "000",
        "tile/0/٠٠٠",
        "tile/0/000\n",
        "",
    ],
)
def test_a_path_that_is_not_a_published_file_of_the_log_is_not_found(site: Client, tiles: Path, path: str) -> None:
    answer = site.get(f"/log/{path}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content


def test_a_link_out_of_the_log_is_not_followed(site: Client, tiles: Path) -> None:
    (tiles / "tile" / "0").mkdir()
    (tiles / "tile" / "0" / "000").symlink_to(tiles.parent / "secret")
    assert site.get("/log/tile/0/000").status_code == 404
