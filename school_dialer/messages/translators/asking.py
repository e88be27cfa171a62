"""Post to a translator, bounded in time and size. No Frappe.

A service on the Internet is asked as `bounds.public_web` allows. A school's own may be anywhere, since who
runs the server has named it in the site's configuration. No redirect is followed: the key goes to no other.
"""

import json
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, urlsplit

from school_dialer.base.bounds import bounded_json
from school_dialer.base.bounds.public_web import (
	LONGEST,
	PUBLIC,
	NotAsked,
	Rules,
	host_header,
	parts_of,
	path_of,
	public_address,
)
from school_dialer.base.bounds.timed_connection import Compressed, TooMuch, connected, content
from school_dialer.base.wording import Wording as _
from school_dialer.messages.translators.base import NotTranslated, unreadable

MOST_SECONDS = 25
"""For all of it. A school's own machine may be slow."""
MOST_BYTES = 200_000
REFUSED = {
	400: _("The translator does not know one of these languages, or does not take these words."),
	401: _("The translator does not accept the key."),
	403: _("The translator does not accept the key."),
	413: _("The words are too long for the translator."),
	429: _("The translator asks to wait. Try again in a minute."),
	456: _("What the translator's account may translate is used up."),
}


def own_network(address: str) -> Rules:
	"""Return rules for this address alone, wherever it is. Raise `NotTranslated` for what is no address."""
	try:
		parts = urlsplit(address[:LONGEST])
		port = parts.port or {"http": 80, "https": 443}[parts.scheme]
	except (ValueError, KeyError):
		port = 0
	if not port or parts.scheme not in ("http", "https") or not parts.hostname:
		raise NotTranslated(_("The translator in the site's configuration has no address that can be asked."))
	return Rules(port, lambda _address: True)


def post(
	url: str,
	body: Mapping[str, Any],
	headers: Mapping[str, str],
	own: Rules | None = None,
	rules: Rules = PUBLIC,
	seconds: float = MOST_SECONDS,
) -> Any:
	"""Return the JSON that answers this JSON. Raise `NotTranslated`.

	`own` are the rules of a translator in the school's own network, which may be asked without encryption.
	"""
	ends = time.monotonic() + seconds
	try:
		parts = urlsplit(url[:LONGEST]) if own else parts_of(url, rules)
		return bounded_json.parse(_asked(parts, own or rules, body, headers, ends), MOST_BYTES)
	except NotAsked:
		raise NotTranslated(
			_(
				"The address of the translator must be HTTPS at port 443 of a public address. "
				"One in your own network is entered in the site's configuration."
			)
		) from None
	except (bounded_json.NotRead, Compressed, TooMuch):
		raise unreadable() from None
	except (HTTPException, OSError, ValueError) as error:
		if time.monotonic() >= ends or isinstance(error, TimeoutError):
			raise NotTranslated(_("The translator takes too long. Try again.")) from None
		if isinstance(error, ssl.SSLCertVerificationError):
			raise NotTranslated(_("The certificate of the translator is not valid.")) from None
		raise NotTranslated(_("The translator does not answer. Check its address.")) from None


def _asked(
	parts: SplitResult, rules: Rules, body: Mapping[str, Any], headers: Mapping[str, str], ends: float
) -> bytes:
	address = public_address(parts.hostname, rules)
	given = {
		"Host": host_header(parts, rules),
		"User-Agent": "school_dialer translations",
		"Accept": "application/json",
		"Accept-Encoding": "identity",
		"Content-Type": "application/json",
		**headers,
	}
	secure, seconds = parts.scheme == "https", max(0.01, ends - time.monotonic())
	with connected(address, parts.hostname, rules, ends, secure, seconds) as connection:
		connection.request("POST", path_of(parts), json.dumps(body).encode(), given)
		answer = connection.getresponse()
		if answer.status != 200:
			raise NotTranslated(
				REFUSED.get(answer.status) or _("The translator answers with HTTP {0}.", answer.status)
			)
		return content(answer, MOST_BYTES, ends)
