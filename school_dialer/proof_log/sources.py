"""The records that the log covers: which are settled and have no leaf yet, and what their leaves hold."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from hashlib import sha256

import frappe

from school_dialer.base import clock, states
from school_dialer.consent import chain
from school_dialer.consent.events import iso
from school_dialer.consent.integrity import stream, triggers
from school_dialer.proof_log import leaves

CHUNK = 250
LONGEST_FILE = 100 * 1024 * 1024
"""Bytes. A larger attachment is covered by its address alone."""
DISCLOSED = tuple(name for name in triggers.DISCLOSURE_COLUMNS if name not in ("name", "creation"))

ALL_CONSENTS = """select event.name, event.name from `tabConsent Event` event force index (primary)
	left join `tabDialer Proof Leaf` leaf on leaf.reference = event.name and leaf.kind = 'consent'
	where leaf.name is null and event.name > %(place)s and event.at_utc < %(until)s
	order by event.name limit %(most)s"""
CONSENTS = """select event.at_utc, event.name from `tabConsent Event` event
	left join `tabDialer Proof Leaf` leaf on leaf.reference = event.name and leaf.kind = 'consent'
	where leaf.name is null and event.at_utc < %(until)s
	and (event.at_utc > %(place)s or (event.at_utc = %(place)s and event.name > %(name)s))
	order by event.at_utc, event.name limit %(most)s"""
ALL_DECISIONS = """select log.name, log.name from `tabDialer Call Log` log force index (primary)
	left join `tabDialer Proof Leaf` leaf on leaf.reference = log.name and leaf.kind = 'decision'
	where leaf.name is null and log.name > %(place)s and log.placed_at < %(until)s
	and log.decision like '{%%'
	order by log.name limit %(most)s"""
DECISIONS = """select log.placed_at, log.name from `tabDialer Call Log` log
	left join `tabDialer Proof Leaf` leaf on leaf.reference = log.name and leaf.kind = 'decision'
	where leaf.name is null and log.status_rank in %(ranks)s and log.placed_at < %(until)s
	and (log.placed_at > %(place)s or (log.placed_at = %(place)s and log.name > %(name)s))
	and log.decision like '{%%'
	order by log.placed_at, log.name limit %(most)s"""
ALL_DISCLOSURES = """select entry.name, entry.name from `tabDialer Disclosure` entry force index (primary)
	left join `tabDialer Proof Leaf` leaf on leaf.reference = entry.name and leaf.kind = 'disclosure'
	where leaf.name is null and entry.name > %(place)s and entry.disclosed_at < %(until)s
	order by entry.name limit %(most)s"""
DISCLOSURES = """select entry.disclosed_at, entry.name from `tabDialer Disclosure` entry
	left join `tabDialer Proof Leaf` leaf on leaf.reference = entry.name and leaf.kind = 'disclosure'
	where leaf.name is null and entry.disclosed_at < %(until)s
	and (entry.disclosed_at > %(place)s or (entry.disclosed_at = %(place)s and entry.name > %(name)s))
	order by entry.disclosed_at, entry.name limit %(most)s"""


def pending(settling: timedelta, back: timedelta | None) -> Iterator[tuple[str, list[str]]]:
	"""Yield (kind, names) of settled records without a leaf, in sets.

	Looks `back` from what is settled, by age, or through everything for None, by primary key. Each set is
	read when it is asked for, so that the caller may commit between them.
	"""
	real, site = datetime.now(timezone.utc) - settling, clock.now() - settling
	consents, others = {"until": iso(real)}, {"until": clock.to_db(site)}
	if back is None:
		yield from _read_sets(leaves.CONSENT, ALL_CONSENTS, {**consents, "place": ""})
		yield from _read_sets(leaves.DECISION, ALL_DECISIONS, {**others, "place": ""})
		yield from _read_sets(leaves.DISCLOSURE, ALL_DISCLOSURES, {**others, "place": ""})
		return
	others |= {"place": clock.to_db(site - back), "ranks": sorted(set(states.RANK.values()))}
	yield from _read_sets(leaves.CONSENT, CONSENTS, {**consents, "place": iso(real - back)})
	yield from _read_sets(leaves.DECISION, DECISIONS, others)
	yield from _read_sets(leaves.DISCLOSURE, DISCLOSURES, others)


def _read_sets(kind: str, query: str, values: dict) -> Iterator[tuple[str, list[str]]]:
	values = {**values, "name": "", "most": CHUNK}
	while True:
		rows = frappe.db.sql(query, values)
		if rows:
			yield kind, [name for _place, name in rows]
			values["place"], values["name"] = rows[-1]
		if len(rows) < CHUNK:
			return


def bodies(kind: str, names: Sequence[str], attachments: dict[str, str]) -> dict[str, dict]:
	"""Return {name: body of its leaf} of the records that exist.

	`attachments` are the digests of consent events' files by the event's name.
	"""
	return READ[kind](names, attachments) if names else {}


def _of_events(names: Sequence[str], attachments: dict[str, str]) -> dict[str, dict]:
	rows = frappe.db.sql(stream.SELECT_EVENTS + "where name in %s", (names,))
	name = chain.NAME
	return {row[name]: leaves.of_event(row, attachments.get(row[name])) for row in rows}


def _of_logs(names: Sequence[str], _attachments: dict) -> dict[str, dict]:
	query = "select name, {} from `tabDialer Call Log` where name in %s and decision like %s"
	rows = frappe.db.sql(query.format(", ".join(leaves.OF_LOG)), (names, "{%"), as_dict=True)
	return {row.name: body for row in rows if (body := _decision(row)) is not None}


def _decision(row: dict) -> dict | None:
	"""Return the body, or None for a record that was damaged since, which then has other content."""
	try:
		return leaves.of_decision(row)
	except (ValueError, AttributeError, TypeError):
		return None


def _of_disclosures(names: Sequence[str], _attachments: dict) -> dict[str, dict]:
	query = "select name, `{}` from `tabDialer Disclosure` where name in %s"
	return {
		row[0]: leaves.of_disclosure(dict(zip(DISCLOSED, row[1:], strict=True)))
		for row in _rows(query.format("`, `".join(DISCLOSED)), names)
	}


def _rows(query: str, names: Sequence[str]) -> Sequence[Sequence]:
	return frappe.db.sql(query, (names,))


READ = {leaves.CONSENT: _of_events, leaves.DECISION: _of_logs, leaves.DISCLOSURE: _of_disclosures}


def attachments_of(events: Sequence[str]) -> dict[str, str]:
	"""Return {consent event: SHA-256 of the content of its file, in hex}, of files that are there."""
	rows = frappe.db.sql(
		"select name, attachment from `tabConsent Event` where name in %s and attachment != ''", (events,)
	)
	paths = files([url for _name, url in rows])
	digests = {url: digest for url, path in paths.items() if (digest := digest_of(path))}
	return {name: digests[url] for name, url in rows if url in digests}


def files(urls: Sequence[str]) -> dict[str, str]:
	"""Return {address: path} of the files of this site with these addresses."""
	if not urls:
		return {}
	rows = frappe.get_all(
		"File", {"file_url": ("in", sorted(set(urls)))}, ["name", "file_url"], order_by="name"
	)
	paths = {}
	for row in rows:
		if row.file_url.startswith(("/files/", "/private/files/")):
			parts = row.file_url.lstrip("/").split("/")
			base = frappe.get_site_path(*(("public",) if parts[0] == "files" else ()), *parts[:-1])
			paths[row.file_url] = os.path.join(base, os.path.basename(parts[-1]))
	return paths


def digest_of(path: str) -> str:
	"""Return the SHA-256 of a file's content in hex, or "" for one that is missing or too large."""
	try:
		if os.path.getsize(path) > LONGEST_FILE:
			return ""
		digest = sha256()
		with open(path, "rb") as source:
			for block in iter(partial(source.read, 1 << 20), b""):
				digest.update(block)
		return digest.hexdigest()
	except OSError:
		return ""
