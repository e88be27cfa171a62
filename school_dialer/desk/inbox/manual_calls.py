"""API of the page on which staff phone the families that no call reached.

No response holds a number in full. A family that names a student is for users who may read the student
(`privacy.student_rows`).
"""

from datetime import datetime

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.audience import student_access
from school_dialer.base import clock, roles
from school_dialer.base.bounds import plain_text
from school_dialer.base.database.transactions import retried
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.calls.own_number import sample_call
from school_dialer.campaigns.parties.rows import lines_of
from school_dialer.compliance.vocabulary import SCOPES
from school_dialer.desk.support import access
from school_dialer.desk.support.arguments import read_argument
from school_dialer.manual_calls import claiming, listing, outcomes, placing, script, work
from school_dialer.manual_calls.listing import DOCTYPE
from school_dialer.messages.language import direction, display_name
from school_dialer.privacy import student_rows
from school_dialer.schools import registry

MOST_LANGUAGES = 50
CALLS_A_MINUTE, CLAIMS_A_MINUTE = 6, 30
SHOWN_WORKING, SHOWN_DONE = 50, 10


@frappe.whitelist()
def board() -> dict:
	"""Return what the page shows beside the family that the user has.

	- `counts`: {purpose, language, language_name, waiting, later, claimed} by urgency and language.
	- `mine`: the family the user has, or "".
	- `language`: the user's own. `number`: their own number, masked, or "".
	- `working`: for managers, who has which family, as {name, title, by, until, in_call}.
	- `done`: the outcomes that the user noted last, as {name, title, outcome, at, may_undo}.
	"""
	access.only_for(roles.AGENTS)
	user = frappe.session.user
	return {
		"counts": [
			{**row, "language_name": language_name(row.language)}
			for row in listing.counts(student_rows.narrowing(DOCTYPE), clock.db_now())
		],
		"mine": claiming.current_of(user) or "",
		"language": frappe.local.lang or "en",
		"number": sample_call.masked_number(user),
		"working": working() if is_manager() else [],
		"done": done(user),
	}


def is_manager() -> bool:
	return not set(roles.MANAGERS).isdisjoint(frappe.get_roles())


def language_name(code: str) -> str:
	return display_name(code, frappe.local.lang or "en") or code or _("Not known")


def working() -> list[dict]:
	rows = frappe.get_list(
		DOCTYPE,
		{"status": ("in", work.WITH_PERSON), "claimed_until": (">", clock.db_now())},
		["name", "person_name", "purpose", "claimed_by", "claimed_until", "agent_log"],
		order_by="claimed_until",
		limit=SHOWN_WORKING,
	)
	return [
		{
			"name": row.name,
			"title": row.person_name or "",
			"purpose": row.purpose,
			"by": frappe.utils.get_fullname(row.claimed_by),
			"until": str(row.claimed_until),
			"in_call": claiming.in_call(row),
		}
		for row in rows
	]


def done(user: str) -> list[dict]:
	since = clock.to_db(clock.now() - work.UNDO)
	rows = frappe.get_list(
		DOCTYPE,
		{"done_by": user, "done_at": (">", since), "outcome": ("in", work.OUTCOMES)},
		["name", "person_name", "outcome", "done_at", "status"],
		order_by="done_at desc",
		limit=SHOWN_DONE,
	)
	return [
		{
			"name": row.name,
			"title": row.person_name or "",
			"outcome": row.outcome,
			"at": str(row.done_at),
			"may_undo": row.outcome not in work.RECORDED and row.status not in work.WITH_PERSON,
		}
		for row in rows
	]


@frappe.whitelist()
def card(name: str) -> dict:
	"""Return the family: who, which students, the words to say, the numbers, and how a call is going.

	- `script`: the campaign's words, each as {language, language_name, direction, text}; the first is the
	  family's.
	- `school`: the school of a district whose call it is, "" if it is the district's.
	- `about_records`: the words tell of a student's records, which not everyone who picks up may hear.
	- `lines`: the household's numbers, masked, as {person, number, current}.
	- `until` is when the user's claim ends, in site time. `refusal` says why no one may phone now, or "".
	"""
	doc, row = readable(name)
	campaign = frappe.get_cached_doc("Dialer Campaign", row.campaign)
	answer = listing.permitted(campaign, [row])[row.name]
	names = student_access.visible_names(row.students)
	return {
		"name": row.name,
		"title": row.person_name or _("Unknown"),
		"status": row.status,
		"purpose": row.purpose,
		"school": (registry.find(row.school) and row.school) or "",
		"why": doc.why,
		"campaign": row.campaign,
		"campaign_title": campaign.title,
		"language": row.language or "",
		"language_name": language_name(row.language or ""),
		"students": [names.get(student, student) for student in row.students],
		"number": row.phone_masked,
		"attempts": row.attempts,
		"note": row.note or "",
		"until": str(row.claimed_until or ""),
		"refusal": "" if answer.decision.allowed else placing.refusal(answer.decision),
		"script": [in_words(part) for part in script.words(row, answer.students, frappe.local.lang or "en")],
		"about_records": gate.CallContext.of(campaign).about_records(),
		"lines": lines(row),
		"call": state_of(row),
	}


