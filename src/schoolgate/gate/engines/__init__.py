"""Where the rewritten query runs: DuckDB in a cell behind three walls, or Spark. Light to import: a warden does."""
