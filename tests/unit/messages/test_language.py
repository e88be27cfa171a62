import pytest

from school_dialer.messages.language import choose, direction
from school_dialer.messages.model import Words


def words(*languages, **variants):
	return tuple(Words(language, **(variants or {"voice": "x"})) for language in languages)


@pytest.mark.parametrize(
	"having, wanted, school, chosen, fell_back",
	[
		(("en", "es"), "es", "en", "es", False),
		(("en", "es"), "es-MX", "en", "es", False),
		(("en", "es-MX"), "es", "en", "es-MX", False),
		(("en", "es", "es-MX"), "es-MX", "en", "es-MX", False),
		(("en", "zh"), "zh_TW", "en", "zh", False),
		(("en", "es"), "vi", "es", "es", True),
		(("fr", "es"), "vi", "en", "fr", True),
		(("es", "en"), "", "en", "en", False),
		(("es", "en"), None, "en-GB", "en", False),
		(("es",), "", "en", "es", True),
	],
)
def test_the_persons_language_then_the_schools_then_the_first(having, wanted, school, chosen, fell_back):
	choice = choose(words(*having), wanted, school)
	assert (choice.words.language, choice.fell_back) == (chosen, fell_back)


def test_a_translation_without_words_for_the_variant_does_not_count():
	both = (Words("es", text="hola"), Words("en", voice="hello", text="hello"))
	assert choose(both, "es", "en", "voice").words.language == "en"
	assert choose(both, "es", "en", "voice").fell_back
	assert choose(both, "es", "en", "text").words.language == "es"
	assert choose(both, "es", "en", "voicemail") is None
	assert choose((), "es") is None
	assert choose((Words("en", voice="  "),), "en") is None


@pytest.mark.parametrize(
	"language, expected", [("ar", "rtl"), ("ar-SA", "rtl"), ("he", "rtl"), ("en", "ltr"), ("", "ltr")]
)
def test_direction(language, expected):
	assert direction(language) == expected
