"""The address of a request: only what the school's own proxies wrote is trusted."""

from types import SimpleNamespace

import frappe
import pytest

from school_dialer.website import visitor

PROXY = "127.0.0.1"


@pytest.fixture
def asked(monkeypatch):
	"""Return a function that returns the client address of a request.

	It takes the peer, the header, and the number of proxies in the site's configuration.
	"""

	def ask(peer: str | None, forwarded: str | None = None, proxies: object = None) -> str:
		environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
		environ = {key: value for key, value in environ.items() if value is not None}
		monkeypatch.setattr(frappe.local, "request", SimpleNamespace(environ=environ), raising=False)
		monkeypatch.setattr(frappe.local, "request_ip", (forwarded or peer or "").split(",")[0].strip())
		if proxies is not None:
			monkeypatch.setitem(frappe.conf, visitor.HOPS_KEY, proxies)
		return visitor.address()

	return ask


@pytest.mark.parametrize(
	("peer", "forwarded", "proxies", "address"),
	[
		("198.51.100.7", None, None, "198.51.100.7"),
		# The usual bench: nginx on this machine or next to it, which appends the address of its client.
		(PROXY, "198.51.100.7", None, "198.51.100.7"),
		(PROXY, "203.0.113.1, 198.51.100.7", None, "198.51.100.7"),
		("10.0.0.2", "a, b, , 203.0.113.1,198.51.100.7", None, "198.51.100.7"),
		("", "203.0.113.1, 198.51.100.7", None, "198.51.100.7"),
		# No proxy: the header is the visitor's own.
		("198.51.100.7", "203.0.113.1", None, "198.51.100.7"),
		(PROXY, "203.0.113.1", 0, PROXY),
		# Two proxies: a load balancer before nginx.
		(PROXY, "203.0.113.1, 198.51.100.7, 192.0.2.9", 2, "198.51.100.7"),
		("198.51.100.200", "203.0.113.1, 198.51.100.7, 192.0.2.9", 2, "198.51.100.7"),
		(PROXY, "198.51.100.7", 2, PROXY),
		# An invalid number of proxies trusts none.
		(PROXY, "203.0.113.1", "2", PROXY),
		(PROXY, "203.0.113.1", -1, PROXY),
		(PROXY, "203.0.113.1", True, PROXY),
		(PROXY, "203.0.113.1", 10**9, PROXY),
		# The address as some proxies write it.
		(PROXY, "198.51.100.7:4711", None, "198.51.100.7"),
		(PROXY, "[2001:db8::7]:4711", None, "2001:db8::7"),
		(PROXY, "::ffff:198.51.100.7", None, "198.51.100.7"),
		(PROXY, "fe80::1%eth0", None, "fe80::1"),
		(PROXY, "unknown", None, ""),
		(PROXY, "<b>" * 9_000, None, ""),
		(PROXY, "203.0.113.1, " + "9" * 9_000, None, ""),
	],
	ids=lambda value: str(value)[:40],
)
def test_the_address(asked, peer, forwarded, proxies, address):
	assert asked(peer, forwarded, proxies) == address


def test_without_a_request_there_is_none(monkeypatch):
	monkeypatch.setattr(frappe.local, "request", None, raising=False)
	monkeypatch.setattr(frappe.local, "request_ip", None)
	assert visitor.address() == visitor.network() == ""


@pytest.mark.parametrize(
	("address", "network"),
	[
		("198.51.100.7", "198.51.100.7"),
		("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
		("2001:db8:1:2::", "2001:db8:1:2::/64"),
		("::ffff:198.51.100.7", "198.51.100.7"),
	],
)
def test_tries_are_counted_by_subscriber(address, network):
	assert visitor.network_of(visitor.read_address(address)) == network
