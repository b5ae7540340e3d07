using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>Gives places to the matrices of an iteration.</summary>
internal sealed class StepMemory
{
    private readonly List<float> constants = [];
    private readonly List<PlanBuffer> tensors = [];
    private readonly Dictionary<(Tensor Constant, int Columns), StepOperand> known = [];

    /// <summary>Floats of all registers.</summary>
    public int Registers { get; private set; }

    /// <summary>Memories of tensors outside the loop, the first with the number <see cref="StepOperand.FirstTensor"/>.</summary>
    public IReadOnlyList<PlanBuffer> Tensors => tensors;

    /// <summary>The constants; to be called when all are known.</summary>
    public AlignedMemory Constants() => AlignedMemory.Of<float>([.. constants]);

    /// <summary>A new matrix.</summary>
    /// <exception cref="OverflowException">The registers have more than 2³¹ bytes.</exception>
    public StepOperand Register(int rows, int columns)
    {
        int stride = StepOperand.Padded(columns);
        var register = new StepOperand(StepOperand.Registers, Registers, 0, stride, columns);
        Registers = checked(Registers + (rows * stride));
        _ = checked(Registers * sizeof(float));
        return register;
    }

    /// <summary>The number of a tensor's memory.</summary>
    public int Tensor(PlanBuffer buffer)
    {
        int number = tensors.IndexOf(buffer);
        if (number < 0)
        {
            number = tensors.Count;
            tensors.Add(buffer);
        }
        return number + StepOperand.FirstTensor;
    }

    /// <summary>A constant as a matrix: a scalar, a row for all, or rows; null when it is none of this width.</summary>
    public StepOperand? Constant(Tensor constant, int rows, int columns)
    {
        if (constant.Type != DataType.Float || constant.Shape.Rank > 2)
            return null;
        bool isScalar = constant.ElementCount == 1;
        bool isRow = constant.ElementCount == columns && constant.Shape.Rank > 0 && constant.Shape[constant.Shape.Rank - 1] == columns;
        bool isMatrix = constant.Shape.Rank == 2 && constant.Shape[0] == rows && constant.Shape[1] == columns;
        if (!isScalar && !isRow && !isMatrix)
            return null;
        if (known.TryGetValue((constant, columns), out StepOperand operand))
            return operand;
        bool isShared = isScalar || isRow;
        int stride = StepOperand.Padded(columns);
        operand = new(StepOperand.Constants, constants.Count, 0, isShared ? 0 : stride, columns);
        ReadOnlySpan<float> elements = constant.AsSpan<float>();
        for (int r = 0; r < (isShared ? 1 : rows); r++)
        {
            for (int c = 0; c < stride; c++)
                constants.Add(c >= columns ? 0 : elements[isScalar ? 0 : (r * columns) + c]);
        }
        known.Add((constant, columns), operand);
        return operand;
    }
}
