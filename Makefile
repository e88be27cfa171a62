# The two commands most people need:   make demo    make test
# Each target installs what it needs, or refuses within its first seconds: dev/targets.py.
# With BENCH=/path/to/bench SITE=name the same targets use that bench instead of building one.
# DIALER_TODAY=2027-08-01 make test runs the tests on that day, DIALER_SEED=7 with those random choices.
export BENCH SITE
PYTHON ?= python3
DEV = $(PYTHON) -m dev.site
RUNNER = $(PYTHON) -m dev.runner
TARGET = $(PYTHON) -m dev.targets $@

.PHONY: site desk stop clean style test test-rest test-both test-days test-all test-random unit integration security browser demo bench chaos families families-mutants screenshots bare lint audit

site:            ## build the site, or what is missing of it
	@$(DEV) make

desk:            ## serve the Desk on loopback, with a simulated carrier, workers and the scheduler, and print its log-ins
	@$(TARGET)

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

demo:            ## two mornings, campaigns, a district and a consent drive of a demo school through real workers
	@$(TARGET)

bench:           ## measure
	@$(TARGET)

chaos:           ## break everything while 10,000 people are called, and judge by the carrier's journal (SEED=n repeats a run)
	@$(TARGET) $(if $(SEED),--seed $(SEED))

families:        ## play 2,000 courses of families and judge who heard what (SEED=n repeats a run, COURSES=n plays fewer)
	@$(PYTHON) -m dev.families play $(if $(SEED),--seed $(SEED)) $(if $(COURSES),--courses $(COURSES)) $(if $(MOVE),--move $(MOVE))

families-mutants: ## put faults back, one at a time, and show which of them the judge of families finds (ONLY=name tries one)
	@$(PYTHON) -m dev.families mutants $(if $(SEED),--seed $(SEED)) $(if $(COURSES),--courses $(COURSES)) $(if $(ONLY),--only $(ONLY)) $(if $(MOVE),--move $(MOVE))

screenshots:     ## take the pictures of docs/images again
	@$(TARGET)

bare:            ## try make demo and make test on a Debian machine that has only git, make and python3 (root)
	@$(PYTHON) -m dev.bare

style:           ## all rules of style within seconds, without a site: the linters and tests/unit/dev
	@$(PYTHON) -m dev.style

lint:            ## the linters alone: ruff, the import contracts, ESLint and Prettier
	@$(PYTHON) -m dev.style --linters

audit:           ## bandit, zizmor and pip-audit, against what has been looked at
	@$(PYTHON) -m dev.audit
