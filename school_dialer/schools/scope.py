"""Which schools a campaign has to do with: whose families it reaches, and in whose name it speaks."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from frappe import _

from school_dialer.base.bounds import bounded_json, plain_text
from school_dialer.base.refusal import throw
from school_dialer.schools import registry

EACH_FAMILYS = "Each family's school"
"""The choice of `said_by`: a district's campaign speaks in the name of the youngest child's school."""
NO_SCHOOL = "\x00"
"""The name of no school: what cannot be read reaches no family."""
LONGEST_JSON = 50_000


@dataclass(frozen=True, slots=True)
class Scope:
	"""The schools of one campaign.

	- `schools`: only families of these schools are reached; empty for the whole district.
	- `name`: the school in whose name it speaks, or "" for the district.
	- `each`: it speaks in the name of each family's own school.
	"""

	schools: frozenset[str] = frozenset()
	name: str = ""
	each: bool = False


WHOLE = Scope()


def scope_of(campaign) -> Scope:
	"""Return the scope of a campaign, a rule, or an audience: any record or dict with the field `school`.

	On a site whose one school it names it is the whole site. A school that is not in use is not widened to
	the district: it reaches no other school's family.
	"""
	school = campaign.get("school") or ""
	if school:
		return WHOLE if set(registry.schools()) == {school} else Scope(frozenset({school}), school)
	if not registry.is_district():
		return WHOLE
	return Scope(chosen(campaign.get("schools")), "", campaign.get("said_by") == EACH_FAMILYS)


def chosen(text: str | None) -> frozenset[str]:
	"""Return the schools of a JSON list, none for a blank one, `NO_SCHOOL` for one that cannot be read."""
	if not text:
		return frozenset()
	try:
		names = bounded_json.given(text, LONGEST_JSON)
	except (bounded_json.NotRead, ValueError, TypeError):
		return frozenset({NO_SCHOOL})
	if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
		return frozenset({NO_SCHOOL})
	return frozenset(names)


def refuse_unused(campaign) -> None:
	"""Raise ValidationError for a school that is not in use, and for a choice of schools that names none."""
	in_use = registry.schools()
	for school in sorted(scope_of(campaign).schools):
		if school not in in_use:
			shown = _("This choice of schools") if school == NO_SCHOOL else plain_text.line(school)
			throw(_("{0} is not a school in use. Choose another one.").format(shown))


def as_json(schools: Collection[str]) -> str | None:
	"""Return what `chosen` reads."""
	return json.dumps(sorted(set(schools)), ensure_ascii=False) if schools else None
