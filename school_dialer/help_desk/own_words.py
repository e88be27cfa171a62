"""The site's own mails and texts that come back.

They are quoted in a reply, returned by an autoresponder, or forwarded to one of the site's own addresses. The
school's own text is not a person's wish, even though it says "Reply STOP to stop". What a person wrote above,
below or between the school's words is, wherever the mail program put it. Frappe stores no headers of a mail
(Auto-Submitted, Precedence, References). It stores the Message-ID and the message being replied to, so a mail
is identified by those.
"""

import re
from dataclasses import dataclass

import frappe

from school_dialer.calls.received import echo
from school_dialer.consent.recogniser import plain_text
from school_dialer.help_desk import mail_text

MOST_LINES = 2_000
"""Lines of one of the site's messages with which a reply's lines are compared."""
MOST_READ = 20_000
"""Characters at the beginning and at the end of a message that are searched for the site's sentences.

The recognizer reads half as many.
"""
LONGEST = 200_000
"""Characters of the markup of the site's own message."""
SHORTEST_LINE = 12
"""Characters. A shorter line ("Thanks", "STOP") may occur in both messages."""
_QUOTED_LINE = re.compile(r"^[ \t]{0,20}>")
_HEAD_MARKS = (":", "\uff1a", "--")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Message:
	"""The writer's words in a message.

	They are ``above`` and ``below`` the message being replied to. ``unsure`` may be the writer's words next
	to words quoted without a mark.
	"""

	above: str
	below: str
	unsure: str


def message_of(markup: str, answered: str = "", identity: str = "") -> Message:
	"""Return the writer's words in a message.

	``answered`` is the HTML or text of the site's message that it replies to, or "" if unknown.
	"""
	read, ours = mail_text.read_words(markup), lines_of(mail_text.read_words(answered[:LONGEST]).own)
	above, below, unsure = (strip(part, ours, identity) for part in parts(read.own))
	if ours and not (above.strip() or below.strip()):
		unsure += "\n\n" + strip(read.quoted, ours, identity)
	return Message(above, below, unsure)


def parts(text: str) -> tuple[str, str, str]:
	"""Split plain text into three parts around a quotation.

	The parts are: above the line that introduces the quotation; from the first line marked as quoted, without
	marked lines; and the text after the introduction if no line is marked, which may be the writer's or
	quoted.
	"""
	lines = text.split("\n")
	head = next((at for at, line in enumerate(lines[:MOST_LINES]) if at and is_head(line)), None)
	if head is None:
		return unmarked(lines), "", ""
	rest = lines[head + 1 :]
	first = next((at for at, line in enumerate(rest) if _QUOTED_LINE.match(line)), None)
	if first is None:
		return unmarked(lines[:head]), "", "\n".join(rest)
	return unmarked(lines[:head]), unmarked(rest[first:]), ""


def is_head(line: str) -> bool:
	"""Return whether a line introduces a quoted message.

	Most lines lack the marks of one, which are checked first.
	"""
	return any(mark in line for mark in _HEAD_MARKS) and plain_text.is_reply_head(line)


def unmarked(lines: list[str]) -> str:
	"""Join the lines that are not marked as quoted."""
	return "\n".join(line for line in lines if not _QUOTED_LINE.match(line))


def strip(text: str, ours: frozenset[str], identity: str) -> str:
	"""Remove the lines that occur in the site's own message, and the sentences of the school's texts."""
	kept = "\n".join(line for line in text.split("\n") if not ours or normal(line) not in ours)
	return echo.without_sentences(both_ends(kept), identity)


def both_ends(text: str) -> str:
	"""Return the beginning and the end of a text that is too long to be read in full."""
	return text if len(text) <= 2 * MOST_READ else f"{text[:MOST_READ]}\n{text[-MOST_READ:]}"


def lines_of(text: str) -> frozenset[str]:
	lines = map(normal, text.split("\n")[:MOST_LINES])
	return frozenset(line for line in lines if len(line) >= SHORTEST_LINE)


def normal(line: str) -> str:
	return _SPACE.sub(" ", line).strip(" >").casefold()


def answered_by(doc) -> str:
	"""Return the content of the site's message that a Communication replies to.

	It is "" if Frappe did not find that message.
	"""
	if not doc.get("in_reply_to"):
		return ""
	sent = frappe.db.get_value(
		"Communication", doc.in_reply_to, ["sent_or_received", "content"], as_dict=True
	)
	return (sent.content or "") if sent and sent.sent_or_received == "Sent" else ""


def came_back(doc) -> bool:
	"""Return whether a received mail was sent by this site: it has a Message-ID that this site assigned."""
	if not doc.get("message_id"):
		return False
	sent = {"message_id": doc.message_id, "sent_or_received": "Sent", "name": ("!=", doc.name or "")}
	queued = {"message_id": doc.message_id}
	return bool(frappe.db.exists("Communication", sent) or frappe.db.exists("Email Queue", queued))
