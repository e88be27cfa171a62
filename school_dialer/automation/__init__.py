"""What starts by itself: rules that find students to call about, and make campaigns of them.

`rule` is what staff do with a rule, `run` is one day of one rule, `kind` is what other apps extend (hook
`dialer_rule_kinds`), and `kinds` holds this app's own. `corrections` withdraws a call whose reason is gone,
and `sentence` reads a rule aloud.
"""
