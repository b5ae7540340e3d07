using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Random;

/// <summary>Values of a distribution in the shape that an input gives; with a seed the values are TensorFlow's.</summary>
internal abstract class Distribution : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Constants[0] is { } shape ? Tensors.ShapeOf(Integers.Read(shape)) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        return [Draw(Philox.Of(call.Node), Tensors.ShapeOf(Integers.Read(call.Inputs[0])), call.Node.Type("dtype"))];
    }

    /// <summary>Values from a generator.</summary>
    public Tensor Draw(Philox random, TensorShape shape, DataType type)
    {
        double[] values = new double[checked((int)shape.ElementCount)];
        if (type == DataType.Double)
            FillWide(random, values);
        else
            Fill(random, values, type);
        return Floats.FromDoubles(type, shape, values);
    }

    protected abstract void Fill(Philox random, Span<double> values, DataType type);

    protected abstract void FillWide(Philox random, Span<double> values);
}

/// <summary>Uniform in [0, 1).</summary>
[Kernel("RandomUniform")]
internal sealed class RandomUniform : Distribution
{
    protected override void Fill(Philox random, Span<double> values, DataType type)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = type switch
            {
                DataType.Half => (random.Next() & 0x3ff) / 1024.0,
                DataType.BFloat16 => (random.Next() & 0x7f) / 128.0,
                _ => random.NextSingle(),
            };
        }
    }

    protected override void FillWide(Philox random, Span<double> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextDouble();
    }
}

/// <summary>Normal with mean 0 and deviation 1.</summary>
[Kernel("RandomStandardNormal")]
internal sealed class RandomStandardNormal : Distribution
{
    protected override void Fill(Philox random, Span<double> values, DataType type)
    {
        for (int i = 0; i < values.Length; i += 2)
        {
            (values[i], double second) = random.NextNormals();
            if (i + 1 < values.Length)
                values[i + 1] = second;
        }
    }

    protected override void FillWide(Philox random, Span<double> values)
    {
        for (int i = 0; i < values.Length; i += 2)
        {
            (values[i], double second) = random.NextWideNormals();
            if (i + 1 < values.Length)
                values[i + 1] = second;
        }
    }
}

/// <summary>Normal with mean 0 and deviation 1; values beyond two deviations are drawn again.</summary>
[Kernel("TruncatedNormal")]
internal sealed class TruncatedNormal : Distribution
{
    private const double Limit = 2;
    private const ulong StepsOfGroup = 256;

    protected override void Fill(Philox random, Span<double> values, DataType type) => Fill(random, values, 4, static source => source.NextNormals());

    protected override void FillWide(Philox random, Span<double> values) => Fill(random, values, 2, static source => source.NextWideNormals());

    private static void Fill(Philox random, Span<double> values, int group, Func<Philox, (double First, double Second)> draw)
    {
        for (int start = 0; start < values.Length; start += group)
        {
            Philox source = random.Ahead((ulong)(start / group) * StepsOfGroup);
            var part = values[start..Math.Min(start + group, values.Length)];
            for (int filled = 0; filled < part.Length;)
            {
                (double first, double second) = draw(source);
                if (Math.Abs(first) < Limit)
                    part[filled++] = first;
                if (filled < part.Length && Math.Abs(second) < Limit)
                    part[filled++] = second;
            }
        }
    }
}
