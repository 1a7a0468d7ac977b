# Two commands on a fresh Debian 12: `make demo` and `make check`. CMake does the
# building; this file installs packages, names the usual steps and keeps them short.

BUILD ?= build
EVENTS ?= 20000
JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=
SOURCES = $(shell find kernels host tests bench -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh')

.PHONY: all help deps deps-demo deps-check deps-slow deps-dev configure program demo check check-slow instructions performance format check-format lint clean

all: program

help:
	@echo 'make demo        install packages, build, run the 2022 job on a small budget, print and draw the result'
	@echo 'make check       install packages, build, run the tests (check-slow: the slow ones)'
	@echo 'make deps        install what a plain cmake build needs, and nothing else'
	@echo 'make             build $(BUILD)/zpscan'
	@echo 'make instructions  record instructions per event and mass, which a test guards'
	@echo 'make performance   measure the tables of docs/performance.md again'
	@echo 'make format      lay out the source; make lint: static checks; make clean: remove $(BUILD)'

deps:
	@sh cmake/install_packages.sh packages.txt build
deps-demo:
	@sh cmake/install_packages.sh packages.txt build demo
deps-check:
	@sh cmake/install_packages.sh packages.txt build demo check
deps-slow:
	@sh cmake/install_packages.sh packages.txt build demo check slow
deps-dev:
	@sh cmake/install_packages.sh packages.txt build demo check dev

# The same call the second time costs a second and notices new flags.
configure:
	@cmake -S . -B $(BUILD) -G Ninja $(CMAKE_FLAGS) --log-level=NOTICE

program: configure
	@cmake --build $(BUILD) -j $(JOBS) --target zpscan

demo:
	@$(MAKE) --no-print-directory deps-demo
	@$(MAKE) --no-print-directory program
	@rm -f na64mu-2022.h5.journal.*
	$(BUILD)/zpscan run grids/na64mu-2022.yaml --events $(EVENTS) --force -o na64mu-2022.h5
	$(BUILD)/zpscan info na64mu-2022.h5
	$(BUILD)/zpscan plot na64mu-2022.h5 -o .
	@echo 'written: na64mu-2022.h5; efficiency, yield, e_cal, exclusion, expected, layout as png, pdf and csv'

check:
	@$(MAKE) --no-print-directory deps-check
	@$(MAKE) --no-print-directory configure
	@cmake --build $(BUILD) -j $(JOBS)
	@ctest --test-dir $(BUILD) -LE slow -j $(JOBS) --output-on-failure --no-tests=error --output-log $(BUILD)/check.log; \
	  status=$$?; grep 'tests passed' $(BUILD)/check.log; exit $$status

check-slow:
	@$(MAKE) --no-print-directory deps-slow
	@$(MAKE) --no-print-directory configure
	@cmake --build $(BUILD) -j $(JOBS)
	@ctest --test-dir $(BUILD) -L slow -j 1 --output-on-failure --output-log $(BUILD)/check-slow.log; \
	  status=$$?; grep 'tests passed' $(BUILD)/check-slow.log; exit $$status

# Minutes, on a machine with nothing else to do.
performance: program
	@python3 bench/performance.py --program $(BUILD)/zpscan

# What test_instructions compares with: once a change of the kernels or tables is meant to stay.
instructions: program
	@python3 bench/instructions.py --program $(BUILD)/zpscan --update

format:
	@clang-format -i $(SOURCES)

check-format:
	@clang-format --dry-run -Werror $(SOURCES)

lint: configure
	@run-clang-tidy -quiet -p $(BUILD) -j $(JOBS) '/(host|kernels)/.*\.c$$'

clean:
	rm -rf $(BUILD)
