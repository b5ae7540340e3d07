using TransformFramework.Cpu.Oracle;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using Xunit.Abstractions;

namespace TransformFramework.Cpu;

/// <summary>Runs the op-level graphs beside the repository, and compares with what TensorFlow computed.</summary>
public sealed class StoredGraphTests(ITestOutputHelper output)
{
    private const double Relative = 1e-3;
    private const double Absolute = 1e-4;

    /// <summary>Part of the largest element by which any element may differ: sums over large elements cancel.</summary>
    private const double OfLargest = 1e-6;

    /// <summary>Graphs whose results are random, or whose stored values are not those of the graph as frozen; with the reason.</summary>
    private static readonly Dictionary<string, string> Exceptions = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Oracle", "stored-graphs.tsv"))
        .Select(line => line.Split('\t'))
        .ToDictionary(columns => columns[0], columns => columns[1], StringComparer.Ordinal);

    [SkippableFact]
    public void EveryGraphComputesWhatItComputedInTensorFlow()
    {
        string? archive = SharedFiles.Find("oracle-graphs/graphs.tar.xz");
        Skip.If(archive is null, "../shared/oracle-graphs is not there");
        string? folder = StoredGraph.Unpack(archive!);
        Skip.If(folder is null, "the archive cannot be unpacked here (tar with xz is needed)");
        try
        {
            Check(folder!);
        }
        finally
        {
            Directory.Delete(folder!, recursive: true);
        }
    }

    private void Check(string root)
    {
        var failed = new List<string>();
        var unsupported = new List<string>();
        int passed = 0;
        foreach (string file in Directory.EnumerateFiles(root, "frozen_model.pb", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string folder = Path.GetDirectoryName(file)!;
            var stored = new StoredGraph(folder, Path.GetRelativePath(root, folder).Replace('\\', '/'));
            try
            {
                if (Difference(stored) is not { } difference)
                    passed++;
                else if (!IsException(stored.Name))
                    failed.Add($"{stored.Name}: {difference}");
            }
            catch (ExecutionException error) when (error.Kind == StatusKind.Unimplemented)
            {
                unsupported.Add($"{stored.Name}: {error.Message}");
            }
            catch (ExecutionException error)
            {
                if (!IsException(stored.Name))
                    failed.Add($"{stored.Name}: {error.Message}");
            }
        }
        output.WriteLine($"{passed} passed, {failed.Count} failed, {unsupported.Count} unsupported");
        foreach (string line in failed.Concat(unsupported))
            output.WriteLine(line);
        Assert.True(failed.Count == 0, $"{failed.Count} graphs differ ({passed} agree):\n{string.Join('\n', failed.Take(200))}");
        Assert.True(unsupported.Count == 0, $"{unsupported.Count} graphs have ops without a kernel:\n{string.Join('\n', unsupported)}");
    }

    private static bool IsException(string name) => Exceptions.Keys.Any(prefix => name == prefix || name.StartsWith(prefix + "/", StringComparison.Ordinal));

    private static string? Difference(StoredGraph stored)
    {
        var feeds = stored.Feeds();
        var results = stored.Results();
        string[] outputs = [.. results.Keys];
        var actual = new CpuBackend().Compile(stored.Graph, outputs, new CompileOptions { Feeds = [.. feeds.Keys] }).Run(feeds);
        for (int i = 0; i < outputs.Length; i++)
        {
            if (Difference(actual[i], results[outputs[i]].Shape, results[outputs[i]].Values) is { } difference)
                return $"{outputs[i]}: {difference}";
        }
        return null;
    }

    private static string? Difference(Tensor actual, TensorShape shape, string[] values)
    {
        if (actual.ElementCount != values.Length)
            return $"{actual.Shape} for {shape} ({values.Length} values)";
        if (actual.Type == DataType.String)
            return actual.Strings.Select(text => System.Text.Encoding.UTF8.GetString(text.Span)).SequenceEqual(values) ? null : "other strings";
        float[] found = actual.ToSingles();
        double largest = values.Select(StoredGraph.Number).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        for (int i = 0; i < values.Length; i++)
        {
            double expected = StoredGraph.Number(values[i]);
            bool agrees = found[i].Equals((float)expected) || Math.Abs(found[i] - expected) <= Absolute + (OfLargest * largest) + (Relative * Math.Abs(expected)) || (double.IsNaN(expected) && float.IsNaN(found[i]));
            if (!agrees)
                return $"element {i} is {found[i]} for {values[i]}";
        }
        return null;
    }
}
