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


def is_part(one: OptOut) -> bool:
	"""Return whether an opt-out leaves texts on: of other purposes, of other schools, or all of them."""
	if one.scope == THIS_PURPOSE:
		return one.purpose is not None
	if one.scope == THIS_SCHOOL:
		return bool(one.school)
	return one.channel == VOICE


def in_part(school: School, opt_outs: Iterable[OptOut], url: str, language: str = "", after: str = "") -> str:
	"""Return the reply to a person who stopped a part of our messages and asks for contact in free words.

	`url` is where they choose. It stands in one text with the reply `after` which it comes, if there is one.
	"""
	spoken = language_for(language, school.language)
	said = (
		phrase("text_stopped_in_part", spoken, what=say_list(tuple(parts(opt_outs, spoken)), spoken)),
		phrase("text_choices", spoken, url=url),
	)
	return plain("\n".join((after, *said))) if after else framed(school, *said)


def parts(opt_outs: Iterable[OptOut], spoken: str) -> Iterator[str]:
	"""Yield "Fundraising", "Fees (Phone calls)", "Phone calls", or a school of the district."""
	found: dict[str, set[str]] = {}
	for one in opt_outs:
		found.setdefault(named(one, spoken), set()).update({one.channel} & set(CHANNELS) or CHANNELS)
	for name, channels in found.items():
		by = phrase("part_text" if channels == {TEXT} else "part_voice", spoken)
		yield by if not name else name if channels == set(CHANNELS) else f"{name} ({by})"


def named(one: OptOut, spoken: str) -> str:
	if one.scope == THIS_SCHOOL:
		return clean(one.school)
	return phrase(f"part_{one.purpose.lower()}", spoken) if one.scope == THIS_PURPOSE else ""
