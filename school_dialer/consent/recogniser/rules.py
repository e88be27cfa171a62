"""Interpret the symbols of a clause (`lexicon.SYMBOLS`), in the same way for every language.

A rule is a regular expression over the symbols with gaps of bounded length, so that reading is linear in the
message. Pure Python.
"""

import re

from school_dialer.consent.recogniser.words import NAMED_STOPS, PLAIN_STOPS

CERTAIN, UNCERTAIN, ABSENT = 2, 1, 0

# E is a word that is both a thing and an act of contact ("text", "call").
_PLAIN = str.maketrans({"G": None, "e": "M", "h": "H", "c": "H", "n": "N", "f": "C"})
# "do" is an act of contact ("don't do it"), but not after an unknown word ("stop the noise", "don't wait for
# me").
_DOES_ELSE = re.compile("(?<=[.])([_NSQ]{1,4})f")
_CONTACT, _THING, _MINE = "[CEa]", "[TE]", "[MP]"


def _rules(listed: str) -> re.Pattern:
	alternatives = "|".join(line for line in listed.split() if line)
	return re.compile(
		alternatives.replace("contact", _CONTACT)
		.replace("thing", _THING)
		.replace("mine", _MINE)
		.replace("ask", "[Vwyq]")
	)


# stop calling; messages, stop / don't call me / don't want messages / no more messages / delete my number /
# revoke consent
_CERTAIN = _rules(
	"""
	S.{0,4}[TEFCa] thingS
	N.{0,3}contact.{0,3}[MQTPD] N[_QMDP]{0,3}[MQ][_QMDP]{0,3}contact [MQTPD].{0,4}N.{0,2}contact
	N.?[_MQ]{0,3}[WI].{0,6}[TEFCDa] [WI].?N.{0,4}[TEFCa] [TEF].{0,5}(?:N[_MQ]{0,3}[WI]|[WI].{0,2}N) NF.{0,2}W
	NQ.{0,2}thing ^N[_Q]?thing[_Q]*$ thing.{0,2}NQ NQ.?F NF.{0,4}Q
	R.{0,4}mine.{0,5}L mine.{0,4}L.{0,3}R L.{0,3}mine.{0,2}R R.{0,3}P P.{0,3}R
	[JRSN].{0,4}I I.{0,4}[JRSN]
	Z A
	"""
)
# Korean and French put the word for "not" after: "messages, please stop", but not "the call was cut".
_CERTAIN_AFTER = _rules("thing.{0,3}S [MQTEP].{0,3}contact.?N contact.?NQ contact.?N.{0,2}[MQ]")
# don't call; stop it; don't want it; take me off; tired of messages
_UNCERTAIN = _rules(
	"""
	N.{0,4}contact ^[MQD_]{0,3}N.?W[DQ_NM]*$ N.{0,2}thing$ NF.?thing thing.{0,2}NF N.{0,2}thing.{0,3}M
	^[DM_QHPVw]*S[DM_QSP]*$ Q.?S S.?Q contact.{0,3}S S.{0,2}[LP]
	R.{0,3}M M.{0,2}R$ R.{0,3}L L.{0,2}R R.{0,3}T N[_MQ]{0,3}W.{0,4}[LP] L.{0,3}NW
	thing.{0,3}S thing.{0,3}a N[_M]{0,2}g.{0,3}P ^[_MDQ]*W[_MQ]{0,3}[SZ][_DMQ]*$ N[_MQ]{0,3}l.{0,2}thing thing[_MQ]{0,2}N_?l thing[_MQ]{0,2}l_?N
	B.{0,4}[TECaF] [TECaF].{0,4}B U M_?R[_D]{0,3}$ Y_?W q.{0,4}[gWId].{0,4}[TECa] [TECa].{0,4}[gWId].{0,3}q [TECa].{0,4}q.{0,3}[gWId] q.{0,3}[TECa].{0,2}[gWId] ^[MQD_.]{0,3}W_{0,2}N[_DQM]*$ Q_?W_{0,2}N Q_?N_{0,2}W
	ask.{0,4}[gF].{0,4}P ask.{0,3}P.{0,3}g P.{0,4}ask.{0,3}g ask.{0,3}g.{0,3}I.{0,4}[CEa] ask.{0,3}I.{0,3}g.{0,4}[CEa]
	^[_.]*ask[_.]{0,4}(?:M_?P|P_?M)[_.]*$ ^[_]*M_?P_*ask[_.]{0,3}$
	^[_QMD]*w[_MWFQD]{0,5}[SZR][_DMQ]*$ ^[_MWD]*[SZ][_D]*w_*$
	N[_MDQ.]{0,3}d d[_MDQ.]{0,3}N a_?F contact_?N_?W
	^[_Q]*a_?M[_Q]*$ ^[_Q]*M_?a[_Q]*$ B.{0,4}S S.{0,4}B M[_QMD]{0,2}T_{0,2}R
	"""
)
_UNCERTAIN_AFTER = _rules("contact.?N")
# In addition to the tables of English and Spanish.
_BESIDES = _rules("B.{0,4}thing thing.{0,3}B ^[_Vw]*S_*[DM]$ R.{0,3}L")
# "take us off" or "stop calling", together with a mention of another person.
_REMOVE_ME = re.compile("(?:R_?M|M_?R)(?!_?H)|S_?[CE]_*$")
# "my daughter left the school don't call"
_LAST_REQUEST = re.compile("^.{3,}?(N_?[CE][_QM]*)$")
# "please don't stop"
_NEGATED_STOP = re.compile("N[_MW]{0,3}[SZ]")
# "wrong number"; "this is not Ana's phone", "I am not the mother"
_WRONG = re.compile("X|[zY]_?o|o_{0,2}[zY]|Y.{0,4}[PTE]|P.{0,4}Y|^M.{0,4}Y$")
# These keep the separate symbols for "here", "parent", "child" and "have no": "there is no Ana here"; "I am
# not the mother"; "this number is no longer hers", "this is no longer Ana's number"; "I don't know this
# child"; "I have no children".
_WRONG_WHOLE = re.compile(
	"^[_NMQn]*[Nn][_NHQ]{0,3}[.]{1,2}_?e[_n]*$|^_*e[_Q]*[Nn][_NHQ]*[.]{1,2}_*$|^_*e_*[.]{1,2}[Nn][._]{0,2}$"
	"|^[._]{0,2}(?:N_?M_?h|M_?N_{0,2}h|Y[._DHc]{0,6}h)|^[M_][._Hc]*[.Hc][._Hc]*h_?[NY]_*$"
	"|^[_D]*DP[_QDHch.]{0,5}N{1,2}[_QDHP.]{0,4}$|^[_D]*P[_D]{0,2}[QH.][_QDH.]{0,3}N{1,2}[_QDHP.]{0,4}$"
	"|^[_D]*P[_D]{0,2}N{1,2}_?[QH.][_QDHP.]{0,4}$|^_*D[_Q]*N[_Q]?P[_DHQ.]*$"
	"|N_?k[_D]{0,2}[Hhc]|k_?N[_D]{0,2}[Hhc]|N_?kD[.]|kND[.]|[Hhc][_DQ]{0,2}N_?k"
	"|z_?h|h_?z"
	"|n[_NHDo.]{0,4}[.][_H]{0,2}(?:e|M|D?PD?)_*$|^(?:M|DP|e)_{0,2}[_NHo]*[.][_.Ho]{0,3}[nN]_{0,2}$|^[M_]{0,2}[NY]_?o"
	"|^M?_?Y[.]{1,2}$|^M[.]{1,2}_?Y_*$|^M[.]{1,2}N_$"
	"|^[eD_]+[.]_?[PTE]_?[NY]_*$"
	"|n[_NDQ.]{0,2}c|^[_M]*c_?n_*$"
)
# A request for contact again: "start texting me again", "I want the messages again".
_START = re.compile("^[_MDQ]*(?:b[_MDQ]*[TEF][_MDQTEF]*|W[_MDQ]*F?[_MDQ]*[TE][_MD]*Q[_MD]*)$")

