"""The policies in the package, by name or country: dated data, each value with its citation.

``us-states`` (the federal rules with the hours of the states) is the policy of the United States. ``ca``,
``gb``, ``eu`` and ``in`` are strict defaults and marked that way. A country without a policy gets ``NONE``,
under which every request is blocked. ``superseded/`` keeps earlier versions, so that decisions made under
them can be replayed.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from school_dialer.base.phone import PhoneNumber
from school_dialer.compliance.model import Request
from school_dialer.compliance.places import country_of
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.reading import PolicyError, parse
from school_dialer.compliance.vocabulary import CITED_CODES

_FOLDER = Path(__file__).parent
_STATES = "us-states"

NONE = Policy.from_dict(
	{
		"name": "none",
		"version": "1",
		"title": "No policy: no one is called",
		"effective_from": "2025-01-01",
		"strict_default": True,
		"countries": [],
		"consent": {
			"bases": {
				"*": ["number provided", "express oral", "express written"],
				"Fundraising": ["express written"],
			},
			"landline_exempt_purposes": [],
			"stale_after_days": None,
		},
		"hours": {"number_zones": "always", "days": {"*": None}, "states": {}},
		"holidays": {"keep_listed": False, "legal": [], "legal_in_states": []},
		"caps": [],
		"records": {"purposes": ["Academic", "Attendance"], "age_of_majority": 18},
		"citations": dict.fromkeys(CITED_CODES, "No rules are loaded for this country"),
	}
)


@lru_cache(maxsize=1)
def policy_names() -> tuple[str, ...]:
	"""Return the names of the policies in the package, sorted."""
	return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def load(name: str, version: str | None = None) -> Policy:
	"""Return a policy by its name ("us-states") or country ("US"): the current version, unless one is given.

	Raises PolicyError when there is no such policy.
	"""
	key = name.strip().lower() if isinstance(name, str) else ""
	if key == NONE.name:
		return NONE
	key = _by_country().get(key.upper(), key)
	if key not in policy_names():
		raise PolicyError("there is no policy of that name")
	present = _load(key)
	return present if version in (None, present.version) else _superseded(key, version)


@lru_cache(maxsize=32)
def _superseded(name: str, version: str) -> Policy:
	path = _FOLDER / "superseded" / f"{name}-{version}.json"
	if path.name not in {packaged.name for packaged in path.parent.glob("*.json")}:
		raise PolicyError("the package has no such version of that policy")
	return Policy.from_dict(parse(path.read_text(encoding="utf-8")))


@lru_cache(maxsize=32)
def _load(name: str) -> Policy:
	return Policy.from_dict(_resolved(name))


@lru_cache(maxsize=256)
def for_person(country: str | None, state: str | None = None) -> Policy:
	"""Return the policy that applies to a person: NONE for a country without rules.

	``country`` is an ISO code. ``state`` does not affect the choice: a country's policy holds the rules of
	its states.
	"""
	name = _by_country().get(country or "")
	return load(name) if name else NONE


def for_request(request: Request) -> Policy:
	"""Return the policy of the person's country or, when that is missing, of the number's country.

	Without either it is the policy of the United States.
	"""
	country = country_of(request.person)
	if country is None:
		country = request.phone.country if isinstance(request.phone, PhoneNumber) else "US"
	return for_person(country)


@lru_cache(maxsize=1)
def _by_country() -> dict[str, str]:
	countries = {country: name for name in policy_names() for country in _resolved(name)["countries"]}
	return {country: _STATES if name.startswith("us-") else name for country, name in countries.items()}


@lru_cache(maxsize=256)
def _resolved(name: str) -> dict[str, Any]:
	"""Return the data of one policy with those it extends merged in: objects by key, lists appended."""
	data = parse((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
	base = data.pop("extends", None)
	return _merged(_resolved(base), data) if base else data


def _merged(base: Any, more: Any) -> Any:
	if isinstance(base, dict) and isinstance(more, dict):
		in_both = {key: _merged(base[key], more[key]) for key in base if key in more}
		return {**base, **more, **in_both}
	if isinstance(base, list) and isinstance(more, list):
		return base + more
	return more
