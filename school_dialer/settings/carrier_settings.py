"""The school's settings as dialing needs them, and whether they are complete enough to call anyone."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import frappe
from frappe import _

from school_dialer.base import clock, public_url
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.carriers.base import (
	TWILIO_HEADERS,
	Account,
	AccountState,
	Carrier,
	CarrierError,
	NotAuthorised,
	Text,
	UnknownAccount,
	with_current_methods,
)
from school_dialer.carriers.faults import DISCARD, OBFUSCATE
from school_dialer.carriers.pretend import PretendCarrier
from school_dialer.compliance.vocabulary import VOICE
from school_dialer.continuity import maintenance, safe_mode
from school_dialer.messages import store
from school_dialer.schools import registry
from school_dialer.schools import scope as scopes
from school_dialer.settings import carrier_accounts

Answer = TypeVar("Answer")

CARRIER_URL_KEY = "school_dialer_carrier_url"
OTHER_URLS_KEY = "school_dialer_carrier_urls"
"""In the site's configuration: addresses of test carriers of other accounts, by account id."""
LACKING = {DISCARD: "discard_refused_at", OBFUSCATE: "obfuscate_refused_at"}
"""The fields of Dialer Settings that hold since when the account is known to lack each privacy feature."""
LACKING_SECONDS = 5.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
QUESTIONS = ("check", "calls_per_second", "list_incoming")
"""The methods of a carrier that only ask, and that the tests before Live mode need."""
LONG_CODE_SEGMENTS, TOLL_FREE_SEGMENTS = 1.0, 3.0


class NotReady(frappe.ValidationError):
	"""Dialer Settings are incomplete. The message says what is missing and where to enter it."""


@dataclass(frozen=True, slots=True)
class SendingNumber:
	"""A number to call or text from, with the carrier's limits in calls and text segments per second.

	`phone_number` is E.164 or, for texts, the SID of a Messaging Service (`carriers.base.is_service`).
	`school` is the one of a district that alone uses it, or "". `account` is the id of the account that has
	it.
	"""

	phone_number: str
	calls_per_second: float
	segments_per_second: float
	school: str = ""
	account: str = ""


def settings():
	return frappe.get_cached_doc("Dialer Settings")


def is_live() -> bool:
	return settings().mode == "Live"


def pretends() -> bool:
	"""Return whether the carrier is the pretend one, so that no phone can ring.

	That is in Simulated mode without the address of a test carrier, as long as the school has entered no
	account. A school that has one and leaves Live mode must not see families as reached who heard nothing.
	"""
	if is_live() or frappe.conf.get(CARRIER_URL_KEY):
		return False
	return not any(account.id for account in carrier_accounts.accounts())


def about_pretending() -> str:
	"""Return the sentence that says so, and what to do to call families; "" if the carrier is another."""
	if not pretends():
		return ""
	return _(
		"Pretend carrier: no phone rings. To call families, enter your carrier's account in Dialer Settings "
		"and choose Live mode."
	)


def about_asking() -> str:
	"""Return the sentence that tests ask the school's own account in Simulated mode; "" if they do not."""
	asked = [each for each in carrier_accounts.in_use() if not test_carrier_of(each.id)]
	if is_live() or pretends() or not asked:
		return ""
	return _("Simulated mode: these tests ask your own carrier account. No one is called or texted.")


def sending_numbers(channel: str, school: str | None = None) -> list[SendingNumber]:
	"""Return the enabled numbers for this channel: all of them, or those that may speak for this school.

	`school` is "" for the district's own name. Those of the first account come first, and those of an account
	that is not enabled not at all.
	"""
	first = settings().account_sid or ""
	usable = {each.id for each in carrier_accounts.in_use()}
	rows = [
		row
		for row in settings().sending_numbers
		if row.enabled and channel in row.channel and (row.get("carrier_account") or first) in usable
	]
	rows.sort(key=lambda row: bool(row.get("carrier_account")))
	chosen = rows if school is None else registry.rows_for(rows, school)
	district = registry.is_district()
	return [
		SendingNumber(
			row.phone_number,
			row.calls_per_second,
			row.segments_per_second or usual_segments_per_second(row.phone_number),
			(district and row.school) or "",
			row.get("carrier_account") or first,
		)
		for row in chosen
	]


