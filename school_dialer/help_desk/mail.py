"""E-mails and ticket messages that say stop: recognised as they arrive, applied to the sender's numbers, noted on the ticket.

47 CFR 64.1200(a)(10): a wish not to be called counts whatever the way it comes. A plain wish from an address on record stops what is no
emergency; the address is taken at its word, since a false one could only stop calls. What is doubtful, forwarded, or from an address
that is not on record changes nothing and goes before a person. "Wrong number" stops and asks, as in a text. What we sent, what a machine
sent, and what came before are not read.
"""

import re
from dataclasses import dataclass, replace

import frappe
from frappe import _
from frappe.utils import parse_addr

from school_dialer.audience import on_record
from school_dialer.consent import ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.lock import number_lock
from school_dialer.consent.recogniser import plain_text
from school_dialer.consent.replies import reviews
from school_dialer.consent.replies.opt_out import WRONG_NUMBER, Recognised, recognise
from school_dialer.help_desk import mail_text, own_words
from school_dialer.help_desk.actions import TICKETS
from school_dialer.help_desk.automatic import is_automatic
from school_dialer.messages import store
from school_dialer.phone import mask
from school_dialer.without_permission import write_notice

MOST_CHARACTERS = 1_000_000
"""Of a message with its markup. Of a longer one the beginning and the end are read, and a person looks when its sender is on record."""
END_READ = 10_000
"""Characters at the end of a message that are read beside those that the recogniser reads of its beginning."""
MOST_NUMBERS = 6
"""An address with more numbers than a person has is shared, and no opt-out of all of them."""
MOST_OF_REVIEW = 1_600
_FORWARDED = re.compile(r"^\s*(fwd?|rv|wg|tr|enc)\s*:", re.IGNORECASE)
_ANSWER = re.compile(r"^\s*(re|fw|fwd|rv|aw|wg)\s*:", re.IGNORECASE)


def on_communication(doc, method: str | None = None) -> None:
	"""doc_events of Communication `after_insert`."""
	if doc.communication_type != "Communication" or doc.sent_or_received != "Received":
		return
	if is_ours(doc.sender) or came_before(doc) or own_words.came_back(doc):
		return
	if is_automatic(doc.sender, doc.subject, own_text(doc.content or "")):
		return
	heard = recognize_reply(doc.subject, doc.content, own_words.answered_by(doc))
	said, understood = heard.said, heard.understood
	if not said.opt_out and understood:
		return
	found = on_record.people_with_email(sender_of(doc))
	known = {each.phone: each for doctype, name in found for each in on_record.numbers_of(doctype, [name])}
	if not said.opt_out:
		if known:
			ask_for_review(doc, reviews.NOT_UNDERSTOOD)
	elif not known or len(known) > MOST_NUMBERS:
		ask_for_review(doc, reviews.SEVERAL if known else reviews.NOT_KNOWN)
		comment_on(
			doc,
			_(
				"This message asks to stop calls. The dialer does not know for which number: please record it."
			),
		)
	elif heard.unsure or (
		said.outcome != WRONG_NUMBER and (said.review or _FORWARDED.match(doc.subject or ""))
	):
		ask_for_review(doc, reviews.UNSURE)
		comment_on(
			doc,
			_(
				"This message may ask to stop calls. Nothing was changed: please look at it and record what is meant."
			),
		)
	else:
		with number_lock(known):
			for phone in sorted(known):
				apply(doc, said, known[phone])
		comment_on(doc, what_was_done(said, sorted(known)))


def what_was_done(said: Recognised, phones: list[str]) -> str:
	numbers = ", ".join(mask(phone) for phone in phones)
	if said.outcome == WRONG_NUMBER:
		return _(
			"This message says that the number is wrong. Calls and texts are stopped, except emergencies: {0}. We ask by text "
			"whether the number is right. If it is not, record a wrong number."
		).format(numbers)
	done = _("Opt-out recorded from this message ({0}): {1}.").format(_(scope_of(said)), numbers)
	undo = _("Only the person can undo it: by texting START, on the preference page, or in a form they sign.")
	return f"{done} {undo}"


def scope_of(said: Recognised) -> str:
	"""Free words never silence emergencies, whatever they were read as."""
	return "all non-emergency" if said.outcome == WRONG_NUMBER or said.scope == "everything" else said.scope


def is_ours(sender: str | None) -> bool:
	"""One of the addresses that this site itself sends from or receives at."""
	address = frappe.utils.parse_addr(sender or "")[1].strip().lower()
	return bool(address) and bool(frappe.db.exists("Email Account", {"email_id": address}))


