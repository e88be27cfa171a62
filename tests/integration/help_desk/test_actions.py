"""An agent stops calls from the record at hand: needs read permission for it, and sees no number."""

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.audience import on_record
from school_dialer.consent import by_staff, ledger
from school_dialer.consent.replies import answer_limits, reviews
from school_dialer.desk import consent, numbers
from school_dialer.help_desk import actions
from tests.integration import factories as make


def event(name: str):
	return frappe.get_doc("Consent Event", name)


def test_an_issue_offers_the_numbers_of_who_raised_it(issue, family):
	offered = actions.prefill("Issue", issue.name)["numbers"]
	assert [(each["doctype"], each["who"]) for each in offered] == [("Guardian", "Rosa Test")] * 2
	assert [each["number"][-2:] for each in offered] == [family.mobile[-2:], family.other[-2:]]
	assert family.mobile[2:] not in str(offered)


def test_a_student_offers_their_own_and_their_guardians_numbers(family):
	known = on_record.numbers_on("Student", family.student)
	assert [each.phone for each in known] == [family.student_phone, family.mobile, family.other]


def test_a_contact_a_customer_and_an_employee_offer_theirs():
	numbers = [make.phone() for _ in range(3)]
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Ana"})
	contact.append("phone_nos", {"phone": numbers[0], "is_primary_mobile_no": 1})
	contact.append("phone_nos", {"phone": numbers[1]})
	contact.insert()
	assert {each.phone for each in on_record.numbers_on("Contact", contact.name)} == set(numbers[:2])
	assert on_record.numbers_on("User", "Guest") == []


def test_a_number_by_its_place_is_stopped_unseen(issue, family, as_role):
	user = as_role("Dialer Agent", "Support Team")
	offered = actions.prefill("Issue", issue.name)["numbers"]
	assert {each["who"] for each in offered} == {""}, (
		"an agent who may not read guardians is not told who they are"
	)
	answer = actions.log_opt_out(
		"Issue", issue.name, offered[0]["key"], "this purpose", "Voice", "Fees", "phoned in", "no fee calls"
	)
	assert family.mobile[2:] not in str(answer)
	recorded = event(answer["event"])
	assert (recorded.phone, recorded.kind, recorded.scope) == (family.mobile, "Opt Out", "this purpose")
	assert (recorded.channel, recorded.purpose, recorded.source) == ("Voice", "Fees", "Ticket")
	assert (recorded.actor, recorded.note, recorded.wording) == (user, "phoned in", "no fee calls")
	assert (recorded.reference_doctype, recorded.reference_name) == ("Issue", issue.name)
	assert (recorded.person_doctype, recorded.person) == ("Guardian", family.guardian)


def test_an_opt_out_stands_on_the_ticket(issue, family):
	assert actions.opted_out("Issue", issue.name) == []
	key = actions.prefill("Issue", issue.name)["numbers"][0]["key"]
	actions.log_opt_out("Issue", issue.name, key)
	(calls, texts) = actions.opted_out("Issue", issue.name)
	assert calls.endswith("Calls: opted out, except for emergencies") and "Texts" in texts
	assert family.mobile[2:] not in calls
	said = {"reference_doctype": "Issue", "reference_name": issue.name, "comment_type": "Info"}
	(comment,) = frappe.get_all("Comment", said, pluck="content")
	assert comment.startswith("Logged an opt-out for ") and family.mobile[2:] not in comment


def test_the_ticket_says_that_an_opt_out_was_a_wrong_click(issue, family, as_role):
	as_role("Dialer Agent", "Support Team")
	answer = actions.log_opt_out("Issue", issue.name, family.mobile)
	consent.undo_opt_out(answer["event"])
	assert actions.opted_out("Issue", issue.name) == []
	said = {"reference_doctype": "Issue", "reference_name": issue.name, "comment_type": "Info"}
	comments = frappe.get_all("Comment", said, pluck="content", order_by="creation")
	assert {one.split(" an opt-out")[0] for one in comments} == {"Logged", "Took back"}
	assert not any(family.mobile[2:] in one for one in comments)


