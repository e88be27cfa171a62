"""The consent form, `/dialer-consent`: plain forms, no script, nothing stored in the browser.

The secret of a letter (`consent_form.requests`) opens the form, or the code printed on the letter does.
A visitor with neither learns nothing about any family. What is signed gets a secret address of its own, where
the number is proven and the copy is read. A GET changes nothing; a POST is answered with a redirect once it
is committed.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial

import frappe
from jinja2 import Template
from werkzeug.wrappers import Response

from school_dialer.base import clock
from school_dialer.base.phone import parse
from school_dialer.compliance.vocabulary import CHANNELS, TEXT, VOICE
from school_dialer.consent.choices import preference_link, preferences
from school_dialer.consent.lock import NumberBusy
from school_dialer.consent_form import answers, codes, proof, refusals, requests
from school_dialer.consent_form.requests import PATH, Request
from school_dialer.gate import site_policies
from school_dialer.lines import record
from school_dialer.messages import store
from school_dialer.messages.language import direction
from school_dialer.messages.spoken.ivr_state import Digits
from school_dialer.schools import staff
from school_dialer.website import preference_page, visitor, words
from school_dialer.website.consent import consent_copy, consent_form, consent_words
from school_dialer.website.public_page import PublicPage

link_to = partial(preference_page.link_to, PATH)
HOUR = 3600
LETTER_TRIES, SIGNED, CODES, CODE_TRIES = 10, 30, 10, 60
"""In an hour for one visitor: codes of letters typed, forms signed, codes asked for, codes typed."""
COPY_FOR = timedelta(days=30)
SECRETS = ("code", "letter")
"""Form fields that hold a secret. They are removed from the copy of the form that Frappe adds to its logs."""
DONE = {
	answers.COUNTS: "form_done",
	answers.FOR_OFFICE: "form_done_office",
	answers.DECLINED: "form_done_declined",
	answers.REJECTED: "form_done_rejected",
	answers.EXPIRED: "form_expired",
}
SAID = (
	"form_code_sent_Text",
	"form_code_sent_Voice",
	"form_code_wrong",
	"form_code_over",
	"form_code_often",
	"form_code_hours",
	"form_code_landline",
	"form_changed",
)
"""Phrases that an address may name to be shown."""


class ConsentPage(PublicPage):
	PATH = PATH

	def render(self) -> Response:
		request = frappe.request
		given = request.form if request.method == "POST" else request.args
		for secret in SECRETS:
			frappe.local.form_dict.pop(secret, None)
		if len(given) > preference_page.MOST_FIELDS:
			return Visit(given).show(message="too_large", status=413)
		if row := answers.by_token(given.get("a", "")):
			return Signed(given, row).respond(request.method == "POST")
		if asked := requests.open_request(given.get("t", "")):
			return Letter(given, asked).respond(request.method == "POST")
		return Visit(given).respond(request.method == "POST")


@dataclass
class Spoken:
	"""What `preference_page.language` asks of a link: the person's language."""

	language: str = ""


class Visit:
	"""A request without a genuine secret: it can only enter the code of a letter."""

	def __init__(self, given, school: str = "", language: str = ""):
		self.given = given
		self.school, self.spoken = school, preference_page.language(Spoken(language))

	def respond(self, is_post: bool) -> Response:
		if is_post and "letter" in self.given:
			return self.open_letter()
		secret = self.given.get("t") or self.given.get("a")
		return self.show(message="form_invalid", status=403) if secret else self.show()

	def open_letter(self) -> Response:
		if visitor.over("code of a letter", LETTER_TRIES, HOUR):
			return self.too_many()
		asked = requests.by_code(self.given["letter"])
		if asked is None:
			return self.show(error="form_letter_wrong", status=422)
		return self.to(t=requests.token(asked.name))

	def too_many(self) -> Response:
		response = self.show(message="too_many", status=429)
		response.headers["Retry-After"] = str(HOUR)
		return response

	def to(self, **query: str) -> Response:
		"""Redirect with 303 See Other, so that reloading in the browser repeats nothing."""
		response = Response("", status=303, mimetype="text/html")
		response.headers.update(preference_page.HEADERS)
		chosen = self.given.get("lang", "")[:20]
		response.headers["Location"] = link_to(**query, lang=chosen if chosen in words.tables() else "")
		return response

	def here(self) -> dict[str, str]:
		"""Return the query of this page's own address, without the language."""
		return {}

	def show(self, message: str = "", error: str = "", status: int = 200, **more) -> Response:
		school = store.school(self.school or None, self.spoken)
		values = {
			"language": self.spoken,
			"direction": direction(self.spoken),
			"say": partial(preference_page.safely, self.spoken),
			"title": words.say("form_title", self.spoken, school=school.name),
			"message": words.say(message, self.spoken) if message else "",
			"error": words.say(error, self.spoken) if error else "",
			"languages": [
				(code, table["language_name"], link_to(**self.here(), lang=code))
				for code, table in words.tables().items()
			],
			"action": PATH,
			"csrf_token": frappe.session.data.get("csrf_token") or "",
			"call_back_number": school.call_back_number,
			"nonce": preference_page.style_nonce(),
			"part": "letter",
			**self.here(),
			**more,
		}
		return preference_page.respond(template().render(**values), status)


