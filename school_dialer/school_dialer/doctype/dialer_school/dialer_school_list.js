frappe.listview_settings["Dialer School"] = { hide_name_column: true };
