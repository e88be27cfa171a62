"""Every method that the site offers to logged-in users, with arguments made from its signature.

The methods are found by importing all apps.
"""

import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import frappe

OURS = "school_dialer"
"""This app's own methods mask by themselves. `tests/integration/roles` tries every one."""
NOT_IMPORTED = re.compile(r"\.(tests?|test_\w+|patches|commands|__main__|conftest|boilerplate)(\.|$)")
NOT_CALLED = frozenset(
	{
		"frappe.handler.logout",
		"frappe.handler.web_logout",
		"frappe.desk.page.setup_wizard.setup_wizard.setup_complete",
		"frappe.desk.page.setup_wizard.setup_wizard.initialize_system_settings_and_user",
	}
)
"""Methods that end the attacker's own session or set up a site."""
TAKES_A_DOCTYPE = re.compile(
	r"doctype|^dt$|document_type|^parent|^docs?$|^(chart|card|report)|_type$|filters|fields?$"
)
READS_THE_FORM = re.compile(r"form_dict|get_form_params|\*\*kwargs|\*\*args")


# Names of arguments, by what Frappe's methods expect in them.
DOCTYPES = (
	*(
		"doctype",
		"dt",
		"document_type",
		"ref_doctype",
		"reference_doctype",
		"doctype_name",
		"link_doctype",
		"source_doctype",
	),
	*("target_doctype", "from_doctype", "reference_dt", "parent_doctype", "doc_type", "aggregate_on_doctype"),
)
NAMES = (
	"name",
	"docname",
	"dn",
	"reference_name",
	"reference_docname",
	"link_name",
	"source_name",
	"document_name",
)
COLUMNS = (
	*(
		"field",
		"fieldname",
		"searchfield",
		"sort_field",
		"title_field",
		"group_by_field",
		"based_on",
		"key",
		"date_field",
	),
	*("label_field", "value_field", "aggregate_on_field"),
)
FILTERS = ("filters", "or_filters", "current_filters", "conditions")
FIELDS = ("fields", "fieldnames", "stats", "filter_fields", "columns", "add_fields")
TEXTS = ("txt", "text", "search_text", "query_text", "value", "search_term", "keyword")
REST = {
	"sort_order": "desc",
	"as_dict": 1,
	"start": 0,
	"page_length": 20,
	"limit_page_length": 20,
	"prev": "0",
	"start_date": "2020-01-01",
	"end": str(date.today() + timedelta(days=365)),
	"aggregate_function": "max",
	"file_format_type": "CSV",
	"title": "x",
}


@dataclass(frozen=True)
class Method:
	path: str
	call: Callable

	@property
	def parameters(self) -> dict[str, inspect.Parameter]:
		try:
			return dict(inspect.signature(self.call).parameters)
		except (TypeError, ValueError):
			return {}

	@property
	def takes_a_doctype(self) -> bool:
		return any(map(TAKES_A_DOCTYPE.search, self.parameters)) or self.reads_the_form

	@property
	def reads_the_form(self) -> bool:
		try:
			return bool(READS_THE_FORM.search(inspect.getsource(self.call)))
		except (OSError, TypeError):
			return True

	@property
	def verb(self) -> str:
		allowed = frappe.allowed_http_methods_for_whitelisted_func.get(self.call, ["POST"])
		return "POST" if "POST" in allowed else next(iter(allowed))

	def arguments(self, known: dict) -> dict:
		"""Return everything that is known, and a value of the right kind for each other required argument."""
		return {
			**{
				name: guess(parameter)
				for name, parameter in self.parameters.items()
				if name not in known and parameter.default is parameter.empty
			},
			**known,
		}


def guess(parameter: inspect.Parameter) -> object:
	wanted = str(parameter.annotation)
	if "int" in wanted or "float" in wanted:
		return 1
	if "dict" in wanted:
		return "{}"
	if "list" in wanted:
		return "[]"
	return "1"


def found() -> list[Method]:
	"""Return each method once, by a path under which a request can name it.

	A decorator may have given the function another name and module.
	"""
	for app in frappe.get_installed_apps():
		if app != OURS:
			package = importlib.import_module(app)
			for module in pkgutil.walk_packages(package.__path__, f"{app}.", onerror=lambda name: None):
				if not NOT_IMPORTED.search(module.name):
					imported(module.name)
	paths: dict[Callable, str] = {}
	for name, module in sorted(sys.modules.items()):
		if (
			module
			and name.partition(".")[0] in frappe.get_installed_apps()
			and not name.startswith(OURS + ".")
		):
			for attribute, value in sorted(vars(module).items()):
				if is_whitelisted(value) and (value not in paths or value.__module__ == name):
					paths[value] = f"{name}.{attribute}"
	return [
		Method(path, call)
		for call, path in sorted(paths.items(), key=lambda each: each[1])
		if path not in NOT_CALLED
	]


def named(*paths: str) -> str:
	"""Return that of these paths by which the installed release of Frappe offers a method."""
	for path in paths:
		module, _dot, name = path.rpartition(".")
		if hasattr(importlib.import_module(module), name):
			return path
	raise AttributeError(paths)


