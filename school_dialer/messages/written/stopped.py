"""What a person stopped who stopped a part of our calls and texts, in a text. Pure Python."""

from collections.abc import Iterable, Iterator

from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import CHANNELS, TEXT, THIS_PURPOSE, THIS_SCHOOL, VOICE
from school_dialer.messages.model import School
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.segments import plain
from school_dialer.messages.speech import say_list
from school_dialer.messages.template.values import clean
from school_dialer.messages.text import framed


def is_part(opt_out: OptOut) -> bool:
	"""Return whether an opt-out leaves texts on: of other purposes, of other schools, or all of them."""
	if opt_out.scope == THIS_PURPOSE:
		return opt_out.purpose is not None
	if opt_out.scope == THIS_SCHOOL:
		return bool(opt_out.school)
	return opt_out.channel == VOICE


def in_part(school: School, opt_outs: Iterable[OptOut], url: str, language: str = "", after: str = "") -> str:
	"""Return the reply to a person who stopped a part of our messages and asks for contact in free words.

	`url` is where they choose. It stands in one text with the reply `after` which it comes, if there is one.
	"""
	spoken = language_for(language, school.language)
	lines = (
		phrase("text_stopped_in_part", spoken, what=say_list(tuple(parts(opt_outs, spoken)), spoken)),
		phrase("text_choices", spoken, url=url),
	)
	return plain("\n".join((after, *lines))) if after else framed(school, *lines)


def parts(opt_outs: Iterable[OptOut], spoken: str) -> Iterator[str]:
	"""Yield "Fundraising", "Fees (Phone calls)", "Phone calls", or a school of the district."""
	channels_of: dict[str, set[str]] = {}
	for opt_out in opt_outs:
		channels_of.setdefault(named(opt_out, spoken), set()).update(
			{opt_out.channel} & set(CHANNELS) or CHANNELS
		)
	for name, channels in channels_of.items():
		by = phrase("part_text" if channels == {TEXT} else "part_voice", spoken)
		if name and channels != set(CHANNELS):
			yield f"{name} ({by})"
		else:
			yield name or by


def named(opt_out: OptOut, spoken: str) -> str:
	if opt_out.scope == THIS_SCHOOL:
		return clean(opt_out.school)
	return phrase(f"part_{opt_out.purpose.lower()}", spoken) if opt_out.scope == THIS_PURPOSE else ""