def test_their_own_words_are_filled_in(issue, family, received):
	assert actions.prefill("Issue", issue.name)["wording"] == "Please help"
	quoted = "<div>Please stop calling us.</div><blockquote>Reply STOP to stop.</blockquote>"
	received(family.email, quoted, issue)
	assert actions.prefill("Issue", issue.name)["wording"] == "Please stop calling us."
	assert actions.prefill("Guardian", family.guardian)["wording"] == ""


def test_a_number_as_told_is_stopped(family):
	number = make.phone()
	answer = actions.log_opt_out("Guardian", family.guardian, f" {number[2:5]}-{number[5:8]}.{number[8:]}")
	recorded = event(answer["event"])
	assert (recorded.phone, recorded.scope, recorded.source) == (number, "all non-emergency", "Agent")
	assert ledger.read([number])[number].opt_outs


def test_a_wrong_number_ends_everything(issue, family):
	make.consent(family.mobile)
	actions.wrong_number("Issue", issue.name, family.mobile, note="A dentist answered")
	facts = ledger.read([family.mobile])[family.mobile]
	assert facts.opt_outs and not facts.consents


@pytest.mark.parametrize("text", ["", "12", "Guardian/none/mobile_number", "<script>", "+1312555"])
def test_what_is_no_number_is_said_so(issue, text):
	with pytest.raises(frappe.ValidationError, match="not a telephone number"):
		actions.log_opt_out("Issue", issue.name, text)


def test_the_place_of_a_number_counts_on_its_own_record_only(issue, family):
	stranger = frappe.get_doc(
		{"doctype": "Guardian", "guardian_name": "Stranger", "mobile_number": make.phone()}
	).insert()
	with pytest.raises(frappe.ValidationError, match="not a telephone number"):
		actions.log_opt_out("Issue", issue.name, f"Guardian/{stranger.name}/mobile_number")


@pytest.mark.parametrize("roles", [["Support Team"], ["System Manager"], ["Dialer Emergency Approver"], []])
def test_the_dialers_agents_only(issue, family, as_role, roles):
	as_role(*roles)
	for method, arguments in (
		(actions.prefill, ()),
		(actions.opted_out, ()),
		(actions.log_opt_out, (family.mobile,)),
		(actions.wrong_number, (family.mobile,)),
		(actions.send_preference_link, (family.mobile,)),
	):
		with pytest.raises(frappe.PermissionError):
			method("Issue", issue.name, *arguments)
	with pytest.raises(frappe.PermissionError):
		actions.close_review("any", "seen")


def test_only_from_a_record_one_may_read(issue, family, as_role):
	as_role("Dialer Agent")
	for method in (actions.prefill, actions.opted_out, actions.log_opt_out):
		with pytest.raises(frappe.PermissionError):
			method("Issue", issue.name, *((family.mobile,) if method is actions.log_opt_out else ()))
	with pytest.raises(frappe.PermissionError):
		actions.prefill("Guardian", family.guardian)


@pytest.mark.parametrize("doctype", ["DocType", "Consent Event", "Dialer Settings", "Nothing", "HD Ticket"])
def test_only_from_records_about_people(doctype):
	"""Check the DocTypes that are refused. Tickets of Helpdesk are accepted on a site that has Helpdesk."""
	says = (
		"not found"
		if doctype == "HD Ticket" and frappe.db.exists("DocType", doctype)
		else "logged from these records"
	)
	with pytest.raises(frappe.ValidationError, match=says):
		actions.prefill(doctype, "DocType")


def test_a_record_that_is_not_there():
	with pytest.raises(frappe.DoesNotExistError):
		actions.prefill("Issue", "ISS-NONE")


@pytest.mark.parametrize("method", [actions.prefill, numbers.on_this_record])
def test_a_ticket_may_have_a_number_for_a_name(method):
	with pytest.raises(frappe.DoesNotExistError):
		method("Issue", 2**31)


