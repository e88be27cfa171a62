"""Arguments for each whitelisted method of the Desk, naming the rows of one side of a district."""

import json
from collections.abc import Callable

from tests.integration.roles.attempts import required
from tests.integration.roles.two_schools import Side

NOT_STAFF = ("webhooks.", "health.endpoint.")
"""Methods for the carrier and for a monitor, which show no user anything."""
OF_FRAPPE = ("desk.exports.", "desk.linked.")
"""Methods in place of Frappe's own. They read their arguments from the request, and Frappe's lists."""
ACTS = (
	"desk.campaigns.approve",
	"desk.campaigns.ask_again",
	"desk.campaigns.back_to_draft",
	"desk.campaigns.cancel",
	"desk.campaigns.correct",
	"desk.campaigns.link_questions",
	"desk.campaigns.pause",
	"desk.campaigns.rehearse",
	"desk.campaigns.reject",
	"desk.campaigns.resend",
	"desk.campaigns.resume",
	"desk.campaigns.schedule",
	"desk.campaigns.send_test",
	"desk.campaigns.start",
	"desk.campaigns.undo_correction",
	"desk.consent.confirm_form",
	"desk.consent.correct_opt_out",
	"desk.consent.record_",
	"desk.consent.undo_opt_out",
	"desk.families.consent_answers.",
	"desk.district.recovery.",
	"desk.district.rosters.",
	"desk.families.lookups.st",
	"desk.consent.verify",
	"desk.families.consent_drives.c",
	"desk.families.consent_drives.refresh",
	"desk.families.consent_drives.start",
	"desk.emergency_kit.items.",
	"desk.emergency_kit.starts.start",
	"desk.inbox.absences.",
	"desk.inbox.answers.revoke_file",
	"desk.inbox.answers.share_file",
	"desk.inbox.conversations.close",
	"desk.inbox.conversations.mark_read",
	"desk.inbox.conversations.re",
	"desk.inbox.conversations.undo",
	"desk.inbox.manual_calls.call",
	"desk.inbox.manual_calls.claim",
	"desk.inbox.manual_calls.give_up",
	"desk.inbox.manual_calls.keep",
	"desk.inbox.manual_calls.note_outcome",
	"desk.inbox.manual_calls.release",
	"desk.inbox.manual_calls.take_next",
	"desk.inbox.manual_calls.undo",
	"desk.own_number.",
	"desk.pins.",
	"desk.privacy.end_choice",
	"desk.privacy.release_hold",
	"desk.recordings.call_me",
	"desk.recordings.upload",
	"desk.rules.approve",
	"desk.rules.drop",
	"desk.rules.switch_",
	"desk.teachers.",
	"desk.templates.anybody",
	"help_desk.actions.close_review",
	"help_desk.actions.log_opt_out",
	"help_desk.actions.record_consent",
	"help_desk.actions.send_preference_link",
	"help_desk.actions.wrong_number",
)
"""Methods that do something, or draw at random: their answers are not compared."""
PLAIN = {
	"audience_source": "CSV file",
	"basis": "number provided",
	"choices": {},
	"code_sent": "000000",
	"count": 0,
	"day": "2026-01-05",
	"docname": "none",
	"doctype": "Dialer Recipient",
	"file": "none",
	"filters": {},
	"given_at": "2026-01-01 10:00:00",
	"group": "ALLOW",
	"language": "en",
	"note": "Tried for the matrix.",
	"number": "not a number",
	"pin": "48291",
	"reason": "Tried for the matrix.",
	"seen": "none",
	"signature": "Tried for the matrix.",
	"variant": "voice",
	"wording": "The enrolment form of 2026.",
	"words": "Tried for the matrix.",
}
"""A value for each required parameter that names no row."""
CONVERSATION, FAMILY = "Dialer Conversation", "Dialer Manual Call"
KIT_ITEM = "Dialer Emergency Kit Item"


def for_staff(methods: dict[str, Callable]) -> dict[str, Callable]:
	return {path: one for path, one in methods.items() if not path.startswith((*NOT_STAFF, *OF_FRAPPE))}


def of(side: Side, path: str, method: Callable) -> tuple[dict, list[str]]:
	"""Return the arguments, and the names of those that are required and not known here."""
	known = {**PLAIN, **common(side), **special(side, path)}
	wanted = list(required(method))
	missing = [name for name in wanted if name not in known]
	return {name: known[name] for name in wanted if name in known} | special(side, path), missing


def common(side: Side) -> dict:
	"""Return a value for each parameter that means the same in every method."""
	return {
		"answer": side.of("Dialer Answer"),
		"campaign": side.of("Dialer Campaign"),
		"consent_answer": side.of("Dialer Consent Answer"),
		"doc": {"doctype": "Dialer Message Template", "template_name": "T", "purpose": "Event"},
		"file_url": "none",
		"job": "none",
		"message": side.of("Dialer Conversation Message"),
		"names": [side.of("Dialer Recording")],
		"person_doctype": side.person[0],
		"person": side.person[1],
		"phone": side.phone,
		"recipient": side.of("Dialer Recipient"),
		"recording": side.of("Dialer Recording"),
		"reference_doctype": side.person[0],
		"reference_name": side.person[1],
		"rule": side.of("Dialer Rule"),
		"run_name": side.of("Dialer Rule Run"),
		"template": side.of("Dialer Message Template"),
	}


