"""Find whose request this is, as far as that can be known: the IP address by which tries are counted.

A request's sender may write X-Forwarded-For itself, and each proxy appends the address it received the
request from. So only the entries that the school's own proxies added are trusted, counted from the right;
anything before them may be forged. Frappe takes the first entry, which is made up by the visitor if they send
one.
"""

import ipaddress

import frappe

from school_dialer.consent.choices import rate_limits

HOPS_KEY = "dialer_trusted_proxies"
"""Key in the site's configuration: how many of the school's proxies are in front of the site, 0 to 5.

The default is one, as bench sets up nginx, and that one is trusted only if it runs on this machine or in a
private network.
"""
HOPS, MOST_HOPS = 1, 5
IPV6_PREFIX = 64
"""One subscriber has at least a /64 (RFC 6177) and may use another address from it for each request."""
PRIVATE = tuple(
	map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"))
)
"""RFC 1918, 4193 and 4291.

Python's `is_private` includes more: documentation and test networks, where no proxy runs.
"""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address() -> str:
	"""Return the visitor's IP address, or "" if it cannot be determined."""
	ip = _address()
	return str(ip) if ip else ""


def network() -> str:
	"""Return what a visitor's tries are counted by.

	That is an IPv4 address, the /64 of an IPv6 address, or "" if unknown.
	"""
	return network_of(_address())


def network_of(ip: Address | None) -> str:
	if ip is None:
		return ""
	if ip.version == 6:
		return str(ipaddress.ip_network((ip, IPV6_PREFIX), strict=False))
	return str(ip)


def over(kind: str, most: int, seconds: int) -> bool:
	"""Count one try by this visitor, and return whether it exceeds `most` in this window of `seconds`."""
	return rate_limits.over(kind, network(), most, seconds)


def _address() -> Address | None:
	request = frappe.request
	environ = request.environ if request else {}
	forwarded = (environ.get("HTTP_X_FORWARDED_FOR") or "").strip()
	# A server on a Unix socket reports no peer. Without the header, the address that Frappe found is the
	# peer.
	peer = read_address(environ.get("REMOTE_ADDR") or ("" if forwarded else frappe.local.request_ip))
	hops, is_set = trusted_hops()
	if not (hops and forwarded) or not (is_set or peer is None or is_near(peer)):
		return peer
	entries = forwarded.rsplit(",", hops)[-hops:]
	# The address from which the school's outermost proxy received the request. With fewer entries than
	# proxies, the request did not pass through all of them.
	return read_address(entries[0]) if len(entries) == hops else peer


def trusted_hops() -> tuple[int, bool]:
	"""Return how many proxies are trusted, and whether the site's configuration sets it.

	An invalid setting counts as 0.
	"""
	configured = frappe.conf.get(HOPS_KEY)
	if configured is None:
		return HOPS, False
	fits = type(configured) is int and 0 <= configured <= MOST_HOPS
	return (configured if fits else 0), True


def is_near(peer: Address) -> bool:
	"""Return whether one of the school's proxies may be at this address.

	That is this machine, or a private network.
	"""
	return peer.is_loopback or any(peer in network for network in PRIVATE if network.version == peer.version)


def read_address(text: str | None) -> Address | None:
	"""Parse an address as headers write it, without the zone or port that some proxies add.

	An IPv4-mapped IPv6 address is returned as IPv4; text that is not an address gives None.
	"""
	written = (text or "").strip()[:100]
	if written.startswith("["):
		written = written[1:].partition("]")[0]
	elif written.count(":") == 1:
		written = written.partition(":")[0]
	try:
		parsed = ipaddress.ip_address(written.partition("%")[0])
	except ValueError:
		return None
	return getattr(parsed, "ipv4_mapped", None) or parsed
