import json

from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.reading import PolicyError, parse

IMMUTABLE = ("policy_name", "version", "rules")


class DialerPolicy(Document):
	"""Rules of a jurisdiction.

	They are fixed once a decision has used them; amend them with a new version and a reason.
	"""

	def validate(self):
		before = self.get_doc_before_save()
		if before and before.used and any(self.has_value_changed(field) for field in IMMUTABLE):
			throw(
				_(
					"Decisions were made by this policy, so it does not change. Make a new version with the "
					"reason."
				)
			)
		self.used = before.used if before else 0
		self.read_rules()

	def read_rules(self):
		try:
			policy = self.parse_rules()
		except (json.JSONDecodeError, PolicyError) as error:
			throw(_("These rules cannot be used: {0}").format(error))
		if (policy.name, policy.version) != (self.policy_name, self.version):
			throw(_("The rules name the policy {0} {1}.").format(policy.name, policy.version))
		self.jurisdiction = ", ".join(sorted(policy.countries)) or _("none")
		self.effective_from = policy.effective_from
		sources = {*policy.citations.values(), *(law.citation for law in policy.laws)}
		self.citation = "\n".join(sorted(filter(None, sources)))
		if self.amended_version and not self.reason:
			throw(_("Say why the policy is amended."))

	def parse_rules(self) -> Policy:
		"""Parse new rules strictly.

		Rules accepted earlier stay usable, so that the record can still be disabled.
		"""
		if self.is_new() or self.has_value_changed("rules"):
			return Policy.from_dict(parse(self.rules))
		return Policy.from_stored(json.loads(self.rules))

	def on_trash(self):
		if self.used:
			throw(_("Decisions were made by this policy, so it is kept. Disable it instead."))
