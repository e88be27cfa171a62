"""Which voice speaks which language. Names are Twilio's (Amazon Polly and Google). Pure Python."""

from collections.abc import Mapping
from dataclasses import dataclass

from school_dialer.messages.language import base


@dataclass(frozen=True, slots=True)
class Voice:
	name: str
	language: str
	"""As the carrier names it, which is neither Frappe's name nor always a locale: "arb", "cmn-CN"."""


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
	"""The language's own voice, or its base's; None when nobody speaks it."""
	return voices.get(language.replace("_", "-")) or voices.get(base(language))