def schools_of(number: SendingNumber, channel: str) -> "Schools":
	"""Return in which schools' names this number may call or text."""
	if number.school:
		return Schools(only=number.school)
	if not registry.is_district():
		return Schools()
	return Schools(never=tuple(sorted({row.school for row in sending_numbers(channel) if row.school})))


@dataclass(frozen=True, slots=True)
class Schools:
	"""The schools in whose names a number speaks: `only` one, or all but those of `never`."""

	only: str = ""
	never: tuple[str, ...] = ()

	def covers(self, school: str) -> bool:
		"""Return True if the number speaks in this school's name, or in the district's for ""."""
		return school == self.only if self.only else school not in self.never

	def sql(self, column: str) -> tuple[str, dict]:
		"""Return an SQL condition on the column of a recipient's school, with its values; "" for all."""
		if self.only:
			return f" and {column} = %(only_school)s", {"only_school": self.only}
		if self.never:
			return f" and ifnull({column}, '') not in %(never_schools)s", {"never_schools": self.never}
		return "", {}


def usual_segments_per_second(phone_number: str) -> float:
	"""Return Twilio's default rate for this kind of number, in segments per second.

	See https://www.twilio.com/docs/messaging/features/message-queueing. A higher rate depends on the number's
	registration, and is then entered in the settings.
	"""
	return TOLL_FREE_SEGMENTS if store.is_toll_free(phone_number) else LONG_CODE_SEGMENTS


def account_calls_per_second(account: str = "") -> float:
	"""Return the whole account's limit in calls per second. Faster calls wait in the carrier's queue."""
	row = carrier_accounts.by_id(account)
	return row.calls_per_second if row else 1.0


def check_ready(channel: str, campaign=None, purpose: str | None = None) -> None:
	"""Raise `NotReady`, naming everything that is missing, unless calls on this channel can be placed.

	With a campaign, there has to be a number for every name in which it speaks. `purpose` is that of a call
	without one.
	"""
	if missing := missing_for(channel, campaign, purpose):
		title = _("Dialer Settings are not complete")
		if safe_mode.stops(campaign.purpose if campaign else purpose):
			title = _("Safe Mode")
		elif maintenance.is_on():
			title = _("Maintenance")
		throw("<br>".join(missing), NotReady, title=title)


def missing_of_schools(campaign) -> list[str]:
	"""Return, in words, the schools in whose name the campaign speaks without a number to do it from."""
	scope, channel = scopes.scope_of(campaign), campaign.channel
	names = ("", *registry.schools()) if scope.each else (scope.name,)
	lacking = [name for name in names if not sending_numbers(channel, name)]
	return [
		_("Add a number to call from, for {0}, in the name of {1}, in Dialer Settings.").format(
			channel_words(channel), plain_text.line(name) or _("the district")
		)
		for name in lacking
		if sending_numbers(channel)
	]


def missing_for(channel: str, campaign=None, purpose: str | None = None) -> list[str]:
	doc = settings()
	missing = missing_of_schools(campaign) if campaign else []
	if mode := safe_mode.stops(campaign.purpose if campaign else purpose):
		missing.append(safe_mode.sentence(mode.cause))
	if maintenance.is_on():
		missing.append(maintenance.sentence())
	others = (each for each in carrier_accounts.in_use() if not each.is_first)
	if not (pretends() or has_credentials(doc) or any(map(carrier_accounts.token, others))):
		missing.append(_("Enter the carrier's Account SID and Auth token in Dialer Settings."))
	if not sending_numbers(channel):
		missing.append(no_sending_number(channel))
	if not doc.caller_identity:
		missing.append(_("Enter who is calling (Name said at the start of calls) in Dialer Settings."))
	if not doc.call_back_number:
		missing.append(_("Enter a call-back number in Dialer Settings."))
	if doc.mode == "Live":
		if clock.offset():
			missing.append(clock.why_not_true())
		if urlsplit(doc.public_url or "").scheme != "https":
			missing.append(
				_("Enter a public HTTPS URL in Dialer Settings; the carrier fetches the message there.")
			)
	elif not (frappe.conf.get(CARRIER_URL_KEY) or pretends()):
		missing.append(no_test_carrier())
	return missing


