"""The dictionary: what every item is, how revealing it is, and why it is collected.

In: DfE's published workbooks, the School Census table shapes, the list of the lake's columns.
Out: items, code sets, purposes, establishments, as frozen values. Never: a pupil's data.
"""

from schoolgate.dictionary.census import CensusShape, ColumnSpec, NoShape, census_shape
from schoolgate.dictionary.compiled import (
    Dictionary,
    NoItem,
    SeveralItems,
    install,
    open_dictionary,
    shipped_workbook,
)
from schoolgate.dictionary.concepts import load_concepts
from schoolgate.dictionary.establishments import Establishment, establishment, establishments
from schoolgate.dictionary.items import Code, CodeSet, Item, LoadReport, Problem, SheetReport, Source
from schoolgate.dictionary.lake import LakeColumn, LakeTable, lake_tables
from schoolgate.dictionary.purposes import Purpose, purposes
from schoolgate.dictionary.search import Found
from schoolgate.dictionary.workbook import WorkbookUnreadable, load_workbook

__all__ = [
    "CensusShape",
    "Code",
    "CodeSet",
    "ColumnSpec",
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
    "SeveralItems",
    "SheetReport",
    "Source",
    "WorkbookUnreadable",
    "census_shape",
    "establishment",
    "establishments",
    "install",
    "lake_tables",
    "load_concepts",
    "load_workbook",
    "open_dictionary",
    "purposes",
    "shipped_workbook",
]
