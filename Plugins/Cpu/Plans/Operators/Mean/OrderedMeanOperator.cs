using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Plans.Operators.Mean;

/// <summary>The mean of each channel over the pixels of an image, one pixel after the other as the reference kernel adds them. A block for each image.</summary>
internal sealed unsafe class OrderedMeanOperator(PlanBuffer source, PlanBuffer target, int images, int pixels, int channels) : BlockOperator
{
    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => images;

    public override void RunBlock(PlanRun run, int block)
    {
        float* image = run.Floats(source) + ((nint)block * pixels * channels);
        float* means = run.Floats(target) + ((nint)block * channels);
        int whole = channels - (channels % Vector<float>.Count);
        for (int c = 0; c < whole; c += Vector<float>.Count)
        {
            Vector<float> sum = Vector<float>.Zero;
            for (int p = 0; p < pixels; p++)
                sum += Flushed(Vector.Load(image + ((nint)p * channels) + c));
            Vector.Store(Flushed(sum / new Vector<float>(pixels)), means + c);
        }
        for (int c = whole; c < channels; c++)
        {
            float sum = 0;
            for (int p = 0; p < pixels; p++)
                sum += Denormals.Flush(image[((nint)p * channels) + c]);
            means[c] = Denormals.Flush(sum / pixels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Flushed(Vector<float> values) =>
        Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(values), new Vector<float>(Denormals.SmallestNormal)), values & new Vector<float>(-0f), values);
}
