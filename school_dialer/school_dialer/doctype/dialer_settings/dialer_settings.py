from urllib.parse import urlsplit

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from school_dialer.audience.base import country_code
from school_dialer.base import clock
from school_dialer.base.phone import PREMIUM, TOLL_FREE, InvalidNumber, parse
from school_dialer.base.refusal import throw
from school_dialer.calls.office import line
from school_dialer.campaigns.teachers import limits
from school_dialer.carriers.base import is_service
from school_dialer.compliance import gazetteer
from school_dialer.continuity import hosts
from school_dialer.emergency_kit.second_person import on_call
from school_dialer.health import alert, endpoint
from school_dialer.help_desk.tickets import kinds
from school_dialer.messages.spoken import voices
from school_dialer.messages.translators import drafting
from school_dialer.outbound.pace import account_health
from school_dialer.privacy import retention
from school_dialer.public_alerts.outgoing import settings as public_alerts
from school_dialer.schools import first
from school_dialer.settings import account_checks, addresses, incoming, live_checklist
from school_dialer.settings.carrier_settings import LOOPBACK

LONGEST_ADDRESS = 120
"""The URL is part of a text, and texts are billed by length."""


class DialerSettings(Document):
	def load_from_db(self):
		super().load_from_db()
		if not frappe.db.get_singles_dict(self.doctype):
			self.set_default_times()

	def before_insert(self):
		self.set_default_times()

	def set_default_times(self):
		"""Give times their defaults. Frappe 15 gives those of new settings the present time instead."""
		for field in self.meta.get("fields", {"fieldtype": "Time"}):
			self.set(field.fieldname, field.default)

	def validate(self):
		self.normalise_numbers()
		self.check_retention()
		self.check_voices()
		self.check_privacy_policy()
		self.check_states_of_emergency()
		self.check_tickets()
		account_checks.check(self)
		if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
			throw(_("The public URL starts with https://."))
		self.check_fallback_url()
		addresses.guard(self)
		if self.mode == "Live":
			clock.require_true_clock()
		self.check_timestamp_url()
		limits.check(self)
		public_alerts.check(self)
		drafting.check_settings(self)
		on_call.check(self)
		endpoint.check_token(self)
		alert.keep_incident(self)
		live_checklist.guard(self)

	def on_update(self):
		first.make()
		account_health.forget(*self.flags.changed_accounts or ())
		if self.mode == "Live" and self.has_value_changed("public_url") and hosts.is_known():
			hosts.add()
		incoming.check_soon(self)
		addresses.notify(self)

	def check_fallback_url(self):
		"""Require an HTTPS fallback URL on another host than this site.

		The fallback message must not depend on this site, and no one may alter it in transit. A test carrier
		serves it on this machine.
		"""
		address = urlsplit(self.fallback_url or "")
		simulated = self.mode != "Live" and address.scheme == "http" and address.hostname in LOOPBACK
		if self.fallback_url and not (simulated or (address.scheme == "https" and address.hostname)):
			throw(_("The fallback URL starts with https://."))
		if (
			address.hostname
			and address.hostname == urlsplit(self.public_url or "").hostname
			and not simulated
		):
			throw(_("The fallback URL must not be on this site: it is for when this site is down."))

	def check_timestamp_url(self):
		self.timestamp_url = (self.timestamp_url or "").strip()
		if self.timestamp_url and urlsplit(self.timestamp_url).scheme not in ("http", "https"):
			throw(_("The address of the authority starts with https://."))

	def check_tickets(self):
		"""Refuse tickets that are not installed, or whose own app alone would decide who reads them."""
		doctype = kinds.CHOICES.get(self.work_in)
		if doctype and not kinds.exists(doctype):
			throw(_("{0}: the app is not installed on this site.").format(_(self.work_in)))
		if doctype and not kinds.is_guarded(doctype):
			throw(
				_(
					"{0}: all of that app's users could read what families write. In Installed Applications, "
					"choose Update Hooks Resolution Order and put School Dialer last."
				).format(_(self.work_in))
			)

	def check_retention(self):
		for fieldname in retention.SETTINGS:
			if 0 < (self.get(fieldname) or 0) < retention.LEAST_DAYS:
				throw(
					_("{0}: at least {1} days, or 0 to keep for ever.").format(
						_(self.meta.get_label(fieldname)), retention.LEAST_DAYS
					)
				)

	def normalise_numbers(self):
		for row in self.sending_numbers:
			row.phone_number = self.sender(row)
			if not row.calls_per_second > 0:
				throw(_("Row {0}: calls per second must be above zero.").format(row.idx))
		if self.call_back_number:
			self.call_back_number = self.number(self.call_back_number, _("Call-back number"))
		if self.opt_out_number:
			where = _("Toll-free number to stop calls")
			self.opt_out_number = self.number(self.opt_out_number, where)
			if parse(self.opt_out_number).line_type != TOLL_FREE:
				throw(_("{0}: this number is not toll-free.").format(where))
		self.check_office()

	def check_office(self):
		"""Refuse an office number to which calls would come back to this site, or which callers pay for."""
		where = _("Office Number")
		if self.connect_office and not self.office_number:
			throw(_("{0}: enter the number to which calls are connected.").format(where))
		if not self.office_number:
			return
		self.office_number = self.number(self.office_number, where)
		if self.office_number in {self.opt_out_number, *(row.phone_number for row in self.sending_numbers)}:
			throw(
				_("{0}: calls to this number come back to this site. Enter the office's own.").format(where)
			)
		if parse(self.office_number).line_type == PREMIUM:
			throw(_("{0}: calls to this number cost extra.").format(where))
		if self.office_ring_seconds and not (
			line.SHORTEST_RING <= self.office_ring_seconds <= line.LONGEST_RING
		):
			throw(
				_("The office's phone rings for {0} to {1} seconds.").format(
					line.SHORTEST_RING, line.LONGEST_RING
				)
			)

	def sender(self, row) -> str:
		"""Return a row's sender: a number in E.164 form, or the SID of a Messaging Service.

		In Twilio's API such a SID is MG and 32 hexadecimal digits.
		"""
		where, written = _("Row {0}").format(row.idx), (row.phone_number or "").strip()
		if not written.upper().startswith("MG"):
			return self.number(written, where)
		service = "MG" + written[2:].lower()
		if not is_service(service):
			throw(_("{0}: the SID of a Messaging Service is MG and 32 characters 0-9 and a-f.").format(where))
		if row.channel != "Text":
			throw(_("{0}: a Messaging Service sends texts only. Use it for texts.").format(where))
		return service

	def check_privacy_policy(self):
		self.privacy_policy_url = (self.privacy_policy_url or "").strip()
		if self.privacy_policy_url and not is_address(self.privacy_policy_url):
			throw(
				_("The privacy policy URL starts with https:// and has {0} characters at most.").format(
					LONGEST_ADDRESS
				)
			)

	def check_voices(self):
		seen = set()
		for row in self.voices:
			if row.language in seen:
				throw(_("Voices, row {0}: {1} is there twice.").format(row.idx, row.language))
			seen.add(row.language)
			row.voice, row.spoken_language = row.voice.strip(), row.spoken_language.strip()
			if not voices.is_name(row.voice):
				throw(
					_("Voices, row {0}: write the voice as the carrier names it, such as {1}.").format(
						row.idx, "Polly.Joanna-Neural"
					)
				)
			if not voices.is_language(row.spoken_language):
				throw(
					_(
						"Voices, row {0}: write the voice's language as the carrier names it, such as {1}."
					).format(row.idx, "en-US")
				)

	def check_states_of_emergency(self):
		"""Store each state's abbreviation, which the rules compare."""
		for row in self.states_of_emergency:
			code = gazetteer.latest().state(gazetteer.UNITED_STATES, row.state)
			if not code or code in gazetteer.MILITARY:
				throw(
					_("States of emergency, row {0}: {1} is no state of the United States.").format(
						row.idx, row.state
					)
				)
			row.state = code
			if getdate(row.ends) < getdate(row.begins):
				throw(_("States of emergency, row {0}: the last day lies before the first.").format(row.idx))

	def number(self, raw: str, where: str) -> str:
		try:
			return parse(raw, country_code(self.default_country)).e164
		except InvalidNumber as error:
			throw(_("{0}: this is not a telephone number ({1}).").format(where, error.reason))


def is_address(text: str) -> bool:
	"""Return whether this is a web address that a person can open.

	It needs https, a host, no credentials, only valid characters, and at most LONGEST_ADDRESS of them.
	"""
	try:
		parts = urlsplit(text)
		is_web = parts.scheme == "https" and "." in (parts.hostname or "") and (parts.port or 1) > 0
	except ValueError:
		return False
	plain = text.isascii() and text.isprintable() and not set(text) & set(" <>\"'\\^`{|}")
	return is_web and plain and parts.username is None and len(text) <= LONGEST_ADDRESS
