"""The preference page: it stops at once, and starts by the person's own words, in their language."""

import re

import frappe
import pytest

from school_dialer.compliance.vocabulary import PURPOSES
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link, wrong_number
from school_dialer.consent.events import Evidence
from school_dialer.desk import consent as desk
from school_dialer.website import preference_page, words
from tests.integration import factories as make
from tests.integration.preferences.shown import last_event, states


def test_it_shows_every_purpose_and_channel_and_no_number(visitor, phone, link):
	answer = visitor.get(t=link)
	assert answer.status_code == 200
	shown = states(visitor)
	assert {purpose for purpose, _ in shown} == set(PURPOSES)
	assert shown["Attendance", "Phone calls"] == shown["Emergency", "Text messages"] == "On"
	assert shown["Fundraising", "Phone calls"].startswith("Off")
	assert phone not in visitor.html and phone[2:8] not in visitor.html
	assert f"ends in {phone[-2:]}" in visitor.text


def test_a_tap_calls_the_school(visitor, link, monkeypatch):
	school = frappe.get_cached_doc("Dialer Settings")
	monkeypatch.setattr(school, "call_back_number", "+18005550142")
	monkeypatch.setattr(frappe, "get_cached_doc", lambda *_: school)
	visitor.get(t=link)
	assert '<a href="tel:+18005550142">' in visitor.html


def test_it_is_neither_kept_nor_indexed_nor_framed_nor_referred_to(visitor, link):
	for answer in (visitor.get(t=link), visitor.get(), visitor.get(t="nonsense")):
		assert answer.headers["Cache-Control"] == "no-store"
		assert answer.headers["Referrer-Policy"] == "no-referrer"
		assert "noindex" in answer.headers["X-Robots-Tag"]
		assert answer.headers["X-Frame-Options"] == "DENY"
		assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
		assert "<script" not in visitor.html


def test_a_look_changes_nothing(visitor, phone, link):
	before = last_event(phone).name
	for query in ({"act": "stop:Any:All"}, {"on": "start:Voice:Fundraising"}, {"done": "done_stopped"}, {}):
		visitor.get(t=link, **query)
	assert last_event(phone).name == before


@pytest.mark.parametrize(
	("act", "scope", "channel", "purpose", "said"),
	[
		("stop:Voice:Attendance", "this purpose", "Voice", "Attendance", "phone calls about attendance"),
		(
			"stop:Any:Event",
			"this purpose",
			"Any",
			"Event",
			"phone calls or text messages about school events",
		),
		("stop:Text:All", "all non-emergency", "Text", "All", "text messages from us any more, except in an"),
		("stop:Any:All", "all non-emergency", "Any", "All", "phone calls or text messages from us any more"),
		("stop-everything:Any:All", "everything", "Any", "All", "not even in an emergency"),
	],
)
def test_one_tap_stops(visitor, phone, link, act, scope, channel, purpose, said):
	visitor.press(link, act)
	assert "You won't get " in visitor.text and said in visitor.text
	event = last_event(phone)
	assert (event.kind, event.scope, event.channel, event.purpose) == ("Opt Out", scope, channel, purpose)
	assert (event.source, event.actor, event.ip) == ("Preference Page", "person", visitor.ip)
	assert (event.language, event.reference_doctype) == ("en", "Dialer Preference Link")
	assert event.wording
	shown = states(visitor)
	emergencies = "Stopped" if scope == "everything" else "On"
	assert shown["Emergency", "Phone calls"] == emergencies
	channels = ("Phone calls", "Text messages") if channel == "Any" else (preference_words(channel),)
	for each in channels:
		assert shown["Event" if purpose == "All" else purpose, each] == "Stopped"


def preference_words(channel: str) -> str:
	return words.say(channel, "en")


def test_everything_is_stopped_and_started_again_in_the_words_agreed_to(visitor, phone, link):
	visitor.press(link, "stop:Any:All")
	visitor.get(t=link, on="start:Voice:Attendance")
	assert "not a condition of any service" in visitor.text
	visitor.press(link, "start:Voice:Attendance")
	assert "You will get phone calls about attendance." in visitor.text
	shown = states(visitor)
	assert shown["Attendance", "Phone calls"] == "On"
	assert shown["Attendance", "Text messages"] == shown["Event", "Phone calls"] == "Stopped"
	event = last_event(phone)
	assert (event.kind, event.basis, event.source) == ("Grant", "express written", "Preference Page")
	assert "about: Attendance" in event.wording and "[I agree]" in event.wording
	visitor.press(link, "start-all:Any:All")
	assert set(states(visitor).values()) == {"On", "Off: you have not agreed to this"}
	assert last_event(phone).kind == "Opt In"


