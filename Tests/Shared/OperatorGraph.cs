using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;

namespace TransformFramework;

/// <summary>
/// A small graph of <c>operators.txt</c>: an op or two with one set of attributes, computing <c>y</c> of its placeholders. Const nodes with a shape instead of a value get random contents. The
/// headline <c># name onnx:17 tflite:no</c> says what its writers refuse: <c>onnx:N</c> the opset below which, <c>no</c> always.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Graph">The graph.</param>
/// <param name="LeastOpset">The least of the opsets 13, 17 and 25 in which ONNX has it; null when it has not.</param>
/// <param name="HasTfLite">True when TensorFlow Lite has it.</param>
internal sealed record OperatorGraph(string Name, Graph Graph, int? LeastOpset, bool HasTfLite)
{
    /// <summary>Part of the largest element by which floats may differ: sums are taken in another order, and functions are approximated.</summary>
    private const double Tolerance = 2e-5;

    private const int Seed = 7;

    /// <summary>Every graph of the file.</summary>
    public static IEnumerable<OperatorGraph> All => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "operators.txt")).Split("# ", StringSplitOptions.RemoveEmptyEntries).Select(Parse);

    public string[] Inputs => [.. Graph.Nodes.Where(node => node.Op == "Placeholder").Select(node => node.Name)];

    /// <summary>Random values for the placeholders; free dimensions have 3 elements and more.</summary>
    public Dictionary<string, Tensor> Feeds()
    {
        var random = new Random(Seed);
        return Inputs.ToDictionary(input => input, input => Contents(Graph.Find(input)!, random), StringComparer.Ordinal);
    }

    /// <summary>What the reference kernels compute.</summary>
    public Tensor Expected(IReadOnlyDictionary<string, Tensor> feeds) => new CpuBackend().Compile(Graph, ["y"], new CompileOptions { UseReferenceKernels = true, Feeds = [.. Inputs] }).Run(feeds)[0];

    /// <summary>How a result differs from the expected one, or null.</summary>
    public static string? Difference(Tensor expected, Tensor actual)
    {
        if (!expected.Shape.Dimensions.SequenceEqual(actual.Shape.Dimensions))
            return $"shape {actual.Shape} for {expected.Shape}";
        if (expected.Type != actual.Type)
            return $"type {actual.Type.Name()} for {expected.Type.Name()}";
        double[] wanted = Numbers(expected);
        double[] found = Numbers(actual);
        double limit = expected.Type == DataType.Float ? Tolerance * wanted.Where(double.IsFinite).Select(Math.Abs).Append(1e-3).Max() : 0;
        int at = Array.FindIndex([.. wanted.Zip(found, (a, b) => a.Equals(b) || Math.Abs(a - b) <= limit)], isSame => !isSame);
        return at < 0 ? null : FormattableString.Invariant($"element {at} is {found[at]} for {wanted[at]}");
    }

    private static OperatorGraph Parse(string text)
    {
        string[] parts = text.Split('\n', 2);
        string[] head = parts[0].Split(' ');
        var random = new Random(Seed);
        Graph graph = GraphText.Parse(parts[1]).Select(node => node.Op == "Const" && node.TensorAttribute("value") is null ? node.With("value", Contents(node, random)) : node);
        string opset = head.FirstOrDefault(flag => flag.StartsWith("onnx:", StringComparison.Ordinal))?[5..] ?? "13";
        return new(head[0], graph, opset == "no" ? null : int.Parse(opset, System.Globalization.CultureInfo.InvariantCulture), !head.Contains("tflite:no"));
    }

    private static double[] Numbers(Tensor tensor) => tensor.Type switch
    {
        DataType.Int64 => [.. tensor.AsSpan<long>().ToArray().Select(value => (double)value)],
        DataType.Bool => [.. tensor.Bytes.ToArray().Select(value => (double)value)],
        _ => [.. tensor.ToSingles().Select(value => (double)value)],
    };

    private static Tensor Contents(Node node, Random random)
    {
        const int free = 3;
        TensorShape shape = TensorShape.Of([.. ((ShapeValue)node.Attributes["shape"]).Value.Dimensions.Select((size, axis) => size < 0 ? free + axis : size)]);
        IEnumerable<int> elements = Enumerable.Range(0, (int)shape.ElementCount);
        DataType type = node.TypeAttribute("dtype")!.Value;
        return type switch
        {
            DataType.Float => Tensor.Create<float>(type, shape, [.. elements.Select(_ => (random.NextSingle() * 5) - 2.5f)]),
            DataType.Int32 => Tensor.Create<int>(type, shape, [.. elements.Select(_ => random.Next(-9, 10))]),
            DataType.Int64 => Tensor.Create<long>(type, shape, [.. elements.Select(_ => (long)random.Next(-9, 10))]),
            DataType.QInt8 => Tensor.Create<sbyte>(type, shape, [.. elements.Select(_ => (sbyte)random.Next(-127, 128))]),
            _ => Tensor.Create<bool>(type, shape, [.. elements.Select(_ => random.Next(2) == 1)]),
        };
    }
}
