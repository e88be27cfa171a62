"""Bring tickets up to date with their conversations: open them, add messages, show what became of replies.

One job works on all of them, as Administrator, because the ticket's own app saves the ticket when a message
is added. It starts from what is on record, so it may be repeated and killed.
"""

import frappe

from school_dialer.base.database.transactions import begin_read_committed
from school_dialer.base.jobs import alone, job, report
from school_dialer.base.without_permission import as_administrator
from school_dialer.consent.lock import number_lock
from school_dialer.help_desk import routes
from school_dialer.help_desk.tickets import delivery, kinds, on_ticket
from school_dialer.inbound.conversations import conversation
from school_dialer.inbound.conversations.conversation import CLOSED, DOCTYPE, MESSAGE, WAITING

MOST_AT_ONCE, MOST_ROUNDS = 200, 50
AGAIN_AFTER = 15 * 60
"""Seconds after which a conversation whose ticket failed is tried again."""
ASKED = "dialer_ticket_upkeep_asked"


def on_change(name: str | None = None) -> None:
	"""Enqueue the job, once for each transaction (hook `dialer_conversation_changed`)."""
	if not (kinds.chosen() or (name and frappe.db.get_value(DOCTYPE, name, "ticket"))):
		return
	if getattr(frappe.local, ASKED, False):
		return
	setattr(frappe.local, ASKED, True)
	for ends in (frappe.db.after_commit, frappe.db.after_rollback):
		ends.add(lambda: setattr(frappe.local, ASKED, False))
	frappe.enqueue("school_dialer.help_desk.tickets.upkeep.keep_up", queue="short", enqueue_after_commit=True)


def look() -> None:
	"""Enqueue the job if anything is due, in case an earlier one is gone (tick of the scheduler)."""
	if due() or delivery.changed_replies(1):
		frappe.enqueue(
			"school_dialer.help_desk.tickets.upkeep.keep_up", queue="short", enqueue_after_commit=True
		)


@job
def keep_up() -> None:
	"""Work on all conversations that are due (background job).

	A second job exits at once: the first looks again after it has let the lock go.
	"""
	with as_administrator():
		for _round in range(MOST_ROUNDS):
			if not (names := due()):
				break
			with alone("tickets") as mine:
				if not mine:
					return
				for name in names:
					try_to_settle(name)
		delivery.show()
		frappe.db.commit()


def try_to_settle(name: str) -> None:
	"""Settle one conversation in its own transaction; leave it for a while if the ticket's app refuses."""
	try:
		begin_read_committed()
		with number_lock([frappe.db.get_value(DOCTYPE, name, "phone")]):
			update_ticket(name)
			frappe.db.commit()
	except Exception as error:
		report("ticket of a conversation", error)
		frappe.cache().set_value(failure(name), 1, expires_in_sec=AGAIN_AFTER)


def failure(name: str) -> str:
	return f"school_dialer_ticket_failed:{name}"


def due() -> list[str]:
	"""Return the conversations that lack a ticket or have something that their ticket lacks."""
	# Each look sees what was written since the last one.
	frappe.db.commit()
	rows = frappe.db.sql(
		"""select name from `tabDialer Conversation` where %(opens)s and ticket is null
			and status = 'Waiting' and open_mark is not null and phone like '+%%'
		union select conversation.name from `tabDialer Conversation` conversation
			join `tabDialer Conversation Message` message on message.conversation = conversation.name
			where conversation.ticket is not null and message.communication is null
				and message.words <> ''
		union select name from `tabDialer Conversation` where ticket is not null and ticket_is_over
			<> (status = 'Closed')
		limit %(most)s""",
		{"opens": int(bool(kinds.chosen())), "most": MOST_AT_ONCE},
	)
	return [name for (name,) in rows if not frappe.cache().get_value(failure(name))]


def update_ticket(name: str) -> None:
	"""Make the ticket say what its conversation says. The caller holds the number's lock."""
	thread = conversation.locked(name)
	if not thread.ticket:
		doctype = kinds.chosen()
		if not doctype or thread.status != WAITING:
			return
		ticket = on_ticket.open_one(doctype, thread)
		conversation.update(thread, ticket_doctype=doctype, ticket=str(ticket), ticket_is_over=0)
		for user in routes.assignees(name):
			routes.assign_record(doctype, ticket, user)
	for message in unposted(name):
		added = on_ticket.add(thread, message)
		frappe.db.set_value(MESSAGE, message.name, "communication", added, update_modified=False)
	on_ticket.agree(thread)
	is_over = int(thread.status == CLOSED)
	if thread.ticket_is_over != is_over:
		frappe.db.set_value(DOCTYPE, name, "ticket_is_over", is_over, update_modified=False)


def unposted(name: str) -> list[frappe._dict]:
	return frappe.get_all(
		MESSAGE,
		{"conversation": name, "communication": ("is", "not set"), "words": ("is", "set")},
		["name", "direction", "channel", "words", "said_at", "automatic", "written_by", "unsure"],
		order_by="said_at, creation",
	)
