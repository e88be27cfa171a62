"""What families wrote and said to the school, and what became of each: nothing may be lost.

Families of the demo school write in many languages. Then every text and every spoken message in the carrier's
journal is looked up on the site.
"""

from __future__ import annotations

from collections import Counter

import frappe

from dev.demo.stage import SENDER, Stage
from school_dialer.audience.numbers import e164
from school_dialer.consent.replies.opt_out import HELP, recognise

WRITTEN = (
	"Who picks up my daughter today?",
	"¿A qué hora es la junta de padres?",
	"Con tôi quên áo khoác ở lớp",
	"我的孩子忘了带午饭",
	"هل المدرسة مفتوحة غدا؟",
	"Mon fils a oublié son cahier",
	"Pitit mwen an bliye liv li",
	"Minha filha esqueceu o casaco",
	"Во сколько заканчиваются занятия?",
	"우리 아이 도시락을 못 챙겼어요",
	"क्या कल स्कूल खुला है?",
	"کیا کل اسکول کھلا ہے؟",
	"Nakalimutan ng anak ko ang kanyang libro",
	"Iskuulku ma furan yahay berri?",
	"Thank you!",
	"Muchas gracias",
	"STOP",
	"no me llamen más",
	"HELP",
)
ELSEWHERE = ("Consent Event", "Dialer Review")


def write(stage: Stage) -> None:
	"""Let as many families write, each from a number of its own."""
	for number, words in zip(numbers(len(WRITTEN)), WRITTEN, strict=True):
		stage.carrier.control("inbound_text", {"from": number, "to": SENDER, "body": words})


def numbers(most: int) -> list[str]:
	"""Return the numbers (E.164) of the last guardians on record, who are in none of the other stories."""
	rows = frappe.get_all(
		"Guardian",
		{"mobile_number": ("is", "set")},
		pluck="mobile_number",
		order_by="name desc",
		limit=5 * most,
	)
	return list(dict.fromkeys(filter(None, map(e164, rows))))[:most]


def report_of(stage: Stage) -> dict:
	"""Return how many messages came in, and what became of them."""
	frappe.db.rollback()
	texts = {line["sid"]: line for line in stage.carrier.log("inbound_text")}
	spoken = [
		sid for line in stage.carrier.log("inbound_call", "twiml") for sid in line.get("recordings", ())
	]
	became = Counter({"conversation": 0})
	lost = []
	for sid, line in texts.items():
		place = became_of(sid) or ("our answer" if answered(line) else "lost")
		became[place] += 1
		if place == "lost":
			lost.append(f"What became of the text {line['body']!r} ({sid}) is not known.")
	for sid in spoken:
		kept = frappe.db.exists("Dialer Conversation Message", {"recording": sid})
		became["conversation" if kept else "lost"] += 1
		if not kept:
			lost.append(f"The spoken message {sid} is in no conversation.")
	return {
		"received": len(texts) + len(spoken),
		"in_conversations": became["conversation"],
		"opt_outs_and_other_words": sum(became.values()) - became["conversation"] - became["lost"],
		"lost": len(lost),
		"violations": lost,
	}


def answered(line: dict) -> bool:
	"""Return whether we replied, or would have if we had not done so today: HELP is answered once a day."""
	return bool(line["replies"]) or recognise(line["body"]).outcome == HELP


def became_of(sid: str) -> str | None:
	"""Return where a text is kept, or None: in a conversation, the consent ledger, or a review."""
	log = frappe.db.get_value("Dialer Call Log", {"carrier_sid": sid, "direction": "Inbound"})
	if not log:
		return None
	of_log = {"reference_doctype": "Dialer Call Log", "reference_name": log}
	if frappe.db.exists("Dialer Conversation Message", of_log):
		return "conversation"
	return next(
		(doctype for doctype in ("Consent Event", "Dialer Review") if frappe.db.exists(doctype, of_log)), None
	)


def render(report: dict) -> list[str]:
	return [
		"",
		f"Families wrote and said {report['received']} messages: {report['in_conversations']} are in a "
		f"conversation with us, {report['opt_outs_and_other_words']} stopped something or had an answer, "
		f"{report['lost']} are lost.",
	]
