import re
from urllib.parse import urlsplit

from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from school_dialer import clock
from school_dialer.carriers.base import is_service
from school_dialer.compliance import gazetteer
from school_dialer.health import alert, endpoint
from school_dialer.messages.spoken import voices
from school_dialer.phone import TOLL_FREE, InvalidNumber, parse
from school_dialer.privacy import retention
from school_dialer.refusal import throw
from school_dialer.settings import live_checklist
from school_dialer.settings.carrier_settings import LOOPBACK

ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
LONGEST_ADDRESS = 120
"""The URL is part of a text, and texts are billed by length."""


class DialerSettings(Document):
	def validate(self):
		self.normalise_numbers()
		self.check_retention()
		self.check_voices()
		self.check_privacy_policy()
		self.check_states_of_emergency()
		if self.account_sid and not ACCOUNT_SID.fullmatch(self.account_sid):
			throw(
				_("The Account SID is AC and 32 characters 0-9 and a-f, as the carrier's console shows it.")
			)
		if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
			throw(_("The public URL starts with https://."))
		self.check_fallback_url()
		if self.mode == "Live":
			clock.require_true_clock()
		endpoint.check_token(self)
		alert.keep_incident(self)
		live_checklist.guard(self)

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
			return parse(raw).e164
		except InvalidNumber as error:
			throw(_("{0}: this is not a telephone number ({1}).").format(where, error.reason))


def is_address(text: str) -> bool:
	"""Return whether this is a web address that a person can open.

	It needs https, a host, no credentials, only valid characters, and at most LONGEST_ADDRESS of them.
	"""
	try:
		parts = urlsplit(text)
		known = parts.scheme == "https" and "." in (parts.hostname or "") and (parts.port or 1) > 0
	except ValueError:
		return False
	plain = text.isascii() and text.isprintable() and not set(text) & set(" <>\"'\\^`{|}")
	return known and plain and parts.username is None and len(text) <= LONGEST_ADDRESS
