"""Two connections and one number: one writer at a time, no lost event, and no blocking of other numbers."""

import threading
import time
from collections.abc import Iterator
from itertools import count

import frappe
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dev.patience import PATIENCE, eventually
from school_dialer.base.jobs import alone
from school_dialer.consent import chain, keys, ledger, store
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import rebuild, stream
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.consent.reported_opt_outs import record_once
from tests.integration import factories as make

WRITERS, TURNS = 4, 8
OPT_OUT = "/api/method/school_dialer.desk.consent.record_opt_out"


def begin_request(path: str, method: str = "POST") -> None:
	"""Begin a request as Frappe does, on a new connection."""
	frappe.local.request = Request(EnvironBuilder(path=path, method=method).get_environ())
	frappe.local.form_dict = frappe._dict()
	for hook in frappe.get_hooks("before_request"):
		frappe.call(hook)


def locks_gaps() -> bool:
	(level,) = frappe.db.sql("select @@transaction_isolation")[0]
	return level == "REPEATABLE-READ"


def free(phones) -> bool:
	try:
		with number_lock(phones, timeout=0):
			return True
	except NumberBusy:
		return False


def test_writers_on_one_number_take_turns(committed_phones, elsewhere):
	(phone,) = committed_phones(1)

	def write():
		for turn in range(TURNS):
			evidence = Evidence("Text", wording=f"STOP {turn}")
			ledger.opt_out(phone, evidence=evidence)
			frappe.db.commit()

	threads = [elsewhere(write) for _ in range(WRITERS)]
	for thread in threads:
		thread.join()
	frappe.db.rollback()
	rows = stream.events_of([phone])
	assert [row[chain.SEQ] for row in rows] == list(range(1, WRITERS * TURNS + 1))
	head = frappe.db.get_value("Consent Head", {"phone": phone}, ["seq", "hash"])
	assert chain.examine(rows, tuple(head), keys.of_chain()) == []
	assert [each for each in rebuild.differences() if each.phone == phone] == []


def test_the_same_key_press_reported_by_many_at_once_is_one_event(committed_phones, elsewhere):
	(phone,) = committed_phones(1)
	names, all_are_here = [], threading.Barrier(WRITERS)
	evidence = Evidence("Keypad", wording="Pressed 9", reference_name=frappe.generate_hash(length=16))

	def press():
		all_are_here.wait(PATIENCE)
		names.append(record_once(phone, evidence))

	for thread in [elsewhere(press) for _ in range(WRITERS)]:
		thread.join()
	frappe.db.rollback()
	assert names == [row[chain.NAME] for row in stream.events_of([phone])] * WRITERS


def test_a_writer_with_an_old_snapshot_still_goes_on_from_the_latest_event(committed_phones, elsewhere):
	(phone,) = committed_phones(1)
	frappe.db.sql("set session transaction isolation level repeatable read")
	make.consent(phone)
	frappe.db.commit()
	assert len(ledger.read([phone])[phone].consents) == 2
	elsewhere(lambda: ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))).join()
	assert ledger.read([phone])[phone].opt_outs == ()
	ledger.verify(phone, evidence=make.evidence())
	frappe.db.commit()
	assert [row[chain.SEQ] for row in stream.events_of([phone])] == [1, 2, 3]
	assert len(ledger.read([phone])[phone].opt_outs) == 2


def test_neighbouring_numbers_do_not_wait_for_each_other(committed_phones, elsewhere):
	phones = committed_phones(WRITERS * TURNS)
	all_have_written = threading.Barrier(WRITERS)

	def write(own):
		begin_request(OPT_OUT)
		for phone in own:
			make.consent(phone)
			ledger.opt_out(phone, scope="this purpose", purpose="Event", evidence=Evidence("Keypad"))
		# Each transaction is still open here: a writer that waited for another would never arrive.
		all_have_written.wait(PATIENCE)

	threads = [elsewhere(lambda place=place: write(phones[place::WRITERS])) for place in range(WRITERS)]
	for thread in threads:
		thread.join()
	frappe.db.rollback()
	assert all(len(ledger.read([phone])[phone].opt_outs) == 2 for phone in phones)


@pytest.mark.parametrize(
	("path", "method", "gaps"),
	[
		(OPT_OUT, "POST", False),
		(OPT_OUT.replace("/api/", "/api/v2/"), "POST", False),
		("/dialer-preferences", "POST", False),
		("/dialer-consent", "POST", False),
		(OPT_OUT, "GET", True),
		("/api/method/frappe.client.save", "POST", True),
	],
)
def test_a_request_that_may_write_an_opt_out_locks_no_gaps(elsewhere, path, method, gaps):
	def ask():
		begin_request(path, method)
		assert locks_gaps() is gaps

	elsewhere(ask).join()


