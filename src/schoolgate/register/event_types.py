"""Each type of event there is: its keys, a closed list, and its words for the public page.

An event never carries an identity, nor a hash of one. Who writes a new type adds it here; `vocabulary` holds events to
it.
"""

from __future__ import annotations

from schoolgate.register.event_type import EventType
from schoolgate.register.event_types_corrections import CORRECTION_EVENTS
from schoolgate.register.event_types_erasing import ERASING_EVENTS
from schoolgate.register.event_types_rights import RIGHTS_EVENTS

_TERMS = (
    "application", "organisation", "purpose", "purpose_plain", "lawful_basis", "gateway", "items", "years", "terms",
    "valid_from", "valid_until", "processed_at", "country", "conditions", "people_count", "areas?",
    "cohort?",
    "transfer_safeguard?", "deceased?", "notice_days?", "text_hash?", "version?",
)  # fmt: skip

_SHARE = (
    "organisation", "title", "purpose_plain", "data_sets", "identifiability", "safe_setting", "gateway",
    "valid_from?", "valid_until?", "stated_status", "source_sha256", "source_row",
)  # fmt: skip

EVENT_TYPES: dict[str, EventType] = {
    "application.received": EventType(
        "Application received",
        # funders and interest in words; identifiability 1 to 5 and sensitivity A to E are the highest asked for
        (
            "organisation",
            "kind",
            "purpose",
            "purpose_plain",
            "items",
            "years",
            "request_kind?",
            "commercial_interest?",
            "funders?",
            "public_benefit?",
            "identifiability?",
            "sensitivity?",
        ),
        "{organisation} asked for pupil data: {purpose_plain}",
    ),
    "application.resubmitted": EventType(
        "Application sent in again",
        # changed: the form's fields in which the new version differs from the one before
        (
            "organisation",
            "kind?",
            "version",
            "changed",
            "purpose",
            "purpose_plain",
            "items",
            "years",
            "request_kind?",
            "commercial_interest?",
            "funders?",
            "public_benefit?",
            "identifiability?",
            "sensitivity?",
        ),
        "{organisation} sent in version {version} of its application: {purpose_plain}",
    ),
    "application.withdrawn": EventType(
        "Application withdrawn", ("organisation", "reason"), "{organisation} took its application back: {reason}"
    ),
    "application.decided": EventType(
        "Panel decision",
        # votes: counted by seat; items: only those not given as they were asked for; emergency: why it could not wait
        (
            "outcome",
            "reasons",
            "conditions",
            "votes?",
            "items?",
            "risk?",
            "risk_reasons?",
            "emergency?",
            "review_due?",
            "appeal?",
        ),
        "The data-sharing panel decided: {outcome}.",
    ),
    "application.returned": EventType(
        "Application returned",
        ("reasons", "by"),
        "The application went back to who asks, because something is missing.",
    ),
    "application.allocated": EventType(
        "Members named",
        ("members", "risk", "risk_reasons", "quorum", "appeal?"),
        "Members of the panel were named to decide: {members}.",
    ),
    "application.appealed": EventType("Appeal", ("reasons",), "Who asks has appealed: other members look at it again."),
    "emergency.allocated": EventType(
        "Asked to decide at once",
        ("members", "risk", "risk_reasons", "quorum", "emergency"),
        "A few members of the panel ({members}) were asked to decide at once, because it cannot wait: {emergency}",
    ),
    "emergency.declined": EventType(
        "Not decided in a hurry",
        ("reasons", "votes"),
        "The members who were asked to decide at once did not agree. It takes the ordinary road.",
    ),
    "members.changed": EventType(
        "Members changed",
        # seats, never who they are
        ("about", "members", "members_added?", "members_out?"),
        "The members of the panel who decide about {about} changed; now there are: {members}.",
    ),
    "proposal.made": EventType(
        "Change proposed",
        # by: a role; replaces: the version that waits for signatures and would never be in effect
        ("agreement", "change", "by", "reasons", "items?", "people_added?", "valid_until?", "replaces?"),
        "A change of agreement {agreement} was proposed: {change}.",
    ),
    "proposal.allocated": EventType(
        "Members named",
        ("agreement", "change", "members", "risk", "risk_reasons", "quorum"),
        "Members of the panel were named to decide a change of agreement {agreement}: {members}.",
    ),
    "proposal.withdrawn": EventType(
        "Change taken back",
        ("agreement", "change", "by"),
        "A proposed change of agreement {agreement} was taken back by the {by}: {change}.",
    ),
    "conflict.declared": EventType(
        "Conflict declared", ("seat", "about"), "A member of the panel (seat: {seat}) has a conflict and takes no part."
    ),
    "proposal.refused": EventType(
        "Change refused",
        ("agreement", "change", "reasons", "votes"),
        "The data-sharing panel refused a change of agreement {agreement}: {change}.",
    ),
    "emergency.reviewed": EventType(
        "Emergency reviewed",
        ("agreement", "outcome", "reasons", "votes?"),
        "The panel looked at what was approved in a hurry: {outcome}.",
    ),
    "minutes.published": EventType(
        "Minutes", ("day", "text_hash", "text?", "notes?", "requests"), "Minutes of the panel’s meeting of {day}."
    ),
    "agreement.signed": EventType("Agreement signed", _TERMS, "An agreement with {organisation} was signed."),
    "agreement.amended": EventType(
        "Agreement amended", (*(f"{key.rstrip('?')}?" for key in _TERMS), "reasons?"), "The agreement was amended."
    ),
    "agreement.accepted": EventType(
        "Agreement accepted",
        ("organisation", "version", "text_hash"),
        "{organisation} signed version {version} of its agreement; the custodian has not signed it yet.",
    ),
    "agreement.extended": EventType(
        "Agreement extended",
        ("valid_until", "reasons", "version", "text_hash"),
        "The panel agreed that the data may be used until {valid_until}.",
    ),
    "agreement.suspended": EventType("Use suspended", ("reason",), "Use of the data was stopped: {reason}"),
    "agreement.resumed": EventType("Use resumed", ("reasons",), "The panel let the use of the data go on."),
    "agreement.reopened": EventType(
        "Agreement re-opened",
        ("organisation", "changes", "reason"),
        "Use was stopped until the panel decides anew, because the organisation changed: {reason}",
    ),
    "agreement.reaffirmed": EventType(
        "Agreement reaffirmed",
        # version: since both sides sign anew; entries without it let the use go on at once
        ("organisation", "reasons", "version?", "text_hash?"),
        "The panel decided that the agreement goes on with {organisation} as it is now.",
    ),
    "agreement.ended": EventType("Agreement ended", ("reason",), "The agreement ended: {reason}"),
    "release.begun": EventType(
        "Release",
        (
            "agreement",
            "organisation",
            "purpose",
            "lawful_basis",
            "query",
            "query_hash",
            "items",
            "snapshot",
            "definition_hash",
            "pupils",
            "engine?",
            "result_hash?",
            "outcome?",
            "kind?",
            "provision?",
        ),
        "{organisation} was given data under agreement {agreement}.",
    ),
    "release.delivered": EventType("Release handed over", ("rows",), "The result left: {rows} rows."),
    "release.settled": EventType(
        "Release settled",
        ("release", "pupils", "members_root", "members_count", "bitmap_hash"),
        "Release {release} held items of {pupils} pupils.",
    ),
    "extract.ordered": EventType(
        "Extract asked for",
        ("agreement", "organisation", "reason"),
        "{organisation} asked for an extract to leave the safe setting: {reason}",
    ),
    "extract.approved": EventType(
        "Extract approved",
        ("agreement", "organisation", "reason"),
        "A person of the custodian let an extract for {organisation} leave the safe setting: {reason}",
    ),
    "extract.declined": EventType("Extract declined", ("agreement", "reason"), "An extract was declined: {reason}"),
    "extract.failed": EventType(
        "Extract not made", ("agreement", "reasons"), "The gate made no extract under agreement {agreement}."
    ),
    "extract.ready": EventType(
        "Extract ready",
        ("agreement", "release", "file_sha256", "until"),
        "An extract under agreement {agreement}, encrypted to its recipient, can be fetched until {until}.",
    ),
    "extract.received": EventType(
        "Extract received",
        ("agreement", "release", "file_sha256"),
        "The recipient signed for an extract under agreement {agreement}; the file was deleted here.",
    ),
    "extract.reported": EventType(
        "Extract not received",
        ("agreement", "release", "reason"),
        "The recipient reported that an extract under agreement {agreement} did not reach them whole: {reason}",
    ),
    "extract.expired": EventType(
        "Extract deleted",
        ("agreement", "release", "fetched"),
        "An extract under agreement {agreement} was deleted after its last day (fetched: {fetched}).",
    ),
    "extract.unsigned": EventType(
        "Extract not signed for",
        ("agreement", "release"),
        "An extract under agreement {agreement} was fetched and not signed for: no further read until it is.",
    ),
    "lookup.terms": EventType(
        "Look-ups declared",
        ("agreement", "organisation", "kinds", "per_day", "per_month", "hours", "reasons"),
        "{organisation} may look pupils up under agreement {agreement}: at most {per_day} a day.",
    ),
    "lookup.made": EventType(
        "Pupils looked up",
        ("agreement", "organisation", "kind", "people_asked", "people_found", "reason", "provision"),
        "{organisation} looked people up among the pupils ({provision}): asked {people_asked}, found {people_found}.",
    ),
    "lookup.misses_destroyed": EventType(
        "Misses destroyed",
        ("agreement", "misses"),
        "What {agreement} was asked about people who were not found ({misses}) was destroyed at once.",
    ),
    "use.stopped": EventType(
        "Use stopped",
        ("agreement", "organisation", "reasons"),
        "Use under agreement {agreement} did not look like what was applied for. It was stopped, and {organisation} was"
        " asked why.",
    ),
    "use.answered": EventType(
        "Question answered", ("agreement",), "The recipient answered why use under agreement {agreement} was as it was."
    ),
    "use.lifted": EventType(
        "Stop lifted", ("agreement", "reason"), "Use under agreement {agreement} may go on: {reason}"
    ),
    "delay.totals": EventType(
        "Delays in telling families",
        ("delayed", "delays_set"),
        "Families who are told of one use later, by law: {delayed}; delays set or renewed so far: {delays_set}.",
    ),
    "query.refused": EventType(
        "Query refused", ("agreement", "query_hash", "reasons"), "A query was refused (agreement: {agreement})."
    ),
    "destruction.stated": EventType(
        "Destruction stated",
        ("agreement", "method", "releases?", "destroyed_on?", "due?"),
        "The data of {agreement} is said to be destroyed. It is certified when who saw it has said so.",
    ),
    "destruction.denied": EventType(
        "Destruction denied",
        ("agreement", "reason"),
        "Who was named as having seen the data of {agreement} destroyed did not see it: {reason}",
    ),
    "destruction.certified": EventType(
        "Destruction certified",
        ("agreement", "method", "witnessed_by", "releases?", "destroyed_on?", "due?"),
        "The data of {agreement} were destroyed.",
    ),
    "destruction.overdue": EventType(
        "Destruction overdue",
        ("agreement", "organisation", "due"),
        "{organisation} had to destroy the data of {agreement} by {due}, and it is not certified.",
    ),
    "objection.totals": EventType(
        "Objections", ("purpose", "objecting"), "Pupils kept out of {purpose} by an objection: {objecting}."
    ),
    "objection.wider_totals": EventType(
        "Objections to more than one use",
        ("by_kind", "by_recipient", "to_all"),
        "Pupils kept out by an objection to a kind of organisation: {by_kind}; to one organisation: {by_recipient};"
        " to every use that may be refused: {to_all}.",
    ),
    "restriction.totals": EventType(
        "Restrictions",
        ("restricted",),
        "Pupils under restriction: {restricted}.",
    ),
    "notice.published": EventType(
        "Notice published",
        (
            "title",
            "agreement?",
            "notice_days?",
            "items?",
            "agreements?",
            "changes?",
            "picture_hash?",
            "texts?",
        ),
        "A notice to families: {title}",
    ),
    "notice.told": EventType(
        "Notice told",
        ("notice", "schools_told", "followers_told", "how"),
        "Everybody who is to hear of notice {notice} was written to; its days begin tomorrow.",
    ),
    "statement.published": EventType(
        "Statement of a quarter",
        ("first", "last", "log_size", "figures", "definitions", "text_hash"),
        "A statement for {first} to {last} was computed from the first {log_size} entries of this log.",
    ),
    "question.asked": EventType(
        "Question of the overseer",
        ("question", "due", "about?"),
        "The overseer asked, to be answered by {due}: {question}",
    ),
    "question.answered": EventType(
        "Answer to the overseer", ("outcome", "answer"), "A question of the overseer was {outcome}: {answer}"
    ),
    "finding.recorded": EventType(
        "Finding of an audit", ("source", "finding", "urgency"), "An audit found ({source}): {finding}"
    ),
    "action.due": EventType(
        "Action after a finding",
        ("finding", "action", "owner", "due"),
        "To be done by {due}, by the {owner}, after finding {finding}: {action}",
    ),
    "action.done": EventType("Action done", ("finding", "done"), "Done after finding {finding}: {done}"),
    "dictionary.loaded": EventType("Dictionary", ("version", "items"), "The data dictionary now has {items} items."),
    "term.loaded": EventType(
        "Census loaded",
        ("year", "term", "schools", "snapshot"),
        "The {term} {year} census of {schools} schools.",
    ),
    "organisation.changed": EventType(
        "Organisation changed",
        ("organisation", "former_name?", "changed", "before", "after", "reason"),
        "What is known of {organisation} changed: {reason}",
    ),
    "organisation.merged": EventType(
        "Organisation merged",
        ("organisation", "into", "into_id", "reason"),
        "{organisation} became part of {into}: {reason}",
    ),
    "share.imported": EventType(
        "Share from an earlier list",
        _SHARE,
        "A list from before this register says that {organisation} was given pupil data. This register did not see it.",
    ),
    "key.changed": EventType(
        "Key changed", ("key", "reason", "previous?", "endorsed?"), "The log's key changed: {reason}"
    ),
    "witnesses.changed": EventType(
        "Witnesses changed", ("witnesses", "quorum", "reason"), "Who watches this log changed; needed now: {quorum}."
    ),
    "clock.corrected": EventType("Clock corrected", ("reason",), "The clock before this entry was wrong: {reason}"),
}

EVENT_TYPES |= RIGHTS_EVENTS | CORRECTION_EVENTS
EVENT_TYPES |= ERASING_EVENTS
