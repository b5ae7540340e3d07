using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Elementwise;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans.Operators.Affine;

/// <summary>y = clamp(x · scale + offset + residual), scale and offset by channel.</summary>
internal sealed unsafe class AffineOperator : BlockOperator
{
    private const int BlockFloats = 16 << 10;

    /// <summary>Channels below which several rows are taken as one, whose channels fill vectors.</summary>
    private const int FewChannels = 64;

    private readonly FloatVectors vectors;
    private readonly PlanBuffer source;
    private readonly PlanBuffer? residual;
    private readonly PlanBuffer target;
    private readonly AlignedMemory scale;
    private readonly AlignedMemory offset;
    private readonly float low;
    private readonly float high;
    private readonly long rows;
    private readonly int channels;

    public AffineOperator(FloatVectors vectors, PlanBuffer source, PlanBuffer? residual, PlanBuffer target, PostOps post, long rows)
    {
        this.vectors = vectors;
        this.source = source;
        this.residual = residual;
        this.target = target;
        int together = RowsTogether(rows, post.Channels);
        this.rows = rows / together;
        channels = post.Channels * together;
        scale = Vector(post.ScaleOrOnes(), together);
        offset = Vector(post.OffsetOrNothing(), together);
        low = post.Low;
        high = post.High;
        Reads = residual is null ? [source] : [source, residual];
        Writes = [target];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => (int)((rows + BlockRows - 1) / BlockRows);

    private int BlockRows => Math.Max(1, BlockFloats / channels);

    public override void RunBlock(PlanRun run, int block)
    {
        long first = (long)block * BlockRows;
        nint at = (nint)(first * channels);
        AffineRows work = new()
        {
            Input = run.Floats(source) + at,
            Scale = (float*)scale.Pointer,
            Offset = (float*)offset.Pointer,
            Residual = residual is null ? null : run.Floats(residual) + at,
            Output = run.Floats(target) + at,
            Rows = (nint)Math.Min(BlockRows, rows - first),
            Channels = channels,
            Stride = channels,
            Low = low,
            High = high,
        };
        vectors.Affine(&work);
    }

    private static int RowsTogether(long rows, int channels)
    {
        int together = 1;
        while (channels * together < FewChannels && rows % (2 * together) == 0)
            together *= 2;
        return together;
    }

    private static AlignedMemory Vector(float[] values, int times)
    {
        var memory = new AlignedMemory(sizeof(float) * (long)values.Length * times);
        for (int i = 0; i < times; i++)
            values.CopyTo(memory.Span<float>()[(i * values.Length)..]);
        return memory;
    }
}
