"""Attacks on the preference page: forged identities and disguised input."""

import base64
import secrets
from datetime import timedelta
from types import SimpleNamespace

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.base import clock
from school_dialer.consent import keys, ledger
from school_dialer.consent.choices import preference_link, rate_limits
from school_dialer.website import preference_page
from tests.effort import examples
from tests.integration import factories as make
from tests.integration.damaged_tokens import DAMAGES, flipped

NASTY = '"><script>alert(1)</script>{{7919*7919}}'


def events(phone: str) -> int:
	return frappe.db.count("Consent Event", {"phone": phone})


def refused(visitor, phone: str, token: str) -> bool:
	before = events(phone)
	looks = visitor.get(t=token).status_code
	acts = {
		visitor.post(t=token, act=act, seen="1").status_code
		for act in ("stop:Any:All", "start:Voice:Event", "start-all", "wrong-number")
	}
	return (
		{looks, *acts} <= {403, 410}
		and events(phone) == before
		and f"ends in {phone[-2:]}" not in visitor.text
	)


@pytest.mark.parametrize("place", range(0, 32, 3))
def test_a_changed_token_opens_nothing(visitor, phone, link, place):
	assert refused(visitor, phone, flipped(link, place))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_token_opens_nothing(visitor, phone, link, damage):
	assert refused(visitor, phone, damage(link))


def test_a_token_signed_with_another_key_opens_nothing(visitor, phone, link, monkeypatch):
	name = frappe.db.get_value("Dialer Preference Link", {"phone": phone})
	expires_at = clock.now() + timedelta(days=1)
	monkeypatch.setattr(keys, "derive", lambda label: b"another key")
	forged = preference_link.token(name, phone, expires_at)
	monkeypatch.undo()
	assert forged != link
	with pytest.raises(preference_link.LinkRefused):
		preference_link.read_link(forged)


def test_a_token_holds_for_its_own_number_only(visitor, phone, link, make_token):
	"""Check that write access to the database cannot redirect one person's link to another's number."""
	other = make.phone()
	make.consent(other)
	name = frappe.db.get_value("Dialer Preference Link", {"phone": phone})
	frappe.db.set_value("Dialer Preference Link", name, "phone", other)
	assert refused(visitor, other, link)
	mine = preference_link.read_link(make_token(other))
	assert mine.phone == other


def test_a_mailed_link_stops_and_starts_nothing(visitor, phone, link, make_token):
	"""Check a link that was not sent to the phone: who reads the mail need not hold it."""
	mailed = make_token(phone, sent_by=preference_link.EMAIL)
	visitor.press(mailed, "stop:Any:All")
	assert ledger.read([phone])[phone].opt_outs
	for act in ("start-all:Any:All", "start:Voice:Event"):
		visitor.get(t=mailed, on=act)
		assert "I agree" not in visitor.text and "did not come to your phone" in visitor.text
		visitor.press(mailed, act)
		assert ledger.read([phone])[phone].opt_outs
	visitor.press(link, "start-all:Any:All")
	assert not ledger.read([phone])[phone].opt_outs


def test_a_mailed_link_undoes_its_own_report_and_lifts_no_stop(visitor, phone, link, make_token):
	"""Check that who reads the mail puts back what stood before, and no more."""
	visitor.press(link, "stop:Any:All")
	mailed = make_token(phone, sent_by=preference_link.EMAIL)
	visitor.press(mailed, "wrong-number:Any:All")
	assert {one.scope for one in ledger.read([phone])[phone].opt_outs} == {"everything"}
	visitor.press(mailed, "right-number")
	assert {one.scope for one in ledger.read([phone])[phone].opt_outs} == {"all non-emergency"}
	visitor.get(t=mailed)
	assert "did not come to your phone" in visitor.text and "on=start" not in visitor.html


