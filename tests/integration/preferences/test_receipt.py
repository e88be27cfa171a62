"""The receipt of a change: on the preference page, in the confirmation, and what its page says of it."""

import re
from collections.abc import Iterator

import frappe
import pytest

from school_dialer.consent import chain, keys, ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import stream
from school_dialer.consent.receipts import log_entry, receipt
from school_dialer.consent.replies import confirmation_requests
from school_dialer.followup import confirmations
from school_dialer.website import preference_page, receipt_page, words
from tests.integration import factories as make
from tests.integration.preferences.shown import last_event

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def code_on(visitor) -> str:
	(code,) = set(CODE.findall(visitor.text))
	return code


def test_a_change_on_the_page_has_a_receipt_that_can_be_followed(visitor, holder, phone, link):
	visitor.press(link, "stop:Voice:Attendance")
	code = code_on(visitor)
	event = last_event(phone)
	assert (receipt.code_of(event.name), receipt.event_of(code)) == (code, event.name)
	(address,) = set(re.findall(r'href="(/dialer-receipt\?[^"]+)"', visitor.html))
	assert f"c={code}" in address
	holder.get(c=code, lang="en")
	assert holder.answer.status_code == 200 and code in holder.text
	for said in ("Stopped", "Attendance", "Phone calls", f"ends in {phone[-2:]}", "is as it was recorded"):
		assert said in holder.text
	assert phone[2:] not in holder.html and phone[-4:] not in holder.text


def test_it_works_typed_in_any_way(holder, phone):
	make.consent(phone)
	code = receipt.code_of(last_event(phone).name)
	for typed in (code.lower(), code.replace("-", " "), f" {code.replace('-', '')} "):
		holder.post(c=typed)
		assert holder.answer.status_code == 200 and "Agreed" in holder.text and code in holder.text


def test_it_works_at_once_and_says_when_the_log_has_it(holder, phone, link, visitor, monkeypatch):
	visitor.press(link, "stop:Any:All")
	code = code_on(visitor)
	holder.get(c=code)
	assert "not in the signed log yet" in holder.text and "Everything but emergencies" in holder.text
	entry = (17, 42, b"r" * 32, [b"p" * 32], "school_dialer/<b>\n42\nAAAA\n\n— x y\n")
	monkeypatch.setattr(
		log_entry, "_inclusion", lambda name: entry if name == last_event(phone).name else None
	)
	holder.get(c=code)
	assert "entry 17 of 42" in holder.text and "not in the signed log" not in holder.text
	assert "school_dialer/&lt;b&gt;\n42\nAAAA\n\n— x y" in holder.html


def test_a_changed_entry_says_so(holder, phone, monkeypatch):
	make.consent(phone)
	event = last_event(phone).name
	row = stream.event_named(event)
	changed = (*row[: chain.PURPOSE], "Fundraising", *row[chain.PURPOSE + 1 :])
	for stored, said in ((row, "is as it was recorded"), (changed, "is not as it was recorded")):
		monkeypatch.setattr(stream, "event_named", lambda _name, stored=stored: stored)
		holder.get(c=receipt.code_of(event))
		assert said in holder.text


@pytest.mark.parametrize("language", sorted(words.tables()))
def test_every_kind_of_change_is_said_in_every_language(holder, language):
	person = Evidence("Preference Page", wording="words")
	phone = make.phone()
	make.consent(phone)
	ledger.opt_out(phone, scope="this purpose", purpose="Event", channel="Text", evidence=person)
	ledger.rescope(phone, scope="everything", evidence=person)
	ledger.opt_in(phone, evidence=person)
	ledger.verify(phone, evidence=Evidence("Agent", note="asked"))
	ledger.wrong_number(phone, evidence=person)
	events = frappe.get_all("Consent Event", {"phone": phone}, pluck="name", order_by="seq")
	said = set()
	for code in map(receipt.code_of, events):
		holder.get(c=code, lang=language)
		assert holder.answer.status_code == 200 and f'lang="{language}"' in holder.html
		said.add(re.sub(r"\d", "", holder.text))
	assert len(said) >= len({frappe.db.get_value("Consent Event", one, "kind") for one in events})


@pytest.fixture
def identity() -> Iterator[None]:
	"""Say who is calling, which a new site does not."""
	frappe.db.set_single_value("Dialer Settings", "caller_identity", "Riverside School")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	yield
	frappe.db.rollback()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_the_confirmation_carries_the_code(phone, identity):
	event = ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
	(name,) = frappe.get_all("Dialer Notice", {"consent_event": event}, pluck="name")
	notice = frappe.get_doc("Dialer Notice", name)
	assert notice.kind == confirmation_requests.OPT_OUT_CONFIRMATION
	assert receipt.event_of(CODE.search(confirmations.body(notice))[0]) == event


def test_after_a_wrong_number_the_receipt_is_there_without_a_link(visitor, phone, link):
	visitor.get(t=link)
	visitor.post(t=link, act="wrong-number", seen="1")
	visitor.follow()
	assert receipt.event_of(code_on(visitor)) == last_event(phone).name


def test_the_page_believes_no_code_of_another_number(visitor, phone, link):
	other = make.phone()
	make.consent(other)
	code = receipt.code_of(last_event(other).name)
	for query in ({"r": code}, {"r": "7Q2K-4MXD-9TWB"}, {"r": '"><script>'}, {"r": "x" * 10**6}):
		visitor.get(t=link, done="done_stopped", **query)
		assert visitor.answer.status_code == 200 and not CODE.search(visitor.text)
		assert "<script" not in visitor.html


def test_a_code_of_another_key_is_unknown(holder, phone, monkeypatch):
	make.consent(phone)
	code = receipt.code_of(last_event(phone).name)
	derive = keys.derive
	monkeypatch.setattr(keys, "derive", lambda label: b"o" * 32 if label == receipt.KEY else derive(label))
	holder.get(c=code)
	assert holder.answer.status_code == 404 and "no receipt with this code" in holder.text


def test_two_events_of_one_code_are_neither(phone, monkeypatch):
	make.consent(phone)
	event = last_event(phone).name
	code = receipt.code_of(event)
	assert receipt.event_of(code) == event
	monkeypatch.setattr(receipt, "_begin_with", lambda _begins: [event, event])
	assert receipt.event_of(code) is None


def test_the_look_up_reads_by_key(phone):
	make.consent(phone)
	event = last_event(phone).name
	plan = frappe.db.sql(
		"explain select name from `tabConsent Event` where name >= %s and name <= %s limit 100",
		(event[:13] + "0" * 8, event[:13] + "f" * 8),
		as_dict=True,
	)
	assert [(row["key"], row["type"]) for row in plan] == [("PRIMARY", "range")]


def test_the_pages_headers_and_languages_are_those_of_the_preference_page(holder):
	holder.get(lang="ar")
	assert 'dir="rtl"' in holder.html
	for name, value in preference_page.HEADERS.items():
		assert holder.answer.headers[name] == value
	policy = holder.answer.headers["Content-Security-Policy"]
	assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
	assert receipt_page.CHECK.startswith("/assets/school_dialer/")
