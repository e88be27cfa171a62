"""What must hold after the campaigns, read from the carrier's own log and the consent ledger.

Each breach is one sentence.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import frappe

from school_dialer.base.phone import mask, parse
from school_dialer.compliance import OptOut, replay
from school_dialer.consent import ledger

UTC = timezone.utc
OPENS, CLOSES = 8, 21
"""Local hours of 47 CFR 64.1200(c)(1), judged here by a naive reading of the number alone."""


def requests_of(carrier_log: list[dict]) -> list[dict]:
	"""Return the accepted POSTs to Calls and Messages."""
	return [entry for entry in carrier_log if entry["kind"] in ("call", "message") and entry["status"] == 201]


def violations(campaigns: list[str], carrier_log: list[dict]) -> list[str]:
	asked = requests_of(carrier_log)
	logs = logs_of(campaigns)
	answers = answers_of(asked)
	calls = [entry for entry in asked if entry["sid"] not in answers]
	return [
		*one_log_each(asked, logs | answers),
		*called_once(calls, logs),
		*at_one_number(calls, logs),
		*permitted(calls, logs),
		*at_a_decent_hour(calls, logs),
		*not_restricted(logs),
		*confirmed_once(answers),
	]


def logs_of(campaigns: list[str]) -> dict[str, frappe._dict]:
	"""Return the campaigns' call logs by carrier SID."""
	return by_sid({"campaign": ("in", campaigns), "direction": "Outbound"})


def answers_of(asked: list[dict]) -> dict[str, frappe._dict]:
	"""Return the texts that belong to no campaign, by carrier SID.

	Each answers what a person did, most often as the confirmation of an opt-out.
	"""
	return by_sid({"carrier_sid": ("in", [entry["sid"] for entry in asked]), "campaign": ("is", "not set")})


def by_sid(filters: dict) -> dict[str, frappe._dict]:
	rows = frappe.get_all("Dialer Call Log", filters, ["*"], order_by="name")
	return {row.carrier_sid: row for row in rows}


def confirmed_once(answers: dict[str, frappe._dict]) -> Iterator[str]:
	"""Yield such texts without the notice that requested them."""
	known = set(
		frappe.get_all(
			"Dialer Notice",
			{"call_log": ("in", [log.name for log in answers.values()])},
			pluck="call_log",
			order_by="name",
		)
		if answers
		else ()
	)
	for log in answers.values():
		if log.name not in known:
			yield f"Call log {log.name} answers no one."


def one_log_each(asked: list[dict], logs: dict[str, frappe._dict]) -> Iterator[str]:
	"""Yield differences between placed and received.

	Every request has exactly one call log with an ALLOW decision, and every call log has one request.
	"""
	sids = Counter(entry["sid"] for entry in asked)
	for sid in sids - Counter(logs.keys()):
		yield f"The carrier received {sid}, of which there is no call log."
	for sid, log in logs.items():
		if log.status == "refused":
			continue
		if sid not in sids:
			yield f"Call log {log.name} ({log.status}) names a call that the carrier never received."
		if log.verdict != "ALLOW" or replay(json.loads(log.decision)).verdict != "ALLOW":
			yield f"Call log {log.name} does not rest on an ALLOW decision."


def called_once(asked: list[dict], logs: dict[str, frappe._dict]) -> Iterator[str]:
	calls = Counter((logs[entry["sid"]].campaign, entry["to"]) for entry in asked if entry["sid"] in logs)
	for (campaign, phone), count in calls.items():
		if count > 1:
			yield f"{mask(phone)} was called {count} times in {campaign}."


def at_one_number(asked: list[dict], logs: dict[str, frappe._dict]) -> Iterator[str]:
	"""Yield people whom a campaign called at several of their numbers.

	The demo's settings allow one attempt for each person. Emergencies are not judged by this.
	"""
	numbers = defaultdict(set)
	for entry in asked:
		log = logs.get(entry["sid"])
		if log and log.person and log.purpose != "Emergency":
			numbers[log.campaign, log.recipient, log.person].add(entry["to"])
	for (campaign, _recipient, person), called in numbers.items():
		if len(called) > 1:
			yield f"{person} was called at {len(called)} numbers in {campaign}."


def were_permitted(rows: Iterable, called: Collection[str]) -> int:
	"""Return how many recipients are permitted, or were when called: some opted out since."""
	return sum(row.verdict == "ALLOW" or row.name in called for row in rows)


def permitted(asked: list[dict], logs: dict[str, frappe._dict]) -> Iterator[str]:
	"""Yield calls without consent for the purpose and channel, or after an opt-out.

	Consents are read from the ledger as it is now. Emergencies need none.
	"""
	facts = ledger.read({entry["to"] for entry in asked})
	for entry in asked:
		log = logs.get(entry["sid"])
		if log is None or log.purpose == "Emergency":
			continue
		known = facts[entry["to"]]
		if not any(
			consent.channel in (log.channel, "Any") and consent.purpose in (log.purpose, "All")
			for consent in known.consents
		):
			yield f"{mask(entry['to'])} was called about {log.purpose} without consent."
		if any(covers(opt_out, log, moment(entry)) for opt_out in known.opt_outs):
			yield f"{mask(entry['to'])} was called after opting out."


def covers(opt_out: OptOut, log: frappe._dict, at: datetime) -> bool:
	"""Return whether an opt-out in force at this time covers this call."""
	return (
		opt_out.at < at
		and opt_out.channel in (log.channel, "Any")
		and (opt_out.scope != "this purpose" or opt_out.purpose == log.purpose)
	)


def at_a_decent_hour(asked: list[dict], logs: dict[str, frappe._dict]) -> Iterator[str]:
	for entry in asked:
		log = logs.get(entry["sid"])
		if log is None or log.purpose == "Emergency":
			continue
		for zone in parse(entry["to"]).time_zones:
			local = moment(entry).astimezone(ZoneInfo(zone))
			if not OPENS <= local.hour < CLOSES:
				yield f"{mask(entry['to'])} was called at {local:%H:%M} in {zone}."


def not_restricted(logs: dict[str, frappe._dict]) -> Iterator[str]:
	"""Yield calls that inform a guardian about a student despite a court order.

	The one called counts, and everyone whom the recipient's parties name at that number.
	"""
	barred = {
		(row.guardian, row.parent)
		for row in frappe.get_all(
			"Student Guardian",
			{"dialer_contact_permission": "None by Court Order"},
			["guardian", "parent"],
			order_by="name",
		)
	}
	campaigns = sorted({log.campaign for log in logs.values()})
	parties = frappe.get_all(
		"Dialer Party",
		{"campaign": ("in", campaigns)},
		["parent", "phone", "person_doctype", "person"],
		order_by="name",
	)
	there = defaultdict(set)
	for one in parties:
		there[one.parent, one.phone].add((one.person_doctype, one.person))
	for log in logs.values():
		people = {(log.person_doctype, log.person), *there[log.recipient, log.phone]}
		for student in json.loads(log.students or "[]"):
			if any(("Guardian", guardian) in people for guardian, child in barred if child == student):
				yield f"Call log {log.name} tells a restricted guardian of {student}."


def moment(entry: dict) -> datetime:
	return datetime.fromisoformat(entry["site_at"].replace("Z", "+00:00")).astimezone(UTC)
