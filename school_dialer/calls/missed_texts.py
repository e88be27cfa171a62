"""Texts and calls that the carrier received while this site did not answer.

Twilio asks a webhook once, and its fallback URL once, and then no more
(https://www.twilio.com/docs/messaging/guides/webhook-request): an opt-out or a report of a sick child would
be lost while the server restarts. The carrier's own list has them, so it is compared with what is on record.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import frappe

from school_dialer.base import clock, site_values
from school_dialer.base.database.transactions import RETRIED, retried
from school_dialer.base.jobs import alone, job, report
from school_dialer.calls import inbound, missed_calls
from school_dialer.calls.received import last_word
from school_dialer.carriers.base import CarrierError, ReceivedText
from school_dialer.consent.lock import NumberBusy
from school_dialer.settings import carrier_accounts, carrier_settings, school_numbers

LOCK = "missed texts"
READ_UNTIL, WAITED_FOR = "dialer_texts_read_until", "dialer_texts_waited_for"
"""Global defaults: how far an account's list was read, and since when campaigns wait for it (`calls.outage`).

They are not in the cache, which Frappe empties whenever a global default changes.
"""
ON_ITS_WAY = timedelta(minutes=2)
"""A text younger than this may still be delivered."""
OVERLAP = timedelta(minutes=30)
"""So much is read again: the carrier's list may lag behind, and its clock may differ."""
LONGEST_OUTAGE = timedelta(days=7)


@job
def run() -> None:
	"""Fetch and handle what no webhook delivered (scheduler job). Only one runs at a time.

	The first run fetches nothing: earlier texts were for whatever used the numbers before.
	"""
	with alone(LOCK) as mine:
		if mine and all([fetch(account) or not account.enabled for account in carrier_accounts.accounts()]):
			end_wait()


def fetch(account: carrier_accounts.CarrierAccount, until: datetime | None = None) -> bool:
	"""Fetch and handle the texts and calls of one account. One that cannot be read holds up no other one.

	Return whether all are on record. Those of the last minutes, which a webhook may still deliver, are left
	out, unless `until` (aware) says how far to read.
	"""
	now = clock.now()
	if since := read_until(account):
		since = max(since - OVERLAP, now - LONGEST_OUTAGE)
		until = until or now - ON_ITS_WAY
		listed = list_received(since, until, account)
		texts, calls = handle(missing(listed)), handle_calls(since, until, account)
		if not (settle(listed or ()) and texts and calls):
			return False
	site_values.write(key_of(account), (now - ON_ITS_WAY).isoformat())
	# How far this account was read stays, even if the next one cannot be read.
	frappe.db.commit()
	return True


def end_wait() -> None:
	"""Forget that campaigns wait for what could not be read. Commits."""
	if site_values.read(WAITED_FOR):
		site_values.forget(WAITED_FOR)
		frappe.db.commit()


def key_of(account: carrier_accounts.CarrierAccount) -> str:
	return READ_UNTIL if account.is_first else f"{READ_UNTIL}:{account.id}"


def read_until(account: carrier_accounts.CarrierAccount | None = None) -> datetime | None:
	text = site_values.read(key_of(account or carrier_accounts.first()))
	return datetime.fromisoformat(text) if text else None


def numbers_of(account: carrier_accounts.CarrierAccount) -> set[str]:
	"""Return the school's numbers at this account, in E.164. The first one has those not in the table."""
	others = {
		row.phone_number: row.get("carrier_account")
		for row in carrier_accounts.settings().sending_numbers
		if row.get("carrier_account")
	}
	mine = "" if account.is_first else account.id
	return {number for number in school_numbers.own_numbers() if others.get(number, "") == mine}


def list_received(
	since: datetime, until: datetime, account: carrier_accounts.CarrierAccount
) -> Sequence[ReceivedText] | None:
	"""Return the texts in the carrier's list, or None if it cannot be read now."""
	numbers = numbers_of(account)
	try:
		carrier = carrier_settings.carrier(account.id)
		if not numbers or not hasattr(carrier, "list_received"):
			return ()
		return [text for text in carrier.list_received(numbers, since) if text.at <= until]
	except carrier_settings.NotReady:
		frappe.clear_messages()
		return None
	except CarrierError as error:
		frappe.logger("school_dialer").warning("the carrier does not list texts: %s", error)
		return None


def missing(texts: Sequence[ReceivedText] | None) -> Sequence[ReceivedText] | None:
	"""Return those of these texts that are not on record, or None for a list that cannot be read."""
	if texts is None:
		return None
	sids_on_record = on_record([text.sid for text in texts])
	return [text for text in texts if text.sid not in sids_on_record]


def handle_calls(since: datetime, until: datetime, account: carrier_accounts.CarrierAccount) -> bool:
	"""Keep the calls in the carrier's list, and return whether all of them are on record now."""
	try:
		carrier = carrier_settings.carrier(account.id)
		return missed_calls.handle(missed_calls.list_missing(carrier, numbers_of(account), since, until))
	except carrier_settings.NotReady:
		frappe.clear_messages()
	except CarrierError as error:
		frappe.logger("school_dialer").warning("the carrier does not list calls: %s", error)
	return False


def on_record(sids: list[str]) -> set[str]:
	if not sids:
		return set()
	of_texts = {"carrier_sid": ("in", sids), "direction": "Inbound"}
	return set(frappe.get_all("Dialer Call Log", of_texts, pluck="carrier_sid", order_by="name"))


def handle(texts: Sequence[ReceivedText] | None) -> bool:
	"""Handle texts, each in its own transaction, and return whether all of them are on record now.

	One that fails is reported and tried again next time. It holds up no other one. The transaction in which
	the records were read ends first: a webhook may have handled a text since.
	"""
	frappe.db.commit()
	done = [committed(partial(inbound.late_text, text)) for text in texts or ()]
	return texts is not None and all(done)


def settle(texts: Sequence[ReceivedText]) -> bool:
	"""Let each number's last text count, and return whether that is so now. Each is a transaction."""
	frappe.db.commit()
	numbers = last_word.numbers_to_settle(texts)
	return all([committed(partial(last_word.settle, phone, sent)) for phone, sent in numbers.items()])


def committed(act: Callable[[], object]) -> bool:
	"""Do this about a text and commit. Return whether it is done: what fails is reported, and undone."""

	def once() -> None:
		act()
		frappe.db.commit()

	try:
		retried(once)
	except (*RETRIED, NumberBusy):
		frappe.db.rollback()
		return False
	except Exception as error:
		report("a text from the carrier's list", error)
		return False
	return True


def forget() -> None:
	"""Forget how far the lists were read, also those of accounts that are gone."""
	site_values.forget(WAITED_FOR, *site_values.keys(READ_UNTIL))
