"""Which absences did guardians report, and what follows from that?

A Dialer Absence Report says that a guardian reported one student for some days (`reports`). The absence rule
does not call about it while it stands (`standing`), and Education gets a Student Leave Application (`leave`).
Reports come by text (`by_text`), where `intent` recognizes what may be one and the family chooses by number,
by phone, and on the preference page. Who may report whom is decided in `reporter`.
"""
