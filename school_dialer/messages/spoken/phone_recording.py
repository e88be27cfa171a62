"""What staff hear who asked for a call to record a message: start, speak, listen, keep it or try again.

Pure Python.

Nothing is recorded before the key that starts it, so neither a voicemail nor a person at a wrong number is
recorded.
"""

from school_dialer.messages.model import School
from school_dialer.messages.sound.audio import MOST_SECONDS
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES

BEGIN_KEY, KEEP_KEY, AGAIN_KEY, DONE_KEY = "1", "1", "2", "#"
SILENCE_SECONDS = 8
"""Silence, in seconds, after which a recording ends by itself."""


def begin_twiml(school: School, language: str, key_url: str) -> str:
	"""Return who calls, how to stop it, and the key that starts the recording."""
	speaker = Speaker(school, language, VOICES)
	gather = speaker.gather(key_url)
	speaker.say_phrase(gather, "identity", identity=speaker.identity)
	speaker.say_phrase(gather, "stop_key")
	speaker.say_phrase(gather, "dictation_begin")
	return _end(speaker, "dictation_nothing")


def record_twiml(school: School, language: str, take_url: str, status_url: str) -> str:
	"""Return the tone and the recording. After silence there is one more try, and then nothing is kept."""
	speaker = Speaker(school, language, VOICES)
	_record(speaker, take_url, status_url)
	_record(speaker, take_url, status_url)
	return _end(speaker, "dictation_nothing")


def silent_twiml(school: School, language: str, take_url: str = "", status_url: str = "") -> str:
	"""Return the reply to an empty recording: the tone once more or, without URLs, the end."""
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "dictation_silent")
	if take_url:
		_record(speaker, take_url, status_url)
	return _end(speaker, "dictation_nothing")


def _record(speaker: Speaker, take_url: str, status_url: str) -> None:
	speaker.say_phrase(speaker.response, "dictation_now")
	speaker.response.record(
		action=take_url,
		method="POST",
		max_length=MOST_SECONDS,
		timeout=SILENCE_SECONDS,
		finish_on_key=DONE_KEY,
		play_beep=True,
		trim="trim-silence",
		recording_status_callback=status_url,
		recording_status_callback_method="POST",
	)
	speaker.say_phrase(speaker.response, "dictation_silent")


def review_twiml(school: School, language: str, key_url: str, play_url: str) -> str:
	speaker = Speaker(school, language, VOICES)
	gather = speaker.gather(key_url)
	speaker.say_phrase(gather, "dictation_review")
	gather.play(play_url)
	speaker.say_phrase(gather, "dictation_choose")
	speaker.say_phrase(speaker.gather(key_url), "dictation_choose")
	return _end(speaker, "dictation_nothing")


def kept_twiml(school: School, language: str) -> str:
	return _end(Speaker(school, language, VOICES), "dictation_kept")


def _end(speaker: Speaker, phrase: str) -> str:
	speaker.say_phrase(speaker.response, phrase)
	speaker.response.hangup()
	return speaker.xml()
