"""docs/api.md: each of its requests is sent as printed, and the response is compared.

The same methods are also called with hostile input.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import frappe
import pytest
import requests
from frappe.core.doctype.user.user import generate_keys

from dev.patience import PATIENCE
from tests.integration import factories as make

PAGE = Path(__file__).parents[4] / "docs" / "api.md"
EXAMPLE = re.compile(
	r"```sh\n(?P<request>.*?)```\s+Answer, (?P<status>\d+):\s+```json\n(?P<answer>.*?)```", re.S
)
NAMED = re.compile(r"`(?P<variable>[A-Z]+)` below is `(?P<path>[\w.]+)`")
EXACT = {"status", "verdict", "may_call", "opted_out", "exc_type", "code"}
WHOLE = (
	"numbers.may_call",
	"numbers.story",
	"consent.",
	"recipients.results",
	"campaigns.start",
	"campaigns.cancel",
)
"""Methods whose response is printed whole. For the others the page shows a part."""


@dataclass(frozen=True)
class Example:
	request: str
	status: int
	answer: dict
	name: tuple[str, str] | None
	"""The variable that the text before the request takes from its response, and from where."""


def examples() -> list[Example]:
	text, found, end = PAGE.read_text(), [], 0
	for match in EXAMPLE.finditer(text):
		named = NAMED.search(text[end : match.start()])
		end = match.end()
		name = (named["variable"], named["path"]) if named else None
		found.append(Example(match["request"], int(match["status"]), json.loads(match["answer"]), name))
	return found


@pytest.fixture(scope="module")
def keys(site_connection):
	"""Yield the API key and secret of another system's user, who has the role Dialer Manager."""
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{frappe.generate_hash(length=10)}@school.example",
			"first_name": "Other system",
			"send_welcome_email": 0,
			"roles": [{"role": "Dialer Manager"}],
		}
	).insert()
	secret = generate_keys(user.name)["api_secret"]
	frappe.db.commit()
	yield frappe.db.get_value("User", user.name, "api_key"), secret
	frappe.db.rollback()
	frappe.delete_doc("User", user.name, force=True)
	frappe.db.commit()


def fresh(text: str, numbers: dict[str, str]) -> str:
	"""Replace the page's numbers by numbers that the ledger does not know yet.

	A new number may equal one of the page's own in another place.
	"""
	written = "|".join(map(re.escape, numbers))
	return re.sub(written, lambda found: numbers[found.group()], text)


def send(request: str, variables: dict[str, str]) -> tuple[int, dict]:
	command = request.replace("curl -sS", "curl -sS -w '\\n%{http_code}'")
	done = subprocess.run(
		["bash", "-c", command],
		env={"PATH": os.environ["PATH"], **variables},
		capture_output=True,
		text=True,
		timeout=PATIENCE,
	)
	assert not done.returncode, done.stderr
	body, _newline, status = done.stdout.rpartition("\n")
	return int(status), json.loads(body)


def compare(printed, answered, where: str, whole: bool) -> None:
	"""Assert that both have the same keys and kinds of values. null matches anything.

	The length of a list depends on the site.
	"""
	if printed is None or answered is None:
		return
	if isinstance(printed, dict):
		assert isinstance(answered, dict), where
		assert set(printed) == set(answered) if whole else set(printed) <= set(answered), (where, answered)
		for key, value in printed.items():
			if key in EXACT and value is not None:
				assert answered[key] == value, (where, key)
			compare(value, answered[key], f"{where}.{key}", whole)
	elif isinstance(printed, list):
		assert isinstance(answered, list), where
		for one in answered[:3] if printed else []:
			compare(of_any(printed[0]), one, where, whole)
	else:
		kinds = (int, float) if isinstance(printed, int | float) else type(printed)
		assert isinstance(answered, kinds), (where, answered)


def of_any(printed):
	return {**printed, **dict.fromkeys(EXACT & printed.keys())} if isinstance(printed, dict) else printed


