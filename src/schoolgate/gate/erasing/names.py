"""Names past their day, a whole year's at once: of the pupils whose last census was that year's.

A name is kept as long as there is a fact by which a family could ask for its child (`oversight/data/retention.toml`).
So a year's names go after its facts. What is left in the lake by then are rows without facts, by a number that leads
to nobody from now on, as in the ledger; and they say whose names still have to go, when a destruction was cut short.
"""

from __future__ import annotations

import pyarrow.compute as pc
from pyroaring import BitMap

from schoolgate import ledger
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.gate.corrections.erased import forget_moved
from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.engines.lake import EngineRequest, open_engine
from schoolgate.gate.erasing.carrying import Done, Step, delete_packs, keep_leaves, nothing
from schoolgate.gate.erasing.holds import DestructionWaits, kept_back
from schoolgate.gate.erasing.places import delete_rows
from schoolgate.gate.settle import settle_pending
from schoolgate.gate.subject import SUBJECT_ACCESS
from schoolgate.gate.terms.rowrules import lake_view
from schoolgate.ids import Pmr
from schoolgate.records.expire import forget_amendments
from schoolgate.records.read import NoData, current_snapshot
from schoolgate.records.vault import Vault


def last_years(config: Config) -> dict[int, BitMap]:
    """Year -> the pupils whose last row in the lake is of that year's censuses, and who can still be named."""
    tables = [table.name for table in lake_tables()]
    every = " UNION ALL ".join(f'SELECT t.pupil, t.year FROM "{lake_view(name)}" AS t' for name in tables)
    sql = f"SELECT pupil, max(year) AS last FROM ({every}) GROUP BY pupil"
    try:
        snapshot = current_snapshot(config)
    except NoData:
        return {}
    limits = Limits(seconds=600, rows=50_000_000, size=8 << 30)
    request = EngineRequest(snapshot, frozenset(tables), BitMap(), bytes(32), limits)
    with open_engine(request, config) as engine:
        found = engine.run(sql)
    gone = BitMap(int(pupil) for pupil in Vault(config).erased())
    by_year = {
        int(year): BitMap(found.filter(pc.equal(found.column("last"), year)).column("pupil").to_pylist()) - gone
        for year in pc.unique(found.column("last")).to_pylist()
    }
    return {year: pupils for year, pupils in by_year.items() if pupils}


def names_of(year: int, config: Config) -> BitMap:
    """The pupils whose names go with a year."""
    return last_years(config).get(year, BitMap())


def destroy_names(year: int, *, config: Config, clock: Clock, after: Step = nothing) -> Done:
    """Destroy who the pupils were whose last census was a year's: identity, keys, what hangs on them, their rows.

    Those of whom a case is open, or whose family has the record kept, are left out, or one of them could hold up a
    whole year: the year stays past its day, and what is left of it is proposed again.

    Raises:
        DestructionWaits: nobody's name can go yet.
        SchoolgateError: something has to wait; what was done stays done, and the rest is done by the next try.
    """
    done = Done()
    settle_pending(config, clock)
    everybody = names_of(year, config)
    left = kept_back(everybody)
    pupils = [Pmr(pupil) for pupil in everybody - left]
    done.pupils, done.left = len(pupils), len(left)
    if left and not pupils:
        raise DestructionWaits(
            "All of these families have a case open, or have the record kept.",
            hint="It is taken up again by itself.",
            code="case-open",
        )
    for pupil in pupils:
        ledger.forget_askers(keep_leaves(pupil, config), SUBJECT_ACCESS)
        forget_moved(pupil)
        forget_amendments(pupil)
        delete_packs(pupil, config)
        delete_rows(int(pupil))
    after("tables")
    Vault(config).erase_many(pupils)
    after("key")
    return done
