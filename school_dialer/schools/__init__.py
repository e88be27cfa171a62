"""The schools of a district: which there are, which students belong to which, and what each narrows.

A site with one school is no district: everything is as in Dialer Settings, and no form shows a school.
"""
