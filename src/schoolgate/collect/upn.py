"""What is wrong with a UPN, all of it at once, in words a data manager can act on."""

from __future__ import annotations

from schoolgate.ids import UPN_LETTERS, upn_check_letter

# Local authority numbers a UPN may begin with (rule 1530): those in use now and those a UPN kept from before a
# reorganisation. From the published list (about 2018, Arbor's help page), with Dorset (838) and Bournemouth,
# Christchurch and Poole (839) from 2019 (connect-up) and Cumbria's and Northamptonshire's successors (940 to 943,
# the census shapes' own list of authorities).
AUTHORITIES = frozenset(
    f"{number:03}"
    for first, last in (
        (1, 5), (201, 213), (301, 320), (330, 336), (340, 344), (350, 359), (370, 373), (380, 384), (390, 394),
        (420, 420), (660, 681), (701, 708), (800, 803), (805, 808), (810, 813), (815, 816), (820, 823), (825, 826),
        (830, 831), (835, 841), (845, 846), (850, 852), (855, 857), (860, 861), (865, 896), (908, 909), (916, 916),
        (919, 919), (921, 921), (925, 926), (928, 929), (931, 931), (933, 933), (935, 938), (940, 943),
    )
    for number in range(first, last + 1)
)  # fmt: skip
_DIGITS = frozenset("0123456789")


def digits(text: str) -> bool:
    """Whether a text is ASCII digits and nothing else (Python's isdigit also takes ² and ٣)."""
    return bool(text) and set(text) <= _DIGITS


def last_character_right(upn: str) -> bool:
    """Whether character 13 is a digit, or a letter that UPNs use (then the UPN is temporary)."""
    return len(upn) == 13 and (upn[12] in _DIGITS or upn[12] in UPN_LETTERS)


def check_letter_wrong(upn: str) -> bool:
    """Whether the rest of a UPN is well formed and its check letter is not the one it should be."""
    return digits(upn[1:12]) and last_character_right(upn) and upn[0] != upn_check_letter(upn[1:])


def upn_faults(text: str) -> tuple[str, ...]:
    """Everything wrong with a UPN; empty when it is right."""
    faults = []
    if text != text.upper():
        faults.append("Letters of a UPN are capitals.")
        text = text.upper()
    if len(text) != 13:
        return (*faults, f"A UPN has 13 characters; this has {len(text)}.")
    unused = "the letters I, O and S are not used in UPNs"
    if text[0] not in UPN_LETTERS:
        faults.append(f"Character 1 must be a letter, and {unused}; this is {text[0]}.")
    if not digits(text[1:4]):
        faults.append("Characters 2 to 4 must be digits: the local authority that issued it.")
    elif text[1:4] not in AUTHORITIES:
        faults.append(f"Characters 2 to 4 ({text[1:4]}) are not a local authority's number.")
    if not digits(text[4:12]):
        faults.append("Characters 5 to 12 must be digits.")
    if not last_character_right(text):
        faults.append(f"Character 13 must be a digit, or in a temporary UPN a letter, and {unused}.")
    if check_letter_wrong(text):
        expected = upn_check_letter(text[1:])
        faults.append(f"The check letter should be {expected}, not {text[0]}: a character was probably mistyped.")
    return tuple(faults)
