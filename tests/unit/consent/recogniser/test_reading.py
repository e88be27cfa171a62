"""The recognizer on single messages: each tests a rule, not how well it knows a language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.consent.recogniser import inflection, lexicon, plain_text, rules, spelling
from school_dialer.consent.recogniser.reading import is_about_writer, is_welcome
from school_dialer.consent.replies.opt_out import NONE, WRONG_NUMBER, recognise
from tests.effort import examples


@pytest.mark.parametrize(
	"text",
	[
		"stop everything even emergencies",
		"never contact me again for any reason",
		"no me llamen ni en emergencias",
		"wrong number, do not call even in an emergency",
	],
)
def test_words_alone_never_stop_emergency_calls(text):
	said = recognise(text)
	assert said.opt_out and said.scope == "all non-emergency" and said.review


@pytest.mark.parametrize(
	"text",
	[
		"stop the emergency calls",
		"no more emergency alerts",
		"no quiero llamadas de emergencia",
	],
)
def test_a_request_to_stop_emergencies_stops_all_else_and_is_reviewed(text):
	said = recognise(text)
	assert (said.scope, said.purpose, said.review) == ("all non-emergency", None, True)


@pytest.mark.parametrize(
	"text",
	[
		"It's an emergency, please stop calling me, I'm at the hospital",
		"Family emergency. Please stop texting for now",
		"Stop texting me. My son is in 3rd grade.",
		"Stop calling me. She was absent because we moved away.",
		"Good news, we moved. Please stop calling",
		"No money for this phone. Please stop texting.",
		"Stop calling me during exams",
		"Great event yesterday, but please take me off your call list",
		"I paid my balance. Stop calling me",
		"Please remove my number from your calling list. Thank you. Maria, mother of Sofia, 3rd grade",
		"Ya pagué la cuota, dejen de llamarme",
		"No me llamen. Mi hija saca buenas notas",
	],
)
def test_a_word_beside_the_request_does_not_narrow_it(text):
	said = recognise(text)
	assert (said.scope, said.purpose) == ("all non-emergency", None)


@pytest.mark.parametrize(
	("text", "purpose"),
	[
		("Stop texting me about his grades", "Academic"),
		("Attendance calls. Stop them.", "Attendance"),
		("Unsubscribe me from the newsletter", "General"),
		("Please stop asking me for money", "Fundraising"),
		("STOP fundraising", "Fundraising"),
		("I'm not interested in the fundraiser", "Fundraising"),
		("About the fundraiser: stop texting me", "Fundraising"),
		("take me off the fundraising list please", "Fundraising"),
		("stop the newsletter, thanks", "General"),
		("I want to opt out of fundraisers", "Fundraising"),
		("please stop sending me homework", "Academic"),
		("Quítenme de los avisos de la cuota", "Fees"),
		("ya no me llamen por las ausencias, gracias", "Attendance"),
	],
)
def test_a_purpose_that_the_request_is_about_narrows_it(text, purpose):
	said = recognise(text)
	assert (said.scope, said.purpose) == ("this purpose", purpose)


@pytest.mark.parametrize(
	"text",
	[
		"Wrong person, my daughter Ana was present today",
		"please withdraw my consent for the trip",
		"don't call the landline, use my cell",
		"What is the bus stop number for Elm Street?",
		"no llamen al teléfono de la casa, usen mi celular",
		"This bullying has to stop",
		"I revoke my permission for him to walk home",
	],
)
def test_what_is_said_of_school_things_or_another_number_is_not_certain(text):
	said = recognise(text)
	assert said.review or not said.opt_out


@pytest.mark.parametrize(
	"text",
	[
		"Bitte keine Nachrichten mehr",
		"กรุณาอย่าโทรมาอีก",
		"আমাকে আর কল করবেন না",
		"እባክዎ አይደውሉ",
		"אל תתקשרו אלי",
		"Tafadhali usinipigie simu",
		"qing buyao zai da dianhua",
		"Bitte rufen Sie mich nicht mehr an",
		"word " * 9 + "x" * 20_000,
	],
)
def test_what_no_language_knows_or_was_not_read_to_the_end_says_so(text):
	said = recognise(text)
	assert said.outcome == "none" and not said.understood
	assert said.as_dict()["understood"] is False


@pytest.mark.parametrize(
	"text", ["", "👍", "❤️🙏", "1", "555-201-3344", "thanks", "네", "نعم", "d'accord", "https://example.com"]
)
def test_what_holds_no_words_or_known_ones_is_understood(text):
	said = recognise(text)
	assert said.outcome == "none" and said.understood and "understood" not in said.as_dict()


@pytest.mark.parametrize(
	"text",
	[
		"Thanks!\n> Reply STOP to opt out",
		"ok gracias\n\nEl lun, 3 nov, Escuela escribió:\nResponda ALTO para cancelar",
		"Obrigada\n\nEm seg., Escola escreveu:\nPARE para sair",
		"谢谢老师\n\n学校写道:\n回复 退订",
		"Merci\n-- \nStop pub",
	],
)
def test_what_is_quoted_and_signatures_do_not_count(text):
	assert recognise(text).outcome == "none"


@pytest.mark.parametrize(
	"text",
	[
		"停止",
		"توقف",
		"стоп",
		"СТОП",
		"그만",
		"बंद करो",
		"بند کرو",
		"arrêtez",
		"SISPANN",
		"jooji",
		"tigil",
		"DỪNG",
		"pare",
	],
)
def test_a_stop_word_of_any_language_is_certain(text):
	said = recognise(text)
	assert (said.outcome, said.why, said.review) == ("opt_out", "keyword", False)


def test_disguises_are_undone_in_every_script():
	for text in (
		"不\u200b要再打电话了",
		"لا\u200f تتصلوا بي",
		"문자  보내지 마 세 요",
		"ｐａｒｅ ｄｅ ｍｅ ｌｉｇａｒ",
		"ĐỪNG GỌI NỮA!!!",
	):
		assert recognise(text).opt_out, text


def test_a_correct_answer_in_vietnamese_is_not_the_word_for_stop():
	assert recognise("đúng rồi").outcome == "none"
	assert recognise("dung").review


def test_a_telephone_number_is_read_as_the_word():
	assert plain_text.own_words("remove 555-201-3344 now").split() == ["remove", "number", "now"]
	assert plain_text.own_words("room 12 at 3:30").split() == ["room", "12", "at", "3:30"]


def test_an_elided_word_is_a_word_of_its_own():
	assert plain_text.plain("Ne m'appelez plus, j’ai dit") == "ne m appelez plus, j ai dit"
	assert plain_text.plain("don't y'all") == "dont yall"


def test_chinese_and_korean_are_read_by_character():
	assert lexicon.lexicon("zh").symbols(["请不要再打给我"]) == "GNCM"
	assert rules.opt_out(lexicon.lexicon("ko").symbols(["문자", "보내지마세요"]), False, negates_after=True)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.sampled_from([*"SNWCTMQRPLKHBFDZAXpx_.GE"]), max_size=60).map("".join), st.booleans())
def test_rules_answer_for_any_symbols(symbols, asks):
	for found in (rules.opt_out(symbols, asks), rules.opt_out(symbols, asks, True)):
		assert found in (rules.ABSENT, rules.UNCERTAIN, rules.CERTAIN)
		assert not (asks and found == rules.CERTAIN and "A" not in symbols)
	assert rules.opt_out_besides(symbols, asks) <= rules.UNCERTAIN
	assert rules.most_of_tables(symbols, rules.UNCERTAIN) <= rules.UNCERTAIN


@settings(max_examples=examples(150), deadline=None)
@given(
	st.text(
		st.sampled_from('不要再打电话لا تتصل मत भेजो 하지마 не звоните đừng gọi\u200b\u202e,.?!"«»\n>'),
		max_size=400,
	)
)
def test_never_raises_on_mixed_scripts(text):
	said = recognise(text)
	assert said.opt_out == (said.scope is not None)


@pytest.mark.parametrize(
	"unit",
	[
		"不要",
		"لا تتصل ",
		"मत ",
		"하지마",
		"đừng ",
		"“",
		"\n ",
		"> ",
		"(",
		"http://",
		"\nOn a",
		"don't want ",
		"5-5",
		"s'",
	],
)
def test_forty_thousand_characters_are_read(unit):
	assert recognise(unit * (40_000 // len(unit))).text


@pytest.mark.parametrize(
	"text",
	[
		"STOP please and thank you so much, have a blessed day",
		"STOP at once",
		"Please stop at once!",
		"Stop for good",
		"stop for now",
		"STOP for the love of God",
		"STOP and I mean it",
		"STOP and have a nice day",
		"Stop to both my phones",
		"STOP he graduated last year",
		"Stop she doesn't go there",
		"STOP this is Maria's mom",
		"ALTO por favor y gracias",
		"Alto y que tengan buen dia",
	],
)
def test_a_message_that_begins_with_stop_asks_for_it(text):
	assert recognise(text).opt_out


@pytest.mark.parametrize(
	"text",
	[
		"Stop by the office at 3",
		"Stop and Shop cards for the raffle",
		"Stop in tomorrow",
		"stop at the front desk for his lunch",
		"Stop for ice cream after school is ok",
		"Stop to my classroom first",
		"I told him to stop and he did",
		"We can stop for now and finish the project tomorrow",
		"Alto riesgo de lluvia y viento",
	],
)
def test_a_stop_on_the_way_is_none(text):
	assert not recognise(text).opt_out


@pytest.mark.parametrize(
	"text",
	[
		"I'd rather not be on this list, thanks",
		"Kindly desist from sending me these",
		"Sorry to bother you but please stop these",
		"I am writing to ask that my phone be taken off. Best, Ana",
		"I'd like to be left out of these messages",
		"No need to keep me informed anymore thanks",
		"please stop informing me",
		"I do not wish to receive",
		"Don't start texting me again",
		"I asked you to stop last week",
		"I've told you people a hundred times to stop",
		"Please put my number on the no call list",
		"Les suplico que paren",
		"Le agradecería mucho que ya no me llegaran estos mensajes",
		"Le ruego que se abstengan de llamar a este teléfono",
		"Favor de abstenerse de enviar mensajes",
		"Les agradezco la información pero ya no la necesito",
	],
)
def test_a_polite_request_is_found(text):
	assert recognise(text).opt_out


@pytest.mark.parametrize(
	"text",
	[
		"We don't want to be left out of these messages",
		"please do not call 911",
		"I told you to stop by the office",
		"No texts received since Monday",
		"La cita con la maestra ya no la necesito",
		"Siento que no me llegara el mensaje",
	],
)
def test_what_only_sounds_like_one_is_none(text):
	assert not recognise(text).opt_out


@pytest.mark.parametrize(
	"text",
	[
		"ne m'appelez pas avant 10h, je travaille",
		"đừng gọi tôi trước 10 giờ",
		"لا تتصلوا قبل الساعة 10",
		"10 बजे से पहले कॉल मत करना",
	],
)
def test_a_request_about_a_time_is_not_certain(text):
	assert recognise(text).review


@pytest.mark.parametrize(
	"text", ["annulez mon dernier message", "mera pichla message ignore kar dijiye", "请忽略我上一条短信"]
)
def test_a_message_taken_back_is_no_opt_out(text):
	assert recognise(text).outcome == "none"


@pytest.mark.parametrize(
	"text",
	[
		"plese sotp clling me",
		"i dont wnat thees mesages",
		"no qiero mas mensages",
		"vorrenme de la lista",
		"aretez de m'apeler",
		"parem de lgar",
	],
)
def test_a_misspelt_opt_out_is_found_and_never_certain(text):
	said = recognise(text)
	assert said.opt_out and said.review


@pytest.mark.parametrize("text", ["I recieved the mesage", "lunhc money is in his bag", "no tengo la llave"])
def test_a_slip_in_an_ordinary_message_makes_no_opt_out(text):
	assert not recognise(text).opt_out


def test_spanish_verbs_are_read_in_the_forms_that_ask():
	assert {"llamad", "llameis", "llamenme", "llamarnos"} <= inflection.requests("es", "llamar")
	assert {"marquen", "marque"} <= inflection.requests("es", "marcar")
	assert "llamaron" not in inflection.requests("es", "llamar")
	for text in ("dejad de llamarme", "no me llaméis más", "borradme de la lista", "no me marquéis"):
		assert recognise(text).opt_out, text


def test_spellings_of_one_word_are_folded_alike():
	assert (
		spelling.folded("hi", ["karein"])
		== spelling.folded("hi", ["karain"])
		== spelling.folded("hi", ["karen"])
	)
	assert spelling.folded("so", ["farriimo"]) == spelling.folded("so", ["fariimo"])
	assert spelling.folded("en", ["calling"]) == ["calling"]


@pytest.mark.parametrize(
	"text",
	[
		"what does unsubscribe mean?",
		"退订是什么意思",
		"unsubscribe ka matlab kya hai",
		"pourquoi vous ne m'appelez plus",
	],
)
def test_a_question_about_the_calls_is_not_certain(text):
	said = recognise(text)
	assert said.review or not said.opt_out


@pytest.mark.parametrize(
	"text",
	[
		"you can text me again",
		"OK to call me again",
		"sign me up again",
		"I changed my mind, please text me",
		"put me back on the list",
		"I want my notifications back",
		"can I get messages again?",
		"Pueden volver a llamarme",
		"quisiera volver a recibir mensajes",
	],
)
def test_free_words_that_ask_for_contact_are_welcome_and_no_start(text):
	assert is_welcome(text) and recognise(text).outcome == NONE


@pytest.mark.parametrize(
	"text",
	["STOP", "don't call me", "no more texts", "Ana is sick today", "When does school start?", "Thanks!", ""],
)
def test_what_asks_for_no_contact_is_not_welcome(text):
	assert not is_welcome(text)


@pytest.mark.parametrize(
	"text",
	[
		"cancel my earlier text",
		"Cancel my last message",
		"please cancel my previous text",
		"cancel the text I sent earlier, Ana is not sick",
		"Por favor cancele mi mensaje anterior",
	],
)
def test_an_earlier_text_that_is_taken_back_is_for_review(text):
	said = recognise(text)
	assert said.review or not said.opt_out


@pytest.mark.parametrize(
	("text", "about"),
	[
		("Stop calling me", True),
		("take our number off your list", True),
		("STOP", True),
		("please stop calling the Smith family", False),
		("Please let me know. Stop calling the Smiths.", False),
	],
)
def test_whom_an_opt_out_is_about(text, about):
	assert is_about_writer(text) is about


MISSES = """я не отримую повідомлень
мені не приходять повідомлення
мы не получаем смс
мне не приходят сообщения
nie dostaję wiadomości
nie otrzymujemy wiadomości
hindi ako nakakatanggap ng text
لا أستلم الرسائل
não recebo as mensagens
je ne reçois pas les messages"""


@pytest.mark.parametrize("text", MISSES.splitlines())
def test_who_misses_messages_asks_for_no_stop(text):
	assert recognise(text).outcome == NONE


@pytest.mark.parametrize("text", ["не хочу отримувати повідомлення", "nie chcę dostawać wiadomości"])
def test_who_wants_to_get_none_asks_for_it(text):
	assert recognise(text).opt_out


def test_a_stop_word_that_is_asked_about_is_doubtful():
	assert recognise("unsubscribe? what is this").review and recognise("unsubscribe?").review
	assert not recognise("unsubscribe").review


@pytest.mark.parametrize("text", ["this is not Ana's mom", "this isn't Ana's dad"])
def test_who_is_not_the_parent_has_the_wrong_number(text):
	assert recognise(text).outcome == WRONG_NUMBER
