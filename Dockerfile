# How it is used, and behind what: docs/howto/container.md
FROM python:3.11-slim

RUN useradd --system --home-dir /srv/chat --shell /usr/sbin/nologin chat \
    && install -d -o chat -g chat -m 700 /var/lib/chat
WORKDIR /srv/chat
COPY . .
# Compiled here, as the user who runs it can write nothing but its data.
RUN scripts/install run && .venv/bin/python -m compileall -q cogen chatapp

USER chat
ENV HOST=0.0.0.0 PORT=5001 CHAT_DATA=/var/lib/chat
VOLUME /var/lib/chat
EXPOSE 5001
HEALTHCHECK --start-period=10s --timeout=5s CMD [".venv/bin/python", "-c", "import os, urllib.request as it; it.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD [".venv/bin/cogen", "--paste", "production.ini"]
