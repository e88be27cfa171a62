"""Add people to a correction that runs: those who got a text or an e-mail, and those who heard it last.

Between the press of the button and the end of the last call, people still hear the message that is wrong.
Each report of the carrier about the corrected campaign, and each tick of the scheduler, leads here until no
one can be added any more. The unique index on (campaign, household_key) keeps a number from being added
twice.
"""

import frappe

from school_dialer.audience.corrected import hearers
from school_dialer.audience.corrected.source import Hearers
from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import alone, job
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.completing import complete_if_done
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.planning import planner, recipients
from school_dialer.campaigns.queues import enqueue_dispatch
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.gate import planned

CHUNK = 500
BY_MAIL = "by e-mail"
NO_TEXT = "No Text"
"""`followup.fallback` sends an e-mail to a household that it finds in this state."""


@job
def add_soon(campaign: str) -> None:
	"""Add to the correction whom it lacks (background job). If two run at once, one exits."""
	with alone(f"late-{campaign}") as mine:
		if mine:
			add(campaign)


def watch() -> None:
	"""Have each running correction look for people whom it lacks (step of the scheduler's tick)."""
	rows = frappe.get_all(
		"Dialer Campaign",
		{"status": states.RUNNING, "corrects": ("is", "set")},
		["name", "corrects"],
		order_by="name",
	)
	for row in rows:
		if hearers.is_owed(row.name, row.corrects):
			hearers.enqueue_late(row.name)


def add(name: str) -> int:
	"""Add whom the correction lacks now, and complete it if that was all. Return how many rows were added."""
	doc = frappe.get_doc("Dialer Campaign", name)
	if doc.status != states.RUNNING or not doc.planned_at or not approval.enforce(doc):
		return 0
	added = 0
	while more := retried(lambda: add_chunk(name)):
		added += more
	added += retried(lambda: add_mails(name))
	if added:
		enqueue_dispatch(emergency=doc.purpose == EMERGENCY)
	if not hearers.is_owed(name, doc.corrects):
		complete_if_done(name)
	frappe.db.commit()
	return added


def add_chunk(name: str) -> int:
	"""Plan up to CHUNK numbers in one transaction, each in the way in which its people got the message."""
	campaign = running(name)
	if not campaign:
		return 0
	ways, _cursor = Hearers(campaign).by_channel("", CHUNK)
	options = {}
	for channel, households in ways.items():
		campaign.channel = channel
		options[channel] = planner.decide(campaign, households)
	for channel, candidates in options.items():
		campaign.channel = channel
		recipients.add_candidates(campaign, candidates)
	frappe.db.commit()
	return sum(map(len, options.values()))


def running(name: str):
	"""Return the correction, its row locked against pause and cancel until the commit; None if it stands
	still."""
	frappe.db.commit()
	status = frappe.db.sql("select status from `tabDialer Campaign` where name = %s for update", name)
	if not status or status[0][0] != states.RUNNING:
		frappe.db.rollback()
		return None
	return frappe.get_doc("Dialer Campaign", name)


def add_mails(name: str) -> int:
	"""Add the households that got an e-mail alone. `followup.fallback` writes to them again.

	It asks the gate about each of their people, as for every e-mail.
	"""
	campaign = running(name)
	if not campaign:
		return 0
	fields = "person_name phone phone_masked raw_phone person_doctype person language students".split()
	rows = frappe.db.sql(
		f"select name, {', '.join(fields)} {hearers.MAILED} order by name",
		hearers.sql_values(campaign.corrects, name),
		as_dict=True,
	)
	names = recipients.new_names(len(rows))
	insert(
		"Dialer Recipient",
		[mailed(campaign, row, fields, new) for row, new in zip(rows, names, strict=True)],
	)
	add_parties(campaign.name, {row.name: new for row, new in zip(rows, names, strict=True)})
	frappe.db.commit()
	return len(rows)


def add_parties(campaign: str, names: dict[str, str]) -> None:
	"""Write to whom the e-mails went, by the recipients who got them and the new ones."""
	rows_of, _strange = parties.read(names)
	seal_of = planned.signer(planned.PARTY)
	rows = []
	for name, theirs in rows_of.items():
		informed = [(point, None) for point in parties.points_of(theirs)]
		rows += parties.rows_of(campaign, names[name], informed, seal_of)
	planned.write_parties(rows)


def mailed(campaign, row, fields: list[str], name: str) -> dict:
	now = clock.db_now()
	return {
		"name": name,
		**stamp(),
		"campaign": campaign.name,
		"channel": campaign.channel,
		"attempts": 0,
		"max_attempts": 1,
		**{field: row[field] for field in fields},
		"household_key": f"mail:{row.name}",
		"status": states.NOT_REACHED,
		"outcome": BY_MAIL,
		"fallback": NO_TEXT,
		"decided_at": now,
		"not_before": now,
	}
