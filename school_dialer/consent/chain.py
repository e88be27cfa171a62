"""The hash chain of consent events: canonical form, hashes, and the search for later changes.

Pure Python, no Frappe. Every phone number has its own chain. An event's hash covers all its evidence and the
hash of the event before it, so an edited, deleted, inserted or re-ordered event breaks the chain at a place
that can be named.

There are only a few billion telephone numbers, so a plain hash over a number and known fields would reveal
the number. In version 2 the number enters as a keyed digest, and the hash says so: "2:", the key's id, ":"
and SHA-256 in hex. Events of version 1 have the SHA-256 alone. A chain that began with them continues in
version 2, and never goes back.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter

from school_dialer.base.wording import Wording as _

VERSION, UNKEYED = "2", "1"
GENESIS = "0" * 64
KEY_ID_DIGITS = 8

# The order is part of the canonical form: appending a field means a new VERSION.
FIELDS = (
	"name",
	"phone",
	"seq",
	"kind",
	"channel",
	"purpose",
	"scope",
	"basis",
	"source",
	"actor",
	"wording",
	"language",
	"attachment",
	"ip",
	"person_doctype",
	"person",
	"reference_doctype",
	"reference_name",
	"note",
	"at_utc",
	"received_utc",
	"expires_utc",
	"received_at",
	"effective_at",
)
COLUMNS = (*FIELDS, "prev_hash", "hash")
NAME, PHONE, SEQ, PURPOSE = (FIELDS.index(field) for field in ("name", "phone", "seq", "purpose"))
AT = FIELDS.index("at_utc")
PREV_HASH, HASH = len(FIELDS), len(FIELDS) + 1

# How many other positions are tried to distinguish a moved event from an edited one.
POSITIONS_TRIED = 5_000

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Problem:
	"""One finding.

	`kind` is "edited", "deleted", "inserted", "re-ordered" or, when the key is missing, "unchecked". `event`
	is the name of the event, or empty if the event is gone. `seq` is its position in the chain of `phone`.
	"""

	kind: str
	phone: str
	seq: int
	event: str
	detail: str


@dataclass(frozen=True)
class Key:
	"""The key for the digests of numbers: 32 bytes that are not in the database. `id` identifies the key."""

	secret: bytes

	@property
	def id(self) -> str:
		return _key_id(self.secret)

	def digest(self, phone: str) -> str:
		"""Return the HMAC-SHA-256 of the number, in hex."""
		return _keyed(self.secret, phone)


@lru_cache(maxsize=8)
def _key_id(secret: bytes) -> str:
	return sha256(b"key id" + secret).hexdigest()[:KEY_ID_DIGITS]


@lru_cache(maxsize=1024)
def _keyed(secret: bytes, phone: str) -> str:
	return hmac.digest(secret, phone.encode(), sha256).hex()


def canonical(values: Sequence, key: Key | None) -> bytes:
	"""Return the bytes to hash: a JSON array of the version, the `FIELDS` in order, and the previous hash.

	With a key the phone is replaced by its digest. Without a key this is version 1.

	JSON keeps the fields apart whatever they contain, and anyone can recompute the hash from these bytes
	years later without this program. Making the bytes from an event of version 2 takes the key.
	"""
	if key:
		values = (*values[:PHONE], key.digest(values[PHONE]), *values[PHONE + 1 :])
	return _encode((VERSION if key else UNKEYED, *values)).encode("utf-8", "surrogatepass")


def hash_of(values: Sequence, key: Key | None) -> str:
	"""Return the hash of one event, given its `FIELDS` followed by `prev_hash`."""
	plain = sha256(canonical(values, key)).hexdigest()
	return f"{VERSION}:{key.id}:{plain}" if key else plain


def seal(values: Sequence, prev_hash: str, key: Key | None) -> tuple:
	"""Return a complete row in the order of `COLUMNS`.

	`values` are those of `FIELDS`; `prev_hash` is the hash of the event before.
	"""
	return (*values, prev_hash, hash_of((*values, prev_hash), key))


def key_id(row: Sequence) -> str:
	"""Return the id of the key that a complete row was sealed with. It is empty in version 1."""
	version, _colon, rest = (row[HASH] or "").partition(":")
	return rest.partition(":")[0] if version == VERSION else ""


def key_of(row: Sequence, key: Key | None) -> Key | None:
	"""Return what is needed to compute this row's hash: the key, or None in version 1."""
	return key if key_id(row) else None


