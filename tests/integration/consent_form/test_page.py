"""The consent form: nothing counts before the code, and then exactly what was answered does."""

import re

import frappe
import pytest
from lxml import html

from dev.demo import consent_answers as demo
from school_dialer.base import clock
from school_dialer.compliance.vocabulary import EXPRESS_WRITTEN
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link
from school_dialer.consent.events import Evidence
from school_dialer.consent.receipts import receipt
from school_dialer.consent_form import answers, codes, proof, requests
from school_dialer.lines import record
from school_dialer.lines.answer import LineAnswer
from school_dialer.schools import staff
from school_dialer.website import words
from school_dialer.website.consent import consent_copy, consent_words
from tests.integration import factories as make


def status(family) -> str:
	return frappe.db.get_value(requests.DOCTYPE, family.request, "status")


def test_it_shows_the_letters_people_and_children_and_ticks_nothing(visitor, family):
	assert visitor.get(t=family.token).status_code == 200
	assert "Maria Verónica Prueba" in visitor.text and "Zulma" in visitor.text
	assert family.phone[2:] not in visitor.html and family.student not in visitor.html
	assert "checked" not in visitor.html and "selected" not in visitor.html
	assert visitor.html.count('value="yes"') == len(answers.QUESTIONS) + 1
	assert visitor.html.count('value="no"') == len(answers.QUESTIONS)
	assert "<script" not in visitor.html


@pytest.mark.parametrize("says", [demo.EVERYTHING, demo.LITTLE, demo.NOTHING])
def test_the_demos_families_fill_it_in_as_a_browser_does(visitor, family, says):
	"""`make demo` sends the form as it stands in the page, with all that is hidden in it."""
	visitor.get(t=family.token)
	form = next(one for one in html.fromstring(visitor.html).forms if "signature" in one.fields)
	demo.fill(form, demo.Family(family.request, "Maria Verónica Prueba", family.phone, says))
	sent = dict(form.form_values())
	assert visitor.post(**sent, act="sign").status_code == 303, visitor.text
	row = answers.by_token(visitor.secret)
	yes = {question for question, agreed in answers.choices(row).items() if agreed}
	assert len(yes) == {demo.EVERYTHING: len(answers.QUESTIONS), demo.LITTLE: 2, demo.NOTHING: 0}[says]
	assert row.signature == "Maria Verónica Prueba" and row.person == family.guardian


def test_it_is_neither_kept_nor_indexed_nor_framed_nor_referred_to(visitor, family):
	for answer in (visitor.get(t=family.token), visitor.get(), visitor.get(t="nonsense")):
		assert answer.headers["Cache-Control"] == "no-store"
		assert answer.headers["Referrer-Policy"] == "no-referrer"
		assert "noindex" in answer.headers["X-Robots-Tag"]
		assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_without_a_secret_it_asks_for_the_code_of_the_letter(visitor, family):
	visitor.get()
	assert "Enter the code of your letter" in visitor.text and "Zulma" not in visitor.text
	assert visitor.post(letter="AAAA-BBBB-CCCC").status_code == 422
	visitor.post(letter=requests.typed_code(family.request).lower())
	visitor.follow()
	assert "Zulma" in visitor.text


def test_each_no_counts_at_once_and_no_yes_before_the_code(visitor, family, signed):
	row = signed(family, "Voice-Attendance", "Text-Attendance", "Voice-Fees")
	assert row.status == answers.UNPROVEN and row.declined_at
	found = family.events()
	assert {(one.kind, one.channel, one.purpose) for one in found} == {
		("Opt Out", "Text", "Fees"),
		*(("Opt Out", "Any", purpose) for purpose in ("Academic", "Event", "General", "Fundraising")),
	}
	assert {(one.scope, one.person, one.reference_name) for one in found} == {
		("this purpose", family.guardian, row.name)
	}
	visitor.follow()
	assert f"ends in {family.phone[-2:]}" in visitor.text and family.phone not in visitor.html
	assert status(family) == requests.WAITING


def test_the_code_makes_it_count_with_its_evidence(visitor, family, proven):
	row = proven(family, "Voice-Attendance", "Text-Attendance", "Voice-Fees")
	assert (row.status, row.proven_by, status(family)) == (answers.COUNTS, "Text", requests.ANSWERED)
	found = family.events()
	said = {(one.kind, one.channel, one.purpose) for one in found}
	assert said == {
		("Grant", "Any", "Attendance"),
		("Grant", "Voice", "Fees"),
		("Opt Out", "Text", "Fees"),
		*(("Opt Out", "Any", purpose) for purpose in ("Academic", "Event", "General", "Fundraising")),
	}
	assert len(found) == len(said)
	grant = next(one for one in found if one.kind == "Grant")
	assert (grant.basis, grant.source, grant.ip, grant.language) == (
		EXPRESS_WRITTEN, "Signed Form", visitor.ip, "en",
	)  # fmt: skip
	assert (grant.person, grant.reference_name) == (family.guardian, row.name)
	assert "Attendance (Absences and late arrivals.) – Phone calls: Yes" in grant.wording
	assert "By signing I agree that" in grant.wording and "not a condition" in grant.wording
	assert row.digest in grant.note and row.form_version in grant.note and "Maria V. Prueba" in grant.note
	assert answers.digest(row.shown) == row.digest and row.form_version == consent_words.version("en")
	assert "Zulma" in row.shown and "electronically" in row.shown and family.phone not in row.shown
	assert {one.scope for one in found if one.kind == "Opt Out"} == {"this purpose"}


