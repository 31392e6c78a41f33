# The reviewer as a service and as a command:
#   docker run --rm --read-only -v "$PWD:/repo:ro" -w /repo reviewer review --base origin/main
#   docker compose up
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY deploy/build.sh deploy/
COPY prompts prompts
COPY reviewer reviewer
RUN sh deploy/build.sh /src /wheel
RUN python -m venv /app && /app/bin/pip install --no-cache-dir "$(echo /wheel/*.whl)[service,mcp]"

FROM python:3.13-slim
# What is reviewed belongs to another user on the host; nothing in it is executed or written. tini takes leave of the git
# processes of an analysis that was ended: the first process of a container inherits them, and Python would keep them.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git tini \
 && rm -rf /var/lib/apt/lists/* \
 && git config --system --add safe.directory '*' \
 && install --directory --owner 65534 --group 65534 /data
COPY --from=build /app /app
# All that is ever written lies in /data, so that the rest of the file system may be read-only; /tmp wants a tmpfs.
ENV PATH=/app/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/data \
    XDG_DATA_HOME=/data \
    REVIEWER_CACHE=/data/cache \
    REVIEWER_FOLDER=/data/service \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 65534:65534
VOLUME /data
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["tini", "--", "reviewer"]
CMD ["serve", "--host", "0.0.0.0"]