def by_phone(rows: Iterable[Sequence]) -> Iterator[tuple[str, list[Sequence]]]:
	"""Group rows, which must be sorted by phone and seq, into one list per phone."""
	for phone, group in groupby(rows, key=itemgetter(PHONE)):
		yield phone, list(group)


def examine(rows: Sequence[Sequence], head: tuple[int, str] | None, key: Key | None) -> list[Problem]:
	"""Check the chain of one phone.

	`rows` are in the order of seq. `head` is the (seq, hash) that the ledger last wrote. It reveals a chain
	that was cut off or extended at its end, which no link shows. None means that the ledger never wrote for
	this phone.
	"""
	problems: list[Problem] = []
	prev_hash, expected, sound = GENESIS, 1, True
	previous: Sequence | None = None
	if strange := next((row for row in rows if key_id(row) and not (key and key.id == key_id(row))), None):
		problems.append(_without_key(strange))
	for row in rows:
		checkable = not key_id(row) or bool(key and key.id == key_id(row))
		hash_matches = not checkable or row[HASH] == hash_of(row[:HASH], key_of(row, key))
		if not hash_matches:
			problems.append(_altered(row, rows, key_of(row, key)))
		if row[SEQ] > expected:
			problems.append(_missing(row[PHONE], expected, row[SEQ] - 1))
		elif row[PREV_HASH] != prev_hash and hash_matches and sound:
			problems.append(_unlinked(row, previous))
		if previous is not None and hash_matches and sound:
			problems.extend(_out_of_order(row, previous))
		prev_hash, expected, sound, previous = row[HASH], row[SEQ] + 1, hash_matches, row
	problems.extend(_compare_with_head(rows, head, sound))
	return problems


def _out_of_order(row: Sequence, previous: Sequence) -> Iterator[Problem]:
	if row[AT] <= previous[AT]:
		yield _problem("re-ordered", row, _("It is dated before the event that precedes it."))
	if key_id(previous) and not key_id(row):
		yield _problem(
			"edited", row, _("Its hash is made without the key, and that of the event before with it.")
		)


def _without_key(row: Sequence) -> Problem:
	return _problem(
		"unchecked",
		row,
		_("It was sealed with another encryption key of the site than it has now (id {0}).", key_id(row)),
	)


def _problem(kind: str, row: Sequence, detail: str) -> Problem:
	return Problem(kind, row[PHONE], row[SEQ], row[NAME], detail)


def _altered(row: Sequence, rows: Sequence[Sequence], key: Key | None) -> Problem:
	for other in rows[:POSITIONS_TRIED]:
		if row[HASH] == hash_of((*row[:SEQ], other[SEQ], *row[SEQ + 1 : HASH]), key):
			return _problem("re-ordered", row, _("It was written as event {0} of its number.", other[SEQ]))
	return _problem("edited", row, _("Its content does not match its hash."))


def _missing(phone: str, first: int, last: int) -> Problem:
	count = last - first + 1
	what = (
		_("Event {0} is missing.", first) if count == 1 else _("Events {0} to {1} are missing.", first, last)
	)
	return Problem("deleted", phone, first, "", what)


def _unlinked(row: Sequence, previous: Sequence | None) -> Problem:
	if previous is None:
		return _problem(
			"inserted", row, _("It is the first event of its number but refers to an earlier one.")
		)
	if row[PREV_HASH] == previous[PREV_HASH]:
		return _problem("inserted", row, _("It claims the same predecessor as event {0}.", previous[SEQ]))
	return _problem("edited", previous, _("Event {0} was linked to other content than it now has.", row[SEQ]))


def _compare_with_head(
	rows: Sequence[Sequence], head: tuple[int, str] | None, sound: bool
) -> Iterator[Problem]:
	last = rows[-1]
	if head is None:
		yield _problem("inserted", last, _("The ledger never wrote an event for this number."))
		return
	seq, digest = head
	if last[SEQ] < seq:
		yield _missing(last[PHONE], last[SEQ] + 1, seq)
	elif last[SEQ] > seq:
		for row in rows:
			if row[SEQ] > seq:
				yield _problem("inserted", row, _("The ledger's last event of this number is {0}.", seq))
	elif last[HASH] != digest and sound:
		yield _problem("edited", last, _("It is not the event that the ledger wrote last."))


def vanished(phone: str, head: tuple[int, str]) -> Problem:
	"""Return the finding for a number that has a head but no events left."""
	return _missing(phone, 1, head[0])
