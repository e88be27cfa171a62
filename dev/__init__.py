"""The development kit, which schools do not need: the site, the simulated carrier, the demo school."""
