"""Test whether the carrier can reach this site: request our own public URL exactly as the carrier would.

The probe posts a nonce with the carrier's signature, and accepts only an HMAC of that nonce by the site's own
key. The nonce is noted in the database first, and the answer says whether it was found there: a copy of the
site has the same key and not that note. This proves the name, the certificate, every proxy in front, the
path and the signature check all at once.

Only the configured public URL is requested. Redirects are not followed, and Live mode allows only HTTPS to a
public address. Simulated mode also allows this machine, but no other host on a private network. The address
is resolved once and then used for the connection, so the name cannot be rebound in between. Only a short part
of the response is read.
"""

import hmac
import secrets
import socket
import ssl
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import SplitResult, urlencode, urlsplit

import certifi
import frappe
import urllib3
from frappe import _
from twilio.request_validator import RequestValidator
from urllib3.exceptions import HTTPError, SSLError

from school_dialer.base import public_url
from school_dialer.base.bounds.public_web import may_ask
from school_dialer.base.refusal import throw
from school_dialer.consent import keys
from school_dialer.continuity import hosts
from school_dialer.settings import carrier_accounts, carrier_settings

CONNECT_SECONDS, READ_SECONDS = 5, 10
LONGEST_ANSWER = 4096
NONCE = "Nonce"


class NotReached(frappe.ValidationError):
	"""The site was not reached. The message says what went wrong and what to do."""


class AnotherCopy(NotReached):
	"""The public address leads to a site with our keys and another database."""


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
	status: int
	location: str
	body: str


def check_webhooks(base: str = "") -> None:
	"""Raise `NotReached` with the reason unless signed requests to the public URL reach this site.

	`base` is a public URL to try in place of that of the settings.

	One is made as each account in use would make it. Raises `AnotherCopy` if they reach a copy of the site.
	Commits.
	"""
	ours = carrier_settings.webhook_url("probe")
	url = base.rstrip("/") + ours.removeprefix(public_url.base()) if base else ours
	for account in carrier_accounts.in_use():
		nonce = secrets.token_hex(16)
		hosts.ask(nonce)
		frappe.db.commit()
		try:
			understand(ask_site(url, {"AccountSid": account.id, NONCE: nonce}, ours), reply(nonce))
		finally:
			hosts.take_back(nonce)
			frappe.db.commit()


def reply(nonce: str) -> str:
	"""Return the answer that only this site can give: its key's, and then its database's."""
	noted = f"{nonce} noted here" if hosts.was_asked(nonce) else f"{nonce} not noted here"
	return f"{_mac(nonce)} {_mac(noted)}"


def _mac(text: str) -> str:
	return hmac.digest(keys.derive("reachability"), text.encode(), sha256).hex()


def ask_site(url: str, form: dict[str, str], signed: str = "") -> ProbeAnswer:
	"""Post the form to this URL. `signed` is the URL that the settings have, by which the site checks it."""
	parts = urlsplit(url)
	live = carrier_settings.is_live()
	if not parts.hostname or parts.scheme not in ("http", "https"):
		throw(_("Enter the Public URL first. It starts with https://."), NotReached)
	if live and parts.scheme != "https":
		throw(_("Live mode needs a Public URL that starts with https://."), NotReached)
	account = carrier_accounts.by_id(form["AccountSid"])
	token = account and carrier_accounts.webhook_key(account)
	if not token or not form["AccountSid"]:
		throw(
			_("Enter the carrier's Account SID and Auth token first: the request is signed with them."),
			NotReached,
		)
	address = look_up(parts, only_public=live)
	headers = {
		"Host": parts.netloc.rpartition("@")[2],
		"Content-Type": "application/x-www-form-urlencoded",
		carrier_settings.signature_headers(account.carrier)[0]: RequestValidator(token).compute_signature(
			signed or url, form
		),
	}
	return post(parts, address, urlencode(form), headers)


