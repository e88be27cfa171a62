"""A rule as one sentence, in the reader's language."""

from frappe import _
from frappe.utils import cint, flt

from school_dialer.automation.kind import kind_of


def sentence(rule) -> str:
	"""Of a Dialer Rule, saved or not. Raises a ValidationError for a kind that this site does not have."""
	kind = kind_of(rule)
	return " ".join([kind.opening(), f"{action(rule, kind)}, {kind.once()}{mass(rule, kind)}."])


def action(rule, kind) -> str:
	whom = audience(rule) if kind.audience else _("the guardians")
	verb = _("text {0}") if rule.channel == "Text" else _("call {0}")
	words = [verb.format(whom), _("about {0}").format(_(rule.purpose or kind.purposes[0]).lower())]
	if rule.template:
		words.append(_("with “{0}”").format(rule.template))
	return " ".join(words)


def audience(rule) -> str:
	if not rule.audience_source:
		return _("nobody yet")
	return " ".join(filter(None, (_(rule.audience_source).lower(), rule.audience_name)))


def mass(rule, kind) -> str:
	if kind.audience:
		return ""
	return _("; stop and ask me when more than {0} % or {1} {2}").format(
		f"{flt(rule.most_percent):g}", cint(rule.most_number), kind.mass()
	)
