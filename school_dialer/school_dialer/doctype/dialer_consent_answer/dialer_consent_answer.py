from school_dialer.consent_form import office_reasons
from school_dialer.written_by_code import WrittenByCode


class DialerConsentAnswer(WrittenByCode):
	"""What one person answered to a request for consent; see `consent_form.answers`."""

	def onload(self) -> None:
		self.set_onload("why_office", office_reasons.translated(self.why_office))
