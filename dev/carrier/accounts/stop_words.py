"""The keywords that a carrier handles by itself, as in Twilio's default opt-out handling."""

from __future__ import annotations

STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
CONFIRMATIONS = {
	"stop": "You have successfully been unsubscribed. You will not receive any more messages from this "
	"number. Reply START to resubscribe.",
	"start": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
	"Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
	"help": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
SAMPLE = "Thanks for the message. Configure your number's SMS URL to change this message."
"""What a number answers whose owner has not said where its texts go."""


def keyword(body: str) -> str | None:
	"""Return "stop", "start" or "help" if the whole text is such a keyword, in any case, else None.

	A phrase like "OPT OUT" or "please stop" is not a keyword.
	"""
	word = body.strip().upper()
	if word in STOP_WORDS:
		return "stop"
	if word in START_WORDS:
		return "start"
	return "help" if word in HELP_WORDS else None
