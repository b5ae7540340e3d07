using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Oracle;

/// <summary>One case of the kernel oracle: a node (or a small graph), its inputs, and what the real kernels answered.</summary>
internal sealed class OracleRecord
{
    private readonly JsonElement json;

    public OracleRecord(JsonElement json, IReadOnlyDictionary<string, Tensor> arrays)
    {
        this.json = json;
        Id = json.GetProperty("id").GetString()!;
        Op = json.GetProperty("op").GetString()!;
        Inputs = Tensors("inputs", arrays);
        Outputs = Tensors("outputs", arrays);
        Tolerance = json.TryGetProperty("tol", out var tolerance) ? Tolerance.Parse(tolerance) : Tolerance.None;
        if (json.TryGetProperty("error", out var error))
            ErrorCode = error.GetProperty("code").GetString();
    }

    public string Id { get; }

    public string Op { get; }

    public ImmutableArray<OracleTensor> Inputs { get; }

    public ImmutableArray<OracleTensor> Outputs { get; }

    public Tolerance Tolerance { get; }

    /// <summary>The status code with which the node was refused, or null.</summary>
    public string? ErrorCode { get; }

    /// <summary>The graph to run, what to fetch from it and what to feed.</summary>
    public (Graph Graph, ImmutableArray<string> Fetches, Dictionary<string, Tensor> Feeds) Build()
    {
        if (!json.TryGetProperty("graph", out var packed))
            return BuildNode();
        using var inflated = new ZLibStream(new MemoryStream(packed.GetBytesFromBase64()), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        inflated.CopyTo(bytes);
        string[] fetches = [.. json.GetProperty("fetch").EnumerateArray().Select(fetch => fetch.GetString()!)];
        return (GraphDefReader.Read(bytes.ToArray()), [.. fetches], Inputs.ToDictionary(input => "in_" + input.Name, input => input.Value));
    }

    private (Graph Graph, ImmutableArray<string> Fetches, Dictionary<string, Tensor> Feeds) BuildNode()
    {
        string[] constants = json.TryGetProperty("const", out var names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
        var nodes = new List<Node>();
        var feeds = new Dictionary<string, Tensor>();
        foreach (OracleTensor input in Inputs)
        {
            string name = "in_" + input.Name;
            if (constants.Contains(input.Name))
            {
                nodes.Add(new Node(name, "Const") { Attributes = AttributeMap.Of(("dtype", input.Value.Type), ("value", input.Value)) });
                continue;
            }
            nodes.Add(new Node(name, "Placeholder") { Attributes = AttributeMap.Of(("dtype", input.Value.Type)) });
            feeds.Add(name, input.Value);
        }
        var attributes = json.GetProperty("attrs").EnumerateObject().Select(attribute => (attribute.Name, Attribute(attribute.Name, attribute.Value)));
        nodes.Add(new Node("op", Op, [.. Inputs.Select(input => new NodeInput("in_" + input.Name))], AttributeMap.Of(attributes)));
        int outputs = Math.Max(1, Outputs.Length);
        return (new Graph([.. nodes]), [.. Enumerable.Range(0, outputs).Select(port => $"op:{port}")], feeds);
    }

    private AttributeValue Attribute(string name, JsonElement value)
    {
        string kind = OpTable.Find(Op)?.Attribute(name)?.Kind ?? "";
        if (value.ValueKind == JsonValueKind.Array)
            return new ListValue([.. value.EnumerateArray().Select(item => Single(kind.Replace("list(", "", StringComparison.Ordinal).TrimEnd(')'), item))]);
        return Single(kind, value);
    }

    private static AttributeValue Single(string kind, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Number when kind == "float" => value.GetSingle(),
        JsonValueKind.Number when kind == "int" || value.TryGetInt64(out _) => value.GetInt64(),
        JsonValueKind.Number => value.GetSingle(),
        JsonValueKind.String when kind == "float" => float.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        _ => kind == "type" ? OracleTensor.TypeOf(value.GetString()!) : value.GetString()!,
    };

    private ImmutableArray<OracleTensor> Tensors(string property, IReadOnlyDictionary<string, Tensor> arrays) =>
        json.TryGetProperty(property, out var list) ? [.. list.EnumerateArray().Select(item => OracleTensor.Parse(item, arrays))] : [];
}
