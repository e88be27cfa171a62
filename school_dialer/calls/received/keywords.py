"""Which texts the carrier answers by itself, so that this site answers them no second time.

Twilio answers STOP, HELP and START unless the school has turned this off, and says so in OptOutType. The
network of toll-free numbers enforces STOP and START whatever is set, and says nothing; HELP it leaves to the
carrier, and of those Twilio answers it. The settings say for each other sender whether its carrier answers.

https://help.twilio.com/articles/223134027
"""

from school_dialer.carriers.base import is_service
from school_dialer.messages import store
from school_dialer.settings import carrier_accounts, carrier_settings

STOP, START, HELP = "STOP", "START", "HELP"
WORDS = {
	STOP: {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"},
	START: {"START", "UNSTOP"},
	HELP: {"HELP", "INFO"},
}
"""The words that stand alone in a text. "Yes" is not among them: with us it mostly answers a poll."""


def answered_by_carrier(to: str, body: str) -> str:
	"""Return STOP, START or HELP if the carrier answers this text to the number `to` by itself, else ""."""
	word = body.strip().upper()
	meaning = next((kind for kind, words in WORDS.items() if word in words), "")
	return meaning if meaning and (in_network(to, meaning) or answers(to)) else ""


def in_network(to: str, kind: str) -> bool:
	return store.is_toll_free(to) and (kind != HELP or carrier_accounts.of_sender(to).carrier == "twilio")


def answers(to: str) -> bool:
	"""Return whether the settings say so of this number, or of the Messaging Service that has it."""
	rows = carrier_settings.settings().sending_numbers
	of_number = [row for row in rows if row.phone_number == to]
	of_service = [row for row in rows if is_service(row.phone_number)]
	return any(row.get("carrier_answers") for row in of_number or of_service)