# What follows a stop word and is a reason. After STOP itself: "we moved", "my wife gets them", "too many".
_AFTER_NAMED = re.compile("^(?!x)(?:[^Hhc]{2,}|[^Hhc]*[Hhc].+)$")
# After a plain "stop" of the language, a person alone may be whom the school should stop.
_AFTER_PLAIN = re.compile("^(?!x)(?:[^Hhc]{2,}|[^Hhc]*[Hhc].*[hc].+|[^Hhc]*[hc](?:.*[.].*|.{2,}))$")
# Other words go on as well: "leave at two", "stay at home", "enough bullying". Only "we moved" and
# "her dad handles this" are reasons.
_AFTER_OTHERS = re.compile("^(?!x)(?:_*M(?!_*[Hhc]).+|[^Hhc]*[Hhc].*h.+|[^Hhc]*h(?:.*[.].*|.{2,}))$")


# "you can text me again", "put me back on the list", "I want the calls", in words that are no START.
_WELCOME = re.compile(
	"[CE]_?M|[CTE].{0,3}Q|Q.{0,3}[CTE]|M.{0,4}L|L.{0,3}M|W.{0,3}[TE]|b.{0,3}[QTECM]|^[_MW]*b[_MQ]*$|L.{0,3}Q|M.{0,3}T"
)
_UNWELCOME = re.compile("[NSJZAUXBnvxp]")


def welcome(symbols: str) -> bool:
	"""Return whether a clause seems to ask for contact. Too many rather than too few are found."""
	plain = _plain(symbols)
	return bool(_WELCOME.search(plain)) and not _UNWELCOME.search(plain)


