"""Sites from before the settings of what the carrier keeps of texts: until then every text asked for both features."""

import frappe


def execute() -> None:
	"""Go on asking the carrier to discard words; no longer hide numbers, which Twilio warns about (errors 23002, 23004). A choice that
	was made already is kept, and a site without saved settings has the defaults."""
	saved = frappe.db.get_singles_dict("Dialer Settings")
	if not saved:
		return
	for fieldname, value in (("discard_text_content", 1), ("obfuscate_text_numbers", 0)):
		if fieldname not in saved:
			frappe.db.set_single_value("Dialer Settings", fieldname, value, update_modified=False)
