"""The page behind an approver's link, `/dialer-approve`: what waits, and two buttons. No script, no cookie.

A GET shows and decides nothing, so that a preview of the link by a phone or a mail scanner does no harm. Only
a POST decides, once, and the try behind the link is locked while it does.
"""

from contextlib import contextmanager
from functools import lru_cache

import frappe
from frappe import _
from jinja2 import Template
from werkzeug.wrappers import Response

from school_dialer.base.database.transactions import retried
from school_dialer.emergency_kit.second_person import deciding, ladder, links, waiting
from school_dialer.emergency_kit.second_person.links import LinkRefused
from school_dialer.messages import campaign_details
from school_dialer.messages.language import direction
from school_dialer.website import preference_page, visitor
from school_dialer.website.public_page import PublicPage

MOST_AN_HOUR, HOUR = 60, 3600
STATUS = {links.INVALID: 403, links.EXPIRED: 410, links.USED: 410}
APPROVE, REJECT = "approve", "reject"


class ApprovalPage(PublicPage):
	PATH = links.PATH

	def render(self) -> Response:
		request = frappe.request
		is_post = request.method == "POST"
		given = request.form if is_post else request.args
		if len(given) > preference_page.MOST_FIELDS:
			return show(_("This cannot be read."), status=413)
		if visitor.over("approve", MOST_AN_HOUR, HOUR):
			return show(_("Please try again later."), status=429)
		try:
			ask = links.ask_of_link(given.get("t", ""))
			if not is_post:
				return look(ask, given.get("t", ""))
			if given.get("act") not in (APPROVE, REJECT):
				return look(ask, given.get("t", ""), 422)
			return retried(lambda: answered(given.get("t", ""), given["act"] == APPROVE))
		except LinkRefused as refusal:
			frappe.db.rollback()
			return show(refused(refusal.reason), status=STATUS[refusal.reason])


def answered(token: str, approves: bool) -> Response:
	# Locked: a link that is opened twice decides once.
	ask = links.ask_of_link(token, lock=True)
	try:
		deciding.decide(ask, approves)
		frappe.db.commit()
	except (frappe.ValidationError, frappe.PermissionError) as refusal:
		frappe.db.rollback()
		frappe.clear_messages()
		with in_language_of(ask.user):
			if isinstance(refusal, deciding.Decided):
				return show(refused(links.USED), status=410)
			return show(
				_("It was changed, or you may not approve it any more. Look at it in the browser."),
				status=409,
			)
	with in_language_of(ask.user):
		done = _("Approved. The calls and texts begin now.") if approves else _("Rejected. No one is called.")
		return show(done)


def look(ask, token: str, status: int = 200) -> Response:
	with in_language_of(ask.user):
		about = waiting.waiting_campaign(ask)
		return show("", about=about, started=started_by(ask.start), token=token, status=status)


def refused(reason: str) -> str:
	return {
		links.INVALID: _(
			"This link does not work. Open the whole link of the message, or approve in the browser."
		),
		links.EXPIRED: _("This link has expired. Approve it in the browser, or ask for another one."),
		links.USED: _("This was decided already, or the link was used."),
	}[reason]


def show(message: str, *, about=None, started: str = "", token: str = "", status: int = 200) -> Response:
	language = frappe.local.lang or "en"
	html = template().render(
		language=language,
		direction=direction(language),
		title=_("Approve an Emergency"),
		message=message,
		about=about,
		token=token,
		action=links.PATH,
		csrf_token=frappe.session.data.get("csrf_token") or "",
		nonce=preference_page.style_nonce(),
		people=goes_to(about.people) if about else "",
		started=started,
		said=_("The message:"),
		missing=details_missing(about) if about else "",
		approve=_("Approve and start"),
		reject=_("Reject"),
		note=_(
			"You decide as the second person. Approve only if you know of it, or have asked who started it."
		),
	)
	return preference_page.respond(html, status)


def started_by(start: str) -> str:
	"""Return who started the emergency, whom its approver may have to ask."""
	user = frappe.db.get_value(ladder.START, start, "started_by")
	return _("{0} started it.").format(frappe.utils.get_fullname(user)) if user else ""


def goes_to(people: int) -> str:
	return _("It goes to 1 person.") if people == 1 else _("It goes to {0} people.").format(people)


def details_missing(about) -> str:
	"""Return what is done about families in whose language the details are not written, or ""."""
	named = [campaign_details.language_name(code) for code in about.details_missing]
	if not named:
		return ""
	return _("Families who speak {0} get the message in their language and these details in {1}.").format(
		", ".join(named), campaign_details.language_name(about.language)
	)


@contextmanager
def in_language_of(user: str):
	before = frappe.local.lang
	frappe.local.lang = frappe.db.get_value("User", user, "language") or before
	try:
		yield
	finally:
		frappe.local.lang = before


@lru_cache(maxsize=1)
def template() -> Template:
	return preference_page.template().environment.get_template("approval.html")
