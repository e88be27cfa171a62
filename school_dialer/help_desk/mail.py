"""Opt-outs in e-mails and ticket messages.

They are recognized on arrival, applied to the sender's numbers, and noted on the ticket.

47 CFR 64.1200(a)(10): a person may revoke consent by any reasonable means. A clear request from an address on
record stops everything except emergencies. The address is trusted, because a forged one could only stop
calls. A request that is doubtful, forwarded, or from an address not on record changes nothing and goes to
human review, as does a wish in automatic mail, one of staff for a family, and one that only names its sender
(`mail_origin`). "Wrong number" stops calls and asks for confirmation, as it does in a text. Mail that this
site sent and duplicates of earlier mail are not read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import frappe
from frappe import _
from frappe.utils import parse_addr

from school_dialer.audience import on_record
from school_dialer.base.phone import mask
from school_dialer.consent import ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.lock import number_lock
from school_dialer.consent.recogniser import plain_text
from school_dialer.consent.recogniser.reading import is_welcome
from school_dialer.consent.replies import reviews
from school_dialer.consent.replies.opt_out import NONE, OPT_OUT, WRONG_NUMBER, Recognised, recognise
from school_dialer.help_desk import (
	mail_headers,
	mail_origin,
	mail_replies,
	mail_signature,
	mail_text,
	own_words,
	staff_mail,
)
from school_dialer.help_desk.actions import TICKETS
from school_dialer.help_desk.automatic import is_automatic
from school_dialer.help_desk.tickets import kinds, on_ticket
from school_dialer.messages import store

MOST_CHARACTERS = 1_000_000
"""Characters of a message with its markup.

Of a longer message only the beginning and the end are read, and a person reviews it if its sender is on
record.
"""
END_READ = 10_000
"""Characters at the end of a message that are read besides those the recognizer reads at its start."""
MOST_NUMBERS = 6
"""An address with more numbers than one person has is shared, so it cannot opt all of them out."""
MOST_OF_REVIEW = 1_600
_FORWARDED = re.compile(r"^\s*(fwd?|rv|wg|tr|enc)\s*:", re.IGNORECASE)
_ANSWER = re.compile(r"^\s*(re|fw|fwd|rv|aw|wg)\s*:", re.IGNORECASE)


def on_communication(doc, method: str | None = None) -> None:
	"""Recognize and apply an opt-out in a received message (doc_events of Communication `after_insert`)."""
	if doc.communication_type != "Communication" or doc.sent_or_received != "Received":
		return
	if kinds.is_placeholder(doc.sender):
		return
	if is_ours(doc.sender) or came_before(doc) or own_words.came_back(doc):
		return
	content = mail_text.content_of(doc)
	heard = recognize_reply(doc.subject, content, own_words.answered_by(doc))
	words = own_text(content)
	by_machine = is_automatic(doc.sender, doc.subject, words, mail_headers.headers_of(doc))
	sender = sender_of(doc)
	people = on_record.people_with_email(sender)
	# The first message of staff on a ticket counts as its raiser's, but for words about others.
	writers = people if sender == doc.sender else on_record.people_with_email(doc.sender)
	if staff_mail.is_staff(doc.sender, writers) and (
		wish := staff_mail.wish_for_a_family(heard.said, f"{doc.subject or ''}\n{words}", writers)
	):
		comment_on(doc, wish.review(doc))
	elif not mail_origin.is_of_sender(doc, sender):
		is_reply = doc.reference_doctype == mail_replies.ANSWERED and not by_machine
		if (heard.said.opt_out or is_reply) and mail_origin.may_ask_for_review(doc):
			apply_wish(doc, replace(heard, unsure=True), people, by_machine)
	elif heard.said.opt_out:
		apply_wish(doc, heard, people, by_machine)
	elif not by_machine:
		mail_replies.keep(doc)
		if not heard.understood and numbers_of(people):
			ask_for_review(doc, reviews.NOT_UNDERSTOOD)


def numbers_of(people: Iterable[tuple[str, str]]) -> dict[str, on_record.NumberOnRecord]:
	return {each.phone: each for doctype, name in people for each in on_record.numbers_of(doctype, [name])}


def apply_wish(doc, heard: "Meaning", people: Iterable[tuple[str, str]], by_machine: bool) -> None:
	"""Apply a wish to the numbers of those who wrote it, or ask a person to review it."""
	wish, numbers = heard.said, numbers_of(people)
	if not numbers or len(numbers) > MOST_NUMBERS:
		ask_for_review(doc, reviews.SEVERAL if numbers else reviews.NOT_KNOWN)
		comment_on(
			doc,
			_(
				"This message asks to stop calls. The dialer does not know for which number: please record "
				"it."
			),
		)
	elif (
		heard.unsure
		or by_machine
		or (wish.outcome != WRONG_NUMBER and (wish.review or _FORWARDED.match(doc.subject or "")))
	):
		ask_for_review(doc, reviews.UNSURE)
		comment_on(
			doc,
			_(
				"This message may ask to stop calls. Nothing was changed: please look at it and record what "
				"is meant."
			),
		)
	else:
		with number_lock(numbers):
			for phone in sorted(numbers):
				record_opt_out(doc, wish, numbers[phone])
		comment_on(doc, what_was_done(wish, sorted(numbers)))


def what_was_done(wish: Recognised, phones: list[str]) -> str:
	numbers = ", ".join(mask(phone) for phone in phones)
	if wish.outcome == WRONG_NUMBER:
		return _(
			"This message says that the number is wrong. Calls and texts are stopped, except emergencies: "
			"{0}. We ask by text "
			"whether the number is right. If it is not, record a wrong number."
		).format(numbers)
	done = _("Opt-out recorded from this message ({0}): {1}.").format(_(scope_of(wish)), numbers)
	undo = _("Only the person can undo it: by texting START, on the preference page, or in a form they sign.")
	return f"{done} {undo}"


def scope_of(wish: Recognised) -> str:
	"""Return the opt-out's scope. Free-form words never silence emergencies, however they were read."""
	return "all non-emergency" if wish.outcome == WRONG_NUMBER or wish.scope == "everything" else wish.scope