def test_fundraising_needs_and_gets_written_consent(visitor, phone, link):
	visitor.press(link, "start:Text:Fundraising")
	shown = states(visitor)
	assert shown["Fundraising", "Text messages"] == "On"
	assert shown["Fundraising", "Phone calls"].startswith("Off")


def test_a_page_left_open_stops_but_does_not_start(visitor, phone, link):
	visitor.get(t=link)
	old = re.search(r'name="seen" value="([^"]*)"', visitor.html)[1]
	ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
	for act in ("start:Voice:Event", "start-all:Any:All"):
		visitor.post(t=link, act=act, seen=old)
		visitor.follow()
		assert "have changed" in visitor.text
		assert ledger.read([phone])[phone].opt_outs
	visitor.post(t=link, act="stop-everything:Any:All", seen=old)
	assert last_event(phone).scope == "everything"


def test_a_start_sent_twice_counts_once(visitor, phone, link):
	visitor.press(link, "stop:Any:All")
	visitor.get(t=link)
	form = {
		"t": link,
		"act": "start-all:Any:All",
		"seen": re.search(r'"seen" value="(\d+)"', visitor.html)[1],
	}
	visitor.post(**form)
	visitor.press(link, "stop:Any:All")
	visitor.post(**form)
	assert last_event(phone).kind == "Opt Out"


def test_the_wrong_number_is_asked_about_before_it_is_reported(visitor, phone, link):
	before = last_event(phone).name
	visitor.get(t=link)
	assert 'value="wrong-number' not in visitor.html
	assert "on=wrong-number" in visitor.html
	visitor.get(t=link, on="wrong-number:Any:All")
	assert words.say("wrong_sure", "en") in visitor.text
	assert 'value="wrong-number:Any:All"' in visitor.html
	assert last_event(phone).name == before


def test_the_wrong_person_stops_everything_at_once(visitor, phone, link, later):
	visitor.press(link, "wrong-number:Any:All")
	assert words.say("wrong_held", "en") in visitor.text
	event = last_event(phone)
	assert (event.kind, event.scope, event.reference_doctype) == (
		"Opt Out",
		"everything",
		"Dialer Preference Link",
	)
	assert words.say("wrong_sure", "en") in event.wording
	assert not frappe.db.exists("Dialer Notice", {"phone": phone})
	later(minutes=9)
	wrong_number.settle()
	assert last_event(phone).name == event.name
	later(minutes=11)
	assert visitor.get(t=link).status_code == 410
	wrong_number.settle()
	found = last_event(phone)
	assert (found.kind, found.wording, found.ip) == ("Wrong Number", event.wording, visitor.ip)
	assert not ledger.read([phone])[phone].consents
	wrong_number.settle()
	assert last_event(phone).name == found.name
	assert visitor.get(t=link).status_code == 410


def test_a_wrong_number_is_undone_and_what_was_stopped_before_stays_stopped(visitor, phone, link, later):
	visitor.press(link, "stop:Voice:Event")
	visitor.press(link, "stop:Text:All")
	before = states(visitor)
	visitor.press(link, "wrong-number:Any:All")
	assert not states(visitor)
	visitor.press(link, "right-number:Any:All")
	assert words.say("done_right", "en") in visitor.text
	assert states(visitor) == before
	later(minutes=11)
	wrong_number.settle()
	assert visitor.get(t=link).status_code == 200
	assert states(visitor) == before


def test_a_stop_that_comes_before_the_undo_stays(visitor, phone, link):
	visitor.press(link, "wrong-number:Any:All")
	old = re.search(r'name="seen" value="([^"]*)"', visitor.html)[1]
	ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
	visitor.post(t=link, act="right-number", seen=old)
	assert last_event(phone).wording == "STOP"
	visitor.press(link, "right-number")
	shown = states(visitor)
	assert shown["Emergency", "Phone calls"] == "On"
	assert shown["Event", "Phone calls"] == shown["Event", "Text messages"] == "Stopped"


def scopes(phone: str) -> set[str]:
	return {one.scope for one in ledger.read([phone])[phone].opt_outs}


def test_what_was_reported_over_another_link_stays(visitor, phone, link, make_token):
	for token in (link, make_token(phone)):
		visitor.press(token, "wrong-number:Any:All")
	visitor.press(link, "right-number")
	assert scopes(phone) == {"everything"}


@pytest.mark.parametrize(
	("before", "remains"),
	[("stop:Any:Event", "all non-emergency"), ("stop-everything:Any:All", "everything")],
)
def test_the_school_reopens_for_emergencies_what_was_not_undone(visitor, phone, link, later, before, remains):
	"""Check that the stop of the ten minutes is none that the person wants even if the number is theirs."""
	visitor.press(link, before)
	visitor.press(link, "wrong-number:Any:All")
	later(minutes=11)
	wrong_number.settle()
	assert scopes(phone) >= {"everything"}
	later(minutes=12)
	ledger.verify(phone, evidence=Evidence("Agent", note="asked"))
	assert remains in scopes(phone) and ("everything" in scopes(phone)) == (remains == "everything")


