"""What was to be filled in, tests, numbered buses, and absences, in the shipped languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.campaigns.plausibility import absence, audience_size, leftovers, repeats
from school_dialer.campaigns.plausibility.finding import LONGEST_QUOTE, quoted
from tests.unit.campaigns.plausibility.ordinary import ORDINARY

ORDINARY_TEXTS = [text for texts in ORDINARY.values() for text in texts]


@pytest.mark.parametrize("text", ORDINARY_TEXTS)
def test_ordinary_words_ask_nothing(text):
	assert leftovers.placeholder(text) is None
	assert not leftovers.is_test(text)
	assert not audience_size.routes_in(text)
	assert not absence.is_absent(text)


@pytest.mark.parametrize(
	("text", "left"),
	[
		("School closes at [TIME] today.", "[TIME]"),
		("Dear <name>, please call us.", "<name>"),
		("Dear {name}, please call us.", "{name}"),
		("Hello {{ recipient_name }}, it is on ____.", "____"),
		("It starts at XX:XX.", "XX:XX"),
		("The trip costs XXX dollars.", "XXX"),
		("Lorem ipsum dolor sit amet.", "Lorem ipsum"),
		("The concert is on INSERT DATE at six.", "INSERT DATE"),
		("El concierto es [FECHA].", "[FECHA]"),
		("Reúnase en lugar aquí.", "lugar aquí"),
	],
)
def test_what_was_to_be_filled_in(text, left):
	assert leftovers.placeholder(text) == left


def test_fields_are_filled_in_by_the_system():
	assert (
		leftovers.placeholder('Hello {{ recipient_name | default("you") }}. {% if x %}y{% endif %}') is None
	)


@pytest.mark.parametrize(
	"text",
	["test", "Test!", "This is a test.", "testing 123", "asdf", "Prueba", "thử nghiệm", "测试", "اختبار"],
)
def test_words_that_only_try_the_system(text):
	assert leftovers.is_test(text)


@pytest.mark.parametrize(
	"text",
	[
		"Bus 7 is 20 minutes late.",
		"Route 12 does not run today.",
		"La ruta 7 llega tarde.",
		"El autobús número 7 llega tarde.",
		"Xe buýt số 7 đến trễ.",
		"7号校车晚点。",
		"الحافلة رقم 7 متأخرة.",
	],
)
def test_news_of_one_bus(text):
	assert audience_size.routes_in(text)


@pytest.mark.parametrize(
	"text", ["The bus is 20 minutes late.", "Buses leave at 3:15.", "Bus 15 minutes late."]
)
def test_news_of_all_buses(text):
	assert not audience_size.routes_in(text)


@pytest.mark.parametrize(
	"text",
	[
		"Your child was absent today.",
		"Your child did not come to school.",
		"Su hijo estuvo ausente hoy.",
		"Su hija no asistió a la escuela.",
		"Con quý vị vắng mặt hôm nay.",
		"您的孩子今天缺席。",
		"تغيب ابنكم اليوم.",
	],
)
def test_an_absence(text):
	assert absence.is_absent(text)


@pytest.mark.parametrize(
	("one", "two", "same"),
	[
		("school is closed today because of snow", "school is closed today because of snow", True),
		("school is closed today because of the snow", "school is closed today because of snow", True),
		("the bus leaves at 3", "the bus leaves at 4", False),
		("school is closed today", "the concert is on thursday at six", False),
		("", "", True),
	],
)
def test_nearly_the_same_words(one, two, same):
	assert repeats.nearly(one, two) is same


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text):
	leftovers.placeholder(text)
	leftovers.is_test(text)
	audience_size.routes_in(text)
	absence.is_absent(text)
	assert len(quoted(text)) <= LONGEST_QUOTE


@given(st.sampled_from(["[", "{", "<", "_", "X", "{{", "ab "]), st.integers(1, 20_000))
def test_hostile_repetition_ends(piece, times):
	leftovers.placeholder(piece * times)
