import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.audience.base import set_group_doctype, sources
from school_dialer.audience.csv_file import CsvFile
from school_dialer.audience.filters.document import validate
from school_dialer.base.refusal import throw


class DialerAudience(Document):
	"""A named audience with filters.

	A campaign takes a copy, so that the record of who was called is kept.
	"""

	def validate(self):
		source = sources().get(self.audience_source)
		if source is None or not source.offered or source is CsvFile:
			throw(_("{0} cannot be saved as an audience.").format(_(self.audience_source)))
		if source.audience_doctype and not self.audience_name:
			throw(
				_("Choose the {0} whose people are to be called.").format(_(source.audience_doctype)),
				frappe.MandatoryError,
			)
		validate(self, source.subjects)

	def _validate_links(self):
		"""Set the group's DocType, which depends on the audience, before Frappe looks the group up."""
		set_group_doctype(self)
		super()._validate_links()