def test_the_last_page_is_the_copy_and_leads_to_the_choices(visitor, family, proven):
	row = proven(family)
	assert "Your answer counts from now on" in visitor.text and "Signed by Maria V. Prueba" in visitor.text
	url = re.search(r'href="(/dialer-preferences\?t=[^"]+)"', visitor.html)[1]
	link = preference_link.read_link(url.rpartition("t=")[2])
	assert (link.phone, link.name) == (family.phone, row.preference_link)
	assert link.only_stops


@pytest.mark.parametrize("can_send", [True, False])
def test_a_copy_by_mail_is_promised_only_where_the_site_sends_mail(
	visitor, family, proven, monkeypatch, can_send
):
	monkeypatch.setattr(staff, "can_send", lambda: can_send)
	proven(family)
	assert "Signed by Maria V. Prueba" in visitor.text
	assert (words.say("form_copy_mailed", "en") in visitor.text) is can_send


def test_the_copy_has_a_receipt_of_the_last_event(visitor, family, proven):
	row = proven(family)
	(address,) = set(re.findall(r'href="(/dialer-receipt\?[^"]+)"', visitor.html))
	code = re.search(r"c=([0-9A-Z-]+)", address)[1]
	event = answers.last_event(row)
	assert receipt.event_of(code) == event and code in visitor.text
	events = frappe.get_all("Consent Event", {"phone": family.phone}, pluck="name", order_by="seq")
	assert events[-1] == event
	mail = consent_copy.body(row, "en")
	assert code in mail and "/dialer-receipt?c=" in mail
	assert f"<code>{receipt.read(code).signed}</code>" in mail


def test_a_wrong_code_counts_for_nothing_and_five_are_too_many(visitor, family, signed):
	row = signed(family)
	secret = visitor.secret
	visitor.post(a=secret, act="Text")
	right = codes.code_of(answers.named(row.name))
	for _try in range(codes.MOST_TRIES):
		visitor.post(a=secret, act="check", code=f"{(int(right) + 1) % 1_000_000:06d}")
	visitor.follow()
	assert "not the code" in visitor.text
	visitor.post(a=secret, act="check", code=right)
	visitor.follow()
	assert "no code that can be entered" in visitor.text
	assert "Grant" not in {one.kind for one in family.events()}


def test_a_new_code_ends_the_old_one_and_three_are_enough(visitor, family, signed):
	row = signed(family)
	secret, seen = visitor.secret, []
	for _time in range(codes.PER_ANSWER):
		visitor.post(a=secret, act="Text")
		seen.append(codes.code_of(answers.named(row.name)))
	visitor.post(a=secret, act="Text")
	visitor.follow()
	assert "No more codes" in visitor.text
	assert codes.check(row.name, seen[0]) == codes.WRONG and codes.check(row.name, seen[-1]) == codes.RIGHT


def test_a_code_holds_for_ten_minutes(family, signed, visitor):
	row = signed(family)
	visitor.post(a=visitor.secret, act="Text")
	row = answers.named(row.name)
	answers.update(row, code_expires_at=clock.to_db(clock.now()))
	assert codes.check(row.name, codes.code_of(row)) == codes.OVER


def test_no_to_everything_needs_no_number_and_stops_at_once(visitor, family, signed):
	make.consent(family.phone)
	row = signed(family, phone="", **{f"{c}-{p}": "no" for c, p in answers.QUESTIONS})
	assert (answers.named(row.name).status, status(family)) == (answers.DECLINED, requests.DECLINED)
	last = family.events()[-1]
	assert (last.kind, last.scope, last.source) == ("Opt Out", "all non-emergency", "Signed Form")
	visitor.follow()
	assert "You said no to everything" in visitor.text
	kinds = frappe.get_all("Dialer Notice", {"phone": family.phone}, pluck="kind")
	assert kinds == ["Opt-out Confirmation"]


def test_another_adults_yes_waits_for_the_office_and_the_no_counts(visitor, family, proven):
	number = make.unlisted_phone()
	row = proven(family, "Voice-Fees", who="other", phone=number)
	assert (row.status, row.person, status(family)) == (answers.FOR_OFFICE, None, requests.WAITING)
	assert {one.kind for one in family.events(number)} == {"Opt Out"}
	assert "office looks at your answer" in visitor.text
	task = frappe.get_all("Dialer Review", {"reference_name": row.name}, ["reason", "status", "words"])[0]
	assert (task.reason, task.status) == ("Consent form to check", "Open") and "adult" in task.words
	proof.accept(row.name, "Guardian", family.guardian)
	grant = family.events(number)[-1]
	assert (grant.kind, grant.purpose, grant.person) == ("Grant", "Fees", family.guardian)
	assert status(family) == requests.ANSWERED
	assert frappe.db.get_value("Dialer Review", {"reference_name": row.name}, "status") == "Done"


