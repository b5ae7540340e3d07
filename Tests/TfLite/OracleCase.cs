using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.TfLite;

/// <summary>A model with feeds and what interpreters compute of them.</summary>
internal sealed record OracleCase(string Name, string Folder)
{
    private string Base => Path.Combine(Folder, Name);

    public string Model => Base + ".tflite";

    /// <summary>The cases that an interpreter ran.</summary>
    public static IEnumerable<(string Name, bool HasOutputs)> Index(string folder) => File.ReadLines(Path.Combine(folder, "index.jsonl")).Select(line =>
    {
        using JsonDocument json = JsonDocument.Parse(line);
        JsonElement by = json.RootElement.TryGetProperty("outputs_by", out JsonElement value) ? value : default;
        return (json.RootElement.GetProperty("case").GetString()!, by.ValueKind == JsonValueKind.String);
    });

    /// <summary>Runs a model on the case's feeds; what differs, or null when all is equal.</summary>
    public string? Compare(ModelContent content, bool allFeeds = false)
    {
        var feeds = NpzFile.Read(Base + ".feeds.npz");
        var wants = NpzFile.Read(Base + ".outputs.npz");
        var others = new[] { ".outputs.reference.npz", ".outputs.default.npz" }.Select(end => Base + end).Where(File.Exists).Select(NpzFile.Read).ToArray();
        int count = allFeeds ? 3 : 1;
        for (int feed = 0; feed < count; feed++)
        {
            if (CompareFeed(content, feeds, wants, others, feed) is { } difference)
                return $"feed {feed}: {difference}";
        }
        return null;
    }

    /// <summary>True when an interpreter in Node does not run the original file.</summary>
    public bool NodeFails(string runtime)
    {
        using JsonDocument about = JsonDocument.Parse(File.ReadAllText(Base + ".json"));
        return !about.RootElement.TryGetProperty("node", out JsonElement node) || !node.TryGetProperty(runtime, out JsonElement result) || result.ValueKind == JsonValueKind.String;
    }

    /// <summary>The feeds of all runs by input, or null when their shapes differ.</summary>
    public Tensor[]? StackedFeeds()
    {
        using JsonDocument about = JsonDocument.Parse(File.ReadAllText(Base + ".json"));
        var feeds = NpzFile.Read(Base + ".feeds.npz");
        Tensor?[] found = [.. Names(about, "inputs").Select(feeds.GetValueOrDefault)];
        return found.Any(feed => feed is null) ? null : [.. found!];
    }

    /// <summary>The outputs of all runs by output; null where their shapes differ.</summary>
    public Tensor?[] StackedOutputs()
    {
        using JsonDocument about = JsonDocument.Parse(File.ReadAllText(Base + ".json"));
        var outputs = NpzFile.Read(Base + ".outputs.npz");
        return [.. Names(about, "outputs").Select(outputs.GetValueOrDefault)];
    }

    private string? CompareFeed(ModelContent content, Dictionary<string, Tensor> feeds, Dictionary<string, Tensor> wants, Dictionary<string, Tensor>[] others, int feed)
    {
        ModelSignature signature = content.Signature!;
        using JsonDocument about = JsonDocument.Parse(File.ReadAllText(Base + ".json"));
        string[] inputs = Names(about, "inputs");
        string[] outputs = Names(about, "outputs");
        bool isPositional = !about.RootElement.TryGetProperty("signatures", out _);
        var given = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        if (isPositional)
        {
            foreach (var (input, tensor) in inputs.Zip(signature.Inputs))
                given[tensor.Tensor] = Pick(feeds, input, feed)!;
        }
        else foreach (string input in inputs.Where(input => !content.Graph.TryFind(TensorOf(input), out Node? node) || node.Op == "Placeholder"))
            given[TensorOf(input)] = Pick(feeds, input, feed) ?? throw new InvalidOperationException($"no feed for {input}");
        string[] tensors = isPositional ? [.. signature.Outputs.Select(output => output.Tensor)] : [.. outputs.Select(output => OutputOf(content.Graph, output))];
        var executable = new Cpu.CpuBackend().Compile(content.Graph, [.. tensors.Distinct()], new Execution.CompileOptions { Threads = 1 });
        var results = executable.Outputs.Zip(executable.Run(given)).ToDictionary(entry => entry.First, entry => entry.Second, StringComparer.Ordinal);
        for (int i = 0; i < outputs.Length; i++)
        {
            Tensor got = results[tensors[i]];
            if (Pick(wants, outputs[i], feed) is not { } want)
                continue;
            string[] differences = [.. others.Select(other => Pick(other, outputs[i], feed)).OfType<Tensor>().Prepend(want).Select(expected => Difference(expected, got) ?? "")];
            if (differences.All(difference => difference.Length > 0))
                return $"{outputs[i]}: {differences[0]}";
        }
        return null;
    }

