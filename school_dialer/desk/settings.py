"""What the form of Dialer Settings asks: what is still missing, whether the carrier knows and reaches the school, what is said first."""

from dataclasses import asdict

import frappe
from frappe import _

from school_dialer.compliance.model import CHANNELS
from school_dialer.desk.support import access
from school_dialer.messages import store
from school_dialer.messages.model import SchoolIncomplete
from school_dialer.messages.spoken import opening, static_words
from school_dialer.settings import carrier_settings, live_checklist, webhook_probe
from school_dialer.settings.registration import samples
from school_dialer.wording import translated

SETTINGS = "Dialer Settings"
TESTS_A_MINUTE = 20


@frappe.whitelist()
def readiness() -> list[dict]:
	"""For each channel: whether calls can start, and every thing that is missing until then."""
	access.may("read", SETTINGS)
	return [
		{"channel": channel, "title": title, "missing": carrier_settings.missing_for(channel)}
		for channel, title in zip(CHANNELS, (_("Calls"), _("Texts")), strict=True)
	]


@frappe.whitelist()
def before_live() -> list[dict]:
	"""The checklist for Live mode on the saved settings, and then the advice: title, done, missing, optional, and what the button does,
	if there is one."""
	access.may("read", SETTINGS)
	doc = frappe.get_doc(SETTINGS)
	return [asdict(line) for line in [*live_checklist.checklist(doc), *live_checklist.advice(doc)]]


@frappe.whitelist(methods=["POST"])
def test_connection() -> dict:
	"""Ask the carrier for the account, with the saved credentials. Calls nobody.

	``name`` is the account's there; ``trial`` accounts call verified numbers only; ``pace`` is what the carrier tells of each
	sending number's calls a second, None where it does not tell.
	"""
	access.may("write", SETTINGS)
	access.not_too_often("test_connection", TESTS_A_MINUTE)
	found = carrier_settings.account()
	pace = carrier_settings.calls_per_second()
	live_checklist.remember(live_checklist.CONNECTION, account_trial=int(found.trial))
	return {"name": found.name, "trial": found.trial, "pace": pace}


@frappe.whitelist(methods=["POST"])
def test_webhooks() -> str:
	"""Ask the site itself, at its public URL, as the carrier would. Returns that URL; raises what went wrong, in words."""
	access.may("write", SETTINGS)
	access.not_too_often("test_webhooks", TESTS_A_MINUTE)
	webhook_probe.check_webhooks()
	live_checklist.remember(live_checklist.WEBHOOKS)
	return carrier_settings.settings().public_url or frappe.utils.get_url()


@frappe.whitelist()
def registration() -> list[dict]:
	"""What to paste into the carrier's form of registration for texts: label, text and, for what is sent as a text, its segments."""
	access.may("read", SETTINGS)
	try:
		found = samples.entries()
	except SchoolIncomplete as error:
		frappe.throw(translated(error, _))
	return [asdict(one) | {"label": translated(one.label, _)} for one in found]


@frappe.whitelist()
def openings() -> list[dict]:
	"""What everybody hears first, in each language: sentences, the voice's name, and the direction of writing."""
	access.may("read", SETTINGS)
	try:
		return [asdict(one) for one in opening.openings(store.school())]
	except SchoolIncomplete as error:
		frappe.throw(translated(error, _))


@frappe.whitelist()
def fallback_words() -> str:
	"""TwiML to copy to the carrier (for Twilio, into a TwiML Bin): what is said when this site does not answer. In the school's language
	and in those of its messages."""
	access.may("read", SETTINGS)
	try:
		return static_words.twiml(store.school(), store.languages())
	except SchoolIncomplete as error:
		frappe.throw(translated(error, _))
