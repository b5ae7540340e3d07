using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Workflows.Quantization;

/// <summary>A quantized graph, how it came about, and how well it agrees with the float one.</summary>
/// <param name="Script">What was run.</param>
/// <param name="Prepared">The float graph that was calibrated.</param>
/// <param name="Ranges">Its statistics; attempts on the same prepared graph share them.</param>
/// <param name="Choice">How ranges were chosen from them.</param>
/// <param name="Result">The quantized graph, and the steps from the original one.</param>
/// <param name="Agreement">Agreement with the original graph.</param>
/// <param name="Samples">The samples by which biases were corrected, or null.</param>
public sealed record QuantizationAttempt(QuantizationScript Script, Graph Prepared, RangeFile Ranges, RangeChoice Choice, PipelineResult Result, Agreement Agreement, SampleArchive? Samples = null);
