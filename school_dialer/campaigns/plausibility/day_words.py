"""How dates are written in the languages that this app ships. Pure data.

Patterns match text that `dates.normalized` has cleaned: Arabic without marks, one form of alif. `m0` to `m11` are
the months and `w0` to `w6` the weekdays, from Monday.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DayWords:
	"""Alternatives for each month (January first) and weekday (Monday first), and patterns.

	- `patterns`: each has the groups `d`, `m` (a name or a number), and where written `y`, `w`, `d2` (the last
	  day of a range). `{month}`, `{day}`, `{weekday}` and `{year}` stand for the alternatives.
	- `today`, `tomorrow`: words for the day of the call and the day after.
	- `over`: words in a sentence about something that is over, or about a change of date.
	- `join`: what stands between two weekdays that share a date.
	"""

	months: tuple[str, ...]
	weekdays: tuple[str, ...]
	patterns: tuple[str, ...]
	today: str
	tomorrow: str
	over: str
	join: str
	absent: str
	route: str


_TO = r"(?:\s*(?:-|–|—|to|through|thru|and|&|al?|y|e|đến|và|至|到|和|و|الى)\s*"
_RANGE = _TO + r"(?P<d2>\d{1,2})(?:st|nd|rd|th)?\b(?!\s*(?::|h\b|[ap]\.?\s?m)))?"
_IN_BRACKETS = r"(?:\s*\(\s*(?P<w2>{weekday})\s*\))?"

ENGLISH = DayWords(
	months=(
		"january|jan", "february|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul", "august|aug",
		"september|sept|sep", "october|oct", "november|nov", "december|dec",
	),
	weekdays=(
		"monday|mon", "tuesday|tues|tue", "wednesday|wed", "thursday|thurs|thur|thu", "friday|fri",
		"saturday|sat", "sunday|sun",
	),
	patterns=(
		r"\b(?:(?P<w>{weekday})\b\.?,?\s+(?:the\s+)?)?\b(?P<m>{month})\b\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?\b"
		r"(?!\s*(?::|[ap]\.?m|%))" + _RANGE + r"(?:,?\s+(?P<y>20\d\d)\b)?" + _IN_BRACKETS,
		r"\b(?:(?P<w>{weekday})\b\.?,?\s+(?:the\s+)?)?\b(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?"
		r"(?P<m>{month})\b\.?(?!\s+\d{1,2}(?:st|nd|rd|th|,))(?:,?\s+(?P<y>20\d\d)\b)?" + _IN_BRACKETS,
	),
	today=r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b",
	tomorrow=r"\btomorrow\b",
	over=(
		r"\b(?:was|were|had|been|since|held|took|absent|missed|thank|thanks|thanked|moved|postponed|rescheduled"
		r"|changed|instead|cancell?ed|began|started|celebrated|attended|as of|dated|past|previous"
		r"|replaces?|sent|born)\b"
	),
	join=r"(?:,|and|&|/|-|–|to|through|or)",
	absent=r"\babsen(?:t|ce|ces|tee)\b|\bnot (?:been )?(?:in|at) (?:school|class)\b|\bdid not (?:come|arrive)\b"
	r"|\bunexcused\b|\btruan|\bno[ -]show\b|\bmissed (?:school|class)",
	route=r"\b(?:bus|route)\s*(?:route\s*)?(?:number\s*|no\.?\s*|#\s*)?\d{1,3}\b(?!\s*(?:min|:|[ap]\.?m|%))",
)  # fmt: skip

SPANISH = DayWords(
	months=(
		"enero|ene", "febrero|feb", "marzo", "abril|abr", "mayo", "junio|jun", "julio|jul", "agosto|ago",
		"septiembre|setiembre|sept|sep", "octubre|oct", "noviembre|nov", "diciembre|dic",
	),
	weekdays=(
		"lunes", "martes", "mi[eé]rcoles", "jueves", "viernes", "s[aá]bado", "domingo",
	),
	patterns=(
		r"\b(?:(?P<w>{weekday})\b,?\s+(?:el\s+)?(?:d[ií]a\s+)?)?\b(?P<d>\d{1,2})(?:\.?º|\.?o)?" + _RANGE
		+ r"\s+(?:de\s+)?(?P<m>{month})\b\.?(?:,?\s+(?:del?\s+)?(?P<y>20\d\d)\b)?" + _IN_BRACKETS,
	),
	today=r"\b(?:hoy|esta (?:ma[nñ]ana|tarde|noche))\b",
	tomorrow=r"(?<!\bla )(?<!\besta )(?<!\bcada )(?<!\buna )(?<!\bde )(?<!\btoda )\bma[nñ]ana\b(?! siguiente)",
	over=(
		r"\b(?:fue|fueron|era|eran|hab[ií]a|estuvo|falt[oó]|ausente|desde|celebr(?:ó|amos|aron)|gracias|agradecemos"
		r"|pas[oó]|cambi[oó]|cambiado|cambia|pospuest[oa]|aplazad[oa]|cancelad[oa]|en lugar|en vez|"
		r"venci[oó]|empez[oó]|comenz[oó]|asistieron|pasado|pasada|anterior|enviad[oa])\b"
	),
	join=r"(?:,|y|e|o|a|al|-|–|/)",
	absent=r"\bausen(?:te|cia|cias|tes)\b|\bfalt[oó] (?:a|hoy)\b|\bno (?:asisti[oó]|lleg[oó]|vino|se present[oó])\b",
	route=r"\b(?:ruta|autob[uú]s|cami[oó]n|bus)\s*(?:escolar\s*)?(?:n[uú]mero\s*|no?\.?º?\s*|#\s*)?\d{1,3}\b"
	r"(?!\s*(?:min|:|[ap]\.?\s?m|%))",
)  # fmt: skip

VIETNAMESE = DayWords(
	months=tuple(rf"tháng\s+0?{number}(?!\d)" for number in range(1, 13)),
	weekdays=(
		r"thứ\s+hai|thứ\s+2", r"thứ\s+ba|thứ\s+3", r"thứ\s+tư|thứ\s+4", r"thứ\s+năm|thứ\s+5", r"thứ\s+sáu|thứ\s+6",
		r"thứ\s+bảy|thứ\s+7", r"chủ\s+nhật|chúa\s+nhật",
	),
	patterns=(
		r"(?:(?P<w>{weekday})\b,?\s+)?(?:ngày\s+)?\b(?P<d>\d{1,2})" + _RANGE
		+ r"\s*,?\s*(?P<m>{month})(?:\s*,?\s*(?:năm\s+)?(?P<y>20\d\d)\b)?" + _IN_BRACKETS,
		r"(?:(?P<w>{weekday})\b,?\s+)?\bngày\s+(?P<d>\d{1,2})\s*/\s*(?P<mm>\d{1,2})(?:/(?P<y>20\d\d))?\b",
	),
	today=r"\b(?:hôm nay|(?:sáng|trưa|chiều|tối|đêm) nay)\b",
	tomorrow=r"\b(?:ngày mai|(?:sáng|trưa|chiều|tối) mai)\b",
	over=r"\b(?:đã|vừa|qua|cảm ơn|vắng|hoãn|dời|đổi|thay|hủy|kể từ|hết hạn)\b",
	join=r"(?:,|và|đến|hoặc|-|–|/)",
	absent=r"\b(?:vắng|nghỉ học|không đến (?:lớp|trường)|không có mặt)\b",
	route=r"\b(?:tuyến|xe buýt|xe)\s*(?:xe\s*)?(?:buýt\s*)?(?:số\s*)?\d{1,3}\b(?!\s*(?:phút|:|giờ|%))",
)  # fmt: skip

CHINESE = DayWords(
	months=tuple(rf"0?{number}月" for number in range(1, 13)),
	weekdays=tuple(
		rf"(?:星期|周|週|礼拜|禮拜)[{day}]" for day in ("一", "二", "三", "四", "五", "六", "日天")
	),
	patterns=(
		r"(?:(?P<w>{weekday})\s*[,、]?\s*)?(?:(?P<y>20\d\d)\s*年\s*)?(?<!\d)(?P<m>{month})\s*(?P<d>\d{1,2})"
		r"(?:\s*[日号號])?(?:\s*(?:-|–|—|至|到|和)\s*(?P<d2>\d{1,2})(?!\d|\s*月)\s*[日号號]?)?(?!\d)"
		r"(?:\s*[,、(]?\s*(?P<w2>{weekday}))?",
	),
	today=r"今天|今日|今晚|今早|今天下午",
	tomorrow=r"明天|明日|明晚|明早",
	over=r"已|曾|自从|从|以来|感谢|谢谢|缺席|缺课|改期|改为|改到|推迟|取消|原定|過|过|了",
	join=r"(?:,|、|和|及|与|到|至|或|-|–)",
	absent=r"缺席|缺课|缺勤|旷课|曠課|没有到校|未到校|没有上课",
	route=r"\d{1,3}\s*(?:号|號)?\s*(?:校车|校車|线|線|路)(?:公交|巴士)?|(?:校车|校車|路线|路線)\s*\d{1,3}\s*(?:号|號)?",
)

ARABIC = DayWords(
	months=(
		r"يناير|كانون الثاني", r"فبراير|شباط", r"مارس|اذار", r"ابريل|نيسان", r"مايو|ايار", r"يونيو|حزيران", r"يوليو|تموز",
		r"اغسطس|اب", r"سبتمبر|ايلول", r"اكتوبر|تشرين الاول", r"نوفمبر|تشرين الثاني", r"ديسمبر|كانون الاول",
	),
	weekdays=("الاثنين", "الثلاثاء", "الاربعاء", "الخميس", "الجمعة", "السبت", "الاحد"),
	patterns=(
		r"(?:(?P<w>{weekday})\b\s*[,،]?\s*(?:الموافق\s*)?)?\b(?P<d>\d{1,2})" + _RANGE
		+ r"\s+(?:من\s+)?(?P<m>{month})\b(?:\s*[,،]?\s*(?:عام\s+)?(?P<y>20\d\d)\b)?" + _IN_BRACKETS,
	),
	today=r"\b(?:الليلة|(?:صباح|مساء|ظهر|عصر) اليوم|اليوم(?! (?:الدراسي|الرياضي|المفتوح|الاول|الوطني|العالمي|التالي)))\b",
	tomorrow=r"\bغدا\b",
	over=r"\b(?:كان|كانت|منذ|من يوم|شكرا|نشكر|تغيب|غاب|غياب|تاجيل|تاجل|الغاء|بدلا|تغيير|الماضي|السابق|انتهى|جرى|تم)\b",
	join=r"(?:,|،|و|او|الى|-|–|حتى)",
	absent=r"تغيب|غائب|غاب|غياب|لم يحضر|لم تحضر",
	route=r"(?:الحافلة|حافلة|الباص|باص|خط|الخط)\s*(?:رقم\s*)?\d{1,3}(?!\d|\s*(?:دقيقة|دقائق|:|%))",
)  # fmt: skip

LANGUAGES = {"en": ENGLISH, "es": SPANISH, "vi": VIETNAMESE, "zh": CHINESE, "ar": ARABIC}

NUMBERS = (
	r"\b(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b",
	r"(?<![\d/.-])(?:(?P<w>{weekday})\b,?\s+)?\b(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>(?:20)?\d\d)(?![\d/-])",
)
"""Dates in digits: the first as ISO 8601 has them, the second in either order of day and month."""


def any_of(alternatives: tuple[str, ...]) -> str:
	return "|".join(f"(?:{alternative})" for alternative in alternatives)


def compiled(pattern: str, words: DayWords) -> re.Pattern[str]:
	"""Return a pattern with this language's months and weekdays."""
	filled = pattern.replace("{month}", any_of(words.months)).replace("{weekday}", any_of(words.weekdays))
	return re.compile(filled, re.IGNORECASE)
