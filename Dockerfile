# One image for web, worker and beat; docker-compose.yml says which of them a container is.

FROM node:22-slim AS page
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY bundle.js ./
COPY static static
RUN node bundle.js

FROM python:3.13-slim AS libraries
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r requirements.lock

FROM python:3.13-slim
RUN useradd --system --user-group --uid 10001 --no-create-home --home-dir /nonexistent chat \
    && install --directory --owner chat --group chat --mode 0700 /var/lib/chat
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 CHAT_DATA_DIR=/var/lib/chat
COPY --from=libraries /app/.venv .venv
COPY . .
COPY --from=page /build/static/dist static/dist
COPY --from=page /build/static/vendor static/vendor
# Who runs it may not write here, and would compile all of it at each start.
RUN .venv/bin/python -m compileall -q app.py celery_worker.py chatapp
USER chat
VOLUME /var/lib/chat
EXPOSE 8000
# The shell form would stand between the chat and the signal to stop.
CMD [".venv/bin/python", "app.py"]
