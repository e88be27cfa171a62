"""Record a message by phone: call staff at their own number, record, play back, keep.

The call works like a test call: it has a permit and a call log, and goes to the number the user has verified.
Takes stay with the carrier until the call is over. A kept take is then fetched, checked like an upload and
attached to the message as a private file, and all takes are deleted at the carrier. Families are never
recorded here.
"""

import json
from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.jobs import EMERGENCY_QUEUE, alone, job
from school_dialer.base.wording import translated
from school_dialer.calls import inbound, live_call, recording_retention
from school_dialer.calls.own_number import sample_call
from school_dialer.carriers.base import RECORDING_ID, CarrierError, Voice
from school_dialer.messages import store
from school_dialer.messages.sound import audio, recordings
from school_dialer.messages.spoken import phone_recording, voice
from school_dialer.messages.spoken.ivr_state import STOP_SCOPES
from school_dialer.outbound.attempts import status_updates
from school_dialer.settings import carrier_settings

FETCHED_WITHIN = timedelta(hours=1)
SILENT_TAKES = 2


def place_call(template, language: str, variant: str, holds: str, user: str) -> str:
	"""Call this user now to record this part of the template. Return the recording's name."""
	carrier_settings.check_ready("Voice")
	made = recordings.begin_recording(
		label=_("{0}, {1}, by phone").format(template.name, language)[:140],
		source=recordings.PHONE,
		template=template.name,
		language=language,
		variant=variant,
		holds=holds,
	)
	header = frappe._dict(name=None, channel="Voice", template=None)
	sample_call.place_to_self(header, user, lambda row: request(row.log, made.name))
	return made.name


def request(log: str, recording: str) -> Voice:
	frappe.db.set_value(recordings.DOCTYPE, recording, "call_log", log)
	return sample_call.voice("record", log)


def answer(log_name: str, sid: str, digits: str, hung_up: bool = False) -> str:
	"""Return the TwiML for the user who picked up, and for each key they press.

	A key pressed just before hanging up still counts if the end of the call is already known (`hung_up`, or
	the log is final): it opts the number out, or keeps the take.
	"""
	log = live_call.voice_log(log_name, sid)
	if log is None:
		return voice.unavailable_twiml(store.school())
	hung_up = hung_up or live_call.is_over(log)
	key = digits[:1]
	if key in STOP_SCOPES:
		note_keys(log, digits)
		inbound.opt_out_by_key(log, digits, STOP_SCOPES[key])
		return voice.opted_out_twiml(store.school(), log.language or "", STOP_SCOPES[key])
	session = session_of(log.name)
	if session is None or session.status not in (
		(recordings.CALLING, recordings.NOT_KEPT) if hung_up else (recordings.CALLING,)
	):
		return voice.unavailable_twiml(store.school())
	if not digits:
		return voice.hang_up_twiml() if hung_up else picked_up(log, sid)
	note_keys(log, digits)
	if takes_of(session) and key == phone_recording.KEEP_KEY:
		keep_soon(session)
		return phone_recording.kept_twiml(store.school(), log.language or "")
	return voice.hang_up_twiml() if hung_up else following(log, session, key)


def picked_up(log, sid: str) -> str:
	status_updates.apply(log.name, status_updates.StatusUpdate("in-progress", sid=sid))
	live_call.update_log(log.name, content=voice.GENERIC)
	return begin_message(log)


def following(log, session, key: str) -> str:
	if not takes_of(session):
		return record_message(log) if key == phone_recording.BEGIN_KEY else begin_message(log)
	return record_message(log) if key == phone_recording.AGAIN_KEY else review(log, takes_of(session)[-1])


def note_keys(log, digits: str) -> None:
	live_call.update_log(log.name, over=None, keys_pressed=((log.keys_pressed or "") + digits)[:140])


def keep_soon(session) -> None:
	values = {"status": recordings.KEEPING, "status_message": None}
	frappe.db.set_value(recordings.DOCTYPE, session.name, values)
	enqueue("keep", session.name)


