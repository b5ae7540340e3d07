namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>Where the iterations of a scan find their matrices.</summary>
internal unsafe struct StepFrame
{
    /// <summary>First elements of the memories that operands are in.</summary>
    public float** Bases;

    /// <summary>Number of the iteration.</summary>
    public nint Step;
}

/// <summary>A matrix of an iteration: a row for each sequence of the batch.</summary>
/// <param name="Base">Number of the memory.</param>
/// <param name="Offset">Floats before the first element in iteration 0.</param>
/// <param name="StepStride">Floats from an iteration to the next; 0 for what stays where it is.</param>
/// <param name="RowStride">Floats from a row to the next; 0 where all rows are one.</param>
/// <param name="Columns">Elements of a row.</param>
internal readonly record struct StepOperand(int Base, int Offset, int StepStride, int RowStride, int Columns)
{
    /// <summary>The memory of an iteration's own values.</summary>
    public const int Registers = 0;

    /// <summary>The memory of constants.</summary>
    public const int Constants = 1;

    /// <summary>The first memory of tensors outside the loop.</summary>
    public const int FirstTensor = 2;

    /// <summary>Floats that the start of each row of a register is aligned to: a vector of the widest instruction set.</summary>
    private const int Alignment = 16;

    /// <summary>Row stride of a matrix of its own.</summary>
    public static int Padded(int columns) => (columns + Alignment - 1) / Alignment * Alignment;

    public unsafe float* Pointer(StepFrame* frame) => frame->Bases[Base] + Offset + (frame->Step * StepStride);

    /// <summary>Some of the columns.</summary>
    public StepOperand Slice(int first, int columns) => this with { Offset = Offset + first, Columns = columns };
}
