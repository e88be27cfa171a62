"""Campaigns as a test runs them in its own process: planned, dialed, and their outcomes."""

from collections.abc import Callable

import frappe
import pytest

from dev.patience import eventually
from school_dialer.base import states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.campaigns import actions
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.followup import confirmations
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.pace import pacer
from tests.integration import factories as make
from tests.integration.with_carrier.rules import School


def prepare(doc) -> None:
	"""Start and plan the campaign as the job does, but do not dial yet."""
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)


def dial(carrier, emergency: bool = False) -> None:
	"""Dial until no recipient is due.

	On a slow machine the dispatcher finishes before the last call has ended and led to the next one.
	"""
	for _ in range(3):
		dispatcher.run(emergency)
		carrier.wait_until_idle()
		frappe.db.rollback()
		if not due_campaigns(emergency):
			return


def dial_until(what: str, happened: Callable[[], object], emergency: bool = False) -> None:
	"""Dial in turns of a few seconds until this has happened.

	For what never ends by itself, because a number rests or no account answers. ``what`` names what happens.
	"""

	def dialed() -> object:
		dispatcher.run(emergency)
		frappe.db.rollback()
		return happened()

	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(dispatcher, "RUN_SECONDS", 3)
		eventually(what, dialed)


def state_of(doc) -> str:
	return frappe.db.get_value("Dialer Campaign", doc.name, "status")


def texts_to(carrier, number: str) -> list[str]:
	return [
		entry["params"]["Body"]
		for entry in carrier.log("message")
		if entry["to"] == number and entry["status"] == 201
	]


def opting_out_at_the_slot(monkeypatch, number: str) -> None:
	"""Let the number opt out, over a connection of its own, while a request waits for its slot."""

	def stop() -> None:
		ledger.opt_out(number, scope="everything", evidence=make.evidence("Keypad"))
		frappe.db.commit()

	def reserve(*_streams) -> float:
		with DbThread() as family:
			family.submit(stop).result()
		return 0.0

	monkeypatch.setattr(pacer, "reserve", reserve)


def question_arrives(carrier, number: str, status: str = "delivered") -> None:
	"""Send the text that waits for this number, and set what became of it after all that the carrier says."""
	confirmations.send_due()
	carrier.wait_until_idle()
	log = frappe.get_last_doc("Dialer Notice", {"phone": number}).call_log
	frappe.db.set_value("Dialer Call Log", log, {"status": status, "status_rank": states.rank(status)})
	frappe.db.commit()


def number_of(school: School, child: str) -> str:
	return school.phones[f"{school.tag}-G{child[1:]}"]


QUEUES = ("short", "default", "long")
