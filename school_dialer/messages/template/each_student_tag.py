"""The template language's one block: ``{% each student %} ... {% endeach %}``. Pure Python.

Its words are repeated once per student.
"""

from collections.abc import Iterable, Iterator

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context

from school_dialer.messages.template.values import Students

STUDENTS = "_students"
"""The context key of the `Students`. No field can have this name."""


class EachStudent(Extension):
	"""A loop over the students that gives the fields in the block one student's values at a time.

	The block becomes a `nodes.Scope` around a loop. Jinja creates Scopes of its own for blocks the language
	does not have, such as `{% autoescape %}` and `{% with %}`; `is_each` distinguishes ours from those.
	"""

	tags = frozenset({"each"})

	def parse(self, parser: Parser) -> nodes.Scope:
		line = next(parser.stream).lineno
		parser.stream.expect("name:student")
		words = parser.parse_statements(("name:endeach",), drop_needle=True)
		named = tuple(sorted(set(_named(words))))
		needed = tuple(sorted(set(named) - set(_asked(words))))
		targets = nodes.Tuple([nodes.Name(name, "store") for name in named], "store")
		rows = self.call_method(
			"rows", [nodes.ContextReference(), nodes.Const(named), nodes.Const(needed)], lineno=line
		)
		loop = nodes.For(targets, rows, words, [], None, False, lineno=line)
		return nodes.Scope([loop], lineno=line)

	def rows(self, context: Context, named: tuple[str, ...], needed: tuple[str, ...]) -> list[tuple]:
		"""Return the values of these names, one row per student.

		A student who has none of what the block needs is left out, unless that leaves no student at all.
		"""
		students: Students = context[STUDENTS]
		rows = students.having_any(needed) or students.rows[:1]
		return [tuple(row[name] for name in named) for row in rows]


def is_each(block: nodes.Scope) -> bool:
	"""Return whether a Scope is `{% each student %}`: one loop over what this extension calls."""
	loop = block.body[0] if len(block.body) == 1 else None
	called = loop.iter.node if isinstance(loop, nodes.For) and isinstance(loop.iter, nodes.Call) else None
	return isinstance(called, nodes.ExtensionAttribute) and called.identifier == EachStudent.identifier


def body(block: nodes.Scope) -> list[nodes.Node]:
	return block.body[0].body


def _named(words: Iterable[nodes.Node]) -> Iterator[str]:
	for node in words:
		if isinstance(node, nodes.Name):
			yield node.name
		yield from (name.name for name in node.find_all(nodes.Name))


def _asked(words: Iterable[nodes.Node]) -> Iterator[str]:
	"""Yield what the words test with an if or have a default for.

	They handle students without it themselves.
	"""
	for block in words:
		for node in block.find_all((nodes.If, nodes.Filter)):
			if isinstance(node, nodes.If):
				yield from _named([node.test])
			elif node.name == "default" and node.node is not None:
				yield from _named([node.node])
		if isinstance(block, nodes.If):
			yield from _named([block.test])
