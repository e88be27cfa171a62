"""Which translator the school chose, and a draft by it. The Frappe side of `translators`."""

from collections.abc import Mapping

import frappe
from frappe import _

from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.messages import language as languages
from school_dialer.messages.errors import TemplateError
from school_dialer.messages.template.syntax import parse
from school_dialer.messages.translators import asking, protected
from school_dialer.messages.translators.base import LONGEST, MARK, NotTranslated, Translator, unreadable

HOOK = "dialer_translators"
OWN_KEY = "school_dialer_translator_url"
"""In the site's configuration: the address of a translator in the school's own network."""
SETTINGS = "Dialer Settings"


def title() -> str:
	"""Return what the chosen translator is called, or "" without one."""
	offer = offered().get(chosen())
	return frappe.get_attr(offer[-1]).title if offer else ""


def offered() -> dict[str, list[str]]:
	"""Return the translators of the installed apps.

	While an update has not cleared the cache, the site knows of no such hook. The Desk opens all the same.
	"""
	return frappe.get_hooks(HOOK, default={})


def chosen() -> str:
	return (frappe.get_cached_doc(SETTINGS).get("translator") or "").strip()


def check_settings(doc) -> None:
	"""Refuse a translator that no installed app has."""
	doc.translator = (doc.get("translator") or "").strip().lower()
	translators = offered()
	if doc.translator and doc.translator not in translators:
		named = ", ".join(sorted(translators))
		throw(_("There is no translator {0}. There are: {1}.").format(plain_text.line(doc.translator), named))


def translator() -> Translator:
	"""Return the chosen translator. Raise `NotTranslated` for one whose settings are incomplete."""
	settings, offer = frappe.get_cached_doc(SETTINGS), offered().get(chosen())
	if not offer:
		throw(_("Choose a translator in Dialer Settings first."))
	internal = (frappe.conf.get(OWN_KEY) or "").rstrip("/")
	address = (settings.translator_address or "").strip().rstrip("/") or internal
	key = settings.get_password("translator_key", raise_exception=False) or ""
	made = frappe.get_attr(offer[-1])(address, key)
	if internal and address == internal:
		made.rules = asking.own_network(internal)
	return made


def draft(words: Mapping[str, str], source: str, target: str) -> dict:
	"""Return a draft of these words: its `by`, `words`, what it is made `from`, and words that are `left`.

	`left` stand inside fields, where no one has translated them. Raises ValidationError with the reason if
	there is no draft.
	"""
	texts = {name: text for name, text in words.items() if text.strip()}
	if not texts:
		throw(_("Write the words in {0} first.").format(_(languages.name_of(source))))
	if sum(map(len, texts.values())) > LONGEST:
		throw(_("The words are too long for the translator."))
	try:
		return _drafted(texts, source, target)
	except NotTranslated as error:
		throw(plain_text.line(translated(error, _)), title=_("No Draft"))


def _drafted(texts: Mapping[str, str], source: str, target: str) -> dict:
	names, firsts = school_names(), first_names(" ".join(texts.values()))
	is_name = lambda word: word.casefold() in firsts  # noqa: E731
	scripts = {name: protected.protect(text, source, names, is_name) for name, text in texts.items()}
	asked = [line for script in scripts.values() for line in script.lines() if has_words(line)]
	by = translator()
	answer = by.translate(asked, source, target) if asked else []
	if len(answer) != len(asked):
		raise unreadable()
	given = iter(answer)
	made = {}
	for name, script in scripts.items():
		lines = [next(given) if has_words(line) else line for line in script.lines()]
		made[name] = protected.restored(script, lines, source, target)
		check_readable(made[name])
	left = dict.fromkeys(word for script in scripts.values() for word in script.left)
	return {"by": by.title, "words": made, "from": dict(texts), "left": list(left)}


def has_words(line: str) -> bool:
	return any(map(str.isalpha, MARK.sub("", line)))


def check_readable(script: str) -> None:
	try:
		parse(script)
	except TemplateError as error:
		raise NotTranslated(error.args[0]) from None


def school_names() -> list[str]:
	"""Return how the district and its schools are called."""
	settings = frappe.get_cached_doc(SETTINGS)
	schools = frappe.get_all("Dialer School", pluck="school_name", order_by="name")
	return [name for name in (settings.school_name, settings.caller_identity, *schools) if name]


def first_names(text: str) -> set[str]:
	"""Return those words of a text that are first names of students, in lower case."""
	words = sorted({word for word in protected.CAPITALS.findall(text) if word[0].isupper()})
	names: set[str] = set()
	if words and frappe.db.exists("DocType", "Student", cache=True):
		named = {"first_name": ("in", words)}
		names = {
			name.casefold()
			for name in frappe.get_all("Student", named, pluck="first_name", order_by="first_name")
		}
	return names
