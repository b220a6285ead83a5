"""The desk: everything a person may do to an application, an agreement, a notice or a statement, in one table.

In: who acts (a person of `people`, or a family's account for its child), which act, its arguments. Out: what came of
it, or every reason why not.
Never: a pupil's data; who reads it goes through the gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.desk.act import Act, Doing
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.desk.families import family_acts, for_family, for_family_given
    from schoolgate.desk.familyact import FamilyAct, FamilyDoing
    from schoolgate.desk.schoolact import SchoolAct, SchoolDoing
    from schoolgate.desk.schools import NOT_A_SCHOOL, for_school, for_school_given, school_acts
    from schoolgate.desk.table import acts, do, do_given, may

__all__ = [
    "NOT_A_SCHOOL",
    "Act",
    "Doing",
    "FamilyAct",
    "FamilyDoing",
    "SchoolAct",
    "SchoolDoing",
    "acts",
    "do",
    "do_given",
    "family_acts",
    "for_family",
    "for_family_given",
    "for_school",
    "for_school_given",
    "may",
    "school_acts",
]

__getattr__ = lazy_surface(
    __name__,
    {
        **dict.fromkeys(("family_acts", "for_family", "for_family_given"), "families"),
        **dict.fromkeys(("FamilyAct", "FamilyDoing"), "familyact"),
        **dict.fromkeys(("SchoolAct", "SchoolDoing"), "schoolact"),
        **dict.fromkeys(("NOT_A_SCHOOL", "for_school", "for_school_given", "school_acts"), "schools"),
        **dict.fromkeys(("acts", "do", "do_given", "may"), "table"),
    },
)
