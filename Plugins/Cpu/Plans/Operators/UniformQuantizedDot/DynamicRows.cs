using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>Rows of quint8 values, each with the scale and the zero point of its own range.</summary>
internal unsafe struct DynamicRows
{
    public float* Reals;

    public byte* Quantized;

    public float* Scales;

    public int* ZeroPoints;

    /// <summary>Values of a row.</summary>
    public int Length;

    /// <summary>Quantizes some rows.</summary>
    public readonly void Quantize(MicrokernelSet kernels, int first, int end)
    {
        for (int row = first; row < end; row++)
        {
            float* reals = Reals + ((nint)row * Length);
            byte* quantized = Quantized + ((nint)row * Length);
            bool isFinite = DynamicRange.IsFinite(new(reals, Length));
            var range = DynamicRange.Of(kernels.FloatVectors.Least(reals, Length), kernels.FloatVectors.Greatest(reals, Length), isFinite);
            if (isFinite)
                kernels.Int8Vectors.QuantizeDynamic(reals, quantized, Length, range.Quantization);
            else
                new Span<byte>(quantized, Length).Clear();
            Scales[row] = range.Scale;
            ZeroPoints[row] = range.ZeroPoint;
        }
    }
}
