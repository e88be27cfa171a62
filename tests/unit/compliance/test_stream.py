"""The command line: JSON lines in and out, whatever comes in."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dev.patience import PATIENCE
from school_dialer.compliance import stream
from tests.effort import examples

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
EXAMPLES = [json.loads(line) for line in (HERE / "examples.jsonl").read_text().splitlines()]
GOOD = EXAMPLES[0]["in"]


def answers(data: bytes) -> list[dict]:
	sink = io.BytesIO()
	stream.run(io.BufferedReader(io.BytesIO(data)), sink)
	return [json.loads(line) for line in sink.getvalue().decode("ascii").splitlines()]


def answer(**changes) -> dict:
	return json.loads(stream.answer(json.dumps({**GOOD, **changes}).encode()))


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["in"]["id"] for example in EXAMPLES])
def test_examples(example):
	assert answers(json.dumps(example["in"]).encode()) == [{"id": example["in"]["id"], **example["out"]}]


def test_the_command_itself():
	lines = "".join(json.dumps(example["in"]) + "\n" for example in EXAMPLES)
	done = subprocess.run(
		[sys.executable, "-m", "school_dialer.compliance"],
		input=lines.encode() + b"\xff\n",
		capture_output=True,
		cwd=ROOT,
		timeout=PATIENCE,
		check=True,
	)
	found = [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]
	assert found[:-1] == [{"id": example["in"]["id"], **example["out"]} for example in EXAMPLES]
	assert "error" in found[-1] and done.stderr == b""


def test_answers_come_while_the_input_is_still_open():
	command = [sys.executable, "-m", "school_dialer.compliance"]
	with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
		for example in EXAMPLES[:3]:
			process.stdin.write(json.dumps(example["in"]).encode() + b"\n")
			process.stdin.flush()
			assert json.loads(process.stdout.readline())["id"] == example["in"]["id"]
		process.stdin.close()
		assert process.wait(PATIENCE) == 0


def test_a_reader_that_goes_away_leaves_no_traceback():
	command = [sys.executable, "-m", "school_dialer.compliance"]
	lines = (json.dumps(GOOD) + "\n").encode() * 5000
	with subprocess.Popen(
		command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
	) as process:
		process.stdout.close()
		try:
			process.stdin.write(lines)
			process.stdin.close()
		except BrokenPipeError:
			pass
		assert process.stderr.read() == b""
		assert process.wait(PATIENCE) == 1


@pytest.mark.parametrize(
	"line",
	[
		b"{",
		b"nonsense",
		b"[]",
		b"5",
		b'"text"',
		b"null",
		b"{}{}",
		b'{"id": "x"} trailing',
		b"\xff\xfe",
		b'{"id": NaN}',
		b'{"at": Infinity}',
		b"[" * 100_000,
		b'{"a":' * 100_000,
		b'{"id": [1]}',
		b'{"id": 1e999}',
		b"9" * 10_000,
		b"\x00",
	],
)
def test_lines_that_cannot_be_read(line):
	first, second = answers(line + b"\n" + json.dumps(GOOD).encode() + b"\n")
	assert set(first) == {"id", "error"} and first["id"] is None
	assert second["verdict"] == "ALLOW"


@pytest.mark.parametrize(
	"changes",
	[
		{"at": None},
		{"at": ""},
		{"at": 5},
		{"at": "2026-05-12"},
		{"at": "2026-05-12T25:00:00Z"},
		{"at": "2026-13-12T17:00:00Z"},
		{"at": "2026-W20-2T17:00:00"},
		{"at": "٢٠٢٦-٠٥-١٢T١٧:٠٠:٠٠Z"},
		{"at": "0001-01-01T00:00:00+14:00"},
		{"at": "9999-12-31T23:59:59Z"},
		{"phone": 13125550142},
		{"phone": ["+13125550142"]},
		{"phone": "+" + "1" * 2000},
		{"channel": "Fax"},
		{"channel": 1},
		{"purpose": "Sales"},
		{"purpose": "All"},
		{"purpose": ["Fees"]},
		{"line_type": "tin can"},
		{"person": "Ann"},
		{"person": []},
		{"person": {"country": 1}},
		{"person": {"restricted": "no"}},
		{"person": {"restricted": 0}},
		{"person": {"date_of_birth": "long ago"}},
		{"consents": {}},
		{"consents": "yes"},
		{"consents": 0},
		{"consents": [1]},
		{"consents": [{"channel": "Fax"}]},
		{"consents": [{"purpose": "Sales"}]},
		{"consents": [{"basis": "a nod"}]},
		{"consents": [{"granted_at": "yesterday"}]},
		{"consents": [{"granted_at": {"a": {}}}]},
		{"opt_outs": [{"scope": "some"}]},
		{"opt_outs": [{"purpose": "Sales"}]},
		{"opt_outs": False},
		{"history": [{"at": 5}]},
		{"history": [[]]},
		{"emergency": True},
		{"emergency": {"type": 1}},
		{"holidays": "2026-05-12"},
		{"holidays": ["2026-05-32"]},
		{"holidays": [5]},
		{"holidays": ["20260512"]},
		{"carrier_blocked": "yes"},
		{"policy": 5},
		{"policy": "atlantis"},
	],
)
def test_wrong_values_make_an_error_with_the_lines_id(changes):
	found = answer(**changes)
	assert set(found) == {"id", "error"} and found["id"] == GOOD["id"]
	assert "3125550142" not in found["error"]


@pytest.mark.parametrize("identity", ["x", "", 5, -1, 2.5, True, None, "\ud800", "a\nb", "é", '"', 10**30])
def test_any_plain_id_comes_back(identity):
	assert answer(id=identity)["id"] == identity


def test_missing_fields_are_read_strictly():
	for key, codes in {
		"phone": ["INVALID_NUMBER"],
		"consents": ["NO_CONSENT"],
		"person": [],
		"line_type": [],
		"opt_outs": [],
		"purpose": ["NO_CONSENT"],
		"channel": [],
	}.items():
		line = {name: value for name, value in GOOD.items() if name != key}
		assert json.loads(stream.answer(json.dumps(line).encode()))["reasons"] == codes, key
		assert answer(**{key: None})["reasons"] == codes, key
	assert answer(history=[{"purpose": "Fees"}] * 3, phone="+13055550142", person={"state": "FL"})[
		"reasons"
	] == ["FREQUENCY_CAP"]


def test_the_policy_may_be_named():
	evening = {
		"at": "2026-05-13T00:30:00Z",
		"phone": "+13055550142",
		"person": {"state": "FL", "postal_code": "33101"},
	}
	assert answer(**evening)["verdict"] == "DEFER"
	assert answer(**evening, policy="us-federal")["verdict"] == "ALLOW"
	assert answer(policy="gb")["reasons"] == ["UNSUPPORTED_COUNTRY"]


@pytest.mark.parametrize(
	"text",
	[
		"2026-05-12T12:00:00Z",
		"2026-05-12T12:00:00z",
		"2026-05-12 12:00:00+00:00",
		"2026-05-12T07:00:00-0500",
		"2026-05-12T07:00-05:00",
		"2026-05-12T12:00:00",
		"2026-05-12T12:00:00.000Z",
		"2026-05-12T12:00:00.000000000Z",
	],
)
def test_the_ways_to_write_a_time(text):
	found = answer(at=text)
	assert (found["verdict"], found["until"]) == ("DEFER", "2026-05-12T13:00:00Z")


@pytest.mark.parametrize(
	"changes",
	[
		{"note": "x"},
		{"opt_out": []},
		{"Phone": "+13125550142"},
		{"person": {"country": "US", "state": "IL", "zip": "60601"}},
		{"consents": [{**GOOD["consents"][0], "expires": "2020-01-01T00:00:00Z"}]},
		{"opt_outs": [{"scope": "everything", "cannel": "Voice"}]},
		{"history": [{"time": "2026-05-12T12:00:00Z"}]},
		{"emergency": {"type": "Fire", "approver": "bea"}},
		{
			"states_of_emergency": [
				{"state": "LA", "begins": "2026-05-01", "ends": "2026-05-02", "why": "storm"}
			]
		},
	],
)
def test_a_field_that_nothing_reads_is_an_error(changes):
	found = answer(**changes)
	assert "not known" in found["error"] and found["id"] == GOOD["id"]


@pytest.mark.parametrize(
	"line",
	[
		'{"id": "1", "id": "2"}',
		'{"id": "1", "person": {"restricted": true, "restricted": false}}',
		'{"id": "1", "opt_outs": [{"scope": "everything", "scope": "this purpose"}]}',
		'{"id": "1", "at": "2026-05-12T17:00:00Z", "\\u0061t": "2026-05-12T17:00:00Z"}',
	],
)
def test_a_field_that_is_there_twice_is_an_error(line):
	(found,) = answers(line.encode())
	assert found["error"] == "a field is there twice"


@pytest.mark.parametrize(
	"declared",
	[
		[{"state": "LA"}],
		[{"state": "LA", "begins": "2026-05-02", "ends": "2026-05-01"}],
		[{"begins": "2026-05-01", "ends": "2026-05-02"}],
		{"state": "LA"},
		["LA"],
	],
)
def test_a_state_of_emergency_needs_its_state_and_days(declared):
	assert "error" in answer(states_of_emergency=declared)


def test_who_calls_and_what_is_declared_are_read():
	maine = {"phone": "+12075550142", "person": {"country": "US"}, "at": "2026-05-12T22:00:00Z"}
	assert answer(**maine)["verdict"] == "DEFER"
	assert answer(**maine, caller="public school")["verdict"] == "ALLOW"
	assert "error" in answer(**maine, caller="a district")
	storm = [{"state": "LA", "begins": "2026-05-12", "ends": "2026-05-12"}]
	new_orleans = {"phone": "+15045550142", "person": {"country": "US"}}
	assert answer(**new_orleans)["verdict"] == "ALLOW"
	assert answer(**new_orleans, states_of_emergency=storm)["reasons"] == ["HOLIDAY"]


def test_blank_lines_line_ends_and_a_last_line_without_end():
	line = json.dumps(GOOD).encode()
	assert len(answers(b"\n  \n" + line + b"\r\n\n" + line)) == 2
	assert answers(b"") == []


def test_lines_longer_than_allowed_are_skipped_in_bounded_memory():
	line = json.dumps(GOOD).encode()
	for length in (stream.LONGEST_LINE + 1, 3 * stream.LONGEST_LINE):
		found = answers(line + b"\n" + b"x" * length + b"\n" + line + b"\n" + b"y" * length)
		assert ["verdict" in reply for reply in found] == [True, False, True, False]
	padded = json.dumps({**GOOD, "id": "z" * 500_000}).encode()
	assert [reply["verdict"] for reply in answers(padded + b"\n" + line)] == ["ALLOW", "ALLOW"]


JSON = st.recursive(
	st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
	lambda children: (
		st.lists(children, max_size=3)
		| st.dictionaries(st.sampled_from([*GOOD, "at", "x"]), children, max_size=4)
	),
	max_leaves=8,
)


@settings(max_examples=examples(300), deadline=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "emergency", "holidays", "policy", "carrier_blocked"]), JSON))
def test_junk_in_any_field_never_raises(junk):
	found = json.loads(stream.answer(json.dumps({**GOOD, **junk}).encode()))
	assert "error" in found or found["verdict"] in ("ALLOW", "DEFER", "BLOCK")


@settings(max_examples=examples(300), deadline=None)
@given(st.binary())
def test_any_bytes_never_raise(line):
	text = stream.answer(line)
	assert text == "" or "id" in json.loads(text)


@given(st.lists(st.sampled_from(EXAMPLES), max_size=6), st.integers(1, 300))
def test_answers_do_not_depend_on_how_the_input_is_cut(examples, size):
	class Slowly(io.BytesIO):
		def read1(self, _=-1):
			return self.read(size)

	sink = io.BytesIO()
	stream.run(Slowly("\n".join(json.dumps(example["in"]) for example in examples).encode()), sink)
	assert [json.loads(line)["id"] for line in sink.getvalue().splitlines()] == [
		e["in"]["id"] for e in examples
	]
