"""The preference page, `/dialer-preferences`: plain forms, no script, nothing stored in the browser.

With a signed link it shows what one person may be called about and takes their decisions. Without one it asks
for a number and responds the same way, after the same time, whether or not the school knows the number. A GET
changes nothing, so link scanners and previews do no harm; a POST is answered with a redirect once it is
committed.
"""

import secrets
import time
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import urlencode

import frappe
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from school_dialer.audience.base import country_code
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.calls import pins
from school_dialer.compliance.vocabulary import ALL_PURPOSES, ANY_CHANNEL, CHANNELS, PURPOSES
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link, preferences, rate_limits
from school_dialer.consent.choices.preference_link import PATH, Link, LinkRefused
from school_dialer.consent.choices.preferences import Choice
from school_dialer.consent.lock import NumberBusy
from school_dialer.consent.receipts import receipt
from school_dialer.consent.replies import known_number
from school_dialer.gate import site_policies
from school_dialer.messages import store
from school_dialer.messages.language import direction
from school_dialer.messages.spoken.ivr_state import LOCKED, NO_PIN, RIGHT, WRONG, Digits
from school_dialer.settings import school_numbers
from school_dialer.website import visitor, words
from school_dialer.website.public_page import PublicPage

HOUR, DAY = 3600, 24 * 3600
ASKED_PER_ADDRESS, ASKED_PER_NUMBER, ASKED_BY_ALL = 10, 3, 600
"""Requests for a link: per hour for one visitor, per day for one number, and per hour for all visitors.

Exceeding the last limit refuses no one, because otherwise anyone could shut the page down. Instead, responses
are delayed less, so that a crowd holds up fewer of the site's workers.
"""
SECONDS_TO_ANSWER, SECONDS_IN_A_CROWD = 0.5, 0.15
"""Longer than a request takes for a known number, and also spent on an unknown one."""
MOST_FIELDS = 50
"""Fields of a form.

The page's own forms have at most seven. Lengths are checked where fields are read; Frappe accepts ten
megabytes in all.
"""

ABSENCES = "/dialer-absence"
"""The page that reports absences, `absence_page`."""
RECEIPTS = "/dialer-receipt"
"""The page that shows what a receipt proves, `receipt_page`."""
SECRETS = ("new_secret", "present_secret")
"""Form fields that hold a PIN. They are removed from the copy of the form that Frappe adds to its logs."""
PIN_DONE = {RIGHT: "done_pin", WRONG: "pin_wrong", LOCKED: "pin_locked", NO_PIN: "pin_office"}
DONE = (
	"done_stopped",
	"done_started",
	"done_wrong",
	"done_right",
	"done_asked",
	"changed",
	"reported_wrong",
	"only_stops",
	"pin_weak",
	*PIN_DONE.values(),
)
SAID = {
	("done_stopped", preferences.STOP, False): "done_stop",
	("done_stopped", preferences.STOP, True): "done_stop_all",
	("done_stopped", preferences.STOP_EVERYTHING, True): "done_stop_everything",
	("done_started", preferences.START, False): "done_start",
	("done_stopped", preferences.STOP_SCHOOL, False): "done_stop_school",
}
"""The sentence after a choice, by its action and whether it is about all purposes."""
CHOSEN = ("done_stopped", "done_started")
HEADERS = {
	"Cache-Control": "no-store",
	"Referrer-Policy": "no-referrer",
	"X-Robots-Tag": "noindex, nofollow",
	"X-Frame-Options": "DENY",
	"X-Content-Type-Options": "nosniff",
}
REFUSED_STATUS = {preference_link.INVALID: 403, preference_link.EXPIRED: 410}


class PreferencePage(PublicPage):
	PATH = PATH

	def render(self) -> Response:
		request = frappe.request
		if request.method != "POST":
			return show(*(request.args.get(name, "") for name in ("t", "on", "done", "what", "r")))
		for secret in SECRETS:
			frappe.local.form_dict.pop(secret, None)
		if len(request.form) > MOST_FIELDS:
			return respond(page(message="too_large"), 413)
		if "phone" in request.form:
			return ask_for_link(request.form["phone"])
		if "new_secret" in request.form:
			return set_pin(request.form.get("t", ""))
		return choose(request.form.get("t", ""), pressed(request.form), request.form.get("seen", ""))


