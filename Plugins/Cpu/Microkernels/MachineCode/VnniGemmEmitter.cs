using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using static TransformFramework.Cpu.Microkernels.MachineCode.EvexEncoder;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>Machine code of an 8-bit tile kernel: <c>void kernel(U8S8GemmTile* tile)</c> in the System V calling convention, the tile in rdi.</summary>
internal static class VnniGemmEmitter
{
    // Places of the fields of U8S8GemmTile.
    private const int BaseField = 0;
    private const int RowsField = 8;
    private const int TapsField = 16;
    private const int DepthField = 24;
    private const int WeightsField = 32;
    private const int OutputField = 40;
    private const int OutputStrideField = 48;
    private const int NextField = 56;
    private const int NextStepField = 64;

    // Places of the fields of U8S8RequantizedTile after its U8S8GemmTile.
    private const int ScaleField = 72;
    private const int OrderField = 80;
    private const int ResidualField = 88;
    private const int ResidualScaleField = 104;

    private const int VectorBytes = 64;
    private const int VectorEncodings = 16;
    private const int OrderVector = 29;
    private const int ResidualScaleVector = 30;
    private const int ResidualVector = 31;
    private const int FirstWeight = 24;
    private const int FirstInput = 28;
    private const int Inputs = 4;

    private static readonly Register[] RowPointers = [Register.Rax, Register.Rcx, Register.Rdx, Register.R8, Register.R9, Register.R10];
    private static readonly Register[] Saved = [Register.Rbx, Register.R12, Register.R13, Register.R14, Register.R15, Register.Rbp];

    /// <summary>The kernel of a tile of so many rows and vectors: accumulators in zmm0 to zmm23, weights in zmm24 to zmm27, inputs in zmm28 to zmm31.</summary>
    public static byte[] Emit(int rows, int vectors)
    {
        EvexEncoder code = Accumulators(rows, vectors);
        code.Load(Register.Rax, Register.Rdi, OutputField);
        code.Load(Register.Rcx, Register.Rdi, OutputStrideField);
        code.ShiftLeft(Register.Rcx, 2);
        for (int i = 0; i < rows * vectors; i++)
        {
            code.StoreVector(i, Register.Rax, i % vectors * VectorBytes);
            if (i % vectors == vectors - 1)
                code.Add(Register.Rax, Register.Rcx);
        }
        return Finished(code);
    }

    /// <summary>The same for <see cref="U8S8RequantizedTile"/>, which requantizes the accumulators before they leave the registers: quantized values with a sign, or without one and then with a residual or not.</summary>
    public static byte[] EmitRequantizing(int rows, int vectors, bool isSigned, bool hasResidual)
    {
        EvexEncoder code = Accumulators(rows, vectors);
        code.Load(Register.Rax, Register.Rdi, OutputField);
        code.Load(Register.Rcx, Register.Rdi, OutputStrideField);
        code.Load(Register.Rdx, Register.Rdi, ScaleField);
        code.Load(Register.R8, Register.Rdi, ResidualField);
        code.Load(Register.R9, Register.Rdi, OrderField);
        for (int v = 0; v < vectors; v++)
            code.LoadVector(FirstWeight + v, Register.Rdx, v * VectorBytes);
        code.LoadVector(OrderVector, Register.R9, 0);
        if (hasResidual)
            code.BroadcastFloat(ResidualScaleVector, Register.Rdi, ResidualScaleField);
        for (int r = 0; r < rows; r++)
        {
            for (int v = 0; v < vectors; v++)
                Requantize(code, (r * vectors) + v, v, hasResidual);
            StoreRow(code, r * vectors, vectors, isSigned);
            code.Add(Register.Rax, Register.Rcx);
            code.Add(Register.R8, Register.Rcx);
        }
        return Finished(code);
    }

    /// <summary>Accumulators to integers, which packing holds within the quantized values.</summary>
    private static void Requantize(EvexEncoder code, int accumulators, int vector, bool hasResidual)
    {
        code.ToFloats(accumulators);
        code.Multiply(accumulators, FirstWeight + vector);
        if (hasResidual)
        {
            code.LoadWidened(ResidualVector, Register.R8, vector * VectorEncodings);
            code.ToFloats(ResidualVector);
            code.Multiply(ResidualVector, ResidualScaleVector);
            code.AddFloats(accumulators, ResidualVector);
        }
        code.ToIntegers(accumulators);
    }

    /// <summary>Packs the vectors of a row into one and stores what there is of it.</summary>
    private static void StoreRow(EvexEncoder code, int first, int vectors, bool isSigned)
    {
        code.PackIntegers(first, first, first + Math.Min(1, vectors - 1));
        int second = first;
        if (vectors > 2)
        {
            second = first + 2;
            code.PackIntegers(second, second, first + vectors - 1);
        }
        code.PackShorts(first, first, second, isSigned);
        code.Permute(first, OrderVector, first);
        code.StoreQuarters(first, vectors == 3 ? 2 : vectors, Register.Rax, 0);
        if (vectors == 3)
            code.StoreQuarter(first, 2, Register.Rax, 2 * VectorEncodings);
    }

    private static EvexEncoder Accumulators(int rows, int vectors)
    {
        var code = new EvexEncoder();
        foreach (Register register in Saved)
            code.Push(register);
        code.Load(Register.R14, Register.Rdi, BaseField);
        code.Load(Register.R12, Register.Rdi, RowsField);
        code.Load(Register.Rbx, Register.Rdi, TapsField);
        code.Load(Register.R13, Register.Rdi, DepthField);
        code.Load(Register.Rsi, Register.Rdi, WeightsField);
        code.Load(Register.R15, Register.Rdi, NextField);
        code.Load(Register.Rbp, Register.Rdi, NextStepField);
        for (int i = 0; i < rows * vectors; i++)
            code.LoadVector(i, Register.Rsi, i % vectors * VectorBytes);
        code.Add(Register.Rsi, vectors * VectorBytes);

        int tap = code.Position;
        for (int r = 0; r < rows; r++)
        {
            code.LoadSigned32(RowPointers[r], Register.R12, r * sizeof(int));
            code.Add(RowPointers[r], Register.R14);
            code.Add(RowPointers[r], Register.R13);
        }
        code.Add(Register.R12, rows * sizeof(int));
        code.Move(Register.R11, Register.R13);
        code.Negate(Register.R11);

        int group = code.Position;
        code.Prefetch(Register.R15);
        code.Add(Register.R15, Register.Rbp);
        for (int v = 0; v < vectors; v++)
            code.LoadVector(FirstWeight + v, Register.Rsi, v * VectorBytes);
        for (int r = 0; r < rows; r++)
        {
            int input = FirstInput + (r % Inputs);
            code.Broadcast32(input, RowPointers[r], Register.R11);
            for (int v = 0; v < vectors; v++)
                code.DotProduct((r * vectors) + v, input, FirstWeight + v);
        }
        code.Add(Register.Rsi, vectors * VectorBytes);
        code.Add(Register.R11, sizeof(int));
        code.JumpIfNotZero(group);
        code.Decrement(Register.Rbx);
        code.JumpIfNotZero(tap);
        return code;
    }

    private static byte[] Finished(EvexEncoder code)
    {
        code.ClearUpperVectors();
        for (int i = Saved.Length - 1; i >= 0; i--)
            code.Pop(Saved[i]);
        code.Return();
        return code.ToArray();
    }
}
