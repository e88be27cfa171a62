"""The people of an audience as they were when approval was asked for: who was added since is not called.

Between an approver's look and the plan, a group can grow from 34 people to 181. A request keeps a keyed
digest of each person, by name: no one is learned from it without the site's key. People who left are not
called either, as always.
"""

import base64
import hmac
from collections.abc import Callable, Iterable
from hashlib import sha256

import frappe

from school_dialer.audience.base import Candidate, source_of
from school_dialer.base.database import aliases
from school_dialer.consent import keys

CHUNK = 1000
SIZE = 6
"""Bytes of each digest. That a stranger has the same as one of 50,000 people is one in five billion."""
Key = tuple[str, str]


def text_of(campaign) -> str | None:
	"""Return the digests of the people whom the campaign would call now, as text.

	Return None for a source whose people are fixed otherwise, and for one that cannot be read now: no one
	would be called once it can, in an emergency that stopped for it. It is not approved before.
	"""
	try:
		source = source_of(campaign)
		return None if source.fixed else written(campaign.name, people_of(source))
	except frappe.ValidationError:
		frappe.clear_last_message()
		return None


def people_of(source) -> Iterable[Key]:
	after: str | None = ""
	while after is not None:
		households, after = source.households(after, CHUNK)
		yield from (key_of(person) for people in households for person in people)


def written(campaign: str, people: Iterable[Key]) -> str:
	digest_of = digests(campaign)
	return base64.b64encode(b"".join(sorted({digest_of(key) for key in people}))).decode()


def read(text: str) -> frozenset[bytes]:
	raw = base64.b64decode(text)
	return frozenset(raw[place : place + SIZE] for place in range(0, len(raw), SIZE))


def added(campaign: str, text: str, candidates: Iterable[Candidate]) -> frozenset[Key]:
	"""Return those of these people whom `text` does not have under any of their names."""
	asked, digest_of = read(text), digests(campaign)
	new = {key for person in candidates if digest_of(key := key_of(person)) not in asked}
	return frozenset(new - renamed(new, lambda key: digest_of(key) in asked))


def renamed(people: set[Key], was_asked: Callable[[Key], bool]) -> set[Key]:
	"""Return those of these people who were among those asked about under an earlier name."""
	before = set()
	for doctype, names in aliases.by_doctype(people).items():
		before |= {(doctype, name) for name in aliases.earlier(doctype, names)}
	asked = {key for key in before - people if was_asked(key)}
	return {(doctype, name) for (doctype, _old), name in aliases.current(asked).items()}


def key_of(person: Candidate) -> Key:
	"""Return who this is. Without a record it is the first number. Some apps name records by numbers."""
	return person.person_doctype, str(person.person or (person.phones[0] if person.phones else "") or "")


def digests(campaign: str) -> Callable[[Key], bytes]:
	key = keys.derive("approval person")

	def digest_of(person: Key) -> bytes:
		return hmac.digest(key, "\0".join((campaign, *person)).encode(), sha256)[:SIZE]

	return digest_of
