# The image of scheduler, workers, runs and the review page (compose.yaml).
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE requirements.lock ./
COPY pipeline ./pipeline
COPY models ./models
RUN python -m venv /opt/kehoach \
    && /opt/kehoach/bin/pip install --no-cache-dir --constraint requirements.lock \
       ".[dask,metrics,postgresql,s3]"
# Compile the restorer once here, for each kind of damage, instead of in every worker.
RUN for kind in no_marks english_ocr dropped_glyphs; do \
      echo "Uy ban nhan dan xa ban hanh ke hoach" | /opt/kehoach/bin/kehoach restore --damage "$kind"; \
    done

FROM python:3.11.13-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tesseract-ocr tesseract-ocr-vie \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 kehoach \
    && install --directory --owner kehoach /out /plans
COPY --from=build /opt/kehoach /opt/kehoach
ENV PATH=/opt/kehoach/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OPENBLAS_NUM_THREADS=1 \
    OMP_THREAD_LIMIT=1
USER kehoach
WORKDIR /home/kehoach
ENTRYPOINT ["kehoach"]
CMD ["--help"]
