"""Playback and deletion of spoken absence reasons and spoken messages, which are stored at the carrier.

Texts, with their pictures, are stored there too, and are deleted when their words or numbers go here.

Staff who may read the answer or message play the recording from there. It is deleted there when its retention
period ends or another answer replaces it.

The rows themselves show what is due: answers and messages that retention or an erasure has made anonymous,
and ids in `discarded`, which are texts in the call logs of texts. An id stays in its row until the carrier
has deleted it, so a failed deletion is retried every hour.
"""

import frappe
from frappe import _

from school_dialer.base.jobs import alone, job
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.carriers.base import CarrierError, Refused
from school_dialer.inbound.conversations import conversation
from school_dialer.messages.sound import audio
from school_dialer.settings import carrier_settings

DOCTYPE = "Dialer Answer"
CHUNK = 100
LONGEST = 700
"""The most characters of take ids kept for one call: room for twenty ids."""
DUE = "(discarded is not null or (recording > '' and phone_masked = %(no_number)s))"


@job
def delete_due() -> None:
	"""Job: delete recordings that are due. Runs every hour and after an erasure.

	Stops after a pass over less than a chunk; rows that a carrier failure leaves do not count.
	"""
	with alone("spoken-reasons") as mine:
		while mine and delete_chunk() >= CHUNK:
			pass


def delete_chunk() -> int:
	"""Delete the next chunk. Return how many answers and calls it covered. Commits after each row.

	A carrier failure counts as 0.
	"""
	return delete_of_answers() + delete_of_messages() + delete_of_calls()


def delete_of_answers() -> int:
	rows = frappe.db.sql(
		"select name, recording, discarded, phone_masked from `tabDialer Answer` where "
		+ DUE
		+ f" order by name limit {CHUNK}",
		{"no_number": mask(None)},
		as_dict=True,
	)
	carriers = carrier_settings.Carriers()
	for row in rows:
		over = row.phone_masked == mask(None)
		if not delete_recordings(
			carriers, [*(row.discarded or "").split(), *([row.recording] if over and row.recording else [])]
		):
			return 0
		gone = {"discarded": None} | ({"recording": ""} if over else {})
		frappe.db.set_value(DOCTYPE, row.name, gone, update_modified=False)
		# The carrier has deleted it, even if a later one fails.
		frappe.db.commit()
	return len(rows)


def delete_of_messages() -> int:
	"""Delete the recordings of messages from which the number was removed."""
	rows = frappe.get_all(
		conversation.MESSAGE,
		{"recording": ("is", "set"), "phone_masked": mask(None)},
		["name", "recording"],
		order_by="name",
		limit=CHUNK,
	)
	carriers = carrier_settings.Carriers()
	for row in rows:
		if not delete_recordings(carriers, [row.recording]):
			return 0
		frappe.db.set_value(conversation.MESSAGE, row.name, "recording", None, update_modified=False)
		# The carrier has deleted it, even if a later one fails.
		frappe.db.commit()
	return len(rows)


def delete_of_calls() -> int:
	"""Delete texts, and takes that belong to no answer or message: silent, duplicate or unneeded ones.

	An account that does not answer, or whose token was taken back, holds up no other's.
	"""
	accounts = frappe.db.sql_list(
		"select distinct ifnull(carrier_account, '') from `tabDialer Call Log` where discarded > ''"
	)
	return sum(map(delete_of_account, accounts))


def delete_of_account(account: str) -> int:
	rows = frappe.db.sql(
		f"""select name, channel, carrier_account, discarded from `tabDialer Call Log`
		where discarded > '' and ifnull(carrier_account, '') = %s limit {CHUNK}""",
		account,
		as_dict=True,
	)
	carriers = carrier_settings.Carriers()
	for row in rows:
		if row.channel == "Text":
			done = delete_text(carriers, row)
		else:
			done = delete_recordings(carriers, row.discarded.split(), row.name)
		if not done:
			return 0
		frappe.db.sql(
			"update `tabDialer Call Log` set discarded = null where name = %s and discarded = %s",
			(row.name, row.discarded),
		)
		# The carrier has deleted it, even if a later one fails.
		frappe.db.commit()
	return len(rows)


def delete_recordings(carriers: carrier_settings.Carriers, sids: list[str], log: str | None = None) -> bool:
	"""Delete recordings at the account that has them: that of this call log, or each that may."""
	try:
		for sid in sids:
			for carrier in carriers.with_recording(sid, log):
				carrier.delete_recording(sid)
	except CarrierError as error:
		frappe.logger("school_dialer").warning("a recording was not deleted at the carrier: %s", error)
		return False
	return True


def delete_text(carriers: carrier_settings.Carriers, row) -> bool:
	"""Delete a text at its account. What the carrier refuses for good, or cannot do at all, is left there."""
	carrier = carriers.known(row.carrier_account)
	if carrier is None or not hasattr(carrier, "delete_text"):
		return True
	try:
		carrier.delete_text(row.discarded)
	except Refused as error:
		frappe.logger("school_dialer").warning("the carrier keeps a text: %s", error)
	except CarrierError as error:
		frappe.logger("school_dialer").warning("a text was not deleted at the carrier: %s", error)
		return False
	return True


def discard_take(log_name: str, sid: str) -> None:
	"""Mark a recording of this call for deletion, unless it is an answer or a message. Idempotent."""
	frappe.db.sql(
		"""update `tabDialer Call Log` set discarded = concat_ws(' ', discarded, %(sid)s)
		where name = %(log)s and locate(%(sid)s, ifnull(discarded, '')) = 0 and length(ifnull(discarded,
			'')) < %(most)s
		and not exists (select 1 from `tabDialer Answer` answer
			where answer.recipient = `tabDialer Call Log`.recipient and (answer.recording = %(sid)s
				or locate(%(sid)s, answer.discarded) > 0))
		and not exists (select 1 from `tabDialer Conversation Message` message
			where message.recording = %(sid)s)""",
		{"log": log_name, "sid": sid, "most": LONGEST - len(sid)},
	)


def sound_of(answer) -> bytes:
	"""Return the WAV bytes of a Dialer Answer or a spoken message.

	They are fetched from the carrier and never stored here.

	Raises DoesNotExistError if the recording is gone, or ValidationError if the carrier cannot deliver it
	now.
	"""
	try:
		sound = fetch(answer.recording, answer.get("call_log")) if answer.recording else None
	except CarrierError as error:
		frappe.logger("school_dialer").warning("a recording was not fetched: %s", error)
		throw(_("The carrier does not give the recording now. Try again later."))
	if sound is None:
		throw(_("There is no longer a recording of this."), frappe.DoesNotExistError)
	return sound


def fetch(sid: str, log: str | None) -> bytes | None:
	"""Return a recording's bytes from the account that has it, or None. Raises `CarrierError`."""
	clients = carrier_settings.Carriers().with_recording(sid, log)
	sounds = (client.fetch_recording(sid, audio.MOST_BYTES) for client in clients)
	return next((sound for sound in sounds if sound is not None), None)


def discard(answers: list[str]) -> None:
	"""Mark the recordings of these answers for deletion. The answers stay."""
	if answers:
		frappe.db.sql(
			"""update `tabDialer Answer` set discarded = concat_ws(' ', discarded, recording), recording = ''
			where name in %s and recording > ''""",
			(tuple(answers),),
		)


def delete_soon() -> None:
	frappe.enqueue(
		"school_dialer.calls.recording_retention.delete_due", queue="long", enqueue_after_commit=True
	)
