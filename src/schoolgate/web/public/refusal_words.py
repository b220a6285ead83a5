"""Why the gate refused a question, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _


def refusals() -> Mapping[str, str]:
    """Why the gate refused a question: its codes in words."""
    not_a_question = _("It was not a plain question that the gate can check.")
    not_named = _("The person who asked is not named in the agreement, or may no longer ask.")
    not_told = _("Families had not yet been told, or the time for them to hear of it was not over.")
    not_signed = _("Both sides had not yet signed the change.")
    no_power = _("No law that the agreement names allows this use.")
    abroad = _("The data would have been in a country that the agreement does not allow.")
    return {
        "item-not-approved": _("It asked for an item that was not agreed."),
        "unknown-item": _("It asked for an item that does not exist."),
        "unknown-table": _("It asked for a table that does not exist."),
        "function-not-allowed": _("It wanted to work something out in a way that is not allowed."),
        "construct-not-allowed": not_a_question,
        "select-only": not_a_question,
        "one-statement": not_a_question,
        "not-sql": not_a_question,
        "names-unclear": not_a_question,
        "name-twice": not_a_question,
        "name-shadows-table": not_a_question,
        "limit-without-order": not_a_question,
        "order-beyond-distinct": not_a_question,
        "query-too-long": _("It was too long."),
        "query-too-deep": _("It was too tangled to check."),
        "pupil-reference-computed": _("It wanted to take the pupils’ made-up references apart."),
        "agreement-expired": _("The agreement was over."),
        "agreement-not-active": _("The agreement was not in force."),
        "agreement-not-begun": _("The agreement had not begun."),
        "person-not-named": not_named,
        "person-unknown": not_named,
        "not-accredited": not_named,
        "accreditation-expired": not_named,
        "person-awaits-notice": not_told,
        "item-awaits-notice": not_told,
        "notice-not-published": not_told,
        "notice-not-over": not_told,
        "change-awaits-notice": not_told,
        "item-not-told": not_told,
        "agreement-built-in": _("It was asked under the right of families to see their own child’s record."),
        "purpose-unknown": no_power,
        "basis-unclear": no_power,
        "basis-cannot-carry": no_power,
        "gateway-missing": no_power,
        "country-unprotected": abroad,
        "country-not-allowed": abroad,
        "person-abroad": abroad,
        "query-budget-spent": _("All the questions the panel allowed were used."),
        "row-budget-spent": _("All the rows the panel allowed were used."),
        "setting-only": _("Answers of this agreement may not leave the safe setting."),
        "pseudonym-not-given": _("It wanted the pupils’ made-up references, which this agreement does not give."),
        "not-aggregate": _("It wanted more than numbers about many pupils."),
        "items-not-together": _("It asked for items together that the panel keeps apart."),
        "policy-gap": _("No rule covered it, so the answer was no."),
        "item-awaits-signature": not_signed,
        "person-awaits-signature": not_signed,
        "emergency-review-overdue": _("It was agreed in a hurry, and the panel has not looked at it again in time."),
        "extract-needed": _("It wanted single records outside the safe setting, and nobody had let them leave."),
        "extract-unsigned": _("A file that was fetched before had not been signed for in time."),
        "use-stopped": _("Use had been stopped, because it did not look like what was applied for."),
        "corrections-unanswered": _("It had not said what it did about values that were put right."),
        "lookups-not-declared": _("The agreement is not one for looking people up."),
        "too-fast": _("Too many questions came in one minute."),
        "kind-not-declared": _("This kind of look-up was not applied for."),
        "reason-not-declared": _("Look-ups for this reason were not applied for."),
        "more-than-a-day": _("It was more look-ups a day than were applied for."),
        "more-than-a-month": _("It was more look-ups a month than were applied for."),
        "outside-hours": _("It was at an hour that was not applied for."),
        "unlike-before": _("It was far more look-ups than on a usual day."),
        "newcomer": _("Somebody who never looked anybody up before wanted many at once."),
        "mostly-nobody": _("Most of the people it had asked about were not found, which looks like guessing."),
        "same-child": _("It asked about one child again and again in a day."),
        "list-guesses": _("The list wrote one person down in several ways, which looks like guessing."),
        "claim-half": _("It claimed a value of nothing, or named an item without a value."),
        "list-too-long": _("The list of people was too long."),
        "list-empty": _("The list of people was empty."),
        "list-refs": _("Two people on the list had one number."),
        "lookup-reason": _("A person on the list had no reason to be looked up."),
        "lookup-provision": _("A person on the list had no law to be looked up by."),
        "lookup-person": _("The list said too little to tell one child from another, or was mistyped."),
        "lookup-pseudonym": _("It wanted to be told which made-up reference is whose."),
        "changed-meanwhile": _("The terms changed while it ran."),
    }