def is_whitelisted(value: object) -> bool:
	try:
		return callable(value) and value in frappe.whitelisted and not ours(value)
	except (
		TypeError,
		RuntimeError,
	):  # A proxy of Frappe 16 may stand for something without a hash, or nothing.
		return False


def ours(value: Callable) -> bool:
	return getattr(value, "__module__", "").startswith(OURS + ".")


def imported(name: str) -> None:
	"""Import a module, and ignore a failure.

	A module may need something that is not installed here. Then its methods cannot be called from outside
	either.
	"""
	try:
		importlib.import_module(name)
	except (Exception, SystemExit):
		frappe.clear_messages()


@dataclass(frozen=True)
class Probe:
	"""One guess at a hidden value of a document.

	It is written as a request's arguments in one of several ways.
	"""

	doctype: str
	name: str
	column: str
	guess: str

	def ways(self) -> Iterator[tuple[str, dict]]:
		"""Yield named sets of arguments.

		They put hidden columns into all arguments that may hold fields, filters, an order or a group.
		"""
		yield from self.lean_ways()
		plain, table = self.column, f"`tab{self.doctype}`"
		like = [[self.doctype, plain, "like", self.guess + "%"]]
		spelled = f"{table}.`{plain.upper()}`"
		yield "filters", self.form({plain: ["like", self.guess + "%"]}, ["name"], f"{plain} desc", None)
		yield "lists", self.form(like, json.dumps(["name"]), f"{table}.`{plain}` asc", plain)
		yield (
			"spelled",
			self.form(
				json.dumps([[spelled, "like", self.guess + "%"]]),
				[f"{spelled} as name"],
				f"{spelled} /**/ desc",
				spelled,
			),
		)
		yield (
			"functions",
			self.form(
				{f"left({plain}, {len(self.guess)})": self.guess},
				[
					f"if(left({plain},{len(self.guess)})='{self.guess}',name,'') as name",
					f"max({plain}) as title",
				],
				f"if({plain} like '{self.guess}%', 0, 1), name",
				f"left({plain}, {len(self.guess)})",
			),
		)
		yield (
			"links",
			self.form(
				[["Dialer Call Log", "phone", "like", self.guess + "%"]],
				["call_log.phone as name", "last_call_log.phone", "campaign.audience_file"],
				"`tabDialer Call Log`.phone desc",
				"call_log.phone",
			),
		)

	def lean_ways(self) -> Iterator[tuple[str, dict]]:
		"""Yield sets of the few arguments that Frappe's lists take. More arguments would make these fail."""
		plain, table, size = self.column, f"`tab{self.doctype}`", len(self.guess)
		asked = {"doctype": self.doctype, "fields": json.dumps([f"{table}.`name`"]), "filters": "[]"}
		like = json.dumps([[self.doctype, plain, "like", self.guess + "%"]])
		first = f"if({table}.`{plain}` like '{self.guess}%', 0, 1)"
		yield "lean filters", {**asked, "filters": like}
		yield "lean or_filters", {**asked, "or_filters": like}
		yield "lean order", {**asked, "order_by": first}
		yield "lean group", {**asked, "fields": json.dumps(["count(*) as c", plain]), "group_by": plain}
		yield (
			"lean functions",
			{**asked, "fields": json.dumps([f"left({plain},{size})='{self.guess}' as name"])},
		)

	def form(self, filters, fields, order_by: str, group_by: str | None) -> dict:
		"""Return one form with every argument name by which Frappe's methods take such values."""
		return {
			**dict.fromkeys(DOCTYPES, self.doctype),
			**dict.fromkeys(NAMES, self.name),
			**dict.fromkeys(COLUMNS, self.column),
			**dict.fromkeys(FILTERS, filters),
			**dict.fromkeys(FIELDS, fields),
			**dict.fromkeys(TEXTS, self.guess),
			**REST,
			"filters_json": json.dumps(filters),
			"order_by": order_by,
			"group_by": group_by,
			"names": [self.name],
			"field_map": {"start": "creation", "end": self.column, "title": self.column},
			"linkinfo": {self.doctype: {"fieldname": [self.column], "doctype": self.doctype}},
			"links": {self.doctype: {"fieldname": self.column}},
			**self.documents_to_run(filters),
		}

	def documents_to_run(self, filters) -> dict:
		chart = {
			"doctype": "Dashboard Chart",
			"name": "x",
			"chart_name": "x",
			"chart_type": "Group By",
			"document_type": self.doctype,
			"group_by_type": "Count",
			"group_by_based_on": self.column,
			"based_on": "creation",
			"value_based_on": self.column,
			"timeseries": 0,
			"filters_json": json.dumps(filters if isinstance(filters, list) else []),
			"type": "Bar",
		}
		card = {
			"doctype": "Number Card",
			"type": "Document Type",
			"document_type": self.doctype,
			"function": "Count",
		}
		return {
			"chart": json.dumps(chart),
			"doc": json.dumps({**card, "aggregate_function_based_on": self.column, "name": self.name}),
			"docs": json.dumps({"doctype": self.doctype, "name": self.name}),
			"report": json.dumps({"ref_doctype": self.doctype}),
			"args": json.dumps({"doctype": self.doctype, "filters": filters}),
		}
