"""What a template may say: fields, a fixed list of filters, simple if/else, and a block for each student.

Everything else is rejected before it runs. Templates are written by staff and filled from records, so the
language is an allowlist of Jinja's syntax tree. It has no loop, call, attribute, subscript, arithmetic,
assignment, import or test, whatever the sandbox below would permit.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from school_dialer.base.wording import Wording
from school_dialer.base.wording import Wording as _
from school_dialer.messages.errors import TemplateError
from school_dialer.messages.field import Field
from school_dialer.messages.template.each_student_tag import EachStudent, body, is_each

MAX_SOURCE = 5_000
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class FilterRule:
	"""How many arguments a filter takes, and the field types it fits (empty: all)."""

	least: int
	most: int
	types: tuple[str, ...] = ()
	keywords: tuple[str, ...] = ()


FILTERS = {
	"date": FilterRule(0, 1, ("date", "dates")),
	"time": FilterRule(0, 0, ("time",)),
	"money": FilterRule(0, 1, ("money", "number")),
	"digits": FilterRule(0, 0, ("phone", "text")),
	"list": FilterRule(0, 0, ("list", "dates", "text", "name")),
	"plural": FilterRule(2, 2, ("list", "dates", "number", "name"), ("zero", "two", "few", "many")),
	"spoken": FilterRule(1, 1, ("text", "name")),
	"default": FilterRule(1, 1),
}
FILTER_NAMES = ", ".join(FILTERS)

CONTAINERS = (nodes.Template, nodes.Output, nodes.If)
LOGIC = (nodes.And, nodes.Or, nodes.Not)
REFUSED = {
	nodes.Getattr: _("A field has no parts: the dot is not allowed."),
	nodes.Getitem: _("A field has no parts: square brackets are not allowed."),
	nodes.Call: _("Calling something is not allowed."),
	nodes.For: _("Loops are not allowed."),
	nodes.Test: _('Tests with "is" are not allowed.'),
	nodes.CondExpr: _("An if inside {{ }} is not allowed."),
	nodes.ScopedEvalContextModifier: _("Autoescape is not allowed: what is spoken and sent is no HTML."),
}
FIXES = {
	nodes.Getattr: _("Use one of the listed fields, such as {{ guardian_name }}."),
	nodes.Getitem: _("Use one of the listed fields, such as {{ guardian_name }}."),
	nodes.For: _(
		'A list is spoken as "A, B and C" by itself: write {{ student_names }}, '
		"or {% each student %} ... {% endeach %}."
	),
	nodes.Test: _("Write {% if student_group %} ... {% endif %}."),
	nodes.CondExpr: _("Write {% if student_group %} ... {% else %} ... {% endif %}."),
}
LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


@dataclass(frozen=True, slots=True)
class Parsed:
	"""A permitted template: the fields it names, each with its first line, in order of appearance."""

	lines: Mapping[str, int]
	filtered: tuple[tuple[str, str, int, bool], ...]
	"""Field, the filter applied directly to it, line, and whether it is in a block for each student."""
	each_student: bool = False

	@property
	def fields(self) -> tuple[str, ...]:
		return tuple(self.lines)


@lru_cache(maxsize=1024)
def parse(source: str) -> Parsed:
	"""Parse a template. Raises `TemplateError` if it uses anything outside the language.

	`check_fields` checks which fields exist.
	"""
	if len(source) > MAX_SOURCE:
		raise TemplateError(
			_("The words are longer than {0} characters.", MAX_SOURCE), fix=_("Shorten them.")
		)
	walker = _Walker()
	walker.visit(_tree(source), depth=0)
	return Parsed(walker.lines, tuple(walker.filtered), walker.has_each)


def check_fields(parsed: Parsed, catalogue: Mapping[str, Field]) -> None:
	"""Raise `TemplateError` for the first field not in the catalogue or with a filter that does not fit."""
	for name, line in parsed.lines.items():
		if name not in catalogue:
			raise unknown_field(name, line, catalogue)
	for name, filter_name, line, _in_each in parsed.filtered:
		fits = FILTERS[filter_name].types
		field = catalogue[name]
		one_name = filter_name in ("plural", "list") and field.type == "name" and not field.per_student
		if one_name or (fits and field.type not in fits):
			raise TemplateError(
				_(
					'The filter "{0}" does not fit {1}, a {2}.',
					filter_name,
					f"{{{{ {name} }}}}",
					Wording(catalogue[name].type),
				),
				line,
				_("Remove it."),
			)


def unknown_field(name: str, line: int, catalogue: Iterable[str]) -> TemplateError:
	near = difflib.get_close_matches(name, list(catalogue), n=1, cutoff=0.5)
	fix = _("Did you mean {0}?", f"{{{{ {near[0]} }}}}") if near else _("Choose one with + Field.")
	return TemplateError(
		_('There is no field "{0}".', name[:60]), line, fix, (name, near[0]) if near else None
	)


def _tree(source: str) -> nodes.Template:
	try:
		return Environment(autoescape=False, extensions=[EachStudent]).parse(source)
	except TemplateSyntaxError as error:
		raise TemplateError(
			f"{str(error.message).rstrip('.')}.", error.lineno, _("Check the braces around it.")
		) from None
	except RecursionError:
		raise TemplateError(
			_("Too many brackets inside one another."), fix=_("Simplify the expression.")
		) from None
	except (ValueError, OverflowError, MemoryError, SyntaxError):
		raise TemplateError(
			_("A number or a quoted word cannot be read."), fix=_("Check the quotes.")
		) from None


class _Walker:
	def __init__(self):
		self.lines: dict[str, int] = {}
		self.filtered: list[tuple[str, str, int, bool]] = []
		self.named: list[str] = []
		self.in_each = self.has_each = False

	def visit(self, node: nodes.Node, depth: int) -> None:
		if depth > MAX_DEPTH:
			raise TemplateError(_("Too many parts inside one another."), node.lineno, _("Simplify it."))
		if isinstance(node, nodes.TemplateData):
			_check_data(node)
		elif isinstance(node, nodes.Name):
			self._name(node)
		elif isinstance(node, nodes.Filter):
			self._filter(node, depth)
		elif isinstance(node, nodes.Compare):
			self._compare(node, depth)
		elif isinstance(node, nodes.Const):
			_check_constant(node)
		elif isinstance(node, nodes.Scope) and is_each(node):
			self._each(node, depth)
		elif isinstance(node, CONTAINERS + LOGIC):
			for child in node.iter_child_nodes():
				self.visit(child, depth + 1)
		else:
			raise _refusal(node)

	def _each(self, node: nodes.Scope, depth: int) -> None:
		if self.in_each:
			raise TemplateError(
				_("One {% each student %} stands inside another."), node.lineno, _("Close the first one.")
			)
		self.in_each = self.has_each = True
		before = len(self.named)
		for child in body(node):
			self.visit(child, depth + 1)
		if len(self.named) == before:
			raise TemplateError(
				_("No field stands inside {% each student %}."), node.lineno, _("Remove the block.")
			)
		self.in_each = False

	def _name(self, node: nodes.Name) -> None:
		self.named.append(node.name)
		self.lines.setdefault(node.name, node.lineno)

	def _filter(self, node: nodes.Filter, depth: int) -> None:
		if node.name not in FILTERS:
			near = difflib.get_close_matches(node.name, FILTERS, n=1, cutoff=0.5)
			fix = _("Did you mean {0}?", near[0]) if near else _("There are: {0}.", FILTER_NAMES)
			instead = (node.name, near[0]) if near else None
			raise TemplateError(_('There is no filter "{0}".', node.name[:60]), node.lineno, fix, instead)
		if node.node is None or node.dyn_args or node.dyn_kwargs:
			raise TemplateError(_('The filter "{0}" needs a field before it.', node.name), node.lineno)
		_check_arguments(node, FILTERS[node.name])
		if isinstance(node.node, nodes.Name):
			self.filtered.append((node.node.name, node.name, node.lineno, self.in_each))
		self.visit(node.node, depth + 1)

	def _compare(self, node: nodes.Compare, depth: int) -> None:
		if len(node.ops) != 1 or node.ops[0].op not in ("eq", "ne"):
			raise TemplateError(_("Only == and != compare here."), node.lineno)
		self.visit(node.expr, depth + 1)
		self.visit(node.ops[0].expr, depth + 1)


def _refusal(node: nodes.Node) -> TemplateError:
	if isinstance(node, nodes.Scope):
		node = node.body[0]
	message = REFUSED.get(type(node), _('"{0}" is not part of this template language.', type(node).__name__))
	fix = FIXES.get(type(node), _("Use only words, fields, filters and if/else."))
	return TemplateError(message, node.lineno, fix)


def _check_data(node: nodes.TemplateData) -> None:
	if match := LEFT_OVER.search(node.data):
		line = node.lineno + node.data[: match.start()].count("\n")
		raise TemplateError(
			_('A lone "{0}" would be spoken.', match.group()), line, _("Close it or remove it.")
		)


def _check_arguments(node: nodes.Filter, rule: FilterRule) -> None:
	if not rule.least <= len(node.args) <= rule.most:
		raise TemplateError(
			_('The filter "{0}" has the wrong number of words in its brackets.', node.name), node.lineno
		)
	for keyword in node.kwargs:
		if keyword.key not in rule.keywords:
			raise TemplateError(_('The filter "{0}" has no "{1}".', node.name, keyword.key[:60]), node.lineno)
	for argument in [*node.args, *(keyword.value for keyword in node.kwargs)]:
		if not isinstance(argument, nodes.Const):
			raise TemplateError(
				_('The filter "{0}" takes quoted words, not fields.', node.name),
				node.lineno,
				_('Put "quotes" around it.'),
			)
		_check_constant(argument)


def _check_constant(node: nodes.Const) -> None:
	value = node.value
	if isinstance(value, bool) or not isinstance(value, str | int | float):
		raise TemplateError(
			_("Only quoted words and numbers stand here."), node.lineno, _('Put "quotes" around it.')
		)
	if not isinstance(value, str) and not abs(value) <= 1_000_000:
		raise TemplateError(_("A number is too large."), node.lineno)


def unclosed_names(source: str, fields: Mapping[str, Field]) -> list[tuple[int, str, str]]:
	"""Return (line, as written, field) for each field name in single braces or square brackets.

	They would be spoken literally.
	"""
	unclosed = []
	for match in re.finditer(
		r"(?<!\{)\{\s*([a-z_0-9]+)\s*\}(?!\})|\[\s*([a-z_0-9]+)\s*\]|%\(([a-z_0-9]+)\)s", source
	):
		name = next(filter(None, match.groups()))
		if name in fields:
			unclosed.append((source.count("\n", 0, match.start()) + 1, match.group(), name))
	return unclosed
