# Stands in for the image of this name where no registry of images can be reached.
FROM debian:bookworm-slim
RUN useradd --system --uid 999 --home-dir /var/lib/postgresql --create-home postgres && \
    mkdir -m 3777 /var/run/postgresql && chown postgres /var/run/postgresql
COPY native /usr/lib/postgresql/18
COPY docker-entrypoint.sh /usr/local/bin/
ENV PATH=/usr/lib/postgresql/18/bin:$PATH PGDATA=/var/lib/postgresql/18/docker
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
