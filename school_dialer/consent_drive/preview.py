"""What a drive would do, counted before anything is made."""

from collections import Counter

from school_dialer.consent_drive import covered, families, mail, scope, students, words
from school_dialer.consent_drive.by_phone import who
from school_dialer.consent_drive.outcomes import NO_ONE, REFUSED
from school_dialer.reporting import engines
from school_dialer.reporting.coverage import CONSENTED, NO_NUMBER

CHUNK = 1000
LEFT_OUT = (CONSENTED, REFUSED, NO_NUMBER, NO_ONE)


def count(drive) -> dict:
	"""Return `families` to ask, and what the first wave makes of them: `letters`, `emails` and `by_phone`.

	`without_address` counts families without an e-mail address. `left_out` counts students by why their
	family is not asked; `languages` counts families; `coverage` is [covered, students]; `engine` is what
	prints, "" for none; `no_font` lists languages that it cannot print; `in_english` counts families whose
	language has no words here; `phones` is as in `who.may_ask`.
	"""
	pupils = list(students.read_students(drive))
	asked = families.wanted(pupils, scope.scope_of(drive).wanted)
	addresses = with_address(asked)
	first = next(iter(sorted(drive.get("waves") or (), key=lambda wave: wave.idx)), None)
	phones = who.may_ask(asked, scope.scope_of(drive).purpose)
	way = first.way if first else ""
	emails = len(addresses) if way == "E-mail" else 0
	by_phone = phones[who.CHANNELS[way]]["may"] if way in who.WAYS else 0
	letters = len(asked) - emails - by_phone if way == "Letter" or (first and first.else_letter) else 0
	languages = Counter(family.language for family in asked)
	return {
		"families": len(asked),
		"students": sum(len(family.children) for family in asked),
		"letters": letters,
		"emails": emails,
		"by_phone": by_phone,
		"without_address": len(asked) - len(addresses),
		"left_out": {
			why: number
			for why, number in Counter(pupil.outcome for pupil in pupils).items()
			if why in LEFT_OUT and number
		},
		"languages": dict(languages.most_common()),
		"in_english": sum(number for code, number in languages.items() if code not in words.LANGUAGES),
		"coverage": covered.count(pupils)["total"],
		"engine": engines.engine(),
		"no_font": sorted(
			code for code in languages if code in words.LANGUAGES and not engines.has_font(code)
		),
		"phones": phones,
	}


def with_address(asked: list[families.Family]) -> dict[str, str]:
	address_of = {}
	for start in range(0, len(asked), CHUNK):
		chunk = asked[start : start + CHUNK]
		address_of |= mail.addresses(
			[("\n".join(family.asked), family.asked, family.students) for family in chunk]
		)
	return address_of
