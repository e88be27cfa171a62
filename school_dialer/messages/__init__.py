"""What people hear and read: templates with values from records, in the listener's language.

`template` is the language that templates are written in, `linter` checks one, and `providers` read values
(hook `dialer_context_providers`, fields as in `field`). `render` fills in the values. `spoken` makes calls,
`text` makes texts, `sound` holds recordings, and `sensitivity` decides what must not be said or shown.
`store` reads templates and the school, and `preview` shows a message as a person would get it. `model` has
the values of this room.
"""
