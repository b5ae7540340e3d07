namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>Real values to quint8 values by a scale and a zero point found in the run: floor(real · factor + 0.5) + zero point, held within 0…255.</summary>
/// <param name="Factor">Steps of a unit.</param>
/// <param name="ZeroPoint">The quantized value of 0.</param>
internal readonly record struct DynamicQuantization(float Factor, int ZeroPoint);
