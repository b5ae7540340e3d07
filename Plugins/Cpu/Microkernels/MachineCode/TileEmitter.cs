using static TransformFramework.Cpu.Microkernels.MachineCode.EvexEncoder;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>Places of a tile's fields, and the power of two of the bytes that its depth counts in.</summary>
internal sealed record TileFields(int Base, int Rows, int Taps, int Depth, int Weights, int Next, int NextStep, byte DepthShift);

/// <summary>Machine code that GEMM kernels of all types have in common: a panel's weights, four bytes a column and step, times the rows of the input, four bytes of each at a time.</summary>
internal static class TileEmitter
{
    /// <summary>First of the vectors that hold weights; free once the accumulators are done, as are all above.</summary>
    public const int FirstWeight = 24;

    /// <summary>Points to the memory that is fetched next.</summary>
    public const Register Next = Register.R15;

    private const int VectorBytes = 64;
    private const int FirstInput = 28;
    private const int Inputs = 4;

    private static readonly Register[] RowPointers = [Register.Rax, Register.Rcx, Register.Rdx, Register.R8, Register.R9, Register.R10];
    private static readonly Register[] Saved = [Register.Rbx, Register.R12, Register.R13, Register.R14, Register.R15, Register.Rbp];

    /// <summary>The start of a kernel.</summary>
    public static EvexEncoder Started()
    {
        var code = new EvexEncoder();
        foreach (Register register in Saved)
            code.Push(register);
        return code;
    }

    /// <summary>Code that leaves a tile's accumulators in zmm0 to zmm23, row by row; the tile stays in rdi, what is fetched next in <see cref="Next"/>.</summary>
    /// <param name="code">The kernel so far.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="vectors">Vectors of a row.</param>
    /// <param name="fields">Where the tile's fields are.</param>
    /// <param name="multiply">Adds the products of the second and third vector to the first.</param>
    public static void Accumulate(EvexEncoder code, int rows, int vectors, TileFields fields, Action<EvexEncoder, int, int, int> multiply)
    {
        code.Load(Register.R14, Register.Rdi, fields.Base);
        code.Load(Register.R12, Register.Rdi, fields.Rows);
        code.Load(Register.Rbx, Register.Rdi, fields.Taps);
        code.Load(Register.R13, Register.Rdi, fields.Depth);
        if (fields.DepthShift > 0)
            code.ShiftLeft(Register.R13, fields.DepthShift);
        code.Load(Register.Rsi, Register.Rdi, fields.Weights);
        code.Load(Next, Register.Rdi, fields.Next);
        code.Load(Register.Rbp, Register.Rdi, fields.NextStep);
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
        code.Prefetch(Next);
        code.Add(Next, Register.Rbp);
        for (int v = 0; v < vectors; v++)
            code.LoadVector(FirstWeight + v, Register.Rsi, v * VectorBytes);
        for (int r = 0; r < rows; r++)
        {
            int input = FirstInput + (r % Inputs);
            code.Broadcast32(input, RowPointers[r], Register.R11);
            for (int v = 0; v < vectors; v++)
                multiply(code, (r * vectors) + v, input, FirstWeight + v);
        }
        code.Add(Register.Rsi, vectors * VectorBytes);
        code.Add(Register.R11, sizeof(int));
        code.JumpIfNotZero(group);
        code.Decrement(Register.Rbx);
        code.JumpIfNotZero(tap);
    }

    /// <summary>The code with its end.</summary>
    public static byte[] Finished(EvexEncoder code)
    {
        code.ClearUpperVectors();
        for (int i = Saved.Length - 1; i >= 0; i--)
            code.Pop(Saved[i]);
        code.Return();
        return code.ToArray();
    }
}