def test_links_that_are_asked_for_at_once_are_counted(phone, monkeypatch):
	"""Check requests that do not see each other's rows, as before a commit."""
	make.consent(phone)
	for limit in ("number_is_full", "agent_is_full"):
		monkeypatch.setattr(preference_link.answer_limits, limit, lambda *_of: False)
	monkeypatch.setattr(preference_link.confirmation_requests, "request_text", lambda *_of, **_more: "sent")
	most = preference_link.answer_limits.NUMBER_A_DAY
	sent = [preference_link.send_by_text(phone) for _request in range(most + 6)]
	assert sent == ["sent"] * most + [None] * 6


def test_a_later_expiry_cannot_be_written_into_the_database(visitor, phone, make_token):
	token = make_token(phone, valid_for=timedelta(seconds=-1))
	name = frappe.db.get_value("Dialer Preference Link", {"phone": phone})
	frappe.db.set_value(
		"Dialer Preference Link", name, "expires_at", clock.to_db(clock.now() + timedelta(days=9))
	)
	assert visitor.get(t=token).status_code == 410


def test_an_expired_and_an_ended_link_say_so(visitor, phone, link, make_token):
	assert visitor.get(t=make_token(phone, valid_for=timedelta(seconds=-1))).status_code == 410
	assert "has expired" in visitor.text
	preference_link.end_link(preference_link.read_link(link).name)
	assert refused(visitor, phone, link)


def test_no_address_holds_a_number(phone):
	url = preference_link.url(preference_link.issue(phone))
	assert phone[2:] not in url
	assert phone[2:].encode() not in base64.urlsafe_b64decode(url.rpartition("t=")[2] + "=")


def test_two_links_have_nothing_in_common(phone):
	one, two = (preference_link.url(preference_link.issue(phone)).rpartition("t=")[2] for _ in range(2))
	assert one[:16] != two[:16] and one[22:] != two[22:]


@pytest.mark.parametrize("field", ["t", "act", "seen", "lang", "on", "done"])
def test_markup_in_a_field_stays_text(visitor, link, field):
	for query in ({field: NASTY}, {"t": link, field: NASTY}):
		visitor.get(**query)
		assert (
			"<script" not in visitor.html
			and "alert(1)" not in visitor.html
			and "62710561" not in visitor.html
		)
		visitor.post(**{"act": "stop:Any:All", **query})
		assert "<script" not in visitor.html
		assert "\n" not in visitor.answer.headers.get("Location", "")


def test_markup_in_the_schools_name_stays_text(visitor, link, monkeypatch):
	school = frappe.get_cached_doc("Dialer Settings")
	monkeypatch.setattr(school, "school_name", NASTY)
	monkeypatch.setattr(school, "call_back_number", NASTY)
	monkeypatch.setattr(frappe, "get_cached_doc", lambda *_: school)
	for query in ({}, {"t": link}, {"t": link, "on": "start:Voice:Event"}):
		visitor.get(**query)
		assert "<script" not in visitor.html


@pytest.mark.parametrize(
	"act",
	[
		"",
		"stop",
		":::::",
		"stop:Voice:Nothing",
		"stop:Fax:All",
		"start:Any:All",
		"delete:Any:All",
		"\x00",
		"ß" * 99,
	],
)
def test_a_button_that_does_not_exist_does_nothing_but_stop(visitor, phone, link, act):
	before = events(phone)
	visitor.post(t=link, act=act, seen="1")
	assert visitor.answer.status_code == 303
	assert events(phone) == before + (act == "stop")


def test_no_one_starts_without_having_seen(visitor, phone, link):
	before = events(phone)
	for seen in ("", "0", "-1", "999999999999", "1 or 1=1", "NaN"):
		visitor.post(t=link, act="start:Voice:Fundraising", seen=seen)
	assert events(phone) == before


def test_the_header_that_tells_the_address_is_not_believed_blindly(visitor, phone, link):
	visitor.ip = "<b>" * 100
	visitor.press(link, "start:Voice:Fundraising")
	assert "You will get phone calls about fundraising." in visitor.text
	assert not frappe.db.get_value(
		"Consent Event", {"phone": phone, "kind": "Grant"}, "ip", order_by="seq desc"
	)


