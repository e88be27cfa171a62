"""What the one in the office hears who picks up, and the key with which they take the call."""

from school_dialer.calls.office import dialogue, leg
from school_dialer.calls.office.leg import Report
from school_dialer.messages import store
from school_dialer.messages.spoken import office, voice
from school_dialer.settings import carrier_settings


def words(log_name: str, parent_sid: str, sid: str, about: str) -> str:
	"""Return the TwiML of the whisper, or of a hang-up if no caller of this log waits for the office."""
	log = dialogue.read_of_call(log_name, parent_sid)
	if log is None or log.transfer_state not in leg.BUSY_STATES:
		return voice.hang_up_twiml()
	leg.apply(log.name, Report("in-progress", sid=sid))
	return office.whisper_twiml(
		store.school(), about, carrier_settings.webhook_url("office.take", log=log.name)
	)


def key(log_name: str, parent_sid: str, sid: str, digits: str) -> str:
	"""Return the TwiML after a key: with the right one the two are connected, with any other they are not."""
	log = dialogue.read_of_call(log_name, parent_sid)
	if log is None or digits[:1] != office.TAKE_KEY or not leg.pick_up(log.name, sid):
		return voice.hang_up_twiml()
	return office.bridge_twiml()
