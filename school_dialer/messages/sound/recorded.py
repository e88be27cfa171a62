"""What one variant of a translation turns into: words, a recording, or a recording after words.

Pure Python.
"""

from dataclasses import dataclass

from school_dialer.base.wording import Wording as _
from school_dialer.messages.model import (
	EDUCATIONAL,
	Outgoing,
	Recording,
	RecordingMissing,
	Words,
)
from school_dialer.messages.render import render


@dataclass(frozen=True, slots=True)
class Body:
	"""What is played. ``text`` is spoken first, then ``recording`` is played; either may be absent.

	``fields`` are the fields in the text.
	"""

	text: str
	fields: tuple[str, ...]
	recording: Recording | None = None


def body(outgoing: Outgoing, words: Words, variant: str) -> Body:
	"""Return what one variant says to this recipient.

	Raises `RecordingMissing` if there would be silence, or an introduction without its message, and what
	`render` raises.
	"""
	recording = words.recording(variant)
	ready = bool(recording and recording.ready)
	source = words.variant(variant)
	if recording and not ready and (words.after_words or not source):
		raise RecordingMissing(_("The recording is missing. Upload it again in the message."))
	if ready and not words.after_words:
		return Body("", (), recording)
	rendered = render(source, outgoing.values, outgoing.fields, words.language, variant)
	return Body(rendered.text, rendered.fields, recording if ready else None)


def is_educational(words: Words, variant: str, purpose: str) -> bool:
	"""Return whether this variant's recording is educational.

	``purpose`` is the purpose the message is judged as (`student_records.judged_as`).
	"""
	recording = words.recording(variant)
	return bool(recording) and recording.sensitivity_for(purpose) == EDUCATIONAL


def seconds(words: Words, variant: str) -> float:
	"""Return the length of the recording in seconds, or 0 if there is none."""
	recording = words.recording(variant)
	return recording.seconds if recording else 0.0