def is_ours(sender: str | None) -> bool:
	"""Return whether the sender is an address that this site sends from or receives at."""
	address = frappe.utils.parse_addr(sender or "")[1].strip().lower()
	return bool(address) and bool(frappe.db.exists("Email Account", {"email_id": address}))


def came_before(doc) -> bool:
	"""Return whether the same e-mail is already here: from another mailbox, or fetched twice.

	E-mails are compared by the Message-ID that their sender assigned.
	"""
	if not doc.get("message_id"):
		return False
	same = {"message_id": doc.message_id, "name": ("!=", doc.name), "sent_or_received": "Received"}
	return bool(frappe.db.exists("Communication", same))


def sender_of(doc) -> str:
	"""Return the address of the person whose words these are.

	When staff open a ticket for a caller, that is the address it was raised by. What staff write on a ticket
	later is their own.
	"""
	ticket = {"reference_doctype": doc.reference_doctype, "reference_name": doc.reference_name}
	if (
		doc.reference_doctype in TICKETS
		and frappe.db.get_value("User", {"email": parse_addr(doc.sender)[1]}, "user_type") == "System User"
		and not frappe.db.exists("Communication", {**ticket, "name": ("!=", doc.name)})
	):
		return frappe.db.get_value(doc.reference_doctype, doc.reference_name, "raised_by") or doc.sender
	return doc.sender


@dataclass(frozen=True, slots=True)
class Meaning:
	"""The recognized meaning of a message.

	``unsure``: the words may be quoted from another message, or not all of the message was read.
	"""

	said: Recognised
	unsure: bool = False

	@property
	def understood(self) -> bool:
		return getattr(self.said, "understood", True)


