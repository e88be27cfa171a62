"""Voicemail: what is spoken over the greeting is lost, and detection finds its start or its end."""

from __future__ import annotations

import pytest
from carrier_kit import PERSON, Page, place
from hypothesis import example, given
from hypothesis import strategies as st

from dev.carrier.line.ear import NEVER, WORDS_PER_SECOND, Ear, part, speech_seconds
from dev.carrier.line.machine import detect, opens_at
from dev.carrier.world.behaviour import Voice
from dev.carrier.world.people import People

TEN = "one two three four five six seven eight nine ten."  # 4 seconds
SAID = f"<Response><Say>{TEN}</Say><Say>{TEN}</Say></Response>"


def machine(carrier, **told):
	carrier.control("people", {PERSON: {"behaviour": "voicemail", **told}})


def left(carrier, twilio, site, **options) -> dict:
	site.pages["/voice"] = SAID
	place(twilio, site, **options)
	carrier.wait_until_idle()
	return carrier.log("outcome")[0]


def test_enable_answers_at_the_start_and_the_words_are_spoken_over_the_greeting(carrier, twilio, site):
	machine(carrier, greeting=9.5, beep=True)
	line = left(carrier, twilio, site, machine_detection="Enable")
	assert (
		line["answered_by"] == "machine_start"
		and site.to("/voice")[0].params["AnsweredBy"] == "machine_start"
	)
	# Answered after 4 s, the beep over at 10 s: the first sentence and half of the second are lost.
	assert line["left"] == ["six seven eight nine ten."]
	assert line["sentences"] == [TEN, TEN] and line["heard_seconds"] == 0


@pytest.mark.parametrize(
	("beep", "answered_by"),
	[(True, "machine_end_beep"), ("silence", "machine_end_silence"), ("other", "machine_end_other")],
)
def test_the_end_of_the_message_is_the_time_to_speak(carrier, twilio, site, beep, answered_by):
	machine(carrier, greeting=20, beep=beep)
	line = left(carrier, twilio, site, machine_detection="DetectMessageEnd")
	assert (line["answered_by"], line["left"]) == (answered_by, [TEN, TEN])


@pytest.mark.parametrize("answer", ["unknown", "machine_start"])
def test_a_machine_that_never_beeps_runs_into_the_timeout_and_keeps_nothing(carrier, twilio, site, answer):
	machine(carrier, greeting=5, beep=False, timed_out_as=answer)
	line = left(carrier, twilio, site, machine_detection="DetectMessageEnd")
	assert (line["answered_by"], line["left"], line["duration"]) == (answer, [], 38)


def test_a_greeting_longer_than_the_timeout_is_spoken_over(carrier, twilio, site):
	machine(carrier, greeting=7.5, beep=True)
	line = left(carrier, twilio, site, machine_detection="DetectMessageEnd", machine_detection_timeout=6)
	assert (line["answered_by"], line["left"]) == ("unknown", ["six seven eight nine ten.", TEN])


def test_detection_beside_the_call_leaves_what_is_said_after_the_beep(carrier, twilio, site):
	machine(carrier, greeting=3.5, beep=True)
	site.pages["/voice"] = SAID.replace("</Response>", '<Pause length="30"/></Response>')
	options = {"async_amd": "true", "async_amd_status_callback": f"{site.url}/amd"}
	place(twilio, site, machine_detection="DetectMessageEnd", **options)
	carrier.wait_until_idle()
	assert carrier.log("outcome")[0]["left"] == [TEN]
	assert site.to("/amd")[0].params["AnsweredBy"] == "machine_end_beep"


def test_without_detection_the_first_words_meet_the_greeting(carrier, twilio, site):
	machine(carrier, greeting=4, beep="silence")
	assert left(carrier, twilio, site)["left"] == [TEN]


def test_a_sound_is_left_and_heard_as_long_as_it_is_played(carrier, twilio, site):
	site.pages["/sound.wav"] = Page("RIFF", content_type="audio/x-wav")
	words = "<Response><Play>/sound.wav</Play><Play>/nothing.wav</Play></Response>"
	site.pages["/nothing.wav"], site.pages["/voice"] = Page("", status=404), words
	machine(carrier, greeting=2, beep="silence")
	place(twilio, site)
	carrier.wait_until_idle()
	carrier.control("people", {PERSON: {"behaviour": "answers"}})
	place(twilio, site)
	carrier.wait_until_idle()
	left, heard = carrier.log("outcome")
	assert (left["left"], left["left_seconds"], left["heard_seconds"]) == ([], 3, 0)
	assert (heard["heard_seconds"], heard["left_seconds"]) == (5, 0)


