"""The absence page as a browser without scripts sees it: who it is, the report, and taking it back."""

import re
from datetime import timedelta
from html import unescape

import frappe
import frappe.app  # Sets how much of a form werkzeug reads.
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from school_dialer.calls import absence_identity, pins
from school_dialer.consent.choices import preference_link
from school_dialer.website import absence_page, preference_page, words
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.rules import today

pytestmark = pytest.mark.dates

PATH, BORN = "dialer-absence", "2016-05-01"
NASTY = ("", "x" * 5000, "../../etc/passwd", "' or 1=1 --", "<script>alert(1)</script>", "\x00", "٣", "1e9")


class Visitor:
	"""A guest with a link. `html` is the last page."""

	def __init__(self, token: str):
		self.token, self.answer = token, None

	def get(self, **query) -> Response:
		return self.ask(EnvironBuilder(path=f"/{PATH}", query_string={"t": self.token, **query}))

	def post(self, **form) -> Response:
		return self.ask(EnvironBuilder(path=f"/{PATH}", method="POST", data={"t": self.token, **form}))

	def follow(self) -> Response:
		assert self.answer.status_code == 303, self.html
		address = self.answer.headers["Location"]
		return self.ask(EnvironBuilder.from_environ(EnvironBuilder(path=address).get_environ()))

	def ask(self, builder: EnvironBuilder) -> Response:
		frappe.set_user("Guest")
		frappe.local.request = Request(builder.get_environ())
		frappe.local.request_ip = "203.0.113.9"
		frappe.local.dialer_style_nonce = None
		page = absence_page.AbsencePage(PATH)
		assert page.can_render()
		try:
			self.answer = page.render()
			frappe.db.commit()
		finally:
			del frappe.local.request
			frappe.set_user("Administrator")
		return self.answer

	@property
	def html(self) -> str:
		return self.answer.get_data(as_text=True)

	@property
	def text(self) -> str:
		return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html[self.html.index("<body") :])).split())

	@property
	def proof(self) -> str:
		return re.search(r'name="p" value="([^"]+)"', self.html)[1]

	def prove(self, **secret) -> "Visitor":
		self.post(**(secret or {"born": BORN}))
		self.follow()
		return self

	def child(self, name: str) -> str:
		return re.search(rf'name="child" value="(\w+)"[^>]*> <span>{name}<', self.html)[1]

	def report(self, **form) -> Response:
		values = {
			"p": self.proof,
			"act": "report",
			"form": re.search(r'name="form" value="([^"]+)"', self.html)[1],
			"kind": "Absence",
			"first": today().isoformat(),
			"reason": "Illness",
		}
		return self.post(**(values | form))


@pytest.fixture
def visitor(phones) -> Visitor:
	"""Return the guardian of Ana and Luis with a link."""
	return visitor_of(phones[0])


def visitor_of(phone: str) -> Visitor:
	name = preference_link.issue(phone)
	frappe.db.commit()
	return Visitor(preference_link.url(name).rpartition("t=")[2])


def test_a_link_alone_shows_no_name(visitor):
	visitor.get()
	assert "Birth date of one of your children" in visitor.text
	assert "Ana" not in visitor.html and "Luis" not in visitor.html


def test_a_guardian_reports_and_takes_it_back(visitor, reports, classroom, phones):
	visitor.prove()
	visitor.report(child=visitor.child("Luis"), words="He has a <b>fever</b>.")
	visitor.follow()
	assert "Your report is with the school." in visitor.text and f"Luis {classroom.tag}" in visitor.text
	(report,) = reports()
	assert (report.student, report.channel, report.reason) == (f"{classroom.tag}-Luis", "Page", "Illness")
	assert report.phone == phones[0] and "<b>" not in report.reason_words and "fever" in report.reason_words
	visitor.post(p=visitor.proof, act=report.name)
	visitor.follow()
	assert "taken back" in visitor.text and "There are none" in visitor.text
	assert reports()[0].status == "Withdrawn"
	visitor.post(p=visitor.proof, act=report.name)
	visitor.follow()
	assert "had ended already" in visitor.text


def test_a_late_arrival_with_a_time(visitor, reports):
	visitor.prove()
	visitor.report(child=visitor.child("Ana"), kind="Late arrival", expected="11:30")
	assert str(reports()[0].expected_at) == "11:30:00"
	visitor.follow()
	assert "expected by 11:30" in visitor.text


def test_the_same_form_sent_twice_is_one_report(visitor, reports):
	visitor.prove()
	form = {"p": visitor.proof, "child": visitor.child("Ana"), "form": "abcdefgh1234"}
	for _time in range(2):
		visitor.report(**form)
		visitor.follow()
	assert len(reports()) == 1


