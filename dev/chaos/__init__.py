"""Everything breaks while 10,000 people are called, and afterwards the carrier's own journal says whether anybody was wronged."""
