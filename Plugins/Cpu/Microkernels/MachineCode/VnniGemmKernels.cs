using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>
/// Tile kernels of <c>vpdpbusd</c> on 512-bit vectors, for which .NET has no intrinsic: machine code written to executable memory at the first use, on x64 Linux, where the
/// calling convention is known. A self-test must agree with plain accumulators before they are used.
/// </summary>
internal sealed unsafe class VnniGemmKernels : U8S8GemmKernels
{
    private const int MaxRows = 6;
    private const int MaxVectors = 4;
    private const int VectorColumns = 16;
    private const int DotProduct = 4;
    private const int VnniBit = 11;

    /// <summary>Inputs of a row below which a call takes less than a microsecond, so that a garbage collection may wait for it.</summary>
    private const int ShortDepth = 1024;

    private static readonly Lazy<VnniGemmKernels?> Instance = new(Create);

    private readonly ExecutableMemory memory;
    private readonly Entries entries;
    private readonly AlignedMemory order = AlignedMemory.Of<int>([0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]);

    private VnniGemmKernels(ExecutableMemory memory, Entries entries, VnniDepthwiseKernels depthwise)
        : base(MaxRows, VectorColumns, MaxVectors, kr: DotProduct, overreadBytes: DotProduct - 1)
    {
        this.memory = memory;
        this.entries = entries;
        Depthwise3x3 = depthwise;
    }

    /// <summary>The 3 × 3 depthwise kernels of the same instruction.</summary>
    public VnniDepthwiseKernels Depthwise3x3 { get; }

    /// <summary>The kernels by name, also where they cannot run.</summary>
    public static IEnumerable<Microkernel> DescribeAll(string isa)
    {
        var contract = MicrokernelContract.Gemm(MaxRows, MaxVectors * VectorColumns, DotProduct, DotProduct - 1);
        string tile = $"{contract.Mr}x{contract.Nr}c{contract.Kr}";
        return [new("u8s8_gemm", tile, isa, contract), new("u8s8_gemm_requantize", tile, isa, contract), .. VnniDepthwiseKernels.DescribeAll(isa)];
    }

    /// <summary>The kernels, or null where they cannot run.</summary>
    public static VnniGemmKernels? TryGet() => Instance.Value;

    protected override void Accumulate(U8S8GemmTile* tile, int rows, int vectors)
    {
        byte* kernel = memory.Pointer + entries.Accumulating[Index(rows, vectors)];
        if (tile->Taps * tile->Depth <= ShortDepth)
            ((delegate* unmanaged[SuppressGCTransition]<U8S8GemmTile*, void>)kernel)(tile);
        else
            ((delegate* unmanaged<U8S8GemmTile*, void>)kernel)(tile);
    }

    protected override void Requantize(U8S8RequantizedTile* tile, int rows, int vectors) => throw new NotSupportedException("emitted kernels requantize all tiles in one call");

    protected override void RequantizeAll(U8S8RequantizedTile* tile, int rows, int vectors)
    {
        int[] starts = tile->Residual != null ? entries.AddingResidual : tile->Low < 0 ? entries.Signed : entries.Unsigned;
        byte* kernel = memory.Pointer + starts[Index(rows, vectors)];
        tile->Order = (int*)order.Pointer;
        if (tile->Tiles * tile->Tile.Taps * tile->Tile.Depth <= ShortDepth)
            ((delegate* unmanaged[SuppressGCTransition]<U8S8RequantizedTile*, void>)kernel)(tile);
        else
            ((delegate* unmanaged<U8S8RequantizedTile*, void>)kernel)(tile);
    }

    private static int Index(int rows, int vectors) => ((rows - 1) * MaxVectors) + vectors - 1;

