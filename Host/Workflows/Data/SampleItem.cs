using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>A sample that is not made into tensors yet.</summary>
/// <param name="Name">Where it is, for messages.</param>
/// <param name="Read">Gives its values by node name; called on any thread. It throws <see cref="FeedException"/> for a broken sample.</param>
internal sealed record SampleItem(string Name, Func<IReadOnlyDictionary<string, Tensor>> Read)
{
    /// <summary>In place of a sample that was not asked for.</summary>
    public static SampleItem Unwanted { get; } = new("", () => throw new InvalidOperationException("the sample was not read"));

    /// <summary>The class of a labelled image; throws <see cref="FeedException"/> where it has none.</summary>
    public Func<int>? Label { get; init; }

    /// <summary>A sample that is known to be broken.</summary>
    public static SampleItem Broken(string name, FeedException error) => new(name, () => throw error) { Label = () => throw error };
}
