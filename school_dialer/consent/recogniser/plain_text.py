"""Normalize a message: case, accents, look-alike letters, invisible marks, spaced-out and stretched words.

Pure Python. Everything works on any string in linear time, and gives the same result for the same message
with different capitals or white space.
"""

import re
import unicodedata
from itertools import groupby

MOST_CHARACTERS = 10_000
MOST_NORMAL = 2 * MOST_CHARACTERS
"""The limit in normal form, where one character of Arabic may become eighteen."""

# Letters that look like Latin ones and that no Unicode normal form maps to them.
_LOOK_ALIKES = str.maketrans(
	"авеіјкмнорѕстухԁԛԝһ" + "αβεικνορτυχ" + "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ" + "ıłøđħɑɡօ",
	"abeijkmhopsctyxdqwh" + "abeiknoptux" + "abcdefghijklmnoprstuvwyz" + "ilodhago",
)
_LEET = str.maketrans("013457$@", "oleastsa")
_NEGATIVE_SQUARED, _REGIONAL = 0x1F170, 0x1F1E6
_APOSTROPHES = re.compile(r"['’‘‛ʼʻ`´′＇]")
# French and Creole words that lose their vowel before another word: two words. Other apostrophes are removed.
_ELISION = re.compile(r"(?<![^\W_])(d|l|m|n|j|s|c|t|qu)['’‘ʼ´`](?=[^\W\d_])")
_QUOTED = re.compile(r"\"[^\"]{0,2000}\"|“[^”]{0,2000}”|«[^»]{0,2000}»|„[^“”]{0,2000}[“”]|「[^」]{0,2000}」")
_HEAD = (
	r"[^\n]{0,200}(?:\bwrote|\bescribio|\bescreveu|\ba ecrit|\bha scritto|\bda viet|написал[аи]?"
	r"|写道|کتب|작성)\s?:"
	r"|-{2,}\s*(?:original|forwarded) message|(?:from|de|da|von|от|发件人|من|보낸 사람|tu):"
)
_REPLY_HEAD = re.compile(rf"\n[ \t]{{0,40}}(?:{_HEAD})", re.IGNORECASE)
_HEAD_LINE = re.compile(rf"[ \t]{{0,40}}(?:{_HEAD})", re.IGNORECASE)
LONGEST_HEAD = 400
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
# A telephone number, which means the same as the word.
_NUMBER = re.compile(r"(?<![^\W_])\+?\(?\d(?:[\s.()-]{0,2}\d){6,14}(?![^\W_])")
_NUMBER_SIGN = re.compile(r"(?<=[^\W_] )#(?![^\W_])")
_ADDRESS = re.compile(r"\bhttps?://\S+|\bwww\.\S+")
_SIGNATURE = re.compile(
	r"\b(?:sent from my|enviado desde mi|enviado do meu|envoye de mon|get outlook for|отправлено с"
	r"|gui tu iphone)\b.*"
	r"|发自我的.*|ارسلت من.*|\n-- ?\n.*",
	re.DOTALL,
)
_CLAUSE_END = re.compile(
	r"(?<![.,;:!?…¿¡()\-–—])[.,;:!?…¿¡()\-–—]+(?=\s|$)|[!?;…¿¡]+|(?<=[a-z]{2})\.(?=[a-z]{2})|(?<=[\u3400-\ud7af])[.,:]"
)
# Letters and digits, with the vowel signs of Devanagari, which Unicode does not count as letters.
_TOKEN = re.compile(r"(?:[^\W_]|[\u0900-\u0963])+")
# Punctuation of other scripts as ours, with the space that ends a clause.
_PUNCTUATION = str.maketrans(
	{
		"，": ", ",
		"、": ", ",
		"。": ". ",
		"！": "! ",
		"？": "? ",
		"；": "; ",
		"،": ", ",
		"؛": "; ",
		"؟": "? ",
		"۔": ". ",
		"।": ". ",
	}
)
# One letter for each that Arabic and Urdu keyboards write in several ways; no tatweel, nukta or nasal signs.
_VARIANTS = str.maketrans("كىيےہھةەں", "کیییههههن", "ـ़ंँ")
# Traditional characters of the words in `languages/zh.txt` as simplified ones.
_SIMPLIFIED = str.maketrans(
	"發話請電訊簡別來們這個號碼刪單關閉擾騷聯絡繫係點夠錯誰沒學將從訂閱煩給說轉傳準許願興對幫開復續嗎麼還見過車選無銷權總獲語師體謝為與後時間"
	"讓應該機國寫買當會務業實書長門問題員終結課遲預約誤認識內聽裡讀離遠鬧靜資擊斷罷絕勞驚陣終滾撥繼協據條庫戶啟權撤寄飯線聲壓東張陳劉黃楊趙馬"
	"經換監護檢舉媽兒訴詐騙證費頻厭膩攔攪亂濫樣氣熱燒頭圖館藥醫須順頂緊錄細邊鐘鍾處嚴郵廣報鎖親畢歡樂剛冊註貴區獨隨響鈴罵纏棄範圍評隻傷齡歲帶辦塊鬆雙壞項設備綁輸導達顧遊戲臉維爾吳鄭蘇羅鄧馮盧葉",
	"发话请电讯简别来们这个号码删单关闭扰骚联络系系点够错谁没学将从订阅烦给说转传准许愿兴对帮开复续吗么还见过车选无销权总获语师体谢为与后时间"
	"让应该机国写买当会务业实书长门问题员终结课迟预约误认识内听里读离远闹静资击断罢绝劳惊阵终滚拨继协据条库户启权撤寄饭线声压东张陈刘黄杨赵马"
	"经换监护检举妈儿诉诈骗证费频厌腻拦搅乱滥样气热烧头图馆药医须顺顶紧录细边钟钟处严邮广报锁亲毕欢乐刚册注贵区独随响铃骂缠弃范围评只伤龄岁带办块松双坏项设备绑输导达顾游戏脸维尔吴郑苏罗邓冯卢叶",
)
_DEVANAGARI = range(0x0900, 0x0980)
_CJK = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]|[^\u3400-\u9fff\uac00-\ud7af]+")
# Cyrillic letters that look like no Latin letter. With one of them the message is Cyrillic, not disguised
# Latin.
_TRULY_CYRILLIC = re.compile("[бгджзийлпфцчшщъыьэюяё]")
_CYRILLIC_WORD = re.compile("[\u0400-\u04ff]+")
_VIETNAMESE = re.compile("[ăâđêôơư\u1ea0-\u1eff]", re.IGNORECASE)
_TONE_PLACES = (
	("oà", "òa"),
	("oá", "óa"),
	("oả", "ỏa"),
	("uỷ", "ủy"),
	("uý", "úy"),
	("uỳ", "ùy"),
	("oè", "òe"),
)
_SPELLED_OUT = re.compile(r"(?<![^\W_])(?:[^\W\d_][\s.\-_*]{1,2}){3,}[^\W\d_](?![^\W_])")


