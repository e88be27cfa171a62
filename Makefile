# The two commands most people need:   make demo    make test
# With BENCH=/path/to/bench SITE=name the same targets use that bench instead of building one.
export BENCH SITE
PYTHON ?= python3
DEV = $(PYTHON) -m dev.site
INSIDE = $(if $(BENCH),$(BENCH),.bench)/env/bin/python

.PHONY: site desk stop clean test test-rest test-all unit integration security browser demo bench chaos screenshots style lint audit

site:            ## build the site, or what is missing of it
	@$(DEV) make

desk: site       ## serve the Desk on loopback and print its address and log-ins
	@$(DEV) desk

stop:            ## stop everything that was started here
	@$(DEV) stop

clean:           ## stop everything and delete the site
	@$(DEV) clean

test:            ## what shows most mistakes within minutes: unit, integration, one story in a browser, a short chaos
	@$(DEV) test --effort quick unit integration browser chaos

test-rest:       ## what make test leaves out: every page, role and attack, and all examples of the property-based tests
	@$(DEV) test --effort rest

test-all:        ## everything, each test once
	@$(DEV) test

unit integration security browser:
	@$(DEV) test $@

demo: site       ## an attendance day and three campaigns of a demo school through real workers
	@$(INSIDE) -m dev.demo

bench: site      ## measure
	@$(INSIDE) -m benchmarks

chaos: site      ## break everything while 10,000 people are called, and judge by the carrier's journal (SEED=n repeats a run)
	@$(INSIDE) -m dev.chaos $(if $(SEED),--seed $(SEED))

screenshots: site
	@$(INSIDE) -m dev.screenshots

style:           ## all rules of style within seconds, without a site: the linters and tests/unit/dev
	@$(PYTHON) -m dev.style

lint:            ## the linters alone: ruff, the import contracts, ESLint and Prettier
	@$(PYTHON) -m dev.style --linters

audit:           ## bandit, zizmor and pip-audit, against what has been looked at
	@$(PYTHON) -m dev.audit
