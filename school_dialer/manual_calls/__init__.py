"""Families whom a person phones because no automatic call reached them: one list, claimed one at a time.

`listing` puts them on the list and takes them off, `claiming` gives each to one member of staff, `placing`
and `on_the_line` connect the two, `outcomes` records what came of it. `work` has the rules of all this,
without Frappe. A recipient whom a person has claimed is not called by the machine
(`Dialer Recipient.held_until`).
"""
