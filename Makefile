# The front door: `make help` lists what there is. Each target is one script; nothing is hidden here.
.DEFAULT_GOAL := help
.PHONY: help demo demo-jam demo-reset test fault simulation-selftest build bench bench-quick lint format setup

help: ## this list
	@echo 'Platen: from a printer to a person. Targets:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'
	@echo
	@echo 'Start with: make demo. YES=1 answers the questions of setup; TIDY=1 make lint runs clang-tidy too.'

demo: ## builds, starts the whole pipeline with 300 simulated printers, or DEVICES=5000; Ctrl-C stops it
	@deploy/local/demo $(if $(DEVICES),--devices $(DEVICES))

demo-jam: ## jams a printer of the running demo, shows the alarm's way, and clears it; KEEP=1 leaves it jammed
	@deploy/local/demo-jam $(if $(KEEP),--keep)

demo-reset: ## removes the demo's state
	@deploy/local/demo-reset

test: ## setup, lint, build, all tests; the last line counts them
	@scripts/test

fault: ## the whole fault table on real processes, ROWS=1,4 SEEDS=20 (tests/fault)
	@scripts/fault

simulation-selftest: ## plants bugs, and expects the simulation to find each
	@scripts/simulation-selftest

build: ## setup and the release build of the programs, into build/release
	@scripts/build release programs

bench: ## all benchmarks, beside their peers
	@bench/run

bench-quick: ## the benchmarks that guard a floor, in 3 minutes
	@bench/run --quick

lint: ## the contract (buf), format, and the rules of the house
	@scripts/lint

format: ## formats all C++ in place
	@scripts/format

setup: ## installs what is missing; the other targets do so by themselves
	@scripts/setup
