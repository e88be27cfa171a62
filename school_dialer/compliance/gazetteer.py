"""The tables of places, by edition: states and provinces, postal codes, area codes.

A policy names the edition it was written with, so that a decision can be repeated years later with the tables
of its time (``editions/*.json``). An edition never changes once it has shipped in a release of the package.
Corrections go into a new edition.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

UNITED_STATES = "US"
FIRST_EDITION = "2026.1"
"""The edition of policies that name none."""

_FOLDER = Path(__file__).with_name("editions")
_not_words = re.compile(r"[\W_]+").sub


@dataclass(frozen=True, slots=True)
class AreaCode:
	"""One area code.

	``country`` is the country that the ``states`` belong to. ``zones`` are all IANA zones that a number with
	this area code may be in.
	"""

	country: str
	states: tuple[str, ...]
	zones: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Edition:
	"""One edition, indexed. Keys of postal codes are their first three digits, or all five."""

	country_names: Mapping[str, str]
	countries: Mapping[str, tuple[str, ...]]
	state_zones: Mapping[str, Mapping[str, tuple[str, ...]]]
	state_names: Mapping[str, Mapping[str, str]]
	zip_states: Mapping[str, str | None]
	zip_zones: Mapping[str, tuple[str, ...]]
	area_codes: Mapping[str, AreaCode]
	military_zips: frozenset[str]
	state_words: frozenset[str]
	doubts: bool
	"""Whether an address that cannot be read in full counts as doubtful.

	The first edition ignored the problem.
	"""

	def country(self, name: str | None) -> str | None:
		"""Return the ISO code of a country name, or None when the name is empty.

		An unknown name is returned as it is, stripped and in upper case.
		"""
		text = (name or "").strip().upper()
		return self.country_names.get(text, text) or None

	def state(self, country: str, text: str | None) -> str | None:
		"""Return the abbreviation of a state as people write it ("Fla.", "florida"), or None."""
		names = self.state_names.get(country, {})
		plain = (text or "").strip().upper()
		if plain in names or not self.state_words:
			return names.get(plain)
		words = _words(plain)
		kept = [word for word in words if word not in self.state_words]
		return names.get(" ".join(words)) or names.get(" ".join(kept))

	def has_states(self, country: str) -> bool:
		return country in self.state_names

	def state_of_zip(self, postal_code: str | None) -> str | None:
		"""Return the state of a US postal code, or None.

		A code that is listed in full decides by all five digits; it gives None when it is a placeholder,
		which belongs to no place. Any other code decides by its first three digits.
		"""
		whole, prefix = _zip(postal_code)
		return self.zip_states[whole] if whole in self.zip_states else self.zip_states.get(prefix)

	def zones_of_zip(self, state: str, postal_code: str | None) -> tuple[str, ...] | None:
		"""Return the zones to which the postal code narrows the state, or None when it does not narrow it."""
		_, prefix = _zip(postal_code)
		return self.zip_zones.get(prefix) if self.state_of_zip(postal_code) == state else None

	def is_military(self, state: str | None, postal_code: str | None) -> bool:
		"""Return whether the address is a military or diplomatic post office.

		Such an address may be anywhere in the world (USPS Publication 28).
		"""
		whole, prefix = _zip(postal_code)
		return state in MILITARY or prefix in self.military_zips or whole in self.military_zips


MILITARY = frozenset({"AA", "AE", "AP"})
"""Armed Forces Americas, Europe (and Africa, Canada, the Middle East) and Pacific."""


@lru_cache(maxsize=1)
def editions() -> tuple[str, ...]:
	return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def latest() -> Edition:
	return edition(editions()[-1])


@lru_cache(maxsize=8)
def edition(name: str) -> Edition:
	"""Load one edition. Raises KeyError for an edition that is not in the package."""
	if name not in editions():
		raise KeyError(name)
	return _indexed(json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def _indexed(data: dict[str, Any]) -> Edition:
	states, us = data["states"], data["states"][UNITED_STATES]
	return Edition(
		country_names=data["country_names"],
		countries={country: tuple(zones) for country, zones in data["countries"].items()},
		state_zones={country: _zones_by_state(table) for country, table in states.items()},
		state_names={country: _names(country, table, data) for country, table in states.items()},
		zip_states={prefix: code for code, state in us.items() for prefix in prefixes(state["zip"])}
		| dict.fromkeys(data.get("placeholder_zips", ())),
		zip_zones={
			prefix: tuple(zones)
			for state in us.values()
			for text, zones in state.get("zip_zones", {}).items()
			for prefix in prefixes(text)
		},
		area_codes=_area_codes(data),
		military_zips=frozenset(prefixes(data.get("military", {}).get("zip", ""))),
		state_words=frozenset(data.get("state_words", ())),
		doubts="military" in data,
	)


def _zones_by_state(table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
	return {code: tuple(state["zones"]) for code, state in table.items()}


def _names(country: str, table: dict[str, Any], data: dict[str, Any]) -> dict[str, str]:
	"""Map every spelling that the edition knows, in upper case, to the abbreviation."""
	names = {}
	aliases = data.get("aliases", {}).get(country, {})
	for code, state in table.items():
		written = [state["name"].upper(), *filter(None, aliases.get(code, "").split(", "))]
		names |= dict.fromkeys((code, *written), code)
		if code in aliases or "state_words" in data:
			names |= {" ".join(_words(text)): code for text in written}
	if country == UNITED_STATES:
		for code, name in data.get("military", {}).get("states", {}).items():
			names[code] = names[name] = code
	return names


def _area_codes(data: dict[str, Any]) -> dict[str, AreaCode]:
	if "area_codes" in data:
		return {
			code: AreaCode(entry["country"], tuple(entry["states"]), tuple(entry["zones"]))
			for code, entry in data["area_codes"].items()
		}
	return {
		code: AreaCode(UNITED_STATES, (name,), ())
		for name, state in data["states"][UNITED_STATES].items()
		for code in state.get("area_codes", "").split()
	}


def prefixes(text: str) -> list[str]:
	"""Expand ``"320-322 325 96799"`` to ``["320", "321", "322", "325", "96799"]``."""
	expanded = []
	for part in text.split():
		first, _, last = part.partition("-")
		expanded += [f"{number:0{len(first)}d}" for number in range(int(first), int(last or first) + 1)]
	return expanded


def _words(text: str) -> list[str]:
	"""Split text into upper-case words without accents or punctuation.

	Single letters in a row become one word: "N.Y." becomes "NY".
	"""
	plain = unicodedata.normalize("NFKD", text).upper()
	plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
	words: list[str] = []
	letters = False
	for word in _not_words(" ", plain).split():
		if letters and len(word) == 1:
			words[-1] += word
		else:
			words.append(word)
		letters = len(word) == 1
	return words


def _zip(postal_code: str | None) -> tuple[str, str]:
	"""Return a US postal code's five digits and its first three, or ("", "") when it is not a postal code."""
	text = (postal_code or "").strip()[:5]
	return (text, text[:3]) if len(text) == 5 and text.isascii() and text.isdigit() else ("", "")
