using System.ComponentModel;

namespace TransformFramework.Servers.Mcp;

/// <summary>What a model holds.</summary>
public sealed record ModelSummary(string Format, [property: Description("Size of the file or folder")] long Bytes, int Nodes, IReadOnlyList<ModelTensor> Inputs, IReadOnlyList<ModelTensor> Outputs, long Parameters, [property: Description("Nodes by op")] IReadOnlyDictionary<string, int> Ops);

/// <summary>An input or output of a model.</summary>
public sealed record ModelTensor(string Name, string Tensor, string Op);

/// <summary>What a script did.</summary>
public sealed record TransformOutcome(string File, long Bytes, int NodesBefore, int NodesAfter, IReadOnlyList<StepOutcome> Steps, IReadOnlyList<string> Diagnostics);

/// <summary>What one step did.</summary>
public sealed record StepOutcome(string Transform, int NodesAfter, long BytesAfter, double Milliseconds);

/// <summary>How well an 8-bit graph agrees with the float one.</summary>
public sealed record QuantizeOutcome(string File, long BytesBefore, long BytesAfter, [property: Description("Share of samples with the float graph's answer, from 0 to 1")] double SameAnswers, [property: Description("Signal to noise of the outputs in dB; null when equal")] double? SqnrDb, string Method, [property: Description("The script that does the same")] string Script);

/// <summary>How far two models are apart.</summary>
public sealed record CompareOutcome(bool Agrees, IReadOnlyList<OutputDifference> Outputs, [property: Description("The node at which the error enters")] string? EntersAt);

/// <summary>How far an output is from the reference's.</summary>
public sealed record OutputDifference(string Name, double? MaxAbsolute, double? MaxRelative, [property: Description("Signal to noise in dB; null when equal")] double? SqnrDb, double SameTop1);
