"""An approver who is on call approves by a link: once, in time, what was sealed, and never by a GET."""

import base64
import re
from datetime import timedelta
from html import unescape

import frappe
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from school_dialer.base import clock, states
from school_dialer.campaigns import actions
from school_dialer.consent.choices import rate_limits
from school_dialer.emergency_kit import offered
from school_dialer.emergency_kit.second_person import asks, ladder, links, on_call
from school_dialer.website import approval_page, visitor
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import as_user
from tests.integration.with_carrier.emergency_kit.duty import asked, listed, outcomes, put_on_call
from tests.integration.with_carrier.emergency_kit.kit import SAID
from tests.integration.with_carrier.running import texts_to


class Visitor:
	"""A browser at an address of its own, so that no other test's tries count."""

	def __init__(self, token: str, address: str = "203.0.113.77"):
		self.token, self.address, self.answer = token, address, None

	def get(self) -> Response:
		return self.ask(EnvironBuilder(path=links.PATH, query_string={"t": self.token}))

	def post(self, act: str = "approve", **more) -> Response:
		return self.ask(
			EnvironBuilder(path=links.PATH, method="POST", data={"t": self.token, "act": act, **more})
		)

	def ask(self, builder: EnvironBuilder) -> Response:
		frappe.set_user("Guest")
		frappe.local.request = Request(builder.get_environ())
		frappe.local.request_ip = self.address
		page = approval_page.ApprovalPage(links.PATH)
		assert page.can_render()
		try:
			self.answer = page.render()
			frappe.db.commit()
			assert frappe.session.user == "Guest"
		finally:
			del frappe.local.request
			frappe.set_user("Administrator")
		return self.answer

	@property
	def text(self) -> str:
		html = self.answer.get_data(as_text=True)
		return " ".join(unescape(re.sub(r"<[^>]+>", " ", html[html.index("<body") :])).split())


@pytest.fixture(autouse=True)
def fresh_limits():
	frappe.cache().delete_keys("school_dialer:limit:")
	yield


@pytest.fixture
def waiting(carrier, kit, duty):
	"""Return a start whose second approver was texted a link, and a visitor with the link."""
	phone = put_on_call(kit.second, on_call.TEXT)
	start = kit.start(kit.item(), details="Gate B is open.")
	ladder.run(start)
	(body,) = texts_to(carrier, phone)
	return start, Visitor(re.search(r"[?]t=([\w-]+)", body)[1])


def status(kit, start: str) -> tuple[str, str | None]:
	campaign = kit.campaign(start)
	return campaign.status, campaign.approved_by


def test_the_text_says_what_waits(carrier, kit, waiting):
	start, _visitor = waiting
	phone = frappe.db.get_value("Dialer Own Number", {"user": kit.second}, "phone")
	(body,) = texts_to(carrier, phone)
	assert kit.campaign(start).title in body and "2 people" in body and "15 minutes" in body
	assert not set(kit.numbers) & set(re.findall(r"\+\d+", body))


def test_a_look_approves_nothing_and_a_press_does(kit, waiting):
	start, visitor = waiting
	for _time in range(3):
		assert visitor.get().status_code == 200
	assert "There is a fire" in visitor.text and "Gate B is open." in visitor.text
	assert "It goes to 2 people." in visitor.text
	assert status(kit, start) == (states.AWAITING, None)
	assert visitor.post().status_code == 200 and "Approved" in visitor.text
	assert status(kit, start) == (states.PREPARING, kit.second)
	assert outcomes(start) == [(kit.second, asks.APPROVED)]
	assert visitor.post().status_code == 410 and visitor.get().status_code == 410
	assert kit.campaign(start).approved_by == kit.second


def test_the_answer_is_neither_kept_nor_framed_nor_passed_on(waiting):
	headers = waiting[1].get().headers
	assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
	assert "script-src" not in headers["Content-Security-Policy"]
	assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_rejected(kit, waiting):
	start, visitor = waiting
	assert visitor.post("reject").status_code == 200
	campaign = kit.campaign(start)
	assert campaign.status == states.CANCELLED and "did not approve" in campaign.status_message
	assert outcomes(start) == [(kit.second, asks.REJECTED)]
	assert visitor.post().status_code == 410


@pytest.mark.parametrize("act", ["", "APPROVE", "approve ", "delete"])
def test_another_press_decides_nothing(kit, waiting, act):
	start, visitor = waiting
	assert visitor.post(act).status_code == 422
	assert status(kit, start) == (states.AWAITING, None)


def test_it_expires(kit, waiting, monkeypatch):
	start, visitor = waiting
	later = clock.now() + asks.VALID + timedelta(seconds=1)
	monkeypatch.setattr(clock, "now", lambda: later)
	assert visitor.get().status_code == 410 and visitor.post().status_code == 410
	monkeypatch.undo()
	assert status(kit, start) == (states.AWAITING, None)


def test_a_later_expiry_in_the_database_does_not_lengthen_it(kit, waiting, monkeypatch):
	start, visitor = waiting
	(ask,) = asks.of_start(start)
	frappe.db.set_value(asks.DOCTYPE, ask.name, "expires_at", "2099-01-01 00:00:00")
	frappe.db.commit()
	later = clock.now() + asks.VALID + timedelta(seconds=1)
	monkeypatch.setattr(clock, "now", lambda: later)
	assert visitor.post().status_code == 410


