using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Cpu.Microkernels.Gemm.F32;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>What an iteration of a scan does with some matrices. Runs at the same time on several frames.</summary>
internal abstract unsafe class StepInstruction
{
    public abstract void Run(StepFrame* frame);
}

/// <summary>Rows that are computed by whole packets: as one where all matrices have the same stride.</summary>
/// <param name="Count">Rows.</param>
/// <param name="Length">Floats of a row, whole packets.</param>
internal readonly record struct StepRows(int Count, nint Length)
{
    public static StepRows Of(int rows, StepOperand target, bool areTogether)
    {
        int packets = (target.Columns + PacketMath.Width - 1) / PacketMath.Width * PacketMath.Width;
        return areTogether ? new(1, ((nint)(rows - 1) * target.RowStride) + packets) : new(rows, packets);
    }
}

/// <summary>z = f(x), element by element.</summary>
internal sealed unsafe class UnaryInstruction(delegate*<float*, float*, nint, void> function, StepOperand source, StepOperand target, int rows) : StepInstruction
{
    private readonly delegate*<float*, float*, nint, void> function = function;
    private readonly StepRows together = StepRows.Of(rows, target, source.RowStride == target.RowStride);

    public override void Run(StepFrame* frame)
    {
        float* x = source.Pointer(frame);
        float* z = target.Pointer(frame);
        for (int r = 0; r < together.Count; r++, x += source.RowStride, z += target.RowStride)
            function(x, z, together.Length);
    }
}

/// <summary>z = f(x), element by element, by the vectors and the scalar rest of a reference kernel.</summary>
internal sealed unsafe class KernelInstruction(UnaryKernel kernel, StepOperand source, StepOperand target, int rows) : StepInstruction
{
    public override void Run(StepFrame* frame)
    {
        float* x = source.Pointer(frame);
        float* z = target.Pointer(frame);
        for (int r = 0; r < rows; r++, x += source.RowStride, z += target.RowStride)
            kernel.Apply(new(x, target.Columns), new(z, target.Columns));
    }
}

/// <summary>z = f(x, y), element by element.</summary>
internal sealed unsafe class BinaryInstruction(delegate*<float*, float*, float*, nint, void> function, StepOperand left, StepOperand right, StepOperand target, int rows) : StepInstruction
{
    private readonly delegate*<float*, float*, float*, nint, void> function = function;
    private readonly StepRows together = StepRows.Of(rows, target, left.RowStride == target.RowStride && right.RowStride == target.RowStride);

    public override void Run(StepFrame* frame)
    {
        float* x = left.Pointer(frame);
        float* y = right.Pointer(frame);
        float* z = target.Pointer(frame);
        for (int r = 0; r < together.Count; r++, x += left.RowStride, y += right.RowStride, z += target.RowStride)
            function(x, y, z, together.Length);
    }
}

/// <summary>z = x · weights + bias + residual, in the order of the float GEMM's tiles.</summary>
internal sealed unsafe class ProductInstruction(F32GemmKernels tiles, F32Panels weights, StepOperand source, StepOperand? residual, StepOperand target, int rows) : StepInstruction
{
    private const int MaxMr = 6;

    public override void Run(StepFrame* frame)
    {
        int* offsets = stackalloc int[MaxMr];
        for (int r = 0; r < MaxMr; r++)
            offsets[r] = r * source.RowStride * sizeof(float);
        byte* x = (byte*)source.Pointer(frame);
        float* z = target.Pointer(frame);
        float* added = residual is { } given ? given.Pointer(frame) : null;
        nint addedStride = residual?.RowStride ?? 0;
        F32GemmTile tile = new() { Rows = offsets, Taps = 1, Depth = weights.Depth, OutputStride = target.RowStride, ResidualStride = addedStride, Low = float.NegativeInfinity, High = float.PositiveInfinity };
        for (int panel = 0; panel < weights.Count; panel++)
        {
            int column = panel * weights.Nr;
            int vectors = weights.VectorsOf(panel);
            tile.Weights = weights.Panel(panel);
            tile.Next = (byte*)weights.Panel(panel + 1);
            tile.NextStep = vectors * tiles.Lanes * sizeof(float);
            for (int row = 0; row < rows; row += tiles.Contract.Mr)
            {
                tile.Base = x + ((nint)row * source.RowStride * sizeof(float));
                tile.Output = z + ((nint)row * target.RowStride) + column;
                tile.Residual = added == null ? null : added + (row * addedStride) + column;
                tiles.Run(&tile, Math.Min(tiles.Contract.Mr, rows - row), vectors);
            }
        }
    }
}

/// <summary>Copies a matrix, not an element more.</summary>
internal sealed unsafe class CopyInstruction(StepOperand source, StepOperand target, int rows) : StepInstruction
{
    public override void Run(StepFrame* frame)
    {
        float* x = source.Pointer(frame);
        float* z = target.Pointer(frame);
        for (int r = 0; r < rows; r++, x += source.RowStride, z += target.RowStride)
            Unsafe.CopyBlockUnaligned(z, x, (uint)target.Columns * sizeof(float));
    }
}

/// <summary>Rows of one matrix where a mask is set, else of another.</summary>
/// <param name="mask">An integer a row, 0 or not.</param>
/// <param name="taken">Rows where it is not 0.</param>
/// <param name="otherwise">The other rows.</param>
/// <param name="target">The result.</param>
/// <param name="rows">Rows.</param>
internal sealed unsafe class SelectInstruction(StepOperand mask, StepOperand taken, StepOperand otherwise, StepOperand target, int rows) : StepInstruction
{
    public override void Run(StepFrame* frame)
    {
        int* isTaken = (int*)mask.Pointer(frame);
        float* x = taken.Pointer(frame);
        float* y = otherwise.Pointer(frame);
        float* z = target.Pointer(frame);
        for (int r = 0; r < rows; r++, x += taken.RowStride, y += otherwise.RowStride, z += target.RowStride)
            Unsafe.CopyBlockUnaligned(z, isTaken[r] != 0 ? x : y, (uint)target.Columns * sizeof(float));
    }
}

/// <summary>The mask of an iteration from a sequence of truth values, one byte each.</summary>
internal sealed unsafe class MaskOfSequence(int sequence, StepOperand target, int rows) : StepInstruction
{
    public override void Run(StepFrame* frame)
    {
        byte* truths = (byte*)frame->Bases[sequence] + (frame->Step * rows);
        int* mask = (int*)target.Pointer(frame);
        for (int r = 0; r < rows; r++)
            mask[r] = truths[r];
    }
}

/// <summary>A mask of the rows whose sequence is longer than the iterations before.</summary>
/// <param name="lengths">Number of the memory with an integer a row.</param>
/// <param name="isLong">True when these have 64 bits.</param>
/// <param name="target">The mask.</param>
/// <param name="rows">Rows.</param>
internal sealed unsafe class MaskOfLengths(int lengths, bool isLong, StepOperand target, int rows) : StepInstruction
{
    public override void Run(StepFrame* frame)
    {
        void* values = frame->Bases[lengths];
        int* mask = (int*)target.Pointer(frame);
        for (int r = 0; r < rows; r++)
            mask[r] = frame->Step < (isLong ? ((long*)values)[r] : ((int*)values)[r]) ? 1 : 0;
    }
}