def test_the_ledger_keeps_the_name_as_text(family, monkeypatch):
	monkeypatch.setattr(actions, "_check", lambda doctype, name: str(name))
	monkeypatch.setattr(actions.on_record, "numbers_on", lambda doctype, name: [])
	monkeypatch.setattr(actions, "say_on_ticket", lambda *_said: None)
	done = actions.log_opt_out("HD Ticket", 17, family.mobile)
	event = frappe.db.get_value("Consent Event", done["event"], ["source", "reference_name"])
	assert event == ("Ticket", "17")


def test_a_link_goes_by_text_to_the_number(issue, family):
	key = actions.prefill("Issue", issue.name)["numbers"][0]["key"]
	actions.send_preference_link("Issue", issue.name, key)
	assert frappe.db.exists("Dialer Notice", {"phone": family.mobile, "kind": "Preference Link"})


def test_a_link_goes_to_numbers_on_record_only(issue, family):
	stranger, known = make.phone(), make.phone()
	make.consent(known)
	with pytest.raises(frappe.ValidationError, match="numbers on record only"):
		actions.send_preference_link("Issue", issue.name, stranger)
	assert not frappe.db.exists("Dialer Notice", {"phone": stranger})
	for number in (known, family.mobile):
		actions.send_preference_link("Issue", issue.name, number)
		assert frappe.db.exists("Dialer Notice", {"phone": number, "kind": "Preference Link"})
	own = frappe.get_cached_doc("Dialer Settings").call_back_number or SENDER
	with pytest.raises(frappe.ValidationError, match="numbers on record only"):
		actions.send_preference_link("Issue", issue.name, own)


def test_who_sends_too_many_links_is_told_so(issue, family, same_window, monkeypatch):
	monkeypatch.setattr(answer_limits, "NUMBER_A_DAY", 0)
	with pytest.raises(frappe.TooManyRequestsError, match="as many messages"):
		actions.send_preference_link("Issue", issue.name, family.mobile)
	monkeypatch.undo()
	monkeypatch.setattr(frappe, "sendmail", lambda **_mail: None)
	key = actions.prefill("Issue", issue.name)["numbers"][0]["key"]
	for _time in range(actions.MAILS_A_DAY):
		actions.send_preference_link("Issue", issue.name, key, by="E-mail")
	with pytest.raises(frappe.TooManyRequestsError, match="as many messages"):
		actions.send_preference_link("Issue", issue.name, key, by="E-mail")


def test_a_link_goes_by_mail_to_the_address_on_record(issue, family, monkeypatch):
	sent = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: sent.append(mail))
	key = actions.prefill("Issue", issue.name)["numbers"][0]["key"]
	actions.send_preference_link("Issue", issue.name, key, by="E-mail")
	(mail,) = sent
	assert mail["recipients"] == [family.email]
	assert "/dialer-preferences?t=" in mail["message"] and family.mobile[2:] not in mail["message"]
	with pytest.raises(frappe.ValidationError, match="no e-mail address"):
		actions.send_preference_link("Issue", issue.name, make.phone(), by="E-mail")


def test_a_link_goes_to_one_of_two_addresses_in_a_field(family, monkeypatch):
	sent = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: sent.append(mail))
	both = f"Rosa <{family.email}>, other-{family.email}"
	frappe.db.set_value("Guardian", family.guardian, "email_address", both)
	key = actions.prefill("Guardian", family.guardian)["numbers"][0]["key"]
	actions.send_preference_link("Guardian", family.guardian, key, by="E-mail")
	assert [mail["recipients"] for mail in sent] == [[family.email]]


