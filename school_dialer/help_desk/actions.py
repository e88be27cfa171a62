"""Help desk actions on consent from the record an agent has open.

That is an issue, ticket, contact, student or guardian. The agent needs a role of the dialer and permission to
read the record. A number is chosen by its place on the record, so that the agent need not see it, or is typed
as the caller gives it. No response contains a full number.
"""

from dataclasses import replace
from typing import NoReturn

import frappe
from frappe import _

from school_dialer.audience import on_record
from school_dialer.audience.base import country_code
from school_dialer.base import roles
from school_dialer.base.phone import InvalidNumber, mask, parse
from school_dialer.base.refusal import throw
from school_dialer.base.roles import AGENTS, MANAGERS
from school_dialer.consent import by_staff
from school_dialer.consent.by_staff import TICKETS, say_on_ticket
from school_dialer.consent.choices import preference_link, rate_limits
from school_dialer.consent.events import Evidence
from school_dialer.consent.replies import answer_limits, known_number, reviews
from school_dialer.gate import stopped_elsewhere
from school_dialer.help_desk import mail_recipient, own_words
from school_dialer.reporting import standing
from school_dialer.settings import school_numbers

LONGEST_WORDS = 1_000
DAY = 24 * 3600
MAILS_A_DAY = 3
"""Links by e-mail per day for one number, as many as the preference page sends by text."""


@frappe.whitelist()
def prefill(reference_doctype: str, reference_name: str | int) -> dict:
	"""Return the numbers on a record and on the people it names.

	The shape is `{"numbers": [{"key", "number" (masked), "doctype", "who"}], "wording"}`. `wording` is what
	the person wrote last on a ticket, or "".
	"""
	reference_name = _check(reference_doctype, reference_name)
	rate_limits.look_up()
	numbers = on_record.numbers_on(reference_doctype, reference_name)
	return {
		"numbers": [each.as_offered() for each in numbers],
		"wording": latest_words(reference_doctype, reference_name),
	}


@frappe.whitelist()
def opted_out(reference_doctype: str, reference_name: str | int) -> list[str]:
	"""Return a sentence for each opt-out in force for a number on the record, with the masked number."""
	reference_name = _check(reference_doctype, reference_name)
	numbers = on_record.numbers_on(reference_doctype, reference_name)
	on_file = standing.of_numbers([each.phone for each in numbers])
	return [
		f"{mask(phone)} {line['text']}"
		for phone, lines in on_file.items()
		for line in lines
		if line["state"] == standing.OPTED_OUT
	]


def latest_words(doctype: str, name: str) -> str:
	"""Return what the person wrote last on a ticket, without what it quotes. Return "" on other records."""
	if doctype not in TICKETS:
		return ""
	received = frappe.get_all(
		"Communication",
		{"reference_doctype": doctype, "reference_name": name, "sent_or_received": "Received"},
		pluck="content",
		order_by="communication_date desc, creation desc",
		limit=1,
	)
	written = received[0] if received else frappe.db.get_value(doctype, name, "description")
	return own_words.message_of(written or "").above.strip()[:LONGEST_WORDS]


@frappe.whitelist(methods=["POST"])
def log_opt_out(
	reference_doctype: str,
	reference_name: str | int,
	phone: str,
	scope: str = "all non-emergency",
	channel: str = "Any",
	purpose: str | None = None,
	note: str | None = None,
	wording: str | None = None,
	school: str | None = None,
) -> dict:
	"""Record that a person does not want to be called.

	`phone` is a number as the caller gave it, or a `key` of `prefill`; `wording` is the person's own words.
	`school` is the Dialer School that the scope "this school" means. The opt-out is in force by the time this
	returns.
	"""
	reference_name = _check(reference_doctype, reference_name)
	number, on_file = _number(reference_doctype, reference_name, phone)
	answer = by_staff.opt_out(
		number,
		_evidence(reference_doctype, reference_name, note, wording),
		scope=scope,
		channel=channel,
		purpose=purpose,
		school=school,
		person_doctype=on_file and on_file.doctype,
		person=on_file and on_file.name,
	)
	say_on_ticket(reference_doctype, reference_name, _("Logged an opt-out for {0}.").format(answer["number"]))
	return answer


@frappe.whitelist(methods=["POST"])
def record_consent(
	reference_doctype: str,
	reference_name: str | int,
	phone: str,
	basis: str,
	wording: str,
	channel: str = "Any",
	purpose: str = "All",
	note: str | None = None,
	attachment: str | None = None,
) -> dict:
	"""Record consent that a person gave to the agent, or in a form they signed.

	`attachment` is the URL of the signed form, a file that the user may read. `opted_out` in the result is
	true if an opt-out is in force, which only the person's own signed form undoes, once another manager has
	looked at it.
	"""
	reference_name = _check(reference_doctype, reference_name)
	if not set(MANAGERS) & set(frappe.get_roles()):
		throw(_("This is for the roles {0}.").format(", ".join(map(_, MANAGERS))), frappe.PermissionError)
	number, on_file = _number(reference_doctype, reference_name, phone)
	evidence = _evidence(reference_doctype, reference_name, note, wording)
	if attachment:
		frappe.get_doc("File", {"file_url": attachment}).check_permission("read")
		evidence = replace(evidence, source=by_staff.SIGNED_FORM, attachment=attachment)
	who = (on_file.doctype, on_file.name) if on_file else (reference_doctype, reference_name)
	person_doctype, person = who if who[0] in on_record.PHONE_FIELDS else (None, None)
	return by_staff.consent(
		number,
		evidence,
		elsewhere=bool(attachment) and stopped_elsewhere(number, person_doctype, person),
		channel=channel,
		purpose=purpose,
		basis=basis,
		person_doctype=person_doctype,
		person=person,
	)


