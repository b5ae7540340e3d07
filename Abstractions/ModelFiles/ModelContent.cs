using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;

namespace TransformFramework.ModelFiles;

/// <summary>A graph and what its file states of it.</summary>
/// <param name="Graph">The graph, frozen: variables are constants.</param>
public sealed record ModelContent(Graph Graph)
{
    /// <summary>The signatures in the file's order; empty where the format has none.</summary>
    public ImmutableArray<ModelSignature> Signatures { get; init; } = [];

    /// <summary>Name of the signature that the graph was read for; null where there is none.</summary>
    public string? ChosenSignature { get; init; }

    /// <summary>
    /// The inputs and outputs under the names that the file gives its tensors, for a file that names tensors beside its signatures and was read without the name of a signature; null elsewhere.
    /// A name may be empty or occur several times.
    /// </summary>
    public ModelSignature? OwnNames { get; init; }

    /// <summary>Tags of the meta graph that was read.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>What wrote the file, such as <c>TensorFlow 2.12.0</c>; empty when it does not say.</summary>
    public string Producer { get; init; } = "";

    /// <summary>What the reader noticed; never errors, which are thrown.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>The signature that the graph was read for, or null.</summary>
    public ModelSignature? Signature => Signatures.FirstOrDefault(signature => signature.Name == ChosenSignature);
}

/// <summary>A way to call a model: named inputs and outputs.</summary>
/// <param name="Name">Such as <c>serving_default</c>.</param>
/// <param name="Method">Such as <c>tensorflow/serving/predict</c>; empty when the format has no methods.</param>
/// <param name="Inputs">Inputs in the file's order.</param>
/// <param name="Outputs">Outputs in the file's order.</param>
public sealed record ModelSignature(string Name, string Method, ImmutableArray<SignatureTensor> Inputs, ImmutableArray<SignatureTensor> Outputs);

/// <summary>An input or output of a signature.</summary>
/// <param name="Name">The public name.</param>
/// <param name="Tensor">The graph's tensor, <c>node</c> or <c>node:port</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Shape as far as the file gives it.</param>
public sealed record SignatureTensor(string Name, string Tensor, DataType Type, TensorShape Shape);
