using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Model;

/// <summary>A model: a graph, the operator sets that its nodes are written in, local functions.</summary>
internal sealed class OnnxModel
{
    /// <summary>Versions of the operator sets by domain; ONNX's own domain is the empty string.</summary>
    public Dictionary<string, long> Opsets { get; init; } = new(StringComparer.Ordinal);

    public long IrVersion { get; set; }

    public string Producer { get; set; } = "";

    public string ProducerVersion { get; set; } = "";

    public OnnxGraph Graph { get; set; } = new();

    public List<OnnxFunction> Functions { get; } = [];
}

/// <summary>A graph: the model's, or one that a node holds.</summary>
internal sealed class OnnxGraph
{
    public string Name { get; set; } = "graph";

    public List<OnnxNode> Nodes { get; } = [];

    public List<OnnxInitializer> Initializers { get; } = [];

    public List<OnnxValue> Inputs { get; } = [];

    public List<OnnxValue> Outputs { get; } = [];

    /// <summary>Types and shapes that the file states of inner tensors.</summary>
    public List<OnnxValue> Values { get; } = [];
}

/// <summary>A node; an absent optional input or output is an empty string.</summary>
/// <param name="Op">Name of the operator.</param>
/// <param name="Name">The node's own name, which may be empty.</param>
/// <param name="Inputs">Names of the tensors that it reads.</param>
/// <param name="Outputs">Names of the tensors that it computes.</param>
/// <param name="Attributes">Values: long, float, string, Tensor, OnnxGraph, arrays of the first three, AttributeReference.</param>
internal sealed record OnnxNode(string Op, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, object> Attributes)
{
    public string Domain { get; init; } = "";

    /// <summary>Operator with its domain where that is not ONNX's own.</summary>
    public string QualifiedOp => Domain.Length == 0 ? Op : $"{Domain}::{Op}";
}

/// <summary>Stands for the value of an attribute of the function around the node.</summary>
internal sealed record AttributeReference(string Name);

/// <summary>A named constant.</summary>
internal sealed record OnnxInitializer(string Name, Tensor Value)
{
    /// <summary>The type of 8-bit reals that its elements are stored in; null for any other type.</summary>
    public Float8? Narrow { get; init; }
}

/// <summary>An input, output or inner tensor and what is known of it.</summary>
internal sealed record OnnxValue(string Name, OnnxType Type);

/// <summary>Type of a value.</summary>
/// <param name="ElementType">Number of the element type, of a sequence's or optional's innermost tensors; 0 when it is unknown.</param>
/// <param name="Shape">Shape as far as it is known.</param>
internal sealed record OnnxType(long ElementType, TensorShape Shape)
{
    public bool IsSequence { get; init; }

    public bool IsOptional { get; init; }
}

/// <summary>A function that nodes call as an operator.</summary>
internal sealed record OnnxFunction(string Domain, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<OnnxNode> Nodes)
{
    public string Overload { get; init; } = "";

    public Dictionary<string, long> Opsets { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Defaults of its attributes.</summary>
    public Dictionary<string, object> Defaults { get; init; } = new(StringComparer.Ordinal);
}
