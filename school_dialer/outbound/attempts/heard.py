"""Whether a person heard the message of an ended call, and whether a machine recorded it.

Pure: no Frappe here. "Completed" only means that someone, or something, picked up. A message counts as heard
if all of this holds:

1. Our words were fetched for this call. They are not if the site was down, answered 5xx, or took longer than
   the carrier waits. The carrier then plays a sentence of its own, or the fallback address, and still reports
   the call as completed.
2. A person answered. Or the carrier did not know who answered, and the listener pressed a key
   (`messages.spoken.ivr_state`). Words are spoken in both cases, unless they are a record.
3. The call lasted longer than the words up to the end of the body, or the listener pressed a key that answers
   them, asks for the office, or opts out (`ivr_state.answers_words`).

For the third rule the carrier reports one figure: the call's length in whole seconds, from pick-up.
Answering-machine detection takes part of that time before the first word, except in an emergency, whose
words are spoken meanwhile, and the length of our words is an
estimate (`messages.spoken.seconds`). So the rule leaves some room:

	duration - detection >= PACE * needed

`detection` is what the carrier reports (MachineDetectionDuration), or else what it usually takes. If figures
are missing, the message counts as not heard: one more call does less harm than a missed message.
"""

HUMAN, UNSURE, BEEP = "human", "unknown", "machine_end_beep"
USUAL_DETECTION = {HUMAN: 3.0, UNSURE: 5.0}
"""Seconds of answering-machine detection, by the carrier's result.

Twilio, Answering Machine Detection FAQ: "several seconds"; 5 seconds of silence make "unknown".
"""
SCREENED = 10.0
"""Seconds until a phone that screens calls has asked who it is and is silent, if the carrier does not say."""
PACE = 0.9
"""A real voice may need as little as this share of the estimated time."""
LONGEST_CALL = 8 * 60 * 60
"""Seconds. No call lasts longer: a carrier's longest is four hours."""
LEFT, NOT_KNOWN, NOT_LEFT = "Yes", "Not known", "No"


def outlasted(duration: int | None, answered_by: str | None, needed: float, detection: float = 0.0) -> bool:
	"""Return True if a call of `duration` seconds was long enough to hear `needed` seconds of words.

	`needed` is 0 once a key press has shown that they were heard. `detection` is the seconds the carrier
	reports for answering-machine detection before the first word, or 0 if it reports none.
	"""
	if needed <= 0:
		return True
	if duration is None:
		return False
	before = detection if detection > 0 else USUAL_DETECTION.get(answered_by or "", 0.0)
	return duration - before >= PACE * needed


def left_on_machine(answered_by: str | None, spoken_to_the_end: bool) -> str:
	"""Return whether a machine has the words: `LEFT`, `NOT_KNOWN`, or `NOT_LEFT`.

	A machine records what comes after its beep. Words that were cut off do not count as left. Without a beep
	it is not known whether a machine was recording: a phone that screens calls asks for a name and is silent
	too, and so may a person be.
	"""
	if not spoken_to_the_end or answered_by == "fax":
		return NOT_LEFT
	return LEFT if answered_by == BEEP else NOT_KNOWN
