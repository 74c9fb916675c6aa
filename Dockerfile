# The executable in a small image, for `compute: docker`, `ecs` and `k8s`. Build: docker build -t dagster-tiktok-ads:0.1.0 .
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# esbuild's and DuckDB's binaries come inside their packages: no script has to run.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts ./scripts
COPY src ./src
RUN node scripts/bundle.mjs /app "linux-$(node -p process.arch)"

FROM node:24-bookworm-slim
ENV NODE_ENV=production TIKTOK_ADS_STATE_DIR=/tmp/tiktok-ads
COPY --from=build /app /app
USER node
WORKDIR /tmp
ENTRYPOINT ["node", "/app/main.mjs"]
