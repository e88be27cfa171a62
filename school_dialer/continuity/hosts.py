"""On which hosts does the site run in Live mode? A copy of all of it, marks included, runs on another.

A host that is not on the list has to prove that the carrier reaches this very database through it
(`settings.host_proof`): a question is noted in the database, and only a site that finds it there answers so.
The first host is taken as it is. Hosts whose names change, such as containers, prove themselves again, or
have a name that stays in the site's configuration file.
"""

import json
import socket
import time
from hashlib import sha256

import frappe

LIST, ASKED = "school_dialer_hosts", "school_dialer_asked"
NAME_KEY = "school_dialer_host"
MOST = 200
KEPT_SECONDS = 60
_known_at: dict[tuple[str, str], float] = {}
"""When this process last found its host on each site's list, by site and host."""


def this() -> str:
	"""Return a digest of this host and of the database's."""
	name = frappe.conf.get(NAME_KEY) or socket.gethostname()
	return sha256(json.dumps([name, frappe.conf.db_host or ""]).encode()).hexdigest()[:32]


def listed() -> list[str]:
	return json.loads(_read(LIST) or "[]")


def is_known() -> bool:
	"""Return whether this host is on the list, or no host is yet."""
	host, now = this(), time.monotonic()
	if now - _known_at.get((frappe.local.site, host), float("-inf")) < KEPT_SECONDS:
		return True
	hosts = listed()
	if host in hosts:
		_known_at[frappe.local.site, host] = now
	return not hosts or host in hosts


def add(*others: str) -> None:
	"""Put this host on the list, and others, in the caller's transaction."""
	new = list(dict.fromkeys([*others, this()]))
	hosts = [one for one in listed() if one not in new]
	frappe.db.set_global(LIST, json.dumps([*hosts, *new][-MOST:]))


def ask(nonce: str) -> None:
	"""Note a question in this database. The caller commits."""
	frappe.db.set_global(f"{ASKED}:{nonce}", "1")


def was_asked(nonce: str) -> bool:
	"""Return whether the question was noted in this database, and not in that of a copy."""
	return bool(nonce) and _read(f"{ASKED}:{nonce}") is not None


def forget(nonce: str) -> None:
	frappe.defaults.clear_default(f"{ASKED}:{nonce}", parent="__global")


def _read(key: str) -> str | None:
	rows = frappe.db.sql(
		"select defvalue from `tabDefaultValue` where parent = '__global' and defkey = %s limit 1", key
	)
	return rows[0][0] if rows else None
