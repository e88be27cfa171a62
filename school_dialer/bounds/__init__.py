"""Limits on what outsiders send: the size and depth of JSON, lines of plain text, cells of spreadsheets, tags
in fields.

Pure Python except `text_guard`, which Frappe's hooks call.
"""
