# Two images: `serve` answers and ingests, without PyTorch; `train` runs the nights too.
#   docker build --target serve --tag engine-recsys:serve .
#   docker build --target train --tag engine-recsys:train .
# A release gives the base with its digest, --build-arg BASE=python:3.11-slim-bookworm@sha256:…
# Any image with Python 3.11 and its venv will do. docs/containers.md has the rest.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS builder
# Set, no index is asked: everything comes from docker/wheels.
ARG PIP_NO_INDEX=
ENV PIP_NO_INDEX=${PIP_NO_INDEX} PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_FIND_LINKS=/wheels
RUN python3 -m venv /opt/engine
COPY docker/wheels /wheels
COPY pyproject.toml README.md LICENSE /source/
COPY cypher /source/cypher
COPY migrations /source/migrations
COPY engine /source/engine

FROM builder AS install-serve
RUN /opt/engine/bin/pip install --quiet --no-compile "/source[serve,postgresql,redis]"
# What wheels bring along for those who test or compile against them.
RUN find /opt/engine/lib -type d \( -name tests -o -name include \) -prune -exec rm -rf {} + \
 && find /opt/engine/lib \( -name 'libarrow_flight*' -o -name '*.pyx' -o -name '*.a' \) -delete \
 && rm -rf /opt/engine/lib/python3*/site-packages/pip /opt/engine/lib/python3*/site-packages/setuptools

FROM ${BASE} AS runtime
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/engine engine \
 && install -d -m 700 -o engine -g engine /var/lib/engine
ENV PATH=/opt/engine/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPYCACHEPREFIX=/tmp/bytecode \
    ENGINE_HOME=/var/lib/engine \
    ENGINE_SERVE_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/engine
VOLUME /var/lib/engine
ENTRYPOINT ["engine"]

FROM runtime AS serve
COPY --from=install-serve /opt/engine /opt/engine
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python3", "-c", \
  "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["serve"]

# Behind `serve`: Docker's older builder makes every stage in front of the one it is asked for.
FROM builder AS install-train
# Where PyTorch's wheels without CUDA lie.
ARG TORCH_FIND_LINKS=
RUN /opt/engine/bin/pip install --quiet --no-compile \
      ${TORCH_FIND_LINKS:+--find-links} ${TORCH_FIND_LINKS} \
      "/source[serve,postgresql,redis,train,tune,report,als]"

FROM runtime AS train
COPY --from=install-train /opt/engine /opt/engine
CMD ["retrain"]
