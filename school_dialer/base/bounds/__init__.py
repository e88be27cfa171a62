"""Limits on what outsiders send: the size and depth of JSON, lines of plain text, cells of spreadsheets, tags
in fields, paths in e-mails.

Pure Python except `text_guard` and `mailed_files`, which Frappe's hooks call.
"""
