using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade;

/// <summary>
/// Computes an op in a wider type where the target does not have its type: half and bfloat16 in float, integers of 8 and 16 bits in int32, indices of 64 bits in 32 bits.
/// <code>
/// y = Op(x) {T=bfloat16}     →     y = Cast(Op(Cast(x)) {T=float})
/// </code>
/// </summary>
internal static class CastAround
{
    public static Decline? Rewrite(DowngradeSite site, IEnumerable<ReleaseProblem> problems)
    {
        if (OpHistory.Find(site.Node.Op)?.At(site.Target) is not { } definition)
            return site.Decline($"op '{site.Node.Op}' has no equivalent");
        Node wide = site.Node;
        var widened = new Dictionary<string, DataType>(StringComparer.Ordinal);
        foreach (ReleaseProblem problem in problems)
        {
            string attribute = problem.Entry[(problem.Entry.IndexOf('.', StringComparison.Ordinal) + 1)..];
            if (!site.Node.TryType(attribute, out DataType type) || definition.Attribute(attribute)?.Allowed is not ListValue allowed || Wider(type).Find(candidate => allowed.Items.Contains((AttributeValue)candidate!.Value)) is not { } other)
                return site.Decline(problem.Message);
            widened[attribute] = other;
            wide = wide.With(attribute, other);
        }
        if (Arguments(definition.Inputs, site.Inputs.Length) is not { } arguments || definition.Outputs is not [{ NumberAttribute: "", TypeListAttribute: "" } output])
            return site.Decline("its inputs or outputs are lists");
        NodeInput[] inputs = [.. site.Inputs.Select((input, i) => widened.TryGetValue(arguments[i].TypeAttribute, out DataType type) ? site.Cast(input, type) : input)];
        NodeInput result = site.Add(wide.Op, inputs, [.. wide.Attributes.Select(attribute => (attribute.Key, attribute.Value))]);
        return site.Replace(widened.ContainsKey(output.TypeAttribute) ? site.Cast(result, site.Node.Type(output.TypeAttribute)) : result);
    }

    private static List<DataType?> Wider(DataType type) => type switch
    {
        DataType.Half or DataType.BFloat16 => [DataType.Float],
        DataType.Int8 or DataType.Int16 or DataType.UInt8 or DataType.UInt16 => [DataType.Int32, DataType.Int64, DataType.Float],
        DataType.Int64 or DataType.UInt32 => [DataType.Int32],
        _ => [],
    };

    /// <summary>The argument of each input, or null when a list's length decides it.</summary>
    private static ImmutableArray<ArgumentDefinition>? Arguments(ImmutableArray<ArgumentDefinition> declared, int inputs) =>
        declared.Length == inputs && declared.All(argument => argument.NumberAttribute.Length == 0 && argument.TypeListAttribute.Length == 0) ? declared : null;
}
