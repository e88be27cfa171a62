"""What is wrong with a template, said so that its author can put it right; and with a TwiML, so that it is never fetched.

Pure Python. `check` reads the words. Identity, opt-out and call-back number are added by the system; that they come in their
order is read from the finished call (`twiml_rules.check_twiml`), made for each language with the catalogue's examples.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from school_dialer.messages import question, recorded
from school_dialer.messages import voice as calls
from school_dialer.messages.field import ABOUT_RECORDS
from school_dialer.messages.language import base
from school_dialer.messages.model import (
	EDUCATIONAL,
	SENSITIVITIES,
	TEXT,
	VOICE,
	VOICEMAIL,
	Field,
	MessageError,
	Outgoing,
	School,
	SchoolIncomplete,
	Template,
	TemplateError,
	TooLong,
	Words,
	most_sensitive,
)
from school_dialer.messages.phrases import language_for
from school_dialer.messages.render import render
from school_dialer.messages.segments import segments
from school_dialer.messages.syntax import Parsed, check_fields, parse, unclosed_names
from school_dialer.messages.twiml_rules import check_twiml
from school_dialer.messages.voices import VOICES, Voice, voice_for

ERROR, WARNING = "error", "warning"
SPOKEN_SECONDS, SPOKEN_SECONDS_MOST = 60, 180
VOICEMAIL_SECONDS = 30
TEXT_SEGMENTS, TEXT_CHARACTERS = 3, 1_300
WORDS_A_MINUTE = 150
CHARACTERS_A_MINUTE = 240
"""Of scripts written without spaces between words."""

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_DIGITS = re.compile(r"\+?\d[\d\s().-]{7,}\d")
NO_KEYS = "https://check.invalid/"
"""Where the keys of a call would go that nobody gets."""
_LABELS = {VOICE: "voice", VOICEMAIL: "voicemail", TEXT: "text"}


@dataclass(frozen=True, slots=True)
class Finding:
	"""``level`` is ERROR or WARNING; ``where`` names language and variant; ``line`` counts from 1 in it."""

	level: str
	where: str
	line: int
	message: str
	fix: str = ""

	def __str__(self) -> str:
		place = f"{self.where}, line {self.line}: " if self.where else ""
		return f"{place}{self.message} {self.fix}".strip()


def check(
	template: Template,
	fields: Mapping[str, Field],
	*,
	school_language: str = "en",
	languages_in_use: Iterable[str] = (),
	voices: Mapping[str, Voice] = VOICES,
	school: School | None = None,
) -> list[Finding]:
	"""All findings, errors first. ``languages_in_use`` are those of the people the school calls.

	With a school, the finished calls are checked too.
	"""
	found = [*_whole(template, fields, school_language, languages_in_use)]
	found += [
		Finding(ERROR, f"{language} question".strip(), 1, message, fix)
		for language, message, fix in question.problems(template)
	]
	for words in template.translations:
		if template.voice and words.variant(VOICE) and voice_for(words.language, voices) is None:
			found.append(
				Finding(
					ERROR, words.language, 1, "No voice speaks this language.", "Leave its voice words empty."
				)
			)
		for variant in template.variants():
			found += _variant(template, words, variant, fields)
	if school and template.voice and not any(finding.level == ERROR for finding in found):
		found += _finished(template, fields, school, voices)
	return sorted(found, key=lambda finding: finding.level != ERROR)


def spoken_seconds(text: str) -> float:
	"""An estimate of how long a synthetic voice takes."""
	unspaced = len(_UNSPACED.findall(text))
	words = len(_UNSPACED.sub(" ", text).split())
	return words * 60 / WORDS_A_MINUTE + unspaced * 60 / CHARACTERS_A_MINUTE


def sensitivity(template: Template, fields: Mapping[str, Field]) -> str:
	"""The class of the most sensitive field or recording of the template; unknown fields are `check`'s to report."""
	if template.asks == question.REASON or (template.asks and template.purpose in ABOUT_RECORDS):
		return EDUCATIONAL
	used = [fields[name] for name in template.field_names if name in fields]
	declared = [
		recording.sensitivity_for(template.purpose)
		for words in template.translations
		for variant in template.variants()
		if (recording := words.recording(variant))
	]
	return max([most_sensitive(used, template.purpose), *declared], key=SENSITIVITIES.index)


