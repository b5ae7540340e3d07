using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using static TransformFramework.Cpu.Microkernels.MachineCode.EvexEncoder;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>Machine code of an 8-bit tile kernel: <c>void kernel(U8S8GemmTile* tile)</c> in the System V calling convention, the tile in rdi.</summary>
internal static class VnniGemmEmitter
{
    // Places of the fields of U8S8GemmTile.
    private const int OutputField = 40;
    private const int OutputStrideField = 48;

    // Places of the fields of U8S8RequantizedTile after its U8S8GemmTile.
    private const int ScaleField = 72;
    private const int OrderField = 80;
    private const int ResidualField = 88;
    private const int ResidualScaleField = 104;
    private const int TilesField = 112;
    private const int BaseStepField = 120;
    private const int RowsStepField = 128;

    private const int VectorBytes = 64;
    private const int VectorEncodings = 16;
    private const int OrderVector = 29;
    private const int ResidualScaleVector = 30;
    private const int ResidualVector = 31;
    private const int FirstWeight = TileEmitter.FirstWeight;

    private static readonly TileFields Fields = new(Base: 0, Rows: 8, Taps: 16, Depth: 24, Weights: 32, Next: 56, NextStep: 64, DepthShift: 0);

    /// <summary>The kernel of a tile of so many rows and vectors: accumulators in zmm0 to zmm23, weights in zmm24 to zmm27, inputs in zmm28 to zmm31.</summary>
    public static byte[] Emit(int rows, int vectors) => Emit(rows, vectors, (encoder, sums, input, weights) => encoder.DotProduct(sums, input, weights));

    /// <summary>The same of inputs and weights of 16 bits.</summary>
    public static byte[] EmitOfShorts(int rows, int vectors) => Emit(rows, vectors, (encoder, sums, input, weights) => encoder.DotProductOfShorts(sums, input, weights));

    private static byte[] Emit(int rows, int vectors, Action<EvexEncoder, int, int, int> multiply)
    {
        EvexEncoder code = TileEmitter.Started();
        TileEmitter.Accumulate(code, rows, vectors, Fields, multiply);
        code.Load(Register.Rax, Register.Rdi, OutputField);
        code.Load(Register.Rcx, Register.Rdi, OutputStrideField);
        code.ShiftLeft(Register.Rcx, 2);
        for (int i = 0; i < rows * vectors; i++)
        {
            code.StoreVector(i, Register.Rax, i % vectors * VectorBytes);
            if (i % vectors == vectors - 1)
                code.Add(Register.Rax, Register.Rcx);
        }
        return TileEmitter.Finished(code);
    }

    /// <summary>The same for <see cref="U8S8RequantizedTile"/>, which requantizes the accumulators before they leave the registers: quantized values with a sign, or without one and then with a residual or not. Tiles below each other run in one call.</summary>
    public static byte[] EmitRequantizing(int rows, int vectors, bool isSigned, bool hasResidual)
    {
        EvexEncoder code = TileEmitter.Started();
        int tile = code.Position;
        TileEmitter.Accumulate(code, rows, vectors, Fields, (encoder, sums, input, weights) => encoder.DotProduct(sums, input, weights));
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
        code.Store(Register.Rax, Register.Rdi, OutputField);
        if (hasResidual)
            code.Store(Register.R8, Register.Rdi, ResidualField);
        code.Store(TileEmitter.Next, Register.Rdi, Fields.Next);
        Advance(code, Fields.Base, BaseStepField);
        Advance(code, Fields.Rows, RowsStepField);
        code.Load(Register.Rcx, Register.Rdi, TilesField);
        code.Decrement(Register.Rcx);
        code.Store(Register.Rcx, Register.Rdi, TilesField);
        code.JumpIfNotZero(tile);
        return TileEmitter.Finished(code);
    }

    /// <summary>Adds one field of the tile to another.</summary>
    private static void Advance(EvexEncoder code, int field, int step)
    {
        code.Load(Register.Rcx, Register.Rdi, step);
        code.Load(Register.Rdx, Register.Rdi, field);
        code.Add(Register.Rdx, Register.Rcx);
        code.Store(Register.Rdx, Register.Rdi, field);
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
}
