using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using StreamJsonRpc;

namespace TransformFramework.Servers.Tests;

/// <summary>The language server, driven over the program's standard streams.</summary>
public sealed class LanguageServerTests : IAsyncLifetime
{
    private const string Uri = "file:///script.gtt";
    private readonly Channel<JsonElement> published = Channel.CreateUnbounded<JsonElement>();
    private Process process = null!;
    private JsonRpc rpc = null!;

    public async Task InitializeAsync()
    {
        process = Process.Start(new ProcessStartInfo(Checkout.Program, ["lsp"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        rpc = new JsonRpc(new HeaderDelimitedMessageHandler(process.StandardInput.BaseStream, process.StandardOutput.BaseStream, new SystemTextJsonFormatter()));
        rpc.AddLocalRpcMethod("textDocument/publishDiagnostics", new Action<string, int?, JsonElement>((uri, version, diagnostics) => published.Writer.TryWrite(diagnostics)));
        rpc.StartListening();
        JsonElement capabilities = await rpc.InvokeWithParameterObjectAsync<JsonElement>("initialize", new { processId = Environment.ProcessId, rootUri = (string?)null, capabilities = new { } });
        Assert.True(capabilities.GetProperty("capabilities").GetProperty("hoverProvider").GetBoolean());
        await rpc.NotifyWithParameterObjectAsync("initialized", new { });
    }

    public async Task DisposeAsync()
    {
        await rpc.InvokeAsync("shutdown");
        await rpc.NotifyAsync("exit");
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));
        rpc.Dispose();
        process.Dispose();
    }

    [Fact]
    public async Task Problems_are_published_at_their_place()
    {
        JsonElement problems = await Open("remove_device\nfold_constant\n");
        JsonElement problem = Assert.Single(problems.EnumerateArray());
        Assert.Equal("TFX1010", problem.GetProperty("code").GetString());
        Assert.Contains("Did you mean 'fold_constants'?", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((1, 0, 13), (problem.GetProperty("range").GetProperty("start").GetProperty("line").GetInt32(), problem.GetProperty("range").GetProperty("start").GetProperty("character").GetInt32(), problem.GetProperty("range").GetProperty("end").GetProperty("character").GetInt32()));
        await rpc.NotifyWithParameterObjectAsync("textDocument/didChange", new { textDocument = new { uri = Uri, version = 2 }, contentChanges = new[] { new { text = "remove_device\n" } } });
        Assert.Empty((await published.Reader.ReadAsync()).EnumerateArray());
    }

    [Theory]
    [InlineData("fold_|", "fold_batch_norms fold_constants fold_norms fold_old_batch_norms")]
    [InlineData("rename_op(|", "ignore_errors new_op_name old_op_name")]
    [InlineData("rename_op(old_op_name=A, |", "ignore_errors new_op_name")]
    [InlineData("rename_op(old_op_name=A, new|", "new_op_name")]
    [InlineData("# rename|", "")]
    [InlineData("rename_op(old_op_name=A, new_op_name=B) remove_dev|", "remove_device")]
    public async Task Completion_offers_what_fits(string text, string expected)
    {
        int cursor = text.IndexOf('|', StringComparison.Ordinal);
        await Open(text.Replace("|", "", StringComparison.Ordinal));
        JsonElement items = await rpc.InvokeWithParameterObjectAsync<JsonElement>("textDocument/completion", At(0, cursor));
        Assert.Equal(expected.Replace("ignore_errors ", "", StringComparison.Ordinal), string.Join(' ', items.EnumerateArray().Select(item => item.GetProperty("label").GetString()).Where(label => label != "ignore_errors").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Hover_shows_the_page_of_a_transform_and_the_description_of_an_argument()
    {
        await Open("rename_op(old_op_name=A, new_op_name=B)");
        string page = (await rpc.InvokeWithParameterObjectAsync<JsonElement>("textDocument/hover", At(0, 3))).GetProperty("contents").GetProperty("value").GetString()!;
        Assert.Equal(File.ReadAllText(Checkout.PathOf("docs/transforms/rename_op.md")), page);
        string argument = (await rpc.InvokeWithParameterObjectAsync<JsonElement>("textDocument/hover", At(0, 12))).GetProperty("contents").GetProperty("value").GetString()!;
        Assert.StartsWith("`old_op_name`: string", argument, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await rpc.InvokeWithParameterObjectAsync<JsonElement>("textDocument/hover", At(0, 22))).ValueKind);
    }

    [Fact]
    public async Task Formatting_replaces_the_text()
    {
        await Open("remove_device   rename_op( old_op_name=A,new_op_name=B)");
        JsonElement edits = await rpc.InvokeWithParameterObjectAsync<JsonElement>("textDocument/formatting", new { textDocument = new { uri = Uri }, options = new { tabSize = 4, insertSpaces = true } });
        Assert.Equal("remove_device\nrename_op(old_op_name=A, new_op_name=B)\n", Assert.Single(edits.EnumerateArray()).GetProperty("newText").GetString());
    }

    private async Task<JsonElement> Open(string text)
    {
        await rpc.NotifyWithParameterObjectAsync("textDocument/didOpen", new { textDocument = new { uri = Uri, languageId = "transform-script", version = 1, text } });
        return await published.Reader.ReadAsync();
    }

    private static object At(int line, int character) => new { textDocument = new { uri = Uri }, position = new { line, character } };
}
