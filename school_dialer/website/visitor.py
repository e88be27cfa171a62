"""Whose request this is, as far as it can be known: the address that tries are counted by.

The sender of a request may write X-Forwarded-For, and each proxy adds the address that it heard from at its end. So only the entries
that the school's own proxies added are believed, counted from the right; what stands before them is anybody's word. Frappe takes the first
one, which is the visitor's own invention when they send one.
"""

import ipaddress

import frappe

from school_dialer.consent.choices import rate_limits

HOPS_KEY = "dialer_trusted_proxies"
"""In the site's configuration: how many proxies of the school's stand before the site, 0 to 5. By default one, as bench sets up nginx, and
it is believed only where it runs on this machine or in a private network."""
HOPS, MOST_HOPS = 1, 5
IPV6_PREFIX = 64
"""One subscriber has a /64 at least (RFC 6177), and may take another address of it for each request."""
PRIVATE = tuple(
	map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"))
)
"""RFC 1918, 4193 and 4291. Python's `is_private` has more: networks for documentation and tests, from which no proxy speaks."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address() -> str:
	"""The visitor's IP address, or "" where none can be read."""
	found = _address()
	return str(found) if found else ""


def network() -> str:
	"""What a visitor's tries are counted by: an IPv4 address, or the /64 of an IPv6 address; "" where there is none."""
	return network_of(_address())


def network_of(found: Address | None) -> str:
	if found is None:
		return ""
	if found.version == 6:
		return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
	return str(found)


def over(kind: str, most: int, seconds: int) -> bool:
	"""Count one try of this visitor, and say whether it is beyond `most` in this window of `seconds`."""
	return rate_limits.over(kind, network(), most, seconds)


def _address() -> Address | None:
	request = frappe.request
	environ = request.environ if request else {}
	forwarded = (environ.get("HTTP_X_FORWARDED_FOR") or "").strip()
	# A server on a Unix socket names no peer. Without the header, what Frappe found is the peer.
	peer = read_address(environ.get("REMOTE_ADDR") or ("" if forwarded else frappe.local.request_ip))
	hops, is_set = trusted_hops()
	if not (hops and forwarded) or not (is_set or peer is None or is_near(peer)):
		return peer
	entries = forwarded.rsplit(",", hops)[-hops:]
	# The one that the outermost of our proxies heard from. With fewer entries than proxies the request did not come through all of them.
	return read_address(entries[0]) if len(entries) == hops else peer


def trusted_hops() -> tuple[int, bool]:
	"""How many, and whether the site's configuration says so. What is no such number there counts as none."""
	configured = frappe.conf.get(HOPS_KEY)
	if configured is None:
		return HOPS, False
	fits = type(configured) is int and 0 <= configured <= MOST_HOPS
	return (configured if fits else 0), True


def is_near(peer: Address) -> bool:
	"""Whether a proxy of the school's may be there: this machine, or a private network."""
	return peer.is_loopback or any(peer in network for network in PRIVATE if network.version == peer.version)


def read_address(text: str | None) -> Address | None:
	"""An address as a header writes it, without the zone or port that some proxies add; an IPv4 address in an IPv6 one as itself."""
	written = (text or "").strip()[:100]
	if written.startswith("["):
		written = written[1:].partition("]")[0]
	elif written.count(":") == 1:
		written = written.partition(":")[0]
	try:
		found = ipaddress.ip_address(written.partition("%")[0])
	except ValueError:
		return None
	return getattr(found, "ipv4_mapped", None) or found
