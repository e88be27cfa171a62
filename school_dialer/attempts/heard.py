"""Whether a person heard the message of a call that has ended, and whether a machine has it. Pure: no Frappe here.

"Completed" says only that somebody, or something, picked up. A message counts as heard when all of this holds:

1. our words were fetched for this call. They were not when the site was down, answered 5xx or took longer than the carrier waits,
   which then says a sentence of its own, or that of the fallback address, and reports the call as completed all the same;
2. a person answered, or nobody could tell and the listener said by a key who they are (`messages.spoken.ivr_state`);
3. the call outlasted the words, up to the end of the body, or a key was pressed after they began.

For the third the carrier tells one figure: the call's length in whole seconds, from the pick-up. Listening for a machine takes part
of it before the first word, and how long our words take is an estimate (`messages.spoken.seconds`), so the rule leaves some room:

	duration - detection >= PACE * needed

``detection`` is what the carrier says it took (MachineDetectionDuration), else what it usually takes. Where the figures are
missing the answer is no: to be called once more is less harm than to miss a message.
"""

HUMAN, UNSURE, END_OF_GREETING = "human", "unknown", "machine_end_"
USUAL_DETECTION = {HUMAN: 3.0, UNSURE: 5.0}
"""Seconds until the carrier knows who answered, by its word for who did (Twilio, Answering Machine Detection FAQ: "several seconds";
5 seconds of silence make "unknown")."""
PACE = 0.9
"""Real voices are up to this much quicker than the estimate."""
LONGEST_CALL = 8 * 60 * 60
"""Seconds that no call outlasts: a carrier's longest is four hours."""
LEFT, NOT_KNOWN, NOT_LEFT = "Yes", "Not known", "No"


def outlasted(duration: int | None, answered_by: str | None, needed: float, detection: float = 0.0) -> bool:
	"""Whether a call of ``duration`` seconds was long enough to hear ``needed`` seconds of words.

	``needed`` is 0 once a key has shown that they were heard. ``detection``: seconds the carrier says it listened for a machine
	before the first word, 0 when it does not say.
	"""
	if needed <= 0:
		return True
	if duration is None:
		return False
	before = detection if detection > 0 else USUAL_DETECTION.get(answered_by or "", 0.0)
	return duration - before >= PACE * needed


def left_on_machine(answered_by: str | None, spoken_to_the_end: bool) -> str:
	"""What a machine has of the words: one of `LEFT`, `NOT_KNOWN`, `NOT_LEFT`.

	A machine records what comes after its greeting. Words that were cut off are not left. Where the carrier did not hear the greeting
	end (machine_start, unknown), nobody knows whether the machine was recording.
	"""
	if not spoken_to_the_end or answered_by == "fax":
		return NOT_LEFT
	return LEFT if (answered_by or "").startswith(END_OF_GREETING) else NOT_KNOWN
