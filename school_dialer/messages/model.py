"""The vocabulary of `messages`, in one place. Pure Python.

A template is words with catalogued fields in them. A subject is one person who will hear them. Field values
come from records through context providers, always for a whole chunk of subjects at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from school_dialer.messages.errors import (
	MessageError,
	MissingData,
	NotForChannel,
	RecordingMissing,
	SchoolIncomplete,
	TemplateError,
	TooLong,
)
from school_dialer.messages.field import (
	ABOUT_RECORDS,
	EDUCATIONAL,
	PERSONAL,
	PUBLIC,
	SENSITIVITIES,
	Field,
	Money,
	Name,
	PerStudent,
	Provider,
	Subject,
	Values,
	most_sensitive,
	provides,
)
from school_dialer.messages.template.syntax import parse

__all__ = [
	"EDUCATIONAL",
	"KNEW",
	"NUMBER",
	"PERSONAL",
	"POLL",
	"PUBLIC",
	"REASON",
	"SENSITIVITIES",
	"TEXT",
	"VARIANTS",
	"VOICE",
	"VOICEMAIL",
	"Field",
	"MessageError",
	"MissingData",
	"Money",
	"Name",
	"NotForChannel",
	"Outgoing",
	"PerStudent",
	"Provider",
	"Recording",
	"RecordingMissing",
	"School",
	"SchoolIncomplete",
	"Subject",
	"Template",
	"TemplateError",
	"TooLong",
	"Values",
	"Voice",
	"Words",
	"most_sensitive",
	"provides",
]

VOICE, VOICEMAIL, TEXT = VARIANTS = ("voice", "voicemail", "text")
POLL, REASON, KNEW, NUMBER = "Poll", "Reason for absence", "Whether they knew", "Right number"
"""What a message may ask."""


@dataclass(frozen=True, slots=True)
class Recording:
	"""An audio file, ``seconds`` long, that is played in a call.

	No machine reads it, so staff declare what it ``holds``, one of SENSITIVITIES. It is not ``ready`` if its
	file is missing.
	"""

	name: str
	holds: str = EDUCATIONAL
	seconds: float = field(default=0.0, compare=False)
	ready: bool = field(default=True, compare=False)

	def sensitivity_for(self, purpose: str) -> str:
		"""Return the recording's sensitivity in a message for this purpose.

		Personal content in a message about records may name a student, so it counts as educational.
		"""
		return EDUCATIONAL if self.holds == PERSONAL and purpose in ABOUT_RECORDS else self.holds


@dataclass(frozen=True, slots=True)
class Words:
	"""One translation of a template. An empty variant means this language does not have it.

	A recording is played instead of the words, which are spoken only if its file is missing. With
	``after_words``, the words are instead the first part, followed by the recording, and are never spoken
	alone.
	"""

	language: str
	voice: str = ""
	voicemail: str = ""
	text: str = ""
	question: str = ""
	answers: tuple[str, ...] = ()
	"""The answers of a poll, in the order of their keys."""
	voice_recording: Recording | None = None
	voicemail_recording: Recording | None = None
	after_words: bool = False

	def recording(self, name: str) -> Recording | None:
		return {VOICE: self.voice_recording, VOICEMAIL: self.voicemail_recording}.get(name)

	def has(self, name: str) -> bool:
		"""Return whether there are words or a recording for a variant."""
		return bool(self.variant(name) or self.recording(name))

	def variant(self, name: str) -> str:
		return {VOICE: self.voice, VOICEMAIL: self.voicemail, TEXT: self.text}[name].strip()

	@property
	def says_anything(self) -> bool:
		"""Return whether this language has words, a recording, or a question."""
		return any(map(self.has, (VOICE, VOICEMAIL, TEXT))) or bool(self.question or self.answers)


@dataclass(frozen=True, slots=True)
class Template:
	name: str
	purpose: str
	translations: tuple[Words, ...]
	voice: bool = True
	text: bool = False
	version: int = 1
	asks: str = ""
	"""One of `question.KINDS`, or ""."""
	about_records: bool = False
	"""Whether its use concerns students' records, whatever its purpose and words (see
	`student_records.is_about`).
	"""

	@property
	def field_names(self) -> tuple[str, ...]:
		"""Return every field named by any words that may be sent: what to read from records.

		Raises `TemplateError`.
		"""
		sources = (words.variant(variant) for words in self.translations for variant in self.variants())
		return tuple(dict.fromkeys(name for source in sources for name in parse(source).fields))

	def variants(self) -> tuple[str, ...]:
		"""Return the variants this template's channels can send."""
		return ((VOICE, VOICEMAIL) if self.voice else ()) + ((TEXT,) if self.text else ())


@dataclass(frozen=True, slots=True)
class Voice:
	name: str
	language: str
	"""The carrier's name for the language, which is neither Frappe's name nor always a locale: "arb",
	"cmn-CN".
	"""


@dataclass(frozen=True, slots=True)
class School:
	"""The caller.

	``identity`` is spoken first in every call, ``call_back_number`` after the body (47 CFR 64.1200(b)).

	``opt_out_number`` is toll-free and reaches the automated opt-out (47 CFR 64.1200(b)(3)). Without one, a
	voicemail gives the call-back number. ``country`` is an ISO 3166 code, or empty if no country's rules
	apply.
	"""

	name: str
	identity: str
	call_back_number: str
	language: str = "en"
	voices: tuple[tuple[str, Voice], ...] = ()
	"""The school's own voices by language. Other languages use `voices.VOICES`."""
	opt_out_number: str = ""
	privacy_url: str = ""
	"""The URL of the privacy policy, for texts that must name it."""
	country: str = ""
	office: bool = False
	"""Whether a key in a call connects to the office."""
	office_in_emergencies: bool = True
	"""Whether it does so in calls about an emergency too."""


@dataclass(frozen=True, slots=True)
class Outgoing:
	"""Everything one recipient's message is made from. ``language`` is the recipient's, or "" if unknown."""

	school: School
	template: Template
	values: Values
	fields: Mapping[str, Field]
	person_name: str
	language: str = ""
	acknowledge: bool = False
	"""Whether the listener is asked to press a key to confirm that the message was heard."""
	pin: bool = False
	"""Whether an educational body requires a PIN instead of a key."""
	record_reason: bool = False
	"""Whether the reason for an absence may be spoken, in which case it is recorded."""
	link: str = ""
	"""The recipient's own URL of the preference page, for a text that says less than a call would."""
	play_url: Callable[[str], str] = "recording:{}".format
	"""Returns the URL of a recording, given its name. The default is for messages that are not played to
	anyone.
	"""
	only_school: str = ""
	"""The school of a district whose call this is, as it is said, if a key can stop it alone."""
	withheld: "Outgoing | None" = None
	"""The original message, which would be used if it existed in the recipient's own language (see
	`language_fallback.in_own_language`).
	"""