def opt_out(symbols: str, asks: bool, negates_after: bool = False) -> int:
	"""Return how certainly a clause asks for no contact."""
	bare = _bare(symbols)
	rating = ABSENT
	if _CERTAIN.search(bare) or (negates_after and _CERTAIN_AFTER.search(bare)):
		rating = CERTAIN
	elif _UNCERTAIN.search(bare) or (negates_after and _UNCERTAIN_AFTER.search(bare)):
		rating = UNCERTAIN
	return min(rating, _most(bare, asks))


def reason(symbols: str, after: str) -> int:
	"""Rate what follows the stop word with which a message begins: "STOP her dad handles this".

	It is no reason if it is what the school should stop: a thing of the school, or a person and no more.
	`after` is the stop word, or how the message begins.
	"""
	reasons = _AFTER_PLAIN if after in PLAIN_STOPS else _AFTER_OTHERS
	reasons = _AFTER_NAMED if after in NAMED_STOPS else reasons
	match = reasons.search(symbols.replace("G", "_")) and not _has(symbols, "Kpmqy")
	return UNCERTAIN if match else ABSENT


def last_request(symbols: str) -> int:
	"""Rate the request at the end of a clause that speaks of others first, as `opt_out` does.

	Not for languages whose verb comes last.
	"""
	match = _LAST_REQUEST.search(_bare(symbols))
	return UNCERTAIN if match and "K" not in symbols else ABSENT


def opt_out_besides(symbols: str, asks: bool) -> int:
	"""Rate a clause as `opt_out` does, for a language that has tables.

	This finds what the tables missed, and is never certain.
	"""
	bare = _bare(symbols)
	match = _CERTAIN.search(bare) or _BESIDES.search(bare)
	strange = (
		bare.count(".") * 4 > len(bare)
		or _has(bare, "KO")
		or not _has(bare, "TEaA" if "H" in bare else "TECaZAPMDL")
	)
	return min(UNCERTAIN, _most(bare, asks)) if match and not strange else ABSENT


def _bare(symbols: str) -> str:
	return _NEGATED_STOP.sub("_", _plain(symbols))


def _plain(symbols: str) -> str:
	"""Simplify the symbols: remove polite words and merge classes.

	"here" becomes this phone, "have no" becomes "not", and a parent or a child becomes a person.
	"""
	return _DOES_ELSE.sub("\\1_", symbols).translate(_PLAIN)


def _has(symbols: str, any_of: str) -> bool:
	return any(symbol in symbols for symbol in any_of)


def _most(bare: str, asks: bool) -> int:
	"""Return how certain a clause can be at most, given the other things it mentions."""
	if "A" in bare:
		return CERTAIN
	if "y" in bare and not _has(bare, "SZRWgPdaU"):
		return ABSENT
	if "m" in bare or "v" in bare or ("x" in bare and not _has(bare, "SZ")):
		return ABSENT
	if "p" in bare and not _has(bare, "SZRW"):
		return ABSENT
	if "K" in bare and (asks or not _has(bare, "TE")):
		return ABSENT
	if "H" in bare and not _has(bare, "TEZLP" if "R" in bare else "TEZMPQaU") and not _REMOVE_ME.search(bare):
		return ABSENT
	unknown = bare.count(".") * 5 > 2 * len(bare) or ("." in bare and not _has(bare, "TECaZ"))
	return UNCERTAIN if asks or unknown or _has(bare, "KHOpxt") else CERTAIN


def most_of_tables(symbols: str, rating: int) -> int:
	"""Limit a finding of the English and Spanish tables by the other words of the clause.

	These are school things, other people, missed calls and unknown words. A finding stays certain only if the
	clause speaks of contact, or of nothing else at all.
	"""
	bare = _plain(symbols)
	if rating == UNCERTAIN and _has(bare, "px"):
		return ABSENT
	if "K" in bare and not _has(bare, "TECA") and not bare.startswith("S"):
		return ABSENT
	if "v" in bare:
		# "cancel my earlier text" may take back a report, and may be a request to us.
		rating = min(rating, UNCERTAIN)
	if "H" in bare and not _has(bare, "TEMZAL" if "K" in bare else "TECaMZAL"):
		return ABSENT
	strange = bare.count(".") * 3 > len(bare) or ("." in bare and not _has(bare, "TECaZA"))
	unrelated = "I" in bare and not _has(bare, "TECa")
	return min(rating, UNCERTAIN) if strange or unrelated or _has(bare, "KHOpx") else rating


def wrong_number(symbols: str, tabled: bool = False) -> bool:
	"""Return whether a clause says that this phone is not the one intended.

	For `tabled` languages fewer rules apply, because their tables cover more.
	"""
	own = symbols.replace("G", "")
	return "K" not in own and bool(_WRONG.search(_plain(own)) or (not tabled and _WRONG_WHOLE.search(own)))


def start(symbols: str) -> bool:
	return bool(_START.match(_plain(symbols)))


def known(symbols: str) -> int:
	"""Return how many of the symbols are words of the language."""
	return len(symbols) - symbols.count(".")
