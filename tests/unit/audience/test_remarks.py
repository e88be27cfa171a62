"""remarks.py: what staff wrote beside a number in a field of a record."""

import pytest

from school_dialer.audience import remarks
from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, TEXT, THIS_PURPOSE
from school_dialer.consent.replies.opt_out import recognise

HOME, CELL = "+13125550199", "+13125550123"
PLACES = ("312-555-0199 {}", "{}: 312-555-0199", "312-555-0199 ({})", "312-555-0199, {}")


def read(text: str) -> tuple[set[str], dict[str, str | None]]:
	"""Return (numbers that are gone, the channel of each opt-out by number)."""
	found = remarks.remarks_in(text, "US")
	assert {stop.scope for _number, stop in found.stops} <= {ALL_NON_EMERGENCY}
	return set(found.gone), {number: stop.channel for number, stop in found.stops}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
	"words",
	[
		*("DO NOT CALL", "do not contact", "don't call", "DNC", "no calls", "never call", "emergency only"),
		*("no llamar", "No llame", "ne pas appeler", "não ligar", "ex husband do not call"),
	],
)
def test_a_number_that_is_not_to_be_called_is_as_one_whose_owner_opted_out(place, words):
	assert read(place.format(words)) == (set(), {HOME: None})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
	"words",
	[
		*("wrong number", "disconnected", "old", "old number", "not in service", "out of service", "invalid"),
		*("no longer works", "doesn't work", "bad number", "not her number", "number changed in May"),
		*("número equivocado", "desconectado", "fuera de servicio", "ya no sirve", "número viejo"),
		*(
			"Ana's old number",
			"ex husband's former cell",
			"mom's cell doesn't work",
			"home (old)",
			"celular no sirve",
		),
	],
)
def test_a_number_that_is_not_theirs_any_more_is_gone(place, words):
	assert read(place.format(words)) == ({HOME}, {})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
	"words",
	[
		*("home", "mom's cell", "ask for Ana", "after 5:30", "call after 6", "ext. 5", "work", "new number"),
		*("abuela", "celular de mamá", "llamar primero", "trabajo", "neighbor", "Nachbarin", "call first"),
		*("not before 9", "if no answer", "best number", "voicemail full", "Goldie"),
	],
)
def test_a_label_or_words_that_say_no_such_thing_take_nothing_away(place, words):
	assert read(place.format(words)) == (set(), {})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
	"words",
	[
		*(
			"John Old",
			"grandma (old neighbor)",
			"old friend",
			"old phone system",
			"bad hearing",
			"bad reception",
		),
		*("previous employer", "former stepfather", "expired visa", "mama changed to nights", "changed jobs"),
		*("mother not working", "doesn't work Fridays", "no longer at work", "ya no trabaja", "tía Antigua"),
		*("not in use before noon", "disconnected until Friday", "new number", "new, old number was wrong"),
		*("replaces the old number", "old phone, still works", "changed", "changed in May", "Mr. Bad"),
	],
)
def test_words_that_are_not_said_of_the_number_cost_no_family_an_emergency(place, words):
	assert read(place.format(words))[0] == set()


@pytest.mark.parametrize(
	"text", ["312-555-0123 home 312-555-0199 old", "old number 312-555-0123 cell 312-555-0199"]
)
def test_of_two_numbers_with_one_remark_no_one_knows_which_is_gone(text):
	assert read(text)[0] == set()


def test_the_same_words_beside_many_numbers_are_read_once(monkeypatch):
	remarks.meaning_of.cache_clear()
	asked = []
	monkeypatch.setattr(remarks, "recognise", lambda words: asked.append(words) or recognise(words))
	for last in range(50):
		assert not remarks.remarks_in(f"312-555-01{last:02} (mom's cell)", "US").stops
	assert len(asked) == 1


@pytest.mark.parametrize("words", ["no fundraising calls", "do not call about fundraising"])
def test_words_about_one_kind_of_call_leave_the_others(words):
	((number, stop),) = remarks.remarks_in(f"312-555-0199 {words}", "US").stops
	assert (number, stop.scope, stop.purpose, stop.channel) == (HOME, THIS_PURPOSE, "Fundraising", None)


@pytest.mark.parametrize("words", ["no calls, no texts", "do not call - text only", "no texts or calls"])
def test_words_about_calls_leave_none(words):
	stops = remarks.remarks_in(f"312-555-0199 {words}", "US").stops
	assert (HOME, OptOut(ALL_NON_EMERGENCY)) in stops


def test_words_about_one_kind_of_call_and_all_texts_stop_both():
	stops = remarks.remarks_in("312-555-0199 no fundraising calls, no texts", "US").stops
	expected = {OptOut(THIS_PURPOSE, "Fundraising"), OptOut(ALL_NON_EMERGENCY, channel=TEXT)}
	assert {stop for _number, stop in stops} == expected


@pytest.mark.parametrize(
	"words",
	[
		*("no texts", "do not text", "landline, no SMS", "no voicemail"),
		*("no text, call only", "do not text - call", "call only (no texts)"),
	],
)
def test_words_about_texts_alone_leave_the_calls(words):
	assert read(f"312-555-0199 {words}") == (set(), {HOME: TEXT})


@pytest.mark.parametrize(
	("text", "gone", "stops"),
	[
		("312-555-0123 home / 312-555-0199 DO NOT CALL", set(), {HOME}),
		("DO NOT CALL, 312-555-0199", set(), {HOME}),
		("old 312-555-0199 / new 312-555-0123", {HOME}, set()),
		("312-555-0123; 312-555-0199; disconnected", {HOME}, set()),
		("312-555-0123 312-555-0199 no llamar", set(), {HOME, CELL}),
	],
)
def test_words_belong_to_the_number_in_their_part_of_the_field(text, gone, stops):
	found, channels = read(text)
	assert (found, set(channels)) == (gone, stops)


@pytest.mark.parametrize("text", [None, "", "312-555-0199", "ask for Ana", "do not call", "x" * 5000])
def test_a_field_without_words_or_without_numbers_says_nothing(text):
	assert read(text) == (set(), {})


@pytest.mark.parametrize("place", ("312-555-0199 {}", "{}: 312-555-0199", "312-555-0199 ({})"))
@pytest.mark.parametrize(
	"name", ["Maria Stop", "Mr. Stop", "Dr Stop", "Anna Stop", "Lisa Quit", "Jan Peter Stop"]
)
def test_a_name_that_is_a_word_of_wishes_takes_nothing_away(place, name):
	assert read(place.format(name)) == (set(), {})


@pytest.mark.parametrize("place", ("312-555-0199 {}", "{}: 312-555-0199", "312-555-0199 ({})"))
@pytest.mark.parametrize(
	"words",
	[
		*(
			"Stop",
			"STOP",
			"Please Stop",
			"Do Not Call",
			"No Calls",
			"Requested Stop",
			"Parent Requested Stop",
		),
		*("Maria stop", "MARIA STOP", "Stop Maria", "Maria Stop Calling", "Maria Stop calls", "Hard Stop"),
		*("Maria Stop - STOP", "Maria Stop, no calls", "Maria Stop. Do not call"),
	],
)
def test_a_wish_counts_beside_a_name_and_whenever_it_may_be_one(place, words):
	assert read(place.format(words)) == (set(), {HOME: None})


@pytest.mark.parametrize(
	"words",
	[
		"emergency calls only",
		"Emergencies Only",
		"only in emergency",
		"only call in emergencies",
		"urgences seulement",
	],
)
def test_emergencies_only_keeps_other_calls_away(words):
	assert read(f"312-555-0199 {words}") == (set(), {HOME: None})
