"""Notice a restore from a backup, a copy of the site, or a clock set back.

A mark in the database moves with each chunk of calls and each tick of the scheduler. Copies of it are kept in
Redis and in a file that no backup contains. A database that is behind its own copies was restored, and then
the site stands in Safe mode (`safe_mode`) until a person has ended it (`recovery`).
"""
