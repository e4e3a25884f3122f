# What people and machines call. `make run` needs nothing but Python 3.11 and this file.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
# Tools that apt and dpkg, and ProFTPD itself, expect to find.
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin

VENV := .venv
BIN := $(VENV)/bin
CODE := manage.py $(wildcard conftest.py magda_portal exchange certificates sandbox faults bench e2e)
# lftp is the second client that the practice MAGDA is tried with.
PROFTPD_PACKAGES := proftpd-core proftpd-mod-crypto proftpd-mod-vroot lftp
# Servers that tests and fault bench start, freeze and kill; their own are never started.
SERVICE_PACKAGES := redis-server postgresql tinyproxy
# A peer of the speed bench, as lftp is.
BENCH_PACKAGES := curl
# The browser of the end-to-end tests; a font, as the pages bring none.
BROWSER_PACKAGES := chromium fonts-dejavu-core
# xgettext finds the texts that need a translation.
TEXT_PACKAGES := gettext

# The first interpreter that is new enough: the one given, python3, or a newer one by its name.
PYTHON ?= python3
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
INTERPRETER = $(shell for candidate in $(PYTHON) python3.13 python3.12 python3.11; do \
	if $$candidate -c '$(NEW_ENOUGH)' 2>/dev/null; then command -v $$candidate; break; fi; done)

# Checks and tests must not see the configuration of whoever runs them.
CONFIGURATION := DATA_DIR DATABASE_URL CELERY_BROKER_URL PORTAL_URL EMAIL_URL SECRET_KEY \
	SECRET_KEY_FALLBACKS SEALING_KEYS BIND PORT SANDBOX_PORT STORAGE_RESERVE_MB \
	CONNECTIONS_PER_ACCOUNT REVOCATION_HOSTS REVOCATION_PROXY HEALTH_TOKEN \
	DEFAULT_LANGUAGE ACCESSIBILITY_CONTACT
CLEAN := env $(foreach name,$(CONFIGURATION),-u $(name) -u $(name)_FILE)

APT_INSTALL := export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; \
	apt-get install -y -qq --no-install-recommends >/dev/null

# Install as root; print the line to run otherwise. $(1): packages, $(2): what they are for,
# $(3): what installs them, if not apt alone.
define install_packages
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing $(1) ($(2))."; \
		$(or $(3),$(APT_INSTALL)) $(1); \
	else \
		echo "$(2): run this once, then make again:" >&2; \
		echo "    sudo apt-get install --no-install-recommends $(1)" >&2; \
		exit 1; \
	fi
endef

# Install a pinned list unless exactly this list was installed before. $(1): the list.
define install_requirements
	wanted=$$(sha256sum <$(1)); \
	stamp=$(VENV)/.installed-$(1); \
	if [ "$$(cat $$stamp 2>/dev/null)" != "$$wanted" ]; then \
		echo "Installing what $(1) lists."; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
			--require-hashes -r $(1); \
		echo "$$wanted" >$$stamp; \
	fi
endef

.PHONY: help setup setup-dev run check test proftpd services gettext browser curl faults soak e2e \
	bench bench-quick coverage messages lock

help:
	@echo "make run       set everything up and start the portal"
	@echo "make setup     make $(VENV) from requirements.txt"
	@echo "make check     format, lint, types, import contracts, migrations, deployment check"
	@echo "make test      make check, all tests, each page and walk in the browser, each fault once"
	@echo "make e2e       each page in each state, width and language, each walk in each manner"
	@echo "make faults    each fault, with both TLS versions, on both databases and brokers"
	@echo "make soak      random faults for MINUTES (5); SEED repeats a run"
	@echo "make bench     how fast the portal is beside lftp, curl and raw pycurl; bench-quick: less"
	@echo "make coverage  the tests that run in one process, with branch coverage"
	@echo "make messages  bring the catalogue of Dutch texts up to date, and compile it"
	@echo "make lock      pin requirements*.in anew, with hashes"

# --- Setting up ---------------------------------------------------------------------------------

$(BIN)/python:
	@python="$(INTERPRETER)"; \
	if [ -z "$$python" ]; then \
		echo "The portal needs Python 3.11 or newer, and there is none on the PATH. Install one," \
			"or name it: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		$(call install_packages,python$$version-venv,Python comes without its venv module); \
	fi; \
	"$$python" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

setup: $(BIN)/python
	@$(call install_requirements,requirements.txt)

setup-dev: setup
	@$(call install_requirements,requirements-dev.txt)

