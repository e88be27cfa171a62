"""What staff do with a drive: start, pause, resume, end, make a wave again, and one card at enrollment."""

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.jobs import PLAN_QUEUE
from school_dialer.base.refusal import throw
from school_dialer.consent_drive import letters, preview, students, waves
from school_dialer.consent_drive import scope as scopes
from school_dialer.consent_drive.by_phone import campaigns
from school_dialer.consent_drive.planning import FAMILY
from school_dialer.consent_drive.scope import DOCTYPE
from school_dialer.consent_form import requests
from school_dialer.schools import belonging, registry, staff

DRAFT, RUNNING, PAUSED, ENDED = "Draft", waves.RUNNING, "Paused", "Ended"
MOVES = {
	"pause": ((RUNNING,), PAUSED),
	"resume": ((PAUSED, ENDED), RUNNING),
	"end": ((RUNNING, PAUSED), ENDED),
}
RUN = "school_dialer.consent_drive.jobs.run"


class CountChanged(frappe.ValidationError):
	"""The number of families is not the one that was confirmed."""


def check(doc) -> None:
	"""Check a drive before it is saved. Only a draft is changed. Raises ValidationError."""
	before = doc.get_doc_before_save()
	if before and before.state != DRAFT:
		throw(_("A drive that was started is not changed. Pause it, end it, or make a new one."))
	doc.state = DRAFT
	doc.audience_doctype = scopes.AUDIENCES.get(doc.audience_source)
	if not doc.audience_doctype:
		doc.audience_name = None
	for wave in doc.waves:
		wave.state = waves.WAITING
	days = [wave.days or 0 for wave in doc.waves]
	if days != sorted(set(days)) or any(day < 0 or day > 365 for day in days):
		throw(_("Each wave has to be later than the one before it, and at most 365 days after the start."))


def start(name: str, families: int) -> None:
	"""Start a draft. `families` is the number that the user confirmed.

	Raises `CountChanged` if it is another one by now, and ValidationError if there is nothing to do.
	"""
	# Locked: two clicks start it once.
	drive = frappe.get_doc(DOCTYPE, name, for_update=True)
	if drive.state != DRAFT:
		throw(_("This drive was started already."))
	if not drive.waves:
		throw(_("Add a wave: how and when families are asked."))
	if any(wave.way == waves.EMAIL for wave in drive.waves) and not staff.can_send():
		throw(_("Set up a default outgoing Email Account first, or choose letters."))
	counted = preview.count(drive)["families"]
	if not counted:
		throw(_("There is no family to ask."))
	if counted != families:
		throw(_("It is {0} families by now. Look at the numbers again.").format(counted), CountChanged)
	values = {"state": RUNNING, "started_at": clock.db_now(), "started_by": frappe.session.user}
	frappe.db.set_value(DOCTYPE, name, values)
	queue(name)


def change(name: str, action: str) -> None:
	"""Pause, resume or end a drive.

	An ended one can be resumed. Its letters can be answered until their day. Its campaigns that have not
	ended are canceled when it ends. Those under way are paused with it, and are resumed one by one.
	"""
	if action not in MOVES:
		throw(_("There is no such action."))
	allowed, state = MOVES[action]
	# Locked: the job reads the state under the same lock before each chunk (`waves.each_chunk`).
	drive = frappe.get_doc(DOCTYPE, name, for_update=True)
	if drive.state not in allowed:
		throw(_("This drive is {0}.").format(_(drive.state)))
	ended = clock.db_now() if state == ENDED else None
	frappe.db.set_value(DOCTYPE, name, {"state": state, "ended_at": ended, "message": None})
	if state == RUNNING:
		queue(name)
	elif state == ENDED:
		campaigns.stop(name)
	else:
		campaigns.pause(name)


def make_again(name: str) -> None:
	"""Ask families that the last wave left out, such as those whose letters were canceled."""
	drive = frappe.get_doc(DOCTYPE, name, for_update=True)
	made = [wave for wave in drive.waves if wave.state == waves.MADE]
	if drive.state != RUNNING or not made:
		throw(_("There is no wave to make again."))
	frappe.db.set_value(waves.WAVE, made[-1].name, "state", waves.WAITING)
	queue(name)


def queue(name: str) -> None:
	frappe.enqueue(RUN, queue=PLAN_QUEUE, timeout=4 * 3600, enqueue_after_commit=True, name=name)


def card(student: str, language: str = "") -> str:
	"""Make the letter of one family, to hand over at enrollment. Return the name of its batch.

	It names those adults on record who may hear about the student. Raises ValidationError if there is none.
	The caller commits and has checked the right to the student.
	"""
	school = belonging.recorded("Student", [student]).get(student, "") if registry.is_district() else ""
	adults = students.adults_of(student)
	if not adults:
		throw(_("No guardian on record may be asked about this student."))
	spoken = language or adults[0].language or registry.language(school) or "en"
	(made,) = requests.create(
		[
			requests.NewRequest(
				people=[(adult.person_doctype, adult.person) for adult in adults],
				students=[student],
				school=school,
				language=spoken,
				way=requests.CARD,
			)
		]
	)
	title = _("Card for {0}").format(frappe.db.get_value("Student", student, "student_name") or student)
	fonts = letters.engines.has_font(spoken)
	return letters.make(letters.Batch([made], title, fonts, school=school))


def refuse_deletion(doc) -> None:
	"""Refuse to delete a drive that has asked anyone: its letters are with families."""
	if doc.state != DRAFT or frappe.db.exists(FAMILY, {"drive": doc.name}):
		throw(_("A drive that was started is kept. End it instead."))
