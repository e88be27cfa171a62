"""The receipt page, `/dialer-receipt`: what a code proves, in plain words. No script, nothing stored.

Who has a code sees one change of consent and the last two digits of the number. A GET only reads: it shows
what the link from the preference page names, or gives the signed receipt as a file. A POST of the typed code
keeps it out of addresses and logs. A POST of a signed receipt enters a stop again that the ledger has lost
(`recovery.presented`). Tries are counted by the visitor's network, right or wrong, and refused beyond a
limit.
"""

from functools import lru_cache, partial

import frappe
from jinja2 import Template
from werkzeug.wrappers import Response

from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, EVERYTHING, PURPOSES
from school_dialer.consent.events import OPT_OUT, RESCOPE, WRONG_NUMBER
from school_dialer.consent.lock import NumberBusy
from school_dialer.consent.receipts import codes, receipt, signed
from school_dialer.consent.receipts.receipt import Receipt
from school_dialer.messages import store
from school_dialer.messages.language import direction
from school_dialer.messages.text import SAMPLE_RECEIPT
from school_dialer.messages.written import moments
from school_dialer.recovery import presented
from school_dialer.website import preference_page, visitor, words
from school_dialer.website.public_page import PublicPage

PATH = preference_page.RECEIPTS
link_to = partial(preference_page.link_to, PATH)
CHECK = "/assets/school_dialer/proof/check.html"
"""The page that checks an export, a file of the app without any call to the server."""
SAVE = "save"
"""Field of a GET that asks for the signed receipt as a file."""
TRIES_PER_ADDRESS, HOUR = 60, 3600


class ReceiptPage(PublicPage):
	PATH = PATH

	def render(self) -> Response:
		request = frappe.request
		given = request.form if request.method == "POST" else request.args
		if len(given) > preference_page.MOST_FIELDS:
			return show(message="too_large", status=413)
		code = given.get("c", "")
		if not code:
			return show()
		if visitor.over("receipt", TRIES_PER_ADDRESS, HOUR):
			response = show(message="too_many", status=429)
			response.headers["Retry-After"] = str(HOUR)
			return response
		if signed.is_line(code):
			return present(code) if request.method == "POST" else show(typed=code)
		if not codes.is_well_typed(code):
			return show(error="receipt_mistyped", status=422)
		kept = receipt.read(code)
		if kept and kept.signed and given.get(SAVE):
			return saved(kept)
		return show(kept=kept) if kept else show(error="receipt_unknown", status=404)


def present(line: str) -> Response:
	"""Take a signed receipt. A stop that the ledger has lost is in effect by the time this responds."""
	try:
		entry = presented.present(line)
	except signed.NotSigned:
		return show(error="receipt_forged", status=422)
	except NumberBusy:
		frappe.db.rollback()
		frappe.clear_messages()
		return show(message="busy", status=503)
	kept = entry.event and receipt.read(receipt.code_of(entry.event))
	message = "" if entry.event else "receipt_no_effect"
	if entry.entered:
		message = "receipt_entered"
	return show(kept=kept or receipt.stated(entry.statement), message=message)


def saved(kept: Receipt) -> Response:
	"""Return the signed receipt as a file, which holds the line alone."""
	response = Response(kept.signed + "\n", mimetype="text/plain")
	response.headers.update(preference_page.HEADERS)
	response.headers["Content-Disposition"] = f'attachment; filename="receipt-{kept.code}.txt"'
	return response


def show(
	kept: Receipt | None = None, message: str = "", error: str = "", status: int = 200, typed: str = ""
) -> Response:
	"""Show a receipt, or the form for a code with what was wrong. `typed` is what the form begins with."""
	spoken, school = preference_page.language(None), store.school()
	html = template().render(
		language=spoken,
		direction=direction(spoken),
		say=partial(preference_page.safely, spoken),
		title=words.say("receipt_title", spoken, school=school.name),
		message=words.say(message, spoken) if message else "",
		error=words.say(error, spoken) if error else "",
		languages=[
			(code, table["language_name"], link_to(c=kept.code if kept else "", lang=code))
			for code, table in words.tables().items()
		],
		action=PATH,
		csrf_token=frappe.session.data.get("csrf_token") or "",
		receipt=kept,
		rows=list(rows(kept, spoken)) if kept else (),
		check=CHECK,
		save=link_to(c=kept.code, save="1") if kept and kept.signed else "",
		typed=typed if len(typed) <= signed.LONGEST_TYPED else "",
		longest=signed.LONGEST_TYPED,
		sample=SAMPLE_RECEIPT,
		again=link_to(lang=spoken),
		call_back_number=school.call_back_number,
		nonce=preference_page.style_nonce(),
	)
	return preference_page.respond(html, status)


def rows(kept: Receipt, spoken: str):
	"""Yield what the receipt says: (label, value) in the page's language."""
	say = partial(words.say, language=spoken)
	yield say("receipt_what"), say(f"receipt_kind_{kept.kind}")
	if kept.kind != WRONG_NUMBER:
		yield say("receipt_about"), about(kept, spoken)
		yield say("receipt_channel"), say(kept.channel)
	yield say("receipt_number"), say("receipt_ending", ending=kept.ending)
	yield say("receipt_said"), moments.in_words(kept.said_at, spoken)
	if kept.code:
		yield say("receipt_recorded"), moments.in_words(kept.recorded_at, spoken)


def about(kept: Receipt, spoken: str) -> str:
	if kept.school:
		return kept.school
	if kept.purpose in PURPOSES:
		return words.say(kept.purpose, spoken)
	if kept.kind in (OPT_OUT, RESCOPE) and kept.scope in (ALL_NON_EMERGENCY, EVERYTHING):
		key = "receipt_everything" if kept.scope == EVERYTHING else "receipt_non_emergency"
		return words.say(key, spoken)
	return words.say("receipt_all", spoken)


@lru_cache(maxsize=1)
def template() -> Template:
	return preference_page.template().environment.get_template("receipt.html")
