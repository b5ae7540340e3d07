using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans.Operators.BatchMatMul;

/// <summary>Pairs of matrices [rows, inner] · [inner, columns], one after the other.</summary>
/// <param name="Pairs">Numbers of the left and the right matrix of each product.</param>
/// <param name="Rows">Rows of a result.</param>
/// <param name="Inner">What is summed over.</param>
/// <param name="Columns">Columns of a result.</param>
/// <param name="TransposesLeft">True when left matrices are stored as [inner, rows].</param>
/// <param name="TransposesRight">True when right matrices are stored as [columns, inner].</param>
internal sealed record MatrixBatch((int Left, int Right)[] Pairs, int Rows, int Inner, int Columns, bool TransposesLeft, bool TransposesRight);

/// <summary>Products of computed float matrices: some rows of one product are a block, which packs its right matrix for itself.</summary>
internal sealed unsafe class BatchMatMulOperator : BlockOperator
{
    private const int MaxMr = 6;
    private const int MaxNr = 64;
    private const int BlocksPerThread = 2;

    [ThreadStatic]
    private static AlignedMemory? scratch;

    private readonly F32GemmKernels tiles;
    private readonly MatrixBatch matrices;
    private readonly PlanBuffer left;
    private readonly PlanBuffer right;
    private readonly PlanBuffer target;
    private readonly int parts;
    private readonly int partRows;

    public BatchMatMulOperator(F32GemmKernels tiles, MatrixBatch matrices, PlanBuffer left, PlanBuffer right, PlanBuffer target, int threads)
    {
        this.tiles = tiles;
        this.matrices = matrices;
        this.left = left;
        this.right = right;
        this.target = target;
        int rowTiles = (matrices.Rows + tiles.Contract.Mr - 1) / tiles.Contract.Mr;
        int wanted = threads > 1 ? ((threads * BlocksPerThread) + matrices.Pairs.Length - 1) / matrices.Pairs.Length : 1;
        int partTiles = (rowTiles + wanted - 1) / wanted;
        parts = (rowTiles + partTiles - 1) / partTiles;
        partRows = partTiles * tiles.Contract.Mr;
        Reads = [left, right];
        Writes = [target];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => matrices.Pairs.Length * parts;

    private int PackedColumns => (matrices.Columns + tiles.Lanes - 1) / tiles.Lanes * tiles.Lanes;

    public override void RunBlock(PlanRun run, int block)
    {
        int product = block / parts;
        int firstRow = block % parts * partRows;
        int rows = Math.Min(partRows, matrices.Rows - firstRow);
        nint packedFloats = (nint)PackedColumns * (1 + matrices.Inner);
        float* packed = Scratch(packedFloats + ((nint)rows * matrices.Inner));
        float* x = run.Floats(left) + ((nint)matrices.Pairs[product].Left * matrices.Rows * matrices.Inner);
        Pack(run.Floats(right) + ((nint)matrices.Pairs[product].Right * matrices.Inner * matrices.Columns), packed);
        if (matrices.TransposesLeft)
        {
            Transpose(x + firstRow, matrices.Rows, packed + packedFloats, matrices.Inner, rows, matrices.Inner);
            x = packed + packedFloats;
        }
        else
        {
            x += (nint)firstRow * matrices.Inner;
        }
        Multiply(x, packed, run.Floats(target) + ((((nint)product * matrices.Rows) + firstRow) * matrices.Columns), rows);
    }

    private void Multiply(float* x, float* packed, float* output, int rows)
    {
        int* offsets = stackalloc int[MaxMr];
        float* overhang = stackalloc float[MaxMr * MaxNr];
        int columns = matrices.Columns;
        F32GemmTile tile = new() { Taps = 1, Depth = matrices.Inner, Low = float.NegativeInfinity, High = float.PositiveInfinity, Rows = offsets };
        for (int r = 0; r < MaxMr; r++)
            offsets[r] = r * matrices.Inner * sizeof(float);
        for (int column = 0; column < columns; column += tiles.Contract.Nr)
        {
            int vectors = (Math.Min(tiles.Contract.Nr, columns - column) + tiles.Lanes - 1) / tiles.Lanes;
            bool overhangs = column + (vectors * tiles.Lanes) > columns;
            tile.Weights = packed + ((nint)column * (1 + matrices.Inner));
            tile.Next = (byte*)tile.Weights;
            for (int row = 0; row < rows; row += tiles.Contract.Mr)
            {
                int count = Math.Min(tiles.Contract.Mr, rows - row);
                float* place = output + ((nint)row * columns) + column;
                tile.Base = (byte*)(x + ((nint)row * matrices.Inner));
                tile.Output = overhangs ? overhang : place;
                tile.OutputStride = overhangs ? MaxNr : columns;
                tiles.Run(&tile, count, vectors);
                for (int r = 0; overhangs && r < count; r++)
                    Unsafe.CopyBlockUnaligned(place + ((nint)r * columns), overhang + (r * MaxNr), (uint)(columns - column) * sizeof(float));
            }
        }
    }

    /// <summary>Panels as <see cref="F32Panels"/> has them, without a bias.</summary>
    private void Pack(float* matrix, float* packed)
    {
        var (inner, columns) = (matrices.Inner, matrices.Columns);
        for (int column = 0; column < columns; column += tiles.Contract.Nr)
        {
            int used = Math.Min(tiles.Contract.Nr, columns - column);
            int stride = Math.Min(tiles.Contract.Nr, PackedColumns - column);
            float* panel = packed + ((nint)column * (1 + inner));
            new Span<float>(panel, stride).Clear();
            float* rows = panel + stride;
            if (matrices.TransposesRight)
                Transpose(matrix + ((nint)column * inner), inner, rows, stride, inner, used);
            for (int k = 0; k < inner; k++)
            {
                float* row = rows + ((nint)k * stride);
                if (!matrices.TransposesRight)
                    Unsafe.CopyBlockUnaligned(row, matrix + ((nint)k * columns) + column, (uint)used * sizeof(float));
                new Span<float>(row + used, stride - used).Clear();
            }
        }
    }

    /// <summary>target[r, c] = source[c, r].</summary>
    private static void Transpose(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        const int some = 8;
        for (int first = 0; first < columns; first += some)
        {
            int last = Math.Min(columns, first + some);
            for (int r = 0; r < rows; r++)
            {
                for (int c = first; c < last; c++)
                    target[(r * targetStride) + c] = source[(c * sourceStride) + r];
            }
        }
    }

    private static float* Scratch(nint floats)
    {
        long bytes = sizeof(float) * (long)floats;
        if (scratch is null || scratch.Length < bytes)
            scratch = new(bytes);
        return (float*)scratch.Pointer;
    }
}