def test_the_schools_word_stands_although_the_report_could_still_be_undone(visitor, phone, link, later):
	visitor.press(link, "wrong-number:Any:All")
	desk.verify(phone=phone, note="She called the office.")
	assert scopes(phone) == {"all non-emergency"}
	verified = last_event(phone).name
	later(minutes=11)
	wrong_number.settle()
	assert last_event(phone).name == verified
	assert visitor.get(t=link).status_code == 410


def test_nothing_else_is_turned_on_while_the_number_may_be_wrong(visitor, phone, link, make_token):
	visitor.press(link, "wrong-number:Any:All")
	another = make_token(phone)
	for act in ("start-all", "start:Voice:Emergency"):
		visitor.press(link, act)
		assert words.say("wrong_held", "en") in visitor.text
		visitor.press(another, act)
	assert last_event(phone).kind == "Opt Out"
	visitor.press(link, "right-number")
	before = last_event(phone).name
	visitor.press(link, "right-number")
	assert last_event(phone).name == before


@pytest.mark.parametrize("asked_in", ["en", "vi"])
def test_the_page_comes_in_the_language_in_which_the_person_is_called(visitor, phone, make_token, asked_in):
	guardian = make.guardian("Rosa Test", phone)
	guardian.db_set("dialer_language", "es")
	make.consent(phone, person_doctype="Guardian", person=guardian.name)
	visitor.get(t=make_token(phone), headers={"Accept-Language": asked_in})
	assert '<html lang="es"' in visitor.html
	visitor.post(phone=phone, lang=asked_in)
	(notice,) = frappe.get_all("Dialer Notice", {"phone": phone}, ["language", "token_id"])
	assert notice.language == "es"
	visitor.get(t=preference_link.url(notice.token_id).rpartition("t=")[2], lang=asked_in)
	assert f'<html lang="{asked_in}"' in visitor.html


def test_a_number_reported_as_wrong_elsewhere_is_closed_to_older_links(visitor, phone, link, make_token):
	ledger.wrong_number(phone, evidence=Evidence("Agent", note="told us on the phone"))
	assert visitor.get(t=link).status_code == 410
	assert visitor.post(t=link, act="start-all:Any:All", seen="2").status_code == 410
	assert visitor.get(t=make_token(phone)).status_code == 200


def test_anyone_who_holds_a_strangers_number_turns_nothing_on(visitor, phone, make_token):
	"""Check that the new owner of a number cannot turn emergency calls about a stranger's child back on."""
	ledger.wrong_number(phone, evidence=Evidence("Agent", note="told us on the phone"))
	token = make_token(phone)
	visitor.get(t=token)
	assert "reported as belonging to someone else" in visitor.text
	assert "on=start" not in visitor.html
	seen = str(frappe.db.get_value("Consent Head", {"phone": phone}, "seq"))
	for act in ("start-all:Any:All", "start:Voice:Emergency", "start:Any:Event"):
		visitor.post(t=token, act=act, seen=seen)
		assert {one.scope for one in ledger.read([phone])[phone].opt_outs} == {"everything"}
	assert last_event(phone).kind == "Wrong Number"
	visitor.press(token, "stop-everything:Any:All")
	assert last_event(phone).kind == "Opt Out"


def test_the_carriers_block_is_explained(visitor, phone, link):
	ledger.opt_out(phone, evidence=Evidence("Carrier", note="21610"))
	visitor.get(t=link)
	assert "text START" in visitor.text
	assert set(states(visitor).values()) == {"Stopped", "On"}
	visitor.press(link, "start:Text:Event")
	assert "Turned on." in visitor.text and "You will get" not in visitor.text


@pytest.mark.parametrize("language", sorted(words.tables()))
def test_each_language_in_its_direction(visitor, phone, language, make_token):
	make.consent(phone)
	token = make_token(phone, language=language)
	visitor.get(t=token)
	direction = "rtl" if language == "ar" else "ltr"
	assert f'<html lang="{language}" dir="{direction}">' in visitor.html
	assert words.say("stop_all", language) in visitor.text
	visitor.press(token, "stop:Any:All", lang=language)
	channel = words.say("neither", language)
	assert words.say("done_stop_all", language, channel=channel) in visitor.text
	event = last_event(phone)
	assert event.language == language
	assert event.wording == f"[{words.say('stop_all', language)}]"


