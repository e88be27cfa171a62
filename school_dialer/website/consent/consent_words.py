"""The words of the consent form: as shown, as signed, and as the copy that the person keeps."""

from dataclasses import dataclass
from hashlib import sha256

from school_dialer.base import clock
from school_dialer.base.phone import mask
from school_dialer.consent_form.answers import ASKED, QUESTIONS, Question
from school_dialer.messages import store
from school_dialer.website import words

OF_FORM = ("form_title", "form_intro", "form_emergency", "form_statement", "form_esign", "form_esign_agree")
"""Phrases that everyone who signs has seen, whatever they answer."""
RELATIONS = ("Parent", "Guardian", "Relative", "Student", "Other")


@dataclass(frozen=True)
class Signed:
	"""What a person signed. `children` are names; `phone` is E.164, or "" without a yes."""

	signature: str
	relation: str
	children: tuple[str, ...]
	phone: str
	choices: dict[Question, bool]


def version(spoken: str) -> str:
	"""Return the SHA-256 of the form's own words in a language, before names and answers are in it."""
	table = words.tables()[spoken]
	keys = (*OF_FORM, "form_yes", "form_no", *(key for name in ASKED for key in (name, f"form_about_{name}")))
	return sha256("\n".join(table[key] for key in (*keys, "Voice", "Text")).encode()).hexdigest()


def statement(spoken: str, school: str) -> str:
	return words.say("form_statement", spoken, school=school)


def of_questions(signed: Signed, spoken: str) -> dict[Question, str]:
	"""Return each question with its answer, in words."""
	return {
		(channel, purpose): (
			f"{words.say(purpose, spoken)} ({words.say(f'form_about_{purpose}', spoken)}) – "
			f"{words.say(channel, spoken)}: {words.say('form_yes' if yes else 'form_no', spoken)}"
		)
		for channel, purpose in QUESTIONS
		if (yes := signed.choices.get((channel, purpose))) is not None
	}


def signed_text(signed: Signed, spoken: str, school: str) -> str:
	"""Return the whole text that was signed, in the order of the page.

	It names the number by its last digits only: the ledger has it.
	"""
	say = words.say
	lines = [say("form_title", spoken, school=school), say("form_intro", spoken)]
	if signed.children:
		lines.append(f"{say('form_children', spoken)}: {', '.join(signed.children)}")
	lines += [say("form_emergency", spoken), "", *of_questions(signed, spoken).values(), ""]
	lines += [statement(spoken, school), "", say("form_esign_heading", spoken), say("form_esign", spoken)]
	lines += [f"[x] {say('form_esign_agree', spoken)}", ""]
	relation = say(f"form_relation_{signed.relation}", spoken)
	lines.append(say("form_copy_signed", spoken, name=signed.signature, relation=relation))
	if signed.phone:
		lines.append(say("form_copy_number", spoken, number=mask(signed.phone)))
	lines.append(say("form_copy_time", spoken, time=f"{clock.now():%Y-%m-%d %H:%M UTC}"))
	return "\n".join(lines)


def school_of(name: str, spoken: str) -> str:
	"""Return the school's name as the form says it."""
	return store.school(name or None, spoken).name
