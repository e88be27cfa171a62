"""What a family, or those whom a campaign reached, and the school wrote to each other, as a file to hand out.

For requests for public records. Numbers are masked. Names can be left out, and words blacked out, because a
request by one family must not show another one.
"""

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import escape_html

from school_dialer.base.bounds import spreadsheet
from school_dialer.base.refusal import throw
from school_dialer.inbound.conversations import pressed
from school_dialer.inbound.conversations.conversation import DOCTYPE, MESSAGE, RECEIVED
from school_dialer.privacy import student_rows
from school_dialer.reporting import engines

MOST = 50_000
"""Messages of one file."""
MOST_REDACTED, LONGEST_REDACTED = 100, 140
BLACK = "\u2588" * 5
CSV, PDF = "CSV", "PDF"


@dataclass(frozen=True, slots=True)
class Wishes:
	"""How a file is made: with people's names or without, and with these words blacked out."""

	names: bool = True
	redact: tuple[str, ...] = ()


def of_number(conversation: str) -> list[str]:
	"""Return all conversations with the number of this one."""
	phone = frappe.db.get_value(DOCTYPE, conversation, "phone")
	return frappe.get_all(DOCTYPE, {"phone": phone}, pluck="name", order_by="creation, name")


def of_campaign(campaign: str) -> list[str]:
	"""Return the conversations in which someone answered this campaign."""
	of_messages = frappe.get_all(
		MESSAGE, {"campaign": campaign}, pluck="conversation", distinct=True, order_by="conversation"
	)
	of_all = frappe.get_all(DOCTYPE, {"campaign": campaign}, pluck="name", order_by="name")
	return sorted({*of_messages, *of_all})


def count_readable(conversations: Collection[str]) -> int:
	"""Return how many messages these conversations have, all of which the user may read.

	Raises PermissionError otherwise, since a file with parts left out would be wrong.
	"""
	if not conversations:
		throw(_("There are no such conversations."))
	seen = frappe.db.sql(
		"select count(*) from `tabDialer Conversation` where name in %s" + student_rows.narrowing(DOCTYPE),
		(tuple(conversations),),
	)[0][0]
	if seen < len(set(conversations)):
		throw(
			_("This tells of students whose records you may not read. Ask a Compliance Officer who may."),
			frappe.PermissionError,
		)
	count = frappe.db.count(MESSAGE, {"conversation": ("in", list(conversations))})
	if count > MOST:
		throw(_("These are more than {0} messages. Export the families one by one.").format(MOST))
	return count


def transcript_lines(conversations: Sequence[str], wishes: Wishes) -> list[list[str]]:
	"""Return a line for each message, in order, after a line of headings."""
	head = [_("Family"), _("Number"), _("Time"), _("From"), _("Channel"), _("Words"), _("Not Sent Because")]
	families = {name: place for place, name in enumerate(conversations, start=1)}
	black = blackener(wishes.redact)
	rows = frappe.db.sql(
		"""select message.conversation, conversation.title, conversation.belongs_to, message.phone_masked,
			message.said_at, message.direction, message.channel, message.automatic, message.words,
			message.not_sent_because, user.full_name
		from `tabDialer Conversation Message` message
		join `tabDialer Conversation` conversation on conversation.name = message.conversation
		left join `tabUser` user on user.name = message.written_by
		where message.conversation in %s
		order by conversation.creation, conversation.name, message.said_at, message.creation""",
		(tuple(conversations),),
		as_dict=True,
	)
	return [head] + [line(row, families[row.conversation], wishes, black) for row in rows]


def line(row: frappe._dict, place: int, wishes: Wishes, black) -> list[str]:
	family = row.title if wishes.names else _("Family {0}").format(place)
	school = _("Sent by itself") if row.automatic else row.full_name or _("The school")
	return [
		black(family or ""),
		row.phone_masked or "",
		str(row.said_at).partition(".")[0],
		_("Family") if row.direction == RECEIVED else school,
		_(row.channel),
		black(pressed.shown(row.words) or _("The words were removed when their time was over.")),
		row.not_sent_because or "",
	]


def blackener(words: Collection[str]):
	"""Return a function that blacks out these words in a text, whatever their case."""
	longest_first = sorted({word.strip() for word in words if word.strip()}, key=len, reverse=True)
	if not longest_first:
		return lambda text: text
	pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
	return lambda text: pattern.sub(BLACK, text)


def as_csv(table: Sequence[Sequence[str]]) -> bytes:
	out = io.StringIO()
	csv.writer(out).writerows([[spreadsheet.harmless(cell) for cell in row] for row in table])
	return out.getvalue().encode("utf-8-sig")


def as_pdf(table: Sequence[Sequence[str]], title: str) -> bytes:
	"""Return the table as a PDF. Raises ValidationError if this site has no program for it."""
	if not engines.engine():
		throw(_("This site cannot make PDF files. Ask IT to install wkhtmltopdf, or export as CSV."))
	return engines.pdf(as_html(table, title), landscape=True)


def as_html(table: Sequence[Sequence[str]], title: str) -> str:
	head, *rows = table
	cells = "".join(f"<th>{escape_html(cell)}</th>" for cell in head)
	body = "".join(
		"<tr>" + "".join(f'<td dir="auto">{escape_html(cell)}</td>' for cell in row) + "</tr>" for row in rows
	)
	style = "body { font-family: sans-serif; font-size: 9pt } td, th { text-align: left; padding: 2pt 4pt }"
	return f"<style>{style}</style><h2>{escape_html(title)}</h2><table><tr>{cells}</tr>{body}</table>"
