"""When a part of the app fails, the form shows it and no other campaign has to wait for it."""

import threading
from contextlib import suppress

import frappe
import pytest

from dev.patience import PATIENCE, eventually
from school_dialer import scheduler
from school_dialer.base import states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.jobs import JobFailed
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner, recipients
from school_dialer.campaigns.planning.recipients import add_candidates
from school_dialer.desk import campaigns as desk
from school_dialer.outbound.attempts import reconciler
from school_dialer.outbound.dispatch import dispatcher, successor
from school_dialer.outbound.pace import pacer
from tests.integration import emergencies
from tests.integration import factories as make

SLOWLY = 2.5
"""Calls per second of which most are still to come when a slow machine has seen the first."""


def broken(campaign: str):
	"""Return a function that fails to plan this one campaign and plans all others."""

	def add_unless_broken(doc, options):
		if doc.name == campaign:
			raise RuntimeError("broken on purpose")
		return add_candidates(doc, options)

	return add_unless_broken


def test_a_planner_that_breaks_says_so_in_the_form(carrier, monkeypatch):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	monkeypatch.setattr(recipients, "add_candidates", broken(doc.name))
	with pytest.raises(JobFailed):
		planner.run(doc.name)
	doc.reload()
	assert doc.status == states.PREPARING and "tried again" in doc.status_message
	assert "broken on purpose" not in doc.status_message
	monkeypatch.setattr(recipients, "add_candidates", add_candidates)
	planner.run(doc.name)
	doc.reload()
	assert (doc.status, doc.status_message) == (states.RUNNING, None)


def test_a_stuck_emergency_starves_no_one(carrier, posted, answering, monkeypatch):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	stuck = emergencies.approved([make.phone()])
	ordinary = make.campaign([number])
	frappe.db.commit()
	actions.start(ordinary.name)
	frappe.db.commit()
	monkeypatch.setattr(recipients, "add_candidates", broken(stuck.name))
	planner.run(ordinary.name)
	dispatcher.run()
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert len(posted(number)) == 1
	stuck.reload()
	assert stuck.status == states.PREPARING and stuck.status_message


@pytest.fixture
def running(school):
	numbers = [make.phone() for _ in range(3)]
	for number in numbers:
		make.consent(number)
	doc = make.campaign(numbers)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	return doc


def test_a_stop_is_not_lost_to_a_deadlock(running):
	"""Check two transactions that lock the same rows in opposite order.

	One locks the recipients and then wants the campaign. The button locks the campaign and wants the
	recipients.
	"""
	held = threading.Event()

	def other() -> None:
		frappe.db.sql("update `tabDialer Recipient` set outcome = 'x' where campaign = %s", running.name)
		held.set()
		eventually("The press of the button", somebody_waits)
		frappe.db.sql("update `tabDialer Campaign` set heartbeat_at = now() where name = %s", running.name)
		frappe.db.commit()

	def somebody_waits() -> bool:
		return bool(
			frappe.db.sql(
				"""select 1 from information_schema.processlist
				where id != connection_id() and info like '%%update%%tabDialer Recipient%%' """
				"and time_ms > 200"
			)
		)

	with DbThread() as another:
		done = another.submit(other)
		assert held.wait(PATIENCE)
		desk.cancel(running.name)
		frappe.db.commit()
		done.result()
	assert frappe.db.get_value("Dialer Campaign", running.name, "status") == states.CANCELLED


def test_the_scheduler_waits_for_no_campaign(running):
	"""Check that the scheduler does not wait for a locked campaign row.

	A dispatcher locks it for a second at a time, and a click on a button locks it too.
	"""
	change = "update `tabDialer Campaign` set status_message = 'held' where name = %s"
	with DbThread() as another:
		another.submit(lambda: frappe.db.sql(change, running.name)).result()
		frappe.db.sql("set session innodb_lock_wait_timeout = 1")
		scheduler.expire_past_deadline()
		reconciler.withdraw_from_ended()
		frappe.db.sql("set session innodb_lock_wait_timeout = default")
		another.submit(lambda: frappe.db.rollback()).result()


def test_without_its_connection_nothing_is_sent(carrier, set_pace, monkeypatch):
	"""Check that a dispatcher that lost its connection sends nothing more.

	Its row locks are lost with the connection. Otherwise the rest of a decided chunk could be sent after an
	acknowledged opt-out.
	"""
	set_pace(SLOWLY)
	numbers = make.many_phones(30)
	make.consents(numbers)
	doc = make.campaign(numbers)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)

	monkeypatch.setattr(successor, "sleep", lambda seconds: None)
	leaves, left = pacer.ArrivalWindow.leaves, []
	monkeypatch.setattr(pacer.ArrivalWindow, "leaves", lambda window: left.append(window) or leaves(window))

	def hang_up(mine: int) -> int:
		"""Kill all other connections to the site's database.

		A request that was served there may be over by now.
		"""
		eventually("The first requests", lambda: len(left) >= 3)
		others = "select id from information_schema.processlist where id not in (connection_id(), %s)"
		for (connection,) in frappe.db.sql(others, mine):
			with suppress(frappe.db.OperationalError):
				frappe.db.sql("kill %s", connection)
		return len(left)

	with DbThread() as another:
		cut = another.submit(hang_up, frappe.db.sql("select connection_id()")[0][0])
		with pytest.raises(JobFailed):
			dispatcher.run()
		assert len(left) <= cut.result() + 1 < len(numbers)