def look_up(parts: SplitResult, only_public: bool) -> str:
	"""Return the host's first address: a public one or, unless `only_public`, one of this machine.

	Raises `NotReached` if any of its addresses is on another network.
	"""
	try:
		entries = socket.getaddrinfo(parts.hostname, port_of(parts), type=socket.SOCK_STREAM)
	except (OSError, UnicodeError):
		throw(
			_("The name {0} is not known. Check the spelling, and that its DNS record exists.").format(
				parts.hostname
			),
			NotReached,
		)
	addresses = [row[4][0] for row in entries]
	if not all(may_ask(address, only_public) for address in addresses):
		throw(
			_("{0} is an address of a private network, which the carrier cannot reach.").format(
				parts.hostname
			),
			NotReached,
		)
	return addresses[0]


def port_of(parts: SplitResult) -> int:
	try:
		return parts.port or (443 if parts.scheme == "https" else 80)
	except ValueError:
		throw(_("The port in the Public URL is no number."), NotReached)


def post(parts: SplitResult, address: str, body: str, headers: dict[str, str]) -> ProbeAnswer:
	"""Post to this resolved address, with the host name that the certificate must carry."""
	timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
	options = {"timeout": timeout, "retries": False, "maxsize": 1}
	if parts.scheme == "https":
		names = {"server_hostname": parts.hostname, "assert_hostname": parts.hostname}
		trusted = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": certifi.where()}
		pool = urllib3.HTTPSConnectionPool(address, port_of(parts), **names, **trusted, **options)
	else:
		pool = urllib3.HTTPConnectionPool(address, port_of(parts), **options)
	try:
		with pool:
			answer = pool.request(
				"POST", parts.path, body=body, headers=headers, redirect=False, preload_content=False
			)
			text = answer.read(LONGEST_ANSWER).decode(errors="replace")
			return ProbeAnswer(answer.status, answer.headers.get("Location", ""), text)
	except SSLError:
		throw(
			_("The certificate of {0} is not valid: expired, for another name, or incomplete.").format(
				parts.hostname
			),
			NotReached,
		)
	except (HTTPError, OSError):
		throw(
			_(
				"Nothing answers at {0} within {1} seconds. Check that the site is served there and that the "
				"firewall lets the carrier in. Some networks do not let a server reach its own public "
				"address; then look at the carrier's own log of errors instead."
			).format(parts.hostname, CONNECT_SECONDS + READ_SECONDS),
			NotReached,
		)


def understand(answer: ProbeAnswer, expected: str) -> None:
	if answer.status == 200 and hmac.compare_digest(answer.body.strip().encode(), expected.encode()):
		return
	first, _space, second = answer.body.strip().partition(" ")
	if answer.status == 200 and second and hmac.compare_digest(first.encode(), expected.split()[0].encode()):
		throw(
			_(
				"The public address leads to another copy of this site. Only the site that the carrier "
				"reaches may call."
			),
			AnotherCopy,
		)
	if answer.location or 300 <= answer.status < 400:
		throw(
			_("The address answers with a redirect. Enter the address it leads to as the Public URL."),
			NotReached,
		)
	if answer.status == 403:
		throw(
			_(
				"The request arrived, but its signature did not fit: a proxy in front of the site changes "
				"the address. Let it pass on path and query unchanged, and enter the Public URL exactly as "
				"the carrier calls it."
			),
			NotReached,
		)
	if answer.status == 404:
		throw(
			_(
				"Something else answers there, or another site of this bench (HTTP 404). Check the Public "
				"URL and the host name."
			),
			NotReached,
		)
	if answer.status >= 500:
		throw(
			_("The server answers with an error (HTTP {0}). Look at its log, and at the Error Log.").format(
				answer.status
			),
			NotReached,
		)
	throw(
		_("Something else answers at this address (HTTP {0}), not this site.").format(answer.status),
		NotReached,
	)
