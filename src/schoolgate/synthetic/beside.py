"""What stands beside a pupil's modules: free meals, home, alternative provision, study programmes."""

from __future__ import annotations

import numpy as np

from schoolgate.dictionary import CensusShape, ColumnSpec
from schoolgate.ids import Term
from schoolgate.synthetic import names
from schoolgate.synthetic.days import before, census_day
from schoolgate.synthetic.lives import EXCLUDED, ordinal
from schoolgate.synthetic.rows import Column, RowBuilder, dates
from schoolgate.synthetic.status import SEN_CODES


def _code(column: ColumnSpec, wish: str) -> str:
    known = [code.code for code in column.codes]
    return wish if wish in known else known[0]


def meals(build: RowBuilder) -> tuple[Column, int]:
    """Periods of free meals, and how many are eligible on census day."""
    status, child, day = build.of, build.child, build.wanted.day
    begun, ended = status.meals_from[child], status.meals_to[child]
    last = census_day(before(build.wanted.point)).toordinal()
    now = status.meals[child] & (begun > 0) & (begun <= day)
    over = ~status.meals[child] & (ended > last) & (ended < day) & (begun < ended)
    shown, lots = now | over, build.children.meals[child]
    shown = build.fewer(shown, np.ones(build.size, dtype=bool), lots, 0.45)
    for group in (0, 1):
        shown = build.fewer(shown, build.group == group, lots, 0.5)
    if build.size and not shown.any() and build.query_rate == 0:
        # A school without anybody eligible is asked about it (rule 1760): the likeliest child is.
        shown[np.argmin(lots)] = now[np.argmin(lots)] = True
        begun = np.where(begun > 0, np.minimum(begun, day), ordinal(build.wanted.point.academic_year, 9, 1))
    now, over = now & shown, over & shown
    texts = [""] * build.size
    starts = dates(np.where(now | over, begun, day))
    ends = dates(np.where(over, ended, day))
    gone = over.tolist()
    for row in np.flatnonzero(now | over).tolist():
        end = f"<FSMendDate>{ends[row]}</FSMendDate>" if gone[row] else ""
        texts[row] = (
            f"<FSMperiods><FSMperiod><FSMstartDate>{starts[row]}</FSMstartDate>{end}"
            "<UKcountry>ENG</UKcountry></FSMperiod></FSMperiods>"
        )
    return texts, int(now.sum())


def home(build: RowBuilder) -> Column:
    """Addresses; of leavers no more than the postcode, and only in autumn."""
    if not build.roll.on_roll and not build.wanted.has("addressesoffroll"):
        return [""] * build.size
    texts = []
    for number in build.stays.home[build.roll.stays].tolist():
        house, postcode = names.home(number)
        street = f"<PAON>{house}</PAON><Street>Synthetic Street</Street>" if build.roll.on_roll else ""
        texts.append(
            f"<HomeInformation><Addresses><Address>{street}<PostCode>{postcode}</PostCode></Address></Addresses>"
            "</HomeInformation>"
        )
    return texts


def placements(build: RowBuilder) -> Column:
    """How pupils registered at alternative provision alone came there."""
    texts = [""] * build.size
    if build.kind != "PR" or not build.wanted.has("approvisiondetail") or not build.roll.on_roll:
        return texts
    places = build.roll.area.places
    others = [int(place.school.urn) for place in places if place.school.phase not in ("PR", "NS")]
    own = int(places[build.roll.number].school.urn)
    previous = _previous_places(build)
    for row in range(build.size):
        place, excluded = previous.get(int(build.roll.stays[row]), (None, False))
        urn = int(places[place].school.urn) if place is not None else (others[0] if others else own)
        texts[row] = (
            f"<APPlacementDetails><APPlacement><PrevURN>{urn}</PrevURN><APReason>{'PEX' if excluded else 'OTH'}"
            f"</APReason><SENprovisionEntry>{SEN_CODES[int(build.sen[row])]}</SENprovisionEntry></APPlacement>"
            "</APPlacementDetails>"
        )
    return texts


def arranged(build: RowBuilder, shape: CensusShape) -> Column:
    """Alternative provision that the school arranged: a few pupils, one at least (rule 4015)."""
    texts = [""] * build.size
    columns = next((c for name, c in shape.tables.items() if name.startswith("schoolarrangedapdetail")), None)
    if columns is None or build.kind in ("NS", "PR") or not build.size:
        return texts
    lots = build.children.behaviour[build.child] + (build.group >= 1) * 1_000
    for row in np.argsort(-lots, kind="stable")[: max(1, build.size // 400)].tolist():
        setting, reason = (_code(columns[name], "OTH") for name in ("apsettingtype", "placementreason"))
        began = dates(np.maximum(build.entered[row : row + 1], build.wanted.day - 30))[0]
        texts[row] = (
            f"<SchoolArrangedAP><SchoolArrangedAPDetail><APSettingType>{setting}</APSettingType>"
            f"<PlacementReason>{reason}</PlacementReason><EntryDate>{began}</EntryDate>"
            "<APAttendancePattern>PT</APAttendancePattern><APSessionsPerWeek>2</APSessionsPerWeek>"
            f"<SENprovisionEntry>{SEN_CODES[int(build.sen[row])]}</SENprovisionEntry>"
            "</SchoolArrangedAPDetail></SchoolArrangedAP>"
        )
    return texts


def _previous_places(build: RowBuilder) -> dict[int, tuple[int, bool]]:
    """Stay -> the place the child was at before, and whether it was excluded for good there."""
    found = {}
    for stay in build.roll.stays.tolist():
        child = build.stays.child[stay]
        earlier = np.flatnonzero((build.stays.child == child) & (build.stays.left < build.stays.entered[stay]))
        if len(earlier):
            last = earlier[np.argmax(build.stays.left[earlier])]
            found[stay] = int(build.stays.place[last]), bool(build.stays.why[last] == EXCLUDED)
    return found


def aims(build: RowBuilder) -> Column:
    """Study programmes of sixth-formers, in autumn."""
    if not build.roll.on_roll or not build.wanted.has("programmeaims") or build.wanted.point.term is not Term.AUTUMN:
        return [""] * build.size
    start = f"{build.wanted.point.academic_year}-09-03"
    text = (
        f"<ProgrammeAims><ProgrammeAim><ProgType>30</ProgType><ProgrammeStartDate>{start}</ProgrammeStartDate>"
        f"<LearningAims><LearningAim><QN>ZSYNTH30</QN><ProgType>30</ProgType><LearningStartDate>{start}"
        "</LearningStartDate></LearningAim></LearningAims></ProgrammeAim></ProgrammeAims>"
    )
    return [text if sixth else "" for sixth in (build.group >= 12).tolist()]
