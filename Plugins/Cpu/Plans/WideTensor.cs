using TransformFramework.Cpu.Analysis;

namespace TransformFramework.Cpu.Plans;

/// <summary>A tensor of qint16 values about 0.</summary>
/// <param name="Quantized">The tensor.</param>
/// <param name="Step">What a quantized value counts.</param>
internal sealed record WideTensor(TensorSource Quantized, float Step);
