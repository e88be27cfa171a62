"""Batches of letters: one private file for each class and wave, and what may be done with it afterward."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import get_files_path
from frappe.utils.data import escape_html
from frappe.www.printview import get_print_format

from school_dialer.base import clock
from school_dialer.base.database import private_files, rows
from school_dialer.base.refusal import throw
from school_dialer.consent_drive import pages
from school_dialer.consent_drive.pages import CANCELED, HANDED_OUT, LETTERS, MADE
from school_dialer.consent_drive.planning import ASKED, FAMILY, WAITING
from school_dialer.consent_form import requests
from school_dialer.reporting import engines

FORMAT = "Consent Letter"
PAPERS = ("A4", "Letter", "Legal", "A5")
PDF, HTML = "PDF", "HTML"


@dataclass(frozen=True)
class Batch:
	"""Letters of one class to print together. `drive` is "" and `wave` 0 for a card at enrollment."""

	requests: Sequence[str]
	title: str
	language_fonts: bool = True
	drive: str = ""
	wave: int = 0
	school: str = ""
	student_group: str = ""
	print_format: str = field(default=FORMAT)


def make(batch: Batch) -> str:
	"""Print a batch into a private file and return the name of its row. The caller commits.

	A rollback removes the file. Where this server has no PDF engine, or no font of a language, the file is a
	page to print from a browser.
	"""
	kind = PDF if engines.engine() and batch.language_fonts else HTML
	name = secrets.token_hex(8)
	values = {
		"name": name,
		**rows.stamp(clock.db_now()),
		"title": batch.title[:140],
		"drive": batch.drive or None,
		"wave": batch.wave,
		"school": batch.school or None,
		"student_group": batch.student_group[:140],
		"families": len(batch.requests),
		"format": kind,
		"state": MADE,
		"made_at": clock.db_now(),
		"requests": json.dumps(list(batch.requests)),
	}
	rows.insert(LETTERS, [values])
	page = printed(frappe.get_doc(LETTERS, name), batch.print_format)
	content = engines.pdf(page) if kind == PDF else page.encode()
	url = attach(name, content, kind.lower())
	frappe.db.set_value(LETTERS, name, "file", url, update_modified=False)
	return name


def printed(letters, print_format: str = FORMAT) -> str:
	"""Return a batch as a complete HTML page, by a Print Format of Dialer Consent Letters."""
	chosen = frappe.get_doc("Print Format", print_format or FORMAT)
	sheets = pages.written(json.loads(letters.requests), letters.drive, letters.wave)
	body = frappe.render_template(get_print_format(LETTERS, chosen), {"doc": letters, "pages": sheets})
	paper = frappe.db.get_single_value("Print Settings", "pdf_page_size")
	size = paper if paper in PAPERS else "A4"
	head = f"<meta charset='utf-8'><title>{escape_html(letters.title or '')}</title>"
	return (
		f"<!doctype html><html><head>{head}<style>@page {{ size: {size}; margin: 18mm 18mm 15mm }} "
		f"body {{ margin: 0 }}</style></head><body>{body}</body></html>"
	)


def attach(letters: str, content: bytes, ending: str) -> str:
	return private_files.attach(LETTERS, letters, content, "letters", ending)


def hand_out(name: str, undo: bool = False) -> None:
	"""Note that a batch was handed out, or that it was not after all. Raises ValidationError otherwise."""
	# Locked: a batch that is canceled at this moment is not handed out.
	letters = frappe.get_doc(LETTERS, name, for_update=True)
	expected, state = (HANDED_OUT, MADE) if undo else (MADE, HANDED_OUT)
	if letters.state != expected:
		throw(_("These letters are {0}.").format(_(letters.state)))
	at = None if undo else clock.db_now()
	frappe.db.set_value(LETTERS, name, {"state": state, "handed_out_at": at})


def cancel(name: str) -> None:
	"""Cancel a batch that was not handed out: its secrets open nothing from now on, and its file is deleted.

	Its families count as not asked in that wave. A family that has answered stays answered. The caller
	commits.
	"""
	letters = frappe.get_doc(LETTERS, name, for_update=True)
	if letters.state != MADE:
		throw(
			_("Only letters that were not handed out can be canceled. These are {0}.").format(
				_(letters.state)
			)
		)
	made = json.loads(letters.requests or "[]")
	unanswered = {"name": ("in", made), "status": requests.WAITING}
	requests.withdraw(frappe.get_all(requests.DOCTYPE, unanswered, pluck="name"))
	frappe.db.set_value(LETTERS, name, {"state": CANCELED, "file": None})
	family = frappe.qb.DocType(FAMILY)
	of_batch = (family.letters == name) & family.state.isin((WAITING, ASKED))
	query = frappe.qb.update(family).where(of_batch).set(family.letters, None).set(family.request, None)
	query.set(family.state, ASKED if letters.wave > 1 else WAITING).set(
		family.last_wave, max(letters.wave - 1, 0)
	).run()
	delete_files(name)


def delete_files(name: str) -> None:
	"""Delete the files of a batch, their content once the transaction is committed."""
	attached = {"attached_to_doctype": LETTERS, "attached_to_name": name}
	for row in frappe.get_all("File", attached, ["name", "file_url"]):
		path = Path(get_files_path(Path(row.file_url).name, is_private=1))
		frappe.db.after_commit.add(partial(path.unlink, missing_ok=True))
		frappe.db.delete("File", {"name": row.name})
