using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Schema;

/// <summary>A model as its file holds it.</summary>
internal sealed record TfLiteModel(ImmutableArray<TfLiteSubgraph> Subgraphs, ImmutableArray<ReadOnlyMemory<byte>> Buffers)
{
    public string Description { get; init; } = "";

    public ImmutableArray<TfLiteSignature> Signatures { get; init; } = [];

    /// <summary>Metadata by name: numbers of buffers.</summary>
    public ImmutableArray<(string Name, int Buffer)> Metadata { get; init; } = [];
}

/// <summary>A graph of operators in execution order.</summary>
internal sealed record TfLiteSubgraph(string Name, ImmutableArray<TfLiteTensor> Tensors, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs, ImmutableArray<TfLiteOperator> Operators);

/// <summary>A tensor. Constants have the number of a buffer that is not empty.</summary>
internal sealed record TfLiteTensor(string Name, TensorType Type, ImmutableArray<int> Shape)
{
    /// <summary>Shape with -1 for free dimensions; empty where the file has none.</summary>
    public ImmutableArray<int> ShapeSignature { get; init; } = [];

    public int Buffer { get; init; }

    public TfLiteQuantization? Quantization { get; init; }

    public bool IsVariable { get; init; }

    /// <summary>True when the elements are stored sparsely.</summary>
    public bool IsSparse { get; init; }

    /// <summary>Metadata of sparse elements.</summary>
    public FlatTable Sparsity { get; init; }

    /// <summary>The shape in a graph: free dimensions are -1.</summary>
    public TensorShape GraphShape => TensorShape.Of([.. (ShapeSignature.Length == Shape.Length && !Shape.IsEmpty ? ShapeSignature : Shape).Select(size => (long)size)]);

    /// <summary>Number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>Real values of a quantized tensor: scale × (quantized − zero point), for the whole tensor or for each index of a dimension.</summary>
internal sealed record TfLiteQuantization(ImmutableArray<float> Scales, ImmutableArray<long> ZeroPoints, int Dimension)
{
    /// <summary>One scale for the whole tensor.</summary>
    public bool IsPerTensor => Scales.Length == 1;

    public float Scale => Scales[0];

    public int ZeroPoint => (int)ZeroPoints[0];
}

/// <summary>An operator. Absent optional inputs are -1.</summary>
internal sealed record TfLiteOperator(OperatorSchema Schema, int Version, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs, OptionValues Options)
{
    /// <summary>Name of a custom operator, else empty.</summary>
    public string CustomCode { get; init; } = "";

    public ReadOnlyMemory<byte> CustomOptions { get; init; }

    public ImmutableArray<int> Intermediates { get; init; } = [];

    /// <summary>Name as reports show it: <c>CONV_2D</c>, <c>CUSTOM Sinh</c>.</summary>
    public string Name => Schema.Number == OperatorSchema.Custom ? $"CUSTOM {CustomCode}" : Schema.Name;
}

/// <summary>A way to call a subgraph.</summary>
internal sealed record TfLiteSignature(string Key, int Subgraph, ImmutableArray<(string Name, int Tensor)> Inputs, ImmutableArray<(string Name, int Tensor)> Outputs);
