"""The words of this room, in one place. Pure Python.

A template is words with catalogued fields in them. A subject is one person who will hear them. Field values come from
records through context providers, always for a whole chunk of subjects at once.
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
from school_dialer.messages.template.field import (
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
POLL, REASON = "Poll", "Reason for absence"
"""What a message may ask."""


@dataclass(frozen=True, slots=True)
class Recording:
	"""An audio file of so many seconds that is played in a call. No machine reads it, so staff declare what it ``holds``, one
	of SENSITIVITIES. It is not ``ready`` when its file is missing."""

	name: str
	holds: str = EDUCATIONAL
	seconds: float = field(default=0.0, compare=False)
	ready: bool = field(default=True, compare=False)

	def sensitivity_for(self, purpose: str) -> str:
		"""What is personal in a message about records may name a student, and is taken for a record."""
		return EDUCATIONAL if self.holds == PERSONAL and purpose in ABOUT_RECORDS else self.holds


@dataclass(frozen=True, slots=True)
class Words:
	"""One translation of a template. An empty variant is a variant this language does not have.

	A recording is played instead of the words, which are said when its file is missing, or ``after_words``, which then are its
	first part only and never said alone.
	"""

	language: str
	voice: str = ""
	voicemail: str = ""
	text: str = ""
	question: str = ""
	answers: tuple[str, ...] = ()
	"""Of a poll, in the order of their keys."""
	voice_recording: Recording | None = None
	voicemail_recording: Recording | None = None
	after_words: bool = False

	def recording(self, name: str) -> Recording | None:
		return {VOICE: self.voice_recording, VOICEMAIL: self.voicemail_recording}.get(name)

	def has(self, name: str) -> bool:
		"""Words, or a recording."""
		return bool(self.variant(name) or self.recording(name))

	def variant(self, name: str) -> str:
		return {VOICE: self.voice, VOICEMAIL: self.voicemail, TEXT: self.text}[name].strip()


@dataclass(frozen=True, slots=True)
class Template:
	name: str
	purpose: str
	translations: tuple[Words, ...]
	voice: bool = True
	text: bool = False
	version: int = 1
	asks: str = ""
	"""One of `question.KINDS`, or nothing."""
	about_records: bool = False
	"""What it is used for is about students' records, whatever its purpose and its words (see `records.is_about`)."""

	@property
	def field_names(self) -> tuple[str, ...]:
		"""Every field that any sendable words name: what to read from records. Raises `TemplateError`."""
		sources = (words.variant(variant) for words in self.translations for variant in self.variants())
		return tuple(dict.fromkeys(name for source in sources for name in parse(source).fields))

	def variants(self) -> tuple[str, ...]:
		"""The variants that this template's channels can send."""
		return ((VOICE, VOICEMAIL) if self.voice else ()) + ((TEXT,) if self.text else ())


@dataclass(frozen=True, slots=True)
class Voice:
	name: str
	language: str
	"""As the carrier names it, which is neither Frappe's name nor always a locale: "arb", "cmn-CN"."""


@dataclass(frozen=True, slots=True)
class School:
	"""Who calls. ``identity`` is spoken first in every call, ``call_back_number`` after the body (47 CFR 64.1200(b)).

	``opt_out_number`` is toll-free and reaches the automated opt-out (47 CFR 64.1200(b)(3)); without one a voicemail names the
	call-back number. ``country`` is an ISO 3166 code, empty when no rule of a country is asked for.
	"""

	name: str
	identity: str
	call_back_number: str
	language: str = "en"
	voices: tuple[tuple[str, Voice], ...] = ()
	"""The school's own choice of voices, by language; others are `voices.VOICES`."""
	opt_out_number: str = ""
	privacy_url: str = ""
	"""Where the privacy policy is, for the texts that must name it."""
	country: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
	"""Everything one person's message is made from. ``language`` is the person's, or "" when unknown."""

	school: School
	template: Template
	values: Values
	fields: Mapping[str, Field]
	person_name: str
	language: str = ""
	acknowledge: bool = False
	"""Whether the listener is asked for a key that says the message was heard."""
	pin: bool = False
	"""Whether an educational body waits for a PIN instead of a key."""
	record_reason: bool = False
	"""Whether a reason for an absence may be spoken, and is recorded then."""
	link: str = ""
	"""The person's own address of the preference page, for a text that says less than a call would."""
	play_url: Callable[[str], str] = "recording:{}".format
	"""The address of a recording, by its name. The default is for what is not played to anybody."""
	withheld: "Outgoing | None" = None
	"""What would have been said, had it been written in the person's language (`understood.in_own_language`)."""
