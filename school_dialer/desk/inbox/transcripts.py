"""API for the Compliance Officer: conversations as a file, for a request for public records."""

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.jobs import job
from school_dialer.base.refusal import throw
from school_dialer.base.without_permission import note_access
from school_dialer.desk.inbox.conversations import readable
from school_dialer.desk.support import access, arguments
from school_dialer.inbound.conversations.conversation import DOCTYPE
from school_dialer.reporting import transcripts
from school_dialer.reporting.transcripts import CSV, PDF, Wishes
from school_dialer.schools import staff

MOST_AT_ONCE = 1_000
"""Messages of a file that is made at once. A larger one is made by a job."""
CAMPAIGN = "Dialer Campaign"


@frappe.whitelist(methods=["POST"])
def export(
	doctype: str, name: str, as_file: str = CSV, with_names: bool = True, redact: str | list | None = None
) -> dict | None:
	"""Return a file of the conversations with one number or of one campaign, and log the access.

	`doctype` and `name` are a Dialer Conversation, for all conversations with its number, or a Dialer
	Campaign. `as_file` is CSV or PDF. `redact` lists words to black out. A large file is made in the
	background, and its user notified; then `waits` is true in what is returned.
	"""
	access.may("export", DOCTYPE)
	if as_file not in (CSV, PDF) or doctype not in (DOCTYPE, CAMPAIGN):
		throw(_("Say what to export."))
	words = tuple(
		str(word)[: transcripts.LONGEST_REDACTED] for word in arguments.read_argument(redact or [], list)
	)
	if len(words) > transcripts.MOST_REDACTED:
		throw(_("Black out {0} words at most.").format(transcripts.MOST_REDACTED))
	count = transcripts.count_readable(conversations_of(doctype, name))
	note_access(doctype, name, f"Export of conversations ({as_file})")
	if count > MOST_AT_ONCE:
		frappe.enqueue(
			"school_dialer.desk.inbox.transcripts.save",
			queue="long",
			enqueue_after_commit=True,
			doctype=doctype,
			name=name,
			as_file=as_file,
			with_names=with_names,
			redact=remember(words),
		)
		return {"waits": True}
	frappe.response.update(
		{
			"filename": file_name(as_file),
			"filecontent": content(doctype, name, as_file, Wishes(with_names, words)),
			"type": "download",
		}
	)
	return None


def conversations_of(doctype: str, name: str) -> list[str]:
	if doctype == DOCTYPE:
		readable(name)
		return transcripts.of_number(name)
	access.get_record(CAMPAIGN, name).check_permission("read")
	return transcripts.of_campaign(name)


def content(doctype: str, name: str, as_file: str, wishes: Wishes) -> bytes:
	table = transcripts.transcript_lines(conversations_of(doctype, name), wishes)
	title = _("Conversations with families, {0}").format(frappe.format(clock.db_now(), "Datetime"))
	return transcripts.as_csv(table) if as_file == CSV else transcripts.as_pdf(table, title)


def file_name(as_file: str) -> str:
	return f"conversations-{clock.db_now():%Y-%m-%d}.{as_file.lower()}"


def remember(words: tuple[str, ...]) -> str:
	"""Keep the words to black out, which may be names, out of the job's arguments. Return their key."""
	key = f"school_dialer_redact:{frappe.generate_hash(length=20)}"
	frappe.cache().set_value(key, list(words), expires_in_sec=24 * 3600)
	return key


@job
def save(doctype: str, name: str, as_file: str, with_names: bool, redact: str) -> None:
	"""Make a large file, keep it as the user's own private file, and notify them (background job)."""
	words = frappe.cache().get_value(redact)
	if words is None:
		raise LookupError("what is to be blacked out is gone")
	transcripts.count_readable(conversations_of(doctype, name))
	made = content(doctype, name, as_file, Wishes(with_names, tuple(words)))
	values = {"doctype": "File", "file_name": file_name(as_file), "is_private": 1, "content": made}
	file = frappe.get_doc(values).insert()
	staff.ring({frappe.session.user}, _("Your export of conversations is ready."), "File", file.name)
