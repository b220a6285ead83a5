"""The dictionary: what every item is, how revealing it is, and why it is collected.

In: DfE's published workbooks, the School Census table shapes, the list of the lake's columns.
Out: items, code sets, purposes, establishments, as frozen values. Never: a pupil's data.
"""

from schoolgate.dictionary.asked import (
    AskedFact,
    asked_by_shapes,
    asked_facts,
    pupil_columns,
    told_from_the_start,
)
from schoolgate.dictionary.cells import read_grids
from schoolgate.dictionary.census import CensusShape, ColumnSpec, NoShape, census_shape
from schoolgate.dictionary.compiled import (
    Dictionary,
    NoItem,
    SeveralItems,
    install,
    lake_items,
    open_dictionary,
    shipped_workbook,
)
from schoolgate.dictionary.concepts import load_concepts
from schoolgate.dictionary.declining import Declinable, declinable_items, read_declinable
from schoolgate.dictionary.establishments import Establishment, establishment, establishments
from schoolgate.dictionary.identity import identity_items
from schoolgate.dictionary.items import Code, CodeSet, Item, LoadReport, Problem, SheetReport, Source
from schoolgate.dictionary.lake import LakeColumn, LakeTable, lake_columns, lake_tables
from schoolgate.dictionary.places import (
    HOME,
    ConsentOnly,
    Country,
    Region,
    authority_name,
    consent_only_items,
    countries,
    country,
    find_region,
    regions,
    same_country,
)
from schoolgate.dictionary.purposes import (
    UNTOLD_NOTICE_DAYS,
    Purpose,
    basis_letter,
    find_purpose,
    gateway_reaches,
    purposes,
)
from schoolgate.dictionary.search import Found
from schoolgate.dictionary.workbook import WorkbookUnreadable, load_workbook

__all__ = [
    "HOME",
    "UNTOLD_NOTICE_DAYS",
    "AskedFact",
    "CensusShape",
    "Code",
    "CodeSet",
    "ColumnSpec",
    "ConsentOnly",
    "Country",
    "Declinable",
    "Dictionary",
    "Establishment",
    "Found",
    "Item",
    "LakeColumn",
    "LakeTable",
    "LoadReport",
    "NoItem",
    "NoShape",
    "Problem",
    "Purpose",
    "Region",
    "SeveralItems",
    "SheetReport",
    "Source",
    "WorkbookUnreadable",
    "asked_by_shapes",
    "asked_facts",
    "authority_name",
    "basis_letter",
    "census_shape",
    "consent_only_items",
    "countries",
    "country",
    "declinable_items",
    "establishment",
    "establishments",
    "find_purpose",
    "find_region",
    "gateway_reaches",
    "identity_items",
    "install",
    "lake_columns",
    "lake_items",
    "lake_tables",
    "load_concepts",
    "load_workbook",
    "open_dictionary",
    "pupil_columns",
    "purposes",
    "read_declinable",
    "read_grids",
    "regions",
    "same_country",
    "shipped_workbook",
    "told_from_the_start",
]
