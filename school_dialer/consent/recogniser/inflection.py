"""The forms of a verb in Spanish, Portuguese and French, from its infinitive. Pure Python, no accents.

The lexicons name a verb once (`contact: ~llamar`), and the tables use the forms that make up a wish or a
request.
"""

from functools import cache

# For each ending of the infinitive: the endings of wishes and commands, then those of the infinitive and
# gerund.
_ENDINGS = {
	"es": {
		"ar": ("a e es en ad eis ara aras aran", "ar ando"),
		"er": ("e a as an ed ais iera ieras ieran", "er iendo"),
		"ir": ("e a as an id ais iera ieras ieran", "ir iendo"),
	},
	"pt": {
		"ar": ("a e es em ai asse asses assem", "ar arem ando"),
		"er": ("e a as am ei esse esses essem", "er erem endo"),
		"ir": ("e a as am i isse isses issem", "ir irem indo"),
	},
	"fr": {"er": ("e ez iez", "er ant")},
}
_CLITICS = {"es": "me nos le les lo la los las se melo mela melos noslo selo"}
# How the sound of the stem's last letter is spelled before e and i.
_BEFORE_E = {"c": "qu", "g": "gu", "z": "c"}


@cache
def wishes(language: str, verb: str) -> frozenset[str]:
	"""Return the forms that ask for the action: *llamen*, *llamad*, *llamenme*."""
	return _with_clitics(language, _forms(language, verb, 0))


@cache
def infinitives(language: str, verb: str) -> frozenset[str]:
	"""Return the forms that name the action: *llamar*, *llamando*, *llamarme*."""
	return _with_clitics(language, _forms(language, verb, 1))


def requests(language: str, verb: str) -> frozenset[str]:
	"""Return the forms that a request may contain.

	A statement about calls is not a request: *por qué ya no me llaman*.
	"""
	return wishes(language, verb) | infinitives(language, verb)


def _forms(language: str, verb: str, kind: int) -> frozenset[str]:
	stem, infinitive = verb[:-2], verb[-2:]
	return frozenset(
		_joined(stem, ending, infinitive) for ending in _ENDINGS[language][infinitive][kind].split()
	)


def _joined(stem: str, ending: str, infinitive: str) -> str:
	if infinitive == "ar" and ending[0] == "e":
		stem = stem[:-1] + _BEFORE_E.get(stem[-1], stem[-1])
	return stem + ending


def _with_clitics(language: str, bare: frozenset[str]) -> frozenset[str]:
	return bare | {form + clitic for form in bare for clitic in _CLITICS.get(language, "").split()}
