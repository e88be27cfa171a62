"""Surveys of students about protected topics (PPRA): recognize the words that ask about one.

Pure functions. A school may declare a survey whose words they miss.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

PROTECTED = {
	"politics": r"""\b(?:politic\w*|vot(?:e|es|ed|ing) (?:for|in)|democrats?|republicans?|(?:your|his|her|their|parents?.?) party|conservative
		|liberal|president(?:ial)? candidate|immigration polic\w+|polític\w*|vot(?:a|aron|ó|arías?) por|partido)\b""",
	"mental health": r"""\b(?:mental\w*|depress\w*|anxi\w+|suicid\w*|self.?harm\w*|hurt(?:ing)? yourself|hopeless\w*|lonely|therap(?:y|ist)\w*
		|psych(?:ologic|iatr|olog)\w*|eating disorder|panic attacks?|trauma\w*|deprimid\w*|depresi\w*|ansiedad|suicidi\w*|psicol[óo]g\w*
		|psiqui\w*|salud mental|triste todo)\b""",
	"sex": r"""\b(?:sex\w*|virgin\w*|pregnan\w*|contracepti\w*|condoms?|birth control|gay|lesbian|bisexual|transgender|gender identity|pornogra\w*
		|dating|sexo|sexual\w*|embaraz\w*|preservativ\w*|anticoncepti\w*|virgen|identidad de género)\b""",
	"illegal behavior": r"""\b(?:drugs?|marijuana|weed|cannabis|cocaine|vap(?:e|es|ed|ing)|smok(?:e|es|ed|ing)|cigarettes?|tobacco|alcohol\w*|beer|drunk
		|drink(?:s|ing)? (?:alcohol|beer|wine)|steal(?:s|ing)?|stole|shoplift\w*|arrest\w*|gangs?|weapons?|guns?|cheat(?:ed|ing)? on|crim(?:e|es|inal)
		|bull(?:y|ied|ying)|fight(?:s|ing)? at|drogas?|marihuana|fum(?:a|as|aste|ar)|cigarrillos?|tabaco|cerveza|borrach\w*|roba(?:do|ste|r)
		|pandillas?|armas?|delitos?|vapea\w*)\b""",
	"family": r"""\b(?:(?:your|the|any) (?:parents?|mom|mother|dad|father|family|siblings?|brothers?|sisters?|guardians?)\b[^.?!]{0,60}
		\b(?:fight|argue|hit|hurt|yell|drink|strict|divorc\w*|separated|jail|prison|abus\w*|get along|love you|violen\w*|immigra\w*|citizens?|papers)
		|domestic violence|at home do you feel safe|feel safe at home|tus? (?:padres|papás|mamá|papá|familia)\b[^.?!]{0,60}
		\b(?:pelea\w*|discut\w*|peg\w*|grit\w*|beb\w*|divorci\w*|separad\w*|cárcel|violencia)|segur[oa] en (?:tu )?casa)\b""",
	"privilege": r"""\b(?:lawyers?|attorneys?|(?:told|talk(?:ed)? to|see|seen|visit(?:ed)?) (?:a |your )?(?:doctors?|priests?|ministers?|pastors?|rabbis?|imams?)
		|confess(?:ed|ion)\w*|abogad[oa]s?|sacerdotes?|confesi[óo]n)\b""",
	"religion": r"""\b(?:religio\w*|church\w*|god|pray(?:s|ed|er|ers|ing)?|mosques?|synagogues?|temple|bible|quran|faith|christian|catholic|muslim|jewish
		|atheis\w*|religi[óo]\w*|iglesia|dios|rez(?:a|as|ar)|or(?:as|ación)|mezquita|sinagoga|biblia|fe religiosa)\b""",
	"income": r"""\b(?:incomes?|salar(?:y|ies)|how much (?:money )?(?:do|does) (?:your|his|her|their)\b[^.?!]{0,40}\b(?:make|earn)|(?:parents?|family|mom|dad)
		\b[^.?!]{0,40}\b(?:earns?|money|poor|rich|afford|welfare|food stamps|jobs?|unemployed)|ingresos?|salarios?|sueldos?|cu[áa]nto ganan?
		|(?:padres|familia|papás)\b[^.?!]{0,40}\b(?:dinero|pobres?|ricos?|desemplead\w*))\b""",
}
"""The eight areas of 20 USC 1232h(b)(1)-(8), with words in English and Spanish."""
MOST_CHARACTERS = 20_000

_PATTERNS = {topic: re.compile(re.sub(r"\s*\n\s*", "", words)) for topic, words in PROTECTED.items()}


def topics(texts: Iterable[str]) -> tuple[str, ...]:
	"""Return the protected areas these words ask about: keys of PROTECTED, in its order. Never raises."""
	words = unicodedata.normalize("NFKC", "\n".join(texts)[:MOST_CHARACTERS]).casefold()
	words = " ".join(words.replace("’", "'").split())
	return tuple(topic for topic, pattern in _PATTERNS.items() if pattern.search(words))


def needs_officer(asks_students: bool, declared: bool, texts: Iterable[str]) -> bool:
	"""Return whether a survey needs a Compliance Officer first, because it is about a protected topic.

	The officer sees to the notice to parents and their consent. ``declared``: staff say that it is such a
	survey. Sources: 20 USC 1232h(b), (c)(2) (written consent of the parent, or of a student who is of age,
	where the survey is required and funded by the Department; notice and opt-out otherwise); 34 CFR part 98.
	"""
	return declared or (asks_students and bool(topics(texts)))
