"""Keep the behavior of sites that predate the settings for what the carrier keeps of texts.

Until then every text requested both features.
"""

import frappe


def execute() -> None:
	"""Keep asking the carrier to discard message bodies, and stop hiding numbers.

	Twilio warns about hidden numbers (errors 23002, 23004). A choice already made is kept, and a site without
	saved settings gets the defaults.
	"""
	saved = frappe.db.get_singles_dict("Dialer Settings")
	if not saved:
		return
	for fieldname, value in (("discard_text_content", 1), ("obfuscate_text_numbers", 0)):
		if fieldname not in saved:
			frappe.db.set_single_value("Dialer Settings", fieldname, value, update_modified=False)