    private static VnniGemmKernels? Create()
    {
        bool isKnownMachine = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx >> VnniBit & 1) == 1;
        if (!isKnownMachine)
            return null;
        var emitted = new List<byte>();
        var starts = new Entries(
            Emit(emitted, VnniGemmEmitter.Emit),
            Emit(emitted, (rows, vectors) => VnniGemmEmitter.EmitRequantizing(rows, vectors, isSigned: false, hasResidual: false)),
            Emit(emitted, (rows, vectors) => VnniGemmEmitter.EmitRequantizing(rows, vectors, isSigned: true, hasResidual: false)),
            Emit(emitted, (rows, vectors) => VnniGemmEmitter.EmitRequantizing(rows, vectors, isSigned: false, hasResidual: true)));
        int[] depthwiseStarts = VnniDepthwiseKernels.Emit(emitted);
        if (ExecutableMemory.TryCreate([.. emitted]) is not { } memory)
            return null;
        var tiles = new VnniGemmKernels(memory, starts, new(memory, depthwiseStarts));
        return tiles.IsRight() && tiles.Depthwise3x3.IsRight() ? tiles : null;
    }

    /// <summary>Appends the kernels of all tile sizes.</summary>
    /// <returns>Where each starts.</returns>
    private static int[] Emit(List<byte> emitted, Func<int, int, byte[]> emit)
    {
        int[] starts = new int[MaxRows * MaxVectors];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = emitted.Count;
            emitted.AddRange(emit((i / MaxVectors) + 1, (i % MaxVectors) + 1));
        }
        return starts;
    }

    /// <summary>Compares a product of every tile size with plain accumulators.</summary>
    private bool IsRight()
    {
        const int taps = 2;
        const int depth = 12;
        var input = new AlignedMemory(taps * MaxRows * depth);
        int* offsets = stackalloc int[taps * MaxRows];
        int* accumulators = stackalloc int[MaxRows * MaxVectors * VectorColumns];
        Fill(input.Span<byte>());
        for (int rows = 1; rows <= MaxRows; rows++)
        {
            for (int columns = VectorColumns; columns <= MaxVectors * VectorColumns; columns += VectorColumns)
            {
                var weights = new sbyte[taps * depth * columns];
                Fill(MemoryMarshal.AsBytes(weights.AsSpan()));
                for (int i = 0; i < taps * rows; i++)
                    offsets[i] = i * depth;
                U8S8Panels panels = U8S8Panels.Pack(this, weights, taps, depth, columns, []);
                U8S8GemmTile tile = new() { Base = input.Pointer, Rows = offsets, Taps = taps, Depth = depth, Weights = panels.Panel(0), Output = accumulators, OutputStride = columns };
                Run(&tile, rows, columns / VectorColumns);
                if (!Agrees(input.Span<byte>(), weights, new(accumulators, rows * columns), rows, columns, taps, depth) || !RequantizesRight(tile, accumulators, rows, columns))
                    return false;
            }
        }
        return true;
    }

    /// <summary>Compares the quantized values of a tile with those of its accumulators.</summary>
    private bool RequantizesRight(U8S8GemmTile tile, int* accumulators, int rows, int columns)
    {
        const float factor = 0.25f;
        float* scale = stackalloc float[MaxVectors * VectorColumns];
        byte* quantized = stackalloc byte[2 * MaxRows * MaxVectors * VectorColumns];
        byte* residual = quantized + (MaxRows * MaxVectors * VectorColumns);
        Fill(new(residual, rows * columns));
        for (int c = 0; c < columns; c++)
            scale[c] = (c + 1) * 0.0001f;
        tile.Output = (int*)quantized;
        foreach (var (isSigned, hasResidual) in new[] { (false, false), (true, false), (false, true) })
        {
            float low = isSigned ? sbyte.MinValue : byte.MinValue;
            float high = isSigned ? sbyte.MaxValue : byte.MaxValue;
            U8S8RequantizedTile work = new() { Tile = tile, Scale = scale, Residual = hasResidual ? residual : null, Low = low, High = high, ResidualScale = factor };
            Run(&work, rows, columns / VectorColumns, tiles: 1);
            for (int i = 0; i < rows * columns; i++)
            {
                float real = (float)accumulators[i] * scale[i % columns];
                real = hasResidual ? real + (residual[i] * factor) : real;
                if (quantized[i] != (byte)(int)MathF.Round(Math.Clamp(real, low, high)))
                    return false;
            }
        }
        return true;
    }

    private static bool Agrees(ReadOnlySpan<byte> input, sbyte[] weights, ReadOnlySpan<int> accumulators, int rows, int columns, int taps, int depth)
    {
        for (int i = 0; i < accumulators.Length; i++)
        {
            int sum = 0;
            for (int k = 0; k < taps * depth; k++)
                sum += input[(((k / depth * rows) + (i / columns)) * depth) + (k % depth)] * weights[(k * columns) + (i % columns)];
            if (sum != accumulators[i])
                return false;
        }
        return true;
    }

    /// <summary>Bytes of every size, extremes among them.</summary>
    private static void Fill(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = i % 7 == 0 ? (byte)128 : i % 5 == 0 ? (byte)255 : (byte)(i * 37);
    }

    /// <summary>Where the kernel of each tile size starts: those that store accumulators, and those that requantize to quint8, to qint8, and to quint8 after the addition of a residual.</summary>
    private sealed record Entries(int[] Accumulating, int[] Unsigned, int[] Signed, int[] AddingResidual);
}