def no_sending_number(channel: str) -> str:
	sentence = _("Add a number to call from, for {0}, in Dialer Settings.").format(channel_words(channel))
	if not pretends():
		return sentence
	return " ".join((sentence, _("While no phone rings, the number of the school's office will do.")))


def channel_words(channel: str) -> str:
	return _("calls") if channel == VOICE else _("texts")


def has_credentials(doc) -> bool:
	"""Return whether Dialer Settings have the first account's id and its token."""
	return bool(doc.account_sid and doc.get_password("auth_token", raise_exception=False))


def carrier(account: str = "") -> Carrier:
	"""Return the client of an account of the school, given by its id; "" is the first account.

	Raises `NotReady` without credentials, and `UnknownAccount` for an account that the school does not have.
	In Live mode, the clock must not be set.
	"""
	row = known_account(account)
	if pretends():
		return PretendCarrier(Account(row.id, ""))
	token, base_url = token_of(row), None
	if is_live():
		clock.require_true_clock()
	else:
		base_url = simulated_carrier_url(row.id)
	return client_of(row, token, base_url)


def for_questions(account: str = "") -> SimpleNamespace:
	"""Return an account's client without what can call or text. Raises what `carrier` raises.

	So Simulated mode without a test carrier asks the school's own one, whose answers Live mode needs.
	"""
	row = known_account(account)
	if is_live() or pretends() or test_carrier_of(row.id):
		client = carrier(account)
	else:
		client = client_of(row, token_of(row), None)
	return SimpleNamespace(**{name: getattr(client, name) for name in QUESTIONS if hasattr(client, name)})


def known_account(account: str) -> carrier_accounts.CarrierAccount:
	row = carrier_accounts.by_id(account)
	if not row:
		raise UnknownAccount("Dialer Settings no longer have the account that made this call.")
	return row


def token_of(account: carrier_accounts.CarrierAccount) -> str:
	token = account.id and carrier_accounts.token(account)
	if not token:
		throw(_("Enter the carrier's Account SID and Auth token in Dialer Settings."), NotReady)
	return token


def client_of(account: carrier_accounts.CarrierAccount, token: str, base_url: str | None) -> Carrier:
	key, secret = carrier_accounts.api_key(account)
	given = Account(account.id, token, base_url, space=account.space, api_key=key, api_secret=secret)
	return with_current_methods(carrier_class(account.carrier)(given))


def first_carrier() -> Carrier | None:
	"""Return the first account's client, or None if only other accounts can be used.

	Raises what `carrier` raises if none can.
	"""
	return carrier() if carrier_accounts.first() in carrier_accounts.in_use() else None


def reached() -> tuple:
	"""Return what decides whom a client reaches, and as whom.

	A client that was made before this changed is outdated.
	"""
	return (
		settings().mode,
		pretends(),
		*(
			(row.id, row.carrier, row.space, carrier_accounts.token(row), carrier_accounts.api_key(row))
			for row in carrier_accounts.accounts()
		),
	)


