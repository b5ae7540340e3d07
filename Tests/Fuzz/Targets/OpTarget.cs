using TransformFramework.Cpu;
using TransformFramework.Cpu.Oracle;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Single ops on unusual inputs and attributes: real ones that are changed, and ones made up from the op's definition. Plans and reference kernels must agree.</summary>
internal sealed class OpTarget : GraphTarget
{
    private const string Value = "_fed";
    private const double MostDifference = 0.02;
    private const int MostOutputs = 16;

    /// <summary>The values of these are anything, by definition.</summary>
    private static readonly string[] Undefined = ["Empty", "TruncatedNormal", "Multinomial", "ParameterizedTruncatedNormal"];

    private static readonly CpuBackend Backend = new();

    private readonly Lazy<string[]> ops = new(() => [.. OpTable.Names.Where(Backend.Supports).Order(StringComparer.Ordinal)]);
    private readonly Lazy<IReadOnlyList<Seed>> seeds;

    private bool computes;

    public OpTarget() => seeds = new(() => [.. KernelOracle.Groups.SelectMany(KernelOracle.Records).Select(AsSeed).OfType<Seed>(), .. ops.Value.Select(op => new Seed(op, [("op", [])]))]);

    public override string Name => "op";

    /// <summary>An op may make what its arguments ask for.</summary>
    public override long MemoryFloor => 3L << 30;

    public override IReadOnlyList<Seed> Seeds => seeds.Value;

    public override Seed Mutate(Seed seed, Random random)
    {
        byte[] bytes = seed.Files[0].Bytes;
        Graph graph = bytes.Length == 0 || random.Next(8) == 0 ? OpMutation.MakeUp(OpTable.Find(bytes.Length == 0 ? seed.Name : ops.Value[random.Next(ops.Value.Length)])!, random) : OpMutation.Change(GraphDefReader.Read(bytes), random);
        using var written = new MemoryStream();
        GraphDefWriter.Write(graph, written);
        return seed.With(0, written.ToArray());
    }

    /// <summary>Counts as read what computes.</summary>
    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        computes = false;
        return base.Read(seed, cancellation) is var outcome && outcome == FuzzOutcome.Read && !computes ? FuzzOutcome.Recognized : outcome;
    }

    protected override void Use(Graph graph, CancellationToken cancellation)
    {
        if (ImportProblems.Of(graph).Any())
            return;
        var feeds = graph.Nodes.Where(node => node.TensorAttribute(Value) is { IsDecodable: true }).ToDictionary(node => node.Name, node => node.TensorAttribute(Value)!, StringComparer.Ordinal);
        Node op = graph.Nodes[^1];
        string[] fetched = Outputs(op);
        if (fetched.Length == 0)
            return;
        var planned = Run(graph, fetched, feeds, usesReference: false, cancellation);
        computes = planned.Error is null;
        var reference = Run(graph, fetched, feeds, usesReference: true, cancellation);
        if (cancellation.IsCancellationRequested || Undefined.Contains(op.Op) || op.Op.StartsWith("Random", StringComparison.Ordinal) || op.Op.StartsWith("Stateless", StringComparison.Ordinal))
            return;
        if ((planned.Error is null) != (reference.Error is null))
            throw new InvalidOperationException($"{op.Op}: the plan says {planned.Error ?? "nothing"}, the reference kernel {reference.Error ?? "nothing"}");
        for (int i = 0; planned.Error is null && i < fetched.Length; i++)
        {
            if (Differ(reference.Results[i], planned.Results[i]))
                throw new InvalidOperationException($"{op.Op}: output {i} of the plan differs");
        }
    }

    /// <summary>The outputs of a node; none where their number makes no sense.</summary>
    private static string[] Outputs(Node op)
    {
        try
        {
            return [.. OpTypes.OutputTypes(op, OpTable.Find(op.Op)!).Take(MostOutputs).Select((_, port) => $"{op.Name}:{port}")];
        }
        catch (TransformException)
        {
            return [];
        }
    }

    private (Tensor[] Results, string? Error) Run(Graph graph, string[] outputs, Dictionary<string, Tensor> feeds, bool usesReference, CancellationToken cancellation)
    {
        try
        {
            return ([.. Backend.Compile(graph, outputs, new CompileOptions { Feeds = [.. feeds.Keys], MaxLoopIterations = 100, UseReferenceKernels = usesReference }).Run(feeds, cancellation)], null);
        }
        catch (Exception refusal) when (refusal is ExecutionException or OutOfMemoryException || (refusal is OperationCanceledException && cancellation.IsCancellationRequested))
        {
            return ([], refusal.Message);
        }
    }

    private static bool Differ(Tensor expected, Tensor found)
    {
        if (expected.Type != found.Type || !expected.Shape.Equals(found.Shape))
            return true;
        if (expected.ContentEquals(found) || expected.Type is DataType.Resource or DataType.Variant or DataType.Complex64 or DataType.Complex128)
            return false;
        return TensorComparison.Of(expected, found) is not { } distance || (distance.MaxRelative > MostDifference && double.IsFinite(distance.MaxRelative));
    }

    /// <summary>The graph of a record with the values of its inputs within; null when it has none that can be fed.</summary>
    private static Seed? AsSeed(OracleRecord record)
    {
        var (graph, _, feeds) = record.Build();
        if (feeds.Values.Sum(value => value.StoredBytes.Length) > 1 << 14)
            return null;
        using var written = new MemoryStream();
        GraphDefWriter.Write(graph.WithNodes([.. graph.Nodes.Select(node => feeds.TryGetValue(node.Name, out var value) ? node.With(Value, value) : node)]), written);
        return new(record.Id.Replace('/', '-'), [("op", written.ToArray())]);
    }
}
