# The portal's image: built once, run as web, worker, beat and, to practise, as the sandbox.
# Debian 12 or newer is needed: the wheel of cryptography asks for glibc 2.34.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt /
RUN /venv/bin/pip install --require-hashes -r /requirements.txt
COPY manage.py CHANGELOG.md /app/
COPY magda_portal /app/magda_portal
COPY certificates /app/certificates
COPY exchange /app/exchange
COPY sandbox /app/sandbox
COPY templates /app/templates
COPY static /app/static
# The root file system is read-only later, so the byte code is made now.
RUN /venv/bin/python -m compileall -q /app

FROM python:3.11-slim-bookworm
# No log-in shell, no home; the data folder is the only place that the portal writes to. A new
# named volume takes over the owner of the folder it covers.
RUN groupadd --gid 10001 portal \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin portal \
    && install -d -m 0700 -o portal -g portal /data
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=magda_portal.settings \
    DATA_DIR=/data
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "magda_portal.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "16", "--timeout", "120", \
     "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
