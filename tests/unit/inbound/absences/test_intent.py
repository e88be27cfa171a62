"""What a text says of an absence: only what is certain, in fourteen languages, and never for whom."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.inbound.absences import intent
from school_dialer.inbound.absences.intent import TODAY, TOMORROW, recognise
from school_dialer.inbound.absences.kinds import ABSENCE, ILLNESS, LATE

ABSENT = {
	"en": ("Ana is sick today", "Ana won't be in school today", "My son has a fever and is staying home"),
	"es": ("Ana está enferma hoy", "Mi hija no va a ir hoy a la escuela", "Luis tiene fiebre"),
	"pt": ("Minha filha está doente hoje", "Meu filho não vai à escola hoje"),
	"fr": ("Mon fils est malade aujourd'hui", "Ma fille ne viendra pas aujourd'hui"),
	"ht": ("Pitit mwen malad jodi a", "Pitit mwen p'ap vini lekòl jodi a"),
	"vi": ("Con tôi hôm nay bị ốm", "Hôm nay con tôi xin nghỉ học"),
	"tl": ("May sakit po ang anak ko ngayon", "Hindi papasok ang anak ko ngayon"),
	"so": ("Wiilkaygu waa xanuunsan yahay maanta", "Gabadhaydu maanta ma imanayso"),
	"ru": ("Моя дочь сегодня болеет", "Сын сегодня не придёт в школу"),
	"zh": ("我的孩子今天发烧，不能来上课", "女儿今天请假"),
	"ko": ("오늘 아이가 아파서 결석합니다", "우리 아들이 오늘 학교에 못 갑니다"),
	"ar": ("ابنتي مريضة اليوم", "ابني لن يحضر اليوم"),
	"hi": ("मेरी बेटी आज बीमार है", "मेरा बेटा आज स्कूल नहीं आएगा"),
	"ur": ("میری بیٹی آج بیمار ہے", "میرا بیٹا آج اسکول نہیں آئے گا"),
}
COMING_LATE = {
	"en": "Ana will be late today",
	"es": "Ana llega tarde hoy",
	"pt": "Minha filha vai chegar tarde hoje",
	"fr": "Ma fille sera en retard ce matin",
	"ht": "Pitit mwen ap rive ta jodi a",
	"vi": "Hôm nay con tôi đi học muộn",
	"tl": "Mahuhuli po ang anak ko ngayon",
	"so": "Gabadhaydu maanta way soo daahi doontaa",
	"ru": "Сын сегодня опоздает",
	"zh": "孩子今天会迟到",
	"ko": "아들이 오늘 늦어요",
	"ar": "ابني سيتأخر اليوم",
	"hi": "मेरा बेटा आज देर से आएगा",
	"ur": "میرا بیٹا آج دیر سے آئے گا",
}
NOT_CERTAIN = (
	"Is Ana sick?",
	"Ana is not sick today",
	"Ana is no longer sick",
	"Ana was sick yesterday",
	"Ana is feeling better and is back tomorrow",
	"Ana is sick until Friday",
	"Ana is out next week",
	"Ana is sick, please send her homework",
	"Ana is sick, can you call me",
	"If Ana is sick, whom do I call",
	"I am sick and tired of these calls",
	"I am sick of these calls",
	"The bus is late",
	"Her teacher is absent today",
	"My husband is sick",
	"The payment is late",
	"Ana will be late picked up",
	"Ana is sick and will come late",
	"Ana is sick today and tomorrow",
	"Ana is sick on 3/12",
	"Ana llega tarde el lunes",
	"Ana no está enferma",
	"¿Ana está enferma?",
	"Ana ya no tiene fiebre, está mejor",
	"El autobús llega tarde",
	"Estoy enferma",
	"孩子今天不舒服吗？",
	"老师生病了吗",
	"孩子病好了",
	"أين الباص متأخر",
	"Мой сын выздоровел",
	"मेरा बेटा कल बीमार था",
	"She will be absent at the concert but who picks her up",
	"",
	"1",
	"STOP",
	"sick sick sick " * 40,
	"Ana " + "very " * 60 + "sick",
	"The quick brown fox jumps over some lazy hedgehog while Ana sick",
)
NAMES = ("Ana", "Luis", "María José", "Nguyễn Văn An", "Xiaoming", "Ahmed")


@pytest.mark.parametrize(("language", "text"), [(one, text) for one in ABSENT for text in ABSENT[one]])
def test_absences(language, text):
	found = recognise(text)
	assert found and (found.kind, found.day, found.language) == (ABSENCE, TODAY, language)
	assert found.whole


@pytest.mark.parametrize("language", COMING_LATE)
def test_late_arrivals(language):
	found = recognise(COMING_LATE[language])
	assert found and (found.kind, found.day, found.language) == (LATE, TODAY, language)


@pytest.mark.parametrize("text", NOT_CERTAIN)
def test_in_doubt_it_is_a_message(text):
	assert recognise(text) is None


@pytest.mark.parametrize(
	("text", "expected"),
	[
		("Ana will be late, at 10:30", time(10, 30)),
		("Ana will be late, arriving around 9", time(9)),
		("Ana will be late, arriving at 1 pm", time(13)),
		("Ana llega tarde, a las 11.15", time(11, 15)),
		("Ana is 15 minutes late", None),
		("Ana is late", None),
	],
)
def test_the_time_of_a_late_arrival(text, expected):
	found = recognise(text)
	assert found and (found.kind, found.expected) == (LATE, expected)


@pytest.mark.parametrize(
	"text", ["Ana will be late, at 25:00", "Ana will be late 10 or 11", "Ana late 3/12 9"]
)
def test_a_number_that_is_no_time_is_doubt(text):
	assert recognise(text) is None


def test_the_day_and_the_reason():
	found = recognise("Ana no va a ir mañana porque está enferma")
	assert (found.day, found.reason) == (TOMORROW, ILLNESS)
	assert recognise("Ana will be absent tomorrow").reason == "Not said"


def test_more_than_an_absence_is_not_whole():
	assert not recognise("Ana is sick today, grandma Rosa stays with").whole


def test_every_language_has_its_words():
	for language in intent.LANGUAGES:
		kinds = set(intent.lexicon(language).values())
		assert set(intent.CLASSES) <= kinds, language


@given(st.text(max_size=400))
def test_it_never_raises(text):
	recognise(text)


@given(st.sampled_from([text for texts in ABSENT.values() for text in texts]), st.sampled_from("?？؟"))
def test_a_question_reports_nothing(text, mark):
	assert recognise(f"{text}{mark}") is None


@given(
	st.sampled_from(ABSENT["en"]),
	st.sampled_from(["not", "if", "yesterday", "when", "please call", "Monday"]),
)
def test_a_word_of_doubt_anywhere_is_doubt(text, word):
	words = text.split()
	for place in (0, len(words)):
		assert recognise(" ".join([*words[:place], word, *words[place:]])) is None


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_who_is_meant_changes_nothing(one, other):
	found = recognise(f"{one} is sick today"), recognise(f"{other} is sick today")
	assert found[0] == found[1]


@given(st.sampled_from([text for texts in ABSENT.values() for text in texts]))
def test_case_and_space_change_nothing(text):
	assert recognise(text) == recognise(f"  {text.upper()} \n") or not text.isascii()
