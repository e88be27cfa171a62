from school_dialer.base.written_by_code import WrittenByCode
from school_dialer.consent.replies import reviews
from school_dialer.consent_form import office_reasons


class DialerReview(WrittenByCode):
	"""An item that awaits human review. `consent.replies.reviews` writes it."""

	def onload(self) -> None:
		"""Translate the words of a form to check, which are the program's and not a person's."""
		if self.reason == reviews.FORM:
			self.set_onload("words", office_reasons.translated(self.words))
