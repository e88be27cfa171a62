"""The absence page, `/dialer-absence`, under a preference link: plain forms, no script, nothing stored.

A link proves who holds a phone. So the page asks for the guardian's PIN or a child's birth date before it
shows a name (`calls.absence_identity`), and keeps that for a quarter of an hour in a signed proof, which is
of no use without the link. It takes reports of the children of the one
guardian on record with the number, lists the standing ones, and withdraws them.
"""

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from hashlib import sha256

import frappe
from jinja2 import Template
from werkzeug.wrappers import Response

from school_dialer.base import clock
from school_dialer.base.database.transactions import retried
from school_dialer.calls import absence_identity
from school_dialer.consent import keys
from school_dialer.consent.choices import preference_link
from school_dialer.consent.choices.preference_link import Link, LinkRefused
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.inbound.absences import kinds, reporter, reports
from school_dialer.inbound.absences.kinds import ABSENCE, LATE, PAGE
from school_dialer.inbound.absences.reporter import Child, Reporter
from school_dialer.messages import store
from school_dialer.messages.language import direction
from school_dialer.messages.spoken.ivr_state import LOCKED, RIGHT, Digits
from school_dialer.messages.written import absence_texts
from school_dialer.schools import belonging, zones
from school_dialer.website import preference_page, visitor, words
from school_dialer.website.public_page import PublicPage

PATH = preference_page.ABSENCES
link_to = partial(preference_page.link_to, PATH)
PROOF_HOLDS = timedelta(minutes=15)
TRIES_PER_ADDRESS, HOUR = 60, 3600
SECRETS = ("secret", "born")
"""Form fields that prove who someone is. They are removed from the copy of the form that Frappe logs."""
DONE = ("absence_done", "absence_withdrawn", "absence_gone", "absence_prove_again")
NONCE = re.compile(r"[\w-]{8,40}")
LONGEST = 2_000


class AbsencePage(PublicPage):
	PATH = PATH

	def render(self) -> Response:
		request = frappe.request
		given = request.form if request.method == "POST" else request.args
		for secret in SECRETS:
			frappe.local.form_dict.pop(secret, None)
		if len(given) > preference_page.MOST_FIELDS:
			return preference_page.respond(preference_page.page(message="too_large"), 413)
		try:
			link = preference_link.read_link(given.get("t", ""))
		except LinkRefused as refusal:
			page = preference_page.page(message=refusal.reason)
			return preference_page.respond(page, preference_page.REFUSED_STATUS[refusal.reason])
		return Visit(link, given).respond(request.method == "POST")


def first_day(children: Sequence[Child]) -> date:
	"""Return the first day that can be reported: today, at the school where it is the earliest day."""
	schools = belonging.of_students([child.student for child in children])
	return min(map(zones.today, {schools.get(child.student) for child in children}), default=zones.today())


class Visit:
	"""One request with a genuine link."""

	def __init__(self, link: Link, given):
		self.link, self.given = link, given
		self.token = given.get("t", "")
		self.who = reporter.guardian_at(link.phone) if is_on() else None
		self.way = absence_identity.way_to_identify(self.who) if self.who else absence_identity.BY_OFFICE
		self.proof = given.get("p", "")[:100]
		self.proven = bool(self.who) and holds(self.proof, link, self.who)

	def respond(self, is_post: bool) -> Response:
		if self.who is None or (self.way == absence_identity.BY_OFFICE and not self.proven):
			return self.show(message="absence_office")
		if not is_post:
			done = self.given.get("done", "")
			return self.show(message=done if done in DONE else "")
		if "act" not in self.given:
			return self.identify()
		if not self.proven:
			return self.to(done="absence_prove_again")
		try:
			return self.report() if self.given["act"] == "report" else self.withdraw(self.given["act"])
		except NumberBusy:
			frappe.db.rollback()
			frappe.clear_messages()
			return self.show(message="busy", status=503)

	def identify(self) -> Response:
		"""Check the PIN or the birth date, and show the form with a proof, or what went wrong."""
		if visitor.over("absence", TRIES_PER_ADDRESS, HOUR):
			response = self.show(message="too_many", status=429)
			response.headers["Retry-After"] = str(HOUR)
			return response
		if self.way == absence_identity.BY_PIN:
			secret = Digits(self.given.get("secret", "")[:20].strip())
			verdict = absence_identity.check_pin(self.who, secret)
		else:
			verdict = absence_identity.check_birth_date(self.who, day_in(self.given.get("born", "")))
		# A wrong PIN or date counts, though nothing else is written.
		frappe.db.commit()
		if verdict != RIGHT:
			return self.show(message="absence_locked" if verdict == LOCKED else "absence_wrong", status=403)
		self.proof, self.proven = made(self.link, self.who), True
		return self.to()

	def report(self) -> Response:
		"""Keep the report of the form, once however often it is sent, or say what is missing."""
		new, problem = read_form(self.given, self.who)
		if problem:
			return self.show(error=problem, status=422)

		def keep() -> None:
			with number_lock([self.link.phone]):
				reports.file(new)
				# Within the lock: the next one who reports the same absence finds this report.
				frappe.db.commit()

		try:
			retried(keep)
		except reports.BadDays:
			frappe.db.rollback()
			frappe.clear_messages()
			return self.show(error="absence_bad_days", status=422)
		preference_link.used(self.link)
		return self.to(done="absence_done")

	def withdraw(self, name: str) -> Response:
		def take_back() -> bool:
			with number_lock([self.link.phone]):
				mine = {row.name for row in self.own()}
				done = name in mine and reports.withdraw(name, by=PAGE)
				frappe.db.commit()
			return done

		return self.to(done="absence_withdrawn" if retried(take_back) else "absence_gone")

	def own(self) -> list[frappe._dict]:
		"""Return the standing reports from this number about children whom the guardian may still report."""
		children = {child.student for child in self.who.children}
		return [row for row in reports.standing_from(self.link.phone) if row.student in children]

	def to(self, **query: str) -> Response:
		"""Redirect with 303 See Other, so that reloading in the browser repeats nothing."""
		chosen = self.given.get("lang", "")[:20]
		response = Response("", status=303, mimetype="text/html")
		response.headers.update(preference_page.HEADERS)
		proof = self.proof if self.proven else ""
		lang = chosen if chosen in words.tables() else ""
		response.headers["Location"] = link_to(t=self.token, p=proof, **query, lang=lang)
		return response

	def show(self, message: str = "", error: str = "", status: int = 200) -> Response:
		spoken, school = preference_page.language(self.link), store.school()
		say = partial(preference_page.safely, spoken)
		today = first_day(self.who.children if self.who else ())
		html = template().render(
			language=spoken,
			direction=direction(spoken),
			say=say,
			title=words.say("absence_title", spoken, school=school.name),
			message=words.say(message, spoken) if message else "",
			error=words.say(error, spoken) if error else "",
			languages=[
				(code, table["language_name"], link_to(t=self.token, p=self.shown_proof, lang=code))
				for code, table in words.tables().items()
			],
			action=PATH,
			token=self.token,
			proof=self.shown_proof,
			csrf_token=frappe.session.data.get("csrf_token") or "",
			way=self.way if self.who else absence_identity.BY_OFFICE,
			proven=self.proven,
			children=self.who.children if self.proven else (),
			reasons=kinds.REASONS,
			not_said=kinds.NOT_SAID,
			kinds=kinds.KINDS,
			given=self.given,
			today=today.isoformat(),
			nonce_of_form=self.given.get("form") if error else secrets.token_urlsafe(12),
			own=[report_line(row, spoken) for row in self.own()] if self.proven else (),
			call_back_number=school.call_back_number,
			back=preference_page.link_to(t=self.token, lang=spoken),
			nonce=preference_page.style_nonce(),
		)
		return preference_page.respond(html, status)

	@property
	def shown_proof(self) -> str:
		return self.proof if self.proven else ""


