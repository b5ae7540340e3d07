using System.Collections.Immutable;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>A release of TensorFlow whose ops are known: 0.12 to 2.21, ordered by the producer number of its graphs (2.0 comes before 1.15).</summary>
public sealed record TensorFlowRelease : IComparable<TensorFlowRelease>
{
    private TensorFlowRelease(int order, string version, int producer)
    {
        Order = order;
        Version = version;
        Producer = producer;
    }

    /// <summary>All releases, oldest first.</summary>
    public static ImmutableArray<TensorFlowRelease> All { get; } = Make(
        ("0.12", 17), ("1.0", 21), ("1.1", 21), ("1.2", 22), ("1.3", 24), ("1.4", 24), ("1.5", 24), ("1.6", 26), ("1.7", 26), ("1.8", 26), ("1.9", 26), ("1.10", 26), ("1.11", 27),
        ("1.12", 27), ("1.13", 27), ("1.14", 38), ("2.0", 119), ("1.15", 134), ("2.1", 175), ("2.2", 175), ("2.3", 440), ("2.4", 561), ("2.5", 716), ("2.6", 808), ("2.7", 898),
        ("2.8", 987), ("2.9", 1087), ("2.10", 1205), ("2.11", 1286), ("2.12", 1395), ("2.13", 1482), ("2.14", 1575), ("2.15", 1645), ("2.16", 1766), ("2.17", 1882), ("2.18", 1994),
        ("2.19", 2129), ("2.20", 2288), ("2.21", 2474));

    /// <summary>The newest release that is known.</summary>
    public static TensorFlowRelease Newest => All[^1];

    /// <summary>Place in the order of producers.</summary>
    public int Order { get; }

    /// <summary>Such as <c>1.15</c>.</summary>
    public string Version { get; }

    /// <summary>The number that its graphs carry as <c>versions.producer</c>; several releases share one.</summary>
    public int Producer { get; }

    /// <summary>True when it refuses an attribute that its op does not have; newer releases ignore it without a word, whatever its value.</summary>
    public bool RefusesUnknownAttributes => Producer <= 561;

    /// <summary>The release of a version, which may be spelt <c>tf1.15</c>, <c>1.15</c> or <c>1.15.5</c>; null when it is not known.</summary>
    public static TensorFlowRelease? Find(string version)
    {
        string digits = version.StartsWith("tf", StringComparison.OrdinalIgnoreCase) ? version[2..] : version;
        string[] parts = digits.Split('.');
        return parts.Length < 2 ? null : All.FirstOrDefault(release => release.Version == $"{parts[0]}.{parts[1]}");
    }

    /// <summary>The oldest release that writes a producer number; null when none of the known ones does.</summary>
    public static TensorFlowRelease? OfProducer(int producer) => All.FirstOrDefault(release => release.Producer == producer);

    public int CompareTo(TensorFlowRelease? other) => other is null ? 1 : Order.CompareTo(other.Order);

    public static bool operator <(TensorFlowRelease left, TensorFlowRelease right) => left.Order < right.Order;

    public static bool operator >(TensorFlowRelease left, TensorFlowRelease right) => left.Order > right.Order;

    public static bool operator <=(TensorFlowRelease left, TensorFlowRelease right) => left.Order <= right.Order;

    public static bool operator >=(TensorFlowRelease left, TensorFlowRelease right) => left.Order >= right.Order;

    /// <summary>Such as <c>TensorFlow 1.15</c>.</summary>
    public override string ToString() => $"TensorFlow {Version}";

    private static ImmutableArray<TensorFlowRelease> Make(params (string Version, int Producer)[] releases) =>
        [.. releases.Select((release, order) => new TensorFlowRelease(order, release.Version, release.Producer))];
}
