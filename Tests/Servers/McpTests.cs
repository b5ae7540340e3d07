using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using TransformFramework.Servers.Mcp;

namespace TransformFramework.Servers.Tests;

/// <summary>The server of the Model Context Protocol, driven by the package's own client over the program's standard streams.</summary>
public sealed class McpTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("mcp").FullName;
    private McpClient client = null!;

    public async Task InitializeAsync()
    {
        File.Copy(Checkout.Digits, Path.Combine(folder, "digits.pb"));
        File.Copy(Checkout.PathOf("examples/01-digits/digits_calibration.npz"), Path.Combine(folder, "samples.npz"));
        client = await McpClient.CreateAsync(new StdioClientTransport(new StdioClientTransportOptions { Command = Checkout.Program, Arguments = ["mcp", $"--root={folder}"], Name = "test" }));
    }

    public async Task DisposeAsync()
    {
        await client.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Tools_have_schemas()
    {
        var tools = await client.ListToolsAsync();
        Assert.Equal(["compare", "quantize", "summarize", "transform"], tools.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        JsonElement schema = tools.Single(tool => tool.Name == "transform").JsonSchema;
        Assert.Equal(["model", "output", "script"], schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("string", schema.GetProperty("properties").GetProperty("script").GetProperty("type").GetString());
        Assert.All(tools, tool => Assert.NotNull(tool.ReturnJsonSchema));
    }

    [Fact]
    public async Task A_model_is_summarized_transformed_and_compared()
    {
        JsonElement summary = await Call("summarize", ("model", "digits.pb"));
        Assert.Equal("Placeholder", summary.GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal(44, summary.GetProperty("ops").GetProperty("Identity").GetInt32());
        JsonElement outcome = await Call("transform", ("model", "digits.pb"), ("output", "small.pb"), ("script", "remove_nodes(op=Identity) fold_constants"));
        Assert.Equal(123, outcome.GetProperty("nodesBefore").GetInt32());
        Assert.Equal(79, outcome.GetProperty("nodesAfter").GetInt32());
        Assert.True(File.Exists(Path.Combine(folder, "small.pb")));
        JsonElement comparison = await Call("compare", ("reference", "digits.pb"), ("model", "small.pb"));
        Assert.True(comparison.GetProperty("agrees").GetBoolean());
    }

    [Fact]
    public async Task A_model_is_quantized()
    {
        JsonElement outcome = await Call("quantize", ("model", "digits.pb"), ("output", "int8.pb"), ("data", "samples.npz?divide=255"), ("method", "min_max"), ("samples", 4));
        Assert.True(outcome.GetProperty("bytesAfter").GetInt64() < outcome.GetProperty("bytesBefore").GetInt64() / 2);
        Assert.Contains("quantize(", outcome.GetProperty("script").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("summarize", "/etc/passwd", null)]
    [InlineData("summarize", "../digits.pb", null)]
    [InlineData("summarize", "link/digits.pb", null)]
    [InlineData("transform", "digits.pb", "../out.pb")]
    [InlineData("transform", "digits.pb", "/tmp/transform_graph_mcp_out.pb")]
    public async Task Paths_do_not_leave_the_folders(string tool, string model, string? output)
    {
        if (!OperatingSystem.IsWindows())
            Directory.CreateSymbolicLink(Path.Combine(folder, "link"), Checkout.PathOf("examples/01-digits"));
        string message = await Refused(tool, output is null ? [("model", model)] : [("model", model), ("output", output), ("script", "remove_device")]);
        Assert.Contains("outside of the folders", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_a_script_names_do_not_leave_the_folders()
    {
        string message = await Refused("transform", ("model", "digits.pb"), ("output", "out.pb"), ("script", $"quantize(ranges=\"{Checkout.Digits}\")"));
        Assert.Contains("outside of the folders", message, StringComparison.Ordinal);
    }

    /// <summary>What lies outside is a copy of the samples; it is reached by a list, a folder of links, a link to a link, and an address.</summary>
    [SkippableTheory]
    [InlineData("outside.list")]
    [InlineData("@names.txt")]
    [InlineData("links")]
    [InlineData("second/samples.npz")]
    [InlineData("remote.list")]
    public async Task Samples_do_not_come_from_outside(string data)
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege");
        string outside = Directory.CreateTempSubdirectory("mcp-outside").FullName;
        try
        {
            File.Copy(Path.Combine(folder, "samples.npz"), Path.Combine(outside, "samples.npz"));
            File.WriteAllText(Path.Combine(folder, "outside.list"), $"{outside}/samples.npz\n");
            File.WriteAllText(Path.Combine(folder, "names.txt"), $"samples.npz\n{Path.GetRelativePath(folder, outside)}/samples.npz\n");
            File.WriteAllText(Path.Combine(folder, "remote.list"), "http://127.0.0.1:9/samples.npz\n");
            Directory.CreateDirectory(Path.Combine(folder, "links"));
            File.CreateSymbolicLink(Path.Combine(folder, "links", "samples.npz"), Path.Combine(outside, "samples.npz"));
            Directory.CreateSymbolicLink(Path.Combine(folder, "first"), Path.GetDirectoryName(outside)!);
            Directory.CreateSymbolicLink(Path.Combine(folder, "second"), Path.Combine(folder, "first", Path.GetFileName(outside)));
            string message = await Refused("quantize", ("model", "digits.pb"), ("output", "int8.pb"), ("data", data), ("method", "min_max"), ("samples", 2));
            Assert.Matches("outside of the folders|reads no addresses", message);
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task Mistakes_are_told_with_what_to_do()
    {
        Assert.Contains("TFX1010", await Refused("transform", ("model", "digits.pb"), ("output", "out.pb"), ("script", "remove_devices")), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'remove_device'?", await Refused("transform", ("model", "digits.pb"), ("output", "out.pb"), ("script", "remove_devices")), StringComparison.Ordinal);
        Assert.Contains("missing.pb", await Refused("summarize", ("model", "missing.pb")), StringComparison.Ordinal);
        Assert.Contains("another type than the schema says", await Refused("summarize", ("model", 5)), StringComparison.Ordinal);
        Assert.Contains("samples", await Refused("quantize", ("model", "digits.pb"), ("output", "q.pb"), ("data", "samples.npz"), ("samples", 0)), StringComparison.Ordinal);
        Assert.Contains("tolerance", await Refused("compare", ("reference", "digits.pb"), ("model", "digits.pb"), ("tolerance", -1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_beside_one_with_the_same_beginning_is_outside()
    {
        var folders = new AllowedFolders([folder]);
        Assert.Equal(Path.Combine(folders.Roots[0], "a", "b"), folders.Resolve("a/b"));
        Assert.Throws<UnauthorizedAccessException>(() => folders.Resolve(folder + "2/x"));
    }

    private async Task<JsonElement> Call(string tool, params (string Name, object Value)[] arguments)
    {
        CallToolResult result = await Result(tool, arguments);
        Assert.False(result.IsError ?? false, Text(result));
        return result.StructuredContent!.Value;
    }

    private async Task<string> Refused(string tool, params (string Name, object Value)[] arguments)
    {
        CallToolResult result = await Result(tool, arguments);
        Assert.True(result.IsError);
        return Text(result);
    }

    private async Task<CallToolResult> Result(string tool, (string Name, object Value)[] arguments) => await client.CallToolAsync(tool, arguments.ToDictionary(argument => argument.Name, argument => (object?)argument.Value));

    private static string Text(CallToolResult result) => string.Concat(result.Content.OfType<TextContentBlock>().Select(block => block.Text));
}
