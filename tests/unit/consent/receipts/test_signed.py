"""A signed receipt: read only as this site signed it, whatever else is presented."""

import base64
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.consent.receipts import signed
from school_dialer.consent.receipts.signed import Keys, NotSigned, Statement
from tests.effort import examples

KEYS = Keys(b"s" * 32, b"n" * 32)
STOP = Statement(
	"0063f3c1a2b3c4d5e6f70",
	"Opt Out",
	"Any",
	"All",
	"all non-emergency",
	"2026-11-28T23:45:12.123456Z",
	"+13125550142",
)
LINE = signed.line_of(STOP, KEYS)


def test_it_reads_what_it_signed():
	assert signed.read(LINE, KEYS) == STOP and signed.is_line(LINE)
	assert signed.line_of(STOP, KEYS) == LINE and len(LINE) < 330
	named = replace(
		STOP, scope="this school", purpose="School: Länge " + "家" * 120, phone="+999999999999999"
	)
	long = signed.line_of(named, KEYS)
	assert signed.read(long, KEYS) == named and len(long) <= signed.LONGEST


def test_the_person_whom_the_event_names_is_in_it_and_can_not_be_read():
	named = replace(STOP, person_doctype="Guardian", person="EDU-GRD-00042")
	line = signed.line_of(named, KEYS)
	assert signed.read(line, KEYS) == named and signed.line_of(named, KEYS) == line
	payload = signed._decoded(line.split(".")[1])
	content = signed._decoded(json.loads(payload)[6])
	assert b"EDU-GRD" not in payload and b"EDU-GRD" not in content
	# No nonce is used for two contents: that of a line without the person is another one.
	assert content[:12] != signed._decoded(json.loads(signed._decoded(LINE.split(".")[1]))[6])[:12]
	long = replace(named, purpose="School: " + "家" * 130, person="家" * 140)
	assert signed.read(signed.line_of(long, KEYS), KEYS) == long


def test_it_reads_what_mail_programs_make_of_it():
	broken = "\n".join(LINE[place : place + 60] for place in range(0, len(LINE), 60))
	for text in (f"  {LINE}\r\n", broken, "> " + broken.replace("\n", "\n> "), f"\ufeff{LINE}"):
		assert signed.is_line(text) and signed.read(text, KEYS) == STOP


def test_the_number_is_not_in_it():
	payload = signed._decoded(LINE.split(".")[1])
	assert b"3125550142" not in payload and b"312555" not in base64.b64decode(payload[-60:] + b"==", b"-_")
	lengths = {
		len(signed.line_of(replace(STOP, phone=one), KEYS)) for one in ("+4512345", "+999999999999999")
	}
	assert len(lengths) == 1
	with pytest.raises(NotSigned):
		signed.read(LINE, replace(KEYS, number=b"x" * 32))


def test_anyone_can_check_the_signature_with_the_public_key():
	"""Check it as docs/school/proof.md describes it, with other code."""
	begins, _dot, signature = LINE.rpartition(".")
	key = Ed25519PublicKey.from_public_bytes(KEYS.public)
	key.verify(base64.urlsafe_b64decode(signature + "=="), begins.encode())
	payload = begins.partition(".")[2]
	values = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
	assert values[:6] == [STOP.event, "Opt Out", "Any", "All", "all non-emergency", STOP.at]


def test_another_sites_receipt_is_none():
	for other in (replace(KEYS, signing=b"o" * 32), Keys(b"o" * 32, b"o" * 32)):
		with pytest.raises(NotSigned):
			signed.read(signed.line_of(STOP, other), KEYS)


def signed_payload(payload: bytes) -> str:
	begins = f"{signed.PREFIX}.{signed._encoded(payload)}"
	return f"{begins}.{signed._encoded(KEYS.signer.sign(begins.encode()))}"


@pytest.mark.parametrize("number", ["", "x", "A" * 40, base64.urlsafe_b64encode(b"n" * 44).decode()])
def test_even_a_signed_number_has_to_be_one(number):
	values = [*json.loads(signed._decoded(LINE.split(".")[1]))[:6], number]
	with pytest.raises(NotSigned):
		signed.read(signed_payload(json.dumps(values).encode()), KEYS)


@pytest.mark.parametrize(
	"text",
	[
		"",
		"SDR1",
		"SDR1.",
		"SDR1..",
		"SDR1.e30.AAAA",
		"SDR2" + LINE[4:],
		LINE + "=",
		LINE + ".",
		LINE[:-1],
		LINE.lower(),
		LINE + LINE,
		"SDR1." * 10**6,
		"SDR1." + "A" * 10**7,
		"SDR1." + "é" * 100 + "." + LINE.split(".")[2],
		"\ud800" + LINE,
		"7Q2K-4MXD-9TWB",
	],
)
def test_what_is_none(text):
	with pytest.raises(NotSigned):
		signed.read(text, KEYS)


def test_every_changed_character_is_found():
	for place, was in enumerate(LINE):
		for other in {"A", "b", "_", "."} - {was}:
			with pytest.raises(NotSigned):
				signed.read(LINE[:place] + other + LINE[place + 1 :], KEYS)


def test_parts_of_two_receipts_make_none():
	other = signed.line_of(replace(STOP, kind="Grant"), KEYS)
	(_, payload, _), (_, _, signature) = LINE.split("."), other.split(".")
	with pytest.raises(NotSigned):
		signed.read(f"SDR1.{payload}.{signature}", KEYS)


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_it(text):
	for each in (text, f"SDR1.{text}", f"{LINE}{text}"):
		try:
			assert signed.read(each, KEYS) == STOP
		except NotSigned:
			continue


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.text(max_size=40), min_size=7, max_size=7))
def test_any_words_are_read_as_they_were(words):
	statement = Statement(*words[:6], phone=STOP.phone)
	line = signed.line_of(statement, KEYS)
	if len(line) <= signed.LONGEST:
		assert signed.read(line, KEYS) == statement