def show(token: str, wanted: str, done: str, what: str = "", code: str = "") -> Response:
	"""Show a link's choices, one agreement to read (`wanted`), or the form to request a link.

	`done` is one of `DONE`, `what` the choice that it is about, and `code` its receipt.
	"""
	if not token:
		return respond(page(done=done, code=code))
	try:
		link = preference_link.read_link(token, to_undo=True)
	except LinkRefused as refusal:
		return respond(page(message=refusal.reason), REFUSED_STATUS[refusal.reason])
	if wanted:
		try:
			return respond(page(link=link, token=token, choice=Choice.of(wanted)))
		except preferences.UnknownChoice:
			done = "changed"
	return respond(page(link=link, token=token, done=done, what=what, code=code))


def pressed(form) -> str:
	"""Return the choice of the pressed button. One of them is about the school in the list beside it."""
	act = form.get("act", "")
	if act != preferences.STOP_SCHOOL:
		return act
	return Choice(act, purpose=form.get("school", "")).text


def choose(token: str, act: str, seen: str) -> Response:
	"""Apply one press of a button, in effect by the time this responds."""
	try:
		link = preference_link.read_link(token, to_undo=True)
		choice = Choice.of(act)
		event = preferences.decide(
			link.phone,
			choice,
			wording=wording(choice, language(link), link),
			language=language(link),
			ip=visitor.address(),
			link=link.name,
			seen_by=seen,
		)
	except LinkRefused as refusal:
		return respond(page(message=refusal.reason), REFUSED_STATUS[refusal.reason])
	except (preferences.UnknownChoice, preferences.Outdated):
		return to(t=token, done="changed")
	except preferences.ReportedWrong:
		return to(t=token, done="reported_wrong")
	except preferences.OnlyStops:
		return to(t=token, done="only_stops")
	except NumberBusy:
		frappe.db.rollback()
		frappe.clear_messages()
		return respond(page(link=link, token=token, message="busy"), 503)
	preference_link.used(link)
	if choice.action == preferences.WRONG_NUMBER and ledger.is_strangers(link.phone):
		return to(done="done_wrong", r=receipt.code_of(event))
	if choice.action == preferences.RIGHT_NUMBER:
		return to(t=token, done="done_right", r=receipt.code_of(event))
	done = "done_started" if choice.action in preferences.STARTING else "done_stopped"
	return to(t=token, done=done, what=choice.text, r=receipt.code_of(event))


def set_pin(token: str) -> Response:
	"""Change the PIN of the one person at this number, who authenticates with the current PIN.

	Only the office issues the first PIN.
	"""
	form = frappe.request.form
	new, present = (Digits(form.get(name, "")[:20].strip()) for name in SECRETS)
	try:
		link = preference_link.read_link(token)
	except LinkRefused as refusal:
		return respond(page(message=refusal.reason), REFUSED_STATUS[refusal.reason])
	if not (owner := pins.owner_of(link.phone)):
		return to(t=token, done="changed")
	try:
		verdict = pins.choose(*owner, new, present)
	except pins.WeakPin:
		frappe.clear_last_message()
		return to(t=token, done="pin_weak")
	preference_link.used(link)
	return to(t=token, done=PIN_DONE[verdict])


def pin_standing(link: Link | None) -> str | None:
	"""Return what the page says about the PIN.

	NO_PIN (the office issues the first one), PIN_LOCKED, "" for one that can be changed, or None to say
	nothing.
	"""
	owner = link and pins.owner_of(link.phone)
	return pins.refusal(owner[0], owner[1]) if owner else None


def ask_for_link(text: str) -> Response:
	"""Text a link to a number the school knows. Nothing in the response reveals whether it does."""
	started = time.monotonic()
	if visitor.over("address", ASKED_PER_ADDRESS, HOUR):
		response = respond(page(message="too_many"), 429)
		response.headers["Retry-After"] = str(HOUR)
		return response
	try:
		phone = parse(text, country_code()).e164
	except InvalidNumber:
		return respond(page(bad_number=True), 422)
	crowded = rate_limits.over("all", "", ASKED_BY_ALL, HOUR)
	often = rate_limits.over("number", phone, ASKED_PER_NUMBER, DAY)
	if known_number.is_known(phone) and not often and not school_numbers.is_own(phone):
		preference_link.send_by_text(phone, language=language(None))
	# The text leaves now, and no row is held while this response waits.
	frappe.db.commit()
	take_as_long_as(SECONDS_IN_A_CROWD if crowded else SECONDS_TO_ANSWER, started)
	return to(done="done_asked")


def take_as_long_as(seconds: float, started: float) -> None:
	# The time of a response must not tell whether the school knows the number.
	time.sleep(max(0.0, started + seconds - time.monotonic()))


