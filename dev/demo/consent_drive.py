"""A consent drive: letters, waves, families that answer on the form, and coverage before and after.

It asks everyone without the written consent that fund-raising needs, and so all who never agreed to anything.

The manager makes and starts it through the site's API, and workers print the letters. The files are kept in
.bench/letters, to be looked at.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import frappe
from frappe.utils import get_files_path

from dev.demo import consent_answers
from dev.demo.people import MANAGER, Person, wait_for
from dev.demo.stage import Stage
from dev.site.layout import OWN
from school_dialer.consent_drive import covered, students
from school_dialer.reporting import engines

API = "/api/method/school_dialer.desk.families.consent_drives."
KEPT = OWN / "letters"
PURPOSE = "Fundraising"
PDF_HEAD = b"%PDF"


def run(stage: Stage) -> dict:
	"""Run the drive and return its report. Exits if the letters are not made in time."""
	manager = Person(stage.url, MANAGER)
	name = manager.create(
		"Dialer Consent Drive",
		{
			"title": "May we call you?",
			"audience_source": "All guardians",
			"purpose": PURPOSE,
			"waves": [{"days": 0, "way": "Letter"}, {"days": 14, "way": "Letter"}],
		},
	)
	general = covered_for("General")
	preview = manager.ask("GET", f"{API}count?drive={name}")["message"]
	manager.ask("POST", f"{API}start", {"drive": name, "families": preview["families"]})
	wait_for(
		"The letters of the consent drive", lambda: waves(manager, name)[0] == "Made", letters_made(name)
	)
	wait_for("The end of the drive's job", lambda: not state(manager, name)["running"], letters_made(name))
	files = keep(name)
	answered = answer(stage, manager, name)
	found = state(manager, name)
	report = {
		"name": name,
		"families": preview["families"],
		"letters": preview["letters"],
		"without_address": preview["without_address"],
		"left_out": preview["left_out"],
		"by_phone": {channel: one["may"] for channel, one in preview["phones"].items()},
		"engine": preview["engine"],
		"files": len(files),
		"waves": waves(manager, name),
		"answered": answered,
		"before": found["coverage"]["start"]["total"],
		"after": found["coverage"]["now"]["total"],
		"general": [general, covered_for("General")],
	}
	return {**report, "violations": violations(report, found, files)}


def covered_for(purpose: str) -> list[int]:
	"""Return [students with an adult who may be called for this purpose, students]."""
	frappe.db.rollback()
	asked = frappe._dict(audience_source="All guardians", purpose=purpose)
	return covered.count(students.read_students(asked))["total"]


def state(manager: Person, name: str) -> dict:
	return manager.ask("GET", f"{API}state?drive={name}")["message"]


def letters_made(name: str) -> Callable[[], int]:
	"""Return a function that counts the files of letters so far."""

	def count() -> int:
		frappe.db.rollback()
		return frappe.db.count("Dialer Consent Letters", {"drive": name})

	return count


def waves(manager: Person, name: str) -> list[str]:
	return [wave["state"] for wave in state(manager, name)["waves"]]


def keep(name: str) -> list[Path]:
	"""Copy the files of letters into .bench/letters, named after their classes."""
	frappe.db.rollback()
	shutil.rmtree(KEPT, ignore_errors=True)
	KEPT.mkdir(parents=True)
	fields = ["name", "school", "student_group", "file"]
	rows = frappe.get_all("Dialer Consent Letters", {"drive": name}, fields, order_by="title")
	kept = []
	for row in rows:
		source = Path(get_files_path(Path(row.file).name, is_private=1))
		title = frappe.scrub(f"{row.school or ''} {row.student_group or 'no class'} {row.name[:4]}".strip())
		kept.append(Path(shutil.copy(source, KEPT / f"{title.replace('/', '-')}{source.suffix}")))
	return kept


def answer(stage: Stage, manager: Person, name: str) -> dict[str, int]:
	"""Let families answer on the form, and have the drive count again. Return what they said."""
	said = consent_answers.run(stage, name)
	before = state(manager, name)["coverage"]["counted_at"]
	manager.ask("POST", f"{API}refresh", {"drive": name})
	wait_for("The count of the answers", lambda: state(manager, name)["coverage"]["counted_at"] != before)
	return said


def violations(report: dict, found: dict, files: list[Path]) -> list[str]:
	"""Return what is wrong with a drive, as sentences."""
	wrong = []
	total, said = found["total"], report["answered"]
	if total["Answered"] != said["proven"] or total["Declined"] != said.get(consent_answers.NOTHING, 0):
		wrong.append(f"{said} on the form, and the drive counted {total}.")
	if said["proven"] + said["stopped"] != said["signed"] - said.get(consent_answers.NOTHING, 0):
		wrong.append("A family could not prove its number by the code that the carrier delivered.")
	if report["after"][0] <= report["before"][0]:
		wrong.append("The families' answers did not lift the coverage.")
	if total["families"] != report["families"]:
		wrong.append(f"The drive counted {report['families']} families and listed {total['families']}.")
	if total["Waiting"]:
		wrong.append(f"{total['Waiting']} families were not asked in the first wave.")
	printed = sum(batch["families"] for batch in found["letters"])
	if printed != report["letters"]:
		wrong.append(f"{report['letters']} letters were counted and {printed} printed.")
	heads = [path.open("rb").read(4) for path in files if path.suffix == ".pdf"]
	if engines.engine() and (not heads or any(head != PDF_HEAD for head in heads)):
		wrong.append("A file of letters is no PDF.")
	asked = frappe.db.sql(
		"""select person from `tabDialer Consent Request` where drive = %s
		group by person having count(*) > 1""",
		(report["name"],),
	)
	if asked:
		wrong.append(f"{len(asked)} families were asked twice in one wave.")
	return wrong


def render(report: dict) -> list[str]:
	(before, everyone), (after, _everyone) = report["before"], report["after"]
	(general, _students), (then, _then) = report["general"]
	return [
		"",
		f"Consent drive: {report['families']} families without written consent, "
		f"{report['letters']} letters in {report['files']} files ({report['engine'] or 'pages to print'}), "
		f"waves {', '.join(report['waves'])}.",
		f"  may be texted just to be asked: {report['by_phone']['Text']}, "
		f"called: {report['by_phone']['Voice']}",
		f"  students with an adult who may be called for fund-raising: {before} of {everyone} before, "
		f"{after} now; for general matters {general}, and {then} now",
		f"  {report['answered']['signed']} families answered on the form, "
		f"{report['answered']['proven']} proved their number by a code",
	]
