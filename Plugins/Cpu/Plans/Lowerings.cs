using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Plans;

/// <summary>Registers a lowering for ops.</summary>
/// <param name="ops">Op types.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LoweringAttribute(params string[] ops) : Attribute
{
    public string[] Ops => ops;
}

/// <summary>Registers a lowering that is asked before those of <see cref="LoweringAttribute"/>: it lowers a node together with what surrounds it.</summary>
/// <param name="ops">Op types.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class FusionAttribute(params string[] ops) : Attribute
{
    public string[] Ops => ops;
}

/// <summary>The lowerings of an op in the order in which they are asked.</summary>
internal static class Lowerings
{
    private static readonly Dictionary<string, List<Lazy<ILowering>>> ByOp = Collect();

    /// <summary>Op types that have a lowering.</summary>
    public static IEnumerable<string> Ops => ByOp.Keys;

    /// <summary>The lowerings of an op.</summary>
    public static IEnumerable<ILowering> Find(string op) => ByOp.TryGetValue(op, out var lowerings) ? lowerings.Select(lowering => lowering.Value) : [];

    private static Dictionary<string, List<Lazy<ILowering>>> Collect()
    {
        var byOp = new Dictionary<string, List<Lazy<ILowering>>>(StringComparer.Ordinal);
        foreach (AttributedType type in (AttributedType[])[.. AttributedType.Find(nameof(FusionAttribute)), .. AttributedType.Find(nameof(LoweringAttribute))])
        {
            if (!byOp.TryGetValue(type.Name, out var lowerings))
                byOp.Add(type.Name, lowerings = []);
            lowerings.Add(new(type.Create<ILowering>));
        }
        return byOp;
    }
}
