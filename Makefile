# The front door. Each target installs by apt what it lacks (on Debian; elsewhere it names it) and leaves the work to meson.
.PHONY: help build demo test bench install deps format clean

help:
	@echo "make demo      load real data, ask five questions (DATABASE_URL=… for another database than SQLite)"
	@echo "make test      all tests with all compilers: a few minutes"
	@echo "make bench     compare with sqlite3 and libpq by hand"
	@echo "make install   build and install (PREFIX=/usr/local, DESTDIR=)"
	@echo "make deps      install what all of these need"
	@echo "make format    apply .clang-format"
	@echo "make clean     remove what was built"

build: build-release/build.ninja
	@ninja -C build-release --quiet

build-release/build.ninja:
	@scripts/install-dependencies build
	@meson setup build-release --buildtype=release --prefix="$(or $(PREFIX),/usr/local)" -Dtests=false >/dev/null

demo:
	@scripts/install-dependencies demo
	@scripts/demo

test:
	@scripts/install-dependencies test
	@scripts/test

bench:
	@scripts/install-dependencies bench
	@bench/run

install: build
	@meson install -C build-release --no-rebuild $(if $(DESTDIR),--destdir "$(DESTDIR)")

deps:
	@scripts/install-dependencies all

format:
	@clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	@rm -rf build build-release build-test
