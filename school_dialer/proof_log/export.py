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

from school_dialer import clock
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
	found: list[str] = []
	for start in range(0, len(values), store.BATCH):
		some = {column: ("in", values[start : start + store.BATCH])}
		found += frappe.get_all("Dialer Disclosure", some, pluck="name", order_by="name")
	return found


def write(out: IO[bytes], evidence: Evidence, most: int = 0) -> int:
	"""Write the export as a zip without compression, and return how many leaves it holds.

	Raises `NothingSigned`, and ValueError for more than `most` leaves (0: any number).
	"""
	newest = checkpoints.newest()
	found = covered(evidence, newest.size) if newest else []
	if not newest or not found:
		raise NothingSigned
	if most and len(found) > most:
		raise ValueError(len(found))
	found = with_breaks(found, newest.size)
	with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
		archive.writestr("manifest.json", _line(manifest(evidence, newest, len(found))))
		archive.writestr("checkpoint", newest.note)
		with archive.open("leaves.jsonl", "w", force_zip64=True) as member:
			for line in lines(found, newest.size):
				member.write(line)
		shown = list(earlier(newest))
		archive.writestr("checkpoints.jsonl", b"".join(grown(shown, newest.size)))
		for one in (*shown, newest):
			if one.tsr:
				archive.writestr(f"timestamps/{one.seq}.tsr", timestamps.of(one))
		for digest, path in attachments(found).items():
			archive.write(path, f"attachments/{digest}")
	return len(found)


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


def covered(evidence: Evidence, size: int) -> list[store.Leaf]:
	"""Return the leaves of these records, and of their erasures, that a tree of this size has, in order."""
	found: list[store.Leaf] = []
	for kind, names in evidence.names.items():
		for start in range(0, len(names), store.BATCH):
			some = names[start : start + store.BATCH]
			own = store.leaves_of(kind, some)
			erasures = store.erasures_of([leaf.reference for leaf in own if not leaf.salt])
			found += [*own, *erasures]
	return sorted((leaf for leaf in found if leaf.seq < size), key=lambda leaf: leaf.seq)


def with_breaks(found: Sequence[store.Leaf], size: int) -> list[store.Leaf]:
	"""Return the leaves with those that declare that the log was begun again, in order."""
	declared = [leaf for leaf in store.leaves_about(leaves.RESTART) if leaf.seq < size]
	return sorted((*found, *declared), key=lambda leaf: leaf.seq)


def lines(found: Sequence[store.Leaf], size: int) -> Iterator[bytes]:
	"""Yield a line for each leaf, in sets. A leaf whose record no longer fits has its hash alone."""
	for start in range(0, len(found), CHUNK):
		some = found[start : start + CHUNK]
		paths = log.proofs([leaf.seq for leaf in some], size)
		data: dict[int, str | None] = {}
		for kind in {leaf.kind for leaf in some}:
			data |= check.data_of(kind, [leaf for leaf in some if leaf.kind == kind and leaf.salt])
		for leaf, proof in zip(some, paths, strict=True):
			text = data.get(leaf.seq)
			content = {"data": text} if check.fits(leaf, text) else {"data": None, "hash": leaf.hash}
			yield _line({"index": leaf.seq, **content, "proof": proof})


def earlier(newest: checkpoints.Stored) -> Iterator[checkpoints.Stored]:
	"""Yield the earlier checkpoints to show: the first of each day, the last ones, and what stands out."""
	day, known = "", {one.seq for one in restart.breaks()}
	for one in checkpoints.each():
		if one.seq >= newest.seq:
			return
		checkpoint = one.checkpoint
		first, day = checkpoint.time[:10] != day, checkpoint.time[:10]
		if first or one.seq > newest.seq - LAST or one.tsr or checkpoint.announced or one.seq in known:
			yield one


def grown(shown: Sequence[checkpoints.Stored], size: int) -> Iterator[bytes]:
	for start in range(0, len(shown), CHUNK):
		some = shown[start : start + CHUNK]
		paths = log.growth([one.size for one in some], size)
		for one, proof in zip(some, paths, strict=True):
			yield _line({"checkpoint": one.note, "proof": proof})


def attachments(found: Sequence[store.Leaf]) -> dict[str, str]:
	"""Return {SHA-256 in hex: path} of the attached files whose content is still what was logged."""
	wanted = {leaf.reference: leaf.attachment for leaf in found if leaf.attachment}
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
