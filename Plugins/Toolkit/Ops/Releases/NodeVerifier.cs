using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>Compares nodes with their ops as a release declares them: the op itself, its attributes, and their values.</summary>
internal sealed class NodeVerifier(Graph graph, TensorFlowRelease release)
{
    private readonly Dictionary<string, OpDefinition> functions = Functions(graph);

    /// <summary>The op of a node as the release has it, a function of the graph's library, or null.</summary>
    public OpDefinition? Definition(Node node) => functions.GetValueOrDefault(node.Op) ?? OpHistory.Find(node.Op)?.At(release);

    public IEnumerable<ReleaseProblem> Verify(Node node)
    {
        if (Definition(node) is not { } definition)
            return [UnknownOp(node)];
        return Deprecation(node).Concat(Attributes(node, definition)).Concat(Missing(node, definition));
    }

    private static Dictionary<string, OpDefinition> Functions(Graph graph)
    {
        var signatures = new Dictionary<string, OpDefinition>(StringComparer.Ordinal);
        foreach (FunctionDefinition function in graph.Functions.Functions)
            signatures[function.Signature.Name] = function.Signature;
        return signatures;
    }

    private ReleaseProblem UnknownOp(Node node)
    {
        string why = OpHistory.Find(node.Op) switch
        {
            null when OpTable.Find(node.Op) is not null => "it is in no build for CPUs alone",
            null => "no release of TensorFlow has it",
            { } history when history.Since > release => $"it came with {history.Since}",
            _ => "it is gone there",
        };
        return new(node.Op, $"node '{node.Name}': {release} has no op '{node.Op}'; {why}", node) { IsForeign = OpHistory.Find(node.Op) is null };
    }

    private IEnumerable<ReleaseProblem> Deprecation(Node node)
    {
        if (OpHistory.Find(node.Op)?.DeprecatedAt(release) is { } limit && graph.Versions is { } versions && versions.Producer >= limit)
            yield return new(node.Op, $"node '{node.Name}': {release} refuses op '{node.Op}' in graphs of version {limit} and newer; this one is of version {versions.Producer}", node);
    }

    private IEnumerable<ReleaseProblem> Attributes(Node node, OpDefinition definition)
    {
        foreach (var (name, value) in node.Attributes)
        {
            if (name.StartsWith('_') || value is PlaceholderValue)
                continue;
            ReleaseProblem? problem = definition.Attribute(name) is { } attribute ? Value(node, attribute, value) : Unknown(node, name, value);
            if (problem is not null)
                yield return problem;
        }
    }

    private ReleaseProblem? Unknown(Node node, string name, AttributeValue value)
    {
        bool isDefault = OpTable.Find(node.Op)?.Attribute(name)?.Default is { } usual && usual.Equals(value);
        if (isDefault && !release.RefusesUnknownAttributes)
            return null;
        string since = OpHistory.Find(node.Op)?.AttributeSince(name) is { } first ? $"; it came with {first}" : "";
        string effect = release.RefusesUnknownAttributes ? "" : ", and ignores it in silence";
        return new($"{node.Op}.{name}", $"node '{node.Name}': {release} does not know attribute '{name}' of op '{node.Op}'{effect}{since}", node) { IsDefault = isDefault };
    }

    private ReleaseProblem? Value(Node node, AttributeDefinition attribute, AttributeValue value)
    {
        if (!AttributeKinds.Contains(attribute.Kind, value))
            return new($"{node.Op}.{attribute.Name}", $"node '{node.Name}' ({node.Op}): attribute '{attribute.Name}' is of kind {value.Kind}, not {attribute.Kind}", node) { IsMalformed = true };
        if (attribute.Minimum is { } minimum && AttributeKinds.Size(value) < minimum)
            return new($"{node.Op}.{attribute.Name}", $"node '{node.Name}' ({node.Op}): attribute '{attribute.Name}' is below its minimum of {minimum}", node) { IsMalformed = true };
        if (attribute.Allowed is ListValue allowed && AttributeKinds.Elements(value).FirstOrDefault(element => !allowed.Items.Contains(element)) is { } other)
            return new($"{node.Op}.{attribute.Name}", $"node '{node.Name}' ({node.Op}): {release} does not allow {attribute.Name}={AttributeKinds.Text(other)}", node);
        return null;
    }

    private static IEnumerable<ReleaseProblem> Missing(Node node, OpDefinition definition) =>
        from attribute in definition.Attributes
        where attribute.Default is null && !node.Attributes.ContainsKey(attribute.Name)
        select new ReleaseProblem($"{node.Op}.{attribute.Name}", $"node '{node.Name}' lacks attribute '{attribute.Name}', which op '{node.Op}' needs", node) { IsMalformed = true };
}
