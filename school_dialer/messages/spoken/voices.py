"""Which voice speaks which language. Names are Twilio's (Amazon Polly and Google). Pure Python."""

import re
from collections.abc import Mapping

from school_dialer.messages.language import base
from school_dialer.messages.model import Voice

VOICES: Mapping[str, Voice] = {
	"en": Voice("Polly.Joanna-Neural", "en-US"),
	"es": Voice("Polly.Lupe-Neural", "es-US"),
	"es-MX": Voice("Polly.Mia-Neural", "es-MX"),
	"zh": Voice("Polly.Zhiyu-Neural", "cmn-CN"),
	"zh-TW": Voice("Google.cmn-TW-Standard-A", "cmn-TW"),
	"ar": Voice("Polly.Zeina", "arb"),
	"vi": Voice("Google.vi-VN-Standard-A", "vi-VN"),
	"fr": Voice("Polly.Lea-Neural", "fr-FR"),
	"ko": Voice("Polly.Seoyeon-Neural", "ko-KR"),
	"pt": Voice("Polly.Camila-Neural", "pt-BR"),
	"ru": Voice("Polly.Tatyana", "ru-RU"),
	"fil": Voice("Google.fil-PH-Standard-A", "fil-PH"),
}


def voice_for(language: str, voices: Mapping[str, Voice] = VOICES) -> Voice | None:
	"""Return the language's own voice, or its base language's. None if no voice speaks it."""
	return voices.get(language.replace("_", "-")) or voices.get(base(language))


_NAME = re.compile(r"[A-Za-z]{3,20}(\.[A-Za-z0-9_-]{1,60})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


def is_name(text: str) -> bool:
	"""Return whether a carrier could have a voice with this name.

	Examples: "alice", "Polly.Joanna-Neural", "Google.cmn-TW-Standard-A".
	"""
	return bool(_NAME.fullmatch(text))


def is_language(text: str) -> bool:
	return bool(_LANGUAGE.fullmatch(text))
