"""The carrier's error codes in plain words, and what the school does about each.

Codes are Twilio's: https://www.twilio.com/docs/api/errors
"""

from frappe import _

NOT_IN_SERVICE = ("21211", "21214", "21217", "21401", "13224", "30003", "30005")
NO_TEXTS = ("21614", "30006")
REGION = ("21408", "13227")
FILTERED = ("30004", "30007", "30034")
CREDENTIALS = ("20003", "20005", "20008", "30002")
OVERRUN = ("20429", "30001")
OUR_NUMBER = ("21210", "21606", "21608")


def words(code: str, channel: str = "Voice") -> tuple[str, str]:
	"""(what happened, what to do), translated. A failure without a code is one that the carrier does not explain."""
	if code in NOT_IN_SERVICE:
		return _("The number is not in service"), _("Correct it in the person's record: see Bad Numbers.")
	if code in NO_TEXTS:
		return _("The number takes no texts"), _("Ask for a mobile number, or call instead.")
	if code in REGION:
		return (
			_("The account may not reach that country"),
			_("Switch the country on in the carrier's console, under geographic permissions."),
		)
	if code in FILTERED:
		return (
			_("A telephone company filtered the message"),
			_("Register the sending number for texts to people with the carrier, and shorten links."),
		)
	if code in CREDENTIALS:
		return _("The carrier refused the account"), _("Press Test connection in Dialer Settings.")
	if code in OVERRUN:
		return _("The carrier was overrun"), _("Nothing: the pace was lowered, and they are tried again.")
	if code in OUR_NUMBER:
		return (
			_("The sending number may not be used for this"),
			_("Choose a number that the carrier lists for this channel, in Dialer Settings."),
		)
	if code == "21610":
		return _("They stopped texts at the carrier"), _("Only the person can undo this.")
	if code:
		return _("Error {0} of the carrier").format(code), _(
			"Open one of the call logs: it has the carrier's words."
		)
	if channel == "Text":
		return _("The text was not delivered"), _(
			"They may be out of reach. Open one to see the carrier's words."
		)
	return _("The call could not be put through"), _("It is tried again as long as attempts are left.")
