using TransformFramework.Cpu.Microkernels.Depthwise;
using static TransformFramework.Cpu.Microkernels.MachineCode.EvexEncoder;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>
/// Machine code of a 3 × 3 depthwise kernel: <c>void kernel(Depthwise3x3Tile* work)</c> in the System V calling convention. The quantized values of a column's three rows are put side by side once, for
/// every pixel that has the column in its window; the accumulators are requantized in the registers.
/// </summary>
internal static class VnniDepthwiseEmitter
{
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
    private const int LowField = 80;
    private const int HighField = 84;

    private const int VectorBytes = 64;
    private const int VectorEncodings = 16;
    private const int FirstWeight = 8;
    private const int FirstColumn = 12;
    private const int ColumnVectors = 3;
    private const int ColumnSets = 4;
    private const int ScaleVector = 24;
    private const int LowVector = 25;
    private const int HighVector = 26;

    private static readonly Register[] Rows = [Register.Rax, Register.Rcx, Register.Rdx];
    private static readonly Register[] Saved = [Register.Rbx, Register.R12, Register.R13, Register.R14];

    /// <summary>The kernel of so many pixels (at most 8) and a stride: accumulators in zmm0 to zmm7, weights in zmm8 to zmm10, columns from zmm12 on.</summary>
    public static byte[] Emit(int pixels, int stride)
    {
        var code = new EvexEncoder();
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
        code.BroadcastFloat(LowVector, Register.Rdi, LowField);
        code.BroadcastFloat(HighVector, Register.Rdi, HighField);

        int chunk = code.Position;
        for (int p = 0; p < pixels; p++)
            code.LoadVector(p, Register.R10, 0);
        for (int x = 0; x < Size; x++)
            code.LoadVector(FirstWeight + x, Register.Rsi, x * VectorBytes);
        code.Move(Register.R9, Register.R8);
        code.Subtract(Register.R9, Register.R8);
        for (int column = 0; column < ((pixels - 1) * stride) + Size; column++)
            AddColumn(code, column, pixels, stride);
        code.LoadVector(ScaleVector, Register.R14, 0);
        code.Move(Register.R13, Register.R11);
        for (int p = 0; p < pixels; p++)
        {
            code.ToFloats(p);
            code.Multiply(p, ScaleVector);
            code.AtLeast(p, LowVector);
            code.AtMost(p, HighVector);
            code.ToIntegers(p);
            code.StoreBytes(p, Register.R13, 0);
            code.Add(Register.R13, Register.Rbx);
        }
        foreach (Register row in Rows)
            code.Add(row, VectorEncodings);
        code.Add(Register.Rsi, Size * VectorBytes);
        code.Add(Register.R10, VectorBytes);
        code.Add(Register.R14, VectorBytes);
        code.Add(Register.R11, VectorEncodings);
        code.Decrement(Register.R12);
        code.JumpIfNotZero(chunk);

        code.ClearUpperVectors();
        for (int i = Saved.Length - 1; i >= 0; i--)
            code.Pop(Saved[i]);
        code.Return();
        return code.ToArray();
    }

    private static void AddColumn(EvexEncoder code, int column, int pixels, int stride)
    {
        int vector = FirstColumn + (column % ColumnSets * ColumnVectors);
        for (int y = 0; y < Size; y++)
        {
            code.LoadWidened(vector + y, Rows[y], Register.R9);
            if (y > 0)
                code.ShiftLeft(vector + y, (byte)(8 * y));
        }
        code.Or(vector, vector + 1, vector + 2);
        code.Add(Register.R9, Register.R8);
        for (int p = 0; p < pixels; p++)
        {
            int x = column - (p * stride);
            if (x is >= 0 and < Size)
                code.DotProduct(p, vector, FirstWeight + x);
        }
    }
}
