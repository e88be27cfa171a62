"""Anchors as values: a signature over the last event of every number up to a given time.

Pure Python, no Frappe. The heads are summed into buckets, so that the anchors of years are checked in the
same pass that checks the chains, and a mismatch points to the few numbers in its bucket. Each head enters as
a keyed digest: without the key, no one can find another set of heads with the same sums.
"""

import base64
import hmac
import json
import zlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from school_dialer.consent import chain

BUCKETS = 1024
WIDTH = 16
MODULUS = 1 << (8 * WIDTH)


@dataclass(frozen=True)
class Anchor:
	"""One anchor.

	`cutoff_utc` bounds the events covered (ISO text like `at_utc`). `digests` are the packed bucket sums.
	`problems` is how many problems the ledger had when it was signed.
	"""

	seq: int
	cutoff_utc: str
	events: int
	phones: int
	problems: int
	digests: str
	prev_signature: str
	key_id: str
	signature: str = ""


@dataclass(frozen=True)
class Keys:
	"""The keys of the anchors: one for heads, one for signatures.

	`id` identifies the site key they came from.
	"""

	head: bytes
	signature: bytes

	@property
	def id(self) -> str:
		return sha256(b"key id" + self.signature).hexdigest()[:16]


@dataclass(frozen=True)
class Sums:
	"""Counts and bucket sums of the ledger up to one cut-off."""

	events: int
	phones: int
	buckets: tuple[int, ...]

	@property
	def digests(self) -> str:
		packed = b"".join(value.to_bytes(WIDTH, "big") for value in self.buckets)
		return base64.b64encode(zlib.compress(packed, 9)).decode()


def unpack(digests: str) -> tuple[int, ...]:
	packed = zlib.decompress(base64.b64decode(digests))
	return tuple(int.from_bytes(packed[at : at + WIDTH], "big") for at in range(0, BUCKETS * WIDTH, WIDTH))


def bucket_of(phone: str) -> int:
	return zlib.crc32(phone.encode()) % BUCKETS


class Tally:
	"""Sums for many cut-offs at once, fed with one chain at a time.

	An event is the head of its number from its own time until that of the next event. Its digest is added
	where that span begins and subtracted where it ends, so that running totals give the sums of all cut-offs.
	"""

	def __init__(self, cutoffs: Sequence[str], head_key: bytes):
		self.cutoffs = list(cutoffs)
		self.key = head_key
		size = len(self.cutoffs) + 1
		self.changes: list[dict[int, int]] = [defaultdict(int) for _ in range(size)]
		self.events = [0] * size
		self.phones = [0] * size

	def add(self, rows: Sequence[Sequence]) -> None:
		"""Add one number's events, in the order of seq."""
		if not self.cutoffs:
			return
		bucket = bucket_of(rows[0][chain.PHONE])
		starts = [bisect_left(self.cutoffs, row[chain.AT]) for row in rows]
		ends = [*starts[1:], len(self.cutoffs)]
		self.phones[starts[0]] += 1
		for row, start, end in zip(rows, starts, ends, strict=True):
			self.events[start] += 1
			if start < end:
				digest = self._digest(row)
				self.changes[start][bucket] += digest
				self.changes[end][bucket] -= digest

	def _digest(self, row: Sequence) -> int:
		text = f"{row[chain.PHONE]}|{row[chain.SEQ]}|{row[chain.HASH]}"
		return int.from_bytes(hmac.digest(self.key, text.encode(), sha256)[:WIDTH], "big")

	def sums(self) -> list[Sums]:
		"""Return the sums for each cut-off, in order."""
		buckets, events, phones, result = [0] * BUCKETS, 0, 0, []
		for place in range(len(self.cutoffs)):
			for bucket, change in self.changes[place].items():
				buckets[bucket] = (buckets[bucket] + change) % MODULUS
			events += self.events[place]
			phones += self.phones[place]
			result.append(Sums(events, phones, tuple(buckets)))
		return result


def sign(anchor: Anchor, keys: Keys) -> Anchor:
	return replace(anchor, signature=_signature(anchor, keys))


def _signature(anchor: Anchor, keys: Keys) -> str:
	values = asdict(replace(anchor, signature=""))
	text = json.dumps(values, sort_keys=True, separators=(",", ":"))
	return hmac.digest(keys.signature, text.encode(), sha256).hex()


@dataclass(frozen=True)
class Finding:
	"""A problem with one anchor. `buckets` are those whose numbers no longer end as they did."""

	anchor: int
	detail: str
	buckets: tuple[int, ...] = ()


def compare(anchors: Sequence[Anchor], sums: Sequence[Sums], keys: Keys) -> Iterable[Finding]:
	"""Compare anchors, in order, with the current sums of the ledger."""
	previous = chain.GENESIS
	for place, (anchor, now) in enumerate(zip(anchors, sums, strict=True), start=1):
		if anchor.seq != place:
			yield Finding(anchor.seq, f"Anchor {place} is missing.")
			return
		if anchor.key_id != keys.id:
			yield Finding(anchor.seq, "It was signed with another key of the site and cannot be checked.")
		elif not hmac.compare_digest(anchor.signature, _signature(anchor, keys)):
			yield Finding(anchor.seq, "Its signature is not its own.")
		elif anchor.prev_signature != previous:
			yield Finding(anchor.seq, "It does not follow the anchor before.")
		else:
			yield from _compare(anchor, now)
		previous = anchor.signature


def _compare(anchor: Anchor, now: Sums) -> Iterable[Finding]:
	then = unpack(anchor.digests)
	changed = tuple(place for place in range(BUCKETS) if then[place] != now.buckets[place])
	if changed or (anchor.events, anchor.phones) != (now.events, now.phones):
		detail = (
			f"Then {anchor.events} events of {anchor.phones} numbers, now {now.events} of {now.phones}; "
			f"{len(changed)} of {BUCKETS} digests differ."
		)
		yield Finding(anchor.seq, detail, changed)
