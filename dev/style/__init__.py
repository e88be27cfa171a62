"""Style, checked within seconds and before anything is built: `python3 -m dev.style` needs Python alone.

It runs ruff, the import contracts, ESLint and Prettier for the Desk's scripts, and the rules in
`tests/unit/dev`, on the files that git tracks. Its tools stay in `.bench/style`. Only the standard library is
used here, because this code runs before anything is installed.
"""
