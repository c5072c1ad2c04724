# The front door. Each target installs by apt what it lacks (on Debian; elsewhere it names it) and leaves the work to meson.
.PHONY: help build demo demo-postgresql demo-mariadb test test-rest test-slow mutate test-cases test-containers bench amalgamation install deb deps format clean
BUILD := build-release
# --libdir=lib below: meson's own guess on a Debian without dpkg-dev is lib64, where neither pkg-config nor the loader looks.

help:
	@echo "make demo      load real data, ask five questions (DATABASE_URL=… for another database than SQLite)"
	@echo "make demo-postgresql  the same on a throw-away PostgreSQL server"
	@echo "make demo-mariadb  and on a MariaDB one"
	@echo "make test      the tests with all compilers: less than ten minutes on two processors"
	@echo "make test-rest  what CI runs besides: long tests, more rounds, all tests optimized, valgrind"
	@echo "make test-slow  what takes longer: 1,000 random changes on each engine, a kill after each statement, a cluster, foreign schemas"
	@echo "make mutate    change src/ in 100 small ways, one at a time: do the tests notice? an hour or two"
	@echo "make test-cases  run a folder of cases, CASES=FOLDER, against the tables in tests/cases/: some minutes"
	@echo "make test-containers  the same in containers, with a Docker engine of its own: some minutes, as root"
	@echo "make bench     compare with sqlite3 and libpq by hand"
	@echo "make amalgamation  corm.c and corm.h in build-amalgamation/, for a program on a device (SQLite only)"
	@echo "make install   build and install (PREFIX=/usr/local, DESTDIR=)"
	@echo "make deb       Debian packages in build-deb/: libcorm0, libcorm-dev, corm"
	@echo "make deps      install what all of these need"
	@echo "make format    apply .clang-format to src/"
	@echo "make clean     remove what was built"

build:
	@scripts/install-dependencies build
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) --buildtype=release -Dwerror=false -Dtests=false --libdir=lib $(if $(PREFIX),--prefix="$(PREFIX)") >/dev/null
	@$(if $(PREFIX),meson configure $(BUILD) --prefix="$(PREFIX)")
	@if [ -t 1 ] && ! ninja -C $(BUILD) -n | grep -q "no work to do"; then cd $(BUILD) && NINJA_STATUS="Building %f/%t " ninja; else \
		out=$$(ninja -C $(BUILD) --quiet 2>&1) || { echo "$$out"; exit 1; }; fi

demo: build
	@scripts/install-dependencies demo
	@scripts/demo $(BUILD)/examples/atlas/manage

demo-postgresql: build
	@scripts/install-dependencies bench
	@scripts/with-postgresql sh -c 'DATABASE_URL=$$CORM_TEST_POSTGRESQL exec scripts/demo $(BUILD)/examples/atlas/manage'

demo-mariadb: build
	@scripts/install-dependencies test
	@scripts/with-mariadb sh -c 'DATABASE_URL=$$CORM_TEST_MARIADB exec scripts/demo $(BUILD)/examples/atlas/manage'

test:
	@scripts/install-dependencies test
	@scripts/test

test-rest:
	@scripts/install-dependencies test
	@scripts/test rest rest-gcc rest-clang rest-sqlite valgrind

test-slow:
	@scripts/install-dependencies test
	@scripts/test slow

mutate:
	@scripts/install-dependencies test
	@scripts/mutate

test-cases:
	@scripts/install-dependencies test
	@tests/cases/run "$(CASES)"

test-containers: build
	@scripts/install-dependencies containers
	@tests/containers/run

bench: build
	@scripts/install-dependencies bench
	@out=$$(ninja -C $(BUILD) --quiet bench/bench 2>&1) || { echo "$$out"; exit 1; }
	@bench/run $(BUILD)
	@echo
	@bench/migrations $(BUILD)

# The build folder remembers the PREFIX of an earlier install.
install: PREFIX ?= /usr/local
install: build
	@meson install -C $(BUILD) $(if $(DESTDIR),--destdir "$(DESTDIR)") --quiet --no-rebuild
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ] && command -v ldconfig >/dev/null; then ldconfig; fi

amalgamation:
	@scripts/amalgamate build-amalgamation
	@wc -c build-amalgamation/corm.[ch]

deb:
	@scripts/install-dependencies deb
	@scripts/make-deb build-deb

deps:
	@scripts/install-dependencies all

format:
	@clang-format -i $$(git ls-files 'src/*.c' ':!src/command/templates')

clean:
	@rm -rf build build-release build-test build-amalgamation build-deb