def test_no_link_goes_to_an_address_that_its_sender_put_beside_the_number(family, as_role, monkeypatch):
	"""Check an agent's own User, a new guardian of hers with the number, and an edited record."""
	sent = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: sent.append(mail))
	monkeypatch.setattr(actions, "_check", lambda doctype, name: str(name))
	as_role("Dialer Agent")
	own, address = frappe.session.user, f"{frappe.generate_hash(length=8)}@agent.example"
	frappe.set_user("Administrator")
	frappe.db.set_value("User", own, "mobile_no", family.mobile)
	values = {"guardian_name": "Mine", "mobile_number": family.mobile, "email_address": address}
	mine = frappe.get_doc({"doctype": "Guardian", **values}).insert()
	mine.db_set("owner", own)
	for doctype, name in (("User", own), ("Guardian", mine.name), ("Guardian", family.guardian)):
		frappe.set_user(own)
		with pytest.raises((frappe.ValidationError, frappe.PermissionError)):
			actions.send_preference_link(doctype, name, family.mobile, by="E-mail")
	frappe.set_user("Administrator")
	frappe.delete_doc("Guardian", mine.name, force=True)
	frappe.db.set_value("Guardian", family.guardian, {"email_address": address, "modified_by": own})
	frappe.db.sql("update `tabGuardian` set modified_by = %s where name = %s", (own, family.guardian))
	frappe.set_user(own)
	with pytest.raises(frappe.PermissionError, match="written or changed"):
		actions.send_preference_link("Guardian", family.guardian, family.mobile, by="E-mail")
	assert not sent


def test_a_review_is_closed_with_what_was_done(issue, as_role):
	name = reviews.ask_for_review(reviews.NOT_KNOWN, reference_doctype="Issue", reference_name=issue.name)
	user = as_role("Dialer Agent")
	with pytest.raises(frappe.ValidationError, match="what was done"):
		actions.close_review(name, "  ")
	actions.close_review(name, "called back")
	review = frappe.get_doc("Dialer Review", name)
	assert (review.status, review.closed_by, review.note) == ("Done", user, "called back")
	with pytest.raises(frappe.PermissionError):
		review.save()


def test_consent_is_recorded_from_the_record(issue, family, as_role):
	user = as_role("Dialer Manager")
	frappe.set_user("Administrator")
	frappe.share.add("Issue", issue.name, user, read=1)
	frappe.set_user(user)
	key = actions.prefill("Issue", issue.name)["numbers"][0]["key"]
	done = actions.record_consent("Issue", issue.name, key, "express oral", "Yes, do call me.")
	event = frappe.get_doc("Consent Event", done["event"])
	assert (event.kind, event.source, event.reference_name, event.person) == (
		"Grant",
		"Ticket",
		issue.name,
		family.guardian,
	)
	assert not done["opted_out"] and family.mobile not in str(done)
	assert ledger.read([family.mobile])[family.mobile].consents


def test_an_agents_consent_undoes_no_opt_out_but_a_signed_form_does(issue, family, as_role):
	actions.log_opt_out("Issue", issue.name, family.mobile)
	words = "Yes, do call me."
	assert actions.record_consent("Issue", issue.name, family.mobile, "express oral", words)["opted_out"]
	form = frappe.get_doc({"doctype": "File", "file_name": "form.txt", "content": "Signed", "is_private": 1})
	url = form.insert().file_url
	done = actions.record_consent(
		"Issue", issue.name, family.mobile, "express written", words, attachment=url
	)
	assert done["opted_out"] and done["second_person"]
	with pytest.raises(frappe.DoesNotExistError):
		actions.record_consent(
			"Issue", issue.name, family.mobile, "express written", words, attachment="/private/files/none"
		)
	as_role("Dialer Compliance Officer", "Academics User")
	assert not by_staff.confirm_form(done["event"])["opted_out"]


def test_agents_record_no_consent(issue, family, as_role):
	user = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	frappe.share.add("Issue", issue.name, user, read=1)
	frappe.set_user(user)
	with pytest.raises(frappe.PermissionError):
		actions.record_consent("Issue", issue.name, family.mobile, "express oral", "Yes")


def test_consent_at_enrollment_says_what_to_do_about_an_audience_that_is_gone():
	with pytest.raises(frappe.ValidationError, match=r"Gone\. Choose another one"):
		next(consent._audience("Gone", None))