def in_words(part: script.Words) -> dict:
	return {
		"language": part.language,
		"language_name": language_name(part.language),
		"direction": direction(part.language),
		"text": part.text,
	}


def lines(row) -> list[dict]:
	recipient = frappe.get_doc("Dialer Recipient", row.recipient)
	lines_there = lines_of(recipient)
	visible = student_access.visible(
		[(line.person_doctype, line.person, line.students) for line in lines_there]
	)
	return [
		{
			"person": line.person_name if may else student_access.name_not_shown(),
			"number": mask(line.phone) if may else "",
			"current": line.phone == row.phone,
		}
		for line, may in zip(lines_there, visible, strict=True)
	]


def state_of(row) -> dict:
	return {**script.call_state(row), "refused": row.refused or "", "until": str(row.claimed_until or "")}


@frappe.whitelist()
def call_state(name: str) -> dict:
	"""Return how the call is going: {stage, status, duration, refused, until}."""
	_doc, row = readable(name)
	return state_of(row)


@frappe.whitelist(methods=["POST"])
def take_next(languages: str | list | None = None) -> dict:
	"""Claim the most urgent family in one of these languages (codes; all if empty).

	Returns `name`, or "" if there is none.
	"""
	access.only_for(roles.AGENTS)
	access.not_too_often("manual_claim", CLAIMS_A_MINUTE)
	chosen = [str(code)[:20] for code in read_argument(languages or [], list)[:MOST_LANGUAGES]]
	user, condition = frappe.session.user, student_rows.narrowing(DOCTYPE)
	return {"name": retried(lambda: claiming.next_family(user, chosen, condition)) or ""}


@frappe.whitelist(methods=["POST"])
def claim(name: str) -> None:
	"""Claim this family. Raises ValidationError, with the reason, if another person or the machine has it."""
	readable(name)
	access.not_too_often("manual_claim", CLAIMS_A_MINUTE)
	retried(lambda: claiming.claim(name, frappe.session.user))


@frappe.whitelist(methods=["POST"])
def keep(name: str) -> None:
	"""Keep the family for longer."""
	readable(name)
	retried(lambda: claiming.keep(name, frappe.session.user))


@frappe.whitelist(methods=["POST"])
def release(name: str) -> None:
	"""Give the family back to the list: the user's own, or as a manager anyone's."""
	doc, _row = readable(name)
	others = bool(doc.claimed_by) and doc.claimed_by != frappe.session.user
	if others:
		access.only_for(roles.MANAGERS)
	retried(lambda: claiming.release(name, "" if others else frappe.session.user))


@frappe.whitelist(methods=["POST"])
def give_up(name: str, note: str = "") -> None:
	"""Take the family off the list, as a manager: no one is to phone it any more."""
	access.only_for(roles.MANAGERS)
	readable(name)
	retried(lambda: outcomes.give_up(name, frappe.session.user, note))


@frappe.whitelist(methods=["POST"])
def call(name: str, line: int | None = None) -> dict:
	"""Ring the user's own phone, to be connected to this family. Returns what `call_state` returns.

	`line` is the place of one of the card's `lines`.
	"""
	readable(name)
	access.not_too_often("manual_call", CALLS_A_MINUTE)
	placing.call(name, frappe.session.user, line)
	return call_state(name)


@frappe.whitelist(methods=["POST"])
def note_outcome(
	name: str,
	outcome: str,
	note: str = "",
	later: str | None = None,
	scope: str = "all non-emergency",
	own_phone: int = 0,
) -> dict:
	"""Note what came of the call, and return the `status` of the family in the list then.

	`later` is when to call again, in site time. `scope` is what the person asked to stop. `own_phone`: the
	call was made with another phone than by this page.
	"""
	readable(name)
	if scope not in SCOPES or outcome not in work.OUTCOMES:
		throw(_("Choose what came of the call."))
	noted = outcomes.Noted(outcome, note, moment(later), scope, bool(own_phone))
	return {"status": retried(lambda: outcomes.note(name, frappe.session.user, noted))}


def moment(text: str | None) -> datetime | None:
	try:
		return clock.from_db(text) if text else None
	except (ValueError, OverflowError):
		throw(_("This is not a date and time: {0}").format(plain_text.line(text)))


@frappe.whitelist(methods=["POST"])
def undo(name: str) -> None:
	"""Take back the outcome that the user noted last. The family is with them again."""
	readable(name)
	retried(lambda: outcomes.take_back(name, frappe.session.user))


def readable(name: str):
	"""Return (document, row) of a family, for an agent who may read it."""
	access.only_for(roles.AGENTS)
	doc = access.get_record(DOCTYPE, name)
	doc.check_permission("read")
	row = frappe.db.get_value(DOCTYPE, name, [*claiming.READ], as_dict=True)
	return doc, listing.with_students([row])[0]
