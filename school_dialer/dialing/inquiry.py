"""May this number be called now, and what has become of it so far: asked by a person or another system, without a campaign.

The decision is made as a campaign makes it, on facts read now. It permits nothing: at the moment of dialing the gate decides again.
"""

import json
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _

from school_dialer import clock
from school_dialer.dialing import gate


@dataclass(frozen=True, slots=True)
class Happening:
	"""One thing that happened to a number, at the site's time. ``doctype`` and ``name`` are where it is recorded."""

	at: datetime
	doctype: str
	name: str
	text: str


def decide(
	phone: str, channel: str, purpose: str, person_doctype: str | None = None, person: str | None = None
) -> dict:
	"""The record of the decision for an E.164 number. With a person, that person's address and court orders count too."""
	question = gate.Question("asked", phone, person_doctype, person)
	answer = gate.ask(gate.Case(channel, purpose), [question], clock.now())["asked"]
	return json.loads(gate.to_json(answer.decision))


def story(phone: str, most: int) -> list[Happening]:
	"""Consent events, calls and texts of a number, the latest first."""
	found = [*consent_events(phone, most), *calls_and_texts(phone, most)]
	return sorted(found, key=lambda one: (one.at, one.name), reverse=True)[:most]


def consent_events(phone: str, most: int) -> list[Happening]:
	rows = frappe.get_all(
		"Consent Event",
		{"phone": phone},
		["name", "kind", "channel", "purpose", "scope", "basis", "source", "received_at"],
		order_by="received_at desc, seq desc",
		limit_page_length=most,
	)
	return [Happening(row.received_at, "Consent Event", row.name, of_event(row)) for row in rows]


def of_event(row) -> str:
	about = row.scope if row.kind == "Opt Out" else row.basis
	parts = (_(row.kind), _(row.channel), _(row.purpose), _(about) if about else "")
	return _("{0}, by way of {1}.").format(", ".join(filter(None, parts)), _(row.source))


def calls_and_texts(phone: str, most: int) -> list[Happening]:
	rows = frappe.get_all(
		"Dialer Call Log",
		{"phone": phone},
		[
			"name",
			"direction",
			"channel",
			"purpose",
			"status",
			"duration",
			"keys_pressed",
			"placed_at",
			"creation",
		],
		order_by="placed_at desc, name",
		limit_page_length=most,
	)
	return [
		Happening(row.placed_at or row.creation, "Dialer Call Log", row.name, of_call(row)) for row in rows
	]


def of_call(row) -> str:
	if row.channel == "Voice":
		kind = _("Call to them") if row.direction == "Outbound" else _("Call from them")
	else:
		kind = _("Text to them") if row.direction == "Outbound" else _("Text from them")
	said = [_("{0}, {1}: {2}.").format(kind, _(row.purpose or "General"), row.status)]
	if row.duration:
		said.append(_("{0} seconds.").format(row.duration))
	if row.keys_pressed:
		said.append(_("Keys pressed: {0}.").format(row.keys_pressed))
	return " ".join(said)