def test_the_visitors_choice_of_language_goes_before_the_persons_and_the_browsers(visitor, phone, make_token):
	make.consent(phone)
	token = make_token(phone, language="es-MX")
	headers = {"Accept-Language": "vi, en;q=0.5"}
	visitor.get(t=token, headers=headers)
	assert '<html lang="es"' in visitor.html
	visitor.get(t=token, lang="zh", headers=headers)
	assert '<html lang="zh"' in visitor.html
	visitor.get(headers=headers)
	assert '<html lang="vi"' in visitor.html
	visitor.get(lang="tlh")
	assert '<html lang="en"' in visitor.html


def test_every_language_says_everything_with_the_same_values():
	english = words.tables()["en"]
	for table in words.tables().values():
		assert table.keys() == english.keys()
		for key, text in table.items():
			assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[key])), key


def test_a_busy_number_is_said_so_and_nothing_changes(visitor, phone, link, monkeypatch):
	def busy(*_, **__):
		raise preference_page.NumberBusy("busy")

	monkeypatch.setattr(ledger, "opt_out", busy)
	monkeypatch.setattr(frappe.db, "rollback", lambda: None)
	answer = visitor.post(t=link, act="stop:Any:All", seen="")
	assert answer.status_code == 503
	assert "nothing was changed" in visitor.text


def test_staff_who_are_logged_in_can_use_it_too(visitor, link):
	frappe.session.data.csrf_token = "abc123"
	visitor.get(t=link)
	frappe.session.data.csrf_token = None
	assert 'name="csrf_token"' not in visitor.html or 'value="abc123"' in visitor.html


def test_a_request_puts_one_notice_in_the_queue(visitor, phone):
	make.consent(phone)
	for _ in range(2):
		answer = visitor.post(phone=f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}", lang="es")
		assert answer.status_code == 303 and phone[2:] not in answer.headers["Location"]
	(notice,) = frappe.get_all("Dialer Notice", {"phone": phone}, ["kind", "status", "language", "token_id"])
	assert (notice.kind, notice.status, notice.language) == ("Preference Link", "Waiting", "es")
	token = preference_link.url(notice.token_id).rpartition("t=")[2]
	assert visitor.get(t=token).status_code == 200
	assert '<html lang="es"' in visitor.html


def test_an_expired_links_row_is_forgotten_in_time(phone, monkeypatch):
	from datetime import timedelta

	name = preference_link.issue(phone, valid_for=timedelta(days=-31))
	kept = preference_link.issue(phone)
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	preference_link.daily()
	assert not frappe.db.exists("Dialer Preference Link", name)
	assert frappe.db.exists("Dialer Preference Link", kept)


@pytest.mark.parametrize("doctype", ["Dialer Notice", "Dialer Preference Link"])
def test_no_one_writes_these_records_by_hand(doctype, phone):
	name = preference_link.send_by_text(phone)
	if doctype == "Dialer Preference Link":
		name = frappe.db.get_value("Dialer Notice", name, "token_id")
	doc = frappe.get_doc(doctype, name)
	with pytest.raises(frappe.PermissionError):
		doc.save()
	with pytest.raises(frappe.PermissionError):
		doc.delete()
	with pytest.raises(frappe.PermissionError):
		frappe.copy_doc(doc).insert()
	with pytest.raises(frappe.PermissionError):
		frappe.rename_doc(doctype, name, "other", force=True)


WON_T, CHANGED = "You won't get", "Your choices have changed"


@pytest.mark.parametrize(
	"what",
	[
		"",
		"stop",
		"stop:Fax:All",
		"start:Any:All",
		"<b>x</b>",
		"stop:Any:Event",
		"x" * 2000,
		"stop-everything",
	],
)
def test_an_address_that_anyone_can_write_stops_nothing_in_words(visitor, phone, link, what):
	"""Check that the page repeats nothing of the address, and says nothing that is not so."""
	make.consent(phone)
	visitor.get(t=link, done="done_stopped", what=what)
	assert "x" * 20 not in visitor.html and "<b>x" not in visitor.html
	assert CHANGED in visitor.text and WON_T not in visitor.text
	visitor.get(done="done_stopped", what=what)
	assert CHANGED not in visitor.text and WON_T not in visitor.text and "Stopped" not in visitor.text


def test_what_was_chosen_is_said_while_it_holds(visitor, phone, link):
	make.consent(phone)
	visitor.press(link, "stop:Voice:Event")
	assert WON_T in visitor.text
	visitor.get(t=link, done="done_stopped", what="stop:Any:All")
	assert WON_T not in visitor.text and CHANGED in visitor.text
	visitor.get(t=link, done="done_started", what="start:Voice:Event")
	assert "You will get" not in visitor.text
