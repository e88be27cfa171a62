"""Codes of receipts: read however they are typed, never by chance, and telling nothing."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from school_dialer.consent.receipts import codes
from school_dialer.messages.text import SAMPLE_RECEIPT
from tests.chance import chance

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = 1_795_000_000_000_000
NAMES = st.builds(
	lambda time, random: f"{time:013x}{random:08x}",
	st.integers(codes.FROM, codes.FROM + 2**codes.TIME_BITS - 1),
	st.integers(0, 2**32 - 1),
)
PLACES = st.integers(0, 11)


def is_code_of(text: str, name: str) -> bool:
	return codes.of_code(text, KEY) == (name[:13], codes.tag_of(name, KEY))


@given(NAMES)
def test_a_code_means_the_event_it_was_made_for(name):
	code = codes.of_name(name, KEY)
	assert len(code) == 14 and code[4] == code[9] == "-" and not set(code) & set("ILOU")
	assert is_code_of(code, name) and codes.of_name(name, KEY) == code


@given(NAMES)
def test_it_is_read_as_people_type_it(name):
	code = codes.of_name(name, KEY)
	bare = code.replace("-", "")
	typed = bare.replace("0", "o").replace("1", "l")
	for text in (
		bare,
		code.lower(),
		f" {code}\n",
		" ".join(bare),
		code.replace("-", "–"),
		typed,
		typed.upper(),
	):
		assert is_code_of(text, name)


@given(NAMES, PLACES, st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_found(name, place, other):
	code = codes.of_name(name, KEY).replace("-", "")
	assume(code[place] != other)
	assert not codes.is_well_typed(code[:place] + other + code[place + 1 :])


@given(NAMES, PLACES, PLACES)
def test_two_characters_that_changed_places_are_found(name, first, second):
	code = list(codes.of_name(name, KEY).replace("-", ""))
	assume(code[first] != code[second])
	code[first], code[second] = code[second], code[first]
	assert not codes.is_well_typed("".join(code))


@pytest.mark.parametrize(
	"text",
	["", "-", "7Q2K", "7Q2K-4MXD-9TW", "U" * 12, "7Q2K-4MXD-9TWB-7", "é" * 12, "٣" * 12, "0" * 10**6, "\x00"],
)
def test_what_is_no_code(text):
	assert not codes.is_well_typed(text) and codes.of_code(text, KEY) is None


def test_the_sample_is_no_ones():
	assert len(SAMPLE_RECEIPT) == 14 and not codes.is_well_typed(SAMPLE_RECEIPT)


@given(st.text(max_size=50))
def test_no_text_breaks_the_reading(text):
	assert (codes.of_code(text, KEY) is None) != codes.is_well_typed(text)


@pytest.mark.parametrize("name", ["", "x", "0" * 21, "f" * 21, "A" * 21, "event1", "a" * 20, "a" * 22])
def test_a_name_that_the_ledger_did_not_make_has_no_code(name):
	assert codes.of_name(name, KEY) == ""


def test_codes_of_one_second_have_nothing_in_common():
	"""Check that neither time nor order shows: each character of neighbors' codes takes nearly all values."""
	made = [
		codes.of_name(f"{NOW + number:013x}{chance.randrange(1 << 32):08x}", KEY) for number in range(2_000)
	]
	for place in (*range(4), *range(5, 9), *range(10, 14)):
		assert len({code[place] for code in made}) == 32
	assert made != sorted(made) and len(set(made)) == len(made)


@given(NAMES)
def test_another_key_makes_another_code(name):
	code = codes.of_name(name, OTHER)
	assert code != codes.of_name(name, KEY) and not is_code_of(code, name)


def test_a_guess_hits_no_event_of_a_year():
	"""Check that of random codes hardly any means a moment since 2020, let alone one with an event."""
	hits = 0
	for _ in range(2_000):
		values = [chance.randrange(32) for _ in range(11)]
		text = "".join(codes.ALPHABET[value] for value in (*values, codes._check(values)))
		begins, _tag = codes.of_code(text, KEY)
		hits += codes.FROM <= int(begins, 16) < codes.FROM + 365 * 86_400 * 10**6
	assert hits < 100
