"""Attacks on the receipt page: guesses, disguised input, and floods."""

import secrets

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.consent.choices import rate_limits
from school_dialer.consent.receipts import codes, receipt
from school_dialer.website import receipt_page
from tests.effort import examples
from tests.integration import factories as make
from tests.integration.preferences.shown import last_event

CALM = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
NASTY = '"><script>alert(1)</script>{{7919*7919}}'
KEY = b"k" * 32


@pytest.fixture
def code(phone) -> str:
	make.consent(phone)
	return receipt.code_of(last_event(phone).name)


def test_every_neighbor_of_a_code_is_refused(holder, phone, code):
	bare = code.replace("-", "")
	for place in range(12):
		for other in codes.ALPHABET[::5]:
			if other != bare[place]:
				holder.get(c=bare[:place] + other + bare[place + 1 :])
				assert holder.answer.status_code == 422 and f"ends in {phone[-2:]}" not in holder.text


def test_well_typed_guesses_find_nothing(holder, code):
	for number in range(100):
		guess = codes.of_name(f"{codes.FROM + number * 10**9:013x}{secrets.token_hex(4)}", KEY)
		holder.get(c=guess)
		assert holder.answer.status_code == 404


@pytest.mark.parametrize("field", ["c", "lang", "done", "t"])
def test_markup_in_a_field_stays_text(holder, code, field):
	for query in ({field: NASTY}, {"c": code, field: NASTY}):
		for ask in (holder.get, holder.post):
			ask(**query)
			assert "<script" not in holder.html and "62710561" not in holder.html
			assert "\n" not in holder.answer.headers.get("Location", "")


def test_markup_in_the_schools_name_stays_text(holder, code, monkeypatch):
	school = frappe.get_cached_doc("Dialer Settings")
	monkeypatch.setattr(school, "school_name", NASTY)
	monkeypatch.setattr(school, "call_back_number", NASTY)
	monkeypatch.setattr(frappe, "get_cached_doc", lambda *_: school)
	for query in ({}, {"c": code}):
		holder.get(**query)
		assert "<script" not in holder.html


@pytest.mark.parametrize("text", ["\x00", "x" * 10**6, "٣" * 12, "é" * 12, "0000-0000-0000 or 1=1", "NaN"])
def test_what_is_no_code_is_said_so_and_not_repeated(holder, text):
	assert holder.post(c=text).status_code == 422
	assert "not a complete code" in holder.text and text not in holder.html


def test_a_form_of_twenty_thousand_fields_is_refused(holder, code):
	answer = holder.post(c=code, **{f"f{number}": "x" for number in range(20_000)})
	assert answer.status_code == 413 and "too large" in holder.text


def test_the_page_changes_nothing(holder, phone, code):
	before = [frappe.db.count(doctype) for doctype in ("Consent Event", "Dialer Notice")]
	for ask in (holder.get, holder.post):
		ask(c=code, act="stop:Any:All", phone=phone, seen="1")
	assert [frappe.db.count(doctype) for doctype in ("Consent Event", "Dialer Notice")] == before


@pytest.fixture
def counted(holder, same_window, monkeypatch):
	"""Return a guest under the real counters, at an address that no other test uses."""
	monkeypatch.undo()
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	holder.ip = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
	return holder


def test_one_network_tries_so_often_and_no_more(counted, code):
	network = counted.ip.removesuffix("1")
	for number in range(receipt_page.TRIES_PER_ADDRESS):
		counted.ip = f"{network}{number + 1:x}"
		assert counted.post(c="0000-0000-0000").status_code in (404, 422)
	answer = counted.get(c=code)
	assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
	assert "Too many tries" in counted.text and counted.get().status_code == 200
	counted.ip = "203.0.113.77"
	assert counted.get(c=code).status_code == 200


def test_counters_hold_no_code(code):
	rate_limits.over("receipt", code, 1, 3600)
	assert code.encode() not in b" ".join(frappe.cache().keys("*school_dialer:limit*"))


@settings(max_examples=examples(150), **CALM)
@given(form=st.dictionaries(st.sampled_from(["c", "lang", "t", "act"]), st.text(max_size=80)))
def test_no_form_breaks_the_page(holder, form):
	assert holder.post(**form).status_code in (200, 404, 422)