def test_rows_with_older_names_do_not_wait_for_an_open_transaction(committed_phones, elsewhere, monkeypatch):
	"""Names grow with time and are taken before rows are written: a row may come after one of a later name.

	Eighty numbers fill more than a page of each table. Before the first row of a page is a gap that a search
	by its name may lock.
	"""
	phones = committed_phones(160)
	began = f"{time.time_ns() // 1000:013x}"
	has_written, may_end = threading.Event(), threading.Event()
	names: dict[int, Iterator[str]] = {}
	monkeypatch.setattr(store, "new_name", lambda: next(names[threading.get_ident()]))

	def write(turn: int, wait: int) -> None:
		begin_request(OPT_OUT)
		names[threading.get_ident()] = (f"{began}{place:07x}{turn}" for place in count())
		frappe.db.sql("set session innodb_lock_wait_timeout = %s", wait)
		for phone in phones[turn - 1 :: 2]:
			make.consent(phone)
			ledger.opt_out(phone, scope="this purpose", purpose="Event", evidence=Evidence("Keypad"))

	def first() -> None:
		write(2, wait=PATIENCE)
		has_written.set()
		assert may_end.wait(PATIENCE)

	open_one = elsewhere(first)
	try:
		assert has_written.wait(PATIENCE)
		elsewhere(lambda: write(1, wait=0)).join()
	finally:
		may_end.set()
	open_one.join()


def test_many_and_single_writers_of_the_same_numbers(committed_phones, elsewhere):
	phones = committed_phones(20)
	grants = [
		{"kind": "Grant", "phone": phone, "basis": "number provided", "evidence": make.evidence()}
		for phone in phones
	]

	def stop():
		for phone in reversed(phones):
			ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
			frappe.db.commit()

	threads = [elsewhere(lambda: ledger.record_many(grants)), elsewhere(stop)]
	for thread in threads:
		thread.join()
	frappe.db.rollback()
	assert all(facts.opt_outs for facts in ledger.read(phones).values())
	for phone in phones:
		assert len(stream.events_of([phone])) == 2


def test_what_is_written_keeps_the_lock_until_it_is_committed(committed_phones, elsewhere):
	(phone,) = committed_phones(1)
	ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))

	def blocked():
		assert not free([phone])

	elsewhere(blocked).join()
	frappe.db.commit()
	elsewhere(lambda: pytest.fail("still locked") if not free([phone]) else None).join()


def test_a_rollback_frees_the_lock_and_leaves_nothing(committed_phones, elsewhere):
	(phone,) = committed_phones(1)
	ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
	frappe.db.rollback()
	elsewhere(lambda: ledger.opt_out(phone, evidence=Evidence("Keypad"))).join()
	frappe.db.rollback()
	assert [row[chain.FIELDS.index("source")] for row in stream.events_of([phone])] == ["Keypad"]


def test_a_block_that_commits_keeps_the_lock_to_its_end(committed_phones, elsewhere):
	(phone,) = committed_phones(1)

	def blocked():
		assert not free([phone])

	with number_lock([phone]):
		make.consent(phone)
		frappe.db.commit()
		elsewhere(blocked).join()
	elsewhere(lambda: pytest.fail("still locked") if not free([phone]) else None).join()


def test_a_busy_number_is_a_clear_error_and_frees_the_others(committed_phones, elsewhere):
	first, second = committed_phones(2)
	with number_lock([second]):

		def busy():
			with pytest.raises(NumberBusy), number_lock([first, second], timeout=0):
				pytest.fail("the lock was had twice")
			assert free([first])

		elsewhere(busy).join()


def test_a_named_lock_is_waited_for_if_that_is_asked(elsewhere):
	held = threading.Event()

	def wait_for_a_waiter() -> None:
		waiters = "select 1 from information_schema.processlist where locate('get_lock', info) and id != %s"
		with alone("tested") as mine:
			assert mine
			held.set()
			me = frappe.db.sql("select connection_id()")[0][0]
			eventually("A waiter", lambda: frappe.db.sql(waiters, me))

	holder = elsewhere(wait_for_a_waiter)
	assert held.wait(PATIENCE)
	with alone("tested") as at_once:
		assert not at_once
	with alone("tested", wait=PATIENCE) as later:
		assert later
	holder.join()
