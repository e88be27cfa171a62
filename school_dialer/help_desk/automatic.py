"""Detect automated mail, which expresses no person's wish. Pure Python.

Automated mail is bounces, out-of-office replies, and the site's own mail. Frappe stores no headers of an
e-mail (RFC 3834's Auto-Submitted among them), so automated mail is recognized by its sender, its subject and
its opening words.
"""

import re
from email.utils import parseaddr

_SENDER = re.compile(
	r"(?:mailer[-_.]?daemon|postmaster|no[-_.]?reply|(?:do[-_.]?)?not?[-_.]?reply|bounces?|notifications?|auto(?:mated|reply|responder)?|daemon|alerts?)"
	r"(?:[-+._=].*)?"
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
BEGINNING = 400


def is_automatic(sender: str | None, subject: str | None, words: str) -> bool:
	"""Return whether a machine sent the mail. ``words`` is its text without quoted text."""
	local = parseaddr(sender or "")[1].partition("@")[0].lower()
	return bool(
		_SENDER.fullmatch(local)
		or _SUBJECT.search((subject or "")[:200])
		or _BEGINNING.search(words[:BEGINNING])
	)
