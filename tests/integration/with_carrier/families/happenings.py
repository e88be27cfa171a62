"""The families' events, each by the way in which it happens: texts, mail, the preference page, records."""

from __future__ import annotations

from collections.abc import Callable

import frappe

from dev.demo.people import MANAGER
from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.consent import corrections, ledger
from school_dialer.consent.choices import preference_link, wrong_number
from school_dialer.consent.events import Evidence
from school_dialer.consent.lock import number_lock
from school_dialer.followup import confirmations
from school_dialer.help_desk import actions
from tests.families import course as c
from tests.families.course import Event
from tests.integration import attendance
from tests.integration import factories as make
from tests.integration.with_carrier.families.world import Household, World

DOWN_MINUTES = 15
"""So long the scheduler did not run: an outage shows by the carrier's list, which it reads more often."""

BETWEEN_TEXTS = 2 / 60
"""Minutes from a STOP to a START. Of two texts in one of the carrier's seconds, STOP counts."""

TICKETS = ("HD Ticket", "Issue")


class Happenings:
	def __init__(self, world: World, carrier, forward: Callable[[float], None]):
		self.world, self.carrier, self.forward = world, carrier, forward

	def let_happen(self, index: int) -> None:
		"""Let the events before this move happen, and the outage end in which someone texted."""
		happened = set()
		for one in self.world.households:
			for event in one.course.events:
				if event.before == index:
					self.happen(one, event)
					happened.add(event.what)
		if c.DOWN in happened:
			self.forward(DOWN_MINUTES)

	def happen(self, one: Household, event: Event) -> None:
		frappe.db.rollback()
		self.events[event.what](self, one, event)
		frappe.db.commit()

	def text_stop(self, one: Household, event: Event) -> None:
		self.text(one, event, "STOP")

	def text_start(self, one: Household, event: Event) -> None:
		self.forward(BETWEEN_TEXTS)
		self.text(one, event, "START")

	def text(self, one: Household, event: Event, body: str) -> None:
		text = {"from": one.numbers[event.line], "to": SENDER, "body": body}
		told = self.carrier.control("inbound_text", text)
		assert told["http_status"] == 200, told

	def text_stop_and_digit(self, one: Household, event: Event) -> None:
		"""Text STOP from a phone that gets nothing of ours, and answer what was never asked.

		As an answer, 1 would narrow the stop to this purpose, and 3 would end emergencies.
		"""
		number, digit = one.numbers[event.line], "3" if self.world.script.purpose == c.EMERGENCY else "1"
		lost = {"behaviour": "answers", "text": {"delivery": "undelivered", "error": 30003}}
		self.carrier.control("people", {number: lost})
		self.text_stop(one, event)
		frappe.db.rollback()
		confirmations.send_due()
		self.carrier.wait_until_idle()
		self.carrier.control("inbound_text", {"from": number, "to": SENDER, "body": digit})
		self.carrier.control("people", {number: self.world.people()[number]})

	def write_mail(self, one: Household, event: Event, **about: str) -> None:
		frappe.get_doc(
			{
				"doctype": "Communication",
				"communication_type": "Communication",
				"communication_medium": "Email",
				"sent_or_received": "Received",
				"sender": one.address(event.guardian),
				"subject": "Calls",
				"content": "Please stop calling me.",
				**about,
			}
		).insert()

	def write_in_ticket(self, one: Household, event: Event) -> None:
		"""Write in a ticket of Helpdesk or, on a site without it, in an issue."""
		doctype = next(one for one in TICKETS if frappe.db.exists("DocType", one))
		raised = {"subject": "Calls", "raised_by": one.address(event.guardian), "description": "A question"}
		ticket = frappe.get_doc({"doctype": doctype, **raised}).insert()
		self.write_mail(one, event, reference_doctype=doctype, reference_name=str(ticket.name))

	def record_as_agent(self, one: Household, event: Event) -> None:
		name, number = one.guardians[event.guardian], one.numbers[event.line]
		as_manager(lambda: actions.log_opt_out("Guardian", name, number))

	def stop_school(self, one: Household, event: Event) -> None:
		name, number = one.guardians[event.guardian], one.numbers[event.line]
		school = frappe.db.get_value("Student", one.child(event.child), "dialer_school")
		stop = {"scope": "this school", "school": school}
		as_manager(lambda: actions.log_opt_out("Guardian", name, number, **stop))

	def change_school(self, one: Household, event: Event) -> None:
		schools, child = self.world.schools, one.child(event.child)
		now = schools.index(frappe.db.get_value("Student", child, "dialer_school"))
		save("Student", child, dialer_school=schools[1 - now])

	def text_stop_in_vain(self, one: Household, event: Event) -> None:
		"""Text STOP while the site is down. The first worker after it has to ask for it."""
		text = {"from": one.numbers[event.line], "to": SENDER, "body": "STOP"}
		self.carrier.control("faults", {"site_down": 1})
		told = self.carrier.control("inbound_text", text)
		self.carrier.control("faults", {})
		assert told["error"], "the site answered"

	def record_stop(self, one: Household, event: Event) -> None:
		ledger.opt_out(one.numbers[event.line], evidence=make.evidence("Agent"))

	def take_back(self, one: Household, event: Event) -> None:
		"""Record a stop, and undo it within the minute. At a stranger's number staff can undo nothing."""
		number = one.numbers[event.line]
		if ledger.is_strangers(number):
			return

		def slip() -> None:
			corrections.undo(ledger.opt_out(number, evidence=make.evidence("Agent")))

		as_manager(slip)

	def report_wrong(self, one: Household, event: Event) -> tuple[str, Evidence]:
		"""Report a wrong number on the preference page. The time to undo it does not end."""
		link = preference_link.issue(one.numbers[event.line])
		said = {"reference_doctype": preference_link.DOCTYPE, "reference_name": link}
		pressed = make.evidence("Preference Page", **said)
		wrong_number.report(one.numbers[event.line], link, pressed)
		return link, pressed

	def undo_wrong(self, one: Household, event: Event) -> None:
		number = one.numbers[event.line]
		link, pressed = self.report_wrong(one, event)
		with number_lock([number]):
			wrong_number.undo(number, link, pressed)

	def order(self, one: Household, event: Event) -> None:
		doc = frappe.get_doc("Student", one.child(event.child))
		for row in doc.guardians:
			if row.guardian == one.guardians[event.guardian]:
				row.dialer_contact_permission = "None by Court Order"
		doc.save()

	def mark_absent(self, one: Household, event: Event) -> None:
		self.correct(one, event, "Absent")

	def mark_present(self, one: Household, event: Event) -> None:
		self.correct(one, event, "Present")

	def correct(self, one: Household, event: Event, status: str) -> None:
		"""Cancel the record of attendance, and enter another one."""
		known = frappe.get_doc("Student Attendance", one.attendance[event.child])
		if known.docstatus == 1:
			if known.status == status:
				return
			known.cancel()
		same = {"day": known.date, "student_group": self.world.group}
		made = attendance.mark(one.child(event.child), status, **same)
		one.attendance[event.child] = made.name

	def rename(self, one: Household, event: Event) -> None:
		name = one.guardians[event.guardian]
		one.renamed[event.guardian] = clock.db_now()
		one.guardians[event.guardian] = frappe.rename_doc("Guardian", name, f"{name}-renamed", force=True)

	def rename_child(self, one: Household, event: Event) -> None:
		name = one.child(event.child)
		one.children[event.child] = frappe.rename_doc("Student", name, f"{name}-renamed", force=True)

	def merge(self, one: Household, event: Event) -> None:
		"""Merge a record into the first one of the same person, whose numbers stay."""
		kept = one.guardians[one.family.person(event.guardian)]
		one.renamed[event.guardian] = clock.db_now()
		frappe.rename_doc("Guardian", one.guardians[event.guardian], kept, merge=True, force=True)
		one.guardians[event.guardian] = kept

	def change_number(self, one: Household, event: Event) -> None:
		save("Guardian", one.guardians[event.guardian], mobile_number=one.numbers[c.NEW])

	def give_number(self, one: Household, event: Event) -> None:
		for index, person in enumerate(one.family.guardians):
			if person.mobile and person.mobile.lines == (event.line,):
				save("Guardian", one.guardians[index], mobile_number=None)
		save("Guardian", one.guardians[event.guardian], mobile_number=one.numbers[event.line])

	def remove_guardian(self, one: Household, event: Event) -> None:
		doc = frappe.get_doc("Student", one.child(event.child))
		gone = one.guardians[event.guardian]
		save("Student", doc.name, guardians=[row for row in doc.guardians if row.guardian != gone])

	def approve_leave(self, one: Household, event: Event) -> None:
		if event.child not in one.leaves:
			one.leaves[event.child] = attendance.leave(one.child(event.child), self.world.group)

	def cancel_leave(self, one: Household, event: Event) -> None:
		self.approve_leave(one, event)
		frappe.get_doc("Student Leave Application", one.leaves.pop(event.child)).cancel()

	def leave_school(self, one: Household, event: Event) -> None:
		save("Student", one.child(event.child), enabled=0)

	events = {
		c.STOP: text_stop,
		c.DOWN: text_stop_in_vain,
		c.UNASKED: text_stop_and_digit,
		c.MAIL: write_mail,
		c.TICKET: write_in_ticket,
		c.AGENT: record_as_agent,
		c.AGAIN: text_start,
		c.ONE_SCHOOL: stop_school,
		c.OTHER_SCHOOL: change_school,
		c.CLERK: record_stop,
		c.MISTAKE: take_back,
		c.WRONG: report_wrong,
		c.UNDONE: undo_wrong,
		c.ORDER: order,
		c.ABSENT: mark_absent,
		c.PRESENT: mark_present,
		c.LEAVES: leave_school,
		c.RENAMED: rename,
		c.CHILD_RENAMED: rename_child,
		c.MOVED: change_number,
		c.GIVEN: give_number,
		c.UNLINKED: remove_guardian,
		c.MERGED: merge,
		c.EXCUSED: approve_leave,
		c.UNEXCUSED: cancel_leave,
	}


def save(doctype: str, name: str, **values: object) -> None:
	"""Change a record as a form and REST do."""
	frappe.get_doc(doctype, name).update(values).save()


def as_manager(action: Callable[[], object]) -> None:
	"""Do this as a manager, in this transaction."""
	frappe.set_user(MANAGER)
	try:
		action()
	finally:
		frappe.set_user("Administrator")
