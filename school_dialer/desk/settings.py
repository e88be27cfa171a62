"""API for the form of Dialer Settings.

It reports what is missing, whether the carrier recognizes and reaches the school, and how calls and texts
begin.
"""

from dataclasses import asdict

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.compliance.vocabulary import CHANNELS
from school_dialer.desk.support import access
from school_dialer.messages import store
from school_dialer.messages.model import SchoolIncomplete
from school_dialer.messages.spoken import opening, static_words
from school_dialer.settings import (
	addresses,
	carrier_accounts,
	carrier_settings,
	incoming,
	live_checklist,
	webhook_probe,
)
from school_dialer.settings.registration import samples

SETTINGS = "Dialer Settings"
TESTS_A_MINUTE = 20


def may(permission: str) -> None:
	"""Raise PermissionError unless the user has this permission on the settings, which are the district's."""
	access.may(permission, SETTINGS)
	access.only_for_district()


@frappe.whitelist()
def readiness() -> list[dict]:
	"""Return, for each channel, everything that is missing before calls can start.

	``note`` says that no phone rings if the carrier is the pretend one, and is "" otherwise. ``asks`` says
	that the tests ask the school's own account in Simulated mode, and is "" if they do not.
	"""
	may("read")
	notes = {"note": carrier_settings.about_pretending(), "asks": carrier_settings.about_asking()}
	return [
		{"channel": channel, "title": title, "missing": carrier_settings.missing_for(channel), **notes}
		for channel, title in zip(CHANNELS, (_("Calls"), _("Texts")), strict=True)
	]


@frappe.whitelist()
def before_live() -> list[dict]:
	"""Return the checklist for Live mode on the saved settings, followed by the advice.

	Each entry has title, done, missing, optional, and what its button does, if it has one.
	"""
	may("read")
	doc = frappe.get_doc(SETTINGS)
	return [asdict(line) for line in [*live_checklist.checklist(doc), *live_checklist.advice(doc)]]


@frappe.whitelist(methods=["POST"])
def test_connection() -> dict:
	"""Query the carrier for the account with the saved credentials. Places no calls.

	``name`` is the account's name at the carrier; ``trial`` accounts can call only verified numbers; ``pace``
	maps each sending number to its calls per second as reported by the carrier, or None if the carrier does
	not report it. ``others`` are the other accounts in use, each with its ``title`` and ``name``.
	"""
	may("write")
	access.not_too_often("test_connection", TESTS_A_MINUTE)
	refuse_pretending()
	first = carrier_settings.account()
	others = [test_other(account) for account in carrier_accounts.in_use() if not account.is_first]
	pace = carrier_settings.calls_per_second()
	live_checklist.remember(live_checklist.CONNECTION, account_trial=int(first.trial))
	return {"name": first.name, "trial": first.trial, "pace": pace, "others": others}


def refuse_pretending() -> None:
	"""Raise `NotReady` with the pretend carrier: what it answers says nothing about Live mode."""
	if carrier_settings.pretends():
		throw(
			_(
				"There is no carrier account to test yet. Enter its Account SID and Auth token under Carrier "
				"and Numbers, save, and test again. Until then, a pretend carrier answers and no phone rings."
			),
			carrier_settings.NotReady,
			title=_("Nothing to test yet"),
		)


def test_other(account: carrier_accounts.CarrierAccount) -> dict[str, str]:
	"""Query the carrier for another account, and note in its row that it answered."""
	reached = carrier_settings.account(account.id)
	frappe.db.set_value(carrier_accounts.ROW, account.row, "tested_at", clock.db_now(), update_modified=False)
	return {"title": account.title, "name": reached.name}


@frappe.whitelist(methods=["POST"])
def test_webhooks() -> str:
	"""Request the site's own public URL as the carrier would.

	Returns that URL; raises an error that explains what failed.
	"""
	may("write")
	access.not_too_often("test_webhooks", TESTS_A_MINUTE)
	webhook_probe.check_webhooks()
	live_checklist.remember(live_checklist.WEBHOOKS)
	return carrier_settings.settings().public_url or frappe.utils.get_url()


@frappe.whitelist(methods=["POST"])
def test_incoming() -> list[str]:
	"""Ask the carrier where the texts and calls to the school's numbers go.

	Returns a sentence for each that does not come to this site.
	"""
	may("write")
	access.not_too_often("test_incoming", TESTS_A_MINUTE)
	refuse_pretending()
	return incoming.check()


@frappe.whitelist()
def addresses_asked() -> dict | None:
	"""Return the change of addresses, or of the name said in calls, that waits for a second person, or None.

	See `settings.addresses.shown`.
	"""
	may("read")
	return addresses.shown()


@frappe.whitelist(methods=["POST"])
def approve_addresses(seen: str) -> None:
	"""Put that change in force. `seen` is its key: another change since is refused, and so is who asked."""
	may("write")
	access.not_too_often("approve_addresses", TESTS_A_MINUTE)
	addresses.approve(seen)


@frappe.whitelist(methods=["POST"])
def reject_addresses(seen: str) -> None:
	"""Drop that change. `seen` as for `approve_addresses`."""
	may("write")
	addresses.reject(seen)


@frappe.whitelist()
def registration() -> list[dict]:
	"""Return what to paste into the carrier's registration form for texts.

	Each entry has a label, text and, for sample texts, segments.
	"""
	may("read")
	try:
		entries = samples.entries()
	except SchoolIncomplete as error:
		throw(translated(error, _))
	return [asdict(entry) | {"label": translated(entry.label, _)} for entry in entries]


@frappe.whitelist()
def openings() -> list[dict]:
	"""Return the opening that every recipient hears first, in each language.

	Each entry has sentences, voice name and writing direction.
	"""
	may("read")
	try:
		return [asdict(sample) for sample in opening.openings(store.school())]
	except SchoolIncomplete as error:
		throw(translated(error, _))


@frappe.whitelist()
def fallback_words() -> str:
	"""Return TwiML to copy to the carrier (for Twilio, into a TwiML Bin).

	The carrier plays it when this site does not respond. It is in the school's language and in those of its
	messages.
	"""
	may("read")
	try:
		return static_words.twiml(store.school(), store.languages())
	except SchoolIncomplete as error:
		throw(translated(error, _))
