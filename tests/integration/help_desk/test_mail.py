"""E-mails that ask to stop, and e-mails that do not."""

from types import SimpleNamespace

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.help_desk import mail, mail_origin
from tests.integration import factories as make


def opted_out(*phones: str) -> list[bool]:
	facts = ledger.read(phones)
	return [bool(facts[phone].opt_outs) for phone in phones]


def comments(doc) -> list[str]:
	return frappe.get_all(
		"Comment",
		{"reference_doctype": doc.doctype, "reference_name": doc.name, "comment_type": "Comment"},
		pluck="content",
	)


def reviews_of(doc) -> list:
	return frappe.get_all(
		"Dialer Review", {"reference_name": doc.name}, ["reason", "consent_event", "status"]
	)


def test_a_known_sender_is_taken_off_and_the_ticket_says_so(received, issue, family):
	message = received(
		f"Rosa Test <{family.email.upper()}>", "<p>Hello,</p><p>please stop calling me.</p>", issue
	)
	assert opted_out(family.mobile, family.other, family.student_phone) == [True, True, False]
	event = frappe.get_last_doc("Consent Event", {"phone": family.mobile})
	assert (event.source, event.scope, event.kind) == ("E-mail", "all non-emergency", "Opt Out")
	assert (event.reference_doctype, event.reference_name) == ("Communication", message.name)
	assert "stop calling me" in event.wording and family.email in event.actor.lower()
	(comment,) = comments(issue)
	assert family.mobile[-2:] in comment and family.mobile[2:] not in comment
	assert reviews_of(message) == []


@pytest.mark.parametrize(
	"signed",
	[
		"<p>Thank you.</p><p>Rosa Test</p><p>Mother of Sofia, 3rd grade</p>",
		"<div>Muchas gracias,</div><div>Rosa</div><div>Maestra, salón 5</div>",
	],
)
def test_the_name_below_a_wish_makes_it_no_less_plain(received, issue, family, signed):
	message = received(family.email, f"<p>Please take me off your calling list.</p>{signed}", issue)
	facts = ledger.read([family.mobile])[family.mobile]
	assert {one.scope for one in facts.opt_outs} == {"all non-emergency"} and reviews_of(message) == []


def test_words_below_a_closing_that_ask_for_calls_leave_it_doubtful(received, family):
	words = "<p>Please take me off the calling list.</p><p>Thanks</p><p>But call me about the bus</p>"
	message = received(family.email, words)
	assert [review.reason for review in reviews_of(message)] == ["Unsure words"]


@pytest.mark.parametrize(
	"content",
	[
		"I got to STOP this bill",
		"Thank you, please keep calling me.",
		"<p>Thanks!</p><blockquote>Reply STOP to stop calls.</blockquote>",
		(
			'<div>See you Thursday</div><div class="gmail_quote">'
			"On Mon, School wrote: text STOP to unsubscribe</div>"
		),
		"Thanks\n> text STOP to stop calling me",
		"",
	],
)
def test_other_messages_stop_nothing(received, issue, family, content):
	message = received(family.email, content, issue)
	assert opted_out(family.mobile) == [False]
	assert comments(issue) == [] and reviews_of(message) == []


def test_a_stop_in_the_subject_counts_unless_it_is_our_own(received, family):
	received(family.email, "", subject="Re: reply STOP to stop calls")
	assert opted_out(family.mobile) == [False]
	received(family.email, "", subject="Unsubscribe")
	assert opted_out(family.mobile) == [True]


def test_one_purpose_and_spanish(received, family):
	received(family.email, "Por favor dejen de llamarme")
	assert opted_out(family.mobile) == [True]


def test_a_wrong_number_by_mail(received, issue, family):
	make.consent(family.mobile)
	received(family.email, "You have the wrong number, I have no children.", issue)
	facts = ledger.read([family.mobile])[family.mobile]
	assert {one.scope for one in facts.opt_outs} == {"all non-emergency"} and facts.consents
	assert frappe.db.exists("Dialer Notice", {"phone": family.mobile, "kind": "Wrong Number Question"})
	assert frappe.db.exists("Dialer Review", {"phone": family.mobile, "reason": "Wrong number"})
	assert "says that the number is wrong" in comments(issue)[0]


def test_an_unknown_sender_is_put_before_a_human(received, issue):
	message = received("somebody@else.example", "Stop calling me!", issue)
	(review,) = reviews_of(message)
	assert (review.reason, review.consent_event, review.status) == ("Sender not known", None, "Open")
	assert "does not know for which number" in comments(issue)[0]


