using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.VisualStudio.Threading;
using StreamJsonRpc;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Servers.LanguageServer;

/// <summary>A server of the Language Server Protocol for scripts: completion, hover, diagnostics, formatting. Documents are sent whole.</summary>
public sealed class ScriptLanguageServer
{
    private const int WholeDocument = 1;

    /// <summary>A client that does not wait for answers before it says <c>exit</c> still gets them.</summary>
    private static readonly TimeSpan LastAnswers = TimeSpan.FromMilliseconds(200);

    private readonly ScriptKnowledge knowledge;
    private readonly ConcurrentDictionary<string, ScriptDocument> documents = new(StringComparer.Ordinal);
    private readonly string version;
    private readonly TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JsonRpc? client;
    private bool isShutDown;

    private ScriptLanguageServer(PluginCatalog plugins, string version)
    {
        knowledge = new(plugins);
        this.version = version;
    }

    /// <summary>Serves one client until it says <c>exit</c> or its stream ends.</summary>
    /// <param name="input">What the client writes.</param>
    /// <param name="output">What the client reads.</param>
    /// <param name="plugins">The plugins.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="cancellation">Ends the server.</param>
    /// <returns>False when the client said <c>exit</c> without <c>shutdown</c> before it.</returns>
    /// <exception cref="InvalidDataException">What the client writes is no message of the protocol.</exception>
    public static async Task<bool> RunAsync(Stream input, Stream output, PluginCatalog plugins, string version, CancellationToken cancellation)
    {
        var formatter = new SystemTextJsonFormatter { JsonSerializerOptions = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull } };
        using var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(output, input, formatter));
        var server = new ScriptLanguageServer(plugins, version) { client = rpc };
        rpc.AddLocalRpcTarget(server, new JsonRpcTargetOptions { AllowNonPublicInvocation = true });
        rpc.CancelLocallyInvokedMethodsWhenConnectionIsClosed = true;
        rpc.SynchronizationContext = new NonConcurrentSynchronizationContext(sticky: false);
        rpc.StartListening();
        Task ended = await Task.WhenAny(rpc.Completion, server.exited.Task).WaitAsync(cancellation).ConfigureAwait(false);
        if (ended == server.exited.Task)
            await Task.WhenAny(rpc.Completion, Task.Delay(LastAnswers, cancellation)).ConfigureAwait(false);
        if (ended.Exception?.InnerException is { } error)
            throw new InvalidDataException($"what the client writes is no message of the protocol: {error.Message}", error);
        return server.isShutDown || ended != server.exited.Task;
    }

    [JsonRpcMethod("initialize", UseSingleObjectParameterDeserialization = true)]
    internal object Initialize(JsonElement _) => new
    {
        capabilities = new
        {
            textDocumentSync = WholeDocument,
            completionProvider = new { triggerCharacters = new[] { "(", ",", "=" } },
            hoverProvider = true,
            documentFormattingProvider = true,
        },
        serverInfo = new { name = "transform_graph", version },
    };

    [JsonRpcMethod("initialized", UseSingleObjectParameterDeserialization = true)]
    internal static void Initialized(JsonElement _)
    {
    }

    [JsonRpcMethod("shutdown")]
    internal object? Shutdown()
    {
        isShutDown = true;
        return null;
    }

    [JsonRpcMethod("exit")]
    internal void Exit() => exited.TrySetResult();

    [JsonRpcMethod("textDocument/didOpen", UseSingleObjectParameterDeserialization = true)]
    internal Task DidOpen(DocumentParams opened) => Take(opened.TextDocument, opened.TextDocument.Text ?? "");

    [JsonRpcMethod("textDocument/didChange", UseSingleObjectParameterDeserialization = true)]
    internal Task DidChange(DidChangeParams changed) => changed.ContentChanges is [.., { Text: { } text }] ? Take(changed.TextDocument, text) : Task.CompletedTask;

    [JsonRpcMethod("textDocument/didClose", UseSingleObjectParameterDeserialization = true)]
    internal void DidClose(DocumentParams closed) => documents.TryRemove(closed.TextDocument.Uri, out _);

    [JsonRpcMethod("textDocument/completion", UseSingleObjectParameterDeserialization = true)]
    internal IReadOnlyList<CompletionItem> Completion(PositionParams at) =>
        documents.TryGetValue(at.TextDocument.Uri, out var document) ? knowledge.Complete(document.Text, document.OffsetOf(at.Position)) : [];

    [JsonRpcMethod("textDocument/hover", UseSingleObjectParameterDeserialization = true)]
    internal Hover? HoverAt(PositionParams at) =>
        documents.TryGetValue(at.TextDocument.Uri, out var document) && knowledge.Explain(document.Text, document.OffsetOf(at.Position)) is var (markdown, span)
            ? new(new("markdown", markdown), document.RangeOf(span))
            : null;

    [JsonRpcMethod("textDocument/formatting", UseSingleObjectParameterDeserialization = true)]
    internal IReadOnlyList<TextEdit> Formatting(DocumentParams asked)
    {
        if (!documents.TryGetValue(asked.TextDocument.Uri, out var document) || ScriptFormatter.Format(document.Text) is not { } formatted || formatted == document.Text)
            return [];
        return [new(document.Whole, formatted)];
    }

    private Task Take(TextDocument sent, string text)
    {
        var document = new ScriptDocument(text);
        documents[sent.Uri] = document;
        var problems = knowledge.Problems(text).Select(problem => new Problem(problem.Span is { } span ? document.RangeOf(span) : document.Whole, SeverityOf(problem.Severity), problem.Id, "transform_graph", problem.Suggestion is null ? problem.Message : $"{problem.Message} {problem.Suggestion}"));
        return client!.NotifyWithParameterObjectAsync("textDocument/publishDiagnostics", new PublishDiagnosticsParams(sent.Uri, sent.Version, [.. problems]));
    }

    private static int SeverityOf(Severity severity) => severity switch
    {
        Severity.Error => 1,
        Severity.Warning => 2,
        _ => 3,
    };
}
