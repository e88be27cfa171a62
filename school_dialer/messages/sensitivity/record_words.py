"""What a template's own words reveal about a student's records, apart from its fields. Pure Python.

"Your child was marked absent" contains no field and is an education record all the same (34 CFR 99.3). So it
waits for the key that confirms who is listening, is not left on a voicemail, has the purpose of its subject,
and goes only to those it is true for.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from school_dialer.base.wording import Wording
from school_dialer.base.wording import Wording as _
from school_dialer.messages.model import VARIANTS, Field, Template, Words
from school_dialer.messages.sensitivity.topics import ACADEMIC, ATTENDANCE, FEES, PURPOSE_OF, topics_of

EMERGENCY = "Emergency"
RECORDS_OF = {
	ATTENDANCE: ("Student Attendance", "Student Leave Application"),
	FEES: ("Fees", "Sales Invoice", "Payment Request"),
	ACADEMIC: ("Assessment Result", "Course Enrollment"),
}
"""DocTypes whose fields make a message true only for those who have a value."""
LABELS = {ATTENDANCE: _("attendance"), FEES: _("fees"), ACADEMIC: _("grades")}

_topics = lru_cache(maxsize=2_000)(topics_of)


def in_variant(words: Words, variant: str) -> frozenset[str]:
	"""Return the topics that one variant of a translation mentions."""
	source = words.variant(variant)
	return _topics(source, words.language) if source else frozenset()


def in_template(template: Template, variants: Iterable[str] = VARIANTS) -> frozenset[str]:
	"""Return the topics of all translations, in those of ``variants`` that the template can send."""
	sent = [variant for variant in template.variants() if variant in variants]
	return frozenset().union(*(in_variant(words, kind) for words in template.translations for kind in sent))


def with_a_field(names: Iterable[str], fields: Mapping[str, Field]) -> frozenset[str]:
	"""Return the topics for which one of these fields holds the person's own value."""
	sources = {fields[name].source.partition(".")[0] for name in names if name in fields}
	return frozenset(topic for topic, doctypes in RECORDS_OF.items() if sources.intersection(doctypes))


def fits(topics: Iterable[str], purpose: str) -> bool:
	"""Return whether a message for this purpose may mention one of these topics.

	An emergency may mention an unexcused absence (FCC 16-88).
	"""
	allowed = {PURPOSE_OF[topic] for topic in topics}
	return not allowed or purpose in allowed or (purpose == EMERGENCY and allowed == {PURPOSE_OF[ATTENDANCE]})


def problems(
	template: Template, fields: Mapping[str, Field], names: Iterable[str]
) -> Iterator[tuple[bool, Wording, Wording]]:
	"""Yield what is wrong with the whole template: (whether it is an error, message, fix)."""
	topics = in_template(template)
	listed = tuple(LABELS[topic] for topic in sorted(topics))
	if not fits(topics, template.purpose):
		purposes = tuple(_(PURPOSE_OF[topic]) for topic in sorted(topics))
		yield (
			True,
			_("The words speak of {0}, and the message is for {1}.", listed, _(template.purpose)),
			_("Choose the purpose {0}, or take these words out.", purposes),
		)
	elif topics - with_a_field(names, fields):
		yield (
			False,
			_("The words speak of {0}, and no field says for whom that is true.", listed),
			_("Use a field of the record, or narrow the audience of each campaign by it."),
		)
