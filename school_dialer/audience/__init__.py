"""Who is called: people and their numbers from the records of whichever apps the site has.

A source (`base.Source`, hook `dialer_audience_sources`) gives candidates a chunk at a time; `filters` narrow
them down (hook `dialer_audience_conditions`). `base.contact_facts` reads what the gate must know of many
people at once. `student_access` says which children a user may read. Nothing here decides whether anyone may
be called.
"""