def recognize_reply(subject: str | None, content: str | None, answered: str = "") -> Meaning:
	"""Return the meaning of a message.

	Reads the words above and below the message it replies to. If those say nothing about it, reads the
	subject, unless it is that of a reply or a forward, and last the words that may be a quotation.
	``answered`` is the content of this site's message that it replies to.
	"""
	content = mail_text.without_pictures(content or "")
	school = store.school()
	message = own_words.message_of(content[:MOST_CHARACTERS], answered, school.identity or school.name)
	first = recognise(message.above)
	if first.opt_out:
		return Meaning(unsigned(message.above, first))
	written = [message.below, subject] if subject and not _ANSWER.match(subject) else [message.below]
	for words in filter(None, map(str.strip, written)):
		if (wish := recognise(words)).opt_out:
			return Meaning(wish)
	for words in filter(None, map(str.strip, (message.unsure, end_of(message), end_of_markup(content)))):
		if (wish := recognise(words)).opt_out:
			return Meaning(wish, unsure=True)
	whole = len(content) <= MOST_CHARACTERS and len(message.below) + len(message.unsure) <= END_READ
	return Meaning(
		first if whole or not getattr(first, "understood", True) else replace(first, understood=False)
	)


def unsigned(words: str, wish: Recognised) -> Recognised:
	"""Return what the words say without the name below them, if that alone made an opt-out doubtful.

	"Mother of Sofia, 3rd grade" speaks of school things, and asks for nothing.
	"""
	above, signed = mail_signature.split(words) if wish.review and wish.outcome == OPT_OUT else (words, "")
	if not signed or recognise(signed).outcome != NONE or is_welcome(signed):
		return wish
	alone = recognise(above)
	return alone if alone.outcome == OPT_OUT and not alone.review else wish


def end_of(message: own_words.Message) -> str:
	"""Return the last words of a part that is too long for the recognizer to read to its end, or ""."""
	longest = max((message.above, message.below, message.unsure), key=len)
	return longest[-END_READ:] if len(longest) > plain_text.MOST_CHARACTERS else ""


def end_of_markup(content: str) -> str:
	"""Return the last words of a message whose markup is too long to be read in full, or ""."""
	if len(content) <= MOST_CHARACTERS:
		return ""
	return mail_text.read_words(content[-10 * END_READ :]).own[-END_READ:]


def own_text(html: str) -> str:
	"""Return the text of an HTML or plain message without quoted text, one line per block."""
	return mail_text.read_words(html[:MOST_CHARACTERS]).own


def record_opt_out(doc, wish: Recognised, entry: on_record.NumberOnRecord) -> None:
	"""Record the opt-out for one number, whose lock is held."""
	wrong = wish.outcome == WRONG_NUMBER
	event = ledger.opt_out(
		entry.phone,
		scope=scope_of(wish),
		purpose=None if wrong else wish.purpose,
		evidence=Evidence(
			source="E-mail" if doc.communication_medium in (None, "", "Email") else "Ticket",
			actor=doc.sender,
			wording=wish.text,
			reference_doctype="Communication",
			reference_name=doc.name,
			note=reviews.SAYS_WRONG_NUMBER
			if wrong
			else _("Recognised by the dialer ({0}).").format(wish.why),
		),
		person_doctype=entry.doctype,
		person=entry.name,
		heard=True,
	)
	if wrong:
		reviews.ask_for_review(
			reviews.WRONG_NUMBER,
			reference_doctype="Communication",
			reference_name=doc.name,
			phone=entry.phone,
			consent_event=event,
			words=wish.text[:MOST_OF_REVIEW],
		)


def ask_for_review(doc, reason: str) -> None:
	"""Create a review of the message. The message's words are not copied into it."""
	reviews.ask_for_review(reason, reference_doctype="Communication", reference_name=doc.name)


def comment_on(doc, text: str) -> None:
	"""Comment on the ticket, contact or other record that the message belongs to."""
	if not (doc.reference_doctype and doc.reference_name):
		return
	on_ticket.add_note(doc.reference_doctype, doc.reference_name, text)