def is_on() -> bool:
	return bool(frappe.get_cached_doc("Dialer Settings").absences_by_page)


def report_line(row: frappe._dict, spoken: str) -> dict:
	"""Return a report as the page lists it."""
	at = (datetime.min + row.expected_at).time() if row.expected_at is not None else None
	return {
		"name": row.name,
		"child": row.student_name,
		"kind": row.kind,
		"days": absence_texts.shown_days(row.from_day, row.to_day, spoken),
		"at": absence_texts.shown_time(at, spoken) if at else "",
	}


def read_form(given, who: Reporter) -> tuple[reports.New | None, str]:
	"""Return (what the form reports, ""), or (None, the phrase that says what is wrong)."""
	child = child_in(given.get("child", ""), who)
	kind, reason = given.get("kind", ""), given.get("reason", "") or kinds.NOT_SAID
	if child is None:
		return None, "absence_no_child"
	if kind not in kinds.KINDS or reason not in kinds.REASONS or not NONCE.fullmatch(given.get("form", "")):
		return None, "absence_no_kind"
	first = day_in(given.get("first", ""))
	last = day_in(given.get("last", "")) if kind == ABSENCE and given.get("last") else first
	if first is None or last is None:
		return None, "absence_bad_days"
	expected = time_in(given.get("expected", "")) if kind == LATE and given.get("expected") else None
	if expected is None and kind == LATE and given.get("expected"):
		return None, "absence_bad_time"
	return reports.New(
		student=child.student,
		student_name=child.full_name,
		kind=kind,
		first=first,
		last=last,
		channel=PAGE,
		source=f"Page:{who.guardian}:{given['form']}"[:140],
		reason=reason,
		words=given.get("words", "")[:LONGEST],
		expected=expected,
		phone=who.phone,
		guardian=who.guardian,
		guardian_name=who.name,
	), ""


def child_in(mark: str, who: Reporter) -> Child | None:
	"""Return the child that a form means, if it is one of this guardian's."""
	given = mark[:40].encode()
	return next((child for child in who.children if hmac.compare_digest(child.mark.encode(), given)), None)


def day_in(text: str) -> date | None:
	try:
		return date.fromisoformat(text.strip()) if len(text) <= 12 else None
	except ValueError:
		return None


def time_in(text: str) -> time | None:
	try:
		return time.fromisoformat(text.strip()).replace(tzinfo=None) if len(text) <= 8 else None
	except ValueError:
		return None


def made(link: Link, who: Reporter) -> str:
	"""Return the proof that who holds this link has shown who they are."""
	expires = int((clock.now() + PROOF_HOLDS).timestamp()).to_bytes(4, "big")
	return base64.urlsafe_b64encode(expires + signature(link, who, expires)).decode().rstrip("=")


def signature(link: Link, who: Reporter, expires: bytes) -> bytes:
	signed = "\n".join((link.name, link.phone, who.guardian)).encode() + b"\n" + expires
	return hmac.digest(keys.derive("absence page"), signed, sha256)[:16]


def holds(proof: str, link: Link, who: Reporter) -> bool:
	try:
		raw = base64.b64decode(proof + "=" * (-len(proof) % 4), altchars=b"-_", validate=True)
	except (binascii.Error, ValueError):
		return False
	if len(raw) != 20 or not hmac.compare_digest(raw[4:], signature(link, who, raw[:4])):
		return False
	return clock.now().timestamp() < int.from_bytes(raw[:4], "big")


@lru_cache(maxsize=1)
def template() -> Template:
	return preference_page.template().environment.get_template("absence.html")
