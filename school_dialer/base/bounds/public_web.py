"""Ask a web server on the Internet without becoming a way into the school's network.

Only HTTPS at one port of a public address is asked. The address is resolved once and then used for the
connection, so that a name cannot be bound to another address in between. After a redirect, `parts_of` and
`public_address` are asked again. No Frappe.
"""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import certifi
import urllib3

LONGEST = 500
"""Characters of a URL that are read."""
NAT64 = ip_network("64:ff9b::/96")


class NotAsked(Exception):
	"""The URL leads somewhere that is never asked, or nowhere."""


def may_ask(address: str, only_public: bool = True) -> bool:
	"""Return whether an address is public, or is this machine's where that is allowed.

	An IPv6 address that embeds an IPv4 address is checked by the embedded one.
	"""
	ip = ip_address(address.partition("%")[0])
	if isinstance(ip, IPv6Address):
		ip = inside(ip)
	if ip.is_loopback:
		return not only_public
	return ip.is_global and not ip.is_multicast


def inside(address: IPv6Address) -> IPv4Address | IPv6Address:
	"""Return the IPv4 address in a mapped, 6to4, Teredo or NAT64 address, or else the address itself.

	See RFC 4291, 3056, 4380, 6052.
	"""
	if address in NAT64:
		return IPv4Address(int(address) & 0xFFFFFFFF)
	teredo = address.teredo
	return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


@dataclass(frozen=True, slots=True)
class Rules:
	"""What may be asked: only the port, and addresses that `allowed` accepts. `ca_certs` is a path."""

	port: int = 443
	allowed: Callable[[str], bool] = may_ask
	ca_certs: str = certifi.where()


PUBLIC = Rules()


def parts_of(url: str, rules: Rules = PUBLIC) -> SplitResult:
	"""Return the parts of a URL that may be asked. Raise `NotAsked` or ValueError."""
	parts = urlsplit(url[:LONGEST])
	if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
		raise NotAsked
	if (parts.port or rules.port) != rules.port:
		raise NotAsked
	return parts


def public_address(host: str, rules: Rules = PUBLIC) -> str:
	"""Return one address of this host. Raise `NotAsked` unless all of them may be asked."""
	addresses = {row[4][0] for row in socket.getaddrinfo(host, rules.port, type=socket.SOCK_STREAM)}
	if not addresses or not all(rules.allowed(address) for address in addresses):
		raise NotAsked
	return sorted(addresses)[0]


def connections(
	parts: SplitResult, address: str, rules: Rules, connect: float, read: float
) -> urllib3.HTTPSConnectionPool:
	"""Return a pool for one connection to this address, under the host name that its certificate must carry.

	`connect` and `read` are seconds: for the connection, and between two parts of an answer.
	"""
	return urllib3.HTTPSConnectionPool(
		address,
		rules.port,
		timeout=urllib3.Timeout(connect=connect, read=read),
		retries=False,
		maxsize=1,
		server_hostname=parts.hostname,
		assert_hostname=parts.hostname,
		cert_reqs=ssl.CERT_REQUIRED,
		ca_certs=rules.ca_certs,
	)


def host_header(parts: SplitResult, rules: Rules) -> str:
	return parts.hostname if rules.port == 443 else f"{parts.hostname}:{rules.port}"


def path_of(parts: SplitResult) -> str:
	return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
