"""Documents of Frappe's cache, fetched many at once by a process that answers request after request.

Frappe asks Redis for each document and unpacks it, in each request. `documents` asks for those that a request
is going to read with one command, and unpacks those that have changed since this thread saw them last. A
request that did not enter by the fast path (`webhooks/own_context.py`) reads them one by one, as always.
"""

import pickle
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import frappe
from redis.exceptions import RedisError

KEPT = "dialer_kept_documents"
"""Where `frappe.local` has the `Kept` of a request by the fast path."""
MOST = 64
SETTINGS = ("Dialer Settings", "Dialer Settings")


class Kept(threading.local):
	"""Entries that this thread has seen, each with the bytes it was made from. Requests only read them."""

	def __init__(self) -> None:
		self.seen: dict[bytes, tuple[bytes, Any]] = {}

	def unpacked(self, key: bytes, packed: bytes) -> Any:
		entry = self.seen.pop(key, None)
		if entry is None or entry[0] != packed:
			entry = packed, unpacked(packed)
		self.seen[key] = entry
		if len(self.seen) > MOST:
			del self.seen[next(iter(self.seen))]
		return entry[1]


def unpacked(packed: bytes) -> Any:
	"""Return an entry as Frappe does. The bytes are of its own cache."""
	return pickle.loads(packed)


def documents(
	*wanted: tuple[str, str | None],
	entries: tuple[str, ...] = (),
	hashed: tuple[tuple[str, str], ...] = (),
) -> None:
	"""Put documents, as (DocType, name), and other entries of the cache where `frappe.get_cached_doc` looks.

	One that is not in the cache, or all of them without Redis, are left to the code that needs them. `hashed`
	are fields of hashes, as (name, field): one more command each, in the same request.
	"""
	names = [f"document_cache::{doctype}::{name}" for doctype, name in wanted if name]
	make_key = frappe.cache().make_key
	_fetch(
		[make_key(name) for name in (*names, *entries)], [(make_key(name), field) for name, field in hashed]
	)


def _fetch(wanted: Sequence[bytes], hashed: Sequence[tuple[bytes, str]] = ()) -> None:
	kept, cache = getattr(frappe.local, KEPT, None), frappe.local.cache
	keys = [key for key in wanted if key not in cache]
	fields = [(key, field) for key, field in hashed if field not in cache.get(key, ())]
	if kept is None or not keys:
		return
	with suppress(RedisError):
		strings, *others = _answers([("MGET", *keys), *(("HGET", key, field) for key, field in fields)])
		for key, packed in zip(keys, strings, strict=True):
			if packed is not None:
				cache[key] = kept.unpacked(key, packed)
		for (key, field), packed in zip(fields, others, strict=True):
			if packed is not None:
				cache.setdefault(key, {})[field] = unpacked(packed)


def _answers(commands: Sequence[tuple]) -> list:
	"""Return the answers to commands that are sent at once."""
	if len(commands) == 1:
		return [frappe.cache().execute_command(*commands[0])]
	with frappe.cache().pipeline(transaction=False) as pipe:
		for command in commands:
			pipe.execute_command(*command)
		return pipe.execute()


class Last:
	"""What a piece of work that is done again and again read from the cache last time."""

	def __init__(self) -> None:
		self.keys: tuple[bytes, ...] = ()

	@contextmanager
	def ahead(self) -> Iterator[None]:
		"""Fetch that with one command for the work in the block, and note what the block reads."""
		before = frozenset(frappe.local.cache)
		_fetch(self.keys)
		yield
		self.keys = tuple(key for key in frappe.local.cache if key not in before)[:MOST]


def again(held: Mapping[bytes, Any]) -> dict[bytes, Any]:
	"""Return what the cache has now of the entries that are held, with one command and one for each hash.

	An entry that is gone is left out, for the code that needs it to make it again.
	"""
	cache, keys, fresh = frappe.cache(), list(held), {}
	with suppress(RedisError):
		for key, packed in zip(keys, cache.execute_command("MGET", *keys) if keys else (), strict=True):
			if packed is not None:
				fresh[key] = unpacked(packed)
			elif isinstance(held[key], dict) and (fields := list(held[key])):
				values = zip(fields, cache.execute_command("HMGET", key, *fields), strict=True)
				fresh[key] = {field: unpacked(value) for field, value in values if value is not None}
	return {key: value for key, value in fresh.items() if value}
