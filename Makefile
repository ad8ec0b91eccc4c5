# make assess   set up, and assess the Beijing case
# make test     set up, and run the tests (PYTEST_FLAGS adds options)
# make slow     the tests that take longer
# make hard     attempts to break it: fuzz, load, kills, faults, lowest dependencies (over an hour)
# make lint     style and types
# make docs     build the documentation
# make lock     renew the locked dependencies (needs uv)
# make clean    remove the environment and everything built
.POSIX:
.PHONY: assess test slow hard lint docs lock clean

PYTEST = .venv/bin/python -m pytest -n 2 --dist worksteal
PYTEST_FLAGS =
UV = uv
COMPILE = $(UV) pip compile --quiet --upgrade --universal --python-version 3.12 \
	--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' pyproject.toml

assess:
	@tools/bootstrap run
	.venv/bin/causation assess bic-2025-doxxing

test:
	@tools/bootstrap test
	$(PYTEST) -m "not slow" $(PYTEST_FLAGS)

slow:
	@tools/bootstrap test
	$(PYTEST) -m slow $(PYTEST_FLAGS)

hard:
	@tools/bootstrap test
	$(PYTEST) tests/hostile tests/regression
	.venv/bin/python -m tests.hostile
	tools/test_lowest

lint:
	@tools/bootstrap test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

docs:
	@tools/bootstrap test
	.venv/bin/python -m sphinx -q -W --keep-going -b html docs docs/_build/html

# lock.txt first: the others hold the same versions.
lock:
	$(COMPILE) --all-extras --group dev --group docs --output-file requirements/lock.txt
	$(COMPILE) --group build --constraint requirements/lock.txt --output-file requirements/run.txt
	$(COMPILE) --group build --group test --group peers --constraint requirements/lock.txt \
		--output-file requirements/peers.txt
	$(COMPILE) --resolution lowest-direct --extra nutpie --extra cluster --group build \
		--group test --output-file requirements/lowest.txt

clean:
	rm -rf .venv build dist docs/_build .mypy_cache .pytest_cache .ruff_cache
