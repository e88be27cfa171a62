"""The copy of a signed form by e-mail, to the address on the signer's record."""

from urllib.parse import urlencode

import frappe
from frappe.utils import escape_html, get_url

from school_dialer.audience import mail_address
from school_dialer.base.jobs import job
from school_dialer.consent.choices import preference_link
from school_dialer.consent.receipts import receipt
from school_dialer.consent_form import answers, enrollment
from school_dialer.schools import staff
from school_dialer.website import preference_page, words
from school_dialer.website.consent import consent_words


def send_soon(answer: str) -> None:
	"""Enqueue the copy. It is sent after the commit, so that no fault of the mail undoes the answer."""
	frappe.enqueue(
		"school_dialer.website.consent.consent_copy.send",
		queue="short",
		enqueue_after_commit=True,
		answer=answer,
	)


@job
def send(answer: str) -> None:
	"""Put the copy into Frappe's queue of e-mails, if the signer's record has an address (background job).

	It shows the person on record what was signed in their name, even if another person held the letter.
	Without an account for outgoing e-mail there is no copy, and the page promises none.
	"""
	row = answers.named(answer)
	if (
		row is None
		or not row.person
		or row.status not in (answers.COUNTS, answers.FOR_OFFICE, answers.DECLINED)
		or not staff.can_send()
	):
		return
	person = (row.person_doctype, row.person)
	if not (address := mail_address.addresses_of([person]).get(person)):
		return
	spoken = words.language_for(row.language or "")
	frappe.sendmail(
		recipients=[address],
		subject=words.say("form_mail_subject", spoken, school=consent_words.school_of(row.school, spoken)),
		message=body(row, spoken),
		reference_doctype=answers.DOCTYPE,
		reference_name=row.name,
	)
	frappe.db.commit()


def ask_soon(answer: str) -> None:
	"""Enqueue the request to prove the number of an enrollment form (hook `dialer_answer_unproven`)."""
	frappe.enqueue(
		"school_dialer.website.consent.consent_copy.ask",
		queue="short",
		enqueue_after_commit=True,
		answer=answer,
	)


@job
def ask(answer: str) -> None:
	"""Mail the signer, if their record has an address, where to prove the number (background job)."""
	row = answers.named(answer)
	if row is None or not row.person or row.status != answers.UNPROVEN:
		return
	person = (row.person_doctype, row.person)
	if not (address := mail_address.addresses_of([person]).get(person)):
		return
	spoken = words.language_for(row.language or "")
	url, asked = escape_html(enrollment.link(row.name)), words.say("form_code_heading", spoken)
	intro = escape_html(words.say("form_code_intro", spoken, ending=row.phone[-2:]))
	frappe.sendmail(
		recipients=[address],
		subject=asked,
		message=f'<p dir="auto">{intro}</p><p dir="auto"><a href="{url}">{escape_html(asked)}</a></p>',
		reference_doctype=answers.DOCTYPE,
		reference_name=row.name,
	)
	frappe.db.commit()


def receipt_of(row: frappe._dict, spoken: str) -> dict | None:
	"""Return `code` and `address` of the answer's receipt, or None.

	It stands for the last event about the number, whose hash covers those before it.
	"""
	code = receipt.code_of(answers.last_event(row) or "")
	query = urlencode({"c": code, "lang": spoken})
	return {"code": code, "address": f"{preference_page.RECEIPTS}?{query}"} if code else None


def signed_line(code: str, spoken: str) -> str:
	"""Return the HTML of the signed receipt, which counts even if the school's records are lost. Or ""."""
	kept = receipt.read(code)
	if not kept or not kept.signed:
		return ""
	note = escape_html(words.say("receipt_signed_line", spoken))
	return f'<p dir="auto">{note}</p><p dir="ltr"><code>{kept.signed}</code></p>'


def body(row: frappe._dict, spoken: str) -> str:
	"""Return the HTML of the mail: the words that were signed, and the link that can stop all of it."""
	parts = [f'<p dir="auto">{escape_html(line)}</p>' for line in row.shown.splitlines() if line.strip()]
	if code := receipt_of(row, spoken):
		line, url = escape_html(words.say("receipt_line", spoken)), escape_html(get_url(code["address"]))
		parts.append(f'<p dir="auto">{line} <a href="{url}"><bdi>{code["code"]}</bdi></a></p>')
		parts.append(signed_line(code["code"], spoken))
	if row.preference_link:
		# A link of its own, which can only stop: the mail does not prove who holds the number.
		link = preference_link.issue(row.phone, language=spoken, sent_by=preference_link.EMAIL)
		url = escape_html(preference_link.url(link))
		note = escape_html(words.say("form_choices_note", spoken))
		parts.append(
			f'<p dir="auto">{note} <a href="{url}">{escape_html(words.say("form_choices", spoken))}</a></p>'
		)
	return "".join(parts)