def _finished(
	template: Template, fields: Mapping[str, Field], school: School, voices: Mapping[str, Voice]
) -> Iterator[Finding]:
	"""Who calls, how to stop it and the number to call back, as the whole call says them in each language."""
	examples = {name: fields[name].example for name in template.field_names}
	for words in template.translations:
		if not words.has(VOICE):
			continue
		alone = replace(template, translations=(words,))
		outgoing = Outgoing(school, alone, examples, fields, "Maria Lopez", words.language)
		try:
			made = {
				VOICE: calls.voice_twiml(outgoing, NO_KEYS, voices=voices),
				VOICEMAIL: calls.voicemail_twiml(outgoing, voices=voices),
			}
		except SchoolIncomplete as error:
			yield Finding(WARNING, "", 1, "The school cannot be named yet.", str(error))
			return
		except MessageError as error:
			yield Finding(ERROR, f"{words.language} {_LABELS[VOICE]}", 1, str(error))
			continue
		for variant, spoken in made.items():
			for problem in check_twiml(spoken.twiml, school, voicemail=variant == VOICEMAIL):
				where = f"{words.language} {_LABELS[variant]}"
				yield Finding(ERROR, where, 1, f"In the finished call, {problem}.", "Check Dialer Settings.")


def _whole(
	template: Template, fields: Mapping[str, Field], school_language: str, in_use: Iterable[str]
) -> Iterator[Finding]:
	if not template.variants():
		yield Finding(ERROR, "", 1, "The template is for no channel.", "Tick Voice or Text.")
	seen: set[str] = set()
	for words in template.translations:
		if words.language in seen:
			yield Finding(ERROR, words.language, 1, "This language is there twice.", "Delete one.")
		seen.add(words.language)
	for channel, variant in (("calls", VOICE), ("texts", TEXT)):
		if variant not in template.variants():
			continue
		having = {base(words.language) for words in template.translations if words.has(variant)}
		if not having:
			yield Finding(
				ERROR, "", 1, f"There are no words for {channel}.", "Write them in one language at least."
			)
		elif base(school_language) not in having:
			yield Finding(
				WARNING,
				"",
				1,
				f"There are no words for {channel} in the school's language ({school_language}).",
				"Add a translation.",
			)
		if missing := sorted({base(language) for language in in_use if language} - having if having else ()):
			withheld = variant == VOICE and _tells_records(template, fields)
			get = f"get {channel} in another language"
			if withheld:
				get = "hear in their language only that there is a message, since it tells of a student's records"
			yield Finding(
				WARNING, "", 1, f"People who speak {', '.join(missing)} {get}.", "Add a translation."
			)


def _tells_records(template: Template, fields: Mapping[str, Field]) -> bool:
	"""The words for a person who answers do; what cannot be read is another finding's."""
	try:
		spoken = replace(template, text=False)
		return sensitivity(spoken, fields) == EDUCATIONAL
	except TemplateError:
		return False


def _variant(
	template: Template, words: Words, variant: str, fields: Mapping[str, Field]
) -> Iterator[Finding]:
	source, where = words.variant(variant), f"{words.language} {_LABELS[variant]}"
	yield from _recorded(template, words, variant, where)
	if not source:
		if (
			variant == VOICEMAIL
			and words.has(VOICE)
			and not words.recording(VOICEMAIL)
			and language_for(words.language)
			not in (
				words.language,
				base(words.language),
			)
		):
			yield Finding(
				WARNING, where, 1, "There are no words for voicemail, and the system has none.", "Write some."
			)
		return
	try:
		parsed = parse(source)
		check_fields(parsed, fields)
	except TemplateError as error:
		yield Finding(ERROR, where, error.line, error.message, error.fix)
		return
	yield from _sensitive(template, parsed, variant, fields, where)
	yield from _ambiguous(parsed, fields, where)
	yield from _literal(source, fields, where)
	played = recorded.seconds(words, variant) if words.after_words else 0.0
	yield from _long(source, parsed, variant, words.language, fields, where, played)


