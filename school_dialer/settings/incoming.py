"""Whether the texts and calls that families send to the school's numbers come to this site.

A new number answers texts by itself with the carrier's sample message, and a Messaging Service may send them
elsewhere, whatever its numbers say. A STOP that goes there is lost, and nothing here shows it. So the
addresses are read from the carrier's API, before Live mode and each day.
"""

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import frappe
from frappe import _

from school_dialer.base import clock, roles
from school_dialer.base.bounds import plain_text
from school_dialer.base.jobs import alone, job
from school_dialer.base.refusal import throw
from school_dialer.carriers.base import Incoming
from school_dialer.messages import store
from school_dialer.schools import staff
from school_dialer.settings import carrier_accounts, carrier_settings

READ_AT, ELSEWHERE = "incoming_tested_at", "incoming_elsewhere"
"""Fields of Dialer Settings: when all addresses were last this site's, and which are not."""
LONGEST = 120
SETTINGS = "Dialer Settings"


def check() -> list[str]:
	"""Read all addresses, record the result, and return a sentence for each that is not this site's.

	Raises `NotReady` if there is no number to ask about, or a carrier cannot be asked. What was known then
	stays.
	"""
	if not any(senders_of(account) for account in carrier_accounts.in_use()):
		throw(
			_("Add a number to call from first: there is none yet to ask the carrier about."),
			carrier_settings.NotReady,
			title=_("Nothing to test yet"),
		)
	sentences = list(problems())
	values = {READ_AT: None if sentences else clock.db_now(), ELSEWHERE: "\n".join(sentences)}
	frappe.db.set_single_value(SETTINGS, values, update_modified=False)
	frappe.db.after_commit.add(lambda: frappe.clear_document_cache(SETTINGS, SETTINGS))
	frappe.clear_document_cache(SETTINGS, SETTINGS)
	return sentences


def problems() -> Iterator[str]:
	"""Yield a sentence for each number whose texts or calls go elsewhere, account by account."""
	for account in carrier_accounts.in_use():
		senders = senders_of(account)
		carrier = carrier_settings.for_questions(account.id)
		if not senders or not hasattr(carrier, "list_incoming"):
			continue
		addresses = carrier_settings.answered(partial(carrier.list_incoming, tuple(senders)))
		for sender, needed in senders.items():
			rows = addresses.get(sender) or ()
			if needed and not rows:
				yield _("{0}: the carrier account has no such number.").format(sender)
			for row in rows:
				yield from of_number(row)


def senders_of(account: carrier_accounts.CarrierAccount) -> dict[str, bool]:
	"""Return the account's senders, and whether each is in use.

	Families still answer a number that is not used any more. It may also be given back already.
	"""
	doc = carrier_settings.settings()
	first = carrier_accounts.first().id
	senders = {
		row.phone_number: bool(row.enabled)
		for row in doc.sending_numbers
		if (row.get("carrier_account") or first) == account.id
	}
	number = store.opt_out_number(doc)
	if number and carrier_accounts.of_sender(number).id == account.id:
		senders[number] = True
	return senders


def of_number(row: Incoming) -> Iterator[str]:
	for given, event, words in (
		(row.text, "inbound_text", _("{0}: texts to it go to {1}. Point them at {2}, by POST.")),
		(row.voice, "inbound_call", _("{0}: calls to it go to {1}. Point them at {2}, by POST.")),
	):
		ours = carrier_settings.webhook_url(event)
		if given is not None and not is_same(given, ours):
			yield words.format(row.number, shown(given), ours)


def is_same(given: str, ours: str) -> bool:
	"""Return whether both are one address. A query changes nothing about where it is."""
	one, other = split(given), split(ours)
	return one == other and one is not None


def split(address: str) -> tuple[str, str, str] | None:
	try:
		parts = urlsplit(address.strip())
	except ValueError:
		return None
	return parts.scheme, parts.netloc.lower(), parts.path


def shown(given: str) -> str:
	"""Return an address in words, without the credentials and the query that another system's may hold."""
	if not given:
		return _("no address")
	method, _space, address = given.rpartition(" ")
	parts = split(address)
	if parts and parts[0]:
		address = f"{parts[0]}://{parts[1].rpartition('@')[2]}{parts[2]}"
	return plain_text.line(f"{method} {address}".strip())[:LONGEST]


@job
def daily() -> None:
	"""Read the addresses in Live mode, and alarm staff of a change that loses what families say (job)."""
	with alone("incoming addresses") as mine:
		if not mine or not carrier_settings.is_live():
			return
		before = carrier_settings.settings().get(ELSEWHERE) or ""
		try:
			wrong = check()
		except carrier_settings.NotReady:
			frappe.clear_messages()
			return
		if wrong and "\n".join(wrong) != before:
			alarm()
		frappe.db.commit()


def alarm() -> None:
	subject = _(
		"Texts or calls of families do not come to this site, so opt-outs are lost: open Dialer Settings."
	)
	users = staff.with_roles(*roles.HEALTH)
	staff.alarm_users(users, subject)
	# Staff are notified even if no mail can be sent.
	frappe.db.commit()
	staff.mail(users, subject, message=f"<p>{subject}</p>")


def check_soon(doc) -> None:
	"""Read the addresses again after a change in Live mode. Runs when Dialer Settings were saved."""
	if doc.mode == "Live" and not doc.get(READ_AT):
		frappe.enqueue("school_dialer.settings.incoming.daily", enqueue_after_commit=True)
