using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.SavedModel.Reading;

/// <summary>A graph with what its file says of it (TensorFlow's <c>MetaGraphDef</c>).</summary>
/// <param name="Graph">The graph as stored.</param>
internal sealed record MetaGraph(Graph Graph)
{
    /// <summary>Tags that tell this meta graph from others of the file.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Version of the TensorFlow that wrote it; empty when it does not say.</summary>
    public string TensorFlowVersion { get; init; } = "";

    /// <summary>Name of the op that restores the variables; empty when there is none.</summary>
    public string RestoreOp { get; init; } = "";

    /// <summary>Signatures by name, in the file's order.</summary>
    public ImmutableArray<StoredSignature> Signatures { get; init; } = [];

    /// <summary>Names of nodes by the name of a collection.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Collections { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>File names of assets by the tensor that holds the path.</summary>
    public ImmutableDictionary<string, string> Assets { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>A signature as stored (TensorFlow's <c>SignatureDef</c>).</summary>
internal sealed record StoredSignature(string Name, string Method, ImmutableArray<StoredTensor> Inputs, ImmutableArray<StoredTensor> Outputs)
{
    /// <summary>Values of inputs that need not be given, by public name.</summary>
    public ImmutableDictionary<string, Tensor> Defaults { get; init; } = ImmutableDictionary<string, Tensor>.Empty;
}

/// <summary>An input or output of a signature; a sparse one gives three: NAME.values, NAME.indices, NAME.dense_shape.</summary>
internal sealed record StoredTensor(string Name, string Tensor, DataType Type, TensorShape Shape);
