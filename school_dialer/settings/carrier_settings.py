"""The school's settings as dialing needs them, and whether they are complete enough to call anyone."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import frappe
from frappe import _

from school_dialer import clock
from school_dialer.bounds import plain_text
from school_dialer.carriers.base import (
	Account,
	AccountState,
	Carrier,
	CarrierError,
	NotAuthorised,
	Text,
	with_current_methods,
)
from school_dialer.carriers.faults import DISCARD, OBFUSCATE
from school_dialer.messages import store
from school_dialer.refusal import throw

Answer = TypeVar("Answer")

CARRIER_URL_KEY = "school_dialer_carrier_url"
LACKING = {DISCARD: "discard_refused_at", OBFUSCATE: "obfuscate_refused_at"}
"""The fields of Dialer Settings that hold since when the account is known to lack each privacy feature."""
LACKING_SECONDS = 5.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONG_CODE_SEGMENTS, TOLL_FREE_SEGMENTS = 1.0, 3.0


class NotReady(frappe.ValidationError):
	"""Dialer Settings are incomplete. The message says what is missing and where to enter it."""


@dataclass(frozen=True, slots=True)
class SendingNumber:
	"""A number to call or text from, with the carrier's limits in calls and text segments per second.

	`phone_number` is E.164 or, for texts, the SID of a Messaging Service (`carriers.base.is_service`).
	"""

	phone_number: str
	calls_per_second: float
	segments_per_second: float


def settings():
	return frappe.get_cached_doc("Dialer Settings")


def auth_token() -> str | None:
	"""Return the carrier's auth token, decrypted once per process for each save of the settings."""
	return decrypted_token(frappe.local.site, str(settings().modified))


@lru_cache(maxsize=16)
def decrypted_token(site: str, modified: str) -> str | None:
	return settings().get_password("auth_token", raise_exception=False)


def is_live() -> bool:
	return settings().mode == "Live"


def sending_numbers(channel: str) -> list[SendingNumber]:
	return [
		SendingNumber(
			row.phone_number,
			row.calls_per_second,
			row.segments_per_second or usual_segments_per_second(row.phone_number),
		)
		for row in settings().sending_numbers
		if row.enabled and channel in row.channel
	]


def usual_segments_per_second(phone_number: str) -> float:
	"""Return Twilio's default rate for this kind of number, in segments per second.

	See https://www.twilio.com/docs/messaging/features/message-queueing. A higher rate depends on the number's
	registration, and is then entered in the settings.
	"""
	return TOLL_FREE_SEGMENTS if store.is_toll_free(phone_number) else LONG_CODE_SEGMENTS


def account_calls_per_second() -> float:
	"""Return the whole account's limit in calls per second. Faster calls wait in the carrier's queue."""
	return settings().account_calls_per_second or 1.0


def check_ready(channel: str) -> None:
	"""Raise `NotReady`, naming everything that is missing, unless calls on this channel can be placed."""
	if missing := missing_for(channel):
		throw("<br>".join(missing), NotReady, title=_("Dialer Settings are not complete"))


def missing_for(channel: str) -> list[str]:
	doc = settings()
	missing = []
	if not doc.account_sid or not doc.get_password("auth_token", raise_exception=False):
		missing.append(_("Enter the carrier's Account SID and Auth token in Dialer Settings."))
	if not sending_numbers(channel):
		missing.append(_("Add a number to call from, for {0}, in Dialer Settings.").format(_(channel)))
	if not doc.caller_identity:
		missing.append(_("Enter who is calling (Name said at the start of calls) in Dialer Settings."))
	if not doc.call_back_number:
		missing.append(_("Enter a call-back number in Dialer Settings."))
	if doc.mode == "Live":
		if clock.offset():
			missing.append(
				_("The site's clock is set. Remove {0} from the site's configuration file.").format(
					clock.OFFSET_KEY
				)
			)
		if urlsplit(doc.public_url or "").scheme != "https":
			missing.append(
				_("Enter a public HTTPS URL in Dialer Settings; the carrier fetches the message there.")
			)
	elif not frappe.conf.get(CARRIER_URL_KEY):
		missing.append(
			_(
				"Simulated mode needs {0} in the site's configuration file: the address of the test carrier."
			).format(CARRIER_URL_KEY)
		)
	return missing


def carrier() -> Carrier:
	"""Return the school's carrier.

	Raises `NotReady` without credentials. In Live mode, the clock must not be set.
	"""
	doc = settings()
	token = doc.get_password("auth_token", raise_exception=False)
	if not doc.account_sid or not token:
		throw(_("Enter the carrier's Account SID and Auth token in Dialer Settings."), NotReady)
	base_url = None
	if doc.mode == "Live":
		clock.require_true_clock()
	else:
		base_url = simulated_carrier_url()
	return with_current_methods(carrier_class(doc.carrier)(Account(doc.account_sid, token, base_url)))


