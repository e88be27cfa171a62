"""What families say to the school that is no opt-out and no answer to a call.

`conversations` are texts with the office. `absences` are reports that a child stays at home or comes late.
"""
