"""Wall two alone: no parser before the engine, no wall of the operating system around it; only the engine's lock.

Its two halves are tested together and, where it matters, each without the other: DuckDB's own settings, and the
question put to DuckDB's own parser which tables a query reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schoolgate.gate.engines.engine import Engine, EngineRefused, Limits
from schoolgate.gate.engines.sandbox import CellLost, Cells
from tests.gate.box import rows_of
from tests.threats.hostile import FAMILIES
from tests.threats.walled import CANARIES, ELSEWHERE, LEFT_OUT, NO_WALL, NOT_GRANTED, Home, attack

ONLY_SETTINGS = ("-I", "-B", str(Path(__file__).with_name("cell_only_settings.py")))


@pytest.fixture(scope="module")
def unwalled() -> Iterator[Cells]:
    cells = Cells(around=NO_WALL)
    yield cells
    cells.stop()


@pytest.fixture(scope="module")
def only_settings() -> Iterator[Cells]:
    cells = Cells(ONLY_SETTINGS, NO_WALL)
    yield cells
    cells.stop()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


ATTACKS = [
    "SELECT count(*) FROM read_parquet('{other}')",
    "SELECT * FROM read_parquet(['{own}', '{other}'])",
    "SELECT * FROM read_parquet('{own}/../link.parquet')",
    "SELECT * FROM read_parquet('{link}')",
    "SELECT * FROM read_parquet('{folder}/lake/*.parquet')",
    "SELECT * FROM read_parquet('{folder}/lake/../lake/*')",
    "SELECT * FROM '{other}'",
    "SELECT * FROM parquet_scan('{other}')",
    "SELECT * FROM parquet_metadata('{other}')",
    "SELECT * FROM parquet_schema('{other}')",
    "SELECT * FROM parquet_kv_metadata('{other}')",
    "SELECT * FROM parquet_file_metadata('{other}')",
    "SELECT * FROM parquet_bloom_probe('{other}', 'attendancereason', 'x')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{key}')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM read_blob('/proc/self/maps')",
    "SELECT * FROM read_csv('{secret}', header = false)",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_ndjson_objects('{secret}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM glob('{folder}/**')",
    "SELECT * FROM 'file://{other}'",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT * FROM sqlite_scan('{secret}', 't')",
    "ATTACH '{secret}'",
    "ATTACH '{folder}/new.db' AS new",
    "ATTACH ':memory:' AS more; CREATE TABLE more.t AS SELECT 1",
    "COPY (SELECT 1) TO '{folder}/x.csv'",
    "COPY (SELECT * FROM __lake_census_pupil) TO '{own}'",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "COPY __lake_census_pupil FROM '{other}'",
    "EXPORT DATABASE '{folder}/out'",
    "IMPORT DATABASE '{folder}'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{secret}'",
    "FORCE INSTALL json FROM community",
    "SET enable_external_access = true",
    "SET allowed_paths = ['{other}']",
    "SET allowed_directories = ['/']",
    "SET lock_configuration = false",
    "SET memory_limit = '90GB'",
    "SET temp_directory = '{folder}'",
    "SET threads = 64",
    "SET home_directory = '{folder}'",
    "SET secret_directory = '{folder}'",
    "SET enable_logging = true",
    "SET log_query_path = '{folder}/log'",
    "SET profile_output = '{folder}/profile'",
    "SET SESSION python_enable_replacements = true",
    "RESET lock_configuration",
    "PRAGMA enable_profiling = 'json'",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CALL enable_logging()",
    "SELECT getenv('HOME')",
    "SELECT current_setting('allowed_paths')",
    "SELECT getvariable('x')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_settings()",
    "SELECT sql FROM duckdb_views()",
    "SELECT * FROM duckdb_functions()",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('__lake_census_pupil')",
    "PREPARE p AS SELECT * FROM read_text('{secret}')",
    "EXECUTE p",
    "SELECT 1; SELECT * FROM read_text('{secret}')",
    "CREATE TABLE t AS SELECT * FROM read_parquet('{other}')",
    "INSERT INTO __left_out VALUES (1)",
    "DROP TABLE __left_out",
    "DELETE FROM __left_out",
    "CREATE OR REPLACE VIEW __lake_census_pupil AS SELECT 1",
    "CHECKPOINT",
    "VACUUM",
    "EXPLAIN ANALYZE SELECT * FROM __lake_census_pupil",
    "DESCRIBE __lake_census_pupil",
    "SUMMARIZE __lake_census_pupil",
    "SHOW ALL TABLES",
    "FROM '{other}'",
    "WITH \"{other}\" AS (SELECT 1) SELECT * FROM (SELECT * FROM \"{other}\") q",
    "SELECT * FROM (WITH \"{other}\" AS (SELECT 1) SELECT 1) a, \"{other}\" b",
    "SELECT pupil FROM __left_out",
    "SELECT * FROM main.__lake_census_pupil, memory.main.__left_out",
]  # fmt: skip


@pytest.mark.parametrize("sql", ATTACKS)
def test_the_lock_alone_gives_nothing_but_this_reads_tables(sql: str, home: Home, unwalled: Cells) -> None:
    before = sorted(str(path) for path in home.folder.rglob("*"))
    bytes_before = Path(home.own).read_bytes()
    with home.engine(unwalled) as engine:
        with pytest.raises(EngineRefused) as raised:
            engine.run(sql.format(**home.places()))
        assert not any(canary in str(raised.value) for canary in (*CANARIES, str(home.folder)))
        # The engine is as it was: what the read may have it still has, without the child left out.
        assert rows_of(engine.run("SELECT count(*) AS n FROM __lake_census_pupil")) == [(7,)]
    assert sorted(str(path) for path in home.folder.rglob("*")) == before
    assert Path(home.own).read_bytes() == bytes_before


@pytest.mark.parametrize("sql", ATTACKS)
def test_duckdbs_settings_alone_open_no_other_file_and_write_nothing(
    sql: str, home: Home, only_settings: Cells
) -> None:
    before = sorted(str(path) for path in home.folder.rglob("*"))
    with home.engine(only_settings) as engine:
        try:
            answer = str(attack(engine, "sql", sql.format(**home.places())))
        except CellLost:
            answer = ""
    assert ELSEWHERE not in answer
    assert "root:" not in answer
    assert sorted(str(path) for path in home.folder.rglob("*")) == before


def test_nothing_is_spilled_to_a_disk(home: Home, unwalled: Cells) -> None:
    """More than memory holds is refused, not written to a temporary file."""
    tables = ", ".join(f"__lake_census_pupil AS t{i}" for i in range(7))
    text = " || ".join(f"repeat(CAST(t{i}.pupil AS VARCHAR), 40)" for i in range(7))
    sql = f"SELECT count(DISTINCT {text}) AS n FROM {tables}"
    limits = Limits(seconds=60, memory="100MB", threads=1)
    with home.engine(unwalled, limits) as engine, pytest.raises(EngineRefused) as raised:
        engine.run(sql)
    assert raised.value.code == "too-large"
    assert not [path for path in home.folder.rglob("*") if "tmp" in path.name]


def _bent(sql: str, home: Home) -> list[str]:
    """A hostile query as it is, and with the names that tables have in the engine."""
    text = sql.replace("{secret}", str(home.vault)).replace("{canary}", "nothing").replace("{{", "{").replace("}}", "}")
    inside = text.replace("census_pupil", "__lake_census_pupil").replace("census_absence", "__lake_census_absence")
    return [text] if text == inside else [text, inside]


def _told(engine: Engine, sql: str) -> str:
    try:
        table = engine.run(sql)
    except EngineRefused as refused:
        return str(refused)
    return str(table.to_pylist())


@pytest.mark.parametrize("family", FAMILIES)
def test_no_hostile_query_past_the_parser_brings_out_what_policy_did_not_see(
    family: str, home: Home, unwalled: Cells
) -> None:
    """Not another file, not a column that was not granted, not the rows of a child left out."""
    slow = family in ("resource exhaustion", "timing")
    limits = Limits(seconds=0.3 if slow else 5, memory="200MB", threads=1, rows=10_000)
    with home.engine(unwalled, limits) as engine:
        for entry in FAMILIES[family]:
            for sql in _bent(entry.sql, home):
                told = _told(engine, sql)
                assert not any(canary in told for canary in CANARIES), (entry.why, sql)


def test_the_canaries_are_there_to_be_found(home: Home) -> None:
    assert NOT_GRANTED.encode() in Path(home.own).read_bytes()
    assert ELSEWHERE.encode() in Path(home.other).read_bytes()
    assert LEFT_OUT.encode() in Path(home.own).read_bytes()