def test_a_fax_keeps_nothing(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "fax"}})
	assert left(carrier, twilio, site)["left"] == []


def test_greetings_differ_by_number_and_follow_from_the_seed():
	numbers = [f"+1312555{last:04}" for last in range(400)]

	def voices(seed: int) -> list[Voice]:
		people = People(seed)
		people.set({number: {"behaviour": "voicemail"} for number in numbers})
		return [people.voice(number, 1) for number in numbers]

	assert voices(1) == voices(1) != voices(2)
	greetings = [voice.greeting for voice in voices(1)]
	assert min(greetings) < 6 and max(greetings) > 22 and all(4 <= greeting <= 25 for greeting in greetings)
	assert {voice.beep for voice in voices(1)} == {True, False, "silence", "other"}


def test_a_population_can_have_other_machines(carrier):
	carrier.control("population", {"greeting": [40, 50], "never_beeps": 1})
	carrier.control("people", {PERSON: {"behaviour": "voicemail"}})
	voice = carrier.control("person", {"number": PERSON})["voice"]
	assert 40 <= voice["greeting"] <= 50 and voice["beep"] is False


@given(st.floats(0, 60), st.sampled_from([True, False, "silence", "other"]))
def test_no_one_is_told_of_the_end_before_the_machine_listens(greeting, beep):
	voice = Voice("voicemail", greeting=greeting, beep=beep)
	found = detect(voice, {"MachineDetection": "DetectMessageEnd", "MachineDetectionTimeout": "59"})
	if found.answered_by.startswith("machine_end"):
		assert found.seconds >= opens_at(voice)
	else:
		assert found.answered_by == "unknown" and found.seconds == 59


@given(st.lists(st.integers(1, 30), max_size=8), st.floats(0, 60))
@example([29, 1], 11.75)
def test_what_is_taken_is_the_end_of_what_was_spoken(lengths, opens):
	ear, at = Ear(opens), 0.0
	for number, length in enumerate(lengths):
		sentence = " ".join([f"w{number}"] * length)
		ear.begin(sentence, at, speech_seconds(sentence))
		ear.end(speech_seconds(sentence))
		at += speech_seconds(sentence)
	spoken, taken = " ".join(ear.spoken), " ".join(ear.taken)
	assert spoken.endswith(taken)
	assert abs(ear.seconds - max(0.0, at - opens)) < 1e-6
	# Of a sentence of one word, its letters count.
	assert len([word for word in taken.split() if word[0] == "w"]) <= ear.seconds * WORDS_PER_SECOND + 1e-6


def test_a_deaf_ear_takes_nothing():
	ear = Ear(NEVER)
	ear.begin("Hello there.", 0, 1)
	assert ear.end(1) == "" and ear.taken == [] and ear.seconds == 0


@pytest.mark.parametrize(
	("sentence", "start", "end", "expected"),
	[
		("a b c d", 0, 1, "a b c d"),
		("a b c d", 0.3, 1, "c d"),
		("a b c d", 0, 0.9, "a b c"),
		("学校今天", 0.5, 1, "今天"),
		("Hello.", 0, 0.4, "He"),
		("a b c d e f g h i j", 0.3, 0.3, ""),
	],
)
def test_parts_are_whole_words(sentence, start, end, expected):
	assert part(sentence, start, end) == expected


@pytest.mark.parametrize(
	("behaviour", "answered_by", "keys"),
	[("screens", "machine_end_silence", "1"), ("is silent", "unknown", "")],
)
def test_who_is_taken_for_something_else(carrier, twilio, site, behaviour, answered_by, keys):
	carrier.control("people", {PERSON: {"behaviour": behaviour}})
	site.pages["/voice"] = (
		f'<Response><Gather action="{site.url}/key"><Say>Press 1.</Say></Gather></Response>'
	)
	place(twilio, site, machine_detection="DetectMessageEnd")
	carrier.wait_until_idle()
	assert site.to("/voice")[0].params["AnsweredBy"] == answered_by
	assert "".join(one.params["Digits"] for one in site.to("/key")) == keys
