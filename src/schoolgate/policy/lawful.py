"""The rules on the law: what can carry the purpose, where the data may go, and that families hear of it first."""

from __future__ import annotations

from schoolgate.clock import plain_day
from schoolgate.dictionary import HOME, basis_letter, gateway_reaches, same_country
from schoolgate.policy.facts import Facts, covered, first_use, is_waiting, purpose_of
from schoolgate.policy.table import ALLOWED, NOT_APPLICABLE, REFUSED, Case, Rule

_PURPOSE = Rule[Facts](
    "purpose",
    "Its purpose is on the published list",
    lambda f: f"agreement {f.agreement.id}, purpose",
    (
        Case(
            "on the list",
            lambda f: purpose_of(f) is not None,
            ALLOWED,
            lambda f: f"The purpose is {f.agreement.purpose}.",
        ),
        Case(
            "not on the list",
            lambda f: purpose_of(f) is None,
            REFUSED,
            lambda f: "The published list has no such purpose.",
            "purpose-unknown",
            "Apply anew, with a purpose of the list.",
        ),
    ),
)


def _carries(f: Facts) -> bool:
    purpose = purpose_of(f)
    return purpose is not None and basis_letter(f.agreement.lawful_basis) in purpose.bases


_BASIS = Rule[Facts](
    "lawful-basis",
    "Its lawful basis can carry its purpose",
    lambda f: "UK GDPR Article 6(1) and (3)",
    (
        Case(
            "the purpose is not on the list",
            lambda f: purpose_of(f) is None,
            NOT_APPLICABLE,
            lambda f: "There is no purpose to carry.",
        ),
        Case(
            "the basis is one of the purpose's",
            lambda f: purpose_of(f) is not None and _carries(f),
            ALLOWED,
            lambda f: f"Article 6(1)({basis_letter(f.agreement.lawful_basis)}) carries {f.agreement.purpose}.",
        ),
        Case(
            "the text names no one basis",
            lambda f: purpose_of(f) is not None and not basis_letter(f.agreement.lawful_basis),
            REFUSED,
            lambda f: "The agreement does not name one basis of Article 6(1).",
            "basis-unclear",
            "Ask the panel to have the basis stated, as in “UK GDPR Article 6(1)(e)”.",
        ),
        Case(
            "the basis is not one of the purpose's",
            lambda f: purpose_of(f) is not None and bool(basis_letter(f.agreement.lawful_basis)) and not _carries(f),
            REFUSED,
            lambda f: f"Article 6(1)({basis_letter(f.agreement.lawful_basis)}) cannot carry {f.agreement.purpose}.",
            "basis-cannot-carry",
            "The list of purposes says on what each can rest.",
        ),
    ),
)


def _reaches(f: Facts) -> bool:
    purpose = purpose_of(f)
    return purpose is not None and gateway_reaches(purpose, f.agreement.gateway)


_GATEWAY = Rule[Facts](
    "power-to-share",
    "Its power to share reaches its purpose",
    lambda f: found.carried_by if (found := purpose_of(f)) and found.carried_by else "no power reaches this purpose",
    (
        Case(
            "the purpose is not on the list",
            lambda f: purpose_of(f) is None,
            NOT_APPLICABLE,
            lambda f: "There is no purpose to reach.",
        ),
        Case(
            "the stated power is one of the purpose's",
            lambda f: purpose_of(f) is not None and _reaches(f),
            ALLOWED,
            lambda f: "The stated power reaches it.",
        ),
        Case(
            "it is not",
            lambda f: purpose_of(f) is not None and not _reaches(f),
            REFUSED,
            lambda f: f"The power to share that the agreement states does not reach {f.agreement.purpose}.",
            "gateway-missing",
            "The list of purposes names the powers that reach each.",
        ),
    ),
)

