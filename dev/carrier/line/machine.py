"""Answering machines, and how long Twilio takes to distinguish one from a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dev.carrier.line.ear import NEVER
from dev.carrier.world.behaviour import Voice

# Simulated seconds until it is known who answered.
HUMAN_SECONDS, FAX_SECONDS, MACHINE_SECONDS = 2.5, 3.0, 4.0
# A phone that screens calls asks for a name and reason, and is silent then.
SCREENING_SECONDS, SILENCE_SECONDS = 8.0, 5.0
BEEP_SECONDS, OTHER_SECONDS = 0.5, 1.0
DEFAULT_TIMEOUT = 30
DEFAULT_SPEECH_END = 1200
MESSAGE_ENDS = {True: "machine_end_beep", "silence": "machine_end_silence", "other": "machine_end_other"}


@dataclass(frozen=True)
class Detection:
	answered_by: str
	seconds: float


def opens_at(voice: Voice) -> float:
	"""Return when the far end begins to hear words, in seconds after the call is answered.

	A machine does not hear what is spoken before its greeting is over, and one that never beeps records
	nothing.
	"""
	if voice.behaviour == "fax":
		return NEVER
	if voice.behaviour != "voicemail":
		return 0.0
	return {True: voice.greeting + BEEP_SECONDS, False: NEVER}.get(voice.beep, voice.greeting)


def detect(voice: Voice, params: Mapping[str, str]) -> Detection:
	"""Return the result of answering-machine detection and the seconds it takes.

	Enable detects a machine at the start of its greeting, DetectMessageEnd when the greeting is over. After
	MachineDetectionTimeout neither waits any longer.
	"""
	limit = float(params.get("MachineDetectionTimeout") or DEFAULT_TIMEOUT)
	found = _undisturbed(voice, params)
	if found.seconds > limit:
		return Detection(voice.timed_out_as, limit)
	return Detection(voice.answered_by or found.answered_by, found.seconds)


def _undisturbed(voice: Voice, params: Mapping[str, str]) -> Detection:
	if voice.behaviour == "fax":
		return Detection("fax", FAX_SECONDS)
	if voice.behaviour == "is silent":
		silent = params.get("MachineDetectionSilenceTimeout") or 1000 * SILENCE_SECONDS
		return Detection("unknown", float(silent) / 1000)
	if voice.behaviour == "screens" and params.get("MachineDetection") == "DetectMessageEnd":
		return Detection(MESSAGE_ENDS["silence"], SCREENING_SECONDS)
	if voice.behaviour == "screens":
		return Detection("machine_start", MACHINE_SECONDS)
	if voice.behaviour != "voicemail":
		return Detection("human", HUMAN_SECONDS)
	if params.get("MachineDetection") != "DetectMessageEnd":
		return Detection("machine_start", MACHINE_SECONDS)
	silence = int(params.get("MachineDetectionSpeechEndThreshold") or DEFAULT_SPEECH_END) / 1000
	waits = {True: BEEP_SECONDS, "silence": silence, "other": OTHER_SECONDS}
	if voice.beep not in waits:
		return Detection("unknown", NEVER)
	return Detection(MESSAGE_ENDS[voice.beep], voice.greeting + waits[voice.beep])
