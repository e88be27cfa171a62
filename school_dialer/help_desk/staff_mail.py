"""E-mails in which staff ask for a family: "please stop calling the Smith family".

The wish is the family's, and the address is not. So such a mail opts no one out: a person reviews it, with
the numbers of the family that it names. Staff who ask for themselves are treated as all others are.
"""

import re
from collections.abc import Collection

import frappe
from frappe import _
from frappe.utils import parse_addr

from school_dialer.audience import on_record
from school_dialer.audience.numbers import read_all
from school_dialer.base.phone import mask
from school_dialer.consent.lock import number_lock
from school_dialer.consent.recogniser.reading import is_about_writer
from school_dialer.consent.replies import reviews
from school_dialer.consent.replies.opt_out import Recognised, recognise

MOST_NUMBERS = 6
"""More numbers than a family has are no proposal."""
MOST_PEOPLE = 50
MOST_CHARACTERS = 10_000
MOST_OF_REVIEW = 1_600
MOST_AFTER = 30
"""Sentences and lines at the end of a mail that may be a signature."""
Person = tuple[str, str]
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_BREAK = re.compile(r"(?<=[.!?])\s+|\n")
_OTHERS = re.compile(
	r"(?<=[^\s.!?])\s+(?:[A-Z\u00c0-\u00dd][\w'\u2019-]*\.?(?:\s+|$|(?=\W)))+|\b(?:them|him|her|their|his)\b"
)


def is_staff(address: str | None, people: Collection[Person]) -> bool:
	"""Return whether the address is that of a user of the Desk or an employee. `people` have it."""
	user = {"email": parse_addr(address or "")[1], "user_type": "System User", "enabled": 1}
	return any(doctype == "Employee" for doctype, _name in people) or bool(frappe.db.exists("User", user))


def wish_for_a_family(wish: Recognised, words: str, people: Collection[Person]) -> "Wish | None":
	"""Return the wish if the words of a member of staff ask to stop calls to others, or None.

	`wish` is what they were recognized as. The recognizer expects words about the writer, so it reads them
	once more with the names and pronouns of others replaced.
	"""
	words = words[:MOST_CHARACTERS]
	asked = wish if wish.opt_out else recognise(_OTHERS.sub(" me ", words))
	if not asked.opt_out:
		return None
	about_writer = wish.opt_out and is_about_writer(wish.text)
	numbers = numbers_named(up_to_last_wish(words) if about_writer else words, people)
	return None if about_writer and not numbers else Wish(numbers, words)


def up_to_last_wish(words: str) -> str:
	"""Return the words without those after the last sentence that asks to stop, such as a signature.

	A signature has a name that families have too, and the number of the office.
	"""
	sentences = _BREAK.split(words)
	for count in range(len(sentences), max(0, len(sentences) - MOST_AFTER), -1):
		last = sentences[count - 1]
		if recognise(last).opt_out or recognise(_OTHERS.sub(" me ", last)).opt_out:
			return "\n".join(sentences[:count])
	return words


class Wish:
	"""What staff ask for a family. `numbers`: {number: who has it}, of the family that is meant."""

	def __init__(self, numbers: dict[str, str], words: str):
		self.numbers, self.words = numbers, words

	def review(self, doc) -> str:
		"""Ask for a review of each number, or one of the mail if no family was found. Return a comment."""
		proposed = self.numbers if len(self.numbers) <= MOST_NUMBERS else {}
		reference = {"reference_doctype": "Communication", "reference_name": doc.name}
		with number_lock(proposed):
			for number in sorted(proposed):
				words = self.words[:MOST_OF_REVIEW]
				reviews.ask_for_review(reviews.UNSURE, phone=number, words=words, **reference)
		if not proposed:
			reviews.ask_for_review(reviews.SEVERAL if self.numbers else reviews.NOT_KNOWN, **reference)
			return _("Staff ask to stop calls to a family. The dialer does not know which: please record it.")
		people = ", ".join(f"{who} ({mask(number)})" for number, who in sorted(proposed.items()))
		return _(
			"Staff ask to stop calls to a family. Nothing was changed: please look at it and record what is "
			"meant. On record: {0}."
		).format(people)


def numbers_named(words: str, writers: Collection[Person]) -> dict[str, str]:
	"""Return the numbers in the words, and those of the guardians they name, but not the writer's own."""
	written = {number for line in words.splitlines() for number in read_all(line).numbers}
	people = guardians_named(words)
	guardians = {each.phone: each.name for each in on_record.numbers_of("Guardian", people)}
	own_phones = {each.phone for doctype, name in writers for each in on_record.numbers_of(doctype, [name])}
	numbers = {number: _("Number in the message") for number in written} | guardians
	return {number: who for number, who in numbers.items() if number not in own_phones}


def guardians_named(words: str) -> list[str]:
	"""Return the guardians whose name, or whose child's name, is in the words.

	If the full name of some is, only these. Otherwise the last name is enough.
	"""
	if not frappe.db.exists("DocType", "Student Guardian", cache=True):
		return []
	rows = frappe.db.sql(
		"""select guardian.name, locate(concat(' ', guardian.guardian_name, ' '), %(words)s) > 0
		from `tabGuardian` guardian
		where locate(concat(' ', substring_index(trim(guardian.guardian_name), ' ', -1), ' '), %(words)s) > 0
		union select link.guardian, locate(concat(' ', student.student_name, ' '), %(words)s) > 0
		from `tabStudent` student join `tabStudent Guardian` link
			on link.parent = student.name and link.parenttype = 'Student'
		where locate(concat(' ', substring_index(trim(student.student_name), ' ', -1), ' '), %(words)s) > 0
		limit %(most)s""",
		{"words": spread(words), "most": MOST_PEOPLE},
	)
	in_full = {name for name, whole in rows if whole}
	return sorted(in_full or {name for name, _whole in rows})


def spread(words: str) -> str:
	"""Return the words between single spaces, then those of several or of one's own in their plain form."""
	bare = [re.sub("['\u2019]s?$", "", word) for word in _WORD.findall(words)]
	plain = [form for word in bare if word.endswith("s") for form in (word[:-1], word.removesuffix("es"))]
	return f" {' '.join((*bare, *plain))} "
