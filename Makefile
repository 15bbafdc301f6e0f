# make is a convenience: each target is one line that also works on Windows,
# where .venv/bin/python is .venv\Scripts\python
PYTHON ?= $(if $(filter Windows_NT,$(OS)),python,python3)
VENV_PYTHON = $(if $(filter Windows_NT,$(OS)),.venv/Scripts/python,.venv/bin/python)
READY = .venv/ready

TESTS = $(VENV_PYTHON) -m pytest -n 2 --dist loadfile

.PHONY: help setup course site check test soak rehearsal newest lint lab notebooks bench clean

help:
	@echo "make course     run every notebook in quick mode, write build/course/index.html"
	@echo "make site       the same pages from the notebooks as stored, in build/site"
	@echo "make check      run the linter and the fast tests, in two minutes"
	@echo "make test       run the tests, then every notebook against its stored outputs"
	@echo "make soak       run the tests that take too long for every change"
	@echo "make rehearsal  run every notebook in full mode, offline, on stand-ins"
	@echo "make newest     run the tests of detection with the newest TensorFlow and Keras"
	@echo "make lab        open the notebooks in JupyterLab"
	@echo "make notebooks  write notebooks/*.ipynb from notebooks/text/*.py"
	@echo "make bench      measure speed and memory"
	@echo "make clean      remove build/ and .venv/"
	@echo "The first one sets up .venv by itself. Another Python: make course PYTHON=python3.12"

setup: $(READY)

$(READY): requirements.txt constraints.txt requirements.lock scripts/setup_env.py
	@$(PYTHON) scripts/setup_env.py

course: setup
	@$(VENV_PYTHON) scripts/run_course.py

site: setup
	@$(VENV_PYTHON) tools/build_site.py

check: lint
	$(TESTS) -m "not slow" tests

test: lint
	@$(VENV_PYTHON) tools/setup_mediapipe.py
	$(TESTS) tests
	$(TESTS) --nbval notebooks

soak: setup
	@$(VENV_PYTHON) tools/setup_jax.py
	@$(VENV_PYTHON) tests/benchmarks/endurance/soak.py

rehearsal: setup
	$(VENV_PYTHON) -m pytest -n 2 --dist worksteal --soak tests/rehearsal

newest: setup
	@$(VENV_PYTHON) tools/try_newest.py

lint: setup
	$(VENV_PYTHON) -m ruff check scripts tools tests notebooks/text
	$(VENV_PYTHON) -m ruff format --check scripts tools tests

lab: setup
	$(VENV_PYTHON) -m jupyter lab --notebook-dir=. notebooks/00_start_here.ipynb

notebooks: setup
	@$(VENV_PYTHON) tools/build_notebooks.py

bench: setup
	@$(VENV_PYTHON) tests/benchmarks/run.py

clean:
	@$(PYTHON) scripts/setup_env.py --clean
