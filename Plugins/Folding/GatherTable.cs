using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>The nodes of a hash table look-up that stand for one Gather.</summary>
internal sealed class GatherTable
{
    private const float SmallestKept = 1e-5f;

    /// <exception cref="TransformException">FailedPrecondition: the weights are not float of shape [N, 1]. Others as those of <see cref="VariableValues"/>.</exception>
    public GatherTable(NodeMatch match, VariableValues variables)
    {
        Node gather = match.Node;
        Node ids = match.Inputs[1].Node;
        Node weights = match.Inputs[0].Inputs[0].Node;
        var (indices, values) = Kept(Values(weights, variables));
        string table = weights.Name + "/HashTable";
        string lookup = gather.Name + "/LookupTableFind";
        InitializerName = weights.Name + "/InitializeTable";
        Removed = [weights.Name, match.Inputs[0].Node.Name];
        Nodes =
        [
            ids,
            Node.Constant(weights.Name + "/indices", Tensor.Create<long>(DataType.Int64, TensorShape.Of(indices.Length), indices)),
            Node.Constant(weights.Name + "/values", Tensor.Create<float>(DataType.Float, TensorShape.Of(values.Length), values)),
            new Node(table, "HashTable").With("key_dtype", DataType.Int64).With("value_dtype", DataType.Float),
            new Node(InitializerName, "InitializeTable", table, weights.Name + "/indices", weights.Name + "/values").With("Tkey", DataType.Int64).With("Tval", DataType.Float),
            new Node(lookup, "LookupTableFind", table, ids.Name, gather.Name + "/Const").With("Tin", DataType.Int64).With("Tout", DataType.Float),
            Node.Constant(gather.Name + "/Const", Tensor.Scalar(0f)),
            Node.Constant(gather.Name + "/ExpandDims/Const", Tensor.FromValues(DataType.Int32, TensorShape.Scalar, BitConverter.GetBytes(-1))),
            new Node(gather.Name, "ExpandDims", lookup, gather.Name + "/ExpandDims/Const").With("T", DataType.Float),
        ];
    }

    /// <summary>What is in place of the match.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The node that fills the table.</summary>
    public string InitializerName { get; }

    /// <summary>Names that are gone: the weights and the Identity before them.</summary>
    public ImmutableArray<string> Removed { get; }

    private static float[] Values(Node weights, VariableValues variables)
    {
        DataType type = weights.TypeAttribute("dtype") ?? DataType.Invalid;
        if (type != DataType.Float)
            throw new TransformException(StatusKind.FailedPrecondition, $"Transform only applicable to subgraph with 'Const','Variable', or 'VariableV2' of dtype 'DT_FLOAT'. Found '{weights.Op}' with name '{weights.Name}' and dtype '{(int)type}'.", weights.Name);
        Tensor tensor = weights.Op == "Const" ? weights.FloatConstant() : variables.Of(weights);
        return tensor is { Type: DataType.Float, Shape.Rank: 2 } && tensor.Shape[1] == 1
            ? tensor.AsSpan<float>().ToArray()
            : throw new TransformException(StatusKind.FailedPrecondition, $"Transform only applicable to subgraph with '{weights.Op}' with tensor of shape [N, 1]. But instead get shape [{string.Join(',', tensor.Shape.Dimensions)}].", weights.Name);
    }

    /// <summary>Indices and values of the entries that stay; one zero when there are none.</summary>
    private static (long[] Indices, float[] Values) Kept(float[] values)
    {
        long[] indices = [.. Enumerable.Range(0, values.Length).Where(i => Math.Abs(values[i]) > SmallestKept).Select(i => (long)i)];
        return indices.Length == 0 ? ([0], [0]) : (indices, [.. indices.Select(i => values[i])]);
    }
}
