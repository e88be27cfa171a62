"""Documents fetched with one command: what a piece of work read last time, as it is now."""

from collections.abc import Callable

import frappe
import pytest

from school_dialer.base.database import read_ahead

SETTINGS = "Dialer Settings"


@pytest.fixture
def commands(monkeypatch) -> list[str]:
	"""Return the commands that Redis gets from now on. The thread keeps nothing of the cache."""
	cache, sent = frappe.cache(), []
	send: Callable = cache.execute_command

	def execute_command(*arguments, **options):
		sent.append(str(arguments[0]))
		return send(*arguments, **options)

	monkeypatch.setattr(frappe.local, "cache", {})
	setattr(frappe.local, read_ahead.KEPT, read_ahead.Kept())
	monkeypatch.setattr(cache, "execute_command", execute_command)
	yield sent
	delattr(frappe.local, read_ahead.KEPT)


def test_what_was_read_last_time_comes_with_one_command(site, commands):
	last = read_ahead.Last()
	read = [work(last), work(last)]
	assert commands[-1] == "MGET" and commands.count("MGET") == 1
	assert read[0] == read[1]


def test_a_document_that_changed_is_the_new_one(site, commands):
	last, cache = read_ahead.Last(), frappe.cache()
	work(last)
	changed = frappe.get_doc(SETTINGS)
	changed.caller_identity = "Northern Lights School"
	try:
		cache.set_value(f"document_cache::{SETTINGS}::{SETTINGS}", changed)
		assert work(last) == "Northern Lights School"
	finally:
		frappe.clear_document_cache(SETTINGS, SETTINGS)


def test_fields_of_hashes_come_with_the_documents(site, commands):
	cache = frappe.cache()
	cache.hset("dialer_test_hash", "kept", ["new"])
	frappe.local.cache.clear()
	try:
		hashed = (("dialer_test_hash", "kept"), ("dialer_test_hash", "missing"))
		read_ahead.documents(read_ahead.SETTINGS, hashed=hashed)
		commands.clear()
		assert cache.hget("dialer_test_hash", "kept") == ["new"] and not commands
		assert cache.hget("dialer_test_hash", "missing") is None and commands == ["HGET"]
	finally:
		cache.delete_value("dialer_test_hash")


def work(last: read_ahead.Last) -> str:
	frappe.local.cache.clear()
	with last.ahead():
		return frappe.get_cached_doc(SETTINGS).caller_identity
