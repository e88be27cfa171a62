"""What every room uses: numbers, clock, states, jobs, roles, refusals, and words in the reader's language.

`bounds` keeps input from outside harmless. `database` writes rows in sets and retries transactions.
"""
