"""The ledger on a real database: events are read back exactly as written, in order, by every listener."""

from datetime import timedelta

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.base import clock
from school_dialer.consent import chain, events, keys, ledger
from school_dialer.consent.events import Event, Evidence
from school_dialer.consent.integrity import rebuild, stream
from tests.effort import examples
from tests.integration import factories as make

pytestmark = pytest.mark.dates

HOSTILE = (
	"<script>alert(1)</script>",
	"Robert'); DROP TABLE `tabConsent Event`;--",
	"100%s %(name)s {0}",
	"no\x00thing \u202eright to left\u202c 🛑 \ud800",
	'{"a": "b"}\\',
	"trailing   ",
)


def history(phone: str) -> list[tuple]:
	return stream.events_of([phone])


def sound(phone: str) -> bool:
	rows = history(phone)
	head = frappe.db.get_value("Consent Head", {"phone": phone}, ["seq", "hash"])
	return chain.examine(rows, tuple(head), keys.of_chain()) == []


def test_a_grant_an_opt_out_and_a_start(phone):
	assert ledger.read([phone]) == {phone: ledger.ConsentFacts()}
	granted_at = clock.now() - timedelta(days=3)
	ledger.grant(phone, basis="express written", evidence=make.evidence(), at=granted_at)
	(text, voice) = ledger.read([phone])[phone].consents
	assert (text.channel, voice.channel) == ("Text", "Voice")
	assert (voice.purpose, voice.basis, voice.granted_at) == ("All", "express written", granted_at)
	name = ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
	assert {(o.scope, o.purpose, o.channel) for o in ledger.read([phone])[phone].opt_outs} == {
		("all non-emergency", None, "Text"),
		("all non-emergency", None, "Voice"),
	}
	event = frappe.get_doc("Consent Event", name)
	assert (event.seq, event.kind, event.actor, event.wording) == (2, "Opt Out", "Administrator", "STOP")
	assert event.effective_at >= event.received_at
	assert event.phone_masked.endswith(phone[-2:]) and phone[-6:] not in event.phone_masked
	ledger.opt_in(phone, evidence=Evidence("Text", wording="START"))
	facts = ledger.read([phone])[phone]
	assert facts.opt_outs == () and facts.consents[0].basis == "express oral"
	assert sound(phone)


def test_a_purpose_a_wrong_number_and_the_carriers_block(phone):
	make.consent(phone)
	ledger.opt_out(phone, scope="this purpose", purpose="Event", channel="Voice", evidence=Evidence("Keypad"))
	((opt_out),) = ledger.read([phone])[phone].opt_outs
	assert (opt_out.scope, opt_out.purpose, opt_out.channel) == ("this purpose", "Event", "Voice")
	ledger.opt_out(phone, evidence=Evidence("Carrier", note="21610"))
	assert ledger.read([phone])[phone].carrier_blocked
	ledger.wrong_number(phone, evidence=Evidence("Keypad", wording="Pressed 9"))
	facts = ledger.read([phone])[phone]
	assert facts.consents == () and {o.scope for o in facts.opt_outs} >= {"everything"}
	assert sound(phone)


@pytest.mark.parametrize("text", HOSTILE)
def test_words_are_kept_exactly_and_harmlessly(phone, text):
	name = ledger.opt_out(phone, evidence=Evidence("Text", wording=text, note=text, language=text, ip=text))
	kept = frappe.db.get_value("Consent Event", name, ["wording", "note", "language", "ip"], as_dict=True)
	assert kept.wording == kept.note == text.encode("utf-8", "replace").decode()
	assert "<" not in kept.language and kept.ip == ""
	assert sound(phone)


@settings(
	max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=200), st.text(max_size=50))
def test_any_words_survive_the_database(text, short):
	phone = make.phone()
	ledger.opt_out(phone, evidence=Evidence("Text", actor=short, wording=text, reference_name=short))
	assert sound(phone)


