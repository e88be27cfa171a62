"""Checks audio that a school uploads or records: is it what it claims to be, and may it be played in a call?

The content decides, not the file name. Stored audio has no tags and no pictures, and begins with the sound: a
carrier plays it, and what someone's computer wrote into it must stay private. Pure Python with the standard
library and mutagen.
"""

import io
import struct
from dataclasses import dataclass
from hashlib import sha256

from mutagen import MutagenError, apev2, id3
from mutagen.mp3 import MPEGInfo

from school_dialer.base.wording import Wording as _
from school_dialer.messages.sound import wav

MOST_BYTES = 10 * 1024 * 1024
MOST_SECONDS = 180
"""The same limit as for spoken words (`linter.SPOKEN_SECONDS_MOST`)."""
LEAST_SECONDS = 0.5
MOST_TAGS = 20
FASTEST, ROUNDING = 320_000, 0.9
"""The highest bit rate of an MP3 file, in bits per second (ISO 11172-3). A file that claims to be shorter
than its bytes allow lies about its length.
"""
CONTENT_TYPES = {"MP3": "audio/mpeg", "WAV": "audio/wav"}


class NotPlayable(Exception):
	"""This is not audio that can be played in a call.

	The message says why and what to do, and quotes nothing from the content.
	"""


@dataclass(frozen=True, slots=True)
class Audio:
	"""Checked audio. ``format`` is a key of CONTENT_TYPES, ``seconds`` is its length."""

	content: bytes
	format: str
	seconds: float

	@property
	def digest(self) -> str:
		return sha256(self.content).hexdigest()

	def __repr__(self) -> str:
		return f"Audio({self.format}, {self.seconds:.1f} s)"


def check_sound(content: bytes) -> Audio:
	"""Return the audio in these bytes. Raises `NotPlayable`."""
	if len(content) > MOST_BYTES:
		raise NotPlayable(_("The file is larger than {0} MB. Save it as MP3.", MOST_BYTES // 1024 // 1024))
	if not content:
		raise NotPlayable(_("The file is empty."))
	audio = _wav(content) if content[:4] == b"RIFF" else _mp3(content)
	if audio.seconds < LEAST_SECONDS:
		raise NotPlayable(_("There is nothing to hear in it: it is shorter than half a second."))
	if audio.seconds > MOST_SECONDS:
		raise NotPlayable(
			_("It takes {0:.0f} seconds; at most {1} can be played. Shorten it.", audio.seconds, MOST_SECONDS)
		)
	return audio


def _wav(content: bytes) -> Audio:
	try:
		sound = wav.read_pcm(content)
	except wav.NoSound:
		raise NotPlayable(_("This is no WAV file with PCM sound. Save it as PCM WAV or MP3.")) from None
	return Audio(sound.written(), "WAV", sound.seconds)


def _mp3(content: bytes) -> Audio:
	file = io.BytesIO(content[_after_tags(content) :])
	try:
		for tags in (id3, apev2):
			file.seek(0)
			tags.delete(file)
		file.seek(0)
		# Not `MP3`, which reads tags: a packed tag of one megabyte unpacks to a thousand.
		info = MPEGInfo(file)
	except (MutagenError, EOFError, ValueError, OverflowError, ArithmeticError, struct.error):
		raise NotPlayable(
			_("This is neither an MP3 nor a WAV file. Save the recording as one of them.")
		) from None
	sound = file.getvalue()[info.frame_offset :]
	if info.sketchy or info.layer != 3 or info.length < len(sound) * 8 / FASTEST * ROUNDING:
		raise NotPlayable(_("This MP3 file cannot be played. Save the recording again, as MP3 or WAV."))
	return Audio(sound, "MP3", info.length)


def _after_tags(content: bytes) -> int:
	"""Return where the last of the consecutive tags before the sound ends.

	https://id3.org/id3v2.4.0-structure
	"""
	at = 0
	for _tag in range(MOST_TAGS):
		if content[at : at + 3] != b"ID3" or len(content) < at + 10:
			return at
		at += 10 + sum(
			(byte & 0x7F) << 7 * (3 - place) for place, byte in enumerate(content[at + 6 : at + 10])
		)
	raise NotPlayable(_("This is neither an MP3 nor a WAV file. Save the recording as one of them."))
