"""What the symbols of a clause (`lexicon.SYMBOLS`) amount to, the same for every language.

A rule is a regular expression over the symbols with gaps of bounded length, so that reading is linear in the message. Pure Python.
"""

import re

CERTAIN, UNCERTAIN, ABSENT = 2, 1, 0

# E is a word that is a thing or an act of contact ("text", "call").
_CONTACT, _THING, _MINE = "[CEa]", "[TE]", "[MP]"


def _rules(listed: str) -> re.Pattern:
	alternatives = "|".join(line for line in listed.split() if line)
	return re.compile(
		alternatives.replace("contact", _CONTACT).replace("thing", _THING).replace("mine", _MINE)
	)


# stop calling; messages, stop / don't call me / don't want messages / no more messages / delete my number / revoke consent
_CERTAIN = _rules(
	"""
	S.{0,4}[TEFCa] thing.{0,3}S
	N.{0,3}contact.{0,3}[MQTPD] N[_QMDP]{0,3}[MQ][_QMDP]{0,3}contact [MQTPD].{0,4}N.{0,2}contact
	N.?[_MQ]{0,3}[WI].{0,6}[TEFCDa] [WI].?N.{0,4}[TEFCa] [TEF].{0,5}(?:N[_MQ]{0,3}[WI]|[WI].{0,2}N) NF.{0,2}W
	NQ.{0,2}thing ^N[_Q]?thing[_Q]*$ thing.{0,2}NQ NQ.?F NF.{0,4}Q
	R.{0,4}mine.{0,5}L mine.{0,4}L.{0,3}R L.{0,3}mine.{0,2}R R.{0,3}P P.{0,3}R
	[JRSN].{0,4}I I.{0,4}[JRSN]
	Z A
	"""
)
# as in Korean and French: the word for "not" follows
_CERTAIN_AFTER = _rules("[MQTEP].{0,3}contact.?N contact.?NQ contact.?N.{0,2}[MQ]")
# don't call; stop it; don't want it; take me off; tired of messages
_UNCERTAIN = _rules(
	"""
	N.{0,4}contact ^[MQD_]{0,3}N.?W[DQ_N]*$ N.{0,2}thing$ NF.?thing thing.{0,2}NF N.{0,2}thing.{0,3}M
	^[DM_QHPV]*S[DM_QSP]*$ Q.?S S.?Q contact.{0,3}S S.{0,2}[LP]
	R.{0,3}M M.{0,2}R$ R.{0,3}L L.{0,2}R R.{0,3}T N[_MQ]{0,3}W.{0,4}[LP] L.{0,3}NW
	B.{0,4}[TECa] [TECa].{0,4}B U
	"""
)
_UNCERTAIN_AFTER = _rules("contact.?N")
# Beside the tables of English and Spanish.
_BESIDES = _rules("B.{0,4}thing thing.{0,3}B ^[_V]*S_*[DM]$ R.{0,3}L")
# "please don't stop"
_NEGATED_STOP = re.compile("N[_MW]{0,3}[SZ]")
# "wrong number"; "this is not Ana's phone", "I am not the mother"
_WRONG = re.compile("X|Y.{0,4}[PTE]|P.{0,4}Y|^M.{0,4}Y$")
# Asks to be reached again: "start texting me again", "I want the messages again".
_START = re.compile("^[_MDQ]*(?:b[_MDQ]*[TEF][_MDQTEF]*|W[_MDQ]*F?[_MDQ]*[TE][_MD]*Q[_MD]*)$")


def opt_out(symbols: str, asks: bool, negates_after: bool = False) -> int:
	"""How certainly a clause asks not to be contacted."""
	bare = _bare(symbols)
	found = ABSENT
	if _CERTAIN.search(bare) or (negates_after and _CERTAIN_AFTER.search(bare)):
		found = CERTAIN
	elif _UNCERTAIN.search(bare) or (negates_after and _UNCERTAIN_AFTER.search(bare)):
		found = UNCERTAIN
	return min(found, _most(bare, asks))


def opt_out_besides(symbols: str, asks: bool) -> int:
	"""As `opt_out`, for a language that has tables: what they missed, never certain."""
	bare = _bare(symbols)
	found = _CERTAIN.search(bare) or _BESIDES.search(bare)
	strange = (
		bare.count(".") * 4 > len(bare)
		or _has(bare, "KO")
		or not _has(bare, "TEaA" if "H" in bare else "TECaZAPMDL")
	)
	return min(UNCERTAIN, _most(bare, asks)) if found and not strange else ABSENT


def _bare(symbols: str) -> str:
	return _NEGATED_STOP.sub("_", symbols.replace("G", ""))


def _has(symbols: str, any_of: str) -> bool:
	return any(symbol in symbols for symbol in any_of)


def _most(bare: str, asks: bool) -> int:
	"""How certain a clause can be at most, by what else it speaks of."""
	if "A" in bare:
		return CERTAIN
	if "v" in bare or ("x" in bare and not _has(bare, "SZ")):
		return ABSENT
	if "p" in bare and not _has(bare, "SZRW"):
		return ABSENT
	if "K" in bare and (asks or not _has(bare, "TE")):
		return ABSENT
	if "H" in bare and not _has(bare, "TEZLP" if "R" in bare else "TEZMPQaU"):
		return ABSENT
	unknown = bare.count(".") * 5 > 2 * len(bare)
	return UNCERTAIN if asks or unknown or _has(bare, "KHOpxt") else CERTAIN


def most_of_tables(symbols: str, found: int) -> int:
	"""What `found` in the tables of English and Spanish comes to, given the other words of the clause: school things, other people,
	missed calls, words of no known class. It is certain only where the clause speaks of contact, or of nothing else at all."""
	bare = symbols.replace("G", "")
	if found == UNCERTAIN and _has(bare, "px"):
		return ABSENT
	if "K" in bare and not _has(bare, "TECA") and not bare.startswith("S"):
		return ABSENT
	if "H" in bare and not _has(bare, "TEMZAL" if "K" in bare else "TECaMZAL"):
		return ABSENT
	strange = bare.count(".") * 3 > len(bare) or ("." in bare and not _has(bare, "TECaZAL"))
	unrelated = "I" in bare and not _has(bare, "TECa")
	return min(found, UNCERTAIN) if strange or unrelated or _has(bare, "KHOpx") else found


def wrong_number(symbols: str) -> bool:
	"""Whether a clause says that the phone is not the one meant."""
	return bool(_WRONG.search(symbols)) and "K" not in symbols


def start(symbols: str) -> bool:
	return bool(_START.match(symbols.replace("G", "")))


def known(symbols: str) -> int:
	"""How many of the symbols are words of the language."""
	return len(symbols) - symbols.count(".")
