"""The format itself: alerts as values, their XML, their signatures, and Atom feeds of them. No Frappe."""
