using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>Tile kernels of <c>vpdpwssd</c> on 512-bit vectors, emitted where those of <see cref="VnniGemmKernels"/> run. A self-test must agree with plain accumulators before they are used.</summary>
internal sealed unsafe class VnniS16S8GemmKernels : U8S8GemmKernels
{
    public const int MaxRows = 6;
    public const int MaxVectors = 4;
    public const int VectorColumns = 16;
    private const int DotProduct = 2;

    /// <summary>Bytes of a row below which a call takes less than a microsecond, so that a garbage collection may wait for it.</summary>
    private const int ShortDepth = 1024;

    private static readonly Lazy<VnniS16S8GemmKernels?> Instance = new(Create);

    private readonly ExecutableMemory memory;
    private readonly int[] starts;

    private VnniS16S8GemmKernels(ExecutableMemory memory, int[] starts)
        : base(MaxRows, VectorColumns, MaxVectors, DotProduct, overreadBytes: 0)
    {
        this.memory = memory;
        this.starts = starts;
        WeightBytes = sizeof(short);
    }

    /// <summary>The kernels, or null where they cannot run.</summary>
    public static VnniS16S8GemmKernels? TryGet() => Instance.Value;

    protected override void Accumulate(U8S8GemmTile* tile, int rows, int vectors)
    {
        byte* kernel = memory.Pointer + starts[Index(rows, vectors)];
        if (tile->Taps * tile->Depth <= ShortDepth)
            ((delegate* unmanaged[SuppressGCTransition]<U8S8GemmTile*, void>)kernel)(tile);
        else
            ((delegate* unmanaged<U8S8GemmTile*, void>)kernel)(tile);
    }

    protected override void Requantize(U8S8RequantizedTile* tile, int rows, int vectors) => throw new NotSupportedException("products of 16 bits are not requantized to 8");

    private static int Index(int rows, int vectors) => ((rows - 1) * MaxVectors) + vectors - 1;

    private static VnniS16S8GemmKernels? Create()
    {
        if (VnniGemmKernels.TryGet() is null)
            return null;
        var emitted = new List<byte>();
        int[] places = new int[MaxRows * MaxVectors];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = emitted.Count;
            emitted.AddRange(VnniGemmEmitter.EmitOfShorts((i / MaxVectors) + 1, (i % MaxVectors) + 1));
        }
        return ExecutableMemory.TryCreate([.. emitted]) is { } memory && new VnniS16S8GemmKernels(memory, places) is var tiles && tiles.IsRight() ? tiles : null;
    }

    /// <summary>Compares a product of every tile size with plain accumulators.</summary>
    private bool IsRight()
    {
        const int depth = 12;
        AlignedMemory input = AlignedMemory.Of<short>([.. Enumerable.Range(0, MaxRows * depth).Select(i => i % 5 == 0 ? short.MaxValue : (short)(i * 9973))]);
        int* offsets = stackalloc int[MaxRows];
        int* accumulators = stackalloc int[MaxRows * MaxVectors * VectorColumns];
        for (int row = 0; row < MaxRows; row++)
            offsets[row] = row * depth * sizeof(short);
        for (int i = 0; i < starts.Length; i++)
        {
            int rows = (i / MaxVectors) + 1;
            int columns = ((i % MaxVectors) + 1) * VectorColumns;
            sbyte[] weights = [.. Enumerable.Range(0, depth * columns).Select(w => w % 7 == 0 ? sbyte.MaxValue : (sbyte)(w * 37))];
            U8S8Panels panels = U8S8Panels.Pack(this, weights, 1, depth, columns, []);
            U8S8GemmTile tile = new() { Base = input.Pointer, Rows = offsets, Taps = 1, Depth = depth * sizeof(short), Weights = panels.Panel(0), Output = accumulators, OutputStride = columns };
            Run(&tile, rows, columns / VectorColumns);
            if (!Agrees((short*)input.Pointer, weights, accumulators, rows, columns, depth))
                return false;
        }
        return true;
    }

    private static bool Agrees(short* input, sbyte[] weights, int* accumulators, int rows, int columns, int depth)
    {
        for (int i = 0; i < rows * columns; i++)
        {
            int sum = 0;
            for (int k = 0; k < depth; k++)
                sum += input[(i / columns * depth) + k] * weights[(k * columns) + (i % columns)];
            if (sum != accumulators[i])
                return false;
        }
        return true;
    }
}