def special(side: Side, path: str) -> dict:
	"""Return what is meant by `name`, and by optional parameters that name rows."""
	for start, doctype in OF_NAME.items():
		if path.startswith(start):
			return {"name": side.of(doctype)} | more(side, path)
	return more(side, path)


OF_NAME = {
	"desk.consent.confirm_form": "Consent Event",
	"desk.consent.correct_opt_out": "Consent Event",
	"desk.consent.undo_opt_out": "Consent Event",
	"desk.decisions.explain": "Dialer Recipient",
	"desk.inbox.absences.settle": "Dialer Absence Report",
	"desk.inbox.answers.revoke_file": "Dialer Shared File",
	"desk.inbox.answers.saved_replies": CONVERSATION,
	"desk.inbox.answers.share": CONVERSATION,
	"desk.inbox.conversations.": CONVERSATION,
	"desk.inbox.manual_calls.c": FAMILY,
	"desk.inbox.manual_calls.give_up": FAMILY,
	"desk.inbox.manual_calls.keep": FAMILY,
	"desk.inbox.manual_calls.note_outcome": FAMILY,
	"desk.inbox.manual_calls.release": FAMILY,
	"desk.inbox.manual_calls.undo": FAMILY,
	"desk.inbox.transcripts.export": CONVERSATION,
	"desk.privacy.end_choice": "Dialer Privacy Choice",
	"desk.privacy.release_hold": "Dialer Legal Hold",
	"help_desk.actions.close_review": "Dialer Review",
}


OF_RESTORES = ("allow_emergencies", "end_safe_mode", "progress", "start_reconcile")


def more(side: Side, path: str) -> dict:
	consent = {"contact_consent": side.of("Contact Consent")}
	person = {"doctype": side.person[0], "name": side.person[1]}
	return {
		"desk.campaigns.correct": {"confirmed": 1},
		"desk.campaigns.resend": {"way": "Text"},
		"desk.figures.week": {"school": side.school},
		"desk.consent.record_consent": consent,
		"desk.consent.verify": {**consent, "note": "Asked."},
		"desk.inbox.absences.enter": {
			**{"student": (side.students or ("none",))[0], "kind": "Absence", "first_day": "2026-01-05"},
		},
		"desk.inbox.absences.settle": {"status": "Withdrawn"},
		"desk.inbox.manual_calls.note_outcome": {"outcome": "Reached"},
		"desk.inbox.transcripts.export": {"doctype": CONVERSATION},
		"desk.numbers.find": {"text": side.tag},
		"desk.numbers.may_call": {"phone": side.phone},
		"desk.numbers.names_of": {
			"people": [list(side.person), ["Student", (side.students or ("none",))[0]]]
		},
		"desk.numbers.on_this_record": {"doctype": "Contact Consent", "name": side.of("Contact Consent")},
		"desk.numbers.story": {"phone": side.phone},
		"desk.privacy.erase_person": consent,
		"desk.privacy.export_person": person,
		"desk.district.recovery.add_journal": {"restore": "none", "file": "none"},
		"desk.district.proof.export": {"phone": side.phone},
		**of_families(side),
		**{f"desk.district.recovery.{each}": {"restore": "none"} for each in OF_RESTORES},
		"desk.district.recovery.enter_receipt": {"restore": "none", "text": "none"},
		"desk.district.rosters.check": {"roster": "none"},
		"desk.district.rosters.progress": {"roster": "none"},
		"desk.district.rosters.start": {"roster": "none"},
		"desk.emergency_kit.items.approve": {"item": side.of(KIT_ITEM), "seen": "none"},
		"desk.emergency_kit.starts.start": {"item": side.of(KIT_ITEM), "key": "0" * 32},
		"desk.emergency_kit.starts.groups": {"start": side.of("Dialer Emergency Start")},
		"desk.emergency_kit.starts.state": {"start": side.of("Dialer Emergency Start")},
		"desk.teachers.approvals.approve": {"campaigns": json.dumps([side.of("Dialer Campaign")])},
		"desk.teachers.approvals.send_back": {"campaigns": json.dumps([side.of("Dialer Campaign")])},
		"desk.teachers.messages.preview": {"channel": "Text"},
		"desk.teachers.messages.send": {"channel": "Text"},
		"desk.recipients.results": {"campaign": side.of("Dialer Campaign")},
		"desk.rules.read_aloud": {"rule": {"title": "Matrix"}},
		"desk.templates.languages": {
			**{"doctype": "Language", "txt": "es", "searchfield": "name"},
			**{"start": 0, "page_len": 5},
		},
		"desk.templates.preview": dict(zip(("person_doctype", "person"), side.person, strict=True)),
	}.get(path, {})


def of_families(side: Side) -> dict:
	path, drive = "desk.families.consent_drives.", {"drive": side.of("Dialer Consent Drive")}
	lookups = "desk.families.lookups."
	letters = {"letters_name": side.of("Dialer Consent Letters")}
	return {
		**{path + method: drive for method in ("count", "refresh", "state")},
		path + "card": {"student": (side.students or ("none",))[0]},
		path + "change": {**drive, "action": "pause"},
		path + "change_letters": {**letters, "action": "hand_out"},
		path + "start": {**drive, "families": 0},
		lookups + "estimate": {"older_than_days": 0},
		**{lookups + method: {"run": "none"} for method in ("progress", "start", "stop")},
	}
