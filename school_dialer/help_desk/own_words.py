"""Our own mails and texts that come back: quoted in an answer, returned by a robot, or sent on to one of our own addresses.

What the school wrote is no person's wish, though it says "Reply STOP to stop". What a person wrote above, below or between our words is,
wherever the mail program put it. Frappe keeps no headers of a mail (Auto-Submitted, Precedence, References); it keeps the Message-ID,
and the message that is answered, and so these are what a mail is known by.
"""

import re
from dataclasses import dataclass

import frappe

from school_dialer.calls.received import echo
from school_dialer.consent.recogniser import plain_text
from school_dialer.help_desk import mail_text

MOST_LINES = 2_000
"""Lines of one message of ours that an answer's are compared with."""
MOST_READ = 20_000
"""Characters of the beginning of a message, and of its end, that are looked at for our sentences. The recogniser reads half of them."""
LONGEST = 200_000
"""Characters of the markup of our own message."""
SHORTEST_LINE = 12
"""Characters. A shorter line ("Thanks", "STOP") may be both ours and theirs."""
_QUOTED_LINE = re.compile(r"^[ \t]{0,20}>")
_HEAD_MARKS = (":", "\uff1a", "--")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Message:
	"""What the writer says ``above`` and ``below`` the message that they answer, and what may be theirs beside words that they quote
	without a mark (``unsure``)."""

	above: str
	below: str
	unsure: str


def message_of(markup: str, answered: str = "", identity: str = "") -> Message:
	"""The writer's words in a message. ``answered`` is the HTML or text of ours that it answers, "" when that is not known."""
	read, ours = mail_text.read_words(markup), lines_of(mail_text.read_words(answered[:LONGEST]).own)
	above, below, unsure = (strip(part, ours, identity) for part in parts(read.own))
	if ours and not (above.strip() or below.strip()):
		unsure += "\n\n" + strip(read.quoted, ours, identity)
	return Message(above, below, unsure)


def parts(text: str) -> tuple[str, str, str]:
	"""Of plain words: above the line that introduces a quotation, below the lines that are marked as quoted, and what follows that
	line without any mark, which may be the writer's or quoted."""
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
	"""Whether a line introduces the message that is answered. Most lines lack the marks of one."""
	return any(mark in line for mark in _HEAD_MARKS) and plain_text.is_reply_head(line)


def unmarked(lines: list[str]) -> str:
	"""Without the lines that are marked as quoted."""
	return "\n".join(line for line in lines if not _QUOTED_LINE.match(line))


def strip(text: str, ours: frozenset[str], identity: str) -> str:
	"""Without the lines that stand in our own message, and without the sentences of our texts."""
	kept = "\n".join(line for line in text.split("\n") if not ours or normal(line) not in ours)
	return echo.without_sentences(both_ends(kept), identity)


def both_ends(text: str) -> str:
	"""The beginning and the end of a text that is longer than what is read of it."""
	return text if len(text) <= 2 * MOST_READ else f"{text[:MOST_READ]}\n{text[-MOST_READ:]}"


def lines_of(text: str) -> frozenset[str]:
	lines = map(normal, text.split("\n")[:MOST_LINES])
	return frozenset(line for line in lines if len(line) >= SHORTEST_LINE)


def normal(line: str) -> str:
	return _SPACE.sub(" ", line).strip(" >").casefold()


def answered_by(doc) -> str:
	"""The content of our message that a Communication answers, where Frappe found it."""
	if not doc.get("in_reply_to"):
		return ""
	sent = frappe.db.get_value(
		"Communication", doc.in_reply_to, ["sent_or_received", "content"], as_dict=True
	)
	return (sent.content or "") if sent and sent.sent_or_received == "Sent" else ""


def came_back(doc) -> bool:
	"""Whether a received mail is one that this site sent: it has the Message-ID that we gave it."""
	if not doc.get("message_id"):
		return False
	sent = {"message_id": doc.message_id, "sent_or_received": "Sent", "name": ("!=", doc.name or "")}
	queued = {"message_id": doc.message_id}
	return bool(frappe.db.exists("Communication", sent) or frappe.db.exists("Email Queue", queued))
