"""Recognize messages that need no reply or review: thanks, "ok", a heart. Pure Python.

When in doubt, a message is not small talk and a person reads it. So every word has to be on one of these
lists, and the message has to be short.
"""

import re
import unicodedata

MOST_WORDS = 8
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.UNICODE)

COURTESIES = frozenset(
	# English
	"ok okay k kk thanks thank thankyou thx ty tysm you u so much very many appreciate appreciated it got "
	"received noted great good perfect awesome wonderful cool sounds nice welcome hi hello hey morning "
	"afternoon evening night have a day all the for letting me us know update info reminder message sure "
	"alright will do copy understood ack cheers bless god lol haha ha and too".split()
	# Spanish
	+ "gracias muchas muchisimas mil vale bueno bien perfecto excelente entendido recibido enterado enterada "
	"de nada buenos buenas dias tardes noches hola si claro igualmente bendiciones genial listo saludos por "
	"avisar avisarme el aviso la informacion muy amable".split()
	# Vietnamese, Arabic
	+ "cảm cám ơn vâng dạ được rồi chào xin nhiều cô thầy ạ oke nhé".split()
	+ "شكرا جزيلا لكم لك تمام حسنا مرحبا السلام عليكم وعليكم طيب اوكي ممتاز مشكورين مشكور الله يعطيكم "
	"العافية".split()
	# French, Portuguese, Haitian Creole, Tagalog
	+ "merci beaucoup bonjour obrigado obrigada mesi anpil salamat po".split()
)
NEVER_ALONE = frozenset({"no", "not", "nunca", "don't", "dont", "will", "know", "message", "de", "la", "el"})
"""Words that can be part of a courtesy but are not one by themselves."""
_CHINESE = re.compile(
	r"(?:谢谢|謝謝|多谢|多謝|感谢|感謝|好的?|收到|知道了?|明白了?|您|你|们|們|老师|老師|了|啦|啊|哦|嗯|辛苦|您好|你好|没问题|沒問題|非常)+"
)


def is_small_talk(text: str) -> bool:
	"""Return whether the text contains nothing but courtesies.

	An empty text, or one without a letter or digit (an emoji, "!!!"), is small talk.
	"""
	plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
	if any(character.isdigit() for character in plain) or "?" in plain or "؟" in plain:
		return False
	rest = _CHINESE.sub(" ", plain)
	words = [_bare(word) for word in _WORD.findall(rest)]
	if not words:
		return True
	if len(words) > MOST_WORDS or any(word in NEVER_ALONE and len(words) == 1 for word in words):
		return False
	return all(word in COURTESIES for word in words)


def _bare(word: str) -> str:
	"""Return the word without the diacritics people leave out. Vietnamese ones change the word and stay."""
	if word in COURTESIES:
		return word
	return "".join(
		letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter)
	)