def decode(message: str | bytes) -> str:
	"""Decode any bytes as text: UTF-8, or UTF-16 with its byte-order mark.

	Invalid bytes become replacement characters.
	"""
	if isinstance(message, str):
		return message
	if message[:2] in (b"\xff\xfe", b"\xfe\xff"):
		return bytes(message).decode("utf-16", "replace")
	return bytes(message).decode("utf-8", "replace")


def plain(text: str) -> str:
	"""Return lower-case letters without accents or invisible marks. Punctuation and line ends stay."""
	text = unicodedata.normalize("NFKD", _undisguised(text))
	text = "".join(
		c
		for c in text
		if ord(c) in _DEVANAGARI or unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cs", "Co", "Cn")
	)
	text = unicodedata.normalize("NFC", text.casefold().translate(_VARIANTS)).translate(_SIMPLIFIED)
	return _APOSTROPHES.sub("", text)


def marked(text: str) -> str:
	"""Return the text as `plain` does, with the diacritics that distinguish Vietnamese words.

	Each tone is on the vowel that has it in `languages/vi.txt`.
	"""
	text = unicodedata.normalize("NFC", _undisguised(text))
	text = "".join(c for c in text if unicodedata.category(c) not in ("Me", "Cf", "Cs", "Co", "Cn"))
	for written, placed in _TONE_PLACES:
		text = text.replace(written, placed)
	return _APOSTROPHES.sub("", text)


def is_marked(text: str) -> bool:
	return bool(_VIETNAMESE.search(unicodedata.normalize("NFC", text[:MOST_CHARACTERS])))


def is_cut(text: str) -> bool:
	"""Return whether `plain` leaves out the end of the text."""
	return len(text) > MOST_CHARACTERS or len(unicodedata.normalize("NFKC", text)) > MOST_NORMAL