_COUNTRY = Rule[Facts](
    "country",
    "The data stays where the law protects it",
    lambda f: "UK GDPR Chapter V (Articles 44A to 49)",
    (
        Case("at home", lambda f: covered(f) == "home", ALLOWED, lambda f: "It is processed in the United Kingdom."),
        Case(
            "in a country that adequacy regulations cover",
            lambda f: covered(f) == "all",
            ALLOWED,
            lambda f: "Adequacy regulations cover that country.",
        ),
        Case(
            "in a country they cover in part or not at all, with a safeguard stated",
            lambda f: covered(f) in ("some", "none") and bool(f.agreement.transfer_safeguard),
            ALLOWED,
            lambda f: f"Protected abroad by: {f.agreement.transfer_safeguard}",
        ),
        Case(
            "in a country they cover in part or not at all, with none stated",
            lambda f: covered(f) in ("some", "none") and not f.agreement.transfer_safeguard,
            REFUSED,
            lambda f: "The data would be processed in a country where nothing stated protects it.",
            "country-unprotected",
            "Process it in the United Kingdom, or apply with the transfer's safeguard (Article 46) stated.",
        ),
    ),
)


def _within(f: Facts) -> bool:
    return all(any(same_country(place, one) for one in f.agreement.only_in) for place in f.agreement.places)


_ONLY_IN = Rule[Facts](
    "only-in",
    "The panel allows the country",
    lambda f: f"agreement {f.agreement.id}, conditions",
    (
        Case(
            "the panel set no limit",
            lambda f: not f.agreement.only_in,
            NOT_APPLICABLE,
            lambda f: "The panel set no limit of its own.",
        ),
        Case(
            "one of the panel's countries",
            lambda f: bool(f.agreement.only_in) and _within(f),
            ALLOWED,
            lambda f: "It is one of the panel's countries.",
        ),
        Case(
            "another country",
            lambda f: bool(f.agreement.only_in) and not _within(f),
            REFUSED,
            lambda f: "The panel allows the data only in: " + ", ".join(f.agreement.only_in) + ".",
            "country-not-allowed",
            "Move the processing to one of these.",
        ),
    ),
)


def _in_reach(f: Facts) -> bool:
    return same_country(f.person.country, HOME) or same_country(f.person.country, f.agreement.country)


_PERSON_PLACE = Rule[Facts](
    "reader-in-place",
    "You read from a country of the agreement",
    # Access from abroad is a transfer, wherever the machine stands.
    lambda f: "UK GDPR Article 44A",
    (
        Case(
            "your organisation is at home or in the agreement's country",
            _in_reach,
            ALLOWED,
            lambda f: "Your organisation is established within reach.",
        ),
        Case(
            "it is elsewhere",
            lambda f: not _in_reach(f),
            REFUSED,
            lambda f: "Your organisation is established in a country this agreement does not name.",
            "person-abroad",
            "Apply with that country and the transfer's safeguard stated.",
        ),
    ),
)

_NOTICE = Rule[Facts](
    "notice",
    "Families have had their notice",
    lambda f: "UK GDPR Article 13(3): notice precedes use",
    (
        Case(
            "no notice of its own is needed",
            lambda f: f.agreement.notice.days <= 0,
            NOT_APPLICABLE,
            lambda f: "Families are told of this purpose when the census is collected.",
        ),
        Case(
            "published, and its days are over",
            lambda f: (
                f.agreement.notice.days > 0
                and f.agreement.notice.published is not None
                and not is_waiting(f.agreement.notice, f.today)
            ),
            ALLOWED,
            lambda f: "The notice was published and its days are over.",
        ),
        Case(
            "not published",
            lambda f: f.agreement.notice.days > 0 and f.agreement.notice.published is None,
            REFUSED,
            lambda f: "No notice of this use has been published to families.",
            "notice-not-published",
            "The custodian publishes it with `request notice`.",
        ),
        Case(
            "published, and its days are not over",
            lambda f: (
                f.agreement.notice.days > 0
                and f.agreement.notice.published is not None
                and is_waiting(f.agreement.notice, f.today)
            ),
            REFUSED,
            lambda f: (
                f"Families have until {plain_day(first)} to hear of this use."
                if (first := first_use(f.agreement.notice))
                else ""
            ),
            "notice-not-over",
            "Wait until that day.",
        ),
    ),
)

LAWFUL: tuple[Rule[Facts], ...] = (_PURPOSE, _BASIS, _GATEWAY, _COUNTRY, _ONLY_IN, _PERSON_PLACE, _NOTICE)
