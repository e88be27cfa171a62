from frappe.model.document import Document

from school_dialer.public_alerts.incoming import feed_form


class DialerAlertFeed(Document):
	def validate(self):
		feed_form.check(self)

	def on_update(self):
		feed_form.begin_again(self)