proftpd:
	@command -v proftpd >/dev/null && dpkg -s $(PROFTPD_PACKAGES) >/dev/null 2>&1 || { \
		$(call install_packages,$(PROFTPD_PACKAGES),the tests need another FTPS server and client); }

services:
	@command -v redis-server >/dev/null && command -v tinyproxy >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
		$(call install_packages,$(SERVICE_PACKAGES),the tests need Redis and PostgreSQL and a proxy,faults/services/install.sh); }

gettext:
	@command -v xgettext >/dev/null || { \
		$(call install_packages,$(TEXT_PACKAGES),the tests look for texts without a translation); }

browser:
	@command -v chromium >/dev/null || { \
		$(call install_packages,$(BROWSER_PACKAGES),the end-to-end tests need a browser); }

curl:
	@command -v curl >/dev/null || { \
		$(call install_packages,$(BENCH_PACKAGES),the speed bench compares with it); }

# --- Running ------------------------------------------------------------------------------------

run: setup
	@exec $(BIN)/python -m magda_portal.embedded --end-with-parent

# --- Checking -----------------------------------------------------------------------------------

# A data folder of its own with secrets of its own, thrown away afterwards.
check: setup-dev
	@folder=$$(mktemp -d); \
	trap 'rm -rf "$$folder"' EXIT; \
	step() { \
		name=$$1; shift; \
		echo "== $$name"; \
		"$$@" || { echo "make check stops here: $$name" >&2; exit 1; }; \
	}; \
	manage() { \
		$(CLEAN) DATA_DIR="$$folder" PORTAL_URL=https://portal.example.be \
			PYTHONWARNINGS=error::DeprecationWarning:magda_portal $(BIN)/python manage.py "$$@"; \
	}; \
	$(CLEAN) $(BIN)/python -c 'import sys, pathlib; from magda_portal.bootstrap import prepare; \
		prepare(pathlib.Path(sys.argv[1]), database_url_given=False)' "$$folder"; \
	step "format" $(BIN)/ruff format --check .; \
	step "lint" $(BIN)/ruff check .; \
	step "compilation" $(BIN)/python -W error -m compileall -q -f $(CODE); \
	step "import contracts" $(BIN)/lint-imports; \
	step "migrations" manage makemigrations --check --dry-run; \
	step "deployment check" manage check --deploy --fail-level WARNING; \
	step "types" $(CLEAN) DATA_DIR="$$folder" $(BIN)/mypy $(CODE); \
	echo "make check: all well"

test: setup-dev proftpd services gettext browser check
	@$(CLEAN) $(BIN)/python -m pytest
	@$(CLEAN) $(BIN)/python -m pytest e2e
	@$(CLEAN) $(BIN)/python -m faults once

faults: setup-dev services
	@$(CLEAN) $(BIN)/python -m faults all $(and $(SEED),--seed $(SEED))

e2e: setup-dev browser
	@$(CLEAN) $(BIN)/python -m pytest e2e --everything --screenshots

bench: setup-dev proftpd services curl
	@$(CLEAN) $(BIN)/python -m bench all

bench-quick: setup-dev proftpd services curl
	@$(CLEAN) $(BIN)/python -m bench quick

MINUTES ?= 5
soak: setup-dev services
	@$(CLEAN) $(BIN)/python -m faults soak --minutes $(MINUTES) $(and $(SEED),--seed $(SEED))

COVERED := $(foreach package,$(filter-out %.py faults bench e2e,$(CODE)),--cov=$(package))

# Processes of their own are not measured, so their tests are left out.
coverage: setup-dev
	@$(CLEAN) $(BIN)/python -m pytest -m "not processes" $(COVERED) --cov-branch --cov-report=
	@$(BIN)/coverage report --skip-covered --show-missing --fail-under=95
	@$(BIN)/coverage report --fail-under=100 \
		--include='exchange/ftps/*,exchange/services/*,certificates/pki/*,certificates/services/*'

# --- Translating --------------------------------------------------------------------------------

CATALOGUE := locale/nl/LC_MESSAGES/django
messages: setup-dev gettext
	@$(BIN)/python -m django makemessages --locale nl --no-wrap --no-location --no-obsolete \
		--ignore $(VENV) --ignore var
	@$(BIN)/python -c 'import polib, sys; name = sys.argv[1]; \
		polib.pofile(name + ".po").save_as_mofile(name + ".mo")' $(CATALOGUE)

# --- Pinning ------------------------------------------------------------------------------------

LOCK := $(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-annotate --no-header

lock: setup-dev
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) -c requirements.txt requirements-dev.in -o requirements-dev.txt
