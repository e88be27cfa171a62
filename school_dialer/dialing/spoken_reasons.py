"""Spoken reasons for an absence lie at the carrier, are played from there to staff who may see the answer, and are deleted there when their time is over or another answer took their place.

What is due is seen in the answers themselves: those that retention or an erasure has made nobody's, and ids in ``discarded``. An id stays
in its row until the carrier has deleted the recording, so what fails now is tried again each hour.
"""

import frappe
from frappe import _

from school_dialer.carriers.base import CarrierError
from school_dialer.dialing import settings
from school_dialer.dialing.job import alone, job
from school_dialer.messages import audio
from school_dialer.phone import mask

DOCTYPE = "Dialer Answer"
CHUNK = 100
DUE = "(discarded is not null or (recording like 'RE%%' and phone_masked = %(nobody)s))"


@job
def delete_due() -> None:
	"""Job, each hour and after an erasure. Ends at the first that the carrier does not delete."""
	with alone("spoken-reasons") as mine:
		while mine and delete_some() == CHUNK:
			pass


def delete_some() -> int:
	"""The next chunk; commits each. How many answers it was for, 0 when the carrier fails."""
	rows = frappe.db.sql(
		"select name, recording, discarded, phone_masked from `tabDialer Answer` where "
		+ DUE
		+ f" order by name limit {CHUNK}",
		{"nobody": mask(None)},
		as_dict=True,
	)
	carrier = settings.carrier() if rows else None
	for row in rows:
		over = row.phone_masked == mask(None)
		try:
			for sid in [*(row.discarded or "").split(), *([row.recording] if over and row.recording else [])]:
				carrier.delete_recording(sid)
		except CarrierError as error:
			frappe.logger("school_dialer").warning(
				"a spoken reason was not deleted at the carrier: %s", error
			)
			return 0
		gone = {"discarded": None} | ({"recording": ""} if over else {})
		frappe.db.set_value(DOCTYPE, row.name, gone, update_modified=False)
		frappe.db.commit()
	return len(rows)


def sound_of(answer) -> bytes:
	"""The WAV of a Dialer Answer, from the carrier's own server and kept nowhere here. Raises DoesNotExistError, or ValidationError when
	the carrier does not give it now."""
	try:
		sound = (
			settings.carrier().fetch_recording(answer.recording, audio.MOST_BYTES)
			if answer.recording
			else None
		)
	except CarrierError as error:
		frappe.logger("school_dialer").warning("a spoken reason was not fetched: %s", error)
		frappe.throw(_("The carrier does not give the recording now. Try again later."))
	if sound is None:
		frappe.throw(_("There is no recording of this answer any more."), frappe.DoesNotExistError)
	return sound


def discard(answers: list[str]) -> None:
	"""Have the recordings of these answers deleted, though the answers stay."""
	if answers:
		frappe.db.sql(
			"""update `tabDialer Answer` set discarded = concat_ws(' ', discarded, recording), recording = ''
			where name in %s and recording like 'RE%%'""",
			(tuple(answers),),
		)


def delete_soon() -> None:
	frappe.enqueue("school_dialer.dialing.spoken_reasons.delete_due", queue="long", enqueue_after_commit=True)
