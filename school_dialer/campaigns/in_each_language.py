"""What a campaign would say to the families of its audience in each of their languages, by example."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from school_dialer import gate
from school_dialer.audience.base import Source
from school_dialer.audience.numbers import e164
from school_dialer.campaigns import message_content
from school_dialer.compliance.vocabulary import TEXT
from school_dialer.messages import campaign_details, in_place_of_call, preview, store
from school_dialer.messages.details import DETAILS
from school_dialer.messages.language import base
from school_dialer.messages.model import MessageError, Outgoing, Subject
from school_dialer.schools import registry

CHUNK = 1000


def audience_languages(source: Source, own: str, most: int | None = None) -> dict[str, int]:
	"""Return {language: people of the audience who are called in it}, the school's `own` first.

	Who has none on record is called in that of another one at their number, as in a plan. Of an audience
	larger than `most`, the first are counted.
	"""
	country = registry.country()
	people: Counter[str] = Counter()
	unknown: Counter[str] = Counter()
	at_number: dict[str, str] = {}
	after: str | None = ""
	while after is not None and (most is None or people.total() + unknown.total() < most):
		candidates, after = source.chunk(after, CHUNK)
		for candidate in candidates:
			numbers = list(filter(None, (e164(raw, country) for raw in candidate.phones)))
			if candidate.language:
				people[candidate.language] += 1
				for number in numbers:
					at_number.setdefault(number, candidate.language)
			else:
				unknown[numbers[0] if numbers else ""] += 1
	for number, count in unknown.items():
		people[at_number.get(number, own)] += count
	return dict(sorted(people.items(), key=lambda row: (base(row[0]) != base(own), row[0])))


def maker(campaign) -> Callable[[str], Outgoing]:
	"""Return a function that makes the message in a language, as the campaign stands, saved or not.

	Without details it has none: example details would be taken for the school's. Raises `MessageError`.
	"""
	template, values = gate.template_of(campaign), preview.example_values()
	values.pop(DETAILS, None)
	details = campaign_details.details_of(campaign)
	if details.all():
		values[DETAILS] = details
	name = values.get("recipient_name") or ""
	link = message_content.sample_link(template, campaign.channel)

	def made(language: str) -> Outgoing:
		subject = Subject("example", "", "", name, language=language, school=campaign.school or "")
		outgoing = message_content.asking(store.outgoing(template, subject, values), campaign)
		return replace(outgoing, link=link)

	return made


def heard_and_read(campaign, languages: Iterable[str]) -> list[dict]:
	"""Return what a person of each language hears in a call, finds on voicemail, or reads.

	Each row has `language`, `name`, and what the campaign's channel has of `voice`, `voicemail`, and `text`,
	as in `messages.preview`, or `error`. `text` of calls is what families read whom no call reached.
	"""
	make, rows = maker(campaign), []
	for language in languages:
		row = {"language": language, "name": campaign_details.language_name(language)}
		try:
			rows.append(row | parts(campaign, make(language)))
		except MessageError as error:
			rows.append(row | preview.refusal(error))
	return rows


def parts(campaign, outgoing: Outgoing) -> dict:
	if campaign.channel == TEXT:
		return {"text": preview.read_out(outgoing)}
	made = {"voice": preview.heard(outgoing), "voicemail": preview.left_on_voicemail(outgoing)}
	return made | {"text": read_instead(outgoing)} if campaign.text_fallback else made


def read_instead(outgoing: Outgoing) -> dict:
	"""Return the text to a family that no call reached."""
	try:
		made = in_place_of_call.text(outgoing, message_content.preferences())
	except MessageError as error:
		return preview.refusal(error)
	return {
		"body": made.body,
		"language": made.language,
		"fell_back": made.fell_back,
		"segments": made.size.count,
	}