def test_a_flawed_grant_writes_nothing(phone):
	with pytest.raises(ledger.LedgerError, match="needs evidence"):
		ledger.grant(phone, basis="number provided", evidence=Evidence("Agent"))
	with pytest.raises(ledger.LedgerError, match="Only the person"):
		ledger.opt_in(phone, evidence=Evidence("Agent", note="she said so"))
	assert history(phone) == []


def test_many_are_checked_before_the_first_is_written(phone):
	good = {
		"kind": "Grant",
		"phone": phone,
		"basis": "number provided",
		"source": "Enrolment",
		"wording": "x",
	}
	with pytest.raises(ledger.LedgerError, match=r"^2: "):
		ledger.record_many([good, {**good, "basis": "rumour"}])
	with pytest.raises(ledger.LedgerError, match=r"^1: "):
		ledger.record_many([{**good, "colour": "blue"}])
	assert history(phone) == []
	stop = {"kind": "Opt Out", "phone": phone, "evidence": Evidence("Text", wording="STOP")}
	names = ledger.record_many([good, stop, {**good, "kind": "Verify", "basis": ""}])
	assert [row[chain.NAME] for row in history(phone)] == names
	assert ledger.record_many([]) == []
	assert sound(phone)


def test_listeners_hear_of_every_change(phone, monkeypatch):
	heard, written = [], []
	monkeypatch.setattr(ledger, "notify_listeners", heard.append)
	ask = frappe.get_doc

	def watch(*args, **kwargs):
		doc = ask(*args, **kwargs)
		if doc.doctype == "Consent Event":
			monkeypatch.setattr(doc, "run_method", written.append, raising=False)
		return doc

	monkeypatch.setattr(frappe, "get_doc", watch)
	make.consent(phone)
	ledger.record_many([Event(events.VERIFY, phone, make.evidence())])
	assert heard == [[phone], [phone]]
	assert written == ["after_insert"]


def test_rebuilding_gives_what_is_stored_and_repairs_what_is_not(phone):
	make.consent(phone)
	make.consent(phone, purpose="Fees", channel="Voice", expires_at=clock.now() + timedelta(days=9))
	ledger.opt_out(phone, scope="this purpose", purpose="Event", evidence=Evidence("Keypad"))
	ledger.opt_in(phone, purpose="Event", evidence=Evidence("Preference Page", ip="10.0.0.1"))
	assert differing(phone) == []
	frappe.db.sql(
		"update `tabContact Consent` set status = 'Granted', basis = '' where phone = %s limit 1", phone
	)
	frappe.db.sql("delete from `tabContact Consent` where phone = %s and purpose = 'Fees'", phone)
	assert len(differing(phone)) == 2
	ledger.verify(phone, evidence=make.evidence())
	assert differing(phone) == [] and sound(phone)


def test_rebuilding_keeps_a_chunk_of_numbers_and_a_few_differences(monkeypatch):
	phones = [f"+1312555{place:04}" for place in range(5)]
	both = [(phone, channel) for phone in phones for channel in ("Text", "Voice")]
	found = [rebuild.Difference(phone, channel, "All", None, None) for phone, channel in both]
	seen: list[int] = []

	def differences():
		for place, each in enumerate(found):
			seen.append(place)
			yield each

	chunks = []
	monkeypatch.setattr(rebuild, "differences", differences)
	monkeypatch.setattr(
		rebuild, "rebuild_numbers", lambda some: some and chunks.append((list(some), len(seen)))
	)
	monkeypatch.setattr(rebuild, "CHUNK", 2)
	monkeypatch.setattr(rebuild, "KEPT", 3)
	result = rebuild.rebuild()
	assert (result.count, result.first) == (10, found[:3])
	assert [some for some, _read in chunks] == [phones[:2], phones[2:4], phones[4:]]
	assert [read for _some, read in chunks] == [5, 9, 10], "a chunk is written before the rest is read"


def differing(phone: str) -> list:
	return [each for each in rebuild.differences() if each.phone == phone]