    private static string[] Names(JsonDocument about, string list) => [.. about.RootElement.GetProperty(list).EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];

    private static string TensorOf(string input)
    {
        var (node, port) = Reading.TensorNames.Split(input, 0);
        return port == 0 ? node : $"{node}_{port}";
    }

    private static string OutputOf(Graph graph, string output)
    {
        var (name, port) = Reading.TensorNames.Split(output, 0);
        return port > 0 && graph.Find(name) is { Op: "IdentityN" } ? $"{name}:{port}" : graph.Find(name) is null && graph.Find($"{name}_{port}") is not null ? $"{name}_{port}" : name;
    }

    private static Tensor? Pick(Dictionary<string, Tensor> arrays, string name, int feed)
    {
        if (arrays.TryGetValue($"{name}@{feed}", out Tensor? whole))
            return whole;
        if (!arrays.TryGetValue(name, out Tensor? stacked))
            return null;
        long[] shape = [.. stacked.Shape.Dimensions.Skip(1)];
        int size = stacked.Bytes.Length / (int)stacked.Shape[0];
        return Tensor.FromContent(stacked.Type, TensorShape.Of(shape), stacked.Bytes.Slice(feed * size, size));
    }

    /// <summary>How a tensor differs from what is wanted, or null.</summary>
    public string? Difference(Tensor want, Tensor got)
    {
        if (!want.Shape.Dimensions.SequenceEqual(got.Shape.Dimensions) || want.Type != got.Type)
            return $"{got}, wants {want}";
        if (want.Type is not (DataType.Float or DataType.Double))
        {
            float[] quantized = want.ToSingles();
            float[] own = got.ToSingles();
            float[] gaps = [.. quantized.Zip(own, (a, b) => Math.Abs(a - b))];
            bool isClose = gaps.Length == 0 || gaps.Max() <= 1 || (IsNet && gaps.Count(gap => gap <= 2) > 0.99 * gaps.Length);
            return isClose ? null : $"quantized values differ by {gaps.Max()} ({gaps.Count(gap => gap > 1)} of {gaps.Length} by more than 1)";
        }
        float[] expected = want.ToSingles();
        float[] actual = got.ToSingles();
        double largest = Math.Max(1e-6, expected.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max());
        double difference = expected.Zip(actual, (a, b) => float.IsNaN(a) && float.IsNaN(b) || a == b ? 0 : double.IsNaN(a - b) ? double.PositiveInfinity : Math.Abs((double)a - b)).DefaultIfEmpty(0).Max();
        return difference <= Tolerance * largest ? null : $"differs by {difference:g3} of {largest:g3}";
    }

    private bool IsNet => Name.StartsWith("examples/", StringComparison.Ordinal) || Name.StartsWith("public/", StringComparison.Ordinal) || Name.EndsWith("_block", StringComparison.Ordinal) || Name.EndsWith("_net", StringComparison.Ordinal);

    private double Tolerance => Name.Contains("dynamic", StringComparison.Ordinal) || Name.Contains("float16", StringComparison.Ordinal) || Name.StartsWith("public/", StringComparison.Ordinal) ? 1e-4 : 1e-5;
}