def _undisguised(text: str) -> str:
	text = "".join(map(_letter_sign, text[:MOST_CHARACTERS].translate(_PUNCTUATION)))
	text = unicodedata.normalize("NFKC", text)[:MOST_NORMAL].casefold().replace("\r", "\n")
	text = "".join(c if c in "\n\t" or unicodedata.category(c) != "Cc" else " " for c in text)
	return _ELISION.sub(r"\1 ", text)


def _letter_sign(character: str) -> str:
	"""Return the letter that an emoji letter represents, or the character itself."""
	code = ord(character)
	for first in (_NEGATIVE_SQUARED, _REGIONAL):
		if first <= code < first + 26:
			return chr(ord("a") + code - first)
	return " stop " if character == "🛑" else character


def is_reply_head(line: str) -> bool:
	"""Return whether a line, as written, introduces the message being answered."""
	return bool(_HEAD_LINE.match(plain(line[:LONGEST_HEAD])))


def own_words(text: str) -> str:
	"""Return `text` without the message it answers: quoted lines, text after a reply head, a signature.

	Web addresses are removed as well, and telephone numbers become the word "number".
	"""
	head = _REPLY_HEAD.search(text)
	if head:
		text = text[: head.start()]
	text = _ADDRESS.sub(" ", _SIGNATURE.sub("", _QUOTED_LINE.sub(" ", text)))
	return _NUMBER.sub(" number ", _NUMBER_SIGN.sub(" number ", text))


def without_quotations(text: str) -> tuple[str, list[str]]:
	"""Return `text` without the parts in quotation marks, and those parts."""
	quotations = [quotation[1:-1] for quotation in _QUOTED.findall(text)]
	return _QUOTED.sub(" ", text), quotations


def clauses(text: str, cyrillic: bool | None = None) -> list[tuple[list[str], bool]]:
	"""Return the clauses of plain text as (tokens, whether it ends in a question mark).

	Cyrillic letters that look Latin stay Cyrillic if `cyrillic` is true, or if it is None and other letters
	show that the message is Cyrillic.
	"""
	text = _SPELLED_OUT.sub(lambda match: " " + "".join(_TOKEN.findall(match[0])) + " ", text)
	cyrillic = bool(_TRULY_CYRILLIC.search(text)) if cyrillic is None else cyrillic
	result, start = [], 0
	for end in _CLAUSE_END.finditer(text):
		_add_clause(result, text[start : end.start()], "?" in end[0], cyrillic)
		start = end.end()
	_add_clause(result, text[start:], False, cyrillic)
	return result


def _add_clause(result: list, text: str, asks: bool, cyrillic: bool) -> None:
	words = tokens(text, cyrillic)
	if words:
		result.append((words, asks))


def tokens(text: str, cyrillic: bool = False) -> list[str]:
	"""Return the words of plain text.

	Words in look-alike letters become Latin, unless the message is truly `cyrillic`.
	"""
	words = [squeeze(token) for token in _TOKEN.findall(text.replace("$", "s").replace("@", "a"))]
	return [token if cyrillic and _CYRILLIC_WORD.fullmatch(token) else latin(token) for token in words]


def words_of(entry: str, keep_marks: bool = False) -> list[str]:
	"""Return the words of a lexicon entry, in the form that `clauses` gives the words of a message."""
	return tokens(marked(entry) if keep_marks else plain(entry), cyrillic=True)


def characters(tokens: list[str]) -> list[str]:
	"""Split the tokens into single Chinese characters and Korean syllables. Other words stay whole."""
	return [unit for token in tokens for unit in _CJK.findall(token)]


def latin(token: str) -> str:
	"""Return a token of look-alike letters as the Latin word it imitates.

	A word truly in another script is unchanged.
	"""
	if token.isascii():
		return token
	imitated = token.translate(_LOOK_ALIKES)
	return imitated if imitated.isascii() else token


def squeeze(token: str) -> str:
	"""Return a stretched word with single letters: stoooop becomes stop. Ordinary double letters stay."""
	if len(token) < 3:
		return token
	runs = [(character, sum(1 for _ in run)) for character, run in groupby(token)]
	return "".join(
		character * (1 if length > 2 and not character.isdigit() else length) for character, length in runs
	)


def unleet(token: str) -> str:
	"""Return the token with digits read as the letters they imitate.

	A token without letters stays a number.
	"""
	if token.isalpha() or token.isdigit():
		return token
	return token.translate(_LEET)
