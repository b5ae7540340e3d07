using TransformFramework.Cpu.Microkernels.Gemm.F32;
using static TransformFramework.Cpu.Microkernels.MachineCode.EvexEncoder;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>Machine code of a tile kernel of bfloat16 pairs: <c>void kernel(F32GemmTile* tile)</c> in the System V calling convention, the tile in rdi; its depth counts pairs.</summary>
internal static class Bf16GemmEmitter
{
    // Places of the fields of F32GemmTile.
    private const int OutputField = 56;
    private const int OutputStrideField = 64;
    private const int ResidualField = 72;
    private const int ResidualStrideField = 80;
    private const int LowField = 88;
    private const int HighField = 92;

    private const int VectorBytes = 64;
    private const int LowVector = TileEmitter.FirstWeight;
    private const int HighVector = LowVector + 1;

    private static readonly TileFields Fields = new(Base: 0, Rows: 8, Taps: 16, Depth: 24, Weights: 32, Next: 40, NextStep: 48, DepthShift: 2);

    /// <summary>The kernel of a tile of so many rows and vectors: sums in zmm0 to zmm23.</summary>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="vectors">Vectors of a row.</param>
    /// <param name="hasResidual">True when <see cref="F32GemmTile.Residual"/> is added.</param>
    public static byte[] Emit(int rows, int vectors, bool hasResidual)
    {
        EvexEncoder code = TileEmitter.Started();
        TileEmitter.Accumulate(code, rows, vectors, Fields, (encoder, sums, input, weights) => encoder.DotProductOfBFloat16(sums, input, weights));
        code.Load(Register.Rax, Register.Rdi, OutputField);
        code.Load(Register.Rcx, Register.Rdi, OutputStrideField);
        code.ShiftLeft(Register.Rcx, 2);
        code.Load(Register.Rdx, Register.Rdi, ResidualField);
        code.Load(Register.R8, Register.Rdi, ResidualStrideField);
        code.ShiftLeft(Register.R8, 2);
        code.BroadcastFloat(LowVector, Register.Rdi, LowField);
        code.BroadcastFloat(HighVector, Register.Rdi, HighField);
        for (int r = 0; r < rows; r++)
        {
            for (int v = 0; v < vectors; v++)
            {
                int sums = (r * vectors) + v;
                if (hasResidual)
                    code.AddFloats(sums, Register.Rdx, v * VectorBytes);
                code.AtLeast(sums, LowVector);
                code.AtMost(sums, HighVector);
                code.StoreVector(sums, Register.Rax, v * VectorBytes);
            }
            code.Add(Register.Rax, Register.Rcx);
            code.Add(Register.Rdx, Register.R8);
        }
        return TileEmitter.Finished(code);
    }

    /// <summary>A kernel that rounds: <c>void round(float* source, ushort* target, nint count)</c>, the count in thirty-twos.</summary>
    public static byte[] EmitRounding()
    {
        var code = new EvexEncoder();
        int start = code.Position;
        code.LoadVector(1, Register.Rdi, VectorBytes);
        code.RoundToBFloat16(0, 1, Register.Rdi, 0);
        code.StoreVector(0, Register.Rsi, 0);
        code.Add(Register.Rdi, 2 * VectorBytes);
        code.Add(Register.Rsi, VectorBytes);
        code.Decrement(Register.Rdx);
        code.JumpIfNotZero(start);
        code.ClearUpperVectors();
        code.Return();
        return code.ToArray();
    }
}
