# The two commands most people need:   make demo    make test
# With BENCH=/path/to/bench SITE=name the same targets use that bench instead of building one.
# DIALER_TODAY=2027-08-01 make test runs the tests on that day, DIALER_SEED=7 with those random choices.
export BENCH SITE
PYTHON ?= python3
DEV = $(PYTHON) -m dev.site
RUNNER = $(PYTHON) -m dev.runner
INSIDE = $(if $(BENCH),$(BENCH),.bench)/env/bin/python

.PHONY: site desk stop clean style test test-rest test-both test-days test-all test-random unit integration security browser demo bench chaos families families-mutants screenshots lint audit

site:            ## build the site, or what is missing of it
	@$(DEV) make

desk: site       ## serve the Desk on loopback, with a simulated carrier, workers and the scheduler, and print its log-ins
	@$(INSIDE) -m dev.demo.desk

stop:            ## stop everything that was started here
	@$(DEV) stop

clean:           ## stop everything and delete the site
	@$(DEV) clean

test:            ## what shows most mistakes within minutes: unit, integration, one story in a browser, a short chaos
	@$(RUNNER) test --effort quick unit integration browser chaos

test-rest:       ## what make test leaves out: every page and attack, and more examples of the property-based tests
	@$(RUNNER) test --effort rest unit integration security browser

test-both:       ## what make test and make test-rest try, in one run: each part begins once
	@$(RUNNER) test --effort both unit integration security browser chaos

test-days:       ## what depends on the date, on weekends, holidays, and days on which a year or the clocks change
	@$(RUNNER) days

test-all:        ## everything, with all cases and examples, each test once
	@$(RUNNER) test

test-random:     ## unit tests, in which property-based tests try other examples in each run
	@DIALER_HYPOTHESIS=random $(RUNNER) test unit

unit integration security browser:
	@$(RUNNER) test $@

demo: site       ## two mornings, campaigns, a district and a consent drive of a demo school through real workers
	@$(INSIDE) -m dev.demo

bench: site      ## measure
	@$(INSIDE) -m benchmarks

chaos: site      ## break everything while 10,000 people are called, and judge by the carrier's journal (SEED=n repeats a run)
	@$(INSIDE) -m dev.chaos $(if $(SEED),--seed $(SEED))

families:        ## play 2,000 courses of families and judge who heard what (SEED=n repeats a run, COURSES=n plays fewer)
	@$(PYTHON) -m dev.families play $(if $(SEED),--seed $(SEED)) $(if $(COURSES),--courses $(COURSES)) $(if $(MOVE),--move $(MOVE))

families-mutants: ## put faults back, one at a time, and show which of them the judge of families finds (ONLY=name tries one)
	@$(PYTHON) -m dev.families mutants $(if $(SEED),--seed $(SEED)) $(if $(COURSES),--courses $(COURSES)) $(if $(ONLY),--only $(ONLY)) $(if $(MOVE),--move $(MOVE))

screenshots: site
	@$(INSIDE) -m dev.screenshots

style:           ## all rules of style within seconds, without a site: the linters and tests/unit/dev
	@$(PYTHON) -m dev.style

lint:            ## the linters alone: ruff, the import contracts, ESLint and Prettier
	@$(PYTHON) -m dev.style --linters

audit:           ## bandit, zizmor and pip-audit, against what has been looked at
	@$(PYTHON) -m dev.audit