def language(link: Link | None) -> str:
	"""Return the page's language, the first one supported.

	The order is the visitor's choice, the person's own, the browser's, the school's.
	"""
	request = frappe.request
	return words.language_for(
		(request.form.get("lang") or request.args.get("lang") or "")[:20],
		link.language if link else "",
		*list(request.accept_languages.values())[:5],
		store.school().language,
	)


def wording(choice: Choice, spoken: str, link: Link) -> str:
	"""Return the exact words that the person saw with the button they pressed. They are the evidence."""
	say = partial(words.say, language=spoken)
	if choice.action in preferences.STARTING:
		return f"{agreement(choice, spoken, link)}\n[{say('agree')}]"
	if choice.action == preferences.WRONG_NUMBER:
		return f"{say('wrong_note')} {say('wrong_sure')}\n[{say('wrong')}]"
	if choice.action == preferences.RIGHT_NUMBER:
		return f"{say('right_note')}\n[{say('right')}]"
	if choice.action == preferences.STOP_EVERYTHING:
		return f"{say('everything_note')}\n[{say('everything')}]"
	if choice.action == preferences.STOP_SCHOOL:
		return f"{say('schools_note')}\n[{say('stop_school', school=choice.school)}]"
	if choice.purpose == ALL_PURPOSES:
		return f"[{say('stop_all' if choice.channel == 'Any' else f'stop_{choice.channel}')}]"
	return f"[{say('stop')}: {say(choice.purpose)}, {say(choice.channel)}]"


def agreement(choice: Choice, spoken: str, link: Link) -> str:
	say = partial(words.say, language=spoken)
	again = choice.action in (preferences.START_ALL, preferences.START_SCHOOL)
	key = "agree_again" if again else f"agree_{choice.channel}"
	purpose = "" if again or choice.purpose == ALL_PURPOSES else say(choice.purpose)
	school = choice.school or store.school().name
	text = say(key, school=school, ending=link.phone[-2:], purpose=purpose)
	return f"{text} {say('agree_free')}"


def page(
	link: Link | None = None,
	token: str = "",
	choice: Choice | None = None,
	message: str = "",
	done: str = "",
	bad_number: bool = False,
	what: str = "",
	code: str = "",
) -> str:
	spoken, school = language(link), store.school()
	seen = preferences.view(link.phone, site_policies.policy_of(parse(link.phone).country)) if link else None
	asked = asked_about(choice, link, seen)
	agreeing = asked is not None and asked.action in preferences.STARTING
	return template().render(
		language=spoken,
		direction=direction(spoken),
		say=partial(safely, spoken),
		title=words.say("title", spoken, school=school.name),
		message=headline(message or heading(done, link, seen), what, spoken, seen),
		languages=[
			(code, table["language_name"], link_to(t=token, on=asked.text if asked else "", lang=code))
			for code, table in words.tables().items()
		],
		action=PATH,
		token=token,
		csrf_token=frappe.session.data.get("csrf_token") or "",
		agreement=agreement(choice, spoken, link) if agreeing else "",
		doubting=asked is not None and not agreeing,
		undoable=bool(link and link.undoable),
		choice=asked.text if asked else "",
		back=link_to(t=token, lang=spoken),
		agree_address=lambda act: link_to(t=token, on=act, lang=spoken),
		preferences=seen,
		may_start=may_start(link, seen),
		seen=seen.state_mark if seen else "",
		digits=link.phone[-2:] if link else "",
		purposes=PURPOSES,
		channels=CHANNELS,
		call_back_number=school.call_back_number,
		pin=pin_standing(link),
		no_pin=NO_PIN,
		absence_link=absence_link(token, spoken) if link else "",
		bad_number=bad_number,
		receipt=receipt_link(code, spoken, link),
		nonce=style_nonce(),
	)


def may_start(link: Link | None, seen: preferences.Preferences | None) -> bool:
	"""Return whether anything can be turned on over this link."""
	return link is not None and not (seen.reported_wrong or link.only_stops or link.undoable)


def asked_about(
	choice: Choice | None, link: Link | None, seen: preferences.Preferences | None
) -> Choice | None:
	"""Return the choice if it has a page of its own to read before the button is pressed."""
	if choice is None or seen is None or seen.reported_wrong or link.undoable:
		return None
	if choice.action in preferences.STARTING:
		return choice if may_start(link, seen) else None
	return choice if choice.action == preferences.WRONG_NUMBER else None


def heading(done: str, link: Link | None, seen: preferences.Preferences | None) -> str:
	"""Return the key of what the page says at its head, "" for nothing."""
	if link and link.undoable:
		return "wrong_held"
	if done in DONE:
		return done
	if seen and seen.reported_wrong:
		return "reported_wrong"
	return "only_stops" if link and link.only_stops else ""