def came_before(doc) -> bool:
	"""Whether the same e-mail is here already, by the id its sender gave it: from another mailbox, or fetched again."""
	if not doc.get("message_id"):
		return False
	same = {"message_id": doc.message_id, "name": ("!=", doc.name), "sent_or_received": "Received"}
	return bool(frappe.db.exists("Communication", same))


def sender_of(doc) -> str:
	"""The address of the person whose words these are: of a ticket that staff open for a caller, the one it was raised by.

	What staff write on a ticket later is their own.
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
class Heard:
	"""``unsure`` says that the words may be quoted from another message, or that not all of the message was read."""

	said: Recognised
	unsure: bool = False

	@property
	def understood(self) -> bool:
		return getattr(self.said, "understood", True)


def recognize(subject: str | None, content: str | None) -> Recognised:
	"""What the message says."""
	return recognize_reply(subject, content).said


def recognize_reply(subject: str | None, content: str | None, answered: str = "") -> Heard:
	"""What the message says: above and below the one that it answers, then a subject of its own when these say nothing of it, and
	then what may be a quotation. ``answered`` is the content of our message that it answers."""
	content = mail_text.without_pictures(content or "")
	school = store.school()
	message = own_words.message_of(content[:MOST_CHARACTERS], answered, school.identity or school.name)
	first = recognise(message.above)
	if first.opt_out:
		return Heard(first)
	written = [message.below, subject] if subject and not _ANSWER.match(subject) else [message.below]
	for words in filter(None, map(str.strip, written)):
		if (said := recognise(words)).opt_out:
			return Heard(said)
	for words in filter(None, map(str.strip, (message.unsure, end_of(message), end_of_markup(content)))):
		if (said := recognise(words)).opt_out:
			return Heard(said, unsure=True)
	whole = len(content) <= MOST_CHARACTERS and len(message.below) + len(message.unsure) <= END_READ
	return Heard(
		first if whole or not getattr(first, "understood", True) else replace(first, understood=False)
	)


def end_of(message: own_words.Message) -> str:
	"""Of words that the recogniser does not read to their end, the last ones."""
	longest = max((message.above, message.below, message.unsure), key=len)
	return longest[-END_READ:] if len(longest) > plain_text.MOST_CHARACTERS else ""


def end_of_markup(content: str) -> str:
	"""The last words of a message of which not even all the markup is read."""
	if len(content) <= MOST_CHARACTERS:
		return ""
	return mail_text.read_words(content[-10 * END_READ :]).own[-END_READ:]


def own_text(html: str) -> str:
	"""The words of an HTML or plain message without what it quotes, one line for each of its blocks."""
	return mail_text.read_words(html[:MOST_CHARACTERS]).own


def apply(doc, said: Recognised, known: on_record.Known) -> None:
	"""Record it for one number, whose lock is held."""
	wrong = said.outcome == WRONG_NUMBER
	event = ledger.opt_out(
		known.phone,
		scope=scope_of(said),
		purpose=None if wrong else said.purpose,
		evidence=Evidence(
			source="E-mail" if doc.communication_medium in (None, "", "Email") else "Ticket",
			actor=doc.sender,
			wording=said.text,
			reference_doctype="Communication",
			reference_name=doc.name,
			note=reviews.SAYS_WRONG_NUMBER
			if wrong
			else _("Recognised by the dialer ({0}).").format(said.why),
		),
		person_doctype=known.doctype,
		person=known.name,
		heard=True,
	)
	if wrong:
		reviews.ask_for_review(
			reviews.WRONG_NUMBER,
			reference_doctype="Communication",
			reference_name=doc.name,
			phone=known.phone,
			consent_event=event,
			words=said.text[:MOST_OF_REVIEW],
		)


def ask_for_review(doc, reason: str) -> None:
	"""Put the message before a person. Its words are in it, and are not copied."""
	reviews.ask_for_review(reason, reference_doctype="Communication", reference_name=doc.name)


def comment_on(doc, text: str) -> None:
	"""A comment on the ticket, contact or other record that the message belongs to. Helpdesk shows comments of its own only."""
	if not (doc.reference_doctype and doc.reference_name):
		return
	if doc.reference_doctype == "HD Ticket" and frappe.db.exists("DocType", "HD Ticket Comment"):
		values = {
			"reference_ticket": doc.reference_name,
			"commented_by": frappe.session.user,
			"content": text,
		}
		write_notice({"doctype": "HD Ticket Comment", **values})
	else:
		frappe.get_doc(doc.reference_doctype, doc.reference_name).add_comment("Comment", text)
