"""The link over HTTP, as a phone opens it: guests with and without a session, and Frappe's own checks."""

import urllib.error
import urllib.parse
import urllib.request

import frappe

from dev.patience import PATIENCE
from school_dialer.base import states
from school_dialer.emergency_kit.second_person import asks, ladder, links, on_call
from tests.integration.with_carrier.emergency_kit.duty import outcomes, put_on_call


def ask(address: str, form: dict | None = None) -> tuple[int, str, dict]:
	data = urllib.parse.urlencode(form).encode() if form else None
	try:
		with urllib.request.urlopen(urllib.request.Request(address, data), timeout=PATIENCE) as answer:
			return answer.status, answer.read().decode(), dict(answer.headers)
	except urllib.error.HTTPError as error:
		return error.code, error.read().decode(), dict(error.headers)


def test_a_guest_looks_and_approves_once(carrier, kit, duty, web):
	put_on_call(kit.second, on_call.TEXT)
	start = kit.start(kit.item())
	ladder.run(start)
	(one,) = asks.of_start(start)
	token, page = links.token(one), f"{web}{links.PATH}"
	status, html, headers = ask(f"{page}?t={token}")
	assert status == 200 and "There is a fire" in html and headers["Cache-Control"] == "no-store"
	assert "<script" not in html
	assert kit.campaign(start).status == states.AWAITING
	assert ask(page, {"t": "A" * 43, "act": "approve"})[0] == 403
	status, html, _headers = ask(page, {"t": token, "act": "approve"})
	assert status == 200 and "Approved" in html
	campaign = kit.campaign(start)
	assert (campaign.status, campaign.approved_by) == (states.PREPARING, kit.second)
	assert outcomes(start) == [(kit.second, asks.APPROVED)]
	assert ask(page, {"t": token, "act": "approve"})[0] == 410
	assert not frappe.db.exists("Error Log", {"error": ("like", f"%{token}%")})
