"""Write export.zip: the evidence about one number or campaign, with the proof that it is in the log.

Who has it checks it offline, without this site and without secrets (docs/school/proof.md).
"""

import json
import os
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import IO

import frappe

from school_dialer.base import clock
from school_dialer.proof_log import check, checkpoints, leaves, log, restart, sources, store, timestamps

FORMAT = "school_dialer proof 1"
CHUNK = 200
LAST = 48
"""So many of the newest checkpoints are in each export. Of older ones, the first of each day is."""


@dataclass(frozen=True, slots=True)
class Evidence:
	"""The records that an export is about, by kind, and in words what they are about."""

	about: str
	names: dict[str, list[str]]


class NothingSigned(Exception):
	"""No checkpoint covers any of these records yet."""


def of_number(phone: str, forms: Collection[str]) -> Evidence:
	"""Return the evidence about a number (E.164). `forms` are the number and the pseudonym of masked rows."""
	events = frappe.db.sql_list("select name from `tabConsent Event` where phone = %s order by seq", phone)
	logs = frappe.db.sql_list(
		"select name from `tabDialer Call Log` where phone in %s and decision like '{%%' order by name",
		(tuple(forms),),
	)
	shown = _disclosures("call_log", logs)
	names = {leaves.CONSENT: events, leaves.DECISION: logs, leaves.DISCLOSURE: shown}
	return Evidence(f"a number ending {phone[-2:]}", names)


def of_campaign(campaign: str) -> Evidence:
	"""Return the evidence about a campaign: the decisions on its calls and what they disclosed."""
	logs = frappe.db.sql_list(
		"select name from `tabDialer Call Log` where campaign = %s and decision like '{%%' order by name",
		campaign,
	)
	shown = _disclosures("campaign", [campaign])
	names = {leaves.CONSENT: [], leaves.DECISION: logs, leaves.DISCLOSURE: shown}
	return Evidence(f"campaign {campaign}", names)


def _disclosures(column: str, values: Sequence[str]) -> list[str]:
	names: list[str] = []
	for start in range(0, len(values), store.BATCH):
		of_batch = {column: ("in", values[start : start + store.BATCH])}
		names += frappe.get_all("Dialer Disclosure", of_batch, pluck="name", order_by="name")
	return names


def write(out: IO[bytes], evidence: Evidence, most: int = 0) -> int:
	"""Write the export as a zip without compression, and return how many leaves it holds.

	Raises `NothingSigned`, and ValueError for more than `most` leaves (0: any number).
	"""
	newest = checkpoints.newest()
	exported = covered_leaves(evidence, newest.size) if newest else []
	if not newest or not exported:
		raise NothingSigned
	if most and len(exported) > most:
		raise ValueError(len(exported))
	exported = with_breaks(exported, newest.size)
	with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
		archive.writestr("manifest.json", _line(manifest(evidence, newest, len(exported))))
		archive.writestr("checkpoint", newest.note)
		with archive.open("leaves.jsonl", "w", force_zip64=True) as member:
			for line in leaf_lines(exported, newest.size):
				member.write(line)
		shown = list(earlier(newest))
		archive.writestr("checkpoints.jsonl", b"".join(checkpoint_lines(shown, newest.size)))
		for stored in (*shown, newest):
			if stored.tsr:
				archive.writestr(f"timestamps/{stored.seq}.tsr", timestamps.of(stored))
		for digest, path in attachments(exported).items():
			archive.write(path, f"attachments/{digest}")
	return len(exported)


def manifest(evidence: Evidence, newest: checkpoints.Stored, count: int) -> dict:
	return {
		"format": FORMAT,
		"origin": newest.checkpoint.origin,
		"made_utc": f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
		"about": evidence.about,
		"leaves": count,
		"keys": checkpoints.public_keys(),
		"time_zone": clock.system_zone().key,
	}


