# Stands in for the image of this name where no registry of images can be reached. It has node, and no npm.
FROM debian:bookworm-slim
RUN useradd --uid 1000 --create-home --shell /bin/bash node
COPY node /usr/local/bin/node
CMD ["node"]
