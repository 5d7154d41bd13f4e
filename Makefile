# Everything runs in .venv, which these targets make and keep up to date themselves.
# PYTHON=python3.13 chooses the interpreter for it.

# Another environment's settings must not reach ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.PHONY: help install install-dev compile serve develop test acceptance bench check format coverage
.PHONY: prove docs screenshots lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

install: ## make .venv with what the server needs
	@scripts/install run

install-dev: ## the same with what tests and checks need
	@scripts/install dev

compile: install-dev ## compile the hot modules into build/compiled (see docs/compiled.md)
	@.venv/bin/python scripts/compile

serve: install $(if $(COMPILED),compile) ## start the server: test.ini, 127.0.0.1:5001; COMPILED=1
	@$(if $(COMPILED),PYTHONPATH="$$PWD/build/compiled") exec .venv/bin/paster serve test.ini

develop: install ## start it for development: development.ini, reloads itself
	@exec .venv/bin/paster serve development.ini

test: ## run the tests; PYTEST_ARGS='-k queue' chooses; COMPILED=1
	@scripts/test $(if $(COMPILED),--compiled) $(PYTEST_ARGS)

acceptance: ## run the tests of the acceptance list and show each case
	@scripts/test -q -p tests.acceptance -m case $(PYTEST_ARGS)

bench: ## measure; QUICK=1 is short, ONLY='longpoll:cogen,asgi plain' chooses
	@scripts/bench $(if $(QUICK),--quick) $(if $(ONLY),--only '$(ONLY)')

check: install-dev ## formatting, lint, types (of JavaScript too), and that the docs are complete
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	scripts/types
	.venv/bin/pytest -q -p no:cacheprovider tests/test_docs.py tests/test_site.py

format: install-dev ## format the code, and mend what ruff can mend
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

coverage: install-dev ## run the tests and show which lines they miss
	@scripts/system-packages
	.venv/bin/coverage erase
	.venv/bin/coverage run -m pytest $(PYTEST_ARGS)
	.venv/bin/coverage combine -q
	.venv/bin/coverage report

prove: ## run the long proofs; PYTEST_ARGS as for test
	@scripts/test -m prove --timeout=3600 -o faulthandler_timeout=0 tests/prove $(PYTEST_ARGS)

docs: install-dev ## make the site of the docs: build/docs/index.html
	@.venv/bin/sphinx-build -qEW --keep-going -n -d build/doctrees docs build/docs
	@echo "build/docs/index.html"

screenshots: install-dev ## make the pictures of the docs anew; look at them before you commit
	@scripts/system-packages && scripts/system-packages screenshots
	@.venv/bin/python scripts/screenshots

lock: install-dev ## pin constraints/*.in anew; UPGRADE=1 takes the newest versions
	@scripts/lock $(if $(UPGRADE),--upgrade)

clean: ## remove .venv and everything made
	rm -rf .venv .venv-bench .venv.lock build dist *.egg-info .coverage .coverage.* htmlcov
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
