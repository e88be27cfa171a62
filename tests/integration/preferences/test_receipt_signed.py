"""A signed receipt after a restore: a stop that the ledger lost counts again, and nothing permits a call."""

import html
import re
import secrets
from collections.abc import Callable
from dataclasses import replace

import frappe
import pytest

from school_dialer.base.database.rows import insert, stamp
from school_dialer.consent import chain, journal, journal_file, keys, ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import stream
from school_dialer.consent.lock import NumberBusy
from school_dialer.consent.receipts import receipt, signed
from school_dialer.continuity import decision, safe_mode
from school_dialer.desk.district import recovery as desk
from school_dialer.proof.note import Key
from school_dialer.proof_log import published
from school_dialer.recovery import opt_outs, presented, report
from school_dialer.website import receipt_page, words
from tests.integration import factories as make
from tests.integration.preferences.shown import last_event

PERSON = Evidence("Preference Page", wording="words")
NOTHING_FROM_IT = "A receipt allows no calls or texts"


@pytest.fixture
def lose() -> Callable[[Callable[[], object]], list[str]]:
	"""Return a function that records events, restores the state before, and returns their signed receipts."""

	def record(act: Callable[[], object]) -> list[str]:
		frappe.db.savepoint("backup")
		before = set(frappe.get_all("Consent Event", pluck="name", order_by="name desc", limit=50))
		act()
		after = frappe.get_all("Consent Event", pluck="name", order_by="name desc", limit=50)
		lines = [receipt.read(receipt.code_of(name)).signed for name in after if name not in before]
		frappe.db.rollback(save_point="backup")
		assert lines and all(lines)
		return lines

	return record


@pytest.fixture
def stop(phone, lose) -> str:
	"""Return the receipt of a stop that the database has lost. The number has consent."""
	make.consent(phone)
	(line,) = lose(lambda: ledger.opt_out(phone, evidence=PERSON))
	assert not stops(phone)
	return line


@pytest.fixture
def restored() -> str:
	"""Return the Dialer Restore of a Safe mode that is on."""
	name = f"RESTORE-{secrets.token_hex(4)}"
	values = {
		"state": "Safe Mode",
		"safe": 1,
		"cause": decision.RESTORED,
		"noticed_at": frappe.utils.now_datetime(),
	}
	insert(safe_mode.DOCTYPE, [{"name": name, **stamp(), **values}])
	return name


def stops(phone: str) -> set[str]:
	return {one.scope for one in ledger.read([phone])[phone].opt_outs}


def events(phone: str) -> list[tuple]:
	return stream.events_of([phone])


def test_the_receipts_page_gives_the_signed_line(holder, phone):
	make.consent(phone)
	code = receipt.code_of(last_event(phone).name)
	holder.get(c=code)
	(line,) = re.findall(r"<pre[^>]*>(SDR1\.[^<]+)</pre>", holder.html)
	statement = signed.read(line, receipt.signing_keys())
	assert (statement.event, statement.phone) == (last_event(phone).name, phone)
	assert phone[1:] not in holder.html
	(address,) = re.findall(r'href="(/dialer-receipt\?c=[^"]+save=1[^"]*)"', html.unescape(holder.html))
	assert code in address
	saved = holder.get(c=code, save="1")
	assert saved.get_data(as_text=True) == f"{line}\n" and saved.mimetype == "text/plain"
	assert saved.headers["Content-Disposition"] == f'attachment; filename="receipt-{code}.txt"'
	assert saved.headers["Cache-Control"] == "no-store"


def test_an_event_that_was_changed_is_not_signed(phone, monkeypatch):
	make.consent(phone)
	row = stream.event_named(last_event(phone).name)
	changed = (*row[: chain.PURPOSE], "Fundraising", *row[chain.PURPOSE + 1 :])
	monkeypatch.setattr(stream, "event_named", lambda _name: changed)
	assert receipt.read(receipt.code_of(row[chain.NAME])).signed == ""


def test_the_key_is_published(stop):
	key = Key.of(published.document("receipt-key").strip())
	begins, _dot, signature = stop.rpartition(".")
	assert key.name == f"school_dialer/{frappe.local.site}/receipts"
	assert key.signed(begins, signed._decoded(signature))


def test_a_stop_that_was_lost_counts_again_at_once(holder, phone, stop):
	statement = signed.read(stop, receipt.signing_keys())
	holder.post(c=stop)
	assert holder.answer.status_code == 200 and "in force again from now on" in holder.text
	assert stops(phone) == {"all non-emergency"}
	event = last_event(phone)
	assert (event.kind, event.source, event.actor) == ("Opt Out", "Receipt", "Guest")
	assert event.received_utc == statement.at and statement.event in event.note
	assert event.name != statement.event and receipt.code_of(event.name) in holder.text
	assert phone[1:] not in holder.html
	assert not frappe.db.exists("Dialer Notice", {"phone": phone})


