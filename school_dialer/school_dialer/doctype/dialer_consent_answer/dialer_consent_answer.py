from school_dialer.base.written_by_code import WrittenByCode
from school_dialer.consent_form import answers, office_reasons


class DialerConsentAnswer(WrittenByCode):
	"""What one person answered to a request for consent; see `consent_form.answers`."""

	def onload(self) -> None:
		self.set_onload("why_office", office_reasons.translated(self.why_office))
		self.set_onload("choices", "\n".join(answers.words(self)[1].values()))