def keep_take(log_name: str, sid: str, take_sid: str, silent: bool = False, hung_up: bool = False) -> str:
	"""Return the TwiML to play after a take.

	The id of every take is stored until the carrier has deleted it, no matter when it arrives. A `silent`
	take is never used as the message.
	"""
	log = live_call.voice_log(log_name, sid)
	session = session_of(log.name) if log else None
	if session is None or not RECORDING_ID.fullmatch(take_sid):
		return voice.unavailable_twiml(store.school())
	hung_up = hung_up or live_call.is_over(log)
	if silent:
		recording_retention.discard_take(log.name, take_sid)
		return voice.hang_up_twiml() if hung_up else silence(log)
	takes = takes_of(session)
	if take_sid not in takes:
		# The last take is the one that is played back and kept. A take that arrives late goes first.
		last = session.status == recordings.CALLING
		set_takes(session.name, [*takes, take_sid] if last else [take_sid, *takes])
	if hung_up or session.status != recordings.CALLING:
		return voice.hang_up_twiml()
	return review(log, take_sid)


def silence(log) -> str:
	"""Ask for another take after the first silent one; after the second, keep nothing."""
	discarded = frappe.db.get_value("Dialer Call Log", log.name, "discarded") or ""
	again = len(discarded.split()) < SILENT_TAKES
	urls = (carrier_settings.webhook_url(event, log=log.name) for event in ("record_take", "record_status"))
	return phone_recording.silent_twiml(store.school(), log.language or "", *(urls if again else ()))


def ready(log_name: str) -> None:
	session = session_of(log_name)
	if session and session.status == recordings.KEEPING:
		enqueue("keep", session.name)


def begin_message(log) -> str:
	return phone_recording.begin_twiml(
		store.school(), log.language or "", carrier_settings.webhook_url("record", log=log.name)
	)


def record_message(log) -> str:
	urls = (carrier_settings.webhook_url(event, log=log.name) for event in ("record_take", "record_status"))
	return phone_recording.record_twiml(store.school(), log.language or "", *urls)


def review(log, take_sid: str) -> str:
	address = carrier_settings.Carriers().with_recording(take_sid, log.name)[0].recording_address(take_sid)
	return phone_recording.review_twiml(
		store.school(), log.language or "", carrier_settings.webhook_url("record", log=log.name), address
	)


def session_of(log_name: str):
	fields = ["name", "status", "takes"]
	# Locked: the carrier may send a key twice, and each take is kept once.
	return log_name and frappe.db.get_value(
		recordings.DOCTYPE, {"call_log": log_name}, fields, as_dict=True, for_update=True
	)


def is_over(log_name: str | None) -> bool:
	rank = frappe.db.get_value("Dialer Call Log", log_name, "status_rank") if log_name else None
	return rank is not None and rank >= states.FINAL_RANK


def takes_of(session) -> list[str]:
	return json.loads(session.takes or "[]")


def set_takes(name: str, takes: list[str]) -> None:
	frappe.db.set_value(recordings.DOCTYPE, name, "takes", json.dumps(takes) if takes else None)


def enqueue(method: str, recording: str) -> None:
	"""Enqueue a job for this recording. A job with nothing to do exits at once."""
	frappe.enqueue(
		f"school_dialer.calls.phone_recording.{method}",
		queue=EMERGENCY_QUEUE,
		enqueue_after_commit=True,
		recording=recording,
	)


@job
def keep(recording: str) -> None:
	"""Job: fetch the kept take, attach it to the message, and delete it at the carrier.

	If the take is not ready yet, a later run asks for it again.
	"""
	with alone(f"dictation-{recording}") as mine:
		doc = frappe.get_doc(recordings.DOCTYPE, recording)
		if not mine or doc.status != recordings.KEEPING:
			return
		sound = fetch(takes_of(doc)[-1], doc.call_log)
		if sound is not None:
			as_its_owner(doc, sound)
			# Kept here before the carrier's copy is deleted.
			frappe.db.commit()
			delete_takes(doc)


