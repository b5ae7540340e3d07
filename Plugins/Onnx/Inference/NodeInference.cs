using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Inference;

/// <summary>One inference: a node, what is known of its inputs, and what its rule tells of its outputs.</summary>
internal sealed class NodeInference(OnnxNode node, long opset, IReadOnlyList<ValueInfo?> inputs) : NodeAttributes(node)
{
    private readonly ValueInfo?[] outputs = new ValueInfo?[node.Outputs.Count];

    /// <summary>Version of the operator set that the node is written in.</summary>
    public long Opset => opset;

    public int Count => inputs.Count;

    public int OutputCount => outputs.Length;

    /// <summary>What is known of the outputs; null where the rule told nothing.</summary>
    public IReadOnlyList<ValueInfo?> Outputs => outputs;

    /// <summary>An input that must be there.</summary>
    public ValueInfo this[int input] => Has(input) ? inputs[input]! : throw OnnxDiagnostics.Mismatch($"input {input} is missing");

    public bool Has(int input) => input < inputs.Count && inputs[input] is not null;

    public ValueInfo? Optional(int input) => Has(input) ? inputs[input] : null;

    /// <summary>The integers of an input, or null when they are not all known.</summary>
    public long[]? Known(int input) =>
        Optional(input) is not { } info ? null
        : info.Shape is { Rank: 1, Dimensions: [0] } ? []
        : info.HasAllElements ? [.. info.Elements.Select(element => element!.Value)]
        : null;

    /// <summary>Integers that newer versions have as an input and older ones as an attribute; null when they are absent or unknown.</summary>
    public long[]? InputOr(int input, string attribute) => Has(input) ? Known(input) : Integers(attribute);

    public void Set(int output, ValueInfo info)
    {
        if (output < outputs.Length)
            outputs[output] = info;
    }

    public void Set(int output, DataType type, TensorShape shape) => Set(output, new ValueInfo(type, shape));

    public void Set(ValueInfo info) => Set(0, info);

    public void Set(DataType type, TensorShape shape) => Set(0, type, shape);

    /// <summary>Requires two inputs of one element type.</summary>
    public void RequireSameType(int left, int right)
    {
        if (this[left].Type != this[right].Type)
            throw OnnxDiagnostics.Mismatch($"inputs {left} and {right} have the types {this[left].Type.Name()} and {this[right].Type.Name()}; they must be the same");
    }

    /// <summary>Requires a rank, where it is known.</summary>
    public void RequireRank(int input, int rank)
    {
        if (this[input].Rank is >= 0 and var actual && actual != rank)
            throw OnnxDiagnostics.Mismatch($"input {input} has the shape {this[input].Shape}; it must have rank {rank}");
    }

    /// <summary>An axis counted from the front.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Converters are given all they need by one object.")]
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw OnnxDiagnostics.Mismatch($"axis {axis} does not exist in rank {rank}");

    /// <summary>Distinct axes counted from the front.</summary>
    public int[] Axes(IEnumerable<long> axes, int rank)
    {
        int[] found = [.. axes.Select(axis => Axis(axis, rank))];
        return found.Distinct().Count() == found.Length ? found : throw OnnxDiagnostics.Mismatch($"the axes {string.Join(", ", axes)} name one twice");
    }

    /// <summary>The shape to which shapes are broadcast, aligned at the last dimension.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Converters are given all they need by one object.")]
    public TensorShape Broadcast(params IEnumerable<TensorShape> shapes)
    {
        ImmutableArray<long> result = [];
        foreach (TensorShape shape in shapes)
        {
            if (shape.IsUnknownRank)
                return TensorShape.Unknown;
            result = Broadcast(result, shape.Dimensions);
        }
        return TensorShape.Of(result);
    }

    private static ImmutableArray<long> Broadcast(ImmutableArray<long> left, ImmutableArray<long> right)
    {
        int rank = Math.Max(left.Length, right.Length);
        long[] result = new long[rank];
        for (int i = 1; i <= rank; i++)
        {
            long a = i <= left.Length ? left[^i] : 1;
            long b = i <= right.Length ? right[^i] : 1;
            if (a > 1 && b > 1 && a != b)
                throw OnnxDiagnostics.Mismatch($"the shapes {TensorShape.Of(left)} and {TensorShape.Of(right)} cannot be broadcast");
            result[^i] = a == b ? a : a == 1 ? b : b == 1 ? a : Math.Max(a, b);
        }
        return [.. result];
    }
}
