"""Audit of a campaign's calls.

Each sealed decision is recomputed from the recorded facts, and the local hour is checked.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import frappe

from school_dialer import gate
from school_dialer.base import clock, states
from school_dialer.compliance import record_of
from school_dialer.compliance.codec import ReplayError, replay
from school_dialer.compliance.model import Decision, Facts
from school_dialer.compliance.places import locate
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.rules import calling_hours
from school_dialer.compliance.vocabulary import ALLOW
from school_dialer.gate import site_policies

CHUNK = 1000
NO_HOUR = -1
"""No location is known for the person, so no calling hours apply."""

Key = tuple[str, str]


@dataclass
class CallAudit:
	"""The audit's result for calls and texts that reached the carrier, or may have.

	It has how many there were, under which policies, at which local hours (0 to 23, or NO_HOUR), and the logs
	with problems. `scrubbed` ones have lost their personal facts to retention or erasure: their seal and
	verdict are checked, and nothing is recomputed. `fingerprint` is the SHA-256 of all seals in the order of
	the logs' names.
	"""

	calls: int = 0
	scrubbed: int = 0
	policies: Counter = field(default_factory=Counter)
	hours: Counter = field(default_factory=Counter)
	unsealed: list[str] = field(default_factory=list)
	not_allowed: list[str] = field(default_factory=list)
	outside_hours: list[str] = field(default_factory=list)
	fingerprint: str = ""


def audit_of(campaign: str) -> CallAudit:
	audit, policies, seals = CallAudit(), site_policies.stored_policies(), hashlib.sha256()
	for name, placed_at, record, seal in logs_of(campaign):
		audit.calls += 1
		seals.update((seal or "").encode())
		if not gate.signature_holds(record, seal):
			audit.unsealed.append(name)
			continue
		judge(audit, name, json.loads(record), clock.from_db(placed_at), policies)
	audit.fingerprint = seals.hexdigest()
	return audit


def judge(audit: CallAudit, name: str, record: dict, placed: datetime, policies: dict[Key, Policy]) -> None:
	key = record["policy"], record["version"]
	audit.policies[key] += 1
	if record.get("scrubbed"):
		without_person(audit, name, record)
		return
	record["request"]["person"].setdefault("student_objects", False)
	try:
		decision = replay(record, policies.get(key))
	except ReplayError:
		audit.not_allowed.append(name)
		return
	if decision.verdict != ALLOW or record_of(decision) != record:
		audit.not_allowed.append(name)
	audit.hours[local_hour(decision, placed)] += 1
	if calling_hours.within(decision.request, Facts(), decision.rules, placed):
		audit.outside_hours.append(name)


def without_person(audit: CallAudit, name: str, record: dict) -> None:
	"""Check a scrubbed decision.

	Retention has removed birth dates and address, so the sealed verdict is taken as it is.
	"""
	audit.scrubbed += 1
	if record["verdict"] != ALLOW:
		audit.not_allowed.append(name)


def local_hour(decision: Decision, placed: datetime) -> int:
	"""Return the hour in the person's first time zone, which is the address's if there is one."""
	zones = locate(decision.request, decision.rules).zones
	return placed.astimezone(zones[0]).hour if zones else NO_HOUR


def logs_of(campaign: str) -> Iterator[tuple]:
	"""Yield (name, placed_at, decision, seal) by name, one chunk at a time."""
	names = sorted(
		name
		for (name,) in frappe.db.sql(
			"select name from `tabDialer Call Log` where campaign = %s and status != %s",
			(campaign, states.REFUSED),
		)
	)
	for start in range(0, len(names), CHUNK):
		yield from frappe.db.sql(
			"select name, placed_at, decision, seal from `tabDialer Call Log` where name in %s order by name",
			(names[start : start + CHUNK],),
		)