def _recorded(template: Template, words: Words, variant: str, where: str) -> Iterator[Finding]:
	recording = words.recording(variant)
	if recording is None:
		return
	if not recording.ready:
		yield Finding(ERROR, where, 1, "The recording's file is missing.", "Upload or record it again.")
	if variant == VOICEMAIL and recorded.is_educational(template, words, variant):
		yield Finding(
			ERROR,
			where,
			1,
			f"The recording is declared to hold {recording.holds} content: anybody may hear a voicemail.",
			"Say in It holds that it tells nothing of a student, or use another one.",
		)
	if words.after_words and words.variant(variant):
		return
	yield from _takes(recording.seconds, variant, where)
	if not words.variant(variant) and variant == VOICE:
		yield Finding(
			WARNING,
			where,
			1,
			"There are no words in case the recording's file is missing.",
			"Write some, or people are held back then.",
		)


def _sensitive(
	template: Template, parsed: Parsed, variant: str, fields: Mapping[str, Field], where: str
) -> Iterator[Finding]:
	if variant == VOICE:
		return
	for name, line in parsed.lines.items():
		if fields[name].sensitivity_for(template.purpose) != EDUCATIONAL:
			continue
		reason = "is part of an educational record"
		if fields[name].sensitivity != EDUCATIONAL:
			reason = f"names a student in a message about {template.purpose.lower()}, which is an educational record"
		yield Finding(
			ERROR,
			where,
			line,
			f"{{{{ {name} }}}} {reason}: anybody may hear or read a {_LABELS[variant]}.",
			"Use it in the voice words only, and ask for a call back here.",
		)


def _ambiguous(parsed: Parsed, fields: Mapping[str, Field], where: str) -> Iterator[Finding]:
	for name, filter_name, line, in_each in parsed.filtered:
		field = fields[name]
		if filter_name == "plural" and field.per_student and field.type == "number" and not in_each:
			yield Finding(
				WARNING,
				where,
				line,
				f"{{{{ {name} }}}} can differ between brothers and sisters, so that no one form is right.",
				"Put the sentence between {% each student %} and {% endeach %}.",
			)


def _literal(source: str, fields: Mapping[str, Field], where: str) -> Iterator[Finding]:
	for line, written in unclosed_names(source, fields):
		name = written.strip("{}[]%()s ")
		yield Finding(ERROR, where, line, f'"{written}" is not a field.', f"Write {{{{ {name} }}}}.")
	for number, line in enumerate(source.splitlines(), 1):
		if found := _MARKUP.search(line):
			yield Finding(
				ERROR,
				where,
				number,
				f'"{found.group()[:40]}" would be said or shown as it stands.',
				"Remove it.",
			)
		if _DIGITS.search(line):
			yield Finding(
				WARNING,
				where,
				number,
				"A telephone number is typed into the words.",
				"Use {{ call_back_number }}, which is spoken digit by digit.",
			)


def _long(
	source: str,
	parsed: Parsed,
	variant: str,
	language: str,
	fields: Mapping[str, Field],
	where: str,
	played: float,
) -> Iterator[Finding]:
	"""``played``: seconds of a recording that follows the words."""
	examples = {name: fields[name].example for name in parsed.fields}
	try:
		text = render(source, examples, fields, language, variant).text
	except TooLong as error:
		yield Finding(ERROR, where, 1, str(error), "Shorten it.")
		return
	if variant == TEXT:
		size = segments(text)
		if size.units > TEXT_CHARACTERS:
			yield Finding(ERROR, where, 1, f"The text has about {size.units} characters.", "Shorten it.")
		elif size.count > TEXT_SEGMENTS:
			yield Finding(
				WARNING,
				where,
				1,
				f"The text takes about {size.count} segments, each paid for.",
				"Shorten it.",
			)
		return
	yield from _takes(spoken_seconds(text) + played, variant, where)


def _takes(seconds: float, variant: str, where: str) -> Iterator[Finding]:
	comfortable = VOICEMAIL_SECONDS if variant == VOICEMAIL else SPOKEN_SECONDS
	if seconds > SPOKEN_SECONDS_MOST:
		yield Finding(ERROR, where, 1, f"It takes about {seconds:.0f} seconds to say.", "Shorten it.")
	elif seconds > comfortable:
		yield Finding(
			WARNING, where, 1, f"It takes about {seconds:.0f} seconds to say.", f"Aim at {comfortable}."
		)
