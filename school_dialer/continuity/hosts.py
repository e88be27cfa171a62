"""On which hosts does the site run in Live mode? A copy of all of it, marks included, runs on another.

A host that is not on the list, the first one too, has to prove that the carrier reaches this very database
(`settings.host_proof`): a question is noted in the database, and only a site that finds it there answers so.
Hosts whose names change, such as containers, prove themselves again, or have a name that stays in the site's
configuration file.
"""

import json
import socket
import time
from hashlib import sha256

import frappe

from school_dialer.base import site_values

LIST, ADDRESS = "dialer_hosts", "dialer_host_address"
QUESTION = "dialer_host_question:"
NAME_KEY = "school_dialer_host"
MOST = 200
KEPT_SECONDS = 60
_known_at: dict[tuple[str, str], float] = {}
"""When this process last found a host on each site's list, by site and host."""


def this() -> str:
	"""Return a digest of this host and of the database's."""
	name = frappe.conf.get(NAME_KEY) or socket.gethostname()
	return sha256(json.dumps([name, frappe.conf.db_host or ""]).encode()).hexdigest()[:32]


def listed() -> list[str]:
	return json.loads(site_values.read(LIST) or "[]")


def is_known(host: str = "") -> bool:
	"""Return whether this host, or another one, is on the list."""
	host, now = host or this(), time.monotonic()
	if now - _known_at.get((frappe.local.site, host), float("-inf")) < KEPT_SECONDS:
		return True
	if host not in listed():
		return False
	_known_at[frappe.local.site, host] = now
	return True


def add(*others: str) -> None:
	"""Put this host on the list, and others, in the caller's transaction."""
	new = list(dict.fromkeys([*others, this()]))
	hosts = [host for host in listed() if host not in new]
	site_values.write(LIST, json.dumps([*hosts, *new][-MOST:]))
	site_values.write(ADDRESS, address())


def address() -> str:
	return frappe.db.get_single_value("Dialer Settings", "public_url", cache=False) or ""


def has_moved() -> bool:
	"""Return whether the site has another public address than the hosts on the list.

	A copy that was given an address of its own is reached by the carrier as well, and has the same families.
	"""
	return bool(listed()) and (site_values.read(ADDRESS) or "") != address()


def forget() -> None:
	"""Forget all hosts."""
	site_values.forget(LIST, ADDRESS)


def ask(nonce: str) -> None:
	"""Note a question in this database. The caller commits."""
	site_values.write(QUESTION + nonce, "1")


def was_asked(nonce: str) -> bool:
	"""Return whether the question was noted in this database, and not in that of a copy."""
	return bool(nonce) and site_values.read(QUESTION + nonce) is not None


def take_back(nonce: str) -> None:
	site_values.forget(QUESTION + nonce)
