"""What the carrier's journal and the school's staff saw of each family."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import frappe

from tests.families.judge import Heard, Observed
from tests.integration.with_carrier.families.world import Household, World

SAID = {
	"Attendance": {"en": "marked absent", "es": "se registró la ausencia"},
	"Event": {"en": "school news", "es": "noticias de la escuela"},
	"Emergency": {"en": "school is closed", "es": "escuela está cerrada"},
}
"""Words by which a message and its language are recognized."""
TEXTED = {"Attendance": {"en": "school attendance", "es": "asistencia escolar"}}
"""The same for texts, where they differ."""
TAKEN_BACK = {"en": "was a mistake", "es": "fue un error"}
"""Words by which a correction is recognized."""
MACHINES = ("voicemail", "fax")
NAME = re.compile(r"\b[A-Z][a-z]{5}\b")
BLANK = re.compile(r"\{\{|\}\}|\bNone\b|____")
STOPPED_AT_CARRIER = 21610
SHOWN = {"Informed": "Reached", "Withheld": "Blocked", "Withdrawn": "Cancelled"}
"""What the form of a recipient shows of those it tells, where it is not the recipient's own status."""


class Witness:
	def __init__(self, world: World, carrier):
		self.world, self.carrier = world, carrier
		self.seen = {one.key: Observed() for one in world.households}
		self.texts: dict[str, str] = {}
		script = world.script
		texted = script.channel == "Text"
		self.said = (texted and TEXTED.get(script.purpose)) or SAID[script.purpose]

	def where(self) -> int:
		"""Return how far the journal has come."""
		return self.carrier.log_path.stat().st_size

	def look(self, move: int, since: int) -> None:
		"""Note what the journal has gained during this move."""
		for entry in self.carrier.log("call", "message", "outcome", "inbound_text", since=since):
			number = entry.get("from") if entry["kind"] == "inbound_text" else entry.get("to")
			if number in self.world.at:
				one, line = self.world.at[number]
				NOTE[entry["kind"]](self, self.seen[one.key], one, line, move, entry)

	def request(self, seen: Observed, one: Household, line: str, move: int, entry: dict) -> None:
		seen.rang.append((line, move))
		if entry["code"] == STOPPED_AT_CARRIER:
			seen.stops.append((line, move))
		if entry["kind"] == "message" and entry["status"] == 201:
			self.texts[entry["sid"]] = entry["params"].get("Body", "")

	def end(self, seen: Observed, one: Household, line: str, move: int, entry: dict) -> None:
		if entry["sid"] in self.texts:
			if entry["status"] in ("delivered", "sent", "read"):
				seen.heard.append(self.heard(one, line, move, self.texts[entry["sid"]], machine=False))
		elif entry["resource"] == "call" and entry.get("sentences"):
			machine = entry["behaviour"] in MACHINES
			words = " ".join(entry["sentences"])
			seen.heard.append(self.heard(one, line, move, words, machine))
			if "9" in "".join(entry.get("digits") or ""):
				seen.stops.append((line, move))

	def reply(self, seen: Observed, one: Household, line: str, move: int, entry: dict) -> None:
		if entry["body"] == "STOP":
			seen.stops.append((line, move))

	def heard(self, one: Household, line: str, move: int, words: str, machine: bool) -> Heard:
		"""Return what these words say. A name of another family counts as words that went wrong."""
		named = [self.world.named[name] for name in NAME.findall(words) if name in self.world.named]
		foreign = any(owner is not one for owner, _child in named)
		lower = words.casefold()
		language, taken_back = (
			next((tongue for tongue, part in parts.items() if part in lower), "")
			for parts in (self.said, TAKEN_BACK)
		)
		return Heard(
			line,
			move,
			frozenset(child for owner, child in named if owner is one),
			language or taken_back,
			bool(language),
			machine,
			foreign or bool(BLANK.search(words)),
			bool(taken_back),
		)

	def ask_staff(self, campaigns: list[str], rule: str | None) -> None:
		"""Note what staff see of each child: recipients that are about it, the rule's cases, and alerts."""
		owners = {
			name: (one, index)
			for one in self.world.households
			for index, present in enumerate(one.children)
			for name in (one.enrolled_child(index), present)
		}
		for child, status in [*statuses(self.world, campaigns), *cases(rule)]:
			if child in owners:
				one, index = owners[child]
				self.seen[one.key].shown.setdefault(index, set()).add(status)
		about = {"document_type": "Student", "document_name": ("in", list(owners))}
		for child in frappe.get_all("Notification Log", about, pluck="document_name", order_by="name"):
			one, index = owners[child]
			self.seen[one.key].alerted.add(index)


NOTE = {
	"call": Witness.request,
	"message": Witness.request,
	"outcome": Witness.end,
	"inbound_text": Witness.reply,
}


def statuses(world: World, campaigns: list[str]) -> Iterator[tuple[str, str]]:
	"""Yield what came of each recipient for each child to be told about, or whose guardian is at its numbers.

	Without a row for whom it tells, it is about those it names. Only a campaign that had ended before a
	record was renamed keeps the name that it had then.
	"""
	children: dict[str, list[str]] = defaultdict(list)
	former: dict[str, tuple[datetime, str]] = {}
	for one in world.households:
		for link in one.family.links:
			name = one.guardians[link.guardian]
			children[name].append(one.child(link.child))
			if renamed := one.renamed.get(link.guardian):
				former[one.enrolled(link.guardian)] = renamed, name
	rows = frappe.db.sql(
		"""select recipient.status, recipient.students, ifnull(party.person, recipient.person) person,
			party.student, party.state, campaign.ended_at
		from `tabDialer Recipient` recipient
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		left join `tabDialer Party` party on party.parent = recipient.name
		where recipient.campaign in %s order by recipient.name, party.idx""",
		([*campaigns, ""],),
		as_dict=True,
	)
	for row in rows:
		about = [row.student] if row.student else json.loads("[]" if row.state else row.students or "[]")
		untold = "Not Reached" if row.state and row.status == "Reached" else row.status
		renamed, name = former.get(row.person, (None, row.person))
		if renamed and not (row.ended_at and row.ended_at <= renamed):
			name = None
		for child in about or children.get(name, ()):
			yield child, SHOWN.get(row.state, untold)


def cases(rule: str | None) -> list[tuple[str, str]]:
	if not rule:
		return []
	rows = frappe.get_all("Dialer Rule Case", {"rule": rule}, ["student", "status"], order_by="name")
	return [(row.student, row.status) for row in rows]
