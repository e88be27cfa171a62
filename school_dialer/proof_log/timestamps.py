"""Time stamps of an RFC 3161 authority on checkpoints: someone else's word for when a checkpoint existed.

Optional: the address is in Dialer Settings, and the client library comes with the extra `timestamps` of this
package. A failure is noted on the checkpoint and tried again with the next one.
"""

import secrets
from base64 import b64decode, b64encode
from datetime import timedelta
from hashlib import sha256

import frappe
import requests
from frappe import _

from school_dialer.base import clock
from school_dialer.base.database.rows import update_each
from school_dialer.proof_log import checkpoints, store

SECONDS = (5, 10)
"""To connect, and between two parts of the answer."""
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
	"""Return what the authority answers, of bounded length and without following it elsewhere."""
	if not address.startswith(("https://", "http://")):
		raise NoStamp(_("The address of the authority starts with https://."))
	try:
		with requests.post(
			address, body, headers=HEADERS, timeout=SECONDS, stream=True, allow_redirects=False
		) as answer:
			if answer.status_code != 200:
				raise NoStamp(_("The authority answered {0}.").format(answer.status_code))
			content = answer.raw.read(LONGEST + 1, decode_content=True)
	except (requests.RequestException, OSError, ValueError) as error:
		raise NoStamp(_("The authority did not answer ({0}).").format(type(error).__name__)) from error
	if len(content) > LONGEST:
		raise NoStamp(_("The authority's answer is too long."))
	return content


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
