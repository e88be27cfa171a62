"""The hash chain finds every edit, deletion, insertion and reordering, and names the event."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.consent import chain
from school_dialer.consent.chain import HASH, PREV_HASH, SEQ
from tests.effort import examples
from tests.unit.consent.chains import KEY, PHONE, event, make


def changed(row: tuple, **details) -> tuple:
	values = list(row)
	for name, value in details.items():
		values[chain.COLUMNS.index(name)] = value
	return tuple(values)


def resealed(row: tuple, prev_hash: str, **details) -> tuple:
	return chain.seal(changed(row, **details)[:PREV_HASH], prev_hash, KEY)


def found(rows, head) -> set[tuple[str, int]]:
	return {(problem.kind, problem.seq) for problem in chain.examine(rows, head, KEY)}


def test_an_untouched_chain_has_no_problem():
	for length in (1, 2, 9):
		rows, head = make(length)
		assert chain.examine(rows, head, KEY) == []


@pytest.mark.parametrize(
	"field", [field for field in chain.FIELDS if field not in ("phone", "seq", "at_utc")]
)
def test_an_edit_of_any_field_is_named(field):
	rows, head = make(3)
	rows[1] = changed(rows[1], **{field: "other"})
	(problem,) = chain.examine(rows, head, KEY)
	assert (problem.kind, problem.seq) == ("edited", 2)


def test_an_edit_with_its_hash_recomputed_is_named():
	rows, head = make(4)
	rows[1] = resealed(rows[1], rows[0][HASH], kind="Opt In")
	assert found(rows, head) == {("edited", 2)}


def test_the_last_event_edited_with_its_hash_is_found_by_the_head():
	rows, head = make(3)
	rows[2] = resealed(rows[2], rows[1][HASH], kind="Opt In")
	assert found(rows, head) == {("edited", 3)}


def test_deletions_are_named_anywhere():
	rows, head = make(6)
	assert found(rows[1:], head) == {("deleted", 1)}
	assert found(rows[:2] + rows[4:], head) == {("deleted", 3)}
	assert found(rows[:4], head) == {("deleted", 5)}
	assert chain.vanished(PHONE, head).detail == "Events 1 to 6 are missing."


def test_swapped_events_are_both_named():
	rows, head = make(4)
	rows[1], rows[2] = changed(rows[2], seq=2), changed(rows[1], seq=3)
	assert {("re-ordered", 2), ("re-ordered", 3)} <= found(rows, head)


def test_inserted_events_are_named():
	rows, head = make(3)
	assert found([*rows, chain.seal(event(4), rows[2][HASH], KEY)], head) == {("inserted", 4)}
	forged = chain.seal(event(2, name="forged"), rows[0][HASH], KEY)
	pushed = [rows[0], forged, *(changed(row, seq=row[SEQ] + 1) for row in rows[1:])]
	assert {("re-ordered", 3), ("re-ordered", 4)} <= found(pushed, head)
	assert found(make(2)[0], None) == {("inserted", 2)}


def test_fields_cannot_run_into_each_other():
	a = event(1, kind="Grant", channel='","')
	b = event(1, kind='Grant","', channel="")
	assert chain.hash_of((*a, chain.GENESIS), KEY) != chain.hash_of((*b, chain.GENESIS), KEY)


@settings(max_examples=examples(300), deadline=None)
@given(st.integers(2, 12), st.data())
def test_any_single_change_is_found(length, data):
	rows, head = make(length)
	place = data.draw(st.integers(0, length - 1))
	tampering = data.draw(st.sampled_from(("edit", "delete", "swap", "duplicate")))
	if tampering == "edit":
		field = data.draw(st.sampled_from(chain.FIELDS[3:]))
		value = data.draw(st.text(max_size=5))
		touched = changed(rows[place], **{field: value})
		if touched == rows[place]:
			return
		rows[place] = touched
	elif tampering == "delete":
		del rows[place]
	elif tampering == "swap":
		other = data.draw(st.integers(0, length - 1).filter(lambda other: other != place))
		rows[place], rows[other] = (
			changed(rows[other], seq=rows[place][SEQ]),
			changed(rows[place], seq=rows[other][SEQ]),
		)
	else:
		rows.append(resealed(rows[place], rows[-1][HASH], seq=length + 1))
	assert chain.examine(rows, head, KEY)


def test_a_sound_chain_costs_one_hash_for_each_event(monkeypatch):
	rows, head = make(99)
	hash_of, hashed = chain.hash_of, []
	monkeypatch.setattr(chain, "hash_of", lambda *given: hashed.append(given) or hash_of(*given))
	assert chain.examine(rows, head, KEY) == []
	assert len(hashed) == len(rows)


def test_shuffled_events_of_several_phones_are_grouped():
	rows = [row for phone in ("+13125550101", "+13125550102") for row in make(3, phone)[0]]
	random.Random(1).shuffle(rows)
	groups = dict(chain.by_phone(sorted(rows, key=lambda row: (row[chain.PHONE], row[SEQ]))))
	assert [len(group) for group in groups.values()] == [3, 3]


def mixed(old: int, new: int) -> tuple[list[tuple], tuple[int, str]]:
	"""Return a chain that began before hashes were keyed."""
	rows, (_length, prev) = make(old, key=None)
	for seq in range(old + 1, old + new + 1):
		rows.append(chain.seal(event(seq), prev, KEY))
		prev = rows[-1][HASH]
	return rows, (old + new, prev)


@pytest.mark.parametrize(("old", "new"), [(4, 0), (0, 4), (2, 2)])
def test_chains_of_both_versions_verify(old, new):
	rows, head = mixed(old, new)
	assert chain.examine(rows, head, KEY) == []
	for place in range(4):
		edited = [*rows[:place], changed(rows[place], note="other"), *rows[place + 1 :]]
		assert found(edited, head) == {("edited", place + 1)}


def test_a_chain_does_not_go_back_to_hashes_without_a_key():
	"""Otherwise a person without the key could rewrite the end of a chain with hashes of version 1."""
	rows, _head = mixed(1, 2)
	forged = chain.seal(event(3, kind="Opt In"), rows[1][HASH], None)
	assert ("edited", 3) in found([*rows[:2], forged], (3, forged[HASH]))


@pytest.mark.parametrize("key", [None, chain.Key(b"another" * 5)])
def test_without_its_key_a_chain_says_which_key_it_needs(key):
	rows, head = mixed(1, 3)
	(problem,) = chain.examine(rows, head, key)
	assert (problem.kind, problem.seq) == ("unchecked", 2) and KEY.id in problem.detail
	rows[2] = changed(rows[2], prev_hash="0" * 64)
	assert len(chain.examine(rows, head, key)) > 1, "links are checked all the same"


def test_a_number_is_not_found_by_trying_all_of_them():
	"""Tries the readable fields, the version and every number of an exchange against the stored hash."""
	(row,), _head = make(1)
	tried = [f"+1312555{last:04}" for last in range(10_000)]
	assert row[chain.PHONE] in tried
	hashes = {
		chain.hash_of(changed(row, phone=phone)[:HASH], key)
		for phone in tried
		for key in (None, chain.Key(b""))
	}
	plain = {digest.rpartition(":")[2] for digest in hashes}
	assert row[HASH].rpartition(":")[2] not in plain and len(plain) == 20_000