def test_an_address_of_many_people_is_put_before_a_human(received, family):
	for _ in range(4):
		doc = {"guardian_name": "Shared", "email_address": family.email}
		doc |= {"mobile_number": make.phone(), "alternate_number": make.phone()}
		frappe.get_doc({"doctype": "Guardian", **doc}).insert()
	message = received(family.email, "Stop calling me!")
	assert [review.reason for review in reviews_of(message)] == ["Several people"]
	assert opted_out(family.mobile) == [False]


def as_read(monkeypatch, **changes) -> None:
	"""Patch the recognizer to return these values for words that it is sure of."""
	sure = mail.recognise("Please stop calling me")
	monkeypatch.setattr(
		mail, "recognise", lambda text: SimpleNamespace(**{**sure.as_dict(), "understood": True, **changes})
	)


def test_unsure_words_change_nothing_and_are_looked_at(received, issue, family, monkeypatch):
	make.consent(family.mobile)
	as_read(monkeypatch, review=True)
	message = received(family.email, "whatever was said", issue)
	assert opted_out(family.mobile, family.other) == [False, False]
	assert [(review.reason, review.consent_event) for review in reviews_of(message)] == [
		("Unsure words", None)
	]
	assert "Nothing was changed" in comments(issue)[0]


@pytest.mark.parametrize(
	"changes", [{"scope": "everything"}, {"outcome": "wrong_number", "scope": "everything", "review": True}]
)
def test_no_mail_silences_emergencies_whatever_was_read(received, family, monkeypatch, changes):
	make.consent(family.mobile)
	as_read(monkeypatch, **changes)
	received(family.email, "whatever was said")
	facts = ledger.read([family.mobile])[family.mobile]
	assert {one.scope for one in facts.opt_outs} == {"all non-emergency"} and facts.consents


def test_a_forwarded_wish_is_looked_at(received, family):
	message = received(family.email, "Please stop calling me", subject="Fwd: from my neighbor")
	assert opted_out(family.mobile) == [False]
	assert [review.reason for review in reviews_of(message)] == ["Unsure words"]


def test_a_language_that_is_not_understood_is_looked_at(received, family, monkeypatch):
	as_read(monkeypatch, outcome="none", opt_out=False, scope=None, understood=False)
	message = received(family.email, "...")
	assert [review.reason for review in reviews_of(message)] == ["Not understood"]
	assert reviews_of(received("stranger@else.example", "...")) == []


@pytest.mark.parametrize(
	("sender", "subject", "content"),
	[
		("MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender", "Please stop calling me"),
		("no-reply@shop.example", "Your order", "Please stop calling me"),
		("", "Out of Office", "Please stop calling me"),
		("", "Automatic reply: News", "Please stop calling me"),
		("", "Respuesta automática: Noticias", "Please stop calling me"),
		("", "Re: news", "I am currently out of the office. Please stop calling me"),
	],
)
def test_a_wish_in_what_a_machine_sent_is_looked_at(received, family, sender, subject, content):
	message = received(sender or family.email, content, subject=subject)
	assert opted_out(family.mobile) == [False]
	expected = "Sender not known" if sender else "Unsure words"
	assert [review.reason for review in reviews_of(message)] == [expected]


@pytest.mark.parametrize(
	("sender", "subject", "content"),
	[
		("MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender", "It could not be delivered."),
		("no-reply@shop.example", "Your order", "It is on its way."),
		("", "Out of Office", "I am back on Monday."),
		("", "Re: news", "I am currently out of the office."),
	],
)
def test_what_a_machine_sent_without_a_wish_is_dropped(received, issue, family, sender, subject, content):
	message = received(sender or family.email, content, issue, subject=subject)
	assert opted_out(family.mobile) == [False]
	assert reviews_of(message) == [] and comments(issue) == []


@pytest.mark.parametrize(
	"content",
	[
		"Hi, I am on leave. Stop calling me.",
		"Stop calling me.<br>--<br>Please do not reply to this message.",
		"Hello, we are on vacation. Please take me off the call list.",
	],
)
def test_a_wish_of_someone_on_leave_is_never_lost(received, family, content):
	message = received(family.email, content)
	assert [review.reason for review in reviews_of(message)] == ["Unsure words"]


