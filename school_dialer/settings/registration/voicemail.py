"""The toll-free number that a voicemail leaves, and whether it reaches the automated opt-out.

47 CFR 64.1200(b)(3): a message on a voicemail provides "a toll free number that enables the called person to
call back at a later time and connect directly to the automated, interactive voice- and/or key press-activated
opt-out mechanism". That mechanism is `inbound_calls.answer`, so a call to the number that arrives there is
the proof.
"""

from collections.abc import Iterator

import frappe
from frappe import _

from school_dialer.audience.base import country_code
from school_dialer.messages import store
from school_dialer.settings import carrier_settings
from school_dialer.settings.checklist_item import FIELD, ChecklistItem

REACHED = "opt_out_reached"
"""The field that holds the number through which a call has reached this site."""


def checklist_items(doc) -> Iterator[ChecklistItem]:
	"""Yield one item if a US school calls. `doc` is Dialer Settings, saved or not."""
	calls = any(row.enabled and "Voice" in (row.channel or "") for row in doc.sending_numbers)
	if not calls or country_code(doc.default_country) != "US":
		return
	number = store.opt_out_number(doc)
	missing = _(
		"Voicemail must leave a toll-free number at which the calls can be stopped. Enter one of your "
		"carrier account, and point its incoming calls at {0}."
	).format(carrier_settings.webhook_url("inbound_call"))
	if number:
		missing = _(
			"Call {0} once from any phone: no call to it has reached this site yet. Point its incoming calls "
			"at {1}."
		).format(number, carrier_settings.webhook_url("inbound_call"))
	done = bool(number) and doc.get(REACHED) == number
	yield ChecklistItem(_("Toll-free number to stop calls"), done, missing, (FIELD, "opt_out_number"))


def opt_out_reached(called: str) -> None:
	"""Record that a call to `called` reached the automated opt-out, if voicemail leaves that number.

	Written only once per number.
	"""
	doc = carrier_settings.settings()
	if called and called != doc.get(REACHED) and called == store.opt_out_number(doc):
		frappe.db.set_single_value("Dialer Settings", REACHED, called, update_modified=False)
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