def headline(message: str, what: str, spoken: str, seen: preferences.Preferences | None) -> str:
	"""Return what the page says at its head in words, "" for nothing.

	After a choice (`what`) it names what was stopped or turned on, if that is so. An address that anyone can
	write is not believed.
	"""
	if message not in CHOSEN:
		return words.say(message, spoken) if message else ""
	if seen is None:
		return ""
	try:
		choice = Choice.of(what)
	except preferences.UnknownChoice:
		return words.say("changed", spoken)
	if not holds(choice, seen):
		# A carrier that blocks our texts keeps them off; the page says below how to end that.
		blocked = message == "done_started" and seen.carrier_blocked
		return words.say(message if blocked else "changed", spoken)
	key = SAID.get((message, choice.action, choice.purpose == ALL_PURPOSES))
	if not key:
		return words.say(message, spoken)
	if choice.school:
		return words.say(key, spoken, school=choice.school)
	neither = message == "done_stopped" and choice.channel == ANY_CHANNEL
	channel = words.within(words.say("neither" if neither else choice.channel, spoken))
	purpose = "" if choice.purpose == ALL_PURPOSES else words.within(words.say(choice.purpose, spoken))
	return words.say(key, spoken, channel=channel, purpose=purpose)


def holds(choice: Choice, seen: preferences.Preferences) -> bool:
	"""Return whether what was chosen is what the page shows."""
	if choice.action in preferences.OF_SCHOOL:
		stopped = {school.name for school in seen.schools if school.stopped}
		return (choice.school in stopped) == (choice.action == preferences.STOP_SCHOOL)
	if choice.action == preferences.START_ALL:
		return seen.any_on()
	if choice.action == preferences.STOP_EVERYTHING:
		return not (seen.any_on() or seen.emergencies_on)
	if choice.purpose == ALL_PURPOSES:
		return not any(seen.any_on(channel=channel) for channel in choice.channels)
	states = {seen.of(choice.purpose, channel) for channel in choice.channels}
	return states == {preferences.ON} if choice.action == preferences.START else preferences.ON not in states


def absence_link(token: str, spoken: str) -> str:
	"""Return the address of the absence page with this link, or "" if the school takes no reports there."""
	if not frappe.get_cached_doc("Dialer Settings").get("absences_by_page"):
		return ""
	return f"{ABSENCES}?{urlencode({'t': token, 'lang': spoken})}"


def receipt_link(code: str, spoken: str, link: Link | None) -> dict | None:
	"""Return a receipt's code and address, or None.

	An address that anyone can write is not believed: the receipt is of this link's number, or, after a wrong
	number ended the link, of any.
	"""
	valid = code and (receipt.is_of(code, link.phone) if link else receipt.event_of(code))
	return (
		{"code": code, "address": f"{RECEIPTS}?{urlencode({'c': code, 'lang': spoken})}"} if valid else None
	)


@lru_cache(maxsize=1)
def template() -> Template:
	loader = FileSystemLoader(Path(__file__).parent)
	return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("page.html")


def safely(spoken: str, key: str, **values: str) -> Markup:
	"""Return the page's own words unescaped, with every value in them escaped."""
	return Markup(words.say(key, spoken, **{name: escape(value) for name, value in values.items()}))


def style_nonce() -> str:
	nonce = getattr(frappe.local, "dialer_style_nonce", None)
	if nonce is None:
		nonce = frappe.local.dialer_style_nonce = secrets.token_urlsafe(16)
	return nonce


def link_to(page: str = PATH, /, **query: str) -> str:
	"""Return the path of a page with those values of the query that are not empty."""
	query = {name: value for name, value in query.items() if value}
	return f"{page}?{urlencode(query)}" if query else page


def respond(html: str, status: int = 200) -> Response:
	response = Response(html, status=status, mimetype="text/html")
	response.headers.update(HEADERS)
	response.headers["Content-Security-Policy"] = (
		f"default-src 'none'; style-src 'nonce-{style_nonce()}'; "
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	)
	return response


def to(**query: str) -> Response:
	"""Redirect with 303 See Other, so that reloading in the browser repeats nothing."""
	chosen = (frappe.request.form.get("lang") or "")[:20]
	response = Response("", status=303, mimetype="text/html")
	response.headers.update(HEADERS)
	response.headers["Location"] = link_to(**query, lang=chosen if chosen in words.tables() else "")
	return response