def covered_leaves(evidence: Evidence, size: int) -> list[store.Leaf]:
	"""Return the leaves of these records, and of their erasures, that a tree of this size has, in order."""
	of_evidence: list[store.Leaf] = []
	for kind, names in evidence.names.items():
		for start in range(0, len(names), store.BATCH):
			batch = names[start : start + store.BATCH]
			of_records = store.leaves_of(kind, batch)
			erasures = store.erasures_of([leaf.reference for leaf in of_records if not leaf.salt])
			of_evidence += [*of_records, *erasures]
	return sorted((leaf for leaf in of_evidence if leaf.seq < size), key=lambda leaf: leaf.seq)


def with_breaks(exported: Sequence[store.Leaf], size: int) -> list[store.Leaf]:
	"""Return the leaves with those that declare that the log was begun again, in order."""
	declared = [leaf for leaf in store.leaves_about(leaves.RESTART) if leaf.seq < size]
	return sorted((*exported, *declared), key=lambda leaf: leaf.seq)


def leaf_lines(exported: Sequence[store.Leaf], size: int) -> Iterator[bytes]:
	"""Yield a line for each leaf, in sets. A leaf whose record no longer fits has its hash alone."""
	for start in range(0, len(exported), CHUNK):
		chunk = exported[start : start + CHUNK]
		paths = log.proofs([leaf.seq for leaf in chunk], size)
		data: dict[int, str | None] = {}
		for kind in {leaf.kind for leaf in chunk}:
			data |= check.data_of(kind, [leaf for leaf in chunk if leaf.kind == kind and leaf.salt])
		for leaf, proof in zip(chunk, paths, strict=True):
			text = data.get(leaf.seq)
			content = {"data": text} if check.leaf_fits(leaf, text) else {"data": None, "hash": leaf.hash}
			yield _line({"index": leaf.seq, **content, "proof": proof})


def earlier(newest: checkpoints.Stored) -> Iterator[checkpoints.Stored]:
	"""Yield the earlier checkpoints to show: the first of each day, the last ones, and what stands out."""
	day, at_breaks = "", {declared.seq for declared in restart.breaks()}
	for stored in checkpoints.read_all():
		if stored.seq >= newest.seq:
			return
		checkpoint = stored.checkpoint
		first, day = checkpoint.time[:10] != day, checkpoint.time[:10]
		if (
			first
			or stored.seq > newest.seq - LAST
			or stored.tsr
			or checkpoint.announced
			or stored.seq in at_breaks
		):
			yield stored


def checkpoint_lines(shown: Sequence[checkpoints.Stored], size: int) -> Iterator[bytes]:
	for start in range(0, len(shown), CHUNK):
		chunk = shown[start : start + CHUNK]
		paths = log.growth([stored.size for stored in chunk], size)
		for stored, proof in zip(chunk, paths, strict=True):
			yield _line({"checkpoint": stored.note, "proof": proof})


def attachments(exported: Sequence[store.Leaf]) -> dict[str, str]:
	"""Return {SHA-256 in hex: path} of the attached files whose content is still what was logged."""
	wanted = {leaf.reference: leaf.attachment for leaf in exported if leaf.attachment}
	if not wanted:
		return {}
	rows = frappe.db.sql("select name, attachment from `tabConsent Event` where name in %s", (tuple(wanted),))
	paths = sources.files([url for _name, url in rows if url])
	result = {}
	for name, url in rows:
		if url in paths and sources.digest_of(paths[url]) == wanted[name]:
			result[wanted[name]] = paths[url]
	return result


def _line(values: dict) -> bytes:
	return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def write_file(folder: str, evidence: Evidence) -> tuple[str, int]:
	"""Write the export to a new file in a folder, for the site's own user alone. Returns (path, leaves).

	Raises `NothingSigned`.
	"""
	path = os.path.join(folder, f"proof-{datetime.now(timezone.utc):%Y%m%d-%H%M%S-%f}.zip")
	handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
	try:
		with os.fdopen(handle, "w+b") as out:
			return path, write(out, evidence)
	except BaseException:
		os.unlink(path)
		raise