@pytest.mark.parametrize(
	"text", ["", "12", "hello", "+1312555", NASTY, "1" * 100, "\x00\xff", "+1 312 555 0142 x9"]
)
def test_what_is_no_number_is_said_so_and_not_repeated(visitor, text):
	before = frappe.db.count("Dialer Notice")
	assert visitor.post(phone=text).status_code == 422
	assert "not a complete phone number" in visitor.text
	assert NASTY not in visitor.html and frappe.db.count("Dialer Notice") == before


def test_a_huge_field_is_no_number(visitor):
	assert visitor.post(phone="1" * 1_000_000).status_code == 422


def test_known_and_unknown_numbers_get_the_same_answer(visitor, phone):
	make.consent(phone)
	answers = []
	for number in (phone, make.phone()):
		answer = visitor.post(phone=number)
		headers = sorted((name, value) for name, value in answer.headers.items() if name != "Date")
		answers.append((answer.status_code, headers, answer.get_data()))
	assert answers[0] == answers[1]
	assert frappe.db.count("Dialer Notice", {"phone": phone}) == 1


def test_an_opted_out_number_is_answered_too(visitor, phone):
	from school_dialer.consent.events import Evidence

	ledger.opt_out(phone, scope="everything", evidence=Evidence("Text", wording="stop everything"))
	visitor.post(phone=phone)
	assert frappe.db.count("Dialer Notice", {"phone": phone, "kind": "Preference Link"}) == 1


def test_the_answer_takes_the_same_time(visitor, phone, monkeypatch):
	"""Check that what looking a number up takes is taken off what the page waits.

	The page's clock stands still but for the quarter of a second that a commit takes here.
	"""
	took, slept = [], []
	monkeypatch.undo()
	monkeypatch.setattr(frappe.db, "commit", lambda: took.append(0.25))
	monkeypatch.setattr(rate_limits, "over", lambda *_: False)
	clock_of_page = SimpleNamespace(monotonic=lambda: sum(took), sleep=slept.append)
	monkeypatch.setattr(preference_page, "time", clock_of_page)
	make.consent(phone)
	for number in (phone, make.phone()):
		before = sum(took)
		visitor.post(phone=number)
		assert slept.pop() + sum(took) - before == preference_page.SECONDS_TO_ANSWER


@pytest.fixture
def counted(visitor, same_window, monkeypatch):
	"""Return a visitor under the real counters, with an address that no other test uses."""
	monkeypatch.undo()
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(preference_page, "take_as_long_as", lambda *_: None)
	monkeypatch.setattr(preference_page, "ASKED_BY_ALL", 10**9)
	visitor.ip = somewhere()
	return visitor


def somewhere() -> str:
	"""Return an IPv6 address in a network that no other test uses."""
	return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


def test_one_address_asks_so_often_and_no_more(counted, phone):
	for _ in range(preference_page.ASKED_PER_ADDRESS):
		assert counted.post(phone=make.phone()).status_code == 303
	answer = counted.post(phone=phone)
	assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
	assert "Too many tries" in counted.text


def test_one_subscriber_has_many_addresses_and_one_count(counted, phone):
	network = counted.ip.removesuffix("1")
	for _ in range(preference_page.ASKED_PER_ADDRESS):
		counted.ip = f"{network}{secrets.randbelow(2**16):x}:{secrets.randbelow(2**16):x}"
		assert counted.post(phone=make.phone()).status_code == 303
	assert counted.post(phone=phone).status_code == 429
	counted.ip = somewhere()
	assert counted.post(phone=phone).status_code == 303


@pytest.mark.parametrize("before", ["", "203.0.113.9, ", "x" * 5_000 + ", ", "198.51.100.1, " * 400])
def test_what_a_visitor_writes_before_the_proxys_entry_counts_for_nothing(counted, phone, before):
	last = f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
	for number in range(preference_page.ASKED_PER_ADDRESS):
		forged = f"10.1.{number}.1, {before}{last}"
		assert counted.post({"X-Forwarded-For": forged}, phone=make.phone()).status_code == 303
	assert counted.post({"X-Forwarded-For": f"{before}{last}"}, phone=phone).status_code == 429
	assert (
		counted.post({"X-Forwarded-For": f"{last}, {secrets.token_hex(2)}::1"}, phone=phone).status_code
		== 303
	)