def test_forged_links(kit, waiting):
	start, visitor = waiting
	good = visitor.token
	raw = bytearray(base64.urlsafe_b64decode(good + "="))
	hostile = [
		"",
		"x",
		good[:-1],
		good + "A",
		"A" * 43,
		"../" * 14 + "x",
		"ﬃ" * 43,
		"%00" * 14 + "x",
		"' or 1=1 --",
	]
	for place in (0, 11, 12, 15, 16, 31):
		changed = bytearray(raw)
		changed[place] ^= 1
		hostile.append(base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("="))
	for token in hostile:
		forged = Visitor(token)
		assert forged.get().status_code == 403, token
		assert forged.post().status_code == 403, token
		assert "fire" not in forged.text
	assert status(kit, start) == (states.AWAITING, None)
	assert visitor.post().status_code == 200


def test_a_link_is_of_its_user(kit, waiting):
	start, visitor = waiting
	(ask,) = asks.of_start(start)
	frappe.db.set_value(asks.DOCTYPE, ask.name, "user", kit.approver)
	frappe.db.commit()
	assert visitor.post().status_code == 403
	assert status(kit, start) == (states.AWAITING, None)


def test_what_was_changed_since_is_not_approved(kit, waiting):
	start, visitor = waiting
	campaign = kit.campaign(start)
	frappe.db.set_value("Dialer Campaign", campaign.name, "details", "Everyone go home.")
	frappe.db.commit()
	assert visitor.post().status_code == 409
	assert status(kit, start) == (states.AWAITING, None)
	as_user(kit.agent, lambda: actions.ask_again(campaign.name))
	assert visitor.post().status_code == 409, "the link is bound to what was sealed then"
	assert status(kit, start) == (states.AWAITING, None)


def test_who_lost_the_role_or_the_account(kit, waiting):
	start, visitor = waiting
	frappe.db.set_value("User", kit.second, "enabled", 0)
	frappe.db.commit()
	assert visitor.post().status_code == 410
	frappe.db.set_value("User", kit.second, "enabled", 1)
	frappe.get_doc("User", kit.second).remove_roles("Dialer Emergency Approver")
	frappe.db.commit()
	assert visitor.post().status_code == 409
	assert status(kit, start) == (states.AWAITING, None)


def test_too_many_tries_and_too_many_fields(kit, waiting, same_window):
	start, visitor = waiting
	stranger = Visitor("A" * 43, "198.51.100.7")
	stranger.get()
	frappe.local.request_ip = stranger.address
	frappe.local.request = Request(EnvironBuilder(path=links.PATH).get_environ())
	who = visitor_network()
	del frappe.local.request
	for _time in range(approval_page.MOST_AN_HOUR):
		rate_limits.over("approve", who, approval_page.MOST_AN_HOUR, approval_page.HOUR)
	assert stranger.get().status_code == 429
	many = {f"f{place}": "x" for place in range(60)}
	assert visitor.post(**many).status_code == 413
	assert status(kit, start) == (states.AWAITING, None)


def visitor_network() -> str:
	return visitor.network()


def test_by_email(kit, duty, mailer):
	put_on_call(kit.second, on_call.EMAIL, verified=False)
	start = kit.start(kit.item())
	ladder.run(start)
	mails = frappe.get_all(
		"Email Queue",
		{"message": ("like", "%dialer-approve%")},
		["name", "message"],
		order_by="creation desc",
	)
	(ask,) = asks.of_start(start)
	token = links.token(ask)
	sent = [
		one
		for one in mails
		if token in one.message.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
	]
	assert len(sent) == 1
	assert frappe.get_all("Email Queue Recipient", {"parent": sent[0].name}, pluck="recipient") == [
		kit.second
	]
	assert Visitor(token).post().status_code == 200
	assert status(kit, start) == (states.PREPARING, kit.second)
	frappe.delete_doc("Email Queue", sent[0].name, force=True)


def test_an_approval_at_a_desk_ends_the_link(kit, waiting):
	start, visitor = waiting
	as_user(kit.approver, lambda: actions.approve(kit.campaign(start).name))
	assert visitor.post().status_code == 410
	assert kit.campaign(start).approved_by == kit.approver
	ladder.run(start)
	assert outcomes(start) == [(kit.second, asks.ENDED)]


def test_the_starter_sees_who_is_asked(kit, waiting):
	assert listed(waiting[0], kit.agent) == [
		(frappe.utils.get_fullname(kit.second), on_call.TEXT, asks.ASKED)
	]
	assert asked(waiting[0])


def test_an_approver_reads_what_is_done_where_details_are_in_one_language_only(carrier, kit, duty):
	template = frappe.get_doc("Dialer Message Template", make.template("Emergency", said=SAID))
	template.append("translations", {**SAID, "language": "es"})
	template.save()
	phone = put_on_call(kit.second, on_call.TEXT)
	item = kit.item(template=template.name)
	(row,) = [one for one in as_user(kit.agent, lambda: offered.of_user(kit.agent)) if one["name"] == item]
	assert row["details_missing"] == ["es"]
	words = {}
	for details in ("", "Gate B is open."):
		ladder.run(kit.start(item, details=details))
		visitor = Visitor(re.search(r"[?]t=([\w-]+)", texts_to(carrier, phone)[-1])[1])
		visitor.get()
		words[details] = visitor.text
	assert "the message in their language" not in words[""]
	assert "get the message in their language and these details in English" in words["Gate B is open."]
