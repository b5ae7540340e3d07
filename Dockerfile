# The program for schedulers of containers, see docs/scale.md. Build: docker build --tag transform-graph .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish Host/Cli --configuration Release --output /program

FROM mcr.microsoft.com/dotnet/runtime:10.0
COPY --from=build /program /program
# Nothing but the mounted folders and /tmp is written to, so that the root file system may be read-only.
ENV DOTNET_EnableDiagnostics=0 \
    DOTNET_CLI_TELEMETRY_OPTOUT=1
USER 1654:1654
WORKDIR /data
HEALTHCHECK --interval=1m --timeout=20s CMD ["/program/transform_graph", "--version"]
ENTRYPOINT ["/program/transform_graph"]
