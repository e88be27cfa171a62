"""Serve recordings to the carrier at a signed URL for one call, while that call lasts.

The URL has the names of the call log and the recording (both random), an expiry time, and an HMAC over the
three. It is not valid for another log or recording, after fifteen minutes, or once the call is over.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import frappe

from school_dialer.base import clock, public_url, states
from school_dialer.consent import keys
from school_dialer.messages.model import Outgoing
from school_dialer.messages.sound import recordings
from school_dialer.messages.sound.audio import CONTENT_TYPES

VALID_FOR = timedelta(minutes=15)
"""Counted from the answer or the last key press: longer than any message takes."""
METHOD = "school_dialer.webhooks.audio.play"
LONGEST = 140


class NotPlayed(Exception):
	"""`status` is the HTTP status: 403 for an invalid URL, 404 for a recording that is gone."""

	def __init__(self, status: int):
		super().__init__(f"HTTP {status}")
		self.status = status


@dataclass(frozen=True, slots=True)
class Sound:
	path: Path
	content_type: str


def audible(outgoing: Outgoing, log: str) -> Outgoing:
	"""Return the message with URLs at which the carrier may fetch its recordings for this call."""
	return replace(outgoing, play_url=lambda recording: url(log, recording))


def url(log: str, recording: str) -> str:
	expires = str(int((clock.now() + VALID_FOR).timestamp()))
	query = {
		"log": log,
		"recording": recording,
		"expires": expires,
		"signature": signature(log, recording, expires),
	}
	return f"{public_url.base()}/api/method/{METHOD}?{urlencode(query)}"


def signature(log: str, recording: str, expires: str) -> str:
	signed = "\n".join((log, recording, expires)).encode()
	return hmac.digest(keys.derive("recording address"), signed, sha256).hex()


def opened(query: Mapping[str, str]) -> Sound:
	"""Return the recording at this signed URL. Raises `NotPlayed`.

	Nothing is looked up before the signature has been checked.
	"""
	log, recording, expires, given = (
		(query.get(name) or "")[:LONGEST] for name in ("log", "recording", "expires", "signature")
	)
	if not hmac.compare_digest(signature(log, recording, expires).encode(), given.encode()):
		raise NotPlayed(403)
	if clock.now().timestamp() >= int(expires) or not is_open(log):
		raise NotPlayed(403)
	if not frappe.db.exists(recordings.DOCTYPE, recording):
		raise NotPlayed(404)
	doc = frappe.get_cached_doc(recordings.DOCTYPE, recording)
	path = recordings.path(doc)
	if path is None:
		raise NotPlayed(404)
	return Sound(path, CONTENT_TYPES[doc.format])


def is_open(log: str) -> bool:
	rank = frappe.db.get_value("Dialer Call Log", log, "status_rank")
	return rank is not None and rank < states.FINAL_RANK
