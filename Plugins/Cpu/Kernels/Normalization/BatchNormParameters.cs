using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Normalization;

/// <summary>The inputs of a FusedBatchNorm but the first, one number a channel each, in float.</summary>
internal sealed record BatchNormParameters(DataFormat Format, float[] Scale, float[] Offset, float[] Mean, float[] Variance, float Epsilon)
{
    /// <summary>The parameters of a call by given statistics.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: the shapes do not fit.</exception>
    public static BatchNormParameters Of(KernelCall call)
    {
        TensorShape shape = call.Inputs[0].Shape;
        if (shape.Rank is not (4 or 5))
            throw Refuse.Invalid($"input must be 4 or 5-dimensional{shape}");
        var format = DataFormat.Of(call.Node, shape.Rank);
        int channels = (int)shape[format.Channel];
        return new(format, Read(1, "scale"), Read(2, "offset"), Read(3, "mean"), Read(4, "variance"), call.Node.Float("epsilon"));

        float[] Read(int input, string name)
        {
            FusedBatchNorm.Check(call.Inputs[input], channels, name);
            return Floats.Flushed(call.Inputs[input]);
        }
    }

    /// <summary>scale / √(variance + ε), the root as in <see cref="Rsqrt"/>.</summary>
    public float[] Factors()
    {
        float[] factors = new float[Scale.Length];
        int packed = PacketMath.Packed(factors.Length);
        for (int c = 0; c < factors.Length; c++)
        {
            float shifted = Variance[c] + Epsilon;
            factors[c] = (c < packed ? Rsqrt.Estimated(shifted) : 1 / MathF.Sqrt(shifted)) * Scale[c];
        }
        return factors;
    }

    /// <summary>Factors and offset - mean · factor.</summary>
    public (float[] Factors, float[] Shifts) Folded()
    {
        float[] factors = Factors();
        return (factors, [.. factors.Select((factor, c) => Offset[c] - (Mean[c] * factor))]);
    }
}
