# The page and the JSON API of scripts/serve.py, for those who want a container:
#
#     docker build -t inspection-serve .
#     docker run --rm -p 8000:8000 inspection-serve
#     docker run --rm -p 8000:8000 -v ./customTF2/exported:/models:ro inspection-serve \
#         --model /models/leaks.tflite

FROM python:3.13-slim AS packages
COPY requirements-serve.txt constraints.txt ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements-serve.txt

FROM python:3.13-slim
RUN useradd --system --no-create-home --uid 10001 inspection
COPY --from=packages /venv /venv
WORKDIR /course
COPY scripts/serve.py scripts/
COPY scripts/inspection/__init__.py scripts/inspection/
COPY scripts/inspection/common scripts/inspection/common
COPY scripts/inspection/datasets scripts/inspection/datasets
COPY scripts/inspection/deploy scripts/inspection/deploy
COPY data/models data/models
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER inspection
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/venv/bin/python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["/venv/bin/python", "scripts/serve.py", "--host", "0.0.0.0"]