def test_a_stop_of_a_person_is_theirs_again(phone, lose):
	"""The number may be of several, and the person may have others."""
	named = {"person_doctype": "Guardian", "person": "EDU-GRD-LOST"}
	(line,) = lose(lambda: ledger.opt_out(phone, evidence=PERSON, **named))
	first = presented.present(line)
	stored = frappe.db.get_value("Consent Event", first.event, [*named], as_dict=True)
	assert first.entered and stored == named
	again = presented.present(line)
	assert not again.entered and again.event == first.event


def test_a_stop_that_was_restored_without_its_person_is_restored_with_them(phone, lose):
	(line,) = lose(lambda: ledger.opt_out(phone, evidence=PERSON, person_doctype="Guardian", person="EDU-1"))
	statement = signed.read(line, receipt.signing_keys())
	ledger.record_many([replace(presented.draft(statement, ""), person_doctype=None, person=None)])
	assert presented.present(line).entered and not presented.present(line).entered


def test_presented_again_it_changes_nothing(holder, phone, stop):
	holder.post(c=stop)
	before = events(phone)
	for _ in range(3):
		holder.post(c=stop)
		assert holder.answer.status_code == 200 and "in force again" not in holder.text
	assert events(phone) == before
	# The receipt of what was entered is one too, and stands for the same.
	again = receipt.read(receipt.code_of(last_event(phone).name)).signed
	holder.post(c=again)
	assert events(phone) == before and again != stop


def test_a_receipt_that_the_ledger_knows_changes_nothing(holder, phone):
	make.consent(phone)
	ledger.opt_out(phone, evidence=PERSON)
	ledger.opt_in(phone, evidence=PERSON)
	lines = [receipt.read(receipt.code_of(row[chain.NAME])).signed for row in events(phone)]
	before = events(phone)
	for line in lines:
		assert holder.post(c=line).status_code == 200
	assert events(phone) == before and not stops(phone)


def test_a_get_only_fills_the_form(holder, phone, stop):
	before = events(phone)
	holder.get(c=stop)
	assert holder.answer.status_code == 200 and f'value="{stop}"' in holder.html
	assert events(phone) == before
	holder.get(c="SDR1." + "x" * signed.LONGEST_TYPED)
	assert "xxxx" not in holder.html


def test_each_kind_of_stop(holder, lose):
	cases = {
		"wrong number": lambda phone: ledger.wrong_number(phone, evidence=PERSON),
		"everything": lambda phone: ledger.opt_out(phone, scope="everything", evidence=PERSON),
		"one purpose": lambda phone: ledger.opt_out(
			phone, scope="this purpose", purpose="Event", channel="Text", evidence=PERSON
		),
		"how much": lambda phone: ledger.rescope(phone, scope="everything", evidence=PERSON),
	}
	scopes = {"one purpose": {"this purpose"}}
	for name, act in cases.items():
		phone = make.phone()
		make.consent(phone)
		for line in lose(lambda act=act, phone=phone: act(phone)):
			holder.post(c=line)
		assert stops(phone) == scopes.get(name, {"everything"}), name
		assert last_event(phone).kind == ("Wrong Number" if name == "wrong number" else "Opt Out")


def test_a_receipt_never_permits_a_call(holder, phone, lose):
	"""Consent, its return, and a verification that were lost stay lost, whatever else is on record."""

	def gave() -> None:
		make.consent(phone)
		ledger.opt_out(phone, evidence=PERSON)
		ledger.opt_in(phone, evidence=PERSON)
		ledger.verify(phone, evidence=Evidence("Agent", note="asked"))

	lines = {signed.read(line, receipt.signing_keys()).kind: line for line in lose(gave)}
	for kind in ("Grant", "Opt In", "Verify"):
		holder.post(c=lines[kind])
		assert holder.answer.status_code == 200 and NOTHING_FROM_IT in holder.text
		assert events(phone) == [] and f"ends in {phone[-2:]}" in holder.text
	holder.post(c=lines["Opt Out"])
	assert stops(phone)
	for kind in ("Grant", "Opt In", "Verify"):
		holder.post(c=lines[kind])
	assert stops(phone) and [row[chain.FIELDS.index("kind")] for row in events(phone)] == ["Opt Out"]


