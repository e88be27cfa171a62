"""What a school enters when it registers its texts with its carrier, built from its own name and templates.

Pure Python.

Twilio asks for these in an A2P 10DLC campaign and, in nearly the same words, in a toll-free verification
(https://www.twilio.com/docs/messaging/compliance/a2p-10dlc). US carriers read them, so they are in English.
Review them before submitting: what they claim about consent must be what the school does.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from school_dialer.base.wording import Wording
from school_dialer.base.wording import Wording as _
from school_dialer.messages import text
from school_dialer.messages.model import School
from school_dialer.messages.segments import segments
from school_dialer.messages.template.values import clean

ENGLISH = "en"
MOST_SAMPLES = 5
"""The most that a 10DLC campaign form accepts."""
STOP_WORDS = "STOP, UNSUBSCRIBE, END, QUIT, STOPALL, REVOKE, OPTOUT, CANCEL"
DESCRIPTION = (
	"{school} texts the parents and guardians of its students, its adult students and its staff about "
	"attendance, school events, academic matters, fees and emergencies. Texts are sent automatically to "
	"people who gave their number to the school and agreed to be texted. No lists are bought, shared or "
	"sold."
)
CONSENT = (
	"Parents and guardians give their mobile number to {school} on its enrollment form and agree there to "
	"automated calls and texts. They can also agree, and stop, at {preferences} after a link was texted to "
	"them: the page shows the words they agree to, that message and data rates may apply, and that agreeing "
	"is not a condition of enrollment or of any service. The school keeps who agreed, when, and to which "
	"words. Message frequency varies. Reply HELP for help and STOP to stop."
)


@dataclass(frozen=True, slots=True)
class Entry:
	"""One field of the form.

	``label`` is what the form asks for, ``text`` what to paste. ``segments`` is 0 for anything not sent as a
	text.
	"""

	label: Wording
	text: str
	segments: int = 0


def entries(school: School, samples: Iterable[str], preferences: str) -> Iterator[Entry]:
	"""Yield the entries of the form. Raises `SchoolIncomplete`.

	``samples`` are finished texts, and ``preferences`` is the URL of the preference page.
	"""
	name = clean(school.name or school.identity)
	yield Entry(_("Campaign description"), DESCRIPTION.format(school=name))
	yield Entry(_("How people agree (message flow)"), CONSENT.format(school=name, preferences=preferences))
	for number, body in zip(range(1, MOST_SAMPLES + 1), samples, strict=False):
		yield sent(_("Sample message {0}", number), body)
	yield Entry(_("Opt-in keyword"), "START")
	yield sent(_("Opt-in confirmation"), text.opted_in(school, ENGLISH))
	yield Entry(_("Help keyword"), "HELP")
	yield sent(_("Answer to HELP"), text.help_text(school, ENGLISH))
	yield Entry(_("Opt-out keywords"), STOP_WORDS)
	yield sent(_("Answer to STOP"), text.opt_out_confirmation(school, ENGLISH, code=text.SAMPLE_RECEIPT))
	yield Entry(_("Privacy policy"), school.privacy_url)


def sent(label: Wording, body: str) -> Entry:
	return Entry(label, body, segments(body).count)
