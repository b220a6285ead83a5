"""Places as the log names them (``authority 202``, ``region E12000007``, ``school 100008``), and what lies in what."""

from __future__ import annotations

from schoolgate import dictionary


def authority_of(area: str) -> str:
    """The number of the authority a school lies in; empty when the area is no school that is known."""
    kind, _space, code = area.partition(" ")
    if kind != "school" or not (code.isascii() and code.isdigit() and len(code) < 10):
        return ""
    school = dictionary.establishment(int(code))
    return "" if school is None else str(school.laestab)[:3]


def covering(area: str) -> tuple[str, ...]:
    """The places whose pupils are pupils of an area too: itself, its parts, and what it lies in."""
    kind, _space, code = area.partition(" ")
    if kind == "region":
        found = dictionary.find_region(code)
        inside = found.authorities if found else ()
        return (area, *(f"{way} {one}" for one in inside for way in ("authority", "within")))
    authority = authority_of(area) or code
    regions = [f"region {one.id}" for one in dictionary.regions() if authority in one.authorities]
    own = (area,) if kind == "school" else (area, f"within {code}")
    return (*own, f"authority {authority}", *regions)
