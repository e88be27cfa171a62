"""E-mails and ticket messages that say stop: recognised as they arrive, applied to the sender's numbers, noted on the ticket.

47 CFR 64.1200(a)(10): a wish not to be called counts whatever the way it comes. The sender's address is taken at its word, since a
false one could only stop calls. Somebody whose numbers are not known is put before a human.
"""

import re

import frappe
from bs4 import BeautifulSoup
from frappe import _
from frappe.utils import parse_addr

from school_dialer.audience import on_record
from school_dialer.consent import ledger, reviews
from school_dialer.consent.events import Evidence
from school_dialer.consent.opt_out import WRONG_NUMBER, Recognised, recognise
from school_dialer.help_desk.actions import TICKETS
from school_dialer.phone import mask

MOST_CHARACTERS = 200_000
MOST_NUMBERS = 6
"""An address with more numbers than a person has is shared, and no opt-out of all of them."""

QUOTATIONS = "blockquote, .gmail_quote, .moz-cite-prefix, #appendonsend ~ *, style, script, head, title"
BLOCKS = "p, div, br, li, tr, h1, h2, h3"
_ANSWER = re.compile(r"^\s*(re|fw|fwd|rv|aw|wg)\s*:", re.IGNORECASE)


def on_communication(doc, method: str | None = None) -> None:
	"""doc_events of Communication `after_insert`."""
	if doc.communication_type != "Communication" or doc.sent_or_received != "Received":
		return
	said = read(doc.subject, doc.content)
	if not said.opt_out:
		return
	found = on_record.people_with_email(sender_of(doc))
	known = {each.phone: each for doctype, name in found for each in on_record.numbers_of(doctype, [name])}
	if not known or len(known) > MOST_NUMBERS:
		reason = reviews.SEVERAL if known else reviews.NOT_KNOWN
		reviews.ask(reason, reference_doctype="Communication", reference_name=doc.name)
		note(
			doc,
			_(
				"This message asks to stop calls. The dialer does not know for which number: please record it."
			),
		)
		return
	for phone in sorted(known):
		apply(doc, said, known[phone])
	numbers = ", ".join(mask(phone) for phone in sorted(known))
	if said.outcome == WRONG_NUMBER:
		note(doc, _("Recorded from this message as a wrong number: {0}.").format(numbers))
	else:
		done = _("Opt-out recorded from this message ({0}): {1}.").format(_(said.scope), numbers)
		undo = _(
			"Only the person can undo it: by texting START, on the preference page, or in a form they sign."
		)
		note(doc, f"{done} {undo}")


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


def read(subject: str | None, content: str | None) -> Recognised:
	"""What the message says: its body, or a subject of its own when the body says nothing of it."""
	said = recognise(own_text(content or ""))
	if not said.opt_out and subject and not _ANSWER.match(subject):
		of_subject = recognise(subject)
		if of_subject.opt_out:
			return of_subject
	return said


def own_text(html: str) -> str:
	"""The words of an HTML or plain message without what it quotes, one line for each of its blocks."""
	soup = BeautifulSoup(html[:MOST_CHARACTERS], "html.parser")
	for quotation in soup.select(QUOTATIONS):
		quotation.decompose()
	for block in soup.select(BLOCKS):
		block.append("\n")
	return soup.get_text().replace("\xa0", " ")


def apply(doc, said: Recognised, known: on_record.Known) -> None:
	evidence = Evidence(
		source="E-mail" if doc.communication_medium in (None, "", "Email") else "Ticket",
		actor=doc.sender,
		wording=said.text,
		reference_doctype="Communication",
		reference_name=doc.name,
		note=_("Recognised by the dialer ({0}).").format(said.why),
	)
	if said.outcome == WRONG_NUMBER:
		event = ledger.wrong_number(known.phone, evidence=evidence)
	else:
		event = ledger.opt_out(
			known.phone,
			scope=said.scope,
			purpose=said.purpose,
			evidence=evidence,
			person_doctype=known.doctype,
			person=known.name,
		)
	if said.review:
		reviews.ask(
			reviews.UNSURE,
			reference_doctype="Communication",
			reference_name=doc.name,
			phone=known.phone,
			consent_event=event,
		)


def note(doc, text: str) -> None:
	"""A comment on the ticket, contact or other record that the message belongs to. Helpdesk shows comments of its own only."""
	if not (doc.reference_doctype and doc.reference_name):
		return
	if doc.reference_doctype == "HD Ticket" and frappe.db.exists("DocType", "HD Ticket Comment"):
		values = {
			"reference_ticket": doc.reference_name,
			"commented_by": frappe.session.user,
			"content": text,
		}
		# As Frappe's own add_comment: whoever sends a message need not have the right to comment.
		frappe.get_doc({"doctype": "HD Ticket Comment", **values}).insert(ignore_permissions=True)
	else:
		frappe.get_doc(doc.reference_doctype, doc.reference_name).add_comment("Comment", text)
