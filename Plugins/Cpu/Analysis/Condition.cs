using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Analysis;

/// <summary>What a conditional takes as true: a true or non-zero scalar, a non-empty string, a non-empty tensor of another rank.</summary>
internal static class Condition
{
    public static bool IsTrue(Tensor tensor)
    {
        if (tensor.Shape.Rank != 0)
            return tensor.ElementCount > 0;
        return tensor.Type switch
        {
            DataType.Bool => tensor.AsSpan<bool>()[0],
            DataType.String => tensor.Strings[0].Length > 0,
            _ => RealValues.ToDoubles(tensor)[0] != 0,
        };
    }
}
