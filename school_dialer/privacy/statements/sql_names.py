"""Find which columns a MariaDB statement names, to decide whether it may run for a restricted user.

Pure Python, no Frappe. `sqlparse`, which Frappe ships, is not usable here: it takes `'a\\\\'` for an
unterminated string, so that a value ending in a backslash hides the rest of the statement from it, and it
drops `/*! ... */`, which MariaDB executes. A statement that cannot be parsed is rejected.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

TOKEN = re.compile(
	r"""
	(?P<space>\s+|/\*(?![!M]).*?\*/|--(?=[\s\x00-\x1f]|$)[^\n]*|\#[^\n]*)
	|(?P<text>'(?:[^'\\]|\\.|'')*')
	|(?P<quoted>`(?:[^`]|``)*`|"(?:[^"\\]|\\.|"")*")
	|(?P<word>[\w$]+)
	|(?P<sign>/(?!\*)|[^\s\w$'"`\#/])
	""",
	re.VERBOSE | re.DOTALL,
)
"""Tokens of a statement.

Double quotes hold a value in MariaDB and a name under ANSI_QUOTES, so they are read as a name.
"""
VERBS = frozenset({"select", "update", "insert", "delete", "show", "describe", "desc", "explain"})
NOT_PLAIN = frozenset(
	{"union", "intersect", "except", "natural", "into", "procedure", "with", "group", "having"}
)
"""Keywords with which `select *` may give a column a different name or position."""
NUMBER = re.compile(r"[0-9]+")
BOUNDED = re.compile(
	r"\s*set\s+statement\s+max_statement_time\s*=\s*[0-9]+(?:\.[0-9]+)?\s+for\s", re.IGNORECASE
)
"""What Frappe 16 puts before a count: a time limit.

Any other variable may change how MariaDB reads the rest.
"""


class Unreadable(ValueError):
	"""The statement may not run for a restricted user."""


@dataclass(frozen=True, slots=True)
class Token:
	"""`kind` is text, quoted, word or sign. `name` is the name in lowercase without quotes."""

	kind: str
	name: str


@dataclass(frozen=True, slots=True)
class Verdict:
	"""The result for one statement.

	`named` has the hidden columns that it names. `whole_rows` is True if it selects whole rows, which contain
	hidden columns too. `hidden` has all hidden columns of its tables.
	"""

	named: frozenset[str]
	whole_rows: bool
	hidden: frozenset[str]


def judge(statement: str, hidden: Mapping[str, Collection[str]]) -> Verdict:
	"""Return the verdict on a statement. Raises `Unreadable`.

	`hidden` maps tables ("tabConsent Event") to columns.
	"""
	bounded = BOUNDED.match(statement)
	rest = statement[bounded.end() :] if bounded else statement
	tokens = [token for token, _start, _end in placed_tokens(rest)]
	tables = {table.lower(): columns for table, columns in hidden.items()}
	concerned = {token.name for token in tokens if token.kind != "text" and token.name in tables}
	columns = frozenset(column.lower() for table in concerned for column in tables[table])
	if not columns:
		return Verdict(frozenset(), False, frozenset())
	if any(token.kind != "text" and not token.name.isascii() for token in tokens):
		raise Unreadable("MariaDB folds letters that are not ASCII when it compares names.")
	if first_word(tokens) not in VERBS:
		raise Unreadable("It is neither a query nor a change of rows.")
	whole_rows = any(is_star(tokens, place) for place, token in enumerate(tokens) if token.name == "*")
	if whole_rows and not is_plain(tokens):
		raise Unreadable("It asks for whole rows in a way that may rename columns.")
	return Verdict(frozenset(named(tokens, columns)), whole_rows, columns)


def placed_tokens(statement: str) -> Iterator[tuple[Token, int, int]]:
	"""Yield each token with the places where it starts and ends."""
	place = 0
	while place < len(statement):
		match = TOKEN.match(statement, place)
		if not match:
			raise Unreadable("It has a comment that is executed, or a quote that does not end.")
		start, place, kind, text = place, match.end(), match.lastgroup, match.group()
		if kind == "quoted":
			yield Token(kind, text[1:-1].strip().lower()), start, place
		elif kind == "text":
			yield Token(kind, ""), start, place
		elif kind != "space":
			yield Token(kind, text.lower()), start, place


def first_word(tokens: list[Token]) -> str:
	return next((token.name for token in tokens if token.name != "("), "")


def named(tokens: list[Token], columns: frozenset[str]) -> Iterator[str]:
	"""Yield the hidden columns used as names, under any table or alias: any table can have any alias."""
	for token in tokens:
		if token.kind in ("word", "quoted") and (name := without_number(token)) in columns:
			yield name


def without_number(token: Token) -> str:
	"""Return the name without leading digits: MariaDB may end a number where letters begin (`1.5phone`)."""
	return token.name.lstrip("0123456789") if token.kind == "word" else token.name


def is_star(tokens: list[Token], place: int) -> bool:
	"""Return whether this star selects all columns, unlike the one in count(*)."""
	before = tokens[place - 1].name if place else ""
	after = tokens[place + 1].name if place + 1 < len(tokens) else ""
	return tokens[place].kind == "sign" and not (before == "(" and after == ")")


def is_plain(tokens: list[Token]) -> bool:
	"""Return whether this is a single `select` that keeps column names and does not sort by position."""
	words = [token.name for token in tokens if token.kind == "word"]
	if first_word(tokens) != "select" or words.count("select") != 1 or NOT_PLAIN & set(words):
		return False
	if "order" not in words:
		return True
	last = max(place for place, token in enumerate(tokens) if token == Token("word", "order"))
	for token in tokens[last:]:
		if token.name == "limit":
			break
		if token.kind == "word" and NUMBER.fullmatch(token.name):
			return False
	return True
