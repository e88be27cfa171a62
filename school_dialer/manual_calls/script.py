"""What the person who phones sees: the campaign's words for this family, and how the call is going."""

from dataclasses import replace

import frappe

from school_dialer import gate
from school_dialer.base import states
from school_dialer.campaigns.parties.asking import also_informed
from school_dialer.messages import context, store
from school_dialer.messages.errors import MessageError
from school_dialer.messages.language import base
from school_dialer.messages.model import Outgoing, Subject
from school_dialer.messages.spoken import manual_call
from school_dialer.messages.spoken.manual_call import Words

IDLE, RINGING_YOU, PRESS, DIALING, RINGING, TALKING, OVER = (
	"idle",
	"ringing you",
	"press",
	"dialing",
	"ringing",
	"talking",
	"over",
)
"""The stages of a call by a person."""


def words(row, students: tuple[str, ...], language: str) -> list[Words]:
	"""Return the campaign's words for this row's person: in the family's language, then in `language`.

	`students` are those the person may hear about. Empty if the campaign has no words for the person, as when
	a value is missing.
	"""
	try:
		outgoing = outgoing_of(row, students)
		scripts = [manual_call.script_of(outgoing), manual_call.script_of(outgoing, language)]
	except MessageError:
		return []
	theirs, ours = scripts
	if not theirs or not theirs.text:
		return []
	same = not ours or base(ours.language) == base(theirs.language)
	return [theirs] if same else [theirs, ours]


def outgoing_of(row, students: tuple[str, ...]) -> Outgoing:
	campaign = frappe.get_cached_doc("Dialer Campaign", row.campaign)
	template = replace(gate.template_of(campaign), voice=True)
	subject = Subject(
		key=row.name,
		person_doctype=row.person_doctype or "",
		person=row.person or "",
		person_name=row.person_name or "",
		students=students,
		language=row.language or "",
		channel="Voice",
		campaign=row.campaign,
		purpose=row.purpose,
		about_records=template.about_records,
		others=also_informed(row),
	)
	values = context.read_values([subject], ("recipient_name", *template.field_names))[row.name]
	return store.outgoing(template, subject, values)


def call_state(row) -> dict:
	"""Return {stage, status, duration}: how the call of this row is going.

	`status` is the carrier's last word on the family's part, or on the call to the user while there is no
	other. `duration` is in seconds, or None.
	"""
	logs = logs_of([row.agent_log, row.call_log])
	agent, family = logs.get(row.agent_log), logs.get(row.call_log)
	last = family or agent
	return {
		"stage": stage(agent, family),
		"status": last.status if last else "",
		"duration": family.duration if family else None,
	}


def logs_of(names: list[str | None]) -> dict:
	logs = tuple(name for name in names if name)
	rows = logs and frappe.db.sql(
		"select name, status, status_rank, duration from `tabDialer Call Log` where name in %s",
		(logs,),
		as_dict=True,
	)
	return {row.name: row for row in rows}


def stage(agent, family) -> str:
	if agent is None:
		return IDLE
	if agent.status_rank >= states.FINAL_RANK or (family and family.status_rank >= states.FINAL_RANK):
		return OVER
	if family is None:
		return PRESS if agent.status == "in-progress" else RINGING_YOU
	return {"ringing": RINGING, "in-progress": TALKING}.get(family.status, DIALING)