@frappe.whitelist(methods=["POST"])
def wrong_number(
	reference_doctype: str,
	reference_name: str | int,
	phone: str,
	note: str | None = None,
	wording: str | None = None,
) -> dict:
	"""Record that the number belongs to someone else, which ends everything recorded for it."""
	reference_name = _check(reference_doctype, reference_name)
	number, _known = _number(reference_doctype, reference_name, phone)
	evidence = _evidence(reference_doctype, reference_name, note, wording)
	answer = by_staff.wrong_number(number, evidence)
	message = _("Recorded that {0} belongs to someone else.").format(answer["number"])
	say_on_ticket(reference_doctype, reference_name, message)
	return answer


@frappe.whitelist(methods=["POST"])
def send_preference_link(
	reference_doctype: str, reference_name: str | int, phone: str, by: str = "Text"
) -> dict:
	"""Send the person a private link to their choices, and return the masked number.

	The link goes by text to a number on record, or by e-mail to the address on record with the number, never
	to an address that someone supplies. What a user writes on their own User record is no record of a person.
	Raises TooManyRequestsError over the limits.
	"""
	reference_name = _check(reference_doctype, reference_name)
	number, on_file = _number(reference_doctype, reference_name, phone)
	if on_file and on_file.doctype == "User":
		on_file = None
	if by != preference_link.EMAIL:
		if school_numbers.is_own(number) or not (on_file or known_number.is_known(number)):
			throw(
				_("Links are sent to numbers on record only. Enter the number on the person's record first.")
			)
		if not preference_link.send_by_text(number):
			_too_many()
		return {"number": mask(number)}
	address = mail_recipient.address_of(on_file) if on_file else ""
	if not address:
		throw(_("There is no e-mail address on record beside this number. Send the link by text."))
	if rate_limits.over("link by mail", number, MAILS_A_DAY, DAY) or mails_are_full():
		_too_many()
	link = preference_link.url(preference_link.issue(number, sent_by=preference_link.EMAIL))
	choose = _("Choose what we may call or text you about: {0}").format(f'<a href="{link}">{link}</a>')
	alone = _("This link is only for you and works for 7 days.")
	frappe.sendmail(
		recipients=[address],
		subject=_("Your choices for calls and texts"),
		message=f"{choose}<p>{alone}</p>",
	)
	return {"number": mask(number)}


@frappe.whitelist(methods=["POST"])
def close_review(name: str, note: str) -> None:
	"""Close a Dialer Review with a note of what was done.

	A Compliance Officer closes those about privacy choices.
	"""
	_only_for_agents()
	review = frappe.get_doc(reviews.DOCTYPE, name)
	review.check_permission("read")
	if review.reason == reviews.CONFIRM and roles.OFFICER not in frappe.get_roles():
		throw(_("A Compliance Officer confirms privacy choices."), frappe.PermissionError)
	if not note.strip():
		throw(_("Say what was done."))
	reviews.close(name, note)


def mails_are_full() -> bool:
	"""Count one link by e-mail for the current user, and return whether it exceeds the daily limit."""
	user = frappe.session.user
	return user not in answer_limits.NO_AGENTS and rate_limits.over(
		"links mailed by", user, answer_limits.AGENT_A_DAY, DAY
	)


def _too_many() -> NoReturn:
	throw(
		_(
			"This number, or you, had as many messages of this kind today as are sent. Send the link "
			"tomorrow."
		),
		frappe.TooManyRequestsError,
	)


def _only_for_agents() -> None:
	if not set(AGENTS) & set(frappe.get_roles()):
		throw(_("This is for the roles {0}.").format(", ".join(map(_, AGENTS))), frappe.PermissionError)


def _check(doctype: str, name: str | int) -> str:
	"""Check the user's role and permission, and return the record's name as the ledger stores it, a string.

	Helpdesk numbers its tickets and sends the number.
	"""
	_only_for_agents()
	if doctype not in on_record.RECORDS or not frappe.db.exists("DocType", doctype):
		throw(_("Opt-outs are logged from these records: {0}.").format(", ".join(on_record.RECORDS)))
	frappe.get_doc(doctype, name).check_permission("read")
	return str(name)


def _number(doctype: str, name: str, text: str) -> tuple[str, on_record.NumberOnRecord | None]:
	"""Return the number in E.164 form and its entry on the record, or None if the record does not have it."""
	numbers = on_record.numbers_on(doctype, name)
	for each in numbers:
		if text == each.key:
			return each.phone, each
	try:
		number = parse(text, country_code()).e164
	except InvalidNumber as error:
		throw(_("This is not a telephone number: {0}.").format(_(error.reason)))
	return number, next((each for each in numbers if each.phone == number), None)


def _evidence(doctype: str, name: str, note: str | None, wording: str | None) -> Evidence:
	return Evidence(
		source="Ticket" if doctype in TICKETS else "Agent",
		actor=frappe.session.user,
		note=note,
		wording=wording,
		reference_doctype=doctype,
		reference_name=name,
	)