class Letter(Visit):
	"""A request with the secret of a letter: it shows the form and takes what is signed."""

	def __init__(self, given, request: Request):
		super().__init__(given, request.school, request.language)
		self.request = request

	def here(self) -> dict[str, str]:
		return {"t": self.given.get("t", "")}

	def respond(self, is_post: bool) -> Response:
		if not is_post or self.given.get("act") != "sign":
			return self.form()
		if visitor.over("consent form", SIGNED, HOUR):
			return self.too_many()
		filled = consent_form.read(self.given, self.request, self.spoken)
		if filled.errors:
			return self.form(errors=filled.errors, status=422)
		return self.sign(filled)

	def sign(self, filled: consent_form.Filled) -> Response:
		"""Keep what was signed, and what was declined at once. A yes waits for the proof of the number."""
		row = answers.keep(filled.answer(self.request, self.spoken, visitor.address()))
		try:
			if filled.phone:
				refusals.declined_in_part(row.name)
			else:
				refusals.declined(row.name)
				consent_copy.send_soon(row.name)
		except NumberBusy:
			frappe.db.rollback()
			frappe.clear_messages()
			return self.form(message="busy", status=503)
		frappe.db.commit()
		return self.to(a=answers.token(row.name))

	def form(self, errors: tuple[str, ...] = (), message: str = "", status: int = 200) -> Response:
		again = "form_again" if self.request.status != requests.WAITING else ""
		return self.show(
			message or again,
			"form_error" if errors else "",
			status,
			part="form",
			errors=errors,
			given=self.given,
			people=consent_form.people(self.request),
			other=consent_form.OTHER,
			children=consent_form.children(self.request),
			relations=consent_words.RELATIONS,
			purposes=answers.ASKED,
			channels=CHANNELS,
			statement=consent_words.statement(self.spoken, consent_words.school_of(self.school, self.spoken)),
		)


class Signed(Visit):
	"""A request with the secret of what was signed: the number is proven here, and the copy read."""

	def __init__(self, given, row: frappe._dict):
		super().__init__(given, row.school or "", row.language or "")
		self.row = row

	def here(self) -> dict[str, str]:
		return {"a": self.given.get("a", "")}

	def respond(self, is_post: bool) -> Response:
		if clock.from_db(self.row.signed_at) + COPY_FOR < clock.now():
			return Visit({"a": "over"}, self.school, self.row.language or "").respond(False)
		if self.row.status != answers.UNPROVEN:
			return self.copy()
		if not is_post:
			return self.prove()
		act = self.given.get("act", "")
		if act in CHANNELS:
			return self.send(act)
		return self.check() if act == "check" else self.prove()

	def send(self, channel: str) -> Response:
		if visitor.over("consent code", CODES, HOUR):
			return self.too_many()
		sent = codes.send(self.row, channel)
		# The code leaves after this commit, and counts even if the page is not read.
		frappe.db.commit()
		return self.to(
			**self.here(), said=f"form_code_sent_{channel}" if sent == codes.SENT else f"form_code_{sent}"
		)

	def check(self) -> Response:
		if visitor.over("consent code typed", CODE_TRIES, HOUR):
			return self.too_many()
		verdict = codes.check(self.row.name, Digits(self.given.get("code", "")[:40]))
		# A wrong code counts, whatever follows.
		frappe.db.commit()
		if verdict != codes.RIGHT:
			return self.to(**self.here(), said=f"form_code_{verdict}")
		try:
			proof.proven(self.row.name, self.row.phone)
		except proof.Outdated:
			# The answer stays rejected: something else was recorded for its number since.
			frappe.db.commit()
			return self.to(**self.here(), said="form_changed")
		except NumberBusy:
			frappe.db.rollback()
			frappe.clear_messages()
			return self.prove(message="busy", status=503)
		consent_copy.send_soon(self.row.name)
		frappe.db.commit()
		return self.to(**self.here())

	def said(self) -> str:
		phrase = self.given.get("said", "")
		return phrase if phrase in SAID else ""

	def prove(self, message: str = "", status: int = 200) -> Response:
		return self.show(
			message or self.said(),
			"",
			status,
			part="prove",
			last_digits=self.row.phone[-2:],
			landline=record.takes_no_texts(self.row.phone),
			voice=VOICE,
			text=TEXT,
			letter=self.letter(),
		)

	def letter(self) -> str:
		"""Return where the letter's form opens again, or "" for an answer without a letter."""
		return link_to(t=requests.token(self.row.request), lang=self.spoken) if self.row.request else ""

	def copy(self) -> Response:
		"""Show what became of the answer, and a copy of it to keep if it was not rejected.

		Whether the school has an e-mail address is not said: the letter's holder may be another person.
		"""
		rejected = self.row.status == answers.REJECTED
		changed = rejected and not self.row.decided_by
		message = "form_changed" if changed else DONE[self.row.status]
		copied = (answers.COUNTS, answers.FOR_OFFICE, answers.DECLINED)
		mailed = bool(self.row.person) and self.row.status in copied and staff.can_send()
		return self.show(
			message,
			part="copy",
			letter=self.letter() if changed else "",
			lines=[] if rejected else [line for line in (self.row.shown or "").splitlines() if line.strip()],
			mailed=mailed,
			notes=self.notes(),
			receipt=consent_copy.receipt_of(self.row, self.spoken),
			choices=self.choices(),
		)

	def choices(self) -> str:
		"""Return where the person sees and stops what they agreed to, or where they ask for the link."""
		if not self.row.preference_link:
			return preference_page.link_to(lang=self.spoken)
		return preference_page.PATH + "?" + preference_link.url(self.row.preference_link).partition("?")[2]

	def notes(self) -> list[str]:
		"""Return phrases about the number: what still keeps calls or texts off it."""
		if not self.row.proven_at:
			return []
		number = parse(self.row.phone)
		seen = preferences.view(self.row.phone, site_policies.policy_of(number.country))
		phrases = ["form_landline_note"] if record.takes_no_texts(self.row.phone) else []
		phrases += ["carrier_note"] if seen.carrier_blocked else []
		return phrases + ([] if seen.emergencies_on else ["form_emergency_off"])


@lru_cache(maxsize=1)
def template() -> Template:
	return preference_page.template().environment.get_template("consent.html")