def test_a_guardian_with_a_pin_needs_it_and_a_birth_date_does_not_do(visitor, classroom):
	pins.keep_pin("Guardian", f"{classroom.tag}-G0", "Guardian 0", "2580", "office@school.example")
	frappe.db.commit()
	visitor.get()
	assert "Your PIN for calls" in visitor.text and "birth date" not in visitor.text.casefold()
	visitor.post(born=BORN)
	assert visitor.answer.status_code == 403 and "Ana" not in visitor.html
	visitor.prove(secret="2580")
	assert "Ana" in visitor.text
	for _try in range(pins.MOST_WRONG_A_DAY):
		visitor.post(secret="1472")
	visitor.post(secret="2580")
	assert "Ana" not in visitor.html and "cannot be reported here now" in visitor.text
	frappe.db.delete("Dialer PIN", {"person": f"{classroom.tag}-G0"})
	frappe.db.commit()


def test_birth_dates_are_not_guessed(visitor, monkeypatch):
	counts = {}

	def over(kind, who, most, _seconds):
		counts[kind, who] = counts.get((kind, who), 0) + 1
		return counts[kind, who] > most

	monkeypatch.setattr(absence_identity.rate_limits, "over", over)
	for day in range(absence_identity.TRIES_A_DAY):
		visitor.post(born=f"2015-02-{day + 10}")
		assert visitor.answer.status_code == 403
	visitor.post(born=BORN)
	assert "too many wrong tries" in visitor.text and "Ana" not in visitor.html


@pytest.mark.parametrize("born", [*NASTY, "2016-05-02", "05012016", "2016-13-45", "0001-01-01"])
def test_a_wrong_birth_date_shows_nothing(visitor, born):
	visitor.post(born=born)
	assert visitor.answer.status_code == 403
	assert "Ana" not in visitor.html and "<script" not in visitor.html


@pytest.mark.parametrize(
	"field", ["child", "kind", "first", "last", "expected", "reason", "form", "act", "p"]
)
@pytest.mark.parametrize("value", NASTY)
def test_hostile_values_report_nothing_wrong(visitor, reports, field, value):
	visitor.prove()
	good = {"child": visitor.child("Ana"), "kind": "Late arrival", "expected": "11:00"}
	if field == "last":
		good["kind"] = "Absence"
	visitor.report(**(good | {field: value}))
	assert visitor.answer.status_code in (303, 403, 422)
	assert "<script" not in visitor.html and "Traceback" not in visitor.html
	assert all(row.from_day == today() for row in reports())
	if field in ("child", "kind", "first", "form", "p"):
		assert not reports()


def test_a_strangers_child_is_not_reported(visitor, reports, phones, classroom):
	other = visitor_of(phones[1]).prove()
	visitor.prove()
	visitor.report(child=other.child("Eva"))
	assert visitor.answer.status_code == 422
	visitor.report(child=f"{classroom.tag}-Eva")
	assert visitor.answer.status_code == 422 and not reports()


def test_a_report_of_another_number_is_not_withdrawn(visitor, reports, phones):
	other = visitor_of(phones[1]).prove()
	other.report(child=other.child("Eva"))
	visitor.prove().post(p=visitor.proof, act=reports()[0].name)
	visitor.follow()
	assert "had ended already" in visitor.text and reports()[0].status == "Reported"


def test_a_proof_is_of_no_use_elsewhere_or_later(visitor, phones, pass_time):
	visitor.prove()
	other = visitor_of(phones[1])
	other.get(p=visitor.proof)
	assert "Eva" not in other.html and "Birth date" in other.text
	pass_time(minutes=16)
	visitor.get(p=visitor.proof)
	assert "Ana" not in visitor.html
	visitor.post(p="x" * 26, act="report")
	visitor.follow()
	assert "Too much time has passed" in visitor.text


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 9000, "' or 1=1 --"])
def test_a_forged_link_opens_nothing(classroom, token):
	visitor = Visitor(token)
	visitor.get()
	assert visitor.answer.status_code == 403
	visitor.post(born=BORN)
	assert visitor.answer.status_code == 403 and "Ana" not in visitor.html


def test_days_out_of_bounds_are_said_and_what_was_typed_stays(visitor, reports):
	visitor.prove()
	far = (today() + timedelta(days=60)).isoformat()
	visitor.report(child=visitor.child("Ana"), first=far, words="A trip")
	assert visitor.answer.status_code == 422 and "These days cannot be reported" in visitor.text
	assert f'value="{far}"' in visitor.html and "A trip" in visitor.html and not reports()


def test_a_number_that_two_have_is_sent_to_the_office(visitor, classroom, phones):
	frappe.db.set_value("Guardian", f"{classroom.tag}-G1", "mobile_number", phones[0])
	frappe.db.commit()
	visitor.get()
	assert "Please call the school" in visitor.text and "born" not in visitor.html


def test_it_can_be_turned_off(visitor):
	set_settings({"absences_by_page": 0})
	visitor.get()
	assert "Please call the school" in visitor.text
	assert not absence_page.is_on()


@pytest.mark.parametrize("language", sorted(words.tables()))
def test_it_is_in_the_pages_languages(visitor, language):
	visitor.get(lang=language)
	assert f'<html lang="{language}"' in visitor.html
	assert words.say("absence_born", language) in unescape(visitor.html)


def test_it_is_neither_kept_nor_indexed_nor_framed(visitor):
	visitor.get()
	for name, value in preference_page.HEADERS.items():
		assert visitor.answer.headers[name] == value
	assert "<script" not in visitor.html
