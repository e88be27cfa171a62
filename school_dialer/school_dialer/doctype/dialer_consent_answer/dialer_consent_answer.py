from school_dialer.base.written_by_code import WrittenByCode
from school_dialer.consent_form import office_reasons


class DialerConsentAnswer(WrittenByCode):
	"""What one person answered to a request for consent; see `consent_form.answers`."""

	def onload(self) -> None:
		self.set_onload("why_office", office_reasons.translated(self.why_office))
