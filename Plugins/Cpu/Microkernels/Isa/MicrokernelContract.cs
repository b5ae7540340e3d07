using System.Diagnostics;

namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>What a microkernel expects of its caller. Packers and the memory planner read it, debug builds check it at each call.</summary>
/// <param name="Mr">Rows of a full tile, or output pixels of a call.</param>
/// <param name="Nr">Columns of a full tile, or channels of a vector.</param>
/// <param name="Kr">Weights of a column that are side by side in a packed panel: the inputs of one multiplication step.</param>
/// <param name="Alignment">Bytes that the start of a packed panel is aligned to.</param>
/// <param name="OverreadBytes">Bytes past the last input of a row that may be read; they have no effect on results.</param>
internal readonly record struct MicrokernelContract(int Mr, int Nr, int Kr, int Alignment, int OverreadBytes)
{
    /// <summary>The most bytes past the end of a buffer that any kernel may read: what memory leaves free between buffers.</summary>
    public const int MaxOverreadBytes = 64;

    /// <summary>Bytes of a cache line, which packed memory starts at.</summary>
    public const int CacheLine = 64;

    /// <summary>The contract of a GEMM tile whose panels hold four bytes a column and step.</summary>
    public static MicrokernelContract Gemm(int mr, int nr, int kr, int overreadBytes)
    {
        Debug.Assert(overreadBytes <= MaxOverreadBytes, "a kernel reads further past the end than buffers are apart");
        return new(mr, nr, kr, Math.Min(CacheLine, nr * sizeof(int)), overreadBytes);
    }

    /// <summary>The contract of a kernel that takes whole vectors of channels, wherever they start.</summary>
    public static MicrokernelContract Vectors(int pixels, int lanes) => new(pixels, lanes, 1, 1, 0);

    /// <summary>Fails in a debug build when a tile is not what the kernel was made for.</summary>
    [Conditional("DEBUG")]
    public unsafe void Check(int rows, int columns, void* panel)
    {
        Debug.Assert(rows >= 1 && rows <= Mr, $"{rows} rows for a tile of {Mr}");
        Debug.Assert(columns >= 1 && columns <= Nr, $"{columns} columns for a tile of {Nr}");
        Debug.Assert((nint)panel % Alignment == 0, $"a panel that does not start at a multiple of {Alignment} bytes");
    }
}

/// <summary>One microkernel: its coordinates and its contract.</summary>
/// <param name="Operation">Types of the operands and what is done: <c>u8s8_gemm</c>.</param>
/// <param name="Tile">The tile: <c>6x64c4</c> is Mr × Nr, four weights of a column side by side; <c>x16</c> is a vector of 16 channels.</param>
/// <param name="Isa">The instruction set.</param>
/// <param name="Contract">What it expects.</param>
internal sealed record Microkernel(string Operation, string Tile, string Isa, MicrokernelContract Contract)
{
    public string Name => $"{Operation}_{Tile}__{Isa}";

    public override string ToString() => Name;
}