def as_mail(sender: str, words: str, *headers: str):
	"""Receive a mail as Frappe does, and return its Communication."""
	from frappe.email.receive import InboundMail

	lines = (f"From: {sender}", "To: office@school.example", "Subject: Hello", *headers)
	identity = f"Message-ID: <{frappe.generate_hash()}@family.example>"
	account = frappe._dict(email_id="office@school.example", use_imap=0, append_to=None)
	return InboundMail("\n".join((*lines, identity, "", words)).encode(), account).process()


def test_a_mail_without_html_is_read(family):
	as_mail(family.email, "Please stop calling me.")
	assert opted_out(family.mobile) == [True]


def test_headers_decide_what_a_machine_sent(family):
	words = "Hi, I am on leave. Stop calling me."
	message = as_mail(family.email, words, "Auto-Submitted: auto-replied")
	assert opted_out(family.mobile) == [False]
	assert [review.reason for review in reviews_of(message)] == ["Unsure words"]
	message = as_mail(family.email, words)
	assert opted_out(family.mobile) == [True] and reviews_of(message) == []


def test_a_person_whose_address_begins_like_a_machines_is_heard(received):
	number, address = make.phone("312"), f"auto.repair.{frappe.generate_hash(length=8)}@family.example"
	guardian = {
		"doctype": "Guardian",
		"guardian_name": "Joe",
		"email_address": address,
		"mobile_number": number,
	}
	frappe.get_doc(guardian).insert()
	received(address, "Stop calling me.")
	assert opted_out(number) == [True]


def test_our_own_mail_that_comes_in_is_no_wish(received, family):
	account = {"email_account_name": f"Test {family.email}", "email_id": family.email, "enable_incoming": 0}
	frappe.get_doc({"doctype": "Email Account", **account, "enable_outgoing": 0}).insert()
	received(family.email, "Please stop calling me")
	assert opted_out(family.mobile) == [False]


def test_the_same_mail_counts_once(received, family):
	for _ in range(3):
		received(family.email, "Please stop calling me", message_id="one@family.example")
	assert frappe.db.count("Consent Event", {"phone": family.mobile, "kind": "Opt Out"}) == 1


@pytest.mark.parametrize(
	"more",
	[
		{"sent_or_received": "Sent"},
		{"communication_type": "Automated Message"},
		{"communication_type": "Notification"},
	],
)
def test_what_the_school_sends_stops_nothing(received, family, more):
	kinds = frappe.get_meta("Communication").get_field("communication_type").options.split("\n")
	if more.get("communication_type", kinds[0]) not in kinds:
		pytest.skip("this version of Frappe knows no such communication")
	received(family.email, "Stop calling me", **more)
	assert opted_out(family.mobile) == [False]


def test_a_ticket_message_from_a_portal(received, issue, family):
	received(family.email, "Don't call me anymore", issue, communication_medium="Other")
	assert (
		frappe.db.get_value("Consent Event", {"phone": family.mobile, "kind": "Opt Out"}, "source")
		== "Ticket"
	)


def test_a_message_that_only_names_its_sender_stops_nothing(received, issue, family, as_role):
	"""Check what any user can write in a family's name: as received mail, and as a ticket of theirs."""
	from frappe.core.doctype.communication.email import make as write_mail

	as_role("Employee")
	for _time in range(mail_origin.REVIEWS_A_DAY + 2):
		write_mail(
			content="Please stop calling me",
			sender=family.email,
			sent_or_received="Received",
			subject="Hello",
		)
	as_role("Support Team")
	received(frappe.session.user, "Please stop calling me", issue)
	frappe.set_user("Administrator")
	assert opted_out(family.mobile) == [False]
	named = frappe.get_all("Communication", {"sender": family.email}, pluck="name")
	reasons = frappe.get_all("Dialer Review", {"reference_name": ("in", named)}, pluck="reason")
	assert reasons == ["Unsure words"] * mail_origin.REVIEWS_A_DAY
	assert frappe.db.exists("Error Log", {"method": "School Dialer: messages in the name of others"})


def test_what_the_dialers_staff_write_for_a_caller_counts(received, issue, family, as_role):
	user = as_role("Dialer Agent", "Support Team")
	received(user, "Please stop calling me", issue)
	frappe.set_user("Administrator")
	assert opted_out(family.mobile) == [True]


def test_no_mail_is_dropped_where_all_senders_look_forged(family):
	"""Check a forwarder that breaks the signs of senders."""
	failed = "Authentication-Results: mx.school.example; dmarc=fail"
	mails = [
		as_mail(family.email, "Please stop calling me.", failed)
		for _time in range(mail_origin.REVIEWS_A_DAY + 2)
	]
	assert opted_out(family.mobile) == [False]
	assert all([review.reason for review in reviews_of(mail)] == ["Unsure words"] for mail in mails)


