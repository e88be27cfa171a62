"""Read the fields of the consent form: what is filled in, and what is missing."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

import frappe

from school_dialer.audience.base import country_code
from school_dialer.base.bounds import plain_text
from school_dialer.base.phone import InvalidNumber, PhoneNumber, parse
from school_dialer.consent import keys
from school_dialer.consent_form import answers
from school_dialer.consent_form.answers import QUESTIONS, NewAnswer, Question
from school_dialer.consent_form.requests import Request
from school_dialer.gate import site_policies
from school_dialer.settings import school_numbers
from school_dialer.website.consent import consent_words

OTHER = "other"
YES, NO = "yes", "no"
NO_FAMILY = ("premium", "toll free")
"""Line types that no family has."""


@dataclass(frozen=True)
class Person:
	"""One of the people of a letter: the name to show, and the mark that stands for them in the form."""

	record: tuple[str, str]
	name: str
	mark: str


@dataclass(frozen=True)
class Filled:
	"""What was filled in. `errors` are phrases; with any of them, nothing else is of use."""

	errors: tuple[str, ...]
	person: tuple[str, str] | None = None
	relation: str = ""
	choices: dict[Question, bool] | None = None
	phone: str = ""
	signature: str = ""

	def answer(self, request: Request, spoken: str, ip: str) -> NewAnswer:
		"""Return what was signed, with the exact words that were shown."""
		school = consent_words.school_of(request.school, spoken)
		signed = consent_words.Signed(
			self.signature, self.relation, children(request), self.phone, self.choices or {}
		)
		return NewAnswer(
			signature=self.signature,
			relation=self.relation,
			choices=signed.choices,
			statement=consent_words.statement(spoken, school),
			shown=consent_words.signed_text(signed, spoken, school),
			language=spoken,
			phone=self.phone,
			words=consent_words.of_questions(signed, spoken),
			person=self.person,
			students=request.students,
			request=request.name,
			school=request.school,
			form_version=consent_words.version(spoken),
			ip=ip,
			source=answers.PAGE,
		)


def people(request: Request) -> list[Person]:
	"""Return those who may sign, as far as they are still on record."""
	signers = []
	for doctype, name in request.people:
		if frappe.db.exists("DocType", doctype, cache=True):
			title = frappe.get_meta(doctype).get_title_field()
			shown = frappe.db.get_value(doctype, name, title)
			if shown:
				signers.append(
					Person((doctype, name), plain_text.line(str(shown)), mark(request, doctype, name))
				)
	return signers


def mark(request: Request, doctype: str, name: str) -> str:
	text = "\0".join((request.name, doctype, name))
	return hmac.digest(keys.derive("consent form person"), text.encode(), sha256).hex()[:16]


def children(request: Request) -> tuple[str, ...]:
	"""Return the children's first names, which the secret of the letter shows."""
	if not request.students or not frappe.db.exists("DocType", "Student", cache=True):
		return ()
	rows = frappe.get_all(
		"Student", {"name": ("in", request.students)}, ["first_name", "student_name"], order_by="name"
	)
	return tuple(plain_text.line(row.first_name or row.student_name or "") for row in rows)


def read(given, request: Request, spoken: str) -> Filled:
	"""Return what the form says, or the phrases of all that is missing, in the order of the page."""
	errors = []
	who = given.get("who", "")[:40]
	record_of = {person.mark: person.record for person in people(request)}
	if who not in (*record_of, OTHER):
		errors.append("form_error_who")
	relation = given.get("relation", "")
	if relation not in consent_words.RELATIONS:
		errors.append("form_error_relation")
	choices = {
		(channel, purpose): answer == YES
		for channel, purpose in QUESTIONS
		if (answer := given.get(f"{channel}-{purpose}", "")) in (YES, NO)
	}
	if len(choices) < len(QUESTIONS):
		errors.append("form_error_choices")
	phone, problem = number_in(given.get("phone", ""), needed=any(choices.values()))
	if problem:
		errors.append(problem)
	if given.get("esign") != YES:
		errors.append("form_error_esign")
	signature = plain_text.line(given.get("signature", "")[:140]).strip()
	if len(signature) < 2 or not any(character.isalpha() for character in signature):
		errors.append("form_error_signature")
	return Filled(tuple(errors), record_of.get(who), relation, choices, phone, signature)


def number_in(text: str, needed: bool) -> tuple[str, str]:
	"""Return (the number in E.164, ""), or ("", what is wrong with it). Without a yes it may be left out."""
	if not needed:
		return "", ""
	try:
		number = parse(text, country_code())
	except InvalidNumber:
		return "", "form_error_phone"
	if not may_be_called(number):
		return "", "form_error_kind"
	return ("", "form_error_own") if school_numbers.is_own(number.e164) else (number.e164, "")


def may_be_called(number: PhoneNumber) -> bool:
	"""Return whether the law in use on this site covers the number, and it is not one of a service."""
	policy = site_policies.policy_of(country_code())
	return number.line_type not in NO_FAMILY and number.country in policy.countries
