"""The last act of a run: a backup is made in the middle of a campaign, calls go on, and it is restored.

The power is cut for the backup and for the restore, so that workers die in their calls. Staff then reconcile
the site with the carrier, end Safe mode, and resume the campaign. The carrier's journal shows whether anyone
was called twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial

import frappe

from dev.chaos.crew import Crew
from dev.chaos.office import AGREED_BEFORE, Office, Part, draft
from dev.chaos.people import Person
from dev.chaos.stage import SENDERS, TRANSACTIONS, Stage
from dev.patience import eventually
from school_dialer.base import clock, states
from school_dialer.consent import ledger
from school_dialer.continuity import safe_mode
from school_dialer.desk import campaigns as desk
from school_dialer.desk.district import recovery
from school_dialer.recovery import reconcile as job

PART = Part("After a restore", "Voice", 0.0, 0.0)
LEAST, SHARE = 24, 1 / 40
"""How many people are called, as a share of those of the run."""
PIECE = 6
"""A sixth of them is called before the backup, a sixth at once, and a sixth text STOP after the backup."""
DRAWN = 4
"""So many times as many are drawn, of whom enough may be called at any hour of the run."""
COPY = "backup_of_"
TABLES = ("tabDefaultValue", *(f"tab{one}" for one in (*TRANSACTIONS, "Dialer Continuity", "Dialer Restore")))
LATER = timedelta(hours=1)


def count_of(recipients: int) -> int:
	"""Return how many people are called in a run with so many recipients."""
	return max(LEAST, int(recipients * SHARE))


def act(stage: Stage, office: Office, crew: Crew, crowd: list[Person]) -> dict[str, int]:
	"""Play the act with people of whom no campaign has called any: `DRAWN` times as many as are called.

	Returns `called_twice`, the calls beyond one to a person, and `opt_outs_lost`.
	"""
	people = [
		one for one in crowd if one.may_be_called(stage.now()) and one.may_be_called(stage.now() + LATER)
	]
	people = people[: len(crowd) // DRAWN]
	piece = len(people) // PIECE
	began = stage.carrier.log_path.stat().st_size
	office.again(partial(invite, office, people))
	numbers = {one.phone for one in people}
	office.start(PART)

	def called() -> Counter:
		calls = stage.carrier.log("call", since=began)
		return Counter(one["to"] for one in calls if one["status"] == 201 and one["to"] in numbers)

	eventually("The calls before the backup", lambda: len(called()) >= piece, called)
	crew.power_cut(lambda: office.again(back_up))
	eventually("The calls after the backup", lambda: len(called()) >= len(people) - piece, called)
	left = [one.phone for one in people[-piece:] if texts_stop(stage, one)]
	stage.carrier.wait_until_idle()
	crew.power_cut(lambda: office.again(restore))
	eventually("Safe mode", lambda: office.again(safe_mode.current))
	name = office.again(safe_mode.current).name
	reconcile(office, name)
	office.press(lambda _campaign: recovery.end_safe_mode(name), PART)
	# What workers had claimed when the power was cut is released after a minute and a half.
	stage.forward(2)
	office.press(desk.resume, PART)
	eventually(
		"The end of the campaign",
		lambda: state_of(office, "Dialer Campaign", office.campaigns[PART.title], "status") in states.ENDED,
		called,
	)
	stage.carrier.wait_until_idle()
	office.again(drop_copies)
	return {
		"called_twice": sum(count - 1 for count in called().values()),
		"opt_outs_lost": sum(
			not facts.opt_outs for facts in office.again(lambda: ledger.read(left)).values()
		),
	}


def invite(office: Office, people: list[Person]) -> None:
	evidence = ledger.Evidence("Enrolment", wording="You may call me about my child.", language="en")
	at = clock.now() - AGREED_BEFORE
	ledger.record_many(
		[ledger.Event("Grant", one.phone, evidence, basis="number provided", at=at) for one in people]
	)
	name = draft(replace(PART, more={"most_at_once": len(people) // PIECE}), people)
	office.campaigns[PART.title] = name
	office.invited[name] = [one.phone for one in people]


def texts_stop(stage: Stage, person: Person) -> bool:
	text = {"from": person.phone, "to": SENDERS[0], "body": "STOP"}
	return stage.carrier.control("inbound_text", text)["http_status"] == 200


def state_of(office: Office, doctype: str, name: str, field: str) -> str:
	return office.again(lambda: frappe.db.get_value(doctype, name, field))


def reconcile(office: Office, name: str) -> None:
	"""Press Reconcile once. Raises AssertionError with the site's own message if it stopped."""

	def read() -> frappe._dict:
		fields = ["state", "stage", "done", "message"]
		return office.again(lambda: frappe.db.get_value("Dialer Restore", name, fields, as_dict=True))

	def ended() -> frappe._dict | None:
		return None if read().state == job.RECONCILING or office.again(job.is_running) else read()

	office.press(lambda _campaign: recovery.start_reconcile(name), PART)
	found = eventually("The end of the reconcile", ended, lambda: str(read()))
	assert found.state == job.RECONCILED, f"The reconcile stopped: {found.message}"


def back_up() -> None:
	"""Copy all tables as of one moment, as `bench backup` does: the web server goes on taking callbacks."""
	drop_copies()
	for name in TABLES:
		frappe.db.sql_ddl(f"create table `{COPY}{name}` like `{name}`")
	frappe.db.sql_ddl("lock tables " + ", ".join(f"`{name}` read, `{COPY}{name}` write" for name in TABLES))
	try:
		for name in TABLES:
			frappe.db.sql(f"insert into `{COPY}{name}` select * from `{name}`")
		frappe.db.commit()
	finally:
		frappe.db.sql("unlock tables")


def restore() -> None:
	for name in TABLES:
		frappe.db.sql_ddl(f"truncate table `{name}`")
		frappe.db.sql(f"insert into `{name}` select * from `{COPY}{name}`")
		frappe.db.commit()


def drop_copies() -> None:
	for (name,) in frappe.db.sql("show tables like %s", COPY.replace("_", r"\_") + "%"):
		frappe.db.sql_ddl(f"drop table `{name}`")
