"""Rosters: a zip of OneRoster 1.2 CSV files, taken into Education's records.

Most schools keep their students in another system, which exports such files. Start with `imports.py`. In the
order of an import: `archive` opens the zip, `csv_rows` reads its files, `roster` makes records of the rows,
`wanted` says what Education's records should hold, `differences` compares that with what they hold, `brake`
stops an unusual change, `applying` writes.

An import gives no consent: a number in a roster may be on file, and nothing more is known about it.
"""
