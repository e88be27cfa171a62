"""A ledger as a signed file: what goes in comes out, and any change is refused before a number is read."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.consent import chain
from school_dialer.consent.archive import ledger_file
from school_dialer.consent.archive.ledger_file import NotOurs, Number
from school_dialer.consent.integrity import signed_anchor
from tests.unit.consent import chains

KEY = b"k" * 32
OTHER = "+13125550143"


def number(phone: str = chains.PHONE, length: int = 3) -> Number:
	rows, head = chains.make(length, phone)
	return Number(phone, head, tuple(rows))


def anchor() -> signed_anchor.Anchor:
	keys = signed_anchor.Keys(b"head", b"signature")
	return signed_anchor.sign(
		signed_anchor.Anchor(1, "2026-01-09", 3, 1, 0, "", chain.GENESIS, keys.id), keys
	)


def written(*numbers: Number, key: bytes = KEY) -> bytes:
	out = io.BytesIO()
	ledger_file.write(out, key, "school.example", "2026-02-01T00:00:00.000000Z", [anchor()], numbers)
	return out.getvalue()


def check(data: bytes, key: bytes = KEY) -> ledger_file.Contents:
	return ledger_file.verify_file(io.BytesIO(data), key)


def test_what_goes_in_comes_out():
	numbers = (number(), number(OTHER, 1))
	data = written(*numbers)
	contents = check(data)
	assert (contents.events, contents.phones, contents.site) == (4, 2, "school.example")
	assert contents.anchors == (anchor(),)
	found = tuple(ledger_file.numbers(io.BytesIO(data)))
	assert found == numbers and all(each.sound(chains.KEY) for each in found)


def test_an_empty_ledger_is_a_file_too():
	data = written()
	assert check(data).events == 0 and not list(ledger_file.numbers(io.BytesIO(data)))


def test_a_number_without_any_event_left_does_not_take_those_of_the_next():
	data = written(Number(OTHER, (2, "f" * 64), ()), number())
	check(data)
	assert list(ledger_file.numbers(io.BytesIO(data))) == [number()]


def test_another_sites_file_is_refused_at_its_first_line():
	with pytest.raises(NotOurs, match="another encryption key"):
		check(written(number(), key=b"x" * 32))
	bomb = gzip.compress(b"0" * 50_000_000)
	with pytest.raises(NotOurs, match="cut off"):
		check(bomb)


@given(data=st.data())
def test_any_changed_byte_is_refused(data):
	text = bytearray(gzip.decompress(written(number(), number(OTHER, 1))))
	place = data.draw(st.integers(0, len(text) - 1))
	text[place] ^= data.draw(st.integers(1, 255))
	with pytest.raises(NotOurs):
		check(gzip.compress(bytes(text)))


@pytest.mark.parametrize("bit", range(8))
def test_each_byte_of_the_first_and_the_last_line_counts(bit):
	text = gzip.decompress(written(number(OTHER, 1)))
	first, last = text.index(b"\n") + 1, text.rindex(b"\n", 0, -1) + 1
	for place in (*range(first), *range(last, len(text))):
		changed = bytearray(text)
		changed[place] ^= 1 << bit
		with pytest.raises(NotOurs):
			check(gzip.compress(bytes(changed)))


@given(data=st.data())
def test_a_file_without_some_of_its_lines_or_in_another_order_is_refused(data):
	lines = gzip.decompress(written(number(), number(OTHER, 1))).splitlines(keepends=True)
	changed = data.draw(st.permutations(lines))[: data.draw(st.integers(0, len(lines)))]
	if changed != lines:
		with pytest.raises(NotOurs):
			check(gzip.compress(b"".join(changed)))


@given(st.binary(max_size=300))
def test_anything_else_is_refused(data):
	for each in (data, gzip.compress(data), gzip.compress(data + b"\n"), written(number())[: len(data)]):
		with pytest.raises(NotOurs):
			check(each)


def test_something_after_the_end_is_refused():
	text = gzip.decompress(written(number()))
	with pytest.raises(NotOurs, match="follows the end"):
		check(gzip.compress(text + b"[]\n"))


def test_the_beginning_of_a_chain_is_known_by_its_hashes():
	rows, _head = chains.make(3)
	assert ledger_file.is_prefix([], rows) and ledger_file.is_prefix(rows[:2], rows)
	assert not ledger_file.is_prefix(rows, rows[:2])
	other, _head = chains.make(2, OTHER)
	assert not ledger_file.is_prefix(other, rows)