def account() -> AccountState:
	"""Return the account's state at the carrier, using the saved credentials.

	Raises `NotReady` with the reason if the carrier cannot be reached or the account is not active.
	"""
	found = answered(carrier().check)
	if not found.active:
		throw(
			_("The carrier knows this account, but has suspended or closed it. Ask the carrier why."),
			NotReady,
		)
	return found


def carrier_time() -> datetime | None:
	"""Return the carrier's clock as an aware datetime, to the second.

	Returns None if the carrier does not report it; a carrier from another app may not have this method.
	Raises `NotReady` with the reason if the carrier cannot be reached.
	"""
	asked = carrier()
	if hasattr(asked, "clock"):
		return answered(asked.clock)
	answered(asked.check)
	return None


def answered(question: Callable[[], Answer]) -> Answer:
	"""Return the carrier's answer. Raises `NotReady` with the reason if there is none."""
	try:
		return question()
	except NotAuthorised:
		throw(_("The carrier does not accept the Account SID and Auth token."), NotReady)
	except CarrierError as error:
		throw(_("The carrier could not be asked: {0}").format(_(str(error))), NotReady)


def calls_per_second() -> dict[str, float | None]:
	"""Return calls per second for each enabled sending number, as the carrier reports it.

	The value is None if the carrier does not report it. Raises `NotReady` if the carrier cannot be reached.
	"""
	asked = carrier()
	try:
		return {
			row.phone_number: asked.calls_per_second(row.phone_number)
			for row in settings().sending_numbers
			if row.enabled
		}
	except CarrierError as error:
		throw(_("The carrier could not be asked: {0}").format(_(str(error))), NotReady)


def outgoing_text(body: str, log: str) -> Text:
	"""Return a text that requests the privacy features the school wants.

	Features that the account is known to lack are left out.
	"""
	doc, lacks = settings(), lacking()
	return Text(
		body,
		webhook_url("message_status", log=log),
		discard=bool(doc.discard_text_content) and DISCARD not in lacks,
		obfuscate=bool(doc.obfuscate_text_numbers) and OBFUSCATE not in lacks,
	)


def lacking() -> dict[str, datetime]:
	"""Return the privacy features the account is known to lack, and since when (naive, site time zone).

	Bypasses the document cache, because a transaction that began before the change may put the old settings
	back there. Cached for `LACKING_SECONDS` in each request or job.
	"""
	kept = getattr(frappe.local, "dialer_lacking", None)
	if kept is None or time.monotonic() - kept[0] > LACKING_SECONDS:
		rows = frappe.db.sql(
			"select field, value from `tabSingles` where doctype = 'Dialer Settings' and field in %s",
			(tuple(LACKING.values()),),
		)
		since = {field: frappe.utils.get_datetime(value) for field, value in rows if value}
		found = {feature: since[field] for feature, field in LACKING.items() if field in since}
		kept = frappe.local.dialer_lacking = (time.monotonic(), found)
	return kept[1]


def remember_lacking(features: Iterable[str]) -> None:
	"""Record that the carrier refused texts for requesting these features. Later texts go without them."""
	frappe.local.dialer_lacking = None
	new = [feature for feature in sorted(set(features)) if feature not in lacking()]
	for feature in new:
		frappe.db.set_single_value("Dialer Settings", LACKING[feature], clock.db_now(), update_modified=False)
		frappe.logger("school_dialer").warning("the account lacks a privacy feature of texts: %s", feature)
	if new:
		frappe.local.dialer_lacking = None
		frappe.db.after_commit.add(lambda: frappe.clear_document_cache("Dialer Settings", "Dialer Settings"))


def simulated_carrier_url() -> str:
	url = frappe.conf.get(CARRIER_URL_KEY) or ""
	if urlsplit(url).hostname not in LOOPBACK:
		throw(
			_(
				"Simulated mode needs {0} in the site's configuration file, on this machine's own address."
			).format(CARRIER_URL_KEY),
			NotReady,
		)
	return url.rstrip("/")


def carrier_class(name: str) -> type[Carrier]:
	paths = frappe.get_hooks("dialer_carriers").get(name)
	if not paths:
		throw(_("No installed app provides a carrier named {0}.").format(plain_text.line(name)), NotReady)
	return frappe.get_attr(paths[-1] if isinstance(paths, list) else paths)


def public_base() -> str:
	return (settings().public_url or frappe.utils.get_url()).rstrip("/")


def webhook_url(event: str, **query: str) -> str:
	"""Return the URL for the carrier's callback of this event.

	It contains the call log's random id and nothing about the person.
	"""
	address = f"{public_base()}/api/method/school_dialer.webhooks.twilio.{event}"
	return f"{address}?{urlencode(query)}" if query else address
