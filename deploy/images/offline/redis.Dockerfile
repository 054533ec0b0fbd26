# Stands in for the image of this name where no registry of images can be reached.
FROM debian:bookworm-slim
COPY apt /etc/apt
COPY certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN apt-get update -q && apt-get install -qy --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
USER redis
EXPOSE 6379
CMD ["redis-server", "--protected-mode", "no"]
