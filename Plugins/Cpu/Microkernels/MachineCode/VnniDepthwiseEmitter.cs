using TransformFramework.Cpu.Microkernels.Depthwise;
using static TransformFramework.Cpu.Microkernels.MachineCode.EvexEncoder;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>
/// Machine code of a 3 × 3 depthwise kernel: <c>void kernel(Depthwise3x3Tile* work)</c> in the System V calling convention. The bytes of a column's three rows are put side by side once, for every pixel
/// that has the column in its window, for as many channels as a vector has bytes: four vectors of accumulators a pixel. Interleaving takes them out of order by quarters, packing puts them back.
/// </summary>
internal static class VnniDepthwiseEmitter
{
    /// <summary>Vectors of accumulators of a pixel.</summary>
    public const int Parts = 4;

    private const int Size = Depthwise3x3Kernels.Size;

    private const int Row0Field = 0;
    private const int Row1Field = 8;
    private const int Row2Field = 16;
    private const int ColumnStrideField = 24;
    private const int WeightsField = 32;
    private const int BiasField = 40;
    private const int ScaleField = 48;
    private const int OutputField = 56;
    private const int OutputStrideField = 64;
    private const int ChunksField = 72;
    private const int BlocksField = 88;

    /// <summary>Pixels whose windows share a column.</summary>
    private const int LivePixels = 3;

    private const int FirstWeight = LivePixels * Parts;
    private const int Zero = 29;

    private static readonly Register[] Rows = [Register.Rax, Register.Rcx, Register.Rdx];
    private static readonly Register[] Saved = [Register.Rbx, Register.R12, Register.R13, Register.R14, Register.Rbp];

    /// <summary>Vectors of a column, four channels of each quarter after the other.</summary>
    private static readonly int[] Column = [26, 27, 24, 28];

    /// <summary>The kernel of blocks of so many pixels and a stride: accumulators in zmm0 to zmm11, weights in zmm12 to zmm23.</summary>
    /// <param name="length">Length of vectors: 16, 32 or 64 channels are 0, 1 and 2. <see cref="Depthwise3x3Tile.Chunks"/> counts these.</param>
    /// <param name="pixels">Pixels of a block, side by side.</param>
    /// <param name="stride">Columns from one pixel to the next.</param>
    /// <param name="isSigned">True for qint8 results.</param>
    public static byte[] Emit(int length, int pixels, int stride, bool isSigned)
    {
        int vectorBytes = 16 << length;
        var code = new EvexEncoder { Length = length };
        foreach (Register register in Saved)
            code.Push(register);
        code.Load(Register.Rax, Register.Rdi, Row0Field);
        code.Load(Register.Rcx, Register.Rdi, Row1Field);
        code.Load(Register.Rdx, Register.Rdi, Row2Field);
        code.Load(Register.R8, Register.Rdi, ColumnStrideField);
        code.Load(Register.Rsi, Register.Rdi, WeightsField);
        code.Load(Register.R10, Register.Rdi, BiasField);
        code.Load(Register.R14, Register.Rdi, ScaleField);
        code.Load(Register.R11, Register.Rdi, OutputField);
        code.Load(Register.Rbx, Register.Rdi, OutputStrideField);
        code.Load(Register.R12, Register.Rdi, ChunksField);
        code.Clear(Zero);

        int chunk = code.Position;
        for (int i = 0; i < Size * Parts; i++)
            code.LoadVector(FirstWeight + i, Register.Rsi, i * vectorBytes);
        code.Move(Register.R9, Register.R8);
        code.Subtract(Register.R9, Register.R8);
        code.Move(Register.R13, Register.R11);
        code.Load(Register.Rbp, Register.Rdi, BlocksField);
        int block = code.Position;
        for (int column = 0; column < ((pixels - 1) * stride) + Size; column++)
        {
            LoadColumn(code);
            AddColumn(code, column, pixels, stride, vectorBytes, isSigned);
        }
        for (int shared = stride; shared < Size; shared++)
            code.Subtract(Register.R9, Register.R8);
        code.Decrement(Register.Rbp);
        code.JumpIfNotZero(block);
        foreach (Register row in Rows)
            code.Add(row, vectorBytes);
        code.Add(Register.Rsi, Size * Parts * vectorBytes);
        code.Add(Register.R10, Parts * vectorBytes);
        code.Add(Register.R14, Parts * vectorBytes);
        code.Add(Register.R11, vectorBytes);
        code.Decrement(Register.R12);
        code.JumpIfNotZero(chunk);

        code.ClearUpperVectors();
        for (int i = Saved.Length - 1; i >= 0; i--)
            code.Pop(Saved[i]);
        code.Return();
        return code.ToArray();
    }

    /// <summary>Loads the three rows of a column and puts them and a zero side by side.</summary>
    private static void LoadColumn(EvexEncoder code)
    {
        const int lowerHalf = 27;
        const int upperHalf = 28;
        for (int y = 0; y < Size; y++)
            code.LoadVector(24 + y, Rows[y], Register.R9);
        code.Add(Register.R9, Register.R8);
        code.InterleaveBytes(lowerHalf, 24, 25, ofUpper: false);
        code.InterleaveBytes(upperHalf, 24, 25, ofUpper: true);
        code.InterleaveBytes(24, 26, Zero, ofUpper: false);
        code.InterleaveBytes(25, 26, Zero, ofUpper: true);
        code.InterleaveShorts(Column[0], lowerHalf, 24, ofUpper: false);
        code.InterleaveShorts(Column[1], lowerHalf, 24, ofUpper: true);
        code.InterleaveShorts(Column[2], upperHalf, 25, ofUpper: false);
        code.InterleaveShorts(Column[3], upperHalf, 25, ofUpper: true);
    }

    /// <summary>Multiplies a column into the pixels whose windows have it, and finishes the one for which it is the last.</summary>
    private static void AddColumn(EvexEncoder code, int column, int pixels, int stride, int vectorBytes, bool isSigned)
    {
        for (int p = 0; p < pixels; p++)
        {
            int x = column - (p * stride);
            if (x is < 0 or >= Size)
                continue;
            int accumulators = p % LivePixels * Parts;
            for (int part = 0; part < Parts; part++)
            {
                if (x == 0)
                    code.LoadVector(accumulators + part, Register.R10, part * vectorBytes);
                code.DotProduct(accumulators + part, Column[part], FirstWeight + (x * Parts) + part);
            }
            if (x == Size - 1)
                Store(code, accumulators, vectorBytes, isSigned);
        }
    }

    /// <summary>Requantizes the accumulators of a pixel; packing holds them within the quantized values and puts them in order.</summary>
    private static void Store(EvexEncoder code, int accumulators, int vectorBytes, bool isSigned)
    {
        for (int part = 0; part < Parts; part++)
        {
            code.ToFloats(accumulators + part);
            code.Multiply(accumulators + part, Register.R14, part * vectorBytes);
            code.ToIntegers(accumulators + part);
        }
        code.PackIntegers(accumulators, accumulators, accumulators + 1);
        code.PackIntegers(accumulators + 2, accumulators + 2, accumulators + 3);
        code.PackShorts(accumulators, accumulators, accumulators + 2, isSigned);
        code.StoreVector(accumulators, Register.R13, 0);
        code.Add(Register.R13, Register.Rbx);
    }
}
