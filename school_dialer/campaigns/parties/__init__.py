"""Who is informed about whom in the calls to one recipient.

A number may be that of several people, each with children of their own. `rows` keeps one row for each number,
person, and student; `asking` asks the gate about each of the people at a number; `informing` notes which call
informed whom, and who is still to be informed.
"""
