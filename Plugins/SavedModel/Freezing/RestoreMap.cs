using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Checkpoints;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>Which tensor of a checkpoint, and which part of it, belongs to which variable or table: read from the op that restores them.</summary>
internal sealed class RestoreMap
{
    private readonly Dictionary<string, Restored> variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Restored> sharedNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Restored Keys, Restored Values)> tables = new(StringComparer.Ordinal);

    /// <summary>Reads the map from what the restoring op runs.</summary>
    public RestoreMap(EffectGraph restoring)
    {
        foreach (Node node in restoring.Graph.Nodes)
        {
            NodeInput[] inputs = [.. node.DataInputs];
            if (node.Op is "Assign" or "AssignVariableOp" && inputs.Length > 1)
                AddVariable(restoring, inputs);
            else if (node.Op is "LookupTableImport" or "LookupTableImportV2" && inputs.Length > 2)
                AddTable(restoring, inputs);
        }
    }

    /// <summary>What is restored into a variable, or null.</summary>
    public Restored? Find(Variable variable) => variables.GetValueOrDefault(variable.Node.Name) ?? sharedNames.GetValueOrDefault(variable.Name);

    /// <summary>What is restored into a table, or null.</summary>
    public (Restored Keys, Restored Values)? FindTable(string node) => tables.TryGetValue(node, out var found) ? found : null;

    private void AddVariable(EffectGraph restoring, NodeInput[] inputs)
    {
        if (restoring.Target(inputs[0]) is not { } variable || !VariableOps.IsVariable(variable) || RestoredBy(restoring, inputs[1]) is not { } restored)
            return;
        variables[variable.Name] = restored;
        sharedNames.TryAdd(VariableOps.NameOf(variable), restored);
    }

    private void AddTable(EffectGraph restoring, NodeInput[] inputs)
    {
        if (restoring.Target(inputs[0]) is { } table && RestoredBy(restoring, inputs[1]) is { } keys && RestoredBy(restoring, inputs[2]) is { } values)
            tables[table.Name] = (keys, values);
    }

    private static Restored? RestoredBy(EffectGraph restoring, NodeInput value)
    {
        if (restoring.Origin(value, throughReshape: true) is not { Port: >= 0 } origin)
            return null;
        NodeInput[] inputs = [.. origin.Node.DataInputs];
        bool isRestore = origin.Node.Op is "RestoreV2" or "RestoreSlice" or "Restore" && inputs.Length > 1;
        if (!isRestore)
            return null;
        var names = restoring.Texts(inputs[1]);
        var slices = inputs.Length > 2 ? restoring.Texts(inputs[2]) : [];
        return origin.Port < names.Length ? new(names[origin.Port], origin.Port < slices.Length ? slices[origin.Port] : "", origin.IsReshaped) : null;
    }
}

/// <summary>A tensor of a checkpoint, or a part of it.</summary>
/// <param name="Key">The tensor's name.</param>
/// <param name="Slice">The part as RestoreV2 spells it; empty for all.</param>
/// <param name="IsReshaped">True when it takes the variable's shape.</param>
internal sealed record Restored(string Key, string Slice, bool IsReshaped)
{
    /// <summary>Reads the tensor.</summary>
    /// <exception cref="ModelFormatException">The checkpoint does not hold it, or is damaged.</exception>
    public Tensor ReadFrom(Checkpoint checkpoint) => checkpoint.Read(Key, TensorSlice.Parse(Slice));
}
