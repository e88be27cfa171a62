"""`bench --site SITE dialer ...`: the commands, as the user who is named, with exit codes.

`command_line` is what all of them share. `school_dialer/commands.py` lists them for Frappe.
"""