def test_what_its_sender_wrote_here_counts(received, issue, family):
	"""Check a message of a family that is logged in on the portal."""
	user = {"doctype": "User", "email": family.email, "first_name": "Rosa", "send_welcome_email": 0}
	frappe.get_doc({**user, "user_type": "Website User"}).insert()
	frappe.set_user(family.email)
	received(family.email, "Please stop calling me", issue)
	frappe.set_user("Administrator")
	assert opted_out(family.mobile) == [True]


@pytest.mark.parametrize(
	("results", "stops"),
	[
		("mx.school.example; spf=pass smtp.mailfrom=family.example; dkim=pass; dmarc=pass", True),
		("mx.school.example; spf=fail smtp.mailfrom=family.example; dkim=pass header.d=family.example", True),
		("mx.school.example; spf=fail smtp.mailfrom=family.example; dkim=none", False),
		("mx.school.example; spf=softfail; dkim=none", True),
		("mx.school.example; dkim=pass header.d=family.example; dkim=fail header.d=list.example", True),
		("mx.school.example; spf=pass; dkim=pass header.d=other.example; dmarc=fail", False),
		("", True),
	],
)
def test_forged_mail_is_for_a_person_where_the_server_says_so(results, stops):
	headers = {"Authentication-Results": results} if results else {}
	assert mail_origin.is_forged(headers) is not stops


@pytest.mark.parametrize(
	"sender", ["", "no address", "<>", "a" * 130 + "@x.example", "'; drop table--@x.example"]
)
def test_a_sender_who_is_none(sender):
	doc = frappe._dict(
		doctype="Communication",
		name="none",
		communication_type="Communication",
		sent_or_received="Received",
		sender=sender,
		subject="",
		content="stop calling me",
	)
	mail.on_communication(doc)


@pytest.mark.parametrize(
	"content",
	[
		"<div>" * 5_000 + "stop calling me" + "</div>" * 5_000,
		"<style>" + "x" * 100_000 + "</style><p>stop calling me</p>",
		"<p>stop&nbsp;calling&#32;me",
	],
	ids=("deep", "long style", "entities"),
)
def test_strange_markup_is_read(content):
	assert mail.recognize_reply("", content).said.opt_out


@pytest.mark.parametrize(
	"content", ["<" * 50_000, "\x00\ud800", "<blockquote>" * 9_000, "&#x0;" * 1_000, None]
)
def test_no_markup_breaks_it(content):
	assert not mail.recognize_reply(None, content).said.opt_out


def test_only_the_person_undoes_what_a_message_stopped(received, issue, family):
	make.consent(family.mobile)
	received(family.email, "Please stop calling me.", issue)
	assert "Only the person can undo it" in comments(issue)[0]
	make.consent(family.mobile, at=clock.now())
	assert opted_out(family.mobile) == [True]
	ledger.opt_in(family.mobile, evidence=make.evidence("Text", wording="START"))
	assert opted_out(family.mobile) == [False]


@pytest.fixture
def staff() -> str:
	address = f"{frappe.generate_hash(length=10)}@school.example"
	user = {"doctype": "User", "email": address, "first_name": "Staff", "send_welcome_email": 0}
	frappe.get_doc({**user, "roles": [{"role": "System Manager"}]}).insert()
	return address


def test_a_ticket_that_staff_open_is_the_words_of_who_raised_it(received, issue, family, staff):
	issue.db_set("raised_by", family.email)
	received(f"Staff <{staff}>", "please stop calling me", issue)
	assert opted_out(family.mobile) == [True]


def test_what_staff_write_later_is_their_own(received, issue, family, staff):
	issue.db_set("raised_by", family.email)
	received(family.email, "When does school begin?", issue)
	received(staff, "please stop calling me", issue)
	assert opted_out(family.mobile) == [False]


@pytest.fixture
def smiths() -> list[str]:
	"""Return the numbers of the two guardians of a child whose last name no one else has."""
	numbers, people = [make.phone("312"), make.phone("303")], []
	for name, number in zip(("Ana", "Bo"), numbers, strict=True):
		doc = {"doctype": "Guardian", "guardian_name": f"{name} Smithquist", "mobile_number": number}
		people.append(frappe.get_doc(doc).insert().name)
	doc = {"doctype": "Student", "first_name": "Mia", "last_name": "Smithquist"}
	doc["student_email_id"] = f"{frappe.generate_hash(length=8)}@student.example"
	frappe.get_doc({**doc, "guardians": [{"guardian": one, "guardian_name": "G"} for one in people]}).insert()
	return numbers


