"""Detect automated mail, such as bounces and out-of-office replies. Pure Python.

The headers of a mail say it best (RFC 3834). Sender and subject are looked at too, since not every machine
says what it is. The opening words count only if the headers are not known: people are on leave as well. What
a mailing list adds says nothing, because the school's own mailbox may be one.
"""

import re
from collections.abc import Mapping
from email.utils import parseaddr

_SENDER = re.compile(
	r"(?:[\w.-]*[-_.])?(?:do[-_.]?)?not?[-_.]?reply(?:[-+._=].*)?"
	r"|(?:mailer[-_.]?daemon|postmaster|bounces?|notifications?|auto(?:mated|[-_.]?reply|[-_.]?responder)|daemon|alerts?)"
	r"(?:\+.*|[-=][\w.=-]*\d[\w.=-]*)?"
)
_SUBJECT = re.compile(
	r"^\W*(?:(?:re|aw|sv|rv)\s*:\s*)*(?:out of (?:the )?office|auto(?:matic|mated)?[- ]?(?:reply|response|:)|automatic reply|autoreply|on vacation|vacation reply|away from"
	r"|undeliver(?:able|ed)|delivery (?:status notification|failure|has failed|incomplete)|mail delivery|returned mail|failure notice"
	r"|message not delivered|read:|not read:|respuesta autom[aá]tica|fuera de (?:la )?oficina|ausente de la oficina|no se puede entregar"
	r"|r[eé]ponse automatique|absence du bureau|resposta autom[aá]tica|fora do escrit[oó]rio|automatische antwort|abwesenheit"
	r"|自动回复|自動回覆|自動回信|الرد التلقائي|رد تلقائي|trả lời tự động|автоматический ответ|автоответ|자동 ?회신|부재 ?중)",
	re.IGNORECASE,
)
_BEGINNING = re.compile(
	r"^\W*(?:(?:hello|hi|dear \w+|thank you for your (?:e-?mail|message))\W+)*(?:i am|i'm|i will be|we are) (?:currently )?(?:out of (?:the )?office|on (?:vacation|leave|holiday)|away from)"
	r"|^\W*this is an? (?:auto|automated|automatic|automatically generated)\b|\bplease do not reply to this (?:e-?mail|message)\b"
	r"|^\W*(?:estoy|estar[eé]|me encuentro) fuera de (?:la )?oficina|^\W*(?:este|esta) es un(?:a)? (?:mensaje|respuesta) autom[aá]tic",
	re.IGNORECASE,
)
_PRECEDENCE = frozenset(("bulk", "junk", "auto_reply", "auto-reply"))
_MARKS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autoresponse")
BEGINNING = 400


def is_automatic(
	sender: str | None, subject: str | None, words: str, headers: Mapping[str, str] | None = None
) -> bool:
	"""Return whether a machine sent the mail. ``words`` is its text without quoted text."""
	local = parseaddr(sender or "")[1].partition("@")[0].lower()
	by_words = headers is None and _BEGINNING.search(words[:BEGINNING])
	return bool(
		(headers is not None and says_automatic(headers))
		or _SENDER.fullmatch(local)
		or _SUBJECT.search((subject or "")[:200])
		or by_words
	)


def says_automatic(headers: Mapping[str, str]) -> bool:
	"""Return whether the headers of a mail say that a machine sent it."""

	def value(name: str) -> str:
		return str(headers.get(name) or "").partition(";")[0].strip().lower()

	return bool(
		value("Auto-Submitted") not in ("", "no")
		or value("Precedence") in _PRECEDENCE
		or value("Return-Path") == "<>"
		or value("Content-Type") == "multipart/report"
		or any(value(name) for name in _MARKS)
	)
