# The local server with the models of this repository:
#   docker build -t kerasgan . && docker run --rm -p 127.0.0.1:8501:8501 kerasgan
# For production, TensorFlow Serving is the server: docs/serving.md.
FROM python:3.12-slim
WORKDIR /kerasgan
COPY setup.py setup.cfg pyproject.toml README.md LICENSE ./
COPY kerasgan kerasgan
COPY zoo zoo
RUN pip install --no-cache-dir '.[serve]'
COPY savedmodels savedmodels
ENV KERASGAN_CACHE=/tmp/kerasgan
USER nobody
EXPOSE 8501
HEALTHCHECK CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/healthz')"
CMD ["kerasgan", "serve", "savedmodels", "--host", "0.0.0.0", "--port", "8501"]