@pytest.fixture
def number_of_staff(staff) -> str:
	number = make.phone("617")
	frappe.db.set_value("User", staff, "mobile_no", number)
	return number


@pytest.mark.parametrize(
	"words",
	[
		"please stop calling the Smithquist family",
		"Please take the Smithquists off the call list.",
		"The mother of Mia Smithquist asked us to stop calling her.",
		"Please remove Ana Smithquist and Bo Smithquist from the call list",
		"Por favor no llamen m\u00e1s a la familia Smithquist",
	],
)
def test_staff_who_ask_for_a_family_are_not_opted_out_themselves(
	received, staff, number_of_staff, smiths, words
):
	message = received(f"Staff <{staff}>", words)
	assert opted_out(number_of_staff, *smiths) == [False, False, False]
	found = frappe.get_all("Dialer Review", {"reference_name": message.name}, ["phone", "reason", "status"])
	assert {(one.phone, one.reason, one.status) for one in found} == {
		(number, "Unsure words", "Open") for number in smiths
	}


def test_the_number_in_the_mail_of_staff_is_proposed(received, staff, number_of_staff):
	number = make.phone("312")
	message = received(staff, f"please stop calling ({number[2:5]}) {number[5:8]}-{number[8:]}")
	assert opted_out(number, number_of_staff) == [False, False]
	assert frappe.get_all("Dialer Review", {"reference_name": message.name}, pluck="phone") == [number]


def test_a_family_that_is_not_on_record_is_looked_at(received, issue, staff, number_of_staff):
	message = received(staff, "please stop calling the Nonesuchowski family", issue)
	assert opted_out(number_of_staff) == [False]
	assert [review.reason for review in reviews_of(message)] == ["Sender not known"]
	assert "does not know which" in comments(issue)[0]


def test_staff_who_ask_for_themselves_are_heard(received, staff, number_of_staff):
	received(staff, "Please stop calling me.")
	assert opted_out(number_of_staff) == [True]


def test_a_signature_names_no_family(received, staff, number_of_staff, smiths):
	office = make.phone("303")
	signed = f"Rosa Smithquist<br>Riverside School, ({office[2:5]}) {office[5:8]}-{office[8:]}"
	message = received(staff, f"<p>Please stop calling me.</p><p>{signed}</p>")
	assert opted_out(number_of_staff, office, *smiths) == [True, False, False, False]
	assert reviews_of(message) == []


def test_a_family_that_is_named_before_the_wish_of_staff_is_looked_at(
	received, staff, number_of_staff, smiths
):
	words = "<p>The Smithquist family wrote this.</p><p>Please stop calling us.</p><p>Rosa</p>"
	message = received(staff, words)
	assert opted_out(number_of_staff, *smiths) == [False, False, False]
	assert len(reviews_of(message)) == len(smiths)


def test_words_of_staff_about_others_are_not_the_raisers(received, issue, family, staff, smiths):
	issue.db_set("raised_by", family.email)
	message = received(staff, "please stop calling the Smithquist family", issue)
	assert opted_out(family.mobile, *smiths) == [False, False, False]
	assert len(reviews_of(message)) == len(smiths)


def test_the_raiser_counts_for_staff_alone(received, issue, family):
	issue.db_set("raised_by", family.email)
	received("stranger@elsewhere.example", "please stop calling me", issue)
	assert opted_out(family.mobile) == [False]


def test_a_note_on_a_ticket_of_helpdesk_is_one_of_its_own_comments(monkeypatch):
	inserted = []
	ticket = frappe._dict(reference_doctype="HD Ticket", reference_name="17")
	real = frappe.get_doc

	def get_doc(*args, **kwargs):
		if args and isinstance(args[0], dict) and args[0]["doctype"] == "HD Ticket Comment":
			inserted.append(args[0])
			return frappe._dict(insert=lambda ignore_permissions: None)
		return real(*args, **kwargs)

	monkeypatch.setattr(frappe, "get_doc", get_doc)
	monkeypatch.setattr(
		frappe.db, "exists", lambda doctype, name=None: (doctype, name) == ("DocType", "HD Ticket Comment")
	)
	mail.comment_on(ticket, "noted")
	assert [(each["reference_ticket"], each["content"]) for each in inserted] == [("17", "noted")]
