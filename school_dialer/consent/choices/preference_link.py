"""Signed links to the preference page: one person, one number, for a few days.

The URL holds a random name, the expiry, and a signature over both and the number: 43 characters that reveal
nothing. The number stays in Dialer Preference Link. The signature is not stored, so a link cannot be made
from the database alone.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import frappe

from school_dialer.base import clock, public_url
from school_dialer.base.database.rows import stamp
from school_dialer.base.jobs import job
from school_dialer.base.phone import mask
from school_dialer.consent import keys
from school_dialer.consent.choices import rate_limits
from school_dialer.consent.replies import answer_limits, confirmation_requests, known_number

PATH = "/dialer-preferences"
DOCTYPE = "Dialer Preference Link"
VALID_FOR = timedelta(days=7)
TO_UNDO = timedelta(minutes=10)
"""How long the report of a wrong number can be undone (`wrong_number`)."""
NAME_BYTES, EXPIRY_BYTES, SIGNATURE_BYTES = 12, 4, 16
SIGNED_BYTES = NAME_BYTES + EXPIRY_BYTES
TOKEN_LENGTH = 43
TEXT, EMAIL, PAGE = "Text", "E-mail", "Page"

INVALID, EXPIRED = "invalid", "expired"


class LinkRefused(Exception):
	"""The link is not accepted. `reason` is "invalid" or "expired"."""

	def __init__(self, reason: str):
		super().__init__(reason)
		self.reason = reason


@dataclass(frozen=True)
class Link:
	"""A valid link. `phone` is E.164. `language` is the person's, or empty.

	`only_stops`: it came by mail, or on the page of a signed form, so the one who opens it need not hold the
	phone. It stops, and starts nothing. `undoable` means that its holder has just reported the number as
	wrong, and can undo that.
	"""

	name: str
	phone: str
	language: str
	only_stops: bool = False
	undoable: bool = False


def issue(phone: str, *, language: str = "", sent_by: str = TEXT, valid_for: timedelta = VALID_FOR) -> str:
	"""Create a link for `phone` (E.164) and return its name.

	Send it only to the person the number belongs to.
	"""
	(name,) = issue_all([(phone, language)], sent_by=sent_by, valid_for=valid_for)
	return name


def issue_all(
	people: Sequence[tuple[str, str]], *, sent_by: str = TEXT, valid_for: timedelta = VALID_FOR
) -> list[str]:
	"""Create links for many (phone, language) pairs with one statement. Returns names in the same order."""
	now = clock.now()
	rows = [
		{
			"name": secrets.token_hex(NAME_BYTES),
			**stamp(clock.to_db(now)),
			"phone": phone,
			"phone_masked": mask(phone),
			"language": language[:20],
			"sent_by": sent_by,
			"expires_at": clock.to_db((now + valid_for).replace(microsecond=0)),
		}
		for phone, language in people
	]
	if rows:
		link = frappe.qb.DocType(DOCTYPE)
		frappe.qb.into(link).columns(*rows[0]).insert(*(tuple(row.values()) for row in rows)).run()
	return [row["name"] for row in rows]


def urls(people: Sequence[tuple[str, str]]) -> list[str]:
	"""Create a link for each (phone, language) and return the full URLs, in the same order."""
	expires_at = clock.from_db(clock.to_db((clock.now() + VALID_FOR).replace(microsecond=0)))
	names = issue_all(people)
	return [
		f"{address()}?t={token(name, phone, expires_at)}"
		for name, (phone, _language) in zip(names, people, strict=True)
	]


def sample() -> str:
	"""Return a URL as long as a real one that opens nothing."""
	return f"{address()}?t={'x' * TOKEN_LENGTH}"


def send_by_text(phone: str, *, language: str = "") -> str | None:
	"""Create a link and request a text with it. Returns the name of the Dialer Notice.

	While an earlier notice is waiting, its name is returned. Returns None when the number or the user has had
	the texts that `answer_limits` allows. The caller makes sure that the number is on record. The text and
	the page come in the language in which the person is called, and in `language` if that is not known.
	"""
	language = known_number.language_of(phone) or language
	waiting = frappe.db.get_value(
		"Dialer Notice",
		{
			"phone": phone,
			"kind": answer_limits.PREFERENCE_LINK,
			"status": confirmation_requests.WAITING,
		},
	)
	if waiting:
		return waiting
	if answer_limits.number_is_full(phone) or answer_limits.agent_is_full() or is_one_too_many(phone):
		answer_limits.held_back(answer_limits.PREFERENCE_LINK, phone)
		return None
	name = issue(phone, language=language)
	return confirmation_requests.request_text(
		answer_limits.PREFERENCE_LINK,
		phone,
		language=language,
		token_id=name,
		not_after=clock.now() + timedelta(hours=1),
	)


def is_one_too_many(phone: str) -> bool:
	"""Count a link, and return whether the number or the user had too many today.

	`answer_limits` counts what is committed, so requests at the same moment do not see each other. These
	counts are atomic.
	"""
	user, most = frappe.session.user, answer_limits.NUMBER_A_DAY
	often = rate_limits.over("links texted to", phone, most, rate_limits.DAY)
	if user in answer_limits.NO_AGENTS:
		return often
	return rate_limits.over("links texted by", user, answer_limits.AGENT_A_DAY, rate_limits.DAY) or often


def url(name: str) -> str:
	row = frappe.db.get_value(DOCTYPE, name, ["phone", "expires_at"], as_dict=True)
	return f"{address()}?t={token(name, row.phone, clock.from_db(row.expires_at))}"


def address() -> str:
	"""Return the URL of the page without a link. People can request a link there."""
	return public_url.base() + PATH


def token(name: str, phone: str, expires_at: datetime) -> str:
	"""Return the signed text of a link. `expires_at` is aware."""
	signed = bytes.fromhex(name) + int(expires_at.timestamp()).to_bytes(EXPIRY_BYTES, "big")
	return base64.urlsafe_b64encode(signed + _signature(signed, phone)).decode().rstrip("=")


def _signature(signed: bytes, phone: str) -> bytes:
	key = keys.derive("preference link")
	return hmac.digest(key, signed + phone.encode(), sha256)[:SIGNATURE_BYTES]


def read_link(text: str, to_undo: bool = False) -> Link:
	"""Return the link behind a token. Raises `LinkRefused`.

	The reason is "expired" only for a genuine link, so that a forged token learns nothing. `to_undo` also
	accepts a link over which the number was just reported as wrong, for a page that offers the way back.
	"""
	raw = _decode(text)
	signed, name = raw[:SIGNED_BYTES], raw[:NAME_BYTES].hex()
	row = frappe.db.get_value(
		DOCTYPE,
		name,
		["phone", "language", "creation", "expires_at", "ended_at", "sent_by", "wrong_at"],
		as_dict=True,
	)
	genuine = hmac.compare_digest(raw[SIGNED_BYTES:], _signature(signed, row.phone if row else ""))
	if row is None or not genuine:
		raise LinkRefused(INVALID)
	expires_at = int.from_bytes(raw[NAME_BYTES:SIGNED_BYTES], "big")
	now = clock.now()
	if row.ended_at or now.timestamp() >= expires_at or now >= clock.from_db(row.expires_at):
		raise LinkRefused(EXPIRED)
	if _belongs_to_another_person(row.phone, row.creation):
		raise LinkRefused(EXPIRED)
	if row.wrong_at and not (to_undo and now < clock.from_db(row.wrong_at) + TO_UNDO):
		raise LinkRefused(EXPIRED)
	language = row.language or known_number.language_of(row.phone)
	return Link(name, row.phone, language, only_stops=row.sent_by != TEXT, undoable=bool(row.wrong_at))


def only_stops(name: str) -> bool:
	return frappe.db.get_value(DOCTYPE, name, "sent_by") != TEXT


def _decode(text: str) -> bytes:
	if len(text) != TOKEN_LENGTH or not text.isascii():
		raise LinkRefused(INVALID)
	try:
		raw = base64.b64decode(text + "=", altchars=b"-_", validate=True)
	except binascii.Error:
		raise LinkRefused(INVALID) from None
	if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
		raise LinkRefused(INVALID)
	return raw


def _belongs_to_another_person(phone: str, since: datetime) -> bool:
	"""Return whether the number was reported as wrong after the link was made.

	Its holder is then not the person who got the link.
	"""
	return bool(
		frappe.db.exists(
			"Consent Event", {"phone": phone, "kind": "Wrong Number", "effective_at": (">=", since)}
		)
	)


def used(link: Link) -> None:
	"""Record that the link was used now."""
	frappe.db.set_value(DOCTYPE, link.name, "used_at", clock.db_now(), update_modified=False)


def end_link(name: str) -> None:
	"""End the link. From now on it opens nothing."""
	frappe.db.set_value(DOCTYPE, name, "ended_at", clock.db_now(), update_modified=False)


@job
def daily() -> None:
	"""Scheduler job: delete links, and their numbers, 30 days after they expire. Commits."""
	link = frappe.qb.DocType(DOCTYPE)
	limit = clock.to_db(clock.now() - timedelta(days=30))
	frappe.qb.from_(link).delete().where(link.expires_at < limit).run()
	frappe.db.commit()
