"""Connect the caller on a log to the office."""

import frappe

from school_dialer.calls.office import dialogue, line
from school_dialer.messages.spoken import office_state
from school_dialer.messages.spoken.office_state import OfficeState


def connect(log_name: str, phone: str | None, language: str, about: str = "") -> str:
	"""Ring the office for the caller on this log and return the TwiML; if it is not rung, offer a message.

	`phone` (E.164) and `language` are the caller's, for a log that has none. `about` is the purpose of the
	call that the caller answers, which the office hears, or "" while it is not known who listens. A repeat
	gets the same again.
	"""
	log = completed(log_name, phone, language)
	before = OfficeState.of(log.office_dialogue)
	if not before.is_open:
		dials = line.start(log)
		dialogue.write_state(log, office_state.begin(before, dials=dials, about=about))
		log = dialogue.read_by_name(log_name)
	return dialogue.current(log)


def completed(log_name: str, phone: str | None, language: str):
	log = dialogue.read_by_name(log_name)
	missing = {"phone": phone} if phone and not log.phone else {}
	if language and not log.language:
		missing["language"] = language
	if missing:
		frappe.db.set_value("Dialer Call Log", log_name, missing, update_modified=False)
		log.update(missing)
	return log
