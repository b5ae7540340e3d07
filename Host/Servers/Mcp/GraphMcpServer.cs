using System.Reflection;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.ModelFiles;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Servers.Mcp;

/// <summary>A server of the Model Context Protocol with the tools summarize, transform, quantize and compare.</summary>
public static class GraphMcpServer
{
    private const string Name = "transform_graph";

    /// <summary>Serves one client until its stream ends.</summary>
    /// <param name="input">What the client writes.</param>
    /// <param name="output">What the client reads.</param>
    /// <param name="plugins">The plugins.</param>
    /// <param name="folders">Where models may be read and written.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="cancellation">Ends the server.</param>
    /// <exception cref="InvalidDataException">A message of the client is too long.</exception>
    public static async Task RunAsync(Stream input, Stream output, PluginCatalog plugins, AllowedFolders folders, string version, CancellationToken cancellation)
    {
        var tools = new GraphTools(plugins, folders);
        var options = new McpServerOptions
        {
            ServerInfo = new Implementation { Name = Name, Version = version },
            ServerInstructions = $"Transforms, quantizes and compares models. Paths are within {string.Join(", ", folders.Roots)}; relative ones count from the first.",
            ToolCollection = [Tool(tools, nameof(GraphTools.Summarize), isReadOnly: true), Tool(tools, nameof(GraphTools.Transform), isReadOnly: false), Tool(tools, nameof(GraphTools.Quantize), isReadOnly: false), Tool(tools, nameof(GraphTools.Compare), isReadOnly: true)],
        };
        options.Filters.Request.CallToolFilters.Add(next => async (request, token) =>
        {
            try
            {
                return await next(request, token).ConfigureAwait(false);
            }
            catch (Exception error) when (Described(error) is { } message)
            {
                return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = message }] };
            }
        });
        await using var lines = new BoundedLines(input);
        await using var transport = new StreamServerTransport(lines, output, Name);
        await using McpServer server = McpServer.Create(transport, options);
        await server.RunAsync(cancellation).ConfigureAwait(false);
        if (lines.IsOverrun)
            throw new InvalidDataException($"a message of the client has more than {BoundedLines.Longest >> 20} MiB");
    }

    private static McpServerTool Tool(GraphTools tools, string method, bool isReadOnly)
    {
        MethodInfo info = typeof(GraphTools).GetMethod(method)!;
        return McpServerTool.Create(info, tools, new McpServerToolCreateOptions { Name = method.ToLowerInvariant(), ReadOnly = isReadOnly, Destructive = !isReadOnly, Idempotent = true, OpenWorld = false, UseStructuredContent = true });
    }

    /// <summary>What a client is told of an error; null for one of this program.</summary>
    private static string? Described(Exception error) => error switch
    {
        TargetInvocationException { InnerException: { } inner } => Described(inner),
        ModelFormatException model => Sentence(model.DiagnosticId, model.Message, model.Suggestion),
        ModelRefusedException refused => Sentence(refused.DiagnosticId, refused.Message, refused.Suggestion),
        PipelineException pipeline => Sentence(pipeline.Diagnostic.Id, pipeline.Diagnostic.Message, pipeline.Diagnostic.Suggestion),
        ScriptException { Diagnostics: [var first, ..] } => Sentence(first.Id, first.Message, first.Suggestion),
        EndpointException endpoint => Sentence(null, endpoint.Message, endpoint.Suggestion),
        FeedException feed => Sentence(null, feed.Message, feed.Suggestion),
        OutputFormatException format => Sentence(null, format.Message, format.Suggestion),
        PluginException plugin => Sentence(plugin.DiagnosticId, plugin.Message, plugin.Suggestion),
        ExecutionException execution => Sentence(null, execution.Message, execution.Node is null ? null : $"The node is '{execution.Node}'."),
        WorkException work => Sentence(work.Diagnostic.Id, work.Message, work.Diagnostic.Suggestion),
        JsonException json => $"an argument has another type than the schema says: {json.Message}",
        IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or NotSupportedException or InvalidDataException => error.Message,
        _ => null,
    };

    private static string Sentence(string? id, string message, string? suggestion) => $"{(id is null ? "" : id + ": ")}{message}{(suggestion is null ? "" : ". " + suggestion)}";
}