@pytest.mark.parametrize("journal_first", [True, False])
def test_the_journal_and_a_receipt_enter_it_once(phone, stop, tmp_path, monkeypatch, journal_first):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	it = signed.read(stop, receipt.signing_keys())
	entry = journal_file.Entry(
		it.event, phone, it.kind, it.channel, it.purpose, it.scope, "Preference Page", it.at
	)
	path = tmp_path / "opt-outs.jsonl"
	path.write_bytes(journal_file.line_of(entry, journal_file.START, journal.key()))
	ways = [lambda: opt_outs.replay("none", [path]), lambda: presented.present(stop)]
	for way in ways if journal_first else reversed(ways):
		way()
		assert len(events(phone)) == 2 and stops(phone)


def test_the_restore_counts_it_and_its_report_names_receipts(holder, phone, stop, restored):
	holder.post(c=stop)
	event = last_event(phone)
	assert (event.reference_doctype, event.reference_name) == (safe_mode.DOCTYPE, restored)
	doc = frappe.get_doc(safe_mode.DOCTYPE, restored)
	assert doc.opt_outs_receipts == report.counts(restored)["opt_outs_receipts"] == 1
	assert any("signed receipt" in line and "/dialer-receipt" in line for line in report.unknown(doc))


def test_staff_enter_what_a_family_shows(phone, stop, lose, restored):
	said = desk.enter_receipt(restored, f"> {stop[:80]}\n> {stop[80:]}")
	assert said.startswith("Entered again") and stops(phone) and phone[:-4] not in said
	assert desk.enter_receipt(restored, stop).startswith("The ledger has this already")
	other = make.phone()
	(line,) = lose(lambda: make.consent(other))
	said = desk.enter_receipt(restored, line)
	assert "Ask the family" in said and events(other) == []
	for text in ("", "SDR1.x.y", stop[:-1], "x" * 10**6):
		with pytest.raises(frappe.ValidationError, match="did not sign it"):
			desk.enter_receipt(restored, text)


@pytest.mark.parametrize("language", sorted(words.tables()))
def test_in_every_language(holder, phone, stop, lose, language):
	(line,) = lose(lambda: make.consent(make.phone()))
	said = set()
	for each in (line, stop, stop, "SDR1.x.y"):
		holder.post(c=each, lang=language)
		assert holder.answer.status_code in (200, 422) and f'lang="{language}"' in holder.html
		said.add(re.sub(r"\d", "", holder.text))
	assert len(said) == 4 and stops(phone)


def forged(line: str) -> dict[str, str]:
	head, payload, signature = line.split(".")
	other = signed.Keys(b"o" * 32, receipt.signing_keys().number)
	statement = signed.read(line, receipt.signing_keys())
	return {
		"another site's": signed.line_of(statement, other),
		"altered": f"{head}.{payload[:40]}{'A' if payload[40] != 'A' else 'B'}{payload[41:]}.{signature}",
		"unsigned": f"{head}.{payload}.",
		"cut off": line[:-2],
		"huge": line + "A" * 10**6,
		"many": ".".join([line] * 1000),
		"markup": f'SDR1."><script>alert(1)</script>.{signature}',
		"zeros": f"{line}\x00",
		"template": "SDR1.{{7919*7919}}.x",
	}


def test_what_this_site_did_not_sign_changes_nothing(holder, phone, stop):
	before = [frappe.db.count(doctype) for doctype in ("Consent Event", "Contact Consent", "Dialer Notice")]
	for name, text in forged(stop).items():
		holder.post(c=text)
		assert holder.answer.status_code == 422 and "did not sign it" in holder.text, name
		assert "<script" not in holder.html and "62710561" not in holder.html
	after = [frappe.db.count(doctype) for doctype in ("Consent Event", "Contact Consent", "Dialer Notice")]
	assert after == before and not stops(phone)


def test_after_another_encryption_key_it_is_unknown(holder, phone, stop, monkeypatch):
	derive = keys.derive
	monkeypatch.setattr(keys, "derive", lambda label: derive(f"other {label}"))
	assert holder.post(c=stop).status_code == 422 and not stops(phone)


def test_a_busy_number_is_said_so(holder, phone, stop, monkeypatch):
	def busy(*_):
		raise NumberBusy("busy")

	monkeypatch.setattr(ledger, "record_many", busy)
	monkeypatch.setattr(frappe.db, "rollback", lambda: None)
	assert holder.post(c=stop).status_code == 503 and "try again in a minute" in holder.text


def test_tries_are_counted_before_anything_is_read(holder, stop, phone, same_window, monkeypatch):
	monkeypatch.undo()
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	holder.ip = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
	for _ in range(receipt_page.TRIES_PER_ADDRESS):
		assert holder.post(c="SDR1.x.y").status_code == 422
	assert holder.post(c=stop).status_code == 429 and not stops(phone)
	holder.ip = "203.0.113.78"
	assert holder.post(c=stop).status_code == 200 and stops(phone)
