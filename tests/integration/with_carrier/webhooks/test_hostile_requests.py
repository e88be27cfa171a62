"""Every method that a browser can call, and every webhook, with excessive values.

The values are too deep, too long or too many.
"""

import importlib
import inspect
import json
import pkgutil
import secrets
from urllib.parse import urlencode

import frappe
import pytest
import requests

import school_dialer
from dev.demo.stage import SENDER
from dev.patience import PATIENCE
from school_dialer.consent import ledger
from school_dialer.webhooks import signature
from tests.effort import EFFORT, SHARE
from tests.integration import factories as make
from tests.integration.http_desk import Desk

pytestmark = pytest.mark.exhaustive

ROLES = (
	"Dialer Agent",
	"Dialer Manager",
	"Dialer Compliance Officer",
	"Dialer Emergency Approver",
	"System Manager",
)


def nested(levels: int):
	value = "x"
	for _level in range(levels):
		value = [value]
	return value


VALUES = {
	"deep text": "[" * 50_000,
	"deep": nested(400),
	"deep object": json.dumps({"only": [{"kind": nested(300)}]}),
	"long": "x" * 300_000,
	"wide": list(range(20_000)),
	"wide object": {f"k{number}": number for number in range(20_000)},
	"a huge number": 10**400,
	"odd letters": "\x00'\"`;--<b>{{7*7}}\u202e\ufffd",
	"truth": True,
}


def methods() -> dict[str, list[str]]:
	"""Return `{dotted path: parameters}` of each whitelisted method of this app that has parameters.

	It imports all modules of the app to find them.
	"""
	for module in pkgutil.walk_packages(school_dialer.__path__, "school_dialer."):
		if not module.name.startswith(("school_dialer.templates", "school_dialer.patches")):
			importlib.import_module(module.name)
	found = {}
	for method in [*frappe.whitelisted]:
		method = inspect.unwrap(method)
		if method.__module__.startswith("school_dialer."):
			parameters = [name for name in inspect.signature(method).parameters if name != "self"]
			if parameters:
				found[f"{method.__module__}.{method.__name__}"] = parameters
	return found


@pytest.fixture(scope="module")
def everyone(site_connection) -> dict[str, list[str]]:
	return methods()


@pytest.fixture
def desk(web) -> Desk:
	found = Desk(web, *ROLES)
	frappe.db.commit()
	return found


def test_no_method_breaks_on_any_value(desk, everyone):
	"""Check that each call is answered or refused with a message. A server error (500) is neither.

	Each method gets some of the values, and each value goes to some methods, or all to all of them.
	"""
	assert len(everyone) > 50
	broken = []
	for place, (method, parameters) in enumerate(sorted(everyone.items())):
		for kind in list(VALUES)[place % SHARE[EFFORT] :: SHARE[EFFORT]]:
			body = json.dumps(dict.fromkeys(parameters, VALUES[kind]))
			answer = desk.session.post(
				f"{desk.url}/api/method/{method}",
				data=body,
				headers={"Content-Type": "application/json"},
				timeout=PATIENCE,
			)
			if answer.status_code >= 500 and answer.status_code != 503:
				broken.append(f"{method} {kind}: {answer.status_code} {answer.text[-300:]}")
	assert not broken, "\n".join(broken)


@pytest.mark.parametrize("kind", ["deep text", "deep", "wide object", "long"])
def test_arguments_that_are_json_are_refused_in_words(desk, kind):
	for method, argument in (
		("school_dialer.desk.templates.preview", "doc"),
		("school_dialer.desk.rules.read_aloud", "rule"),
		("school_dialer.desk.recordings.listed", "names"),
	):
		body = json.dumps({argument: VALUES[kind]})
		headers = {"Content-Type": "application/json"}
		answer = desk.session.post(
			f"{desk.url}/api/method/{method}", data=body, headers=headers, timeout=PATIENCE
		)
		assert 400 <= answer.status_code < 500, (method, answer.text)


def preview(desk: Desk, languages: int) -> dict:
	words = [
		{"language": f"x{number}", "voice": f"Hello {number} " * 50, "text": "Hello"}
		for number in range(languages)
	]
	form = {"template_name": "T", "purpose": "General", "voice": 1, "text": 1, "translations": words}
	answer = desk.call("school_dialer.desk.templates.preview", doc=form)
	assert answer.status_code == 200, answer.text
	return answer.json()["message"]


def test_a_preview_of_three_hundred_translations_is_refused_before_any_is_read(desk):
	found = preview(desk, 300)
	assert [one["level"] for one in found["findings"]] == ["error"] and "60" in found["findings"][0]["text"]
	assert set(found) == {"findings"}
	assert len(preview(desk, 10)["findings"]) > 1


class Signed:
	"""Posts a webhook signed as by the carrier, with as many fields as it is given."""

	def __init__(self, hooks):
		self.hooks = hooks

	def __call__(self, method: str, form: dict) -> requests.Response:
		url = f"{self.hooks.url}/api/method/school_dialer.webhooks.twilio.{method}"
		form = {"AccountSid": self.hooks.account, **form}
		headers = {
			"X-Twilio-Signature": self.hooks.validator.compute_signature(url, form),
			"Content-Type": "application/x-www-form-urlencoded",
		}
		return requests.post(url, data=urlencode(form), headers=headers, timeout=PATIENCE)


def test_a_webhook_of_twenty_thousand_fields_is_refused_anyone_who_signed_it(hooks):
	number = make.phone()
	many = {f"f{place}": "x" for place in range(20_000)}
	form = {"MessageSid": f"SM{secrets.token_hex(16)}", "From": number, "To": SENDER, "Body": "STOP"}
	assert Signed(hooks)("inbound_text", {**form, **many}).status_code == 413
	assert Signed(hooks)("inbound_text", {**form, "AddOns": "x" * 600_000}).status_code == 413
	frappe.db.rollback()
	assert not frappe.db.exists("Dialer Call Log", {"phone": number})
	few = {f"f{place}": "x" for place in range(signature.MOST_FIELDS - 20)}
	assert Signed(hooks)("inbound_text", {**form, **few, "AddOns": "x" * 100_000}).status_code == 200
	frappe.db.rollback()
	assert ledger.read([number])[number].opt_outs


@pytest.mark.parametrize("kind", ["deep text", "long", "odd letters"])
def test_signed_values_of_any_size_are_answered(hooks, kind):
	number = make.phone()
	form = dict.fromkeys(
		("MessageSid", "CallSid", "To", "NumMedia", "OptOutType", "Digits", "CallStatus", "AddOns"),
		VALUES[kind],
	)
	form |= {"From": number, "Body": f"STOP {VALUES[kind]}" if kind != "odd letters" else "STOP"}
	if kind != "odd letters":
		form = {name: value[:15_000] for name, value in form.items()}
	for method in ("inbound_text", "inbound_call", "inbound_keypress", "status", "message_status"):
		assert Signed(hooks)(method, form).status_code in (200, 204), method
