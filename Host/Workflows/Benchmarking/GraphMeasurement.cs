namespace TransformFramework.Workflows.Benchmarking;

/// <summary>What was measured of one graph.</summary>
/// <param name="File">The graph's file or folder, or the common prefix of its files.</param>
/// <param name="FileBytes">Size of its files.</param>
/// <param name="Graph">The graph with its recorded steps.</param>
public sealed record GraphMeasurement(string File, long FileBytes, BenchmarkedGraph Graph)
{
    public string Name => Path.GetFileName(File);

    public required double CompileMilliseconds { get; init; }

    /// <summary>Runs before the timed ones.</summary>
    public required RunTimes Warmup { get; init; }

    public required RunTimes Times { get; init; }

    /// <summary>Runs whose steps were recorded.</summary>
    public required RunTimes Recorded { get; init; }

    /// <summary>Managed memory that a run allocates.</summary>
    public required long AllocatedBytes { get; init; }

    /// <summary>Operations of the products of a run.</summary>
    public required long Flops { get; init; }

    /// <summary>Operations of products per second, in billions, by the median run.</summary>
    public double GigaflopsPerSecond => Flops / Times.Median / 1e6;

    /// <summary>Milliseconds of a run's steps by what they compute with.</summary>
    public IReadOnlyDictionary<TimeKind, double> ByKind()
    {
        var kinds = new TimeKinds(Graph.Graph);
        return Graph.Steps.Nodes.GroupBy(total => kinds.Of(total.Node)).ToDictionary(group => group.Key, group => group.Sum(total => total.Milliseconds.Total) / Graph.Steps.Runs);
    }

    /// <summary>The op types of a run, the slowest first.</summary>
    public IReadOnlyList<TypeTotal> ByType() =>
    [
        .. Graph.Steps.Nodes.GroupBy(total => total.Node.Op, StringComparer.Ordinal)
            .Select(group => new TypeTotal(group.Key, group.Count(), group.Sum(total => total.Calls) / Graph.Steps.Runs, group.Sum(total => total.Milliseconds.Total) / Graph.Steps.Runs, group.Sum(total => (double)total.Bytes) / Graph.Steps.Runs))
            .OrderByDescending(type => type.Milliseconds)
            .ThenBy(type => type.Op, StringComparer.Ordinal),
    ];
}

/// <summary>What the nodes of one op took in a run, on average.</summary>
/// <param name="Op">The op.</param>
/// <param name="Nodes">Nodes of it that ran.</param>
/// <param name="Calls">Steps of them.</param>
/// <param name="Milliseconds">Time of the steps.</param>
/// <param name="Bytes">Bytes that they computed.</param>
public sealed record TypeTotal(string Op, int Nodes, int Calls, double Milliseconds, double Bytes);
