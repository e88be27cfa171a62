"""Mail that is too large, too deeply nested, quoted in every way, or our own.

It is read with bounded work, and no request in it is lost.
"""

import secrets

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.help_desk import mail
from school_dialer.messages import store

pytestmark = pytest.mark.exhaustive

STOP = "please stop calling me"


def opted_out(family) -> bool:
	return bool(ledger.read([family.mobile])[family.mobile].opt_outs)


def reasons(doc) -> list[str]:
	return frappe.get_all("Dialer Review", {"reference_name": doc.name}, pluck="reason")


def arrives(sender: str, content: str, **more):
	"""Insert a received message as the hook gets it, and return it.

	The row bypasses Frappe's own sanitizing of markup, which is not under test.
	"""
	doc = frappe.get_doc(
		{
			"doctype": "Communication",
			"name": secrets.token_hex(5),
			"communication_type": "Communication",
			"communication_medium": "Email",
			"sent_or_received": "Received",
			"sender": sender,
			"subject": "Re: news",
			"content": content,
			**more,
		}
	)
	doc.db_insert()
	mail.on_communication(doc)
	return doc


HUGE = {
	"nested": "<div>" * 20_000 + STOP + "</div>" * 20_000,
	"never closed": "<b><i><p>" * 20_000 + STOP,
	"a long style": "<style>" + "x" * 500_000 + f"</style><p>{STOP}</p>",
	"a picture in the text": f'<p>{STOP}</p><img src="data:image/png;base64,' + "A" * 3_000_000 + '">',
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_wish_in_huge_markup_is_heard(family, kind):
	arrives(family.email, HUGE[kind])
	assert opted_out(family)


LONG = {
	"after many brackets": "<" * 20_000 + f" {STOP}",
	"at the end of many words": "Dear school, " * 50_000 + f"\n\n{STOP}",
	"at the end of much markup": "<p>Dear school</p>" * 100_000 + f"<p>{STOP}</p>",
	"after a comment without end": "<!-- " + "x" * 1_500_000 + f" {STOP}",
	"in the middle": "Dear school, " * 20_000 + f"\n{STOP}\n" + "Dear school, " * 20_000,
	"after letters that grow": "\ufdfa" * 9_000 + f" {STOP}",
}


@pytest.mark.parametrize("kind", LONG)
def test_a_mail_that_is_not_read_to_its_end_goes_before_a_person(family, kind):
	message = arrives(family.email, LONG[kind])
	assert opted_out(family) or reasons(message)


@pytest.mark.parametrize("kind", ["at the end of many words", "at the end of much markup"])
def test_from_a_stranger_as_well_where_it_asks_to_stop(kind):
	assert reasons(arrives("stranger@else.example", LONG[kind])) == ["Sender not known"]


@pytest.mark.story
@pytest.mark.parametrize(
	"content",
	[
		(
			"On Monday, 3 November, School wrote:\n> The concert is on Thursday.\n"
			f"> Reply STOP to stop.\n\n{STOP}"
		),
		f"\nOn Monday, School wrote:\n> The concert is on Thursday.\n\n{STOP}\n\nRosa",
		f"> The concert is on Thursday.\n{STOP}\n> Reply STOP to stop.",
		f"<p>Hello</p><p>On Monday School wrote:</p><blockquote>The concert</blockquote><p>{STOP}</p>",
		'<div class="gmail_quote"><div class="gmail_attr">On Monday School wrote:</div>'
		f"<blockquote>The concert is on Thursday.</blockquote><div>{STOP}</div></div>",
		f"<blockquote>never closed</blockquote></div></div>{STOP}",
	],
)
def test_a_wish_below_or_between_our_quoted_words_is_heard(family, content):
	arrives(family.email, content)
	assert opted_out(family)


@pytest.fixture
def ours(family) -> str:
	"""Return the name of the Communication for a mail from the school to the family."""
	doc = frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"communication_medium": "Email",
			"sent_or_received": "Sent",
			"sender": "office@school.example",
			"recipients": family.email,
			"subject": "News",
			"content": "<p>The concert is on Thursday at six.</p>"
			"<p>If you do not want our calls, write stop calling me.</p>",
			"message_id": f"{secrets.token_hex(8)}@school.example",
		}
	)
	doc.name = secrets.token_hex(5)
	doc.db_insert()
	return doc.name


QUOTED = "The concert is on Thursday at six.\nIf you do not want our calls, write stop calling me."


@pytest.mark.story
@pytest.mark.parametrize("head", ["From: School\nTo: Rosa\n", "-----Original Message-----\n", ""])
def test_our_own_words_without_any_mark_are_no_wish(family, ours, head):
	message = arrives(family.email, f"Thank you, we will come.\n\n{head}{QUOTED}", in_reply_to=ours)
	assert not opted_out(family) and not reasons(message)


def test_a_wish_among_words_of_ours_without_any_mark_goes_before_a_person(family, ours):
	content = f"Hello\n\nFrom: School\nTo: Rosa\n\n{QUOTED}\n\n{STOP}"
	message = arrives(family.email, content, in_reply_to=ours)
	assert opted_out(family) or reasons(message) == ["Unsure words"]


def test_a_wish_inside_of_the_quotation_and_nowhere_else_goes_before_a_person(family, ours):
	content = f"<blockquote><p>The concert is on Thursday at six.</p><p>{STOP}</p></blockquote>"
	message = arrives(family.email, content, in_reply_to=ours)
	assert opted_out(family) or reasons(message) == ["Unsure words"]


def test_our_own_mail_comes_back_by_its_message_id(family, ours):
	message_id = frappe.db.get_value("Communication", ours, "message_id")
	message = arrives(family.email, STOP, message_id=message_id)
	assert not opted_out(family) and not reasons(message)
	queued = f"{secrets.token_hex(8)}@school.example"
	frappe.get_doc(
		{"doctype": "Email Queue", "sender": "office@school.example", "message_id": queued}
	).db_insert()
	message = arrives(family.email, STOP, message_id=queued)
	assert not opted_out(family) and not reasons(message)


def test_our_sentences_that_a_robot_returns_are_no_wish(family):
	us = store.school().identity
	message = arrives(family.email, f"{us}: The concert is on Thursday.\nReply STOP to stop.")
	assert not opted_out(family) and not reasons(message)


def test_a_robot_that_writes_stop_each_minute_gets_one_text(family):
	for _minute in range(20):
		arrives(family.email, STOP)
	for phone in (family.mobile, family.other):
		assert frappe.db.count("Dialer Notice", {"phone": phone}) == 1


@pytest.mark.parametrize("references", ["", "Issue"])
def test_any_bytes_in_every_field_break_nothing(family, references):
	for nasty in ("\x00", "\ud800"[:0] + "\ufffd" * 500, "'\"`;--", "{{7*7}}", "x" * 400):
		doc = frappe._dict(
			doctype="Communication",
			name="none",
			communication_type="Communication",
			sent_or_received="Received",
			sender=nasty,
			subject=nasty,
			content=nasty,
			message_id=nasty,
			in_reply_to=nasty,
		)
		mail.on_communication(doc)
