"""The journal of opt-outs by e-mail: each hour's new lines to a mailbox that is not on this machine.

The lines leave as they are in the file, encrypted and signed, so the mailbox learns no number. How far each
file was mailed is kept beside the journal and not in the database, which a restore sets back. A line may be
mailed twice, as when the machine stops in between; reading one twice changes nothing.
"""

import json
import os
from pathlib import Path

import frappe
from frappe import _

from school_dialer.base.jobs import alone, job
from school_dialer.consent import journal
from school_dialer.schools import staff

MOST_BYTES = 4 * 1024 * 1024
"""Bytes of one attachment. What is left is mailed an hour later."""
LOCK = "journal mail"


def mailbox() -> str:
	return (frappe.get_cached_doc("Dialer Settings").get("journal_mailbox") or "").strip()


@job
def hourly() -> None:
	"""Mail the lines that were not mailed yet, in an attachment for each month's file. Commits."""
	address = mailbox()
	if not address or not staff.can_send():
		return
	with alone(LOCK) as mine:
		if not mine:
			return
		ends = mailed()
		parts = {path.name: part_of(path, ends.get(path.name, 0)) for path in journal.files()}
		attachments = [{"fname": name, "fcontent": lines} for name, (lines, _end) in parts.items() if lines]
		if not attachments:
			return
		frappe.sendmail(
			recipients=[address],
			subject=_("Journal of opt-outs of {0}").format(frappe.local.site),
			message=_(
				"Keep this e-mail for as long as you keep backups. If the site is restored from one, add the"
				" files of all these e-mails to its Dialer Restore, so that no opt-out is forgotten."
			),
			attachments=attachments,
		)
		frappe.db.commit()
		remember({name: end for name, (_lines, end) in parts.items()})


def part_of(path: Path, start: int) -> tuple[bytes, int]:
	"""Return the whole lines of the file from this byte on, at most `MOST_BYTES`, and where they end.

	A file that is shorter than that was put back from an older copy, and is read from its beginning.
	"""
	with path.open("rb") as file:
		start = 0 if start > path.stat().st_size else start
		file.seek(start)
		lines = file.read(MOST_BYTES)
	lines = lines[: lines.rfind(b"\n") + 1]
	return lines, start + len(lines)


def mailed() -> dict[str, int]:
	"""Return up to which byte each file was mailed: nothing if that is not known."""
	try:
		ends = json.loads((journal.folder() / journal.MAILED).read_bytes())
		return {str(name): int(end) for name, end in ends.items() if int(end) >= 0}
	except (OSError, ValueError, TypeError, AttributeError):
		return {}


def remember(ends: dict[str, int]) -> None:
	path = journal.folder() / journal.MAILED
	beside = path.with_suffix(".new")
	beside.write_text(json.dumps(ends))
	os.replace(beside, path)
