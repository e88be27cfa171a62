"""Waves: ask each family of a drive once, then remind those who have not answered.

A wave works in chunks, each one transaction: the requests, the e-mails in Frappe's queue or the file of
letters, and the mark on the families that they were asked. A job that was killed is made again from the
first family that has no mark, so that no family is asked twice in a wave. A wave by text or call makes draft
campaigns and sends nothing (`by_phone`).
"""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import update_each
from school_dialer.consent_drive import covered, letters, mail, planning, stopping
from school_dialer.consent_drive.by_phone import campaigns, who
from school_dialer.consent_drive.planning import ASKED, FAMILY, OPEN
from school_dialer.consent_drive.scope import DOCTYPE
from school_dialer.consent_form import requests
from school_dialer.reporting import engines

WAVE = "Dialer Consent Wave"
RUNNING = "Running"
WAITING, MAKING, MADE = "Waiting", "Making", "Made"
LETTER, EMAIL = "Letter", "E-mail"
WAY_OF_REQUEST = {LETTER: requests.LETTER, EMAIL: requests.EMAIL}
MAILS, LETTERS_IN_FILE = 100, 60
"""Families in one chunk. A class with more gets several files."""
FIELDS = ("name", "school", "student_group", "language", "person_doctype", "person", "people", "students")
ORDER = "school, student_group, sort_key, name"


def advance(name: str) -> None:
	"""Bring a running drive up to date: families, answers, waves that are due, coverage. Commits.

	Only one process may do this for a drive at a time (`jobs.run`).
	"""
	drive = frappe.get_doc(DOCTYPE, name)
	if drive.state != RUNNING:
		return
	planning.plan(drive)
	campaigns.sync(drive.name)
	stopping.sync(drive)
	frappe.db.commit()
	for wave in sorted(drive.waves, key=lambda wave: wave.idx):
		if wave.state != MADE and not (is_due(drive, wave) and make(drive, wave)):
			break
	covered.keep(name)
	frappe.db.commit()


def is_due(drive, wave) -> bool:
	"""Return whether the wave's day has come, counted from the drive's start, both in site time."""
	first = clock.db_now().date() if not drive.started_at else frappe.utils.getdate(drive.started_at)
	return clock.db_now().date() >= first + timedelta(days=wave.days or 0)


def make(drive, wave) -> bool:
	"""Ask everyone who waits for this wave. Return False if the drive was stopped meanwhile. Commits."""
	frappe.db.set_value(WAVE, wave.name, "state", MAKING, update_modified=False)
	# The form shows that this wave is being made.
	frappe.db.commit()
	done = True
	if wave.way == EMAIL:
		done = each_chunk(drive, wave, send_mails)
	elif wave.way in who.WAYS:
		done = each_chunk(drive, wave, campaigns.ask)
	if done and (wave.way == LETTER or wave.else_letter):
		done = print_letters(drive, wave)
	if done:
		values = {"state": MADE, "made_at": clock.db_now(), **counted(drive.name, wave)}
		frappe.db.set_value(WAVE, wave.name, values, update_modified=False)
		frappe.db.commit()
	return done


def counted(drive: str, wave) -> dict:
	"""Return how many families were asked in a wave, and how many of those still open were not."""
	asked = {"drive": drive, "last_wave": wave.idx}
	left = {"drive": drive, "state": ("in", OPEN), "last_wave": ("<", wave.idx)}
	return {"families": frappe.db.count(FAMILY, asked), "not_reached": frappe.db.count(FAMILY, left)}


def still_running(drive: str, for_update: bool = False) -> bool:
	"""Return whether a drive runs. `for_update` keeps it from being stopped until the commit."""
	return frappe.db.get_value(DOCTYPE, drive, "state", for_update=for_update) == RUNNING


def each_chunk(drive, wave, ask_these: Callable[..., None]) -> bool:
	"""Let all families that wait for this wave be asked by `ask_these(drive, wave, rows)`.

	Commits each chunk. Return False if the drive was stopped meanwhile.
	"""
	after = ""
	while True:
		running = still_running(drive.name, for_update=True)
		due = {"drive": drive.name, "state": ("in", OPEN), "last_wave": ("<", wave.idx), "name": (">", after)}
		rows = frappe.get_all(FAMILY, due, FIELDS, order_by="name", limit=MAILS) if running else []
		if not rows:
			frappe.db.commit()
			return running
		after = rows[-1].name
		ask_these(drive, wave, rows)
		frappe.db.commit()


def send_mails(drive, wave, rows: Sequence[frappe._dict]) -> None:
	address_of = mail.addresses(
		[(row.name, (row.person_doctype, row.person), json.loads(row.students)) for row in rows]
	)
	asked = [row for row in rows if row.name in address_of]
	made = ask(drive, wave, asked, EMAIL)
	mail.queue(drive.name, wave.idx, {made[row.name]: address_of[row.name] for row in asked})


def print_letters(drive, wave) -> bool:
	while True:
		if not still_running(drive.name):
			return False
		rows = next_class(drive.name, wave.idx)
		if not rows:
			return True
		made = ask(drive, wave, rows, LETTER)
		first = rows[0]
		batch = letters.Batch(
			[made[row.name] for row in rows],
			" · ".join(filter(None, (drive.title, first.school, first.student_group))),
			engines.has_font(first.language or "en"),
			drive.name,
			wave.idx,
			first.school or "",
			first.student_group or "",
			drive.print_format or letters.FORMAT,
		)
		name = letters.make(batch)
		update_each(FAMILY, {row.name: {"letters": name} for row in rows})
		# A batch and its families together: a job that is killed prints no class twice.
		frappe.db.commit()


def next_class(drive: str, wave: int) -> list[frappe._dict]:
	"""Return the families of the next class that wait for this wave, by the children's names.

	Languages without a font on this server are printed apart.
	"""
	due = {"drive": drive, "state": ("in", OPEN), "last_wave": ("<", wave)}
	first = frappe.get_all(FAMILY, due, ["school", "student_group"], order_by=ORDER, limit=1)
	if not first:
		return []
	same = {
		field: first[0][field] if first[0][field] else ("is", "not set")
		for field in ("school", "student_group")
	}
	rows = frappe.get_all(FAMILY, {**due, **same}, FIELDS, order_by=ORDER, limit=LETTERS_IN_FILE)
	printable = engines.has_font(rows[0].language or "en")
	return [row for row in rows if engines.has_font(row.language or "en") == printable]


def ask(drive, wave, rows: Sequence[frappe._dict], way: str) -> dict[str, str]:
	"""Create requests for these families and mark them as asked. Return {family: request}."""
	made = requests.create([planning.request_of(row, drive.name, WAY_OF_REQUEST[way]) for row in rows])
	request_of = dict(zip((row.name for row in rows), made, strict=True))
	at = clock.db_now()
	marks = {"state": ASKED, "last_wave": wave.idx, "last_way": way, "last_asked_at": at, "campaign": None}
	update_each(FAMILY, {name: {**marks, "request": request} for name, request in request_of.items()})
	update_each(
		requests.DOCTYPE, {request: {"waves_sent": 1, "last_sent_at": at} for request in request_of.values()}
	)
	return request_of
