"""Narrow a MariaDB statement to the rows that a user may read, whatever put it together.

Pure Python, no Frappe. Each table that the statement reads is replaced by those of its rows that meet a
condition, so a filter, a join, a count, and an order see no others either. A statement that cannot be
narrowed is rejected.
"""

from collections.abc import Callable, Collection, Iterator
from itertools import pairwise

from school_dialer.privacy.statements.sql_names import Token, Unreadable, placed_tokens

Placed = tuple[Token, int, int]
ENDS = frozenset({"group", "having", "order", "limit", "for", "lock", "procedure", "into"})
"""Words that end a `where`."""
AFTER_TABLE = ENDS | frozenset(
	{
		*("where", "on", "using", "join", "inner", "left", "right", "cross", "natural", "straight_join"),
		*("union", "intersect", "except", "set", "use", "force", "ignore", "window", "offset", "fetch"),
	}
)
"""Words after a table that are not its alias."""
LOCKS = (("for", "update"), ("lock", "in"))
READS_TABLE = frozenset({"from", "join", "straight_join", ",", "("})
NOT_ONE_SELECT = frozenset({"union", "intersect", "except", "insert", "create"})
"""Words beside which the outermost `select` is not the whole statement."""


def narrowed(
	statement: str,
	tables: Collection[str],
	condition_of: Callable[[str], str],
	own_conditions: Collection[str] = (),
) -> str:
	"""Return the statement without the rows that do not meet their table's condition. Raises `Unreadable`.

	`tables` are names in lowercase. `condition_of` takes one and returns SQL that names the table in full, or
	"" for all rows. What is written to a table is left as it is: only what a `select` reads is narrowed.
	`own_conditions` are left too: what they read decides about rows and is not shown.
	"""
	tokens = list(placed_tokens(statement))
	ours = list(spans(statement, own_conditions))
	edits: list[tuple[int, int, str]] = []
	for place in tables_read(statement, tokens, tables):
		_token, start, end = tokens[place]
		if any(first <= start and end <= last for first, last in ours):
			continue
		if not (condition := condition_of(tokens[place][0].name)):
			continue
		if is_outermost(tokens, place):
			edits += with_condition(tokens, place, condition)
			continue
		if locks_rows(tokens):
			raise Unreadable("It locks rows of a table among others.")
		alias = "" if has_alias(tokens, place) else f" as {statement[start:end]}"
		edits.append((start, end, f"(select * from {statement[start:end]} where {condition}){alias}"))
	for start, end, text in sorted(edits, reverse=True):
		statement = statement[:start] + text + statement[end:]
	return statement


def spans(statement: str, conditions: Collection[str]) -> Iterator[tuple[int, int]]:
	"""Yield where these conditions start and end in the statement."""
	for condition in conditions:
		start = statement.find(condition)
		while start >= 0:
			yield start, start + len(condition)
			start = statement.find(condition, start + len(condition))


def tables_read(statement: str, tokens: list[Placed], tables: Collection[str]) -> list[int]:
	"""Return the places of the tables that a `select` of the statement reads."""
	places, selects = [], False
	for place, (token, start, _end) in enumerate(tokens):
		selects = selects or token == Token("word", "select")
		is_name = token.name in tables and (token.kind == "word" or statement[start] == "`")
		if not (selects and is_name) or name_at(tokens, place + 1) == ".":
			continue
		before = tokens[place - 1][0]
		if before.name == "as" or before.name in tables:
			continue  # An alias.
		if before.name not in READS_TABLE:
			raise Unreadable("It names a table where none is read.")
		places.append(place)
	return places


def name_at(tokens: list[Placed], place: int) -> str:
	return tokens[place][0].name if place < len(tokens) else ""


def has_alias(tokens: list[Placed], place: int) -> bool:
	if place + 1 == len(tokens):
		return False
	after = tokens[place + 1][0]
	return after.kind == "quoted" or (after.kind == "word" and after.name not in AFTER_TABLE)


def is_outermost(tokens: list[Placed], place: int) -> bool:
	"""Return whether the outermost `select` reads this one table, under its own name."""
	words, opened = [], 0
	for token, _start, _end in tokens:
		opened += (token.name == "(") - (token.name == ")") if token.kind == "sign" else 0
		words += [token.name] if token.kind == "word" and not opened else []
	if words.count("select") != 1 or NOT_ONE_SELECT & set(words):
		return False
	if name_at(tokens, place - 1) != "from" or depth(tokens[:place]):
		return False
	return name_at(tokens, place + 1) in ENDS | {"where", ""}


def with_condition(tokens: list[Placed], place: int, condition: str) -> list[tuple[int, int, str]]:
	"""Return the edits that put one more condition into the outermost `where`.

	The statement keeps its locks, which rows of a derived table would not get.
	"""
	end = next(at for at in range(place + 1, len(tokens) + 1) if ends_where(tokens, place, at))
	depth(tokens[place:end])
	cut = tokens[end - 1][2]  # Not where the next token starts: a comment may stand between them.
	if name_at(tokens, place + 1) != "where":
		return [(cut, cut, f" where ({condition}) ")]
	start = tokens[place + 1][2]
	return [(start, start, " ("), (cut, cut, f") and ({condition}) ")]


def ends_where(tokens: list[Placed], place: int, at: int) -> bool:
	if at == len(tokens) or tokens[at][0] == Token("sign", ";"):
		return True
	token = tokens[at][0]
	return token.kind == "word" and token.name in ENDS and not depth(tokens[place:at])


def depth(tokens: list[Placed]) -> int:
	"""Return how many brackets are open. Raises `Unreadable` if more were closed than opened."""
	opened = 0
	for token, _start, _end in tokens:
		opened += (token.name == "(") - (token.name == ")") if token.kind == "sign" else 0
		if opened < 0:
			raise Unreadable("It closes a bracket that it did not open.")
	return opened


def locks_rows(tokens: list[Placed]) -> bool:
	return any((token[0].name, other[0].name) in LOCKS for token, other in pairwise(tokens))
