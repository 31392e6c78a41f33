# The reviewer as a command: docker run --rm -v "$PWD:/repo:ro" reviewer review --repo /repo --base origin/main
FROM python:3.13-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/*
COPY pyproject.toml README.md LICENSE /src/
COPY reviewer /src/reviewer
RUN pip install --no-cache-dir /src && rm -rf /src
# What is reviewed belongs to another user on the host; nothing in it is executed or written.
RUN git config --system --add safe.directory '*'
USER 65534:65534
WORKDIR /repo
ENTRYPOINT ["reviewer"]
CMD ["--help"]
