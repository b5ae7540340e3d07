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
    private const int MostRows = 6;
    private const int MostVectors = 4;

    // Kinds of kernels: accumulators, quantized values without and with a sign, quantized values without a sign of accumulators and a residual.
    private const int Kinds = 4;
    private const int AccumulatorsKind = 0;
    private const int SignedKind = 2;
    private const int ResidualKind = 3;
    private const int VectorColumns = 16;
    private const int VnniBit = 11;

    private static readonly Lazy<VnniGemmKernels?> Instance = new(Create);

    private readonly ExecutableMemory code;
    private readonly int[] entries;
    private readonly VnniDepthwiseKernels depthwise;
    private readonly AlignedMemory order = AlignedMemory.Of<int>([0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]);

    private VnniGemmKernels(ExecutableMemory code, int[] entries, int[] depthwiseEntries)
        : base(VectorColumns, MostRows, MostVectors, kr: 4, [0, 1, 2, 3])
    {
        this.code = code;
        this.entries = entries;
        depthwise = new(code, depthwiseEntries);
    }

    /// <summary>The 3 × 3 depthwise kernels of the same instruction.</summary>
    public Depthwise3x3Kernels Depthwise3x3 => depthwise;

    /// <summary>The kernels, or null where they cannot run.</summary>
    public static VnniGemmKernels? TryGet() => Instance.Value;

    public override void Run(U8S8GemmTile* tile, int rows, int vectors) =>
        ((delegate* unmanaged[SuppressGCTransition]<U8S8GemmTile*, void>)(code.Pointer + entries[((rows - 1) * MostVectors) + vectors - 1]))(tile);

    public override void Run(U8S8RequantizedTile* tile, int rows, int vectors)
    {
        int kind = tile->Residual != null ? ResidualKind : tile->Low < 0 ? SignedKind : AccumulatorsKind + 1;
        tile->Order = (int*)order.Pointer;
        ((delegate* unmanaged[SuppressGCTransition]<U8S8RequantizedTile*, void>)(code.Pointer + entries[(kind * MostRows * MostVectors) + ((rows - 1) * MostVectors) + vectors - 1]))(tile);
    }

    private static VnniGemmKernels? Create()
    {
        bool isKnownMachine = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx >> VnniBit & 1) == 1;
        if (!isKnownMachine)
            return null;
        int[] starts = new int[Kinds * MostRows * MostVectors];
        var emitted = new List<byte>();
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = emitted.Count;
            emitted.AddRange(Emit(i / (MostRows * MostVectors), (i / MostVectors % MostRows) + 1, (i % MostVectors) + 1));
        }
        int[] depthwiseStarts = VnniDepthwiseKernels.Emit(emitted);
        if (ExecutableMemory.TryCreate([.. emitted]) is not { } memory)
            return null;
        var tiles = new VnniGemmKernels(memory, starts, depthwiseStarts);
        return tiles.IsRight() && tiles.depthwise.IsRight() ? tiles : null;
    }

    private static byte[] Emit(int kind, int rows, int vectors) => kind == AccumulatorsKind ? VnniGemmEmitter.Emit(rows, vectors) : VnniGemmEmitter.EmitRequantizing(rows, vectors, kind == SignedKind, kind == ResidualKind);

    /// <summary>Compares a product of every tile size with plain accumulators.</summary>
    private bool IsRight()
    {
        const int taps = 2;
        const int depth = 12;
        var input = new AlignedMemory(taps * MostRows * depth);
        int* offsets = stackalloc int[taps * MostRows];
        int* accumulators = stackalloc int[MostRows * MostVectors * VectorColumns];
        Fill(input.Span<byte>());
        for (int rows = 1; rows <= MostRows; rows++)
        {
            for (int columns = VectorColumns; columns <= MostVectors * VectorColumns; columns += VectorColumns)
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
        float* scale = stackalloc float[MostVectors * VectorColumns];
        byte* codes = stackalloc byte[2 * MostRows * MostVectors * VectorColumns];
        byte* residual = codes + (MostRows * MostVectors * VectorColumns);
        Fill(new(residual, rows * columns));
        for (int c = 0; c < columns; c++)
            scale[c] = (c + 1) * 0.0001f;
        tile.Output = (int*)codes;
        for (int kind = AccumulatorsKind + 1; kind < Kinds; kind++)
        {
            float low = kind == SignedKind ? sbyte.MinValue : byte.MinValue;
            float high = kind == SignedKind ? sbyte.MaxValue : byte.MaxValue;
            U8S8RequantizedTile work = new() { Tile = tile, Scale = scale, Residual = kind == ResidualKind ? residual : null, Low = low, High = high, ResidualScale = factor };
            Run(&work, rows, columns / VectorColumns);
            for (int i = 0; i < rows * columns; i++)
            {
                float real = (float)accumulators[i] * scale[i % columns];
                real = kind == ResidualKind ? real + (residual[i] * factor) : real;
                if (codes[i] != (byte)(int)MathF.Round(Math.Clamp(real, low, high)))
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
}
