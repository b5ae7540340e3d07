using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TransformFramework.Cpu.Gemm;

/// <summary>
/// Tile kernels of <c>vpdpbusd</c> on 512-bit vectors, for which .NET has no intrinsic: machine code written to executable memory at the first use, on x64 Linux, where the
/// calling convention is known. A self-test must agree with plain sums before they are used.
/// </summary>
internal sealed unsafe class Avx512Vnni : CodeTiles
{
    private const int MostRows = 6;
    private const int MostVectors = 4;

    // Kinds of kernels: sums, codes without and with a sign, codes without a sign of sums and a summand.
    private const int Kinds = 4;
    private const int SumsKind = 0;
    private const int SignedKind = 2;
    private const int SummandKind = 3;
    private const int VectorColumns = 16;
    private const int VnniBit = 11;

    private static readonly Lazy<Avx512Vnni?> Instance = new(Create);

    private readonly ExecutableMemory code;
    private readonly int[] entries;
    private readonly VnniDepthwiseTiles depthwise;
    private readonly AlignedMemory order = AlignedMemory.Of<int>([0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]);

    private Avx512Vnni(ExecutableMemory code, int[] entries, int[] depthwiseEntries)
        : base(VectorColumns, MostRows, MostVectors, stepBytes: 4, [0, 1, 2, 3])
    {
        this.code = code;
        this.entries = entries;
        depthwise = new(code, depthwiseEntries);
    }

    public override DepthwiseTiles Depthwise => depthwise;

    /// <summary>The kernels, or null where they cannot run.</summary>
    public static CodeTiles? TryGet() => Instance.Value;

    public override void Run(CodeTile* tile, int rows, int vectors) =>
        ((delegate* unmanaged[SuppressGCTransition]<CodeTile*, void>)(code.Pointer + entries[((rows - 1) * MostVectors) + vectors - 1]))(tile);

    public override void Run(RequantizedTile* tile, int rows, int vectors)
    {
        int kind = tile->Summand != null ? SummandKind : tile->Low < 0 ? SignedKind : SumsKind + 1;
        tile->Order = (int*)order.Pointer;
        ((delegate* unmanaged[SuppressGCTransition]<RequantizedTile*, void>)(code.Pointer + entries[(kind * MostRows * MostVectors) + ((rows - 1) * MostVectors) + vectors - 1]))(tile);
    }

    private static Avx512Vnni? Create()
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
        int[] depthwiseStarts = VnniDepthwiseTiles.Emit(emitted);
        if (ExecutableMemory.TryCreate([.. emitted]) is not { } memory)
            return null;
        var tiles = new Avx512Vnni(memory, starts, depthwiseStarts);
        return tiles.IsRight() && tiles.depthwise.IsRight() ? tiles : null;
    }

    private static byte[] Emit(int kind, int rows, int vectors) => kind == SumsKind ? VnniTileCode.Emit(rows, vectors) : VnniTileCode.EmitRequantizing(rows, vectors, kind == SignedKind, kind == SummandKind);

    /// <summary>Compares a product of every tile size with plain sums.</summary>
    private bool IsRight()
    {
        const int taps = 2;
        const int depth = 12;
        var input = new AlignedMemory(taps * MostRows * depth);
        int* offsets = stackalloc int[taps * MostRows];
        int* sums = stackalloc int[MostRows * MostVectors * VectorColumns];
        Fill(input.Span<byte>());
        for (int rows = 1; rows <= MostRows; rows++)
        {
            for (int columns = VectorColumns; columns <= MostVectors * VectorColumns; columns += VectorColumns)
            {
                var weights = new sbyte[taps * depth * columns];
                Fill(MemoryMarshal.AsBytes(weights.AsSpan()));
                for (int i = 0; i < taps * rows; i++)
                    offsets[i] = i * depth;
                CodePanels panels = CodePanels.Pack(this, weights, taps, depth, columns, []);
                CodeTile tile = new() { Base = input.Pointer, Rows = offsets, Taps = taps, Depth = depth, Weights = panels.Panel(0), Output = sums, OutputStride = columns };
                Run(&tile, rows, columns / VectorColumns);
                if (!Agrees(input.Span<byte>(), weights, new(sums, rows * columns), rows, columns, taps, depth) || !RequantizesRight(tile, sums, rows, columns))
                    return false;
            }
        }
        return true;
    }

    /// <summary>Compares the codes of a tile with those of its sums.</summary>
    private bool RequantizesRight(CodeTile tile, int* sums, int rows, int columns)
    {
        const float factor = 0.25f;
        float* scale = stackalloc float[MostVectors * VectorColumns];
        byte* codes = stackalloc byte[2 * MostRows * MostVectors * VectorColumns];
        byte* summand = codes + (MostRows * MostVectors * VectorColumns);
        Fill(new(summand, rows * columns));
        for (int c = 0; c < columns; c++)
            scale[c] = (c + 1) * 0.0001f;
        tile.Output = (int*)codes;
        for (int kind = SumsKind + 1; kind < Kinds; kind++)
        {
            float low = kind == SignedKind ? sbyte.MinValue : byte.MinValue;
            float high = kind == SignedKind ? sbyte.MaxValue : byte.MaxValue;
            RequantizedTile work = new() { Tile = tile, Scale = scale, Summand = kind == SummandKind ? summand : null, Low = low, High = high, SummandFactor = factor };
            Run(&work, rows, columns / VectorColumns);
            for (int i = 0; i < rows * columns; i++)
            {
                float number = (float)sums[i] * scale[i % columns];
                number = kind == SummandKind ? number + (summand[i] * factor) : number;
                if (codes[i] != (byte)(int)MathF.Round(Math.Clamp(number, low, high)))
                    return false;
            }
        }
        return true;
    }

    private static bool Agrees(ReadOnlySpan<byte> input, sbyte[] weights, ReadOnlySpan<int> sums, int rows, int columns, int taps, int depth)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            int sum = 0;
            for (int k = 0; k < taps * depth; k++)
                sum += input[(((k / depth * rows) + (i / columns)) * depth) + (k % depth)] * weights[(k * columns) + (i % columns)];
            if (sum != sums[i])
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
