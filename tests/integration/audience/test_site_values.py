"""Values that the app keeps for the site: written without a word to Frappe's caches, and moved by a patch."""

import frappe
import pytest

from school_dialer.base import site_values
from school_dialer.base.database.rows import insert, stamp
from school_dialer.patches.renamed import site_values as patch
from tests.integration import statements

EARLIER = {
	"dialer_hosts": '["one"]',
	"dialer_texts_read_until": "2026-01-01T00:00:00+00:00",
	"dialer_texts_read_until:second": "2026-01-02T00:00:00+00:00",
}


@pytest.fixture
def nothing_kept():
	"""Keep nothing, in a transaction that is rolled back."""
	site_values.forget_all()
	frappe.db.delete("DefaultValue", {"parent": "__global", "defkey": ("like", "dialer%")})
	yield
	frappe.db.rollback()


def test_a_value_is_kept_replaced_and_forgotten(nothing_kept):
	assert site_values.read("of_test") is None
	site_values.write("of_test", "1")
	site_values.write("of_test", "2")
	assert site_values.read("of_test") == "2"
	site_values.write("ofXtest", "3")
	assert site_values.keys("of_") == ["of_test"]
	site_values.forget("of_test")
	assert site_values.read("of_test") is None


def test_writing_and_forgetting_leave_the_sites_caches(nothing_kept):
	frappe.get_meta("User")
	site_values.write("of_test", "1")
	site_values.forget("of_test")
	assert frappe.cache.hget("doctype_meta", "User")


def test_a_cached_value_is_read_once_and_follows_what_is_written(nothing_kept):
	site_values.write("of_test", "1")
	assert [site_values.cached("of_test") for _time in range(2)] == ["1", "1"]
	assert statements.count(site_values.cached, "of_test") == 0
	site_values.write("of_test", "2")
	assert site_values.cached("of_test") == "2"
	frappe.db.rollback()
	assert site_values.cached("of_test") is None
	site_values.write("of_test", "3")
	site_values.forget_all()
	assert site_values.cached("of_test") is None


def test_values_that_were_global_defaults_are_moved(nothing_kept):
	earlier = {**EARLIER, "dialer_of_another_app": "theirs"}
	rows = [{"parent": "__global", "defkey": key, "defvalue": earlier[key]} for key in earlier]
	insert("DefaultValue", [{"name": frappe.generate_hash(), **stamp(), **row} for row in rows])
	for _run in range(2):
		patch.execute()
	assert {key: site_values.read(key) for key in site_values.keys("dialer_")} == EARLIER
	left = frappe.get_all(
		"DefaultValue", {"parent": "__global", "defkey": ("like", "dialer%")}, pluck="defkey"
	)
	assert left == ["dialer_of_another_app"]