@pytest.mark.exhaustive
def test_every_example_of_the_page(web, carrier, keys):
	number, consenting, new, called = (make.phone("312") for _each in range(4))
	make.consent(consenting)
	make.consent(called)
	numbers = {
		"+1 312 555 0142": number,
		"+13125550142": number,
		"+13125550143": consenting,
		"+13125550144": new,
		"+13125550145": called,
	}
	template = make.template("Event")
	make.campaign([called], title=f"{make.OURS}listed")
	frappe.db.commit()
	variables = {"SITE": web, "KEY": keys[0], "SECRET": keys[1], "TEMPLATE": template}
	found = examples()
	assert len(found) >= 15
	for example in found:
		request = fresh(example.request, numbers).replace('"Spring concert"', f'"{make.OURS}api"')
		status, answer = send(request, variables)
		assert status == example.status, (request, answer)
		whole = status == 200 and any(name in request for name in WHOLE)
		compare(example.answer, answer, request, whole)
		if example.name:
			variable, path = example.name
			value = answer
			for key in path.split("."):
				value = value[key]
			variables[variable] = value
		shown = json.dumps(answer, ensure_ascii=False)
		assert not [one for one in (number, consenting, new, called) if one in shown], request


def test_every_request_of_the_page_has_an_answer():
	requests_printed = PAGE.read_text().count("```sh")
	assert requests_printed == len(examples())


NASTY = (
	"",
	"12",
	"+1' OR 1=1 --",
	"<script>alert(1)</script>",
	"{{7*7}}",
	"../../etc/passwd",
	"\x00",
	"９" * 400,
	"+" + "1" * 100_000,
	["+13125550142"],
	{"name": ["like", "%"]},
	None,
	True,
	1e308,
)
METHODS = {
	"numbers.may_call": ("phone", {}),
	"numbers.story": ("phone", {}),
	"consent.look_up": ("phone", {}),
	"consent.record_opt_out": ("phone", {}),
	"consent.record_consent": ("phone", {"basis": "number provided", "wording": "Yes."}),
	"campaigns.start": ("campaign", {}),
	"campaigns.cancel": ("campaign", {}),
	"campaigns.preview_audience": ("campaign", {}),
	"recipients.results": ("campaign", {}),
}


@pytest.mark.parametrize("method", METHODS)
def test_hostile_input_is_refused_and_changes_nothing(web, keys, method):
	field, more = METHODS[method]
	events = frappe.db.count("Consent Event")
	for nasty in NASTY:
		answer = requests.post(
			f"{web}/api/method/school_dialer.desk.{method}",
			json={**more, field: nasty},
			headers={"Authorization": f"token {keys[0]}:{keys[1]}"},
			timeout=PATIENCE,
		)
		assert 400 <= answer.status_code < 500, (method, nasty, answer.status_code, answer.text[:2000])
		assert "<script>" not in answer.json().get("_server_messages", "")
	frappe.db.rollback()
	assert frappe.db.count("Consent Event") == events


@pytest.mark.parametrize("value", [one for one in NASTY if one not in (None, "")], ids=repr)
def test_hostile_channel_and_person(web, keys, value):
	for more in ({"channel": value}, {"purpose": value}, {"person_doctype": value, "person": value}):
		answer = requests.post(
			f"{web}/api/method/school_dialer.desk.numbers.may_call",
			json={"phone": make.phone(), **more},
			headers={"Authorization": f"token {keys[0]}:{keys[1]}"},
			timeout=PATIENCE,
		)
		assert 400 <= answer.status_code < 500, (more, answer.status_code, answer.text[:2000])


@pytest.mark.exhaustive
def test_a_key_may_not_try_all_numbers(school, as_role, same_window, monkeypatch):
	from school_dialer.desk import numbers

	as_role("Dialer Agent")
	monkeypatch.setattr(numbers, "QUESTIONS_A_MINUTE", 3)
	phone = make.phone()
	for _each in range(3):
		numbers.may_call(phone)
	with pytest.raises(frappe.TooManyRequestsError, match="in a minute"):
		numbers.may_call(phone)
