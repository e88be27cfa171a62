"""What a message says, without its words: each sentence's fields, and on what each of them depends."""

import re

from jinja2 import Environment, nodes

from school_dialer.messages.template.each_student_tag import EachStudent, body, is_each

GRAMMAR = ("plural", "list", "date", "time", "money", "digits", "spoken")
"""Filters that only give a value its form in a language."""
_END = re.compile(r"(?:[.!?](?=\s|$)|[。！？؟])\s*|\n+")
Sentence = frozenset[tuple]


def sentences(source: str) -> tuple[Sentence, ...]:
	"""Return the sentences in order, each as its parts: (conditions, field, structure of its default)."""
	made = _Sentences()
	made.read(Environment(autoescape=False, extensions=[EachStudent]).parse(source).body, ())
	made.end()
	return tuple(made.found)


class _Sentences:
	def __init__(self):
		self.found: list[Sentence] = []
		self.parts: set[tuple] = set()
		self.words = False

	def end(self) -> None:
		if self.words or self.parts:
			self.found.append(frozenset(self.parts))
		self.parts, self.words = set(), False

	def read(self, given: list[nodes.Node], under: tuple[str, ...]) -> None:
		for node in given:
			if isinstance(node, nodes.Output):
				for part in node.nodes:
					self.say(part, under)
			elif isinstance(node, nodes.If):
				self.read(node.body, (*under, f"if {_condition(node.test)}"))
				self.read(node.else_, (*under, f"unless {_condition(node.test)}"))
			elif isinstance(node, nodes.Scope) and is_each(node):
				self.read(body(node), (*under, "each student"))

	def say(self, part: nodes.Node, under: tuple[str, ...]) -> None:
		if not isinstance(part, nodes.TemplateData):
			self.parts.add((under, *_field(part)))
			return
		*ended, last = _END.split(part.data)
		for words in ended:
			self.words |= bool(words.strip())
			self.end()
		self.words |= bool(last.strip())


def _field(node: nodes.Node) -> tuple:
	"""Return (field, structure of its default), or (field, None)."""
	default = None
	while isinstance(node, nodes.Filter):
		if node.name not in GRAMMAR:
			default = sentences(node.args[0].value)
		node = node.node
	return node.name, default


def _condition(test: nodes.Node) -> str:
	return re.sub(r"ctx='\w+'|, ", "", repr(test))
