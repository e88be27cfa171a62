"""What is wrong with a template, worded so that its author can fix it.

Its TwiML is checked too, before a carrier ever fetches it.

Pure Python. `check_template` reads the words. The system adds identity, opt-out and call-back number; their
order is checked on the finished call (`twiml_rules.check_twiml`), which is made for each language with the
catalogue's examples.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from school_dialer.base.wording import Wording, translated
from school_dialer.base.wording import Wording as _
from school_dialer.messages.language import base, name_of
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
from school_dialer.messages.sensitivity import record_words, student_records
from school_dialer.messages.sound import recorded
from school_dialer.messages.spoken import question
from school_dialer.messages.spoken import voice as calls
from school_dialer.messages.spoken.seconds import spoken_seconds
from school_dialer.messages.spoken.twiml_rules import check_twiml
from school_dialer.messages.spoken.voices import VOICES, Voice, voice_for
from school_dialer.messages.template.syntax import Parsed, check_fields, parse, unclosed_names

ERROR, WARNING = "error", "warning"
SPOKEN_SECONDS, SPOKEN_SECONDS_MOST = 60, 180
VOICEMAIL_SECONDS = 30
MOST_LANGUAGES = 60
"""Each one is compared with all the others. The schools of the largest US districts write in fewer."""
TEXT_SEGMENTS, TEXT_CHARACTERS = 3, 1_300
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_DIGITS = re.compile(r"\+?\d[\d\s().-]{7,}\d")
NO_KEYS = "https://check.invalid/"
"""The keypress URL of a call that no one receives."""
_LABELS = {VOICE: _("voice"), VOICEMAIL: _("voicemail"), TEXT: _("text")}


@dataclass(frozen=True, slots=True)
class Finding:
	"""One problem. ``level`` is ERROR or WARNING; ``where`` names language and variant.

	``line`` counts from 1 within the variant. ``instead``: what is written there, and what would be right,
	where a button can put it right. ``language`` and ``variant`` are those of the words it is about, if any.
	"""

	level: str
	where: str
	line: int
	message: str
	fix: str = ""
	instead: tuple[str, str] | None = None
	language: str = ""
	variant: str = ""

	def __str__(self) -> str:
		return self.as_text(str)

	def as_text(self, translate: Callable[[str], str]) -> str:
		"""Return the finding in one line, in the language of ``translate``."""
		words = (self.message, self.fix)
		sentence = " ".join(translated(part, translate) for part in words if part)
		if not self.where:
			return sentence
		return translated(_("{0}, line {1}: {2}", self.where, self.line, sentence), translate)


def check_template(
	template: Template,
	fields: Mapping[str, Field],
	*,
	school_language: str = "en",
	languages_in_use: Iterable[str] = (),
	voices: Mapping[str, Voice] = VOICES,
	school: School | None = None,
) -> list[Finding]:
	"""Return all findings, errors first.

	``languages_in_use`` are the languages of the people the school calls.

	With a school, the finished calls are checked too. A template with more than MOST_LANGUAGES languages gets
	only that finding.
	"""
	if len(template.translations) > MOST_LANGUAGES:
		message = _("A message has {0} languages at most.", MOST_LANGUAGES)
		return [Finding(ERROR, "", 1, message, _("Delete some, or write a second message."))]
	findings = [*_whole(template, fields, school_language, languages_in_use), *_of_records(template, fields)]
	findings += [
		Finding(ERROR, _("{0} question", language) if language else _("question"), 1, message, fix)
		for language, message, fix in question.problems(template)
	]
	for words in template.translations:
		if template.voice and words.variant(VOICE) and voice_for(words.language, voices) is None:
			findings.append(
				Finding(
					ERROR,
					words.language,
					1,
					_("No voice speaks this language."),
					_("Leave its voice words empty."),
				)
			)
		for variant in template.variants():
			findings += [
				replace(finding, language=words.language, variant=variant)
				for finding in _variant(template, words, variant, fields)
			]
	if school and template.voice:
		findings += _way_to_stop(school)
	if school and template.voice and not any(finding.level == ERROR for finding in findings):
		findings += _finished(template, fields, school, voices)
	return sorted(findings, key=lambda finding: finding.level != ERROR)


def _way_to_stop(school: School) -> Iterator[Finding]:
	"""Warn if a US voicemail has no toll-free number for opting out.

	A voicemail in the US must leave a toll-free number that reaches the automated opt-out (47 CFR
	64.1200(b)(3)).
	"""
	if school.country == "US" and not school.opt_out_number:
		yield Finding(
			WARNING,
			"",
			1,
			_("A voicemail has no toll-free number at which the calls can be stopped."),
			_("Enter one in Dialer Settings."),
		)


def sensitivity(template: Template, fields: Mapping[str, Field]) -> str:
	"""Return the class of the most sensitive field, words or recording of the template.

	Unknown fields are ignored here; `check_template` reports them.
	"""
	if record_words.in_template(template):
		return EDUCATIONAL
	if template.asks and student_records.is_about(template, fields):
		return EDUCATIONAL
	purpose = student_records.judged_as(template, fields)
	used = [fields[name] for name in template.field_names if name in fields]
	declared = [
		recording.sensitivity_for(purpose)
		for words in template.translations
		for variant in template.variants()
		if (recording := words.recording(variant))
	]
	return max([most_sensitive(used, purpose), *declared], key=SENSITIVITIES.index)


def _finished(
	template: Template, fields: Mapping[str, Field], school: School, voices: Mapping[str, Voice]
) -> Iterator[Finding]:
	"""Check who calls, how to stop it and the call-back number in the whole call, in each language."""
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
			yield Finding(WARNING, "", 1, _("The school cannot be named yet."), error.args[0])
			return
		except MessageError as error:
			place = _place(words.language, VOICE)
			yield Finding(ERROR, place, 1, error.args[0], language=words.language, variant=VOICE)
			continue
		for variant, spoken in made.items():
			for problem in check_twiml(spoken.twiml, school, voicemail=variant == VOICEMAIL):
				where = _place(words.language, variant)
				message, fix = _("In the finished call, {0}.", problem), _("Check Dialer Settings.")
				yield Finding(ERROR, where, 1, message, fix, language=words.language, variant=variant)


def _whole(
	template: Template, fields: Mapping[str, Field], school_language: str, in_use: Iterable[str]
) -> Iterator[Finding]:
	if not template.variants():
		yield Finding(ERROR, "", 1, _("The template is for no channel."), _("Tick Voice or Text."))
	seen: set[str] = set()
	for words in template.translations:
		if words.language in seen:
			yield Finding(ERROR, words.language, 1, _("This language is there twice."), _("Delete one."))
		seen.add(words.language)
	for channel, variant in ((_("calls"), VOICE), (_("texts"), TEXT)):
		if variant not in template.variants():
			continue
		having = {base(words.language) for words in template.translations if words.has(variant)}
		if not having:
			yield Finding(
				ERROR,
				"",
				1,
				_("There are no words for {0}.", channel),
				_("Write them in one language at least."),
			)
		elif base(school_language) not in having:
			yield Finding(
				WARNING,
				"",
				1,
				_(
					"There are no words for {0} in the school's language ({1}).",
					channel,
					name_of(school_language),
				),
				_("Add a translation."),
			)
		if missing := sorted({base(language) for language in in_use if language} - having if having else ()):
			withheld = variant == VOICE and _reveals_records(template, fields)
			who = tuple(name_of(language) for language in missing)
			message = _("People who speak {0} get {1} in another language.", who, channel)
			if withheld:
				message = _(
					"People who speak {0} hear in their language only that there is a message, "
					"since it tells of a student's records.",
					who,
				)
			yield Finding(WARNING, "", 1, message, _("Add a translation."))


def _of_records(template: Template, fields: Mapping[str, Field]) -> Iterator[Finding]:
	try:
		names = template.field_names
	except TemplateError:
		return
	for wrong, message, fix in record_words.problems(template, fields, names):
		yield Finding(ERROR if wrong else WARNING, "", 1, message, fix)


def _place(language: str, variant: str) -> Wording:
	"""Name the language first, because the form opens its row."""
	return Wording("{0} {1}", language, _LABELS[variant])


def _reveals_records(template: Template, fields: Mapping[str, Field]) -> bool:
	"""Return whether the words for a person who answers reveal records.

	Unreadable words get a finding elsewhere.
	"""
	try:
		spoken = replace(template, text=False)
		return sensitivity(spoken, fields) == EDUCATIONAL
	except TemplateError:
		return False


def _variant(
	template: Template, words: Words, variant: str, fields: Mapping[str, Field]
) -> Iterator[Finding]:
	source, where = words.variant(variant), _place(words.language, variant)
	yield from _recorded(template, words, variant, fields, where)
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
				WARNING,
				where,
				1,
				_("There are no words for voicemail, and the system has none."),
				_("Write some."),
			)
		return
	try:
		parsed = parse(source)
		check_fields(parsed, fields)
	except TemplateError as error:
		yield Finding(ERROR, where, error.line, error.message, error.fix, error.instead)
		return
	yield from _sensitive(template, words, parsed, variant, fields, where)
	yield from _ambiguous(parsed, fields, where)
	yield from _literal(source, fields, where)
	played = recorded.seconds(words, variant) if words.after_words else 0.0
	yield from _long(source, parsed, variant, words.language, fields, where, played)


def _recorded(
	template: Template, words: Words, variant: str, fields: Mapping[str, Field], where: str
) -> Iterator[Finding]:
	recording = words.recording(variant)
	if recording is None:
		return
	if not recording.ready:
		yield Finding(ERROR, where, 1, _("The recording's file is missing."), _("Upload or record it again."))
	if variant == VOICEMAIL and recorded.is_educational(
		words, variant, student_records.judged_as(template, fields)
	):
		yield Finding(
			ERROR,
			where,
			1,
			_(
				"The recording is declared to hold {0} content: anyone may hear a voicemail.",
				Wording(recording.holds),
			),
			_("Say in It holds that it tells nothing of a student, or use another one."),
		)
	if words.after_words and words.variant(variant):
		return
	yield from _takes(recording.seconds, variant, where)
	if not words.variant(variant) and variant == VOICE:
		yield Finding(
			WARNING,
			where,
			1,
			_("There are no words in case the recording's file is missing."),
			_("Write some, or people are held back then."),
		)


def _sensitive(
	template: Template,
	words: Words,
	parsed: Parsed,
	variant: str,
	fields: Mapping[str, Field],
	where: str,
) -> Iterator[Finding]:
	if variant == VOICE:
		return
	purpose = student_records.judged_as(template, fields)
	if topics := record_words.in_variant(words, variant):
		listed = tuple(record_words.LABELS[topic] for topic in sorted(topics))
		yield Finding(
			ERROR,
			where,
			1,
			_(
				"The words speak of {0} of a student: anyone may hear or read a {1}.",
				listed,
				_LABELS[variant],
			),
			_("Say it in the voice words only, and ask for a call back here."),
		)
	for name, line in parsed.lines.items():
		if fields[name].sensitivity_for(purpose) != EDUCATIONAL:
			continue
		field, place = f"{{{{ {name} }}}}", _LABELS[variant]
		message = _("{0} is part of an educational record: anyone may hear or read a {1}.", field, place)
		if fields[name].sensitivity != EDUCATIONAL:
			message = _(
				"{0} names a student in a message about {1}, which is an educational record: "
				"anyone may hear or read a {2}.",
				field,
				Wording(purpose),
				place,
			)
		yield Finding(
			ERROR,
			where,
			line,
			message,
			_("Use it in the voice words only, and ask for a call back here."),
		)


def _ambiguous(parsed: Parsed, fields: Mapping[str, Field], where: str) -> Iterator[Finding]:
	for name, filter_name, line, in_each in parsed.filtered:
		field = fields[name]
		if filter_name == "plural" and field.per_student and field.type == "number" and not in_each:
			yield Finding(
				WARNING,
				where,
				line,
				_(
					"{0} can differ between brothers and sisters, so that no one form is right.",
					f"{{{{ {name} }}}}",
				),
				_("Put the sentence between {% each student %} and {% endeach %}."),
			)


def _literal(source: str, fields: Mapping[str, Field], where: str) -> Iterator[Finding]:
	for line, written, name in unclosed_names(source, fields):
		meant = f"{{{{ {name} }}}}"
		yield Finding(
			ERROR,
			where,
			line,
			_('"{0}" is not a field.', written),
			_("Write {0}.", meant),
			(written, meant),
		)
	for number, line in enumerate(source.splitlines(), 1):
		if markup := _MARKUP.search(line):
			yield Finding(
				ERROR,
				where,
				number,
				_('"{0}" would be said or shown as it stands.', markup.group()[:40]),
				_("Remove it."),
				(markup.group(), ""),
			)
		if typed := _DIGITS.search(line):
			yield Finding(
				WARNING,
				where,
				number,
				_("A telephone number is typed into the words."),
				_("Use {{ call_back_number }}, which is spoken digit by digit."),
				(typed.group(), "{{ call_back_number }}"),
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
	"""Check length. ``played``: seconds of a recording that follows the words."""
	examples = {name: fields[name].example for name in parsed.fields}
	try:
		text = render(source, examples, fields, language, variant).text
	except TooLong as error:
		yield Finding(ERROR, where, 1, error.args[0], _("Shorten it."))
		return
	if variant == TEXT:
		size = segments(text)
		if size.units > TEXT_CHARACTERS:
			yield Finding(
				ERROR, where, 1, _("The text has about {0} characters.", size.units), _("Shorten it.")
			)
		elif size.count > TEXT_SEGMENTS:
			yield Finding(
				WARNING,
				where,
				1,
				_("The text takes about {0} segments, each paid for.", size.count),
				_("Shorten it."),
			)
		return
	yield from _takes(spoken_seconds(text) + played, variant, where)


def _takes(seconds: float, variant: str, where: str) -> Iterator[Finding]:
	comfortable = VOICEMAIL_SECONDS if variant == VOICEMAIL else SPOKEN_SECONDS
	if seconds > SPOKEN_SECONDS_MOST:
		yield Finding(ERROR, where, 1, _("It takes about {0:.0f} seconds to say.", seconds), _("Shorten it."))
	elif seconds > comfortable:
		yield Finding(
			WARNING,
			where,
			1,
			_("It takes about {0:.0f} seconds to say.", seconds),
			_("Aim at {0}.", comfortable),
		)
