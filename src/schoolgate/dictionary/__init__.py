"""The dictionary: what every item is, how revealing it is, and why it is collected.

In: DfE's published workbooks, the School Census table shapes, the list of the lake's columns.
Out: items, code sets, purposes, establishments, as frozen values. Never: a pupil's data.
"""

from schoolgate.dictionary.lake import LakeColumn, LakeTable, lake_tables

__all__ = ["LakeColumn", "LakeTable", "lake_tables"]