class Carriers:
	"""The clients of the school's accounts, each made when it is first needed. Threads may share one.

	`first` is the first account's client, if the caller has it already.
	"""

	def __init__(self, first: Carrier | None = None):
		self.clients: dict[str, Carrier] = {}
		if first:
			self.clients[""] = self.clients[settings().account_sid or ""] = first

	def of(self, account: str | None) -> Carrier:
		"""Return the client of this account. Raises what `carrier` raises."""
		key = account or ""
		if key not in self.clients:
			self.clients[key] = carrier(key)
		return self.clients[key]

	def with_recording(self, sid: str, log: str | None = None) -> list[Carrier]:
		"""Return the clients of the accounts that may have a recording, the one that made the call first.

		`log` is the call log of the call in which it was spoken, if that is known. Otherwise every account
		counts whose ids look like this one.
		"""
		made_by = log and frappe.db.get_value("Dialer Call Log", log, "carrier_account")
		if made_by and (client := self.known(made_by)):
			return [client]
		clients = [self.of(row.id) for row in carrier_accounts.accounts() if carrier_accounts.token(row)]
		return [client for client in clients if is_recording(client, sid)] or clients[:1]

	def known(self, account: str | None) -> Carrier | None:
		"""Return the client of this account, or None if the school does not have it or its token any more."""
		try:
			return self.of(account)
		except (UnknownAccount, NotReady):
			return None


def is_recording(client: Carrier, sid: str) -> bool:
	"""Return whether this may be the id of a recording of this carrier."""
	pattern = getattr(client, "recording_id", None)
	return pattern is None or pattern.fullmatch(sid) is not None


def account(which: str = "") -> AccountState:
	"""Return the account's state at the carrier, using the saved credentials.

	Raises `NotReady` with the reason if the carrier cannot be reached or the account is not active.
	"""
	state = answered(for_questions(which).check)
	if not state.active:
		throw(
			_("The carrier knows this account, but has suspended or closed it. Ask the carrier why."),
			NotReady,
		)
	return state


def carrier_time(which: str = "") -> datetime | None:
	"""Return the carrier's clock as an aware datetime, to the second.

	Returns None if the carrier does not report it; a carrier from another app may not have this method.
	Raises `NotReady` with the reason if the carrier cannot be reached.
	"""
	asked = carrier(which)
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
	rows = [row for row in settings().sending_numbers if row.enabled]
	accounts = {row.get("carrier_account") or "" for row in rows}
	try:
		clients = {account: for_questions(account) for account in accounts}
		return {
			row.phone_number: clients[row.get("carrier_account") or ""].calls_per_second(row.phone_number)
			for row in rows
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
		features = {feature: since[field] for feature, field in LACKING.items() if field in since}
		kept = frappe.local.dialer_lacking = (time.monotonic(), features)
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


def simulated_carrier_url(account: str = "") -> str:
	"""Return the address of the test carrier of an account: its own, or the one of the first account."""
	url = test_carrier_of(account)
	if not url:
		throw(no_test_carrier(), NotReady)
	if urlsplit(url).hostname not in LOOPBACK:
		throw(
			_(
				"In Simulated mode, a test carrier has to run on the site's own machine. The one that this "
				"site names runs elsewhere: ask the person who runs the server."
			),
			NotReady,
		)
	return url.rstrip("/")


def test_carrier_of(account: str) -> str:
	others = frappe.conf.get(OTHER_URLS_KEY) or {}
	return others.get(account) or frappe.conf.get(CARRIER_URL_KEY) or ""


def no_test_carrier() -> str:
	return _(
		"Choose Live mode to call families. To go on trying things while no phone rings, remove the "
		"carrier's account from Dialer Settings."
	)


def carrier_class(name: str) -> type[Carrier]:
	paths = frappe.get_hooks("dialer_carriers").get(name)
	if not paths:
		throw(_("No installed app provides a carrier named {0}.").format(plain_text.line(name)), NotReady)
	return frappe.get_attr(paths[-1] if isinstance(paths, list) else paths)


def signature_headers(name: str) -> tuple[str, ...]:
	"""Return the HTTP headers of which one signs the webhooks of this carrier."""
	return getattr(carrier_class(name), "signature_headers", TWILIO_HEADERS)


def webhook_url(event: str, **query: str) -> str:
	"""Return the URL for the carrier's callback of this event.

	An event is a method of `webhooks.twilio`, or names its module too, such as "office.ended". The URL
	contains the call log's random id and nothing about the person.
	"""
	path = event if "." in event else f"twilio.{event}"
	address = f"{public_url.base()}/api/method/school_dialer.webhooks.{path}"
	return f"{address}?{urlencode(query)}" if query else address
