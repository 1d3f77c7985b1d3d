# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.lock /
RUN /venv/bin/pip install --quiet --require-hashes -r /requirements.lock
COPY manage.py /app/
COPY dashboard /app/dashboard
COPY logsync /app/logsync
COPY templates /app/templates
COPY static /app/static
# Compile now: the runtime user cannot write here.
RUN /venv/bin/python -m compileall -q /app

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --home-dir /app tollbook \
    && install --directory --owner tollbook --mode 700 /app/var
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER tollbook
# A dummy key for this command only: the image must not contain the real one.
RUN SECRET_KEY=0123456789abcdefghijklmnopqrstuvwxyz-for-the-build-only python manage.py serve --collect-only
VOLUME /app/var
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz/live', timeout=4)"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