def test_a_stop_after_the_proof_outlives_the_offices_yes(family, proven):
	number = make.unlisted_phone()
	row = proven(family, "Voice-Fees", who="other", phone=number)
	ledger.opt_out(number, evidence=Evidence("Text", wording="STOP"))
	proof.accept(row.name, "Guardian", family.guardian)
	assert ledger.read([number])[number].opt_outs


def test_a_number_of_another_family_is_for_the_office(family, new_family, proven):
	other = new_family()
	row = proven(family, "Voice-Fees", phone=other.phone)
	assert row.status == answers.FOR_OFFICE and "other people" in row.why_office
	assert "Grant" not in {one.kind for one in other.events()}
	proof.reject(row.name)
	assert answers.named(row.name).status == answers.REJECTED


def test_a_number_reported_as_a_strangers_is_for_the_office(family, proven):
	ledger.wrong_number(family.phone, evidence=Evidence("Keypad", wording="3"))
	row = proven(family, "Voice-Fees")
	assert row.status == answers.FOR_OFFICE and ledger.is_strangers(family.phone)


def test_a_new_number_counts_and_is_a_task_for_the_office(family, proven):
	number = make.unlisted_phone()
	row = proven(family, "Voice-Fees", phone=number)
	assert row.status == answers.COUNTS and "not on the person's record" in row.why_office
	assert frappe.db.exists("Dialer Review", {"reference_name": row.name, "status": "Open"})


def test_a_yes_lifts_a_stop_of_that_purpose_alone(visitor, family, proven):
	ledger.opt_out(family.phone, scope="everything", evidence=Evidence("Keypad", wording="8"))
	proven(family, "Voice-Attendance", "Text-Attendance")
	stopped = {(one.purpose, one.channel) for one in ledger.read([family.phone])[family.phone].opt_outs}
	assert ("Attendance", "Voice") not in stopped and ("Emergency", "Voice") in stopped
	assert "Emergencies stay stopped" in visitor.text


def test_a_stop_between_signature_and_code_wins(visitor, family, signed):
	row = signed(family)
	secret = visitor.secret
	visitor.post(a=secret, act="Text")
	ledger.opt_out(family.phone, evidence=Evidence("Text", wording="STOP"))
	visitor.post(a=secret, act="check", code=codes.code_of(answers.named(row.name)))
	visitor.follow()
	assert "Something was recorded" in visitor.text
	assert "Your copy" not in visitor.text and "Signed by" not in visitor.text
	assert f"t={family.token}" in visitor.html
	assert {one.kind for one in family.events()} == {"Opt Out"}
	assert "all non-emergency" in {one.scope for one in family.events()}


def test_a_second_press_records_nothing_twice(visitor, family, proven):
	row = proven(family)
	before = len(family.events())
	visitor.post(a=answers.token(row.name), act="check", code="000000")
	assert visitor.answer.status_code == 200 and len(family.events()) == before


def test_what_is_missing_is_named_and_the_rest_stays(visitor, family):
	form = family.form(esign="", signature=" ", phone="12", who="")
	form.pop("Text-Fees")
	assert visitor.post(**form).status_code == 422
	for key in ("who", "choices", "phone", "esign", "signature"):
		assert words.say(f"form_error_{key}", "en") in visitor.text
	assert visitor.html.count(" checked") == len(answers.QUESTIONS) - 1
	assert not frappe.db.exists(answers.DOCTYPE, {"request": family.request})


@pytest.mark.parametrize("number", ["+1 900 555 0142", "800 555 0142", "+44 20 7946 0958"])
def test_numbers_of_no_family_and_of_other_countries_are_refused(visitor, family, number):
	assert visitor.post(**family.form(phone=number)).status_code == 422


@pytest.mark.parametrize("spoken", sorted(words.tables()))
def test_every_language_signs(visitor, new_family, signed, spoken):
	family = new_family(language=spoken)
	visitor.get(t=family.token)
	assert f'lang="{spoken}"' in visitor.html
	row = signed(family)
	assert (row.language, row.form_version) == (spoken, consent_words.version(spoken))
	assert words.say("form_esign", spoken) in row.shown and len(row.shown) < 5_000


def test_it_can_be_answered_again(visitor, family, proven):
	proven(family, "Voice-Fees")
	visitor.get(t=family.token)
	assert "answered already" in visitor.text
	proven(family, "Voice-Event")
	last = {(one.purpose, one.channel): one.kind for one in family.events()}
	assert last["Event", "Voice"] == "Grant" and last["Fees", "Any"] == "Opt Out"


def test_a_number_that_was_looked_up_as_a_landline_gets_no_text(visitor, family, signed):
	row = signed(family)
	now = clock.now()
	answer = LineAnswer(line_type="landline")
	record.write(
		[record.Asked(row.phone, now.date(), ("line_type_intelligence",), "twilio", answer, 0.0, now)]
	)
	visitor.follow()
	assert 'value="Voice"' in visitor.html and 'value="Text"' not in visitor.html
	assert codes.send(row, codes.TEXT) == codes.LANDLINE
