using System.Text.Json;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests.Downgrade;

/// <summary>Graphs of TensorFlow 2.12 and 2.21 with what they compute there: written for the target, they must compute it still.</summary>
public sealed class DowngradeOracleTests
{
    /// <summary>Of products whose sums may be in another order, and of kernels that round otherwise than TensorFlow's.</summary>
    private const double LeastTolerance = 1e-5;

    public static TheoryData<string> Cases => [.. DowngradeOracle.Cases.Keys];

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void The_target_takes_the_graph_and_it_computes_the_same(string name)
    {
        JsonElement line = DowngradeOracle.Cases[name];
        string target = line.GetProperty("target").GetString()!;
        string[] outputs = [.. line.GetProperty("outputs").EnumerateArray().Select(output => output.GetString()!)];
        Graph before = GraphDefReader.Read(DowngradeOracle.Read($"{name}.before.pb"));
        var context = new BackendContext { OutputNames = [.. outputs] };

        Graph after = new Structure.Downgrade.Downgrade().Apply(before, new Structure.Downgrade.Downgrade.Options { Target = target }, context);

        TensorFlowRelease release = TensorFlowRelease.Find(target)!;
        Assert.Empty(ReleaseVerifier.Verify(after, release));
        Assert.Equal(release.Producer, after.Versions!.Producer);
        Assert.True(after.Functions.IsEmpty || target != "tf1.4");
        var backend = new CpuBackend();
        string? missing = after.Nodes.Select(node => node.Op).FirstOrDefault(op => !backend.Supports(op));
        Skip.If(missing is not null, $"{name}: the graph has the target's form; the CPU backend has no kernel for {missing} to run it");
        using var arrays = new MemoryStream(DowngradeOracle.Read($"{name}.feeds.npz"));
        var stored = NpzFile.Read(arrays);
        var feeds = stored.Where(entry => entry.Key.StartsWith("feed:", StringComparison.Ordinal)).ToDictionary(entry => entry.Key["feed:".Length..], entry => entry.Value, StringComparer.Ordinal);
        var results = backend.Compile(after, outputs, CompileOptions.Default).Run(feeds);
        double tolerance = Math.Max(LeastTolerance, line.GetProperty("tolerance").GetDouble());
        for (int i = 0; i < outputs.Length; i++)
            Check(stored[$"before:{outputs[i]}"], results[i], tolerance, outputs[i]);
    }

    private static void Check(Tensor expected, Tensor actual, double tolerance, string output)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.Type, actual.Type);
        double[]? left = Reals(expected);
        double[]? right = Reals(actual);
        if (left is null || right is null)
        {
            Assert.True(expected.Bytes.Span.SequenceEqual(actual.Bytes.Span), $"'{output}' differs");
            return;
        }
        for (int i = 0; i < left.Length; i++)
            Assert.True(left[i].Equals(right[i]) || Math.Abs(left[i] - right[i]) <= tolerance * Math.Max(1, Math.Abs(left[i])), $"'{output}' [{i}] is {right[i]}, not {left[i]}");
    }

    private static double[]? Reals(Tensor tensor) => tensor.Type switch
    {
        DataType.Float => [.. tensor.AsSpan<float>().ToArray().Select(value => (double)value)],
        DataType.Double => tensor.AsSpan<double>().ToArray(),
        DataType.Half => [.. tensor.AsSpan<Half>().ToArray().Select(value => (double)value)],
        _ => null,
    };

    private sealed class BackendContext : TransformContext
    {
        public override IBackend? Backend { get; } = new CpuBackend();
    }
}
