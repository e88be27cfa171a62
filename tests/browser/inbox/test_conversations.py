"""A clerk answers a family from the inbox: on a phone, with the keyboard, and with second thoughts."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from urllib.parse import quote

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from school_dialer.calls import inbound
from school_dialer.followup import staff_replies
from school_dialer.inbound.conversations import conversation
from tests.integration import factories as make

WORDS = "May <b>Ana</b> come at ten today?"
GRAVE = ("critical", "serious")


@pytest.fixture
def family(school: None) -> Iterator[str]:
	"""Yield a number that no one on record has, and that wrote. Its conversation is closed at the end."""
	number = make.unlisted_phone()
	inbound.reply_to_text(f"SM{secrets.token_hex(16)}", number, "+13125550100", WORDS)
	frappe.db.commit()
	yield number
	frappe.db.rollback()
	frappe.db.sql(
		"update `tabDialer Conversation` set status = 'Closed', open_mark = null where phone = %s", number
	)
	frappe.db.sql("update `tabDialer Notice` set status = 'Not Sent' where phone = %s", number)
	frappe.db.commit()


def conversation_of(number: str) -> str:
	return frappe.db.get_value("Dialer Conversation", {"phone": number})


def open_it(page: Page, number: str) -> None:
	"""Go to the list and open the conversation with this number, whatever else waits."""
	name = conversation_of(number)
	page.goto(f"/app/dialer-conversation?name={name}")
	page.locator(f'.list-row a[href$="{name}"]').first.click()
	expect(page.locator(".dialer-theirs .dialer-bubble").first).to_have_text(WORDS)


QUESTIONS = ("When is the concert?", "¿A qué hora cierra la oficina?", "Is the bus late?")
ANSWERS = ("On Thursday at six.", "A las cuatro. / At four.", "Ten minutes.")


@pytest.fixture
def three_families(school: None) -> Iterator[list[str]]:
	"""Yield three numbers that wrote, the last of them urgently."""
	numbers = [make.unlisted_phone() for _ in QUESTIONS]
	for number, question in zip(numbers, QUESTIONS, strict=True):
		inbound.reply_to_text(f"SM{secrets.token_hex(16)}", number, "+13125550100", question)
	conversation.update(conversation.open_of(numbers[-1]), urgent=1)
	saved = {"doctype": "Dialer Saved Reply", "title": "Closing time", "language": "es", "words": ANSWERS[1]}
	reply = frappe.get_doc(saved).insert()
	frappe.db.commit()
	yield numbers
	frappe.db.rollback()
	frappe.db.sql(
		"update `tabDialer Conversation` set status = 'Closed', open_mark = null where phone in %s",
		(numbers,),
	)
	frappe.db.sql("update `tabDialer Notice` set status = 'Not Sent' where phone in %s", (numbers,))
	reply.delete()
	frappe.db.commit()


def test_a_clerk_on_a_phone_answers_three_parents(staff: Callable[[str], Page], three_families: list[str]):
	"""The urgent one first; with own words and with a saved reply; then no one of them waits."""
	page = staff("agent")
	page.set_viewport_size({"width": 390, "height": 844})
	names = [conversation_of(number) for number in three_families]
	page.goto(f"/app/dialer-conversation?status=Waiting&name={quote(json.dumps(['in', names]))}")
	rows = page.locator(".list-row .list-subject a.ellipsis, .list-row a[data-name]")
	expect(rows).to_have_count(len(names))
	expect(rows.first).to_have_attribute("href", re.compile(names[-1]))
	for place in (2, 0, 1):
		page.goto(f"/app/dialer-conversation?status=Waiting&name={names[place]}")
		page.locator(f'.list-row a[href$="{names[place]}"]').first.click()
		expect(page.locator(".dialer-theirs .dialer-bubble").first).to_have_text(QUESTIONS[place])
		box = page.get_by_label("Your answer")
		if place == 1:
			page.get_by_role("button", name="Saved Replies").click()
			page.get_by_role("button", name="Closing time").click()
			expect(box).to_have_value(ANSWERS[1])
		else:
			box.fill(ANSWERS[place])
		page.get_by_role("button", name="Send Text").click()
		expect(page.locator(".dialer-ours", has_text=ANSWERS[place])).to_contain_text("Sent in")
		assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
	frappe.db.rollback()
	statuses = frappe.get_all("Dialer Conversation", {"name": ("in", names)}, pluck="status", order_by="name")
	assert set(statuses) == {"Answered"}


def test_a_file_becomes_a_link_in_the_answer_that_can_be_ended(staff: Callable[[str], Page], family: str):
	page = staff("agent")
	open_it(page, family)
	page.get_by_role("button", name="Send a File").click()
	with page.expect_file_chooser() as chooser:
		page.locator(".modal.show .btn-file-upload").first.click()
	chooser.value.set_files({"name": "menu.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 menu"})
	page.locator(".modal.show .btn-modal-primary").click()
	box = page.get_by_label("Your answer")
	expect(box).to_have_value(re.compile(r"/dialer-file\?t="))
	line = page.locator(".dialer-thread-files li")
	expect(line).to_contain_text("menu.pdf")
	line.get_by_role("button", name="End Link").click()
	expect(line).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1360])
def test_a_clerk_answers_and_takes_an_answer_back(staff: Callable[[str], Page], family: str, width: int):
	page = staff("agent")
	page.set_viewport_size({"width": width, "height": 844})
	open_it(page, family)
	assert family[2:] not in page.content()
	box = page.get_by_label("Your answer")
	box.fill("Yes, until eleven.")
	box.press("Control+Enter")
	ours = page.locator(".dialer-ours", has_text="Yes, until eleven.")
	expect(ours).to_contain_text("Sent in")
	expect(box).to_be_focused()
	ours.get_by_role("button", name="Take Back").click()
	expect(ours).to_have_count(0)
	expect(box).to_have_value("Yes, until eleven.")
	box.fill("Yes, at ten.")
	page.get_by_role("button", name="Send Text").click()
	expect(page.locator(".dialer-ours", has_text="Yes, at ten.")).to_contain_text("Sent in")
	assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Conversation", conversation_of(family), "status") == "Answered"


def test_the_thread_says_that_it_arrived(staff: Callable[[str], Page], family: str, carrier):
	carrier.control("people", {family: {"behaviour": "answers", "text": {"delivery": "delivered"}}})
	page = staff("agent")
	open_it(page, family)
	box = page.get_by_label("Your answer")
	box.fill("Yes, at ten.")
	box.press("Control+Enter")
	ours = page.locator(".dialer-ours", has_text="Yes, at ten.")
	expect(ours).to_contain_text("Sent in")
	staff_replies.send_when_due()
	expect(ours).to_contain_text("Delivered")


def test_a_screen_reader_finds_its_way(staff: Callable[[str], Page], family: str):
	"""Check what this app draws; the color of its button is that of Frappe's theme."""
	page = staff("agent")
	open_it(page, family)
	drawn = {"include": [[".dialer-thread"]], "exclude": [[".btn-primary"]]}
	found = Axe().run(page, context=drawn).response["violations"]
	grave = [one for one in found if one["impact"] in GRAVE]
	assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave] == []


def test_what_may_not_be_answered_says_why(staff: Callable[[str], Page], family: str):
	inbound.reply_to_text(f"SM{secrets.token_hex(16)}", family, "+13125550100", "STOP")
	frappe.db.commit()
	page = staff("agent")
	open_it(page, family)
	expect(page.locator(".dialer-thread-refusal")).to_contain_text("opted out of texts")
	expect(page.get_by_label("Your answer")).to_be_hidden()


def test_an_empty_inbox_says_so(staff: Callable[[str], Page]):
	page = staff("agent")
	page.goto("/app/dialer-conversation?status=Waiting&phone_masked=nothing")
	expect(page.locator(".no-result .msg-box")).to_contain_text("No family is waiting for an answer.")
