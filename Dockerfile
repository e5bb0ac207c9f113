# One image, three programs: the assistant by default; the action server and the QloApps stand-in
# by another command and HEALTH_URL.
#   python -m actions --host 0.0.0.0 --port 5055        http://127.0.0.1:5055/health
#   python -m demo.qloapps --host 0.0.0.0 --port 8088   http://127.0.0.1:8088/

FROM python:3.10-slim AS build
WORKDIR /conserje
COPY requirements/uv.txt requirements/run.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && uv venv .venv \
    && uv pip sync --no-cache --require-hashes --compile-bytecode requirements/run.txt
COPY . .
ENV PATH=/conserje/.venv/bin:$PATH
RUN python -m tools.train \
    && mv "$(python -m tools.train --path)" models/conserje.tar.gz \
    && rm -rf .rasa .state .tools

FROM python:3.10-slim
RUN useradd --system --uid 10001 --home-dir /state --create-home conserje
WORKDIR /conserje
COPY --from=build /conserje .
ENV PATH=/conserje/.venv/bin:$PATH \
    CONSERJE_STATE=/state \
    HEALTH_URL=http://127.0.0.1:5005/health/ready \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false
USER 10001
VOLUME /state
EXPOSE 5005 5055 8088
HEALTHCHECK --interval=10s --timeout=6s --start-period=2m \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(os.environ['HEALTH_URL'], timeout=5)"]
CMD ["python", "-m", "assistant", "--host", "0.0.0.0", "--model", "models/conserje.tar.gz"]
