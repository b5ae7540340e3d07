using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Images;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.ResizeBilinear;

/// <summary>Bilinear interpolation, a block for each row of each new image.</summary>
internal sealed unsafe class ResizeBilinearOperator(FloatVectors vectors, ResizeGeometry geometry, PlanBuffer source, PlanBuffer target) : BlockOperator
{
    private readonly ResizeTap[] rows = geometry.Rows();
    private readonly ResizeTap[] columns = geometry.Columns();

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => geometry.Batch * geometry.NewHeight;

    public override void RunBlock(PlanRun run, int block)
    {
        int image = block / geometry.NewHeight;
        ResizeTap row = rows[block % geometry.NewHeight];
        nint rowFloats = (nint)geometry.Width * geometry.Channels;
        float* upper = run.Floats(source) + ((((nint)image * geometry.Height) + row.Lower) * rowFloats);
        float* lower = run.Floats(source) + ((((nint)image * geometry.Height) + row.Upper) * rowFloats);
        float* output = run.Floats(target) + ((nint)block * geometry.NewWidth * geometry.Channels);
        BilinearTile tile = new() { Channels = geometry.Channels, Down = row.Share };
        foreach (ResizeTap column in columns)
        {
            tile.TopLeft = upper + (column.Lower * geometry.Channels);
            tile.TopRight = upper + (column.Upper * geometry.Channels);
            tile.BottomLeft = lower + (column.Lower * geometry.Channels);
            tile.BottomRight = lower + (column.Upper * geometry.Channels);
            tile.Across = column.Share;
            tile.Output = output;
            vectors.Bilinear(&tile);
            output += geometry.Channels;
        }
    }
}
