"""The name of another school of the district in the words of one school's campaign."""

import re
from collections.abc import Iterator

from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import SCHOOL_NAME, Finding
from school_dialer.schools import registry

LEAST_LETTERS = 4
_AT = re.compile(
	r"(?:\b(?:at|against|vs\.?|versus|with|from|to|and|en|contra|con|de|del|y|tại|ở|với|và)|在|与|和|对|\b(?:في|مع|ضد|و))"
	r"\s*(?:the\s+|la\s+|el\s+|trường\s+)?$",
	re.IGNORECASE,
)
"""Before a name of another school, this says that something is there, or together with it."""


def look(facts: Facts) -> Iterator[Finding]:
	school = registry.find(facts.campaign.get("school"))
	if not school:
		return
	own_names = names_of(school)
	others = names_of_others(school, own_names)
	for written in facts.texts:
		text = written.text.casefold()
		if any(name in text for name in own_names):
			continue
		for name in sorted(others, key=len, reverse=True):
			place = text.find(name)
			if place >= 0 and not _AT.search(text[max(0, place - 30) : place]):
				yield Finding(SCHOOL_NAME, (written.text[place : place + len(name)], school.name))
				return


def names_of_others(school: registry.School, own_names: frozenset[str]) -> set[str]:
	"""Return the names of the other schools, without those that are part of one of this school's."""
	names = set()
	for other in registry.schools().values():
		if other.name != school.name:
			names |= names_of(other)
	return {
		name for name in names if len(name) >= LEAST_LETTERS and not any(name in mine for mine in own_names)
	}


def names_of(school: registry.School) -> frozenset[str]:
	"""Return how the school is called: its record's name, and what calls say in each language."""
	names = (school.name, school.caller_identity, *(name for _language, name in school.identities))
	return frozenset(name.casefold().strip() for name in names if name and name.strip())
