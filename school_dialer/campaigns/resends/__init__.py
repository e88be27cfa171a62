"""Try again those whom a campaign did not reach, by another way or at another hour.

`informed` reads who knows by now, from the parties of the first campaign and of all that try it again;
`source` makes the others an audience; `families` counts them by what stood in the way.
"""