def fetch(take_sid: str, log: str) -> bytes | None:
	try:
		return recording_retention.fetch(take_sid, log)
	except CarrierError as error:
		frappe.logger("school_dialer").warning("a recording was not fetched: %s", error)
		return None


def as_its_owner(doc, content: bytes) -> None:
	"""Attach the sound with the permissions of the user who recorded it, as if they had uploaded it."""
	user = frappe.session.user
	frappe.set_user(doc.recorded_by)
	try:
		recordings.attach(doc, audio.check_sound(content))
		problem = put_into_message(doc)
		frappe.db.set_value(recordings.DOCTYPE, doc.name, "status_message", problem)
	except audio.NotPlayable as refusal:
		not_kept(doc.name, translated(refusal, _))
	finally:
		frappe.set_user(user)


def put_into_message(doc) -> str | None:
	"""Put the recording into its message. Return the error message if the message rejects it.

	The recording is kept either way.
	"""
	frappe.db.savepoint("dictation")
	try:
		template = frappe.get_doc(store.TEMPLATE, doc.template)
		template.check_permission("write")
		row = next(row for row in template.translations if row.language == doc.language)
		row.set(f"{doc.variant}_recording", doc.name)
		row.set(f"{doc.variant}_recording_holds", doc.holds)
		template.save()
	except (frappe.ValidationError, frappe.PermissionError, StopIteration) as error:
		frappe.db.rollback(save_point="dictation")
		return _("It is kept, but the message could not take it: {0}").format(
			frappe.utils.strip_html(str(error))
		)
	return None


def delete_takes(doc) -> None:
	"""Delete the recording's takes at the carrier. A failure is retried on the next run."""
	carriers = carrier_settings.Carriers()
	try:
		for take_sid in takes_of(doc):
			for carrier in carriers.with_recording(take_sid, doc.call_log):
				carrier.delete_recording(take_sid)
	except CarrierError as error:
		frappe.logger("school_dialer").warning("a recording was not deleted at the carrier: %s", error)
		return
	set_takes(doc.name, [])
	# The carrier has deleted them, whatever follows.
	frappe.db.commit()


@job
def forget(recording: str) -> None:
	"""Job: delete takes at the carrier that were not kept."""
	with alone(f"dictation-{recording}") as mine:
		doc = frappe.get_doc(recordings.DOCTYPE, recording)
		if mine and doc.status != recordings.KEEPING:
			delete_takes(doc)


def settle_abandoned() -> None:
	"""Settle recordings whose call is over or whose take was never fetched.

	A user who hung up has kept nothing. A kept take that was not fetched is fetched. Takes left at the
	carrier for no reason are deleted.
	"""
	rows = frappe.db.sql(
		"""select recording.name, recording.status, recording.takes, log.placed_at,
			ifnull(log.status_rank, %s) >= %s is_over
		from `tabDialer Recording` recording left join `tabDialer Call Log` log
			on log.name = recording.call_log
		where recording.status in ('Calling', 'Keeping') or recording.takes is not null""",
		(states.FINAL_RANK, states.FINAL_RANK),
		as_dict=True,
	)
	late = clock.to_db(clock.now() - FETCHED_WITHIN)
	for row in rows:
		if row.status == recordings.KEEPING and row.placed_at and row.placed_at < late:
			not_kept(row.name, _("The carrier did not give the recording. Please record it again."))
			enqueue("forget", row.name)
		elif row.status == recordings.KEEPING:
			enqueue("keep", row.name)
		elif row.is_over:
			if row.status == recordings.CALLING:
				not_kept(row.name, _("The call ended before it was kept."))
			if row.takes:
				enqueue("forget", row.name)


def not_kept(name: str, why: str) -> None:
	values = {"status": recordings.NOT_KEPT, "status_message": why}
	frappe.db.set_value(recordings.DOCTYPE, name, values)
