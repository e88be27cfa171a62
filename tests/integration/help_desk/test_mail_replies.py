"""What families write in reply to a campaign's e-mail is in the conversation with their number."""

import frappe
import pytest

from school_dialer.help_desk import mail_replies
from tests.integration import factories as make

WORDS = "<p>Thank you. Ana has a fever and stays at home.</p><blockquote>Your letter</blockquote>"


@pytest.fixture
def campaign():
	title = frappe.generate_hash(length=8)
	return frappe._dict(doctype="Dialer Campaign", name=make.campaign(title=title).name)


@pytest.fixture
def mother():
	"""Return a guardian's address and only number."""
	phone, email = make.unlisted_phone(), f"{frappe.generate_hash(length=8)}@family.example"
	guardian = {"guardian_name": "Rosa Test", "email_address": email, "mobile_number": phone}
	frappe.get_doc({"doctype": "Guardian", **guardian}).insert()
	return email, phone


def kept(phone: str) -> list:
	return frappe.get_all(
		"Dialer Conversation Message",
		{"phone": phone},
		["words", "channel", "direction", "reference_doctype"],
		order_by="creation",
	)


def test_a_reply_is_a_message_once_without_what_it_quotes(mother, campaign, received):
	email, phone = mother
	for _time in range(2):
		received(email, WORDS, campaign, message_id="one@family.example")
	(message,) = kept(phone)
	assert message.words == "Thank you. Ana has a fever and stays at home."
	assert (message.channel, message.direction) == ("E-mail", "Received")
	assert message.reference_doctype == "Communication"


@pytest.mark.parametrize(
	"subject, content",
	[
		("Automatic reply: news", "<p>I am out of the office.</p>"),
		("Undeliverable: news", "<p>The address was not found.</p>"),
		("Re: news", "<p>please stop calling me</p>"),
		("Re: news", "<blockquote>Only what we wrote</blockquote>"),
	],
)
def test_machines_and_opt_outs_are_not(mother, campaign, received, subject, content):
	email, phone = mother
	received(email, content, campaign, subject=subject)
	assert kept(phone) == []


def test_an_address_with_several_numbers_or_none_is_not_guessed(family, campaign, received):
	received(family.email, WORDS, campaign)
	received("stranger@elsewhere.example", WORDS, campaign)
	assert kept(family.mobile) == kept(family.other) == []


def test_other_mail_is_left_to_others(mother, received):
	email, phone = mother
	received(email, WORDS)
	assert kept(phone) == [] and mail_replies.number_of(email) == phone