def test_one_number_is_texted_so_often_and_no_more(counted, phone):
	make.consent(phone)
	for attempt in range(preference_page.ASKED_PER_NUMBER + 2):
		counted.ip = somewhere()
		assert counted.post(phone=phone).status_code == 303
		frappe.db.set_value("Dialer Notice", {"phone": phone}, "status", "Sent")
		assert frappe.db.count("Dialer Notice", {"phone": phone}) == min(
			attempt + 1, preference_page.ASKED_PER_NUMBER
		)


def test_a_crowd_shuts_the_page_for_no_one_and_learns_nothing(counted, phone, monkeypatch):
	"""Check that a crowd gets the usual responses, and the family gets its link.

	The wait is shorter, and equal for all.
	"""
	waits = []
	monkeypatch.setattr(preference_page, "ASKED_BY_ALL", 0)
	monkeypatch.setattr(preference_page, "take_as_long_as", lambda seconds, _started: waits.append(seconds))
	make.consent(phone)
	answers = [counted.post(phone=number) for number in (phone, make.phone())]
	assert [answer.status_code for answer in answers] == [303, 303]
	assert answers[0].headers["Location"] == answers[1].headers["Location"]
	assert waits == [preference_page.SECONDS_IN_A_CROWD] * 2
	assert frappe.db.count("Dialer Notice", {"phone": phone}) == 1


def test_a_true_link_is_refused_by_no_count(counted, phone, link, monkeypatch):
	for name in ("ASKED_BY_ALL", "ASKED_PER_ADDRESS", "ASKED_PER_NUMBER"):
		monkeypatch.setattr(preference_page, name, 0)
	counted.press(link, "stop:Any:All")
	assert ledger_says_stopped(phone)


def ledger_says_stopped(phone: str) -> bool:
	return bool(ledger.read([phone])[phone].opt_outs)


def test_no_link_goes_to_a_number_that_only_called(counted, phone):
	"""Check a number that only texted or called the school, since the sender of a text can be forged."""
	from school_dialer.calls import inbound

	inbound.log_inbound(f"SM{secrets.token_hex(8)}", phone, "+13125550100", "Text")
	assert counted.post(phone=phone).status_code == 303
	assert not frappe.db.exists("Dialer Notice", {"phone": phone})


@pytest.mark.parametrize("token", ["", "valid"])
def test_a_form_of_twenty_thousand_fields_is_refused_in_words(visitor, phone, link, token):
	before = events(phone)
	fields = {f"f{number}": "x" for number in range(20_000)}
	answer = visitor.post(**{"t": link if token else "", "act": "start-all", "seen": "1", **fields})
	assert answer.status_code == 413 and events(phone) == before
	assert "too large" in visitor.text


def test_a_stop_holds_however_long_the_other_fields_are(visitor, phone, link):
	visitor.post(t=link, act="stop:Any:All", seen="1" * 500_000, lang="x" * 500_000)
	assert visitor.answer.status_code == 303 and ledger_says_stopped(phone)


def test_counters_hold_no_address_and_no_number(phone):
	rate_limits.over("number", phone, 1, 3600)
	keys_in_redis = b" ".join(frappe.cache().keys("*school_dialer:limit*"))
	assert phone[2:].encode() not in keys_in_redis


@settings(
	max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(form=st.dictionaries(st.sampled_from(["t", "act", "seen", "lang", "phone"]), st.text(max_size=80)))
def test_no_form_breaks_the_page(visitor, form):
	assert visitor.post(**form).status_code in (303, 403, 410, 422)


@settings(
	max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=st.binary(min_size=32, max_size=32))
def test_no_bytes_make_a_link(raw):
	with pytest.raises(preference_link.LinkRefused):
		preference_link.read_link(base64.urlsafe_b64encode(raw).decode().rstrip("="))
