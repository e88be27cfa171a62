"""The recognizer in eighteen languages: `languages/*.txt` hold messages as families send them.

They are sorted by the expected result. The first sections of a file were written before the lexicons, the
second while they were corrected, the third and the fourth after. How many of the fourth were right before
anything was corrected for them is in docs/school/opt-out.md.
"""

from functools import cache
from pathlib import Path

import pytest

from school_dialer.consent.recogniser import lexicon, plain_text
from school_dialer.consent.replies import opt_out

recognise = cache(opt_out.recognise)
"""Several tests ask about the same messages. The answer depends on nothing else."""
FOLDER = Path(__file__).parent / "languages"
NEW = ("uk", "pl", "hmn", "ar_latin")
"""Languages whose messages no native speaker has read yet."""
PARTS = ("", "second ", "third ", "fourth ")


def messages(name: str, outcome: str) -> list[str]:
	"""Return the messages of a language whose expected result is `outcome`."""
	found: list[str] = []
	wanted = False
	for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
		if line.startswith("# "):
			wanted = line[2:] in {part + outcome for part in PARTS}
		elif wanted:
			found.append(line)
	return found


def share(texts: list[str], is_right) -> float:
	return sum(1 for text in texts if is_right(recognise(text))) / len(texts)


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_every_language_has_its_messages(name):
	new = name in NEW
	assert len(messages(name, "opt_out")) >= (40 if new else 80)
	assert len(messages(name, "none")) >= (20 if new else 40)
	assert len(messages(name, "wrong_number")) >= (8 if new else 12)
	assert min(len(messages(name, outcome)) for outcome in ("start", "help")) >= (3 if new else 5)


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_opt_outs_and_wrong_numbers_are_found(name):
	assert share(messages(name, "opt_out"), lambda said: said.opt_out) >= 0.97
	assert share(messages(name, "wrong_number"), lambda said: said.opt_out) >= 0.85


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_start_and_help_are_answered(name):
	for outcome in ("start", "help"):
		assert share(messages(name, outcome), lambda said, outcome=outcome: said.outcome == outcome) == 1


@pytest.mark.exhaustive
def test_ordinary_messages_are_never_certain_and_seldom_doubtful():
	ordinary = [text for name in lexicon.LANGUAGES for text in messages(name, "none")]
	said = [recognise(text) for text in ordinary]
	assert [each.text for each in said if each.opt_out and not each.review] == []
	assert [each.text for each in said if each.outcome in ("start", "help")] == []
	assert sum(1 for each in said if each.review) <= 0.06 * len(ordinary)
	assert sum(1 for each in said if not each.understood) <= 0.04 * len(ordinary)


@pytest.mark.exhaustive
def test_a_wrong_number_in_words_is_never_certain_and_no_words_stop_emergencies():
	every = [
		recognise(text)
		for name in lexicon.LANGUAGES
		for outcome in ("opt_out", "wrong_number", "none")
		for text in messages(name, outcome)
	]
	assert all(each.review for each in every if each.outcome == "wrong_number")
	assert {each.scope for each in every} <= {None, "this purpose", "all non-emergency"}


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_every_entry_is_found_again_in_a_message(name):
	words = lexicon.lexicon(name)
	for kind, entry in lexicon.entries(lexicon.FOLDER / f"{name}.txt"):
		if kind not in lexicon.OPTIONS:
			assert kind in lexicon.SYMBOLS or kind in lexicon.WHOLE, kind
			assert "*" not in entry.rstrip("*") and not ("*" in entry and " " in entry), entry
			assert words.symbols(plain_text.words_of(entry.rstrip("*"))), entry


@pytest.mark.parametrize(
	"words",
	[
		"Just call me it is urgent",
		"This is urgent just call",
		"emergency just call me please",
		"Just an emergency",
		"appelez moi juste urgent",
	],
)
def test_a_writer_in_an_emergency_is_not_taken_for_one_who_wants_no_other_calls(words):
	assert not recognise(words).opt_out


@pytest.mark.parametrize(
	"words", ["emergency calls only", "llamadas de emergencia solamente", "tylko w nagłych wypadkach"]
)
def test_a_person_reads_what_keeps_emergencies_alone(words):
	"""The stop holds, and staff see the words: "solo" and the like are also "just"."""
	assert recognise(words).opt_out and recognise(words).review


@pytest.mark.parametrize(
	"words",
	[
		"Solo llámeme es una emergencia",
		"solo llamenme por favor es una emergencia",
		"only call me it is an emergency",
		"its an emergency only call me",
		"I can only text right now emergency",
		"emergency please stop and call me",
		"stop emergency at home call me now",
		"please stop and call me",
		"there is an emergency please cancel everything and call me",
		"alto llámeme ahora es una emergencia",
		"arrêtez et appelez-moi c'est une urgence",
		"pare e me ligue é uma emergência",
		"dừng lại gọi cho tôi khẩn cấp",
		"стоп позвоните мне экстренная ситуация",
		"зупиніться і подзвоніть мені надзвичайна ситуація",
		"zatrzymaj się i zadzwoń do mnie nagły wypadek",
		"停止 马上打给我 紧急",
		"그만하고 전화해 주세요 응급 상황",
		"توقف واتصل بي حالة طوارئ",
		"rete rele m se yon ijans",
		"tumigil ka tawagan mo ako emergency",
		"jooji oo i soo wac xaalad degdeg ah",
	],
)
def test_who_may_have_an_emergency_is_read_by_a_person(words):
	said = recognise(words)
	assert said.review or not said.opt_out


@pytest.mark.parametrize(
	"words",
	[
		"only call me if it's an emergency",
		"only text me for emergencies",
		"only call in case of an emergency",
		"only emergency calls please",
		"stop all texts but emergency",
		"solo llámenme en emergencias",
		"solo llamenme si es una emergencia",
		"arrêtez de m'appeler sauf en cas d'urgence",
		"ne m'appelez plus sauf urgence",
		"pare de ligar exceto emergências",
		"não me ligue a não ser em emergência",
		"除非紧急情况不要给我打电话",
		"لا تتصل بي ما عدا الطوارئ",
		"pa rele m ankò sof ijans",
	],
)
def test_who_leaves_emergencies_out_of_a_request_is_understood(words):
	said = recognise(words)
	assert said.opt_out and not said.review and said.scope == "all non-emergency"
