"""Every rule's golden cases: a return that breaks it, and one that just does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from schoolgate.ids import Term
from tests.collect.scene import Scene, element, fsm, sessions, uln, upn

Case = Callable[[Scene], bytes]
DAY = timedelta(days=1)


def one(**changes: object) -> Case:
    """A return of one pupil of nine with these changes."""
    return lambda s: s.sent(s.pupil(**changes))  # type: ignore[arg-type]


def left(**changes: object) -> Case:
    """A return whose one leaver has these changes."""
    return lambda s: s.sent(s.pupil(), gone=[s.pupil(on=False, **changes)])  # type: ignore[arg-type]


def meals(*periods: Callable[[Scene], str]) -> Case:
    """A pupil with these free school meal periods."""
    return lambda s: s.sent(s.pupil(parts="<FSMperiods>" + "".join(p(s) for p in periods) + "</FSMperiods>"))


def needs(*kinds: tuple[object, object], provision: str = "K") -> Case:
    """A pupil with these needs, by rank and type."""
    inside = "".join(element("SENneed", SENtypeRank=rank, SENtype=kind) for rank, kind in kinds)
    part = f"<SpecialEducationalNeeds><SENneeds>{inside}</SENneeds></SpecialEducationalNeeds>" if kinds else ""
    return lambda s: s.sent(s.pupil(SENprovision=provision, parts=part))


def marks(possible: object, *codes: tuple[str | None, object], age: int = 9, **changes: object) -> Case:
    """A pupil with these sessions by code."""
    return lambda s: s.sent(s.pupil(age, attendance=sessions(possible, *codes), **changes))  # type: ignore[arg-type]


def summer_marks(*codes: tuple[str | None, object]) -> Case:
    """A pupil with these sessions in the second half of the summer term."""
    extra = sessions(40, *codes, kind="SummerHalfTerm2Attendance")
    return lambda s: s.sent(s.pupil(attendance=sessions(100) + extra))


def away(**changes: object) -> Case:
    """A suspended pupil."""
    return lambda s: s.sent(s.pupil(parts=s.away(**changes)))


def of_declined(**changes: object) -> Case:
    """A pupil whose family declined every item that can be declined; right but for the change."""
    codes = {"Ethnicity": "REFU", "Language": "REF"}
    return lambda s: s.sent(s.pupil(UPN=upn(999), **{**codes, **changes}))


def arranged(**changes: object) -> Case:
    """A pupil with a placement the school arranged."""
    return lambda s: s.sent(s.pupil(parts=s.arranged(**changes)))


def aims(*programmes: tuple[str, tuple[str, ...]], **changes: object) -> Case:
    """A sixth-former with programmes and their learning aims, each by programme type."""

    def build(s: Scene) -> bytes:
        inside = "".join(
            f"<ProgrammeAim><ProgType>{kind}</ProgType><LearningAims>"
            + "".join(element("LearningAim", ProgType=aim, LearningStartDate=s.start + DAY) for aim in learning)
            + "</LearningAims></ProgrammeAim>"
            for kind, learning in programmes
        )
        return s.sent(s.pupil(17, parts=f"<ProgrammeAims>{inside}</ProgrammeAims>", **changes), phase="SS")  # type: ignore[arg-type]

    return build


def share(of: int, how_many: int, age: int, parts: Callable[[Scene], str] = lambda s: "", **changes: object) -> Case:
    """`of` pupils of an age, `how_many` of them with these changes."""

    def build(s: Scene) -> bytes:
        changed = [s.pupil(age, parts=parts(s), **changes) for _ in range(how_many)]  # type: ignore[arg-type]
        return s.sent(*changed, *s.many(of - how_many, age), phase="SS" if age > 11 else "PS")

    return build


def had_meals(s: Scene) -> str:
    return f"<FSMperiods>{fsm(date(s.census.academic_year, 8, 1))}</FSMperiods>"


def tutored(hours: object, code: str = "01") -> Case:
    part = element("LearnerFAM", LearnFAMType="NLM", LearnFAMCode=code, LearnFAMHours=hours)
    return lambda s: s.sent(s.pupil(parts=f"<LearnerFAMs>{part}</LearnerFAMs>"))


def young(age: int, month: int = 3, **changes: object) -> Case:
    """A young child in nursery, born in a month."""
    return lambda s: s.sent(
        s.pupil(age, **{"DOB": date(s.census.academic_year - age, month, 4), **changes}),  # type: ignore[arg-type]
        phase="NS",
    )


def nursery_day(s: Scene, *, last: bool, inside: bool) -> bytes:
    """A child born on the edge of the three-year-olds, with extended hours and a code."""
    turn = {Term.AUTUMN: (3, 8, 31), Term.SPRING: (3, 12, 31), Term.SUMMER: (2, 3, 31)}[s.term]
    born = date(s.census.academic_year - turn[0], *turn[1:]) if last else date(s.census.academic_year - 4, 9, 1)
    born += DAY * (0 if inside else 1 if last else -1)
    code = {"EligibilityCode" if s.asks("eligibilitycode") else "ThirtyHourCode": "50012345678"}
    return s.sent(s.pupil(3, DOB=born, ExtendedHours="15", NCyearActual="N1", **code), phase="NS")  # type: ignore[arg-type]


def joined_this_term(s: Scene) -> bytes:
    return s.sent(s.pupil(attendance="", EntryDate=s.start))


def excluded(s: Scene, code_e: int, start: date) -> bytes:
    codes = (("E", code_e),) if code_e else ()
    return s.sent(s.pupil(parts=s.away(StartDate=start), attendance=sessions(100, *codes)))


def still_placed(*patterns: str) -> Case:
    def build(s: Scene) -> bytes:
        inside = "".join(s.arranged(APAttendancePattern=p) for p in patterns)
        joined = inside.replace("</SchoolArrangedAP><SchoolArrangedAP>", "")
        return s.sent(s.pupil(parts=joined))

    return build


def in_pru(**changes: object) -> Case:
    """A pupil of a pupil referral unit with placement information."""
    return lambda s: s.sent(s.pupil(13, parts=s.placed(**changes)), phase="PR")


GOLDEN: dict[str, tuple[Case, Case]] = {
    # The return as a whole
    "100": (lambda s: s.sent(s.pupil(), reference=s.day + DAY), lambda s: s.sent(s.pupil(), reference=s.day)),
    "1310": (lambda s: s.sent(s.pupil(), meals=None), lambda s: s.sent(s.pupil(), meals=0)),
    "1320": (
        lambda s: s.sent(s.pupil(parts=had_meals(s)), meals=2),
        lambda s: s.sent(s.pupil(parts=had_meals(s)), meals=1),
    ),
    "1520": (
        lambda s: s.sent(s.pupil(UPN=upn(7)), gone=[s.pupil(on=False, UPN=upn(7))]),
        lambda s: s.sent(s.pupil(UPN=upn(7)), gone=[s.pupil(on=False, UPN=upn(8))]),
    ),
    "1578": (
        lambda s: s.sent(s.pupil(15, UniqueLearnerNumber=uln(7)), s.pupil(15, UniqueLearnerNumber=uln(7))),
        lambda s: s.sent(s.pupil(15, UniqueLearnerNumber=uln(7)), s.pupil(15, UniqueLearnerNumber=uln(8))),
    ),
    "1750": (share(20, 10, 9, had_meals), share(20, 9, 9, had_meals)),
    "1751": (share(20, 11, 4, had_meals), share(20, 10, 4, had_meals)),
    "1752": (share(20, 11, 5, had_meals), share(20, 10, 5, had_meals)),
    "1760": (share(20, 0, 9), share(20, 1, 9, had_meals)),
    "1780": (share(20, 20, 13, YSSA=None), share(20, 19, 13, YSSA=None)),
    "1850": (share(20, 3, 9, Language="NOT"), share(20, 2, 9, Language="NOT")),
    "1870": (share(20, 5, 9, EnrolStatus="M"), share(20, 4, 9, EnrolStatus="M")),
    "1877": (share(20, 20, 6, SchoolLunchTaken="true"), share(20, 19, 6, SchoolLunchTaken="true")),
    # Who a pupil is
    "1500": (one(UPN=None), one()),
    "1510": (one(UPN="Q207000016049"), one(UPN="P207000016049")),
    "1530": (one(UPN=upn(1, "150")), one(UPN=upn(1, "838"))),
    "1540": (one(UPN="P2070000X6049"), one()),
    "1550": (one(UPN="P20700001604S"), one(UPN="T20110001804V")),
    "1570": (
        lambda s: s.sent(s.pupil(15, DOB=date(s.day.year - 14, s.day.month, s.day.day), UniqueLearnerNumber=None)),
        lambda s: s.sent(s.pupil(13, DOB=date(s.day.year - 14, s.day.month, s.day.day) + DAY, UniqueLearnerNumber=None)),
    ),
    "1573": (
        lambda s: left(age=15, DOB=date(s.before.year - 15, 1, 1), UniqueLearnerNumber=None)(s),
        lambda s: left(age=15, DOB=date(s.before.year - 15, 1, 1))(s),
    ),
    "1575": (one(UniqueLearnerNumber="9276308687"), one(UniqueLearnerNumber="9276308686")),
    "SG-1": (one(UPN="T20110001804V"), one()),
    "SG-2": (one(UPN=upn(3), FormerUPN=upn(3)), one(UPN=upn(3), FormerUPN=upn(4))),
    "SG-3": (one(Surname=None), one()),
    "SG-4": (one(Forename=None), one()),
    "SG-5": (one(DOB="2016-02-30"), one(DOB="2016-02-29")),
    "SG-6": (lambda s: one(DOB=s.day + DAY)(s), lambda s: one(DOB=s.day)(s)),
    "SG-7": (one(Sex="X"), one(Sex="M")),
    "SG-8": (one(Gender="X"), one(Gender="M")),
    "SG-9": (one(age=20), one(age=19)),
    "SG-10": (one(Surname="Canary5ynth"), one(Surname="O'Canary-Synth d'Été")),
    # How a pupil is enrolled
    "1601": (
        lambda s: s.sent(s.pupil(12), kind="03"),
        lambda s: s.sent(s.pupil(11), kind="03"),
    ),
    "1880": (lambda s: one(EntryDate=s.day + DAY)(s), lambda s: one(EntryDate=s.day)(s)),
    "1889": (
        one(age=17, QualHrsPreviousYear=3000, Non_qualHrsPreviousYear="1000.5"),
        one(age=17, QualHrsPreviousYear=3000, Non_qualHrsPreviousYear=1000),
    ),
    "1893": (
        one(age=17, QualHrsPreviousYear=30, Non_qualHrsPreviousYear=9),
        one(age=17, QualHrsPreviousYear=30, Non_qualHrsPreviousYear=10),
    ),
    "1894": (aims(("31", ("31",)), TLevelQualHrs=0), aims(("31", ("31",)), TLevelQualHrs=1)),
    "1895": (aims(("01", ("01",)), TLevelQualHrs=1), aims(("31", ("31",)), TLevelQualHrs=1)),
    "1896": (
        aims(("31", ("31",)), TLevelQualHrs=10, QualHrs=10),
        aims(("31", ("31",)), ("01", ("01",)), TLevelQualHrs=10, QualHrs=10),
    ),
    "1920": (
        lambda s: left(LeavingDate=s.day)(s),
        lambda s: left(LeavingDate=s.day - DAY)(s),
    ),
    "1925": (
        lambda s: left(LeavingDate=s.before - DAY, EntryDate=s.before - DAY * 400)(s),
        lambda s: left(LeavingDate=s.before, EntryDate=s.before - DAY * 400)(s),
    ),
    "2903": (aims(("01", ())), aims(("01", ("01",)))),
    "9999": (one(leave_out=["PupilCharacteristics"]), one()),
    "SG-11": (
        lambda s: one(DOB=s.born(9), EntryDate=s.born(9) - DAY)(s),
        lambda s: one(DOB=s.born(9), EntryDate=s.born(9))(s),
    ),
    "SG-12": (lambda s: one(LeavingDate=s.before)(s), one()),
    "SG-13": (one(EnrolStatus="G"), one(EnrolStatus="S")),
    "SG-14": (one(Boarder="Y"), one(Boarder="B")),
    "SG-15": (one(NCyearActual="15"), one(NCyearActual="X")),
    "SG-16": (one(ClassType="A"), one(ClassType="N")),
    "SG-17": (one(PartTime="maybe"), one(PartTime="1")),
    "SG-18": (one(NCyearActual="7"), one(NCyearActual="6")),
    # What a pupil needs
    "1741": (one(ServiceChild="X"), one(ServiceChild="R")),
    "1762": (meals(lambda s: fsm(s.day + DAY)), meals(lambda s: fsm(s.day))),
    "1763": (
        meals(lambda s: fsm(s.before - DAY * 300, s.census.previous_census_day)),
        meals(lambda s: fsm(s.before - DAY * 300, s.census.previous_census_day + DAY)),
    ),
    "1846": (young(3, EYPPR=None), young(3, EYPPR="Y")),
    "1848": (young(4, 6, NCyearActual="N2", EYPPR=None), young(4, 6, NCyearActual="R", EYPPR=None)),
    "1851": (young(5, FundedHours="15"), young(4, FundedHours="15")),
    "1854": (young(5, HoursAtSetting="15"), young(4, HoursAtSetting="15")),
    "3100": (
        lambda s: nursery_day(s, last=True, inside=False),
        lambda s: nursery_day(s, last=True, inside=True),
    ),
    "SG-19": (one(Ethnicity="ZZZZ"), one(Ethnicity="REFU")),
    "SG-20": (one(Language="ZZZZ"), one(Language="OTB")),
    "SG-21": (one(PostLookedAfterArrangements="X"), one(PostLookedAfterArrangements="C")),
    "SG-22": (one(YoungCarer="Y"), one(YoungCarer="S")),
    "SG-23": (one(age=13, YSSA="Maybe"), one(age=13, YSSA="UNS")),
    "SG-24": (
        young(3, EYPPBF="ZZ"),
        lambda s: young(3, EYPPBF=min(s.census.codes("pupilonroll", "eyppbf")))(s),
    ),
    "SG-25": (meals(lambda s: fsm(s.before, None, "FRA")), meals(lambda s: fsm(s.before, None, "WLS"))),
    "SG-26": (
        meals(lambda s: fsm(s.before, s.before + DAY * 9), lambda s: fsm(s.before + DAY * 9)),
        meals(lambda s: fsm(s.before, s.before + DAY * 9), lambda s: fsm(s.before + DAY * 10)),
    ),
    "SG-27": (one(SENprovision="Q"), one(SENprovision="E")),
    "SG-28": (needs((1, "XXX")), needs((1, "NSA"))),
    "SG-29": (needs(), needs((1, "ASD"))),
    "SG-30": (needs((1, "ASD"), provision="N"), needs(provision="N")),
    "SG-31": (needs((1, "ASD"), (1, "HI")), needs((1, "ASD"), (2, "HI"))),
    # Attendance and exclusions
    "2290": (
        lambda s: away(Category="PERM", StartDate=s.census.exclusions[0] - DAY)(s),
        lambda s: away(Category="PERM", StartDate=s.census.exclusions[0])(s),
    ),
    "2470": (marks(100, age=16), marks(100, age=15)),
    "2485": (
        lambda s: excluded(s, 0, s.before),
        lambda s: excluded(s, 4, s.before),
    ),
    "2491": (marks(100, ("X", 1)), marks(100, ("X", 0))),
    "2492": (
        left(attendance=sessions(100, ("X", 1))),
        left(attendance=sessions(100, ("X", 0))),
    ),
    "2500": (one(attendance=""), joined_this_term),
    "2502": (marks(0), marks(1)),
    "2510": (left(attendance=""), left(attendance=sessions(0))),
    "2572": (summer_marks(("?", 1)), summer_marks(("I", 1))),
    "2574": (summer_marks((None, 1)), summer_marks(("I", 1))),
    "2611": (
        lambda s: s.sent(s.pupil(), phase="SP"),
        lambda s: s.sent(s.pupil(attendance=sessions(100) + sessions(0, kind="AnnualAttendance")), phase="SP"),
    ),
    "SG-32": (marks(100, ("?", 1)), marks(100, ("#", 1))),
    "SG-33": (marks(100, (None, 1)), marks(100, ("I", 1))),
    "SG-34": (marks(100, ("I", "1.5")), marks(100, ("I", "1"))),
    "SG-35": (marks(10, ("I", 6), ("O", 5)), marks(10, ("I", 6), ("O", 4))),
    "SG-36": (away(Category="GONE"), away(Category="LNCH")),
    "SG-37": (
        away(**dict.fromkeys(("Reason", "Reason1"))),
        away(Reason2="PA"),
    ),
    "SG-38": (away(StartDate=None), away()),
    "SG-39": (away(Sessions=0), away(Sessions=1)),
    "SG-40": (
        lambda s: away(StartDate=s.census.exclusions[1] + DAY)(s),
        lambda s: away(StartDate=s.census.exclusions[1])(s),
    ),
    # Placements, learner funding
    "2360": (in_pru(PrevURN="012345"), in_pru(PrevURN="123456")),
    "2361": (in_pru(APReason="XXX"), in_pru(APReason="NEW")),
    "2363": (
        in_pru(APReason="EHC"),
        lambda s: s.sent(s.pupil(13, SENprovision="E", parts=s.placed(APReason="EHC")), phase="PR"),
    ),
    "2364": (arranged(APSettingType=None), arranged(APSettingType=None, UKPRN="10000001")),
    "2372": (
        lambda s: left(parts=s.arranged(LeavingDate=s.before + DAY * 31))(s),
        lambda s: left(parts=s.arranged(LeavingDate=s.before + DAY * 30))(s),
    ),
    "2392": (still_placed("PT", "FT"), still_placed("PT", "PT")),
    "2917": (
        lambda s: s.sent(s.pupil(EnrolStatus="C", parts=s.arranged(URN="100008"))),
        lambda s: s.sent(s.pupil(EnrolStatus="M", parts=s.arranged(URN="100008"))),
    ),
    "3131": (
        lambda s: s.sent(s.pupil(13), phase="PR"),
        lambda s: s.sent(s.pupil(13, EnrolStatus="M"), phase="PR"),
    ),
    "4012": (tutored(0), tutored("0.5")),
    "4015": (one(), arranged()),
    "4016": (lambda s: s.sent(s.pupil(13), phase="PR"), in_pru()),
    "SG-41": (arranged(PlacementReason="XXX"), arranged(PlacementReason="MHN")),
    "SG-42": (
        lambda s: arranged(LeavingDate=s.before - DAY)(s),
        lambda s: arranged(LeavingDate=s.before)(s),
    ),
    "SG-43": (arranged(APAttendancePattern="XX"), arranged(APAttendancePattern="FT")),
    "SG-44": (
        lambda s: s.sent(s.pupil(parts="<LearnerFAMs><LearnerFAM><LearnFAMType>X</LearnFAMType></LearnerFAM></LearnerFAMs>")),
        tutored(1),
    ),
    # The return and its school
    "SG-45": (lambda s: s.sent(gone=[s.pupil(on=False)]), lambda s: s.sent(s.pupil())),
    "SG-46": (
        lambda s: s.sent(s.pupil()).replace(b"<Phase>PS</Phase>", b"<Phase>QQ</Phase>"),
        lambda s: s.sent(s.pupil(), phase="MP"),
    ),
    "SG-47": (lambda s: s.sent(s.pupil(), phase="SS", urn=100008), lambda s: s.sent(s.pupil(), phase="MP", urn=100008)),
    # Of this pupil the family declined all five
    "SG-48": (of_declined(Ethnicity="WBRI"), of_declined(Ethnicity="REFU")),
    "SG-49": (of_declined(Language="ENG"), of_declined(Language="REF")),
    "SG-50": (of_declined(ServiceChild="Y"), of_declined(ServiceChild="R")),
    "SG-51": (of_declined(PostLookedAfterArrangements="A"), of_declined(PostLookedAfterArrangements="N")),
    "SG-52": (of_declined(YoungCarer="P"), of_declined()),
}  # fmt: skip
