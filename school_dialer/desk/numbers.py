"""What is asked about a number: may it be called now, and its story. A number is posted, never in a URL; no answer holds one."""

from dataclasses import asdict

import frappe
from frappe import _

from school_dialer.compliance.model import CHANNELS, PURPOSES
from school_dialer.desk import access
from school_dialer.desk.decisions import explained
from school_dialer.dialing import inquiry
from school_dialer.phone import mask

QUESTIONS_A_MINUTE = 300
LONGEST_STORY = 500


@frappe.whitelist(methods=["POST"])
def may_call(
	phone: str,
	channel: str = "Voice",
	purpose: str = "General",
	person_doctype: str | None = None,
	person: str | None = None,
) -> dict:
	"""May this number be called (or texted) now, and why or why not: `explained`, the masked number and `may_call`.

	With a person, the address and the court orders on that record count as well; the user has to have the right to read it.
	It permits nothing: whoever dials by other means answers for the time in between.
	"""
	access.only_for(access.AGENTS)
	access.not_too_often("may_call", QUESTIONS_A_MINUTE)
	number = access.number(phone)
	one_of(channel, CHANNELS)
	one_of(purpose, PURPOSES)
	may_read_person(person_doctype, person)
	record = inquiry.decide(number, channel, purpose, person_doctype, person)
	return {
		"number": mask(number),
		"channel": channel,
		"purpose": purpose,
		"may_call": record["verdict"] == "ALLOW",
		**explained(record),
	}


@frappe.whitelist(methods=["POST"])
def story(phone: str, limit: int = 100) -> dict:
	"""What happened to a number, the latest first: consent events, calls and texts. Times are the site's."""
	access.only_for(access.AGENTS)
	access.not_too_often("story", QUESTIONS_A_MINUTE)
	number = access.number(phone)
	most = min(max(frappe.utils.cint(limit), 1), LONGEST_STORY)
	return {"number": mask(number), "story": [asdict(one) for one in inquiry.story(number, most)]}


def one_of(value: str, allowed: tuple[str, ...]) -> None:
	if value not in allowed:
		frappe.throw(
			_("{0} is none of: {1}.").format(frappe.utils.escape_html(str(value)[:40]), ", ".join(allowed))
		)


def may_read_person(doctype: str | None, name: str | None) -> None:
	if not (doctype or name):
		return
	if not (doctype and name and frappe.db.exists("DocType", doctype) and frappe.db.exists(doctype, name)):
		frappe.throw(_("There is no such person on record."), frappe.DoesNotExistError)
	access.may("read", doctype, name)
