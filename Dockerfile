# Two images:
#     docker build -t corm:0.1.0 .                              the tool alone, for corm wait_for_db -- PROGRAM
#     docker build --target corm-dev -t corm-dev:0.1.0 .        a compiler, make and corm: the Dockerfile of a project builds with it
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/install-dependencies scripts/
RUN scripts/install-dependencies build && rm -rf /var/lib/apt/lists/*
COPY . .
# /out is all of corm, /tool what the tool needs to run.
RUN meson setup /build --buildtype=release -Dwerror=false -Dstrip=true --libdir=lib -Dtests=false -Dexamples=false \
    && meson install -C /build --destdir /out --quiet \
    && mkdir -p /tool/usr/local/bin /tool/usr/local/lib \
    && cp /out/usr/local/bin/corm /tool/usr/local/bin/ \
    && cp -a /out/usr/local/lib/libcorm*.so.* /out/usr/local/lib/corm /tool/usr/local/lib/

FROM debian:bookworm-slim AS corm-dev
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make pkg-config \
        libjansson-dev libpopt-dev libsqlite3-dev libmariadb3 libpq5 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/ /
RUN ldconfig

FROM debian:bookworm-slim AS corm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libjansson4 libpopt0 libsqlite3-0 libmariadb3 libpq5 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /tool/ /
RUN ldconfig
# The tool needs no rights. An image made FROM this one says USER root before it installs something.
USER 10001
ENTRYPOINT ["corm"]
CMD ["help"]
