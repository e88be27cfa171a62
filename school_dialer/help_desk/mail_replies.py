"""E-mails that families send in reply to the school's become messages in a conversation.

It is the one with their number. These are replies to what a campaign mailed in place of calls, if exactly one
number on record belongs to the address. Mail of machines is not kept: `mail` has left it out by then. No text
acknowledges an e-mail.
"""

from school_dialer.audience import on_record
from school_dialer.base import clock
from school_dialer.consent.lock import number_lock
from school_dialer.help_desk import mail_text, own_words
from school_dialer.inbound.conversations import received
from school_dialer.inbound.conversations.conversation import EMAIL
from school_dialer.inbound.conversations.received import Received
from school_dialer.messages import store

ANSWERED = "Dialer Campaign"
"""Frappe links a reply to the record of the mail that it answers."""
MOST_CHARACTERS = 200_000


def keep(doc) -> None:
	"""Keep a received mail that is no opt-out. Does nothing for one that answers no campaign."""
	if doc.get("reference_doctype") != ANSWERED:
		return
	words, number = words_of(doc), number_of(doc.sender)
	if not (words and number):
		return
	with number_lock([number]):
		received.keep(
			Received(
				number,
				words,
				source=f"mail:{doc.message_id or doc.name}"[:140],
				channel=EMAIL,
				reference_doctype=doc.doctype,
				reference_name=doc.name,
				said_at=clock.from_db(doc.communication_date) if doc.get("communication_date") else None,
			)
		)


def words_of(doc) -> str:
	"""Return what the writer wrote above and below what they quote."""
	school = store.school()
	content = mail_text.without_pictures(mail_text.content_of(doc))[:MOST_CHARACTERS]
	read = own_words.message_of(content, own_words.answered_by(doc), school.identity or school.name)
	return "\n\n".join(part.strip() for part in (read.above, read.below) if part.strip())


def number_of(sender: str | None) -> str | None:
	"""Return the one number of the people on record with this address, or None."""
	people = on_record.people_with_email(sender)
	phones = {each.phone for doctype, name in people for each in on_record.numbers_of(doctype, [name])}
	return phones.pop() if len(phones) == 1 else None
