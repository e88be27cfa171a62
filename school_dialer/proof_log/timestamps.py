"""Time stamps of an RFC 3161 authority on checkpoints: someone else's word for when a checkpoint existed.

Optional: the address is in Dialer Settings, and the client library comes with the extra `timestamps` of this
package. A failure is noted on the checkpoint and tried again with the next one.
"""

import secrets
import time
from base64 import b64decode, b64encode
from datetime import timedelta
from functools import partial
from hashlib import sha256
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.bounds.public_web import LONGEST as LONGEST_ADDRESS
from school_dialer.base.bounds.public_web import NotAsked, Rules, may_ask, path_of, public_address
from school_dialer.base.bounds.timed_connection import TooMuch, connected, content
from school_dialer.base.database.rows import update_each
from school_dialer.proof_log import checkpoints, store

MOST_SECONDS = 30
"""For all of it."""
LONGEST = 64 * 1024
GRANTED = (0, 1)
"""PKIStatus of RFC 3161, 2.4.2: granted, and granted with modifications."""
HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class NoStamp(Exception):
	"""The authority gave no usable time stamp. The message says why."""


def stamp_newest() -> None:
	"""Have the newest checkpoint stamped, if an authority is set, and note the result. The caller commits."""
	address = (frappe.get_cached_doc("Dialer Settings").timestamp_url or "").strip()
	newest = checkpoints.newest()
	if not address or not newest or newest.tsr:
		return
	try:
		response = ask(address, newest.text.encode())
	except NoStamp as error:
		values = {"stamp_problem": str(error)[:140]}
	else:
		values = {"tsr": b64encode(response).decode(), "stamped_at": clock.db_now(), "stamp_problem": None}
	update_each(store.CHECKPOINT, {checkpoints.name_of(newest.seq): values})


def ask(address: str, text: bytes) -> bytes:
	"""Return the authority's response (DER) over the SHA-256 of the text. Raises `NoStamp`."""
	try:
		import rfc3161ng
	except ImportError as error:
		raise NoStamp(_("The library is missing: pip install 'school_dialer[timestamps]'.")) from error
	digest, nonce = sha256(text).digest(), secrets.randbits(63)
	request = rfc3161ng.make_timestamp_request(
		digest=digest, hashname="sha256", include_tsa_certificate=True, nonce=nonce
	)
	response = post(address, rfc3161ng.encode_timestamp_request(request))
	check(response, digest, nonce)
	return response


def post(address: str, body: bytes) -> bytes:
	"""Return what the authority answers, in bounded time and length, without following it elsewhere.

	A Live site asks public addresses only, at the usual ports: settings do not open the school's network.
	"""
	ends = time.monotonic() + MOST_SECONDS
	try:
		parts = urlsplit(address[:LONGEST_ADDRESS])
		rules = rules_of(parts)
		found = public_address(parts.hostname, rules)
		with connected(found, parts.hostname, rules, ends, parts.scheme == "https") as connection:
			connection.request("POST", path_of(parts), body, {**HEADERS, "Host": parts.netloc})
			answer = connection.getresponse()
			if answer.status != 200:
				raise NoStamp(_("The authority answered {0}.").format(answer.status))
			return content(answer, LONGEST, ends)
	except NotAsked:
		raise NoStamp(_("The authority must have a public address, at port 80 or 443.")) from None
	except TooMuch:
		raise NoStamp(_("The authority's answer is too long.")) from None
	except (HTTPException, OSError, ValueError) as error:
		raise NoStamp(_("The authority did not answer ({0}).").format(type(error).__name__)) from error


def rules_of(parts: SplitResult) -> Rules:
	"""Return what may be asked of this address. Raises `NotAsked` or ValueError."""
	usual = {"https": 443, "http": 80}.get(parts.scheme)
	if not usual or not parts.hostname or parts.username or parts.password:
		raise NotAsked
	live = frappe.get_cached_doc("Dialer Settings").mode == "Live"
	if live and parts.port not in (None, usual):
		raise NotAsked
	return Rules(parts.port or usual, partial(may_ask, only_public=live))


def check(response: bytes, digest: bytes, nonce: int) -> None:
	"""Raise `NoStamp` unless the response grants a stamp over this digest and answers this request.

	The authority's signature is checked by those who rely on the stamp, with its certificate.
	"""
	import rfc3161ng

	try:
		decoded = rfc3161ng.decode_timestamp_response(response)
		granted = int(decoded.status["status"]) in GRANTED
		info = decoded.time_stamp_token.tst_info
		same = bytes(info.message_imprint.hashed_message) == digest and int(info["nonce"]) == nonce
	except Exception as error:
		# A hostile answer may raise anything in the decoder.
		raise NoStamp(_("The authority's answer is no time stamp.")) from error
	if not granted or not same:
		raise NoStamp(_("The authority's time stamp is not of this checkpoint."))


def of(stored: checkpoints.Stored) -> bytes:
	"""Return the stored response (DER), or nothing."""
	return b64decode(stored.tsr) if stored.tsr else b""


def late(since: timedelta) -> bool:
	"""Return whether an authority is set and no checkpoint was stamped for so long."""
	if not (frappe.get_cached_doc("Dialer Settings").timestamp_url or "").strip():
		return False
	last = frappe.db.sql("select max(stamped_at) from `tabDialer Proof Checkpoint`")[0][0]
	return last is None or clock.db_now() - last > since
