# Stands in for the image of this name where no registry of images can be reached.
FROM debian:bookworm-slim
COPY apt /etc/apt
COPY certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN useradd --system --uid 999 --home-dir /var/lib/postgresql --create-home postgres && \
    apt-get update -q && \
    apt-get install -qy --no-install-recommends postgresql-common && \
    sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf && \
    apt-get install -qy --no-install-recommends postgresql-15 && \
    chmod 3777 /var/run/postgresql && rm -rf /var/lib/apt/lists/*
COPY docker-entrypoint.sh /usr/local/bin/
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
